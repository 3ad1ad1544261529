"""What looks like HTML in notes and is none is text: not a word behind it is lost."""

from __future__ import annotations

import time

import pytest

from feed.notes import embedded_code

AFTER = "Then the choir sings.\n\nAnd a [link](https://a.example)."
RAW_TEXT = [
    "title",
    "script",
    "style",
    "textarea",
    "template",
    "noscript",
    "noframes",
    "select",
    "iframe",
    "plaintext",
    "xmp",
    "svg",
    "math",
    "object",
    "video",
    "option",
    "head",
    "T",
]


@pytest.mark.parametrize("name", RAW_TEXT)
@pytest.mark.parametrize(
    "frame", ["About the <{}> element.", "<{}> is an element.", "<{}>\n", "- <{}>", "> <{} a='b'> c", "<div><{}></div>\n"]
)
def test_an_element_that_is_not_shown_is_text_and_what_follows_stays(render, name, frame):
    notes = render(f"{frame.format(name)}\n\n{AFTER}")
    for text in (notes.text, notes.page):
        assert "choir sings" in text
        assert name in text
    assert "https://a.example" in notes.apps
    assert f"<{name}" in notes.text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("A list of type List<String> grows.", "A list of type List<String> grows."),
        ("Write to <bob at x> soon.", "Write to <bob at x> soon."),
        ("<T> at the start", "<T> at the start"),
        ("the <span> element and the <b> tag", "the <span> element and the <b> tag"),
        ("Set<s> of words, stays", "Set<s> of words, stays"),
        ("a stray </b> end", "a stray </b> end"),
        ("before <!-- never closed", "before <!-- never closed"),
        ("<!-- never closed", "<!-- never closed"),
        ("<?php echo 1 ?> and <!DOCTYPE html>", "<?php echo 1 ?> and <!DOCTYPE html>"),
        ("<![CDATA[x]]> y", "<![CDATA[x]]> y"),
        ("<input> and <meta> are void", "<input> and <meta> are void"),
        ('<div title="open\n', '<div title="open'),
        ("<b>bold</b> and <span style='x'>plain</span>", "bold and plain"),
        ("a <!-- hidden --> b", "a b"),
        ("<b>one\n\ntwo</b>", "one\n\ntwo"),
        ("<p>one<p>two", "one\n\ntwo"),
    ],
)
def test_markup_is_markup_and_the_rest_is_text(render, written, shown):
    notes = render(f"{written}\n\n{AFTER}")
    assert " ".join(notes.text.split()).startswith(" ".join(shown.split()))
    assert "choir sings" in notes.text


def test_embedded_code_is_named_with_its_line():
    text = "One.\n\n<iframe src='https://a.example/player'></iframe>\n\nTwo\nlines <script>x()</script> here, the <title> element too."
    assert embedded_code(text) == [(3, "iframe"), (6, "script")]
    assert embedded_code("the <title> element, `<script>x</script>`") == []


def test_hostile_markup_is_read_in_no_time(render):
    begun = time.process_time()
    for piece in ("<!--", "<a b='", '<a b="', "<b ", "<a a a a a a ", "</b ", "<b>", "</b>"):
        render("<div>\n" + "\n".join(piece * 10 for _ in range(90)))
    assert time.process_time() - begun < 5
