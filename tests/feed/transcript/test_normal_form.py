"""Each step of the repair by itself, and the promise they make together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.transcript import normal_form as steps
from feed.transcript.normal_form import normalise
from feed.transcript.raw_cues import RawCue


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ('the numbers are scarce.".', "the numbers are scarce."),
        ('really!".', "really!"),
        ('He said "stop.".', 'He said "stop."'),
        ("okay.. and on", "okay. and on"),
        ("that was it..", "that was it."),
        ("wait... what", "wait... what"),
        ("okay..that's odd", "okay..that's odd"),
        ("the politics.. ..the stakeholders", "the politics... ...the stakeholders"),
        ('he said "yes"', 'he said "yes"'),
        ("version 1.2.", "version 1.2."),
        ("...", "..."),
        ('".', ""),
        (".", ""),
        ("?", "?"),
    ],
)
def test_stray_marks_are_mended_and_meant_ones_are_kept(text: str, mended: str) -> None:
    (raw,), examples = steps.mend_stray_marks([RawCue(0, 1, text)], None)
    assert raw.text == mended
    assert bool(examples) == (text != mended)


def test_control_characters_go_and_lines_are_joined() -> None:
    (raw,), examples = steps.remove_controls([RawCue(0, 1, "a\x00b\u202ec\ud800 \n d\u200b", "Em\x1bma")], None)
    assert (raw.text, raw.speaker, len(examples)) == ("abc d", "Emma", 1)
    (raw,), examples = steps.remove_controls([RawCue(0, 1, "two\nlines\u00a0here")], None)
    assert (raw.text, examples) == ("two lines here", [])


def test_an_empty_cue_goes_and_its_speaker_passes_on() -> None:
    kept, examples = steps.drop_empty([RawCue(0, 1, "", "Emma"), RawCue(1, 2, "Hello."), RawCue(2, 3, "")], None)
    assert kept == [RawCue(1, 2, "Hello.", "Emma")]
    assert examples == ["00:00:00.000 without text", "00:00:02.000 without text"]


def test_a_speaker_is_carried_on_until_the_next_one() -> None:
    carried, examples = steps.carry_speaker(
        [RawCue(0, 1, "a"), RawCue(1, 2, "b", "Emma"), RawCue(2, 3, "c"), RawCue(3, 4, "d", "Jo")], None
    )
    assert [raw.speaker for raw in carried] == ["", "Emma", "Emma", "Jo"]
    assert examples == ["Emma: c"]


def test_unknown_starts_follow_the_cue_before_and_bad_ends_are_forgotten() -> None:
    filled, examples = steps.fill_times(
        [RawCue(None, 9, "a"), RawCue(1.00049, 0.5, "b"), RawCue(None, None, "c"), RawCue(4, 5, "d"), RawCue(None, None, "e")], None
    )
    assert [(raw.start, raw.end) for raw in filled] == [(0, 9), (1.0, None), (1.0, None), (4, 5), (5, None)]
    assert examples == ["a", "c", "e"]


def test_sorting_keeps_the_order_of_equal_starts() -> None:
    ordered, examples = steps.sort_times([RawCue(2, None, "a"), RawCue(1, None, "b"), RawCue(2, None, "c")], None)
    assert [raw.text for raw in ordered] == ["b", "a", "c"]
    assert examples == ["00:00:01.000 after 00:00:02.000"]


def test_times_a_little_past_the_end_come_back_and_others_stay() -> None:
    fitted, examples = steps.fit_audio([RawCue(7, 10.4, "a"), RawCue(10, None, "b"), RawCue(11.9, 14, "c"), RawCue(12, 14, "d")], 10)
    assert [(raw.start, raw.end) for raw in fitted] == [(7, 10.4), (9.5, None), (9.5, None), (12, 14)]
    assert len(examples) == 2


def test_ends_a_little_past_the_audio_come_back_to_it_and_others_stay() -> None:
    trimmed, examples = steps.trim_to_audio(
        [RawCue(7, 11, "a"), RawCue(8, 12.5, "b"), RawCue(11, 11.5, "c"), RawCue(9, None, "d")], 10.0004
    )
    assert [raw.end for raw in trimmed] == [10, 12.5, 11.5, None]
    assert examples == ["00:00:11.000 in 00:00:10.000 of audio"]
    assert steps.trim_to_audio([RawCue(7, 11, "a")], None) == ([RawCue(7, 11, "a")], [])


def test_repeated_starts_share_the_time_by_their_length() -> None:
    spread, examples = steps.spread_repeated([RawCue(1, None, "a" * 10), RawCue(1, None, "b" * 30), RawCue(3, None, "c")], None)
    assert [(raw.start, raw.end) for raw in spread] == [(1, 1.5), (1.5, None), (3, None)]
    assert len(examples) == 1


def test_many_cues_in_no_time_still_have_distinct_positive_lengths() -> None:
    cues, _ = normalise([RawCue(1.0, None, f"a{number:02}") for number in range(50)] + [RawCue(1.01, None, "b"), RawCue(1.02, None, "c")])
    assert len({cue.start for cue in cues}) == 52
    assert all(one.start < one.end <= two.start for one, two in pairwise(cues))
    assert cues[-1].start < 1.1


def test_an_overlap_is_trimmed_and_a_gap_is_left() -> None:
    trimmed, examples = steps.trim_overlaps([RawCue(0, 5, "a"), RawCue(3, 4, "b"), RawCue(6, 7, "c")], None)
    assert [raw.end for raw in trimmed] == [3, 4, 7]
    assert len(examples) == 1


def test_an_invented_end_respects_the_next_start_the_text_and_the_audio() -> None:
    ended, _ = steps.invent_ends([RawCue(0, None, "a" * 100), RawCue(3, None, "b" * 10), RawCue(60, None, "c" * 100)], 65.5)
    assert [raw.end for raw in ended] == [3, 6, 65.5]
    ended, _ = steps.invent_ends([RawCue(0, 2, "kept"), RawCue(70, None, "past the audio")], 65.5)
    assert [raw.end for raw in ended] == [2, 73.4]


def test_signs_that_are_syllables_take_longer_to_say() -> None:
    assert steps.seconds_to_say("こんにちは") == 3.0
    assert steps.seconds_to_say("hello") == 2.5
    assert steps.seconds_to_say("x" * 10**6) == 3600


def test_repairs_say_what_was_done_in_words_with_an_example() -> None:
    _, repairs = normalise([RawCue(5, None, 'scarce.".'), RawCue(1, None, "Hello."), RawCue(2, None, "")])
    assert [(one.name, one.count) for one in repairs] == [
        ("stray punctuation mended", 1),
        ("empty cues dropped", 1),
        ("times sorted", 1),
        ("ends invented", 2),
    ]
    assert repairs[0].example == 'scarce.". -> scarce.'


times = st.none() | st.floats(0, 200) | st.integers(0, 30).map(float)
raws = st.lists(st.builds(RawCue, times, times, st.text(max_size=40), st.sampled_from(["", "", "Emma", "Jo\nEk"])), max_size=25)


@settings(max_examples=150, deadline=None)
@given(raws, st.none() | st.floats(1, 100))
def test_whatever_was_found_ends_in_normal_form_and_stays_there(found: list[RawCue], duration: float | None) -> None:
    cues, _ = normalise(found, duration)
    for cue in cues:
        assert cue.text == " ".join(cue.text.split()) != ""
        assert 0 <= cue.start < cue.end
        assert round(cue.start, 3) == cue.start and round(cue.end, 3) == cue.end
        cue.text.encode()
    assert all(one.end <= two.start for one, two in pairwise(cues))
    again, repairs = normalise([RawCue(cue.start, cue.end, cue.text, cue.speaker) for cue in cues], duration)
    assert again == cues
    assert repairs == ()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.text(st.characters(codec="ascii"), min_size=1, max_size=80)), min_size=1, max_size=20),
    st.floats(1, 70),
)
def test_no_end_is_invented_past_the_audio(stamped: list[tuple[int, str]], duration: float) -> None:
    found = [RawCue(float(start), None, text) for start, text in stamped if start < duration]
    cues, _ = normalise(found, duration)
    assert all(cue.end <= duration + steps.TICK * len(cues) for cue in cues)


def test_a_whole_turn_in_one_cue_is_cut_at_sentences() -> None:
    text = ("Kettles are a matter of taste, and so is steam. " * 40).strip()
    cues, repairs = normalise([RawCue(0, 100, text, "Emma")])
    assert [one.name for one in repairs] == ["long texts split"]
    assert all(cue.text.endswith("steam.") and len(cue.text) <= 300 and cue.speaker == "Emma" for cue in cues)
    assert " ".join(cue.text for cue in cues) == text
    assert (cues[0].start, cues[-1].end) == (0, 100)
    assert normalise([RawCue(0, 9, "x" * 600)])[1] == ()


def test_two_equal_cues_are_one_and_keep_the_later_end() -> None:
    cues, repairs = normalise([RawCue(1, 3, "No."), RawCue(1, 3, "No."), RawCue(1, 4, "No."), RawCue(4, 6, "No."), RawCue(6, 7, "No.")])
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [(1, 4, "No."), (4, 6, "No."), (6, 7, "No.")]
    assert [(repair.name, repair.count) for repair in repairs] == [("equal cues joined", 2)]
    apart, _ = normalise([RawCue(1, 3, "No.", "Ann"), RawCue(1, 3, "No.", "Bo")])
    assert [cue.speaker for cue in apart] == ["Ann", "Bo"]
