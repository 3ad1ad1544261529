"""Chapters from front matter, which place wins, and what is left of them for apps."""

from __future__ import annotations

import pytest

from feed.chapters.choosing import AUDIO, FILE, FRONT_MATTER, NOTES, choose_chapters, clean_chapters, link_sources, written_chapters
from feed.findings import ContentFault
from feed.model import Chapter
from feed.schema.episode import ChapterTable, SourceTable


def chapters(*starts, titles="ABCDEFGH"):
    return tuple(Chapter(start=start, title=title) for start, title in zip(starts, titles, strict=False))


def test_written_chapters_take_every_form_of_time_and_are_put_in_order():
    tables = [
        ChapterTable(start="1:02:03", title="C", end="1:02:04.5", url="https://a.example", image="c.jpg", toc=False),
        ChapterTable(start=0, title="A"),
        ChapterTable(start="01:30", title="B"),
    ]
    assert written_chapters(tables) == (
        Chapter(start=0, title="A"),
        Chapter(start=90, title="B"),
        Chapter(start=3723, title="C", end=3724.5, url="https://a.example", image="c.jpg", toc=False),
    )


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([("0:00", None), ("0:75", None)], "chapter 2 (T2) starts at '0:75'"),
        ([("soon", None)], "chapter 1 (T1) starts at 'soon'"),
        ([(0, "later")], "chapter 1 (T1) ends at 'later'"),
        ([(60, 30)], "chapter 1 (T1) ends at 0:30, before it starts"),
        ([(-5, None)], "chapter 1 (T1) starts at -5"),
        ([(0, None), (60, None), ("1:00", None)], "chapters 2 and 3 (T3) both start at 1:00"),
    ],
)
def test_a_written_chapter_with_a_wrong_time_is_named(tables, said):
    with pytest.raises(ContentFault) as caught:
        written_chapters([ChapterTable(start=start, end=end, title=f"T{number}") for number, (start, end) in enumerate(tables, 1)])
    assert caught.value.code == "chapter-time"
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("places", "chosen"),
    [
        ([NOTES, AUDIO, FILE, FRONT_MATTER], FRONT_MATTER),
        ([NOTES, AUDIO, FILE], FILE),
        ([NOTES, AUDIO], AUDIO),
        ([NOTES], NOTES),
        ([], ""),
    ],
)
def test_front_matter_beats_the_file_the_file_the_audio_and_the_audio_the_notes(places, chosen):
    same = chapters(0, 10)
    assert choose_chapters({FRONT_MATTER: (), **dict.fromkeys(places, same)}) == (chosen, same if chosen else (), ())


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (chapters(0, 60, 120), ""),
        (chapters(0.4, 61, 119.2), ""),
        (chapters(0, 60), "the front matter has 3 chapters, the audio 2 chapters"),
        (chapters(0, 62, 120), "chapter 2 (B) starts at 1:00 in the front matter, at 1:02 in the audio"),
        (chapters(0, 60, 120, titles="ABX"), "chapter 3 at 2:00 is “C” in the front matter, “X” in the audio"),
    ],
)
def test_places_that_disagree_are_told(other, said):
    written = chapters(0, 60, 120)
    name, used, told = choose_chapters({AUDIO: other, FRONT_MATTER: written})
    assert (name, used) == (FRONT_MATTER, written)
    assert told == ((f"{said}; those of the front matter are used",) if said else ())


def test_a_hidden_chapter_need_not_stand_in_the_notes():
    written = (*chapters(0, 60, 120), Chapter(start=130, title="Hidden", toc=False))
    assert choose_chapters({FRONT_MATTER: written, NOTES: chapters(0, 60, 120)})[2] == ()
    assert choose_chapters({FRONT_MATTER: written, NOTES: chapters(0, 60)})[2]


def test_tidy_sorts_and_drops_what_no_app_can_show():
    given = (
        Chapter(start=50, title=" B\n b ", end=40),
        Chapter(start=0, title="A", end=20),
        Chapter(start=50.0001, title="again"),
        Chapter(start=70.25, title="C", end=500),
        Chapter(start=100, title="at the end"),
        Chapter(start=101, title="after the end"),
    )
    assert clean_chapters(given, 100) == (
        Chapter(start=0, title="A", end=20),
        Chapter(start=50, title="B b"),
        Chapter(start=70.25, title="C", end=100),
    )
    assert len(clean_chapters(given)) == 5


def test_tidy_makes_up_no_ends():
    assert [chapter.end for chapter in clean_chapters(chapters(0, 60, 120), 200)] == [None, None, None]


def test_a_chapter_without_a_link_leads_to_the_first_source_spoken_of_in_it():
    found = (Chapter(start=0, title="One"), Chapter(start=60, title="Two", url="https://own.example"), Chapter(start=120, title="Three"))
    sources = [
        SourceTable(title="Later", url="https://b.example", at="0:50"),
        SourceTable(title="First", url="https://a.example", at=10),
        SourceTable(title="In two", url="https://c.example", at="1:10"),
        SourceTable(title="Nowhere", url="https://d.example"),
        SourceTable(title="Unreadable", url="https://e.example", at="soon"),
    ]
    assert [chapter.url for chapter in link_sources(found, sources)] == ["https://a.example", "https://own.example", ""]
    assert link_sources(found, ()) == found
