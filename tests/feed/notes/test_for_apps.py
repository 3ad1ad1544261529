"""The notes as apps keep them, and as plain text."""

from __future__ import annotations

import pytest

from feed.chapters.in_notes import chapters_from_notes
from feed.findings import ContentFault
from feed.model import Chapter, Image
from feed.schema.episode import SourceTable

CASES = {
    "a paragraph": ("Hello *you* and **all**.", "<p>Hello <em>you</em> and <strong>all</strong>.</p>", "Hello you and all."),
    "lines of one paragraph": ("a\nb  \nc", "<p>a b<br>c</p>", "a b\nc"),
    "a time is text": ("At 18:05.", "<p>At 18:05.</p>", "At 18:05."),
    "a list of times": ("0:00 A\n0:20 B", "<p>0:00 A<br>0:20 B</p>", "0:00 A\n0:20 B"),
    "an https link": ("[x](https://a.example/?a&b)", '<p><a href="https://a.example/?a&amp;b">x</a></p>', "x (https://a.example/?a&b)"),
    "a bare address": ("https://a.example", '<p><a href="https://a.example">https://a.example</a></p>', "https://a.example"),
    "a relative link": ("[x](b.html)", '<p><a href="https://show.example/episodes/b.html">x</a></p>', "x (https://show.example/episodes/b.html)"),
    "a seek link": ("[x](#t=5)", '<p><a href="https://show.example/episodes/a.html#t=5">x</a></p>', "x (https://show.example/episodes/a.html#t=5)"),
    "an http link": ("[x](http://a.example)", '<p><a href="http://a.example">x</a></p>', "x (http://a.example)"),
    "a bare http address": ("http://a.example", '<p><a href="http://a.example">http://a.example</a></p>', "http://a.example"),
    "a mail address": ("<a@b.example>", "<p>a@b.example</p>", "a@b.example"),
    "headings": ("# A\n\n## B\n\n### C", "<h2>A</h2>\n<h2>B</h2>\n<p><strong>C</strong></p>", "A\n\nB\n\nC"),
    "a list in a list": ("- a\n  1. b\n  2. c\n- d", "<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>", "- a\n  1. b\n  2. c\n- d"),
    "a list with paragraphs": ("- a\n\n  b\n- c", "<ul><li>a<br>b</li><li>c</li></ul>", "- a\n  b\n- c"),
    "tasks": ("- [x] a", "<ul><li>☑ a</li></ul>", "- ☑ a"),
    "a table": ("|a|b|\n|-|-|\n|1|*2*|\n|3||", "<p><strong>a · b</strong><br>1 · <em>2</em><br>3</p>", "a · b\n1 · 2\n3"),
    "code": ("Type `a < b`.", "<p>Type a &lt; b.</p>", "Type a < b."),
    "a block of code": ("```\na\n  b\n```", "<p>a<br>  b</p>", "a\nb"),
    "a quote": ("> a\n>\n> - b", "<p><em>a</em></p>\n<ul><li>b</li></ul>", "a\n\n- b"),
    "a picture elsewhere": ("![A cat](https://a.example/c.jpg)", '<p><a href="https://a.example/c.jpg">A cat</a></p>', "A cat (https://a.example/c.jpg)"),
    "a picture without words": ("![](https://a.example/c.jpg?x)", '<p><a href="https://a.example/c.jpg?x">c.jpg</a></p>', "c.jpg (https://a.example/c.jpg?x)"),
    "a picture in a link": ("[![A cat](c.jpg)](https://a.example)", '<p><a href="https://a.example">A cat</a></p>', "A cat (https://a.example)"),
    "a footnote": ("x[^1]\n\n[^1]: why", "<p>x[1]</p>\n<ol><li>why</li></ol>", "x[1]\n\n1. why"),
    "struck out": ("~~Tuesday~~ Wednesday", "<p>Wednesday</p>", "Wednesday"),
    "small digits": ("x<sup>2</sup> H<sub>2</sub>O 1<sup>st</sup>", "<p>x² H₂O 1st</p>", "x² H₂O 1st"),
    "a rule": ("a\n\n---\n\nb", "<p>a</p>\n<p>b</p>", "a\n\nb"),
    "details": ("<details><summary>More</summary>\n\nx\n\n</details>", "<p><strong>More</strong></p>\n<p>x</p>", "More\n\nx"),
    "definitions": ("<dl><dt>a</dt><dd>b</dd></dl>", "<p><strong>a</strong></p>\n<p>b</p>", "a\n\nb"),
    "nothing": ("", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_apps_get_what_they_keep_and_readers_of_text_all_of_it(render, name):
    markdown, html, text = CASES[name]
    notes = render(markdown)
    assert (notes.apps, notes.text) == (html, text)


def test_a_picture_of_the_episode_is_a_link_to_where_it_is_published(render):
    notes = render("![A cat](cat.jpg)", images={"cat.jpg": Image(url="https://cdn.example/cat-1.jpg", width=6, height=4)})
    assert notes.apps == '<p><a href="https://cdn.example/cat-1.jpg">A cat</a></p>'


CHAPTERS = [
    Chapter(start=0, title="Intro"),
    Chapter(start=65.9, title="A <b>"),
    Chapter(start=70, title="x", toc=False),
    Chapter(start=3723, title="End"),
]
LINES = "<p>00:00:00 Intro<br>00:01:05 A &lt;b&gt;<br>01:02:03 End</p>"


def test_the_notes_of_apps_end_with_chapters_sources_and_disclosure(render):
    sources = [SourceTable(title="A & B", url="https://a.example/b", at="18:05"), SourceTable(title="C", url="http://c.example", at=4000)]
    notes = render("Hello.", chapters=CHAPTERS, sources=sources, disclosure="Made by machines.")
    assert notes.apps == (
        f"<p>Hello.</p>\n{LINES}\n"
        '<ul><li><a href="https://a.example/b">A &amp; B</a>, 18:05</li><li><a href="http://c.example">C</a>, 1:06:40</li></ul>\n<p>Made by machines.</p>'
    )
    assert notes.text.endswith("01:02:03 End\n\n- A & B (https://a.example/b), 18:05\n- C (http://c.example), 1:06:40\n\nMade by machines.")
    assert notes.page == "<p>Hello.</p>"


def test_a_source_after_the_last_chapter_is_no_chapter(render):
    """A time in brackets at the end of a line is one to whoever reads chapters from notes: the episode could not be published."""
    source = SourceTable(title="C", url="http://c.example", at=4000)
    notes = render("Hello.", chapters=CHAPTERS, sources=[source])
    assert [chapter.title for chapter in chapters_from_notes(notes.text)] == ["Intro", "A <b>", "End"]


def test_a_list_of_times_in_the_notes_is_not_repeated(render):
    assert LINES not in render("0:00 a\n0:10 b\n0:20 c", chapters=CHAPTERS).apps
    assert LINES in render("0:00 a\n0:10 b", chapters=CHAPTERS).apps


def test_chapters_stay_out_of_the_notes_when_there_are_few(render):
    assert render("x", chapters=CHAPTERS[:3]).apps == "<p>x</p>"


def test_a_summary_without_notes_is_not_hidden_by_the_chapters(render):
    assert render("", summary="All of it.", chapters=CHAPTERS).apps == f"<p>All of it.</p>\n{LINES}"


def test_the_disclosure_is_not_said_twice(render):
    notes = render("Hello.\n\nMade by machines.", disclosure="Made by machines.")
    assert notes.apps == "<p>Hello.</p>\n<p>Made by machines.</p>"


def test_a_source_with_a_wrong_time_is_named(render):
    with pytest.raises(ContentFault, match=r"source 2 \(B\) is spoken of at 'soon'") as caught:
        render(
            "x", sources=[SourceTable(title="A", url="https://a.example", at=1), SourceTable(title="B", url="https://b.example", at="soon")]
        )
    assert caught.value.code == "source-time"
