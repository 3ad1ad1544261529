"""Comments as services and exports write them, good and bad, and what a reader sees of each: pages made from the folder and the script show
the same.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Seen(NamedTuple):
    """What is seen of a comment."""

    name: str = ""
    paragraphs: tuple[str, ...] = ("x",)
    moment: str = ""
    at: str = ""
    answers: tuple[Seen, ...] = ()
    by_show: bool = False


LONG = "\U0001f600" * 6_000
WHEN = "2026-05-22T08:00:00Z"

SHOWN: tuple[tuple[object, Seen | None], ...] = (
    # what is no comment
    *((item, None) for item in (None, True, 3, "text", [], {}, ["x"], {"name": "x"})),
    *(({"text": text}, None) for text in (None, "", " ", "\n\n", "\x00\x1f", "\ufeff", "\u2028", "\xa0", 42, True, ["x"], {"a": 1})),
    # texts
    ({"text": "One.\n\nTwo."}, Seen(paragraphs=("One.", "Two."))),
    ({"text": "One.\r\n \t\r\nTwo.\nThree."}, Seen(paragraphs=("One.", "Two.\nThree."))),
    ({"text": "\n\n\n a\x00b\u2028c \n\n\n\n"}, Seen(paragraphs=("a b c",))),
    ({"text": "<b>&amp;</b>"}, Seen(paragraphs=("<b>&amp;</b>",))),
    ({"text": LONG}, Seen(paragraphs=(LONG[:5_000],))),
    ({"text": "half \ud83d of \udc00 it"}, Seen(paragraphs=("half  of  it",))),
    ({"text": "\ufeffmark\ufeff"}, Seen(paragraphs=("mark",))),
    ({"text": "\x85next\xa0"}, Seen(paragraphs=("next",))),
    # names
    *(({"text": "x", "name": name}, Seen()) for name in (None, "", " ", 5, True, [], {}, ["Ada"], "\x00")),
    ({"text": "x", "name": "  Ada \n Lovelace\u3000"}, Seen("Ada Lovelace")),
    ({"text": "x", "name": LONG}, Seen(LONG[:50])),
    ({"text": "x", "name": "\u202eevil"}, Seen("\u202eevil")),
    # who it is from
    *(({"text": "x", "name": "A Small Show", "by_show": said}, Seen("A Small Show")) for said in (False, None, 1, "true", "", [True], {})),
    ({"text": "x", "name": "A Small Show", "by_show": True}, Seen("A Small Show", by_show=True)),
    ({"text": "x", "by_show": True, "date": WHEN, "at": 7}, Seen(moment=WHEN, at="0:07", by_show=True)),
    # moments
    *(
        ({"text": "x", "date": date}, Seen())
        for date in (
            *(None, 0, 1, True, 20260522, 1779436800000, [], {}, "", "soon", "May 22, 2026", "22.05.2026", "20260522", "2026-W21-5"),
            *("2026-02-30", "2026-13-01", "2026-05-22T24:00:00Z", "2026-05-22T08:61Z", "2026-05-22T08", "2026-05-22T08:00:00+25:00"),
            *("0000-01-01", "1026-05-22", "+002026-05-22", " 2026-05-22", "2026-05-22\n", "٢٠٢٦-٠٥-٢٢"),
        )
    ),
    *(
        ({"text": "x", "date": date}, Seen(moment=date))
        for date in (WHEN, "2026-05-22", "2026-05-22 08:00", "2026-05-22T23:30:00.123456-11:00", "2024-02-29T00:00:00+14:00")
    ),
    # seconds
    *(({"text": "x", "at": at}, Seen()) for at in (None, -1, 360_000, 1e9, 10**30, True, False, "", "7", [], [7], {})),
    *(
        ({"text": "x", "at": at}, Seen(at=clock))
        for at, clock in ((0, "0:00"), (7.9, "0:07"), (754, "12:34"), (3_600, "1:00:00"), (359_999, "99:59:59"), (-0.0, "0:00"))
    ),
    # answers
    ({"id": "a", "name": "Ada", "text": "x"}, Seen("Ada", answers=(Seen("Bell"), Seen("Cy")))),
    ({"id": "b", "name": "Bell", "text": "x", "reply_to": "a"}, None),
    ({"name": "Cy", "text": "x", "reply_to": "b"}, None),
    ({"id": 5, "name": "Dee", "text": "x"}, Seen("Dee", answers=(Seen("Eve"), Seen("Fay")))),
    ({"name": "Eve", "text": "x", "reply_to": "5"}, None),
    ({"name": "Fay", "text": "x", "reply_to": 5.0}, None),
    ({"id": "__proto__", "name": "Gus", "text": "x"}, Seen("Gus", answers=(Seen("Hal"),))),
    ({"name": "Hal", "text": "x", "reply_to": "__proto__"}, None),
    ({"id": "self", "name": "Ida", "text": "x", "reply_to": "self"}, Seen("Ida")),
    *(({"text": "x", "reply_to": other}, Seen()) for other in (None, "", "nobody", True, [], {}, 2**53, 1.5, "constructor")),
    *(({"text": "x", "id": odd}, Seen()) for odd in (None, "", True, [], {}, 1.5, 'a b"<', "i" * 500)),
)
"""Each comment with what is seen of it; None for what is left out, or stands below another."""

LISTED = [item for item, _ in SHOWN]
EXPECTED = [seen for _, seen in SHOWN if seen is not None]

MARKED = (
    ("*so* it **begins** with `a*b*` now", "<em>so</em> it <strong>begins</strong> with <code>a*b*</code> now"),
    ("2 * 3 * 4 = 24, **, ****, * * and ` `", "2 * 3 * 4 = 24, **, ****, * * and <code> </code>"),
    ("**two\nlines** and *one", "**two\nlines** and *one"),
    ("***all***", "*<strong>all</strong>*"),
    ('`<b>` & **<i>x</i>** "quoted" it\'s', '<code>&lt;b&gt;</code> &amp; <strong>&lt;i&gt;x&lt;/i&gt;</strong> "quoted" it\'s'),
    ("see https://a.example/b?c=1&d=2#e.", "see @https://a.example/b?c=1&amp;d=2#e@."),
    ("(http://a.example/x), https://b.example…", "(@http://a.example/x@), @https://b.example@…"),
    ("javascript:alert(1) https:// https://<b> ftp://a.example", "javascript:alert(1) https:// https://&lt;b&gt; ftp://a.example"),
    ('HTTPS://A.example http://a.example/"onclick="x', '@HTTPS://A.example@ @http://a.example/@"onclick="x'),
    ("[words](https://a.example)", "[words](@https://a.example@)"),
    ("<a href='https://a.example'>x</a>", "&lt;a href='@https://a.example@'&gt;x&lt;/a&gt;"),
    *((text, text) for text in ("http://a.example:99999/", "see https://a%.example.", "http://256.1.1.1/ https://a.example:b/")),
    ("http://a.example:65535/ http://a%2eb/ HTTP://1.2.3.4/", "@http://a.example:65535/@ @http://a%2eb/@ @HTTP://1.2.3.4/@"),
    ("*عربي* **漢字** \U0001f600`\U0001f600`", "<em>عربي</em> <strong>漢字</strong> \U0001f600<code>\U0001f600</code>"),
)
"""Texts with a little Markdown, and their HTML; `@…@` is a link to that address."""


def with_links(markup: str) -> str:
    """The HTML of a row of MARKED."""
    return re.sub(r"@([^@]+)@", r'<a href="\1" rel="nofollow ugc noopener">\1</a>', markup)
