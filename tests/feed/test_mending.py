from __future__ import annotations

import time

import pytest

from feed.findings import ContentFault
from feed.reader import read_feed
from feed.rules import check_feed_bytes

ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'


def feed(title="Plain", *, guid="1", before='<?xml version="1.0" encoding="UTF-8"?>', root="", types="", end=""):
    return (
        f'{before}{types}<rss version="2.0" {root}><channel><title>{title}</title>\n'
        f"<item><title>One</title><guid>{guid}</guid></item></channel></rss>{end}"
    )


def read(text, encoding="utf-8"):
    """The title, and what was mended."""
    document = read_feed(text if isinstance(text, bytes) else text.encode(encoding))
    return document.channel.value("title"), " | ".join(map(str, document.mends))


@pytest.mark.parametrize(
    ("broken", "title", "said"),
    [
        (feed(before='\n <?xml version="1.0"?>\n'), "Plain", "before <?xml"),
        (feed(before='\ufeff\n<?xml version="1.0" encoding="UTF-8"?>'), "Plain", "before <?xml"),
        (feed("a\x0bb\x00c"), "abc", "control character, taken out (2 times, first in line 1)"),
        (feed("a&#11;b&#x1F;c&#0;"), "abc", "number of no character"),
        (feed("a&nbsp;b &copy; &eacute;"), "a\xa0b © é", "HTML knows"),
        (feed("AT&T & Co &unheard; &"), "AT&T & Co &unheard; &", "bare &"),
        (feed("1 < 2 <3"), "1 < 2 <3", "bare <"),
        (feed("a<br>b<img src='x'>c"), "abc", "<br> without an end"),
        (feed("x", end="\n<!-- fine --><script>late</script>"), "x", "behind </rss>"),
        (feed("<itunes:x>y</itunes:x>"), "y", "prefix itunes: is not declared"),
        (feed("x&#X41;"), "xA", "number"),
        (feed("<![CDATA[a & b &nbsp; <br>]]> & c"), "a & b &nbsp; <br> & c", "bare &"),
    ],
)
def test_a_broken_feed_is_read_as_lenient_apps_read_it_and_each_mend_is_said(broken, title, said):
    found, mends = read(broken)
    assert found == title
    assert said in mends
    assert "F001" in {item.code for item in check_feed_bytes(broken.encode())}


@pytest.mark.parametrize(
    "whole",
    [
        feed(),
        feed("a &amp; b &#8212; &lt;i&gt; <![CDATA[&nbsp; <br>]]>"),
        feed(before=""),
        feed("é", before='\ufeff<?xml version="1.0" encoding="UTF-8"?>'),
        feed(end="\n<!-- served in 3 ms & more -->\n"),
    ],
)
def test_a_whole_feed_is_mended_in_nothing(whole):
    assert read(whole)[1] == ""


def test_an_undeclared_prefix_stands_for_its_usual_namespace():
    document = read_feed(feed("<podcast:guid>g</podcast:guid>", root=ITUNES).encode())
    assert document.channel.first("title").value("podcast:guid") == "g"


@pytest.mark.parametrize(
    ("declared", "real", "title", "said"),
    [
        ("UTF-8", "cp1252", "Café – “Größe”", "no utf-8"),
        ("UTF-8", "cp1252", "One é in an English title", "no utf-8"),
        ("ISO-8859-1", "utf-8", "Größe –", "UTF-8, declared as iso-8859-1"),
        ("ISO-8859-1", "cp1252", "Größe – “so”", "Windows-1252"),
        ("ISO-8859-1", "iso-8859-1", "Größe", ""),
        ("windows-1252", "cp1252", "Größe –", ""),
        ("UTF-16", "utf-8", "Größe", "declared as utf-16"),
        ("utf8mb4", "utf-8", "Größe", "declared as utf8mb4"),
        ("UTF-16", "utf-16", "Größe", ""),
        ("windows-1251", "cp1251", "Разговор", ""),
    ],
)
def test_letters_are_right_whatever_encoding_the_feed_says(declared, real, title, said):
    found, mends = read(feed(title, before=f'<?xml version="1.0" encoding="{declared}"?>'), real)
    assert found == title
    assert said in mends if said else mends == ""


def test_some_wrong_bytes_leave_the_right_ones_as_they_are():
    assert read(feed("Größe – ü").encode().replace("ü".encode(), b"\xfc"))[0] == "Größe – ü"


ENTITIES = '<!DOCTYPE rss [<!-- it\'s --><!ENTITY host "old.example"><!ENTITY show \'The &host; &amp; I\'><!ENTITY e ""><!ENTITY lt2 "&#38;#60;">]>'


def test_entities_of_the_document_are_expanded_in_guids_too_and_that_is_no_fault():
    document = read_feed(feed("&show;&e; &lt2;", guid="http://&host;/1", types=ENTITIES).encode())
    assert document.channel.value("title") == "The old.example & I <"
    assert document.items[0].value("guid") == "http://old.example/1"
    assert document.mends == ()


def test_an_entity_from_elsewhere_is_never_read(tmp_path):
    (tmp_path / "secret").write_text("the secret")
    types = (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{tmp_path}/secret"><!ENTITY y PUBLIC "-//Y" "http://127.0.0.1:9/"><!ENTITY in "text">]>'
    )
    assert read(feed("a&x;b&y;c &in;", types=types)) == (
        "abc text",
        "an entity that stands outside the feed, left out (2 times, first in line 1)",
    )


@pytest.mark.parametrize("title", ["&x9;", "&loop;", "&long;" * 3000])
def test_entities_that_grow_without_end_are_refused_at_once(title):
    rows = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10))
    types = f'<!DOCTYPE rss [<!ENTITY x0 "ha">{rows}<!ENTITY loop "&loop;"><!ENTITY long "{"x" * 1000}">]>'
    begun = time.process_time()
    with pytest.raises(ContentFault, match="grow without end"):
        read_feed(feed(title, types=types).encode())
    assert time.process_time() - begun < 3


@pytest.mark.parametrize("text", [feed()[:-30], feed("<b>x"), feed().replace("</item>", ""), "just words", "<rss>\x00"])
def test_what_is_cut_or_does_not_fit_is_refused_and_not_half_read(text):
    with pytest.raises(ContentFault):
        read_feed(text.encode())


@pytest.mark.parametrize("piece", ["<!--", "<![CDATA[", "<?", "&", "<br ", '<!DOCTYPE ["', "'\"", "<!ENTITY ", "&#", "\x00", "\n"])
def test_mending_costs_no_more_than_the_length(piece):
    begun = time.process_time()
    for start in ("<rss>", "<!DOCTYPE rss ["):
        with pytest.raises(ContentFault):
            read_feed((start + piece * 50_000).encode())
    assert time.process_time() - begun < 3


def test_a_feed_is_held_against_the_strict_reading_where_that_is_wanted():
    with pytest.raises(ContentFault):
        read_feed(feed("a & b").encode(), mended=False)


def test_wrong_letters_are_a_warning_and_broken_xml_an_error():
    from feed.findings import Severity
    from feed.rules import check_feed_bytes

    feed = '<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>“A”{}</title></channel></rss>'
    found = {
        more: {broken.severity for broken in check_feed_bytes(feed.format(more).encode("cp1252")) if broken.code == "F001"}
        for more in ("", "\x01")
    }
    assert found == {"": {Severity.WARNING}, "\x01": {Severity.WARNING, Severity.ERROR}}


@pytest.mark.parametrize("before", ["", "\n<?xml version='1.0'?>\n", "\x01<?xml version='1.0'?>"])
def test_of_two_faults_the_one_that_nothing_mends_is_told(before):
    """A blank line before <?xml is mended; the tag that was never closed is not, and a person must find that one."""
    broken = f"{before}<rss>\n<channel>\n<category>\n<title>A&nbsp;B</title>\n</channel></rss>"
    with pytest.raises(ContentFault) as stopped:
        read_feed(broken.encode())
    assert "category line" in stopped.value.message and stopped.value.line == broken.count("\n") + 1
