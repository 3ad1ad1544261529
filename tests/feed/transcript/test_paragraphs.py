"""A transcript grouped for people."""

from __future__ import annotations

from itertools import pairwise

import pytest

from feed.model import Chapter, Cue
from feed.transcript.paragraphs import paragraphs


def talk(*rows: tuple[float, float, str, str]) -> list[Cue]:
    return [Cue(start=start, end=end, text=text, speaker=speaker) for start, end, speaker, text in rows]


def shape(cues: list[Cue], *chapters: Chapter) -> list[tuple[str, list[tuple[str, float, list[str]]]]]:
    return [
        (
            section.chapter.title if section.chapter else "",
            [
                (turn.speaker, turn.start, [" ".join(cue.text for cue in paragraph) for paragraph in turn.paragraphs])
                for turn in section.turns
            ],
        )
        for section in paragraphs(cues, chapters)
    ]


def test_turns_follow_the_speaker_and_sections_the_chapters() -> None:
    cues = talk((0, 2, "Emma", "Welcome."), (2, 4, "Jonas", "Hello."), (4, 6, "Jonas", "Kettles."), (6, 8, "Jonas", "Steam."))
    assert shape(cues, Chapter(start=6, title="Steam"), Chapter(start=2, title="Kettles")) == [
        ("", [("Emma", 0, ["Welcome."])]),
        ("Kettles", [("Jonas", 2, ["Hello. Kettles."])]),
        ("Steam", [("Jonas", 6, ["Steam."])]),
    ]


def test_a_cue_that_begins_a_little_before_a_chapter_belongs_to_it() -> None:
    cues = talk((0, 9.6, "", "Before."), (9.6, 14, "", "After."))
    assert [name for name, _ in shape(cues, Chapter(start=10, title="Ten"))] == ["", "Ten"]
    cues = talk((0, 8.6, "", "Before."), (8.6, 14, "", "Still before."))
    assert [name for name, _ in shape(cues, Chapter(start=10, title="Ten"))] == [""]


def test_hidden_and_silent_chapters_make_no_section() -> None:
    cues = talk((0, 2, "", "Only this."))
    chapters = (Chapter(start=0, title="Shown"), Chapter(start=1, title="Hidden", toc=False), Chapter(start=50, title="Music"))
    assert [name for name, _ in shape(cues, *chapters)] == ["Shown"]


def test_a_silence_begins_a_paragraph() -> None:
    cues = talk((0, 2, "", "One."), (4, 6, "", "Two."), (9, 10, "", "Three."))
    assert shape(cues) == [("", [("", 0, ["One. Two.", "Three."])])]


def test_a_long_turn_is_cut_at_the_end_of_a_sentence() -> None:
    cues = talk(*((float(at), at + 1.0, "", ("x" * 99 + ".") if at % 3 == 2 else "x" * 100) for at in range(12)))
    ((_, ((_, _, found),)),) = shape(cues)
    assert [len(text) for text in found] == [605, 605]
    assert all(text.endswith(".") for text in found)


def test_a_turn_without_any_full_stop_is_cut_all_the_same() -> None:
    cues = talk(*((float(at), at + 1.0, "", "x" * 100) for at in range(30)))
    ((_, ((_, _, found),)),) = shape(cues)
    assert max(map(len, found)) < 1400


def test_a_silence_within_a_sentence_is_no_end_where_sentences_have_ends() -> None:
    cues = talk((0, 2, "", "Welcome."), (2, 3, "", "This is your"), (9, 11, "", "kettle hour."), (15, 16, "", "Goodbye."))
    assert shape(cues) == [("", [("", 0, ["Welcome. This is your kettle hour.", "Goodbye."])])]
    cues = talk((0, 2, "", "welcome"), (2, 3, "", "this is your"), (9, 11, "", "kettle hour"))  # it is nowhere said where they end
    assert shape(cues) == [("", [("", 0, ["welcome this is your", "kettle hour"])])]


@pytest.mark.parametrize("mark", [".", '."', "?»", "。」", "؟", "।", "!)"])
def test_a_sentence_ends_with_its_mark_and_what_closes_behind_it(mark: str) -> None:
    cues = talk((0, 2, "", "One" + mark), (6, 7, "", "two, which"), (12, 13, "", "goes on."))
    assert shape(cues) == [("", [("", 0, ["One" + mark, "two, which goes on."])])]


@pytest.mark.parametrize(("end", "begin"), [("kettles. And ", "kettles."), ("kettles.” And ", "kettles.”"), ("湯を。次に", "湯を。")])
def test_where_sentences_end_inside_cues_a_paragraph_ends_there_all_the_same(end: str, begin: str) -> None:
    cues = talk(*((float(at), at + 1.0, "", f"{end}x {'y' * 80}") for at in range(40)))
    sections = paragraphs(cues, ())
    (turn,) = sections[0].turns
    assert len(turn.paragraphs) > 2
    for paragraph in turn.paragraphs[:-1]:
        assert paragraph[-1].text.endswith(begin)
        assert sum(len(cue.text) for cue in paragraph) <= 1300
    whole = [cue for paragraph in turn.paragraphs for cue in paragraph]
    assert "".join(cue.text for cue in whole).replace(" ", "") == "".join(cue.text for cue in cues).replace(" ", "")
    assert all(before.end <= after.start and before.start < after.start for before, after in pairwise(whole))


def test_a_sentence_cut_within_one_second_stays_together() -> None:
    cues = talk((0, 5.2, "", "x" * 460 + "."), (5.2, 5.6, "", "This is the"), (5.6, 8, "", "kettle hour."))
    ((_, ((_, _, found),)),) = shape(cues)
    assert found[1] == "This is the kettle hour."


def test_nothing_said_makes_no_section() -> None:
    assert paragraphs((), (Chapter(start=0, title="A"),)) == ()
