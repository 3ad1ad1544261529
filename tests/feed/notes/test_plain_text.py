"""The summary that becomes `<description>`: plain, short, and honest about what made the show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed.notes.plain_text import write_summary
from tests.support.seeds import SEEDS, needs_seeds


@pytest.mark.parametrize(
    ("markdown", "summary"),
    [
        ("First *words*.\nMore.\n\nSecond.", "First words.\nMore."),
        ("# Title\n\nFirst.", "First."),
        ("![A cat](c.jpg)\n\nFirst.", "First."),
        ("0:00 Intro\n0:10 Topic\n\nFirst.", "First."),
        ("> Quoted.\n\nFirst.", "Quoted."),
        ("[x](https://a.example) and ~~no~~ yes[^1].\n\n[^1]: note", "x and yes."),
        ("- one\n- two", ""),
        ("a < b, c -> d, x > y & z", "a ‹ b, c → d, x › y & z"),
        ("", ""),
    ],
)
def test_the_first_paragraph_is_the_summary(render, markdown, summary):
    assert render(markdown).summary == summary


def test_a_written_summary_beats_the_notes(render):
    notes = render("Notes.", summary="  Written <b>.\r\n\r\n\r\n\r\nSecond \x00line.  ", disclosure="Made by machines.")
    assert notes.summary == "Written ‹b›.\n\nSecond line.\n\nMade by machines."


def test_a_long_summary_is_cut_at_a_sentence_with_a_link_to_the_rest(render):
    sentence = "Äußerst lange Sätze über alles. "
    notes = render(sentence * 300, link="https://show.example/e.html", disclosure="Made by machines.")
    body, link, disclosure = notes.summary.split("\n\n")
    assert body == (sentence * (body.count(".") or 1)).strip()
    assert (link, disclosure) == ("https://show.example/e.html", "Made by machines.")
    assert 3900 < len(notes.summary.encode()) <= 4000


def test_a_long_summary_without_sentences_is_cut_at_a_word(render):
    body, link = render("word " * 2000).summary.split("\n\n")
    assert body.endswith("word …")
    assert link == "https://show.example/episodes/a.html"


def test_one_endless_word_is_cut_all_the_same():
    text = write_summary("ä" * 5000, link="https://show.example", disclosure="")
    assert 3950 < len(text.encode()) <= 4000
    assert text.endswith("ä …\n\nhttps://show.example")


def test_the_disclosure_stands_once():
    assert write_summary("Hello. Made by machines.", link="x", disclosure="Made by machines.") == "Hello. Made by machines."


@given(
    st.text(max_size=60).map(lambda text: text * 100),
    st.text(max_size=30),
    st.sampled_from(["", "https://show.example/" + "x" * 5000, "https://show.example"]),
)
def test_no_summary_is_too_long(body, disclosure, link):
    assert len(write_summary(body, link=link, disclosure=disclosure * 150).encode()) <= 4000


@needs_seeds
def test_real_notes_are_their_own_summary(render):
    for page in sorted(SEEDS.glob("*.txt")):
        written = [line for line in page.read_text().splitlines() if line.strip()][2]
        notes = render(written)
        assert notes.summary == written
        assert notes.page == notes.apps
