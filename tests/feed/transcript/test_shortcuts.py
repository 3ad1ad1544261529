"""What most files are like is read and written by shorter ways. They give what the long ones give, or step aside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed.model import Cue
from feed.transcript import normal_form
from feed.transcript.cue_splitting import fit_two_lines, split_cue
from feed.transcript.forms import captions
from feed.transcript.raw_cues import RawCue

HEAD = "WEBVTT\n\n"
ONE = "00:01.000 --> 00:02.500\n<v Ann>So it begins."
TWO = "01:00:02.500 --> 01:00:04.000\nIt goes on\nfor a while."


@pytest.mark.parametrize(
    "text",
    [HEAD + ONE, HEAD + TWO, f"{HEAD}{ONE}\n\n{TWO}", f"{HEAD}{ONE}\n\n\n{TWO}\n\n{ONE}", f"{HEAD}00:01.000 --> 00:02.000\n<v  Ann >a"],
)
def test_a_usual_file_is_read_the_short_way_to_the_same_cues(text: str) -> None:
    assert captions._usual_cues(text)
    assert captions._usual_cues(text) == captions._any_cues(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        ONE,
        f"WEBVTT\nLanguage: de\n\n{ONE}",
        f"{HEAD}NOTE\n{ONE}\n\n{TWO}",
        f"{HEAD}1\n{ONE}",
        f"{HEAD}{ONE} <i>Now.</i>",
        f"{HEAD}{ONE} &amp; more",
        f"{HEAD}{ONE}\n\u2003\nmore",
        f"{HEAD}{ONE}\n00:03.000 -> 00:04.000\nmore",
        f"{HEAD}{ONE}\n00:03.000 → 00:04.000\nmore",
        f"{HEAD}00:01.000 --> 00:02.000 align:start\nSo",
        f"{HEAD}00:61.000 --> 00:62.000\nSo",
        f"{HEAD}00:01,000 --> 00:02,000\nSo",
        f"{HEAD}00:01.000 --> 00:02.000",
        f"{HEAD}00:01.000 --> 00:02.000\nSo \n\n{TWO}",
        f"{HEAD}00:01.000 --> 00:02.000\nSo \nit begins.",
    ],
)
def test_anything_else_in_a_file_takes_the_long_way(text: str) -> None:
    assert captions._usual_cues(text) == []


_WORDS = st.text(st.sampled_from("ab \"'.,<&>→-–:0\u2003\x85\x1c漢"), max_size=12)


@given(st.lists(st.tuples(_WORDS, _WORDS), min_size=1, max_size=4))
def test_short_and_long_way_of_reading_never_differ(rows: list[tuple[str, str]]) -> None:
    text = HEAD + "\n\n".join(f"00:0{number}.000 --> 00:0{number + 1}.000\n<v {name}>{said}" for number, (name, said) in enumerate(rows))
    found = captions._usual_cues(text.strip())
    assert found == [] or found == captions._any_cues(text.strip())[0]


_TIMES = st.one_of(st.none(), st.integers(0, 9).map(float), st.floats(0, 9))
_RAWS = st.builds(
    RawCue, _TIMES, _TIMES, st.text(st.sampled_from("ab .\"”'\n\u200b\x07"), max_size=8), st.sampled_from(["", "", "Ann", "Bo ", "C\nD"])
)


@given(st.lists(_RAWS, max_size=4), st.sampled_from([None, 5.0, 9.5]))
def test_what_counts_as_normal_form_is_left_as_it_is_by_every_step(raws: list[RawCue], duration: float | None) -> None:
    if not normal_form._in_normal_form(raws, normal_form._limit(duration)):
        return
    found = list(raws)
    for _, step in normal_form._STEPS:
        found, examples = step(found, duration)
        assert examples == []
    assert found == raws


def test_what_we_write_ourselves_is_in_normal_form_at_a_glance() -> None:
    assert normal_form._in_normal_form([RawCue(0.0, 1.5, "“Yes”, she said.", "Ann"), RawCue(1.5, 2.0, "No.", "Bo")], 2.0)
    assert not normal_form._in_normal_form([RawCue(0.0, 1.5, "Yes.", "Ann"), RawCue(1.5, 2.0, "No.", "")], 2.0)
    assert not normal_form._in_normal_form([RawCue(0.0, 2.001, "Yes.", "Ann")], 2.0)


@given(st.text(st.sampled_from("ab, ."), min_size=1, max_size=90).map(lambda text: " ".join(text.split())), st.integers(0, 16))
def test_a_text_that_fits_stands_as_it_would_stand_cut(text: str, taken: int) -> None:
    whole = fit_two_lines(text, max(32 - taken, 10), 32)
    if whole:
        pieces = split_cue(Cue(start=0.0, end=9.0, text=text), width=32, first=-taken)
        assert ["\n".join(piece.lines) for piece in pieces] == [whole]


def test_words_that_may_break_anywhere_are_counted_where_a_line_is_not_enough() -> None:
    assert fit_two_lines("一二三 四五六七", 7, 32) == ""
    assert fit_two_lines("one two", 4, 32) == "one\ntwo"
