"""Lists of times in notes, taken as chapters."""

from __future__ import annotations

import time

import pytest

from feed.chapters.in_notes import chapters_from_notes

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
