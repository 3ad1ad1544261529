"""Lists of times in notes, taken as chapters."""

from __future__ import annotations

import time

import pytest

from feed.chapters.in_notes import chapters_from_notes, list_not_taken
from feed.chapters.reading import read_chapters

EXPECTED = [(0, "Intro"), (65, "Topic"), (3723, "End")]

FORMS = {
    "plain": "00:00 Intro\n01:05 Topic\n1:02:03 End",
    "hours": "00:00:00 Intro\n00:01:05 Topic\n01:02:03 End",
    "below prose": "What we say:\n\n00:00 Intro\n01:05 Topic\n1:02:03 End\n\nSee you at 18:05.",
    "list": "- 00:00 Intro\n- 01:05 Topic\n- 1:02:03 End",
    "numbered list with dashes": "1. 00:00 - Intro\n2. 01:05 – Topic\n3. 1:02:03: End",
    "brackets and emphasis": "* **[00:00]** Intro\n* (01:05) **Topic**\n* 1:02:03 *End*",
    "links": "- [00:00](#t=0) Intro\n- 01:05 [Topic](https://a.example/b)\n- 1:02:03 End",
    "blank lines between": "00:00 Intro\n\n01:05 Topic\n\n1:02:03 End",
    "table": "| Time | What |\n|---|---|\n| 00:00 | Intro |\n| 01:05 | Topic |\n| 1:02:03 | End |",
    "quote": "> 00:00 Intro\n> 01:05 Topic\n> 1:02:03 End",
    "the list from 0 beats one before": "5:00 a\n6:00 b\n7:00 c\n\nand\n\n00:00 Intro\n01:05 Topic\n1:02:03 End",
    "carriage returns": "00:00 Intro\r\n01:05 Topic\r\n1:02:03 End\r\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_a_list_of_times_becomes_chapters(name):
    assert [(chapter.start, chapter.title) for chapter in chapters_from_notes(FORMS[name])] == EXPECTED


def test_a_range_gives_the_chapter_an_end():
    found = chapters_from_notes("0:00 - 1:05 Intro\n1:05–2:00 Topic\n2:00 End")
    assert [(chapter.start, chapter.end, chapter.title) for chapter in found] == [(0, 65, "Intro"), (65, 120, "Topic"), (120, None, "End")]


def test_a_list_that_does_not_start_at_0_is_better_than_none():
    assert [chapter.start for chapter in chapters_from_notes("0:10 a\n0:20 b\n0:30 c")] == [10, 20, 30]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00:00 Intro\n01:05 Topic",
        "00:00 Intro\n\nprose\n\n01:05 Topic\n1:02:03 End",
        "00:00 Intro\n01:05 Topic\n00:30 back",
        "00:00 Intro\n01:05 Topic\n01:05 again",
        "```\n00:00 Intro\n01:05 Topic\n1:02:03 End\n```",
        "00:00\n01:05\n1:02:03",
        "00:75 Intro\n01:99 Topic\n02:60 End",
        "6:300 a\n7:300 b\n8:300 c",
        "06:00:00+02:00 a\n07:00:00+02:00 b\n08:00:00+02:00 c",
    ],
)
def test_other_texts_hold_no_chapters(text):
    assert chapters_from_notes(text) == ()


def test_hostile_lines_are_read_in_no_time():
    begun = time.process_time()
    for piece in ("00:00 [", "**", "> ", "| ", "0:00-", "[a](", "- ", "0:00 x_", " "):
        chapters_from_notes((piece * 300 + "\n") * 50 + piece * 50_000)
    assert time.process_time() - begun < 5


TITLES = {
    "a break of HTML": "0:00 Start<br>\n1:00 Middle<br>\n2:00 End",
    "a break of Markdown": "0:00 Start\\\n1:00 Middle  \n2:00 End",
    "an entity": "0:00 Start\n1:00 Middle\n2:00 End &amp; out",
    "links by reference": "0:00 [Start][1]\n1:00 [Middle](https://a.example/x_(y))\n2:00 End[^1]\n\n[1]: https://r.example\n[^1]: Foot",
    "markup": "0:00 <b>Start</b>\n1:00 `Middle`\n2:00 _End_",
    "a list of HTML": "<ul><li>0:00 Start</li><li>1:00 Middle</li><li>2:00 End</li></ul>",
    "emoji": "⏱️ 0:00 Start\n⏱️ 1:00 Middle\n🎬 2:00 End",
    "arrows": "► 0:00 Start\n► 1:00 Middle\n► 2:00 End",
    "times in brackets behind": "Start (0:00)\nMiddle [1:00]\nEnd (2:00)",
    "times behind a dash": "- Start – 0:00\n- Middle – 1:00\n- End – 2:00",
    "from the first minute on": "0:12 Start\n1:00 Middle\n2:00 End",
    "with seconds": "00:05:00 Start\n00:06:00 Middle\n00:07:00 End",
    "below a heading": "## Chapters\n0:00 Start\n1:00 Middle\n2:00 End",
}


@pytest.mark.parametrize("name", TITLES)
def test_titles_are_what_is_read_and_not_how_it_is_written(name):
    found = [chapter.title for chapter in chapters_from_notes(TITLES[name])]
    assert found == ["Start", "Middle", "End" if name != "an entity" else "End & out"]


@pytest.mark.parametrize(
    "text",
    [
        "9:00 Doors\n10:00 Talks\n12:30 Lunch",
        "- 7:30 Breakfast\n- 8:15 Walk\n- 9:00 Work",
        "<!--\n0:00 Start\n1:00 Middle\n2:00 End\n-->",
        "    0:00 Start\n    1:00 Middle\n    2:00 End",
        "~~~\n0:00 Start\n1:00 Middle\n2:00 End\n~~~",
        "<pre>\n0:00 Start\n1:00 Middle\n2:00 End\n</pre>",
        "0:0 draw\n1:0 lead\n2:0 win",
        "John 3:16 says\nLuke 4:20 says\nActs 5:30 says",
    ],
)
def test_what_is_hidden_or_an_hour_is_no_chapter(text):
    assert chapters_from_notes(text) == ()


def test_a_list_that_could_be_hours_is_named():
    assert list_not_taken("9:00 Doors\n10:00 Talks\n12:30 Lunch") == "9:00"
    assert list_not_taken("0:00 a\n1:00 b\n2:00 c") == ""
    assert list_not_taken("At 9:00 and 10:00 and 11:00.") == ""


@pytest.mark.parametrize(
    "line",
    ["0:00 x", "- 0:00 x", "1. 0:00 x", "[0:00](https://a.example) x", "00:00 - 01:02 x", "**0:00** x", "x (0:00)", "⏱ 0:00 – x", "0:00: x", "• [0:00] x"],
)  # fmt: skip
def test_notes_and_files_have_one_grammar(line):
    follow = "\n2:00 y\n3:00 z"
    in_file = read_chapters((line + follow).encode()).chapters
    in_notes = chapters_from_notes(line + follow)
    assert [(chapter.start, chapter.title) for chapter in in_notes] == [(0, "x"), (120, "y"), (180, "z")]
    assert in_file == in_notes
