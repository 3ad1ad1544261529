"""Nothing a stranger writes into notes reaches a page or an app as more than text, links and pictures of ours."""
# ruff: noqa: E501, PT017, RUF005  tables read best with a case on a line; a fault is as right as an answer

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.findings import ContentFault
from feed.notes import Appendix, image_names, missing_alts, render_notes
from feed.notes.links import absolute
from tests.support.notes_audit import faults

VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script>",
    "<script\x00>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x\nonerror\n=\nalert(1)>",
    "<img/src=x/onerror=alert(1)>",
    '<img src="x" alt="" onload="alert(1)">',
    '<img src="javascript:alert(1)">',
    '<img srcset="https://evil.example/x 2x" src=x>',
    '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    '<img """><script>alert(1)</script>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href='&#x6A&#x61vascript:alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href='\u2028javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='//evil.example' onclick=alert(1) style='position:fixed' class='time' target=_blank>x</a>",
    "<a href='https://a.example' id='player' name='body' ping='https://evil.example'>x</a>",
    "<a href='https://[bad'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](java\\script:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '[x](https://a.example/"onmouseover=alert(1))',
    "[x](https://a.example/ \"t' onmouseover='alert(1)\")",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<https://a.example/'onclick='alert(1)>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    '![x" onerror="alert(1)](https://evil.example/x.png)',
    "![<script>alert(1)</script>](x.png)",
    "![](https://evil.example/pixel.gif)",
    "<iframe src=https://evil.example></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x.swf></object><embed src=x>",
    "<form action=https://evil.example><input name=x autofocus onfocus=alert(1)><button>go</button></form>",
    "<textarea autofocus onfocus=alert(1)></textarea><select><option>x</select>",
    "<style>*{background:url(https://evil.example)}</style>",
    "<p style='background:url(https://evil.example)'>x</p>",
    "<link rel=stylesheet href=https://evil.example><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example>",
    "<body onload=alert(1)><html manifest=x><head>",
    "<video src=https://evil.example autoplay></video><audio src=x onerror=alert(1)></audio><source src=x>",
    "<details ontoggle=alert(1) open>x</details>",
    "<marquee onstart=alert(1)>x</marquee><blink>x</blink>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo 1 ?><?xml-stylesheet href='javascript:alert(1)'?>",
    "<!DOCTYPE html [<!ENTITY x 'y'>]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "\\<script>alert(1)\\</script>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '``` "onclick="alert(1)\nx\n```',
    "| <script>alert(1)</script> | [x](javascript:alert(1)) |\n|---|---|\n| <img src=x onerror=alert(1)> | b |",
    "<table background='javascript:alert(1)'><td style='x' onclick=alert(1)>x</table>",
    "x[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
    '[^"onclick=alert(1)]\n\n[^"onclick=alert(1)]: x',
    "<x-widget onclick=alert(1)>x</x-widget><slot></slot>",
    "<b onclick=alert(1)>18:05</b><i/onclick=alert(1)>x",
    "<b<script>alert(1)//",
    "<p><b></p></b><li></b><td></p>",
    "<a href=https://a.example>x <a href=javascript:alert(1)>y 18:05",
    "<li id='t1085'>x</li><ol start='1\" onclick=alert(1)'><li>x</ol>",
    "<time datetime='x' onclick=alert(1)>18:05</time>",
    "]]>]]&gt;<![CDATA[x]]>",
    "a\x00b\x0bc\x1bd\x85e\ufffff\ud800g&#1;&#xFFFE;&#xD800;<i>&#x1;&#x8b;</i>",
    '<img src=x.png alt="&#1;&#xFFFE;&#x8b;"><abbr title="&#1;&#xD800;">x</abbr>',
    "<a href=https://a.example>x<table><tr><td><a href=https://b.example>y</a></td></tr></table></a>",
    "<a href=https://a.example><img src=https://b.example/y.png><img src=x.png></a>",
    "<isindex action=javascript:alert(1)><keygen autofocus onfocus=alert(1)><frameset onload=alert(1)>",
]  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize(
    "frame", ["{}", "see {} there", "- {}", "> {}", "<div>\n{}\n</div>", "<p title='{}'>x</p>", "[{}](https://a.example)", "![{0}]({0})"]
)
def test_only_listed_elements_attributes_and_schemes_survive(render, vector, frame):
    notes = render(frame.format(vector), disclosure=vector, images={"x.png": "https://show.example/x.png"})
    assert faults(notes.page, apps=False) == []
    assert faults(notes.apps, apps=True) == []
    assert not set(notes.summary) & set("<>\x00\ud800")


def test_a_hostile_summary_chapter_or_source_is_text(render):
    from feed.model import Chapter
    from feed.schema.episode import SourceTable

    for vector in VECTORS:
        word = vector.replace("\ud800", "")
        notes = render(
            "",
            summary=vector,
            chapters=[Chapter(start=start, title=vector) for start in range(3)],
            sources=[SourceTable(title=word, url=word), SourceTable(title=word, url="https://a.example/" + word)],
        )
        assert faults(notes.apps, apps=True) == []


@pytest.mark.parametrize(
    ("written", "leads"),
    [
        ("b.html", "https://show.example/e/b.html"),
        (" https://a.example/\n ", "https://a.example/"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("java\tscript:alert(1)", ""),
        ("\x01javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://[bad", ""),
        ("http:///x", ""),
        ("ftp://a.example", ""),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(written, leads):
    assert absolute(written, "https://show.example/e/a.html") == leads


def test_a_picture_from_elsewhere_is_a_link_and_no_request(render):
    notes = render("![cat](https://evil.example/p.gif) <img src='//evil.example/q.gif'>")
    assert "<img" not in notes.page
    assert '<a href="https://evil.example/p.gif" rel="noopener">cat</a>' in notes.page
    assert '<a href="https://evil.example/q.gif" rel="noopener">q.gif</a>' in notes.page


PIECES = st.sampled_from(
    ["<b>", "<b x=1>", "</b>", "<a href=x>", "</a>", "<p>", "<div>", "</div>", "<table><td>", "<li>", "<ul>", "- ", "> ", "\n", "\n\n", "    ", "`", "```\n"]
    + ["*", "**", "~~", "[", "](", "]", ")", "![", "[^1]", "[^1]: ", "[a]: ", "|", "|-|-|\n", "18:05", "1:02:03", "https://a.example/", "&#1;", "&amp;", "&"]
    + ["<", ">", '"', "'", "=", "\\", "<!--", "-->", "<svg>", "<script>", "</script>", "<style>", "<details>", "<summary>", "# ", "### ", "1. ", "- [x] ", "é", "😀", "\x00", "\ud800", " "]
)  # fmt: skip
TEXTS = st.one_of(st.text(st.characters(), max_size=200), st.lists(PIECES, max_size=40).map("".join))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_text_is_notes_or_a_fault(text):
    try:
        notes = render_notes(text, summary=None, base_url="https://show.example/a.html", appendix=Appendix(disclosure="Said."))
    except ContentFault as fault:
        assert fault.code == "notes-too-complex"
        return
    assert faults(notes.page, apps=False) == []
    assert faults(notes.apps, apps=True) == []
    assert len(notes.summary.encode()) <= 4000
    assert notes.summary.split("\n")[-1] == "Said."
    assert all(line > 0 for line, _ in image_names(text) + missing_alts(text))


@pytest.mark.parametrize(
    "text",
    [
        "![" * 9_000, "[" * 9_000, "*a" * 9_000, "`a" * 9_000, "[a](" * 4_000, "<a" * 9_000, "https://a.b/(" * 1_500,
        "[a\n" * 4_900, ("![" * 150 + "\n\n") * 800, "* * * * * * * * x\n" * 4_900, "<p>\n" + "".join(f"<b a={n}>\n" for n in range(1_900)) + ("<p>x" * 100 + "\n") * 20,
        "<div>" * 3_900, "<p><i x=1>" * 1_900, "|a" * 90 + "|\n" + "|-" * 90 + "|\n" + "|a\n" * 4_000,
        "[a]: https://a.b/" + "x" * 19_000 + "\n\n" + "[a] " * 4_000, ">" * 19_000, "<b " * 3_900, "(" * 19_000, "18:05 " * 40_000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_notes_made_to_be_slow_are_refused_or_quick(render, text):
    begun = time.process_time()
    try:
        notes = render(text)
    except ContentFault as fault:
        assert fault.code in {"notes-too-complex", "notes-too-large", "notes-line-too-long"}
        assert any(character.isdigit() for character in fault.message)
    else:
        assert len(notes.page) < 4_000_000
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("tag", ["<b a={}>", "<B/a={}>", "<i\na={}>", '<s a="<" b={}>', "<font a={}>"])
def test_formatting_left_open_is_not_multiplied_over_all_that_follows(render, tag):
    text = "<p>\n" + "".join(tag.format(number) + "\n" for number in range(60)) + ("<p>x" * 100 + "\n") * 10
    assert len(render(text).page) < 50_000


def test_the_same_notes_are_the_same_bytes_in_every_process():
    program = (
        "import hashlib\n"
        "from feed.model import Image\n"
        "from feed.notes import render_notes\n"
        "text = '[a](https://a.example) 18:05 [^1] ![c](c.jpg) <a id=fn1 class=x href=#fn2>x</a> <ol start=3 class=a><li id=fn2>x</ol>\\n\\n"
        "|a|b|\\n|-:|-|\\n|1|2|\\n\\n```py\\nx\\n```\\n\\n[^1]: note'\n"
        "n = render_notes(text, summary=None, base_url='https://s.example/e.html', images={'c.jpg': Image(url='https://s.example/c.jpg', width=3, height=2)})\n"
        "print(hashlib.sha256(repr(n).encode()).hexdigest())\n"
    )
    seen = {
        subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout
        for seed in ("0", "1", "2", "77", "4711")
    }
    assert len(seen) == 1


def test_importing_the_notes_imports_no_parser():
    program = "import sys, feed.notes, feed.chapters; print([m for m in ('markdown_it', 'nh3', 'lxml', 'linkify_it', 'pydantic') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip() == "[]"
