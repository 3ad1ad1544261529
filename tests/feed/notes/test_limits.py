"""What is refused before it is parsed, and how `episode.md` is taken apart."""
# ruff: noqa: PT017  tables read best with a case on a line; a fault is as right as an answer

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed.findings import ContentFault
from feed.notes import check_limits, image_names, missing_alts, render_notes, split_front_matter

REFUSED = {
    "too many bytes": ("ä " * 90_000, "notes-too-large", "256,000", 0),
    "a line too long": ("a\n" + "x" * 20_001, "notes-line-too-long", "20,000", 2),
    "too many lines": ("x\n" * 5_001, "notes-too-complex", "5,000", 5_001),
    "a table too wide": ("a|b\n" + "|-" * 101 + "|\n", "notes-too-complex", "100 columns", 2),
    "a table too long": ("a|b|c\n-|-|-\n" + "1\n" * 4_000, "notes-too-complex", "10,000 cells", 3_335),
    "too many brackets": (("[" * 500 + "\n\n") * 21, "notes-too-complex", "10,000 times [", 0),
    "too many brackets in a paragraph": ("a\n\n" + "[" * 601, "notes-too-complex", "600 times [", 3),
    "too many links": ("[a]: b\n\n" + ("[a] " * 100 + "\n\n") * 21, "notes-too-complex", "2,000 links", 43),
    "too many marks": ("- - - - - - x\n" * 2_000, "notes-too-complex", "10,000 marks", 1_667),
    "too many tags": ("<p></p>\n" * 2_001, "notes-too-complex", "4,000 HTML tags", 1),
    "too deep": ("<div>" * 101, "notes-too-complex", "100 levels", 0),
    "too much html": ("[a]: https://a.example/" + "x" * 1_900 + "\n\n" + ("[a] " * 20 + "\n\n") * 50, "notes-too-complex", "of HTML", 0),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_notes_over_a_bound_are_refused_and_told_the_limit(name):
    text, code, limit, line = REFUSED[name]
    with pytest.raises(ContentFault) as caught:
        render_notes(text, summary=None, base_url="https://show.example/a.html")
    assert (caught.value.code, caught.value.line) == (code, line)
    assert limit in caught.value.message
    assert caught.value.hint


def test_notes_at_the_bounds_are_rendered():
    for text in (("x" * 63 + "\n\n") * 3_900, "x" * 20_000, "x\n" * 5_000, "<div>" * 99, "a|b\n-|-\n" + "1|2\n" * 4_900, "[" * 600):
        check_limits(text)
        assert render_notes(text, summary=None, base_url="https://show.example/a.html").page


SPLITS = {
    "toml": ('+++\ntitle = "A"\n+++\n\nHello\n', ("toml", 'title = "A"\n', 1, "\nHello\n", 3)),
    "yaml": ("---\ntitle: A\n---\nHello", ("yaml", "title: A\n", 1, "Hello", 3)),
    "carriage returns and a mark": ("\ufeff+++\r\na = 1\r\n+++\r\nHello\r\n", ("toml", "a = 1\n", 1, "Hello\n", 3)),
    "blank lines before": ("\n\n+++\na = 1\n+++\nHello", ("toml", "a = 1\n", 3, "Hello", 5)),
    "blanks after the fence": ("+++ \na = 1\n+++\t\nHello", ("toml", "a = 1\n", 1, "Hello", 3)),
    "empty": ("+++\n+++\nHello", ("toml", "", 1, "Hello", 2)),
    "nothing below": ("+++\na = 1\n+++", ("toml", "a = 1\n", 1, "", 3)),
    "a rule in the notes": ("+++\na = 1\n+++\nx\n\n---\n\ny\n+++\n", ("toml", "a = 1\n", 1, "x\n\n---\n\ny\n+++\n", 3)),
    "no front matter": ("Hello\n\n---\nx", ("", "", 0, "Hello\n\n---\nx", 0)),
    "four marks are no fence": ("++++\na\n++++", ("", "", 0, "++++\na\n++++", 0)),
    "nothing at all": ("", ("", "", 0, "", 0)),
}


@pytest.mark.parametrize("name", SPLITS)
def test_front_matter_and_notes_are_told_apart(name):
    text, parts = SPLITS[name]
    assert split_front_matter(text) == parts


@given(st.lists(st.sampled_from(["+++", "---", "a = 1", "", "x", "[[chapters]]"]), max_size=12))
def test_the_offsets_lead_back_to_the_lines_of_the_file(lines):
    text = "\n".join(lines)
    try:
        split = split_front_matter(text)
    except ContentFault as fault:
        assert fault.code == "front-matter-unclosed"
        assert lines[fault.line - 1] in ("+++", "---")
        return
    for part, offset in ((split.front, split.front_line_offset), (split.notes, split.notes_line_offset)):
        for number, line in enumerate(part.removesuffix("\n").split("\n") if part else [], 1):
            assert (lines or [""])[number + offset - 1] == line


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("+++\ntitle = 1\n", "front-matter-unclosed", 1),
        ("---\ntitle: 1\n+++\n", "front-matter-unclosed", 1),
        ("\n+++", "front-matter-unclosed", 2),
        ("+++\n" + "# ä\n" * 16_001 + "+++\n", "front-matter-too-large", 1),
    ],
)
def test_front_matter_that_never_ends_is_refused(text, code, line):
    with pytest.raises(ContentFault) as caught:
        split_front_matter(text)
    assert (caught.value.code, caught.value.line) == (code, line)


NOTES = """A ![cat](cat.jpg)
and ![](<my dog.png>).

- <img src="./bird.gif">
- `![no](code.png)`

![far](https://a.example/far.png)

<figure><img src=block.png alt=" "></figure>

[![linked]][l]

[linked]: in.webp
[l]: https://a.example
"""


def test_pictures_are_found_with_their_lines():
    assert image_names(NOTES) == [
        (1, "cat.jpg"),
        (2, "my dog.png"),
        (4, "bird.gif"),
        (7, "https://a.example/far.png"),
        (9, "block.png"),
        (11, "in.webp"),
    ]


def test_pictures_without_a_text_are_found():
    assert missing_alts(NOTES) == [(2, "my dog.png"), (4, "bird.gif"), (9, "block.png")]
