"""Which chapters an episode has: those a person wrote, and which place wins when several hold some."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import ContentFault
from feed.model import Chapter
from feed.text_cleaning import one_line
from feed.times import parse_time, short_clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feed.schema.episode import ChapterTable, SourceTable

FRONT_MATTER = "front matter"
FILE = "chapters file"
AUDIO = "audio"
NOTES = "notes"
PRECEDENCE = (FRONT_MATTER, FILE, AUDIO, NOTES)
"""The places that may hold chapters, the strongest first."""

_TOLERANCE = 1.0
"""Seconds two places may differ: AntennaPod takes chapters this close for the same."""


def written_chapters(tables: Sequence[ChapterTable]) -> tuple[Chapter, ...]:
    """`[[chapters]]` of the front matter as chapters, in order of time.

    Raises ContentFault chapter-time, saying which one: a start or end that is no time, an end before its start, two that
    start together.
    """
    chapters: list[Chapter] = []
    seen: dict[float, int] = {}
    for number, table in enumerate(tables, 1):
        start = _seconds(table.start, "starts", number, table.title)
        end = None if table.end is None else _seconds(table.end, "ends", number, table.title)
        if end is not None and end <= start:
            raise _fault(f"chapter {number} ({table.title}) ends at {short_clock(end)}, before it starts")
        if start in seen:
            raise _fault(f"chapters {seen[start]} and {number} ({table.title}) both start at {short_clock(start)}")
        seen[start] = number
        chapters.append(
            Chapter(start=start, title=one_line(table.title), end=end, url=table.url or "", image=table.image or "", toc=table.toc)
        )
    return tuple(sorted(chapters, key=lambda chapter: chapter.start))


def _seconds(value: str | float, verb: str, number: int, title: str) -> float:
    try:
        return parse_time(value)
    except ValueError:
        raise _fault(f"chapter {number} ({title}) {verb} at {value!r}, which is no time") from None


def _fault(message: str) -> ContentFault:
    return ContentFault(message, code="chapter-time", hint='write seconds, "MM:SS" or "HH:MM:SS", each chapter later than the one before')


def choose_chapters(sources: Mapping[str, tuple[Chapter, ...]]) -> tuple[str, tuple[Chapter, ...], tuple[str, ...]]:
    """The place that wins (a name of PRECEDENCE, "" for none), its chapters, and a sentence for each other place that disagrees.

    Places that are not in PRECEDENCE come last, in the order given.
    """
    names = [name for name in PRECEDENCE if sources.get(name)]
    names += [name for name in sources if name not in PRECEDENCE and sources[name]]
    if not names:
        return "", (), ()
    chosen = names[0]
    disagreements = []
    for other in names[1:]:
        difference = _difference(chosen, sources[chosen], other, sources[other])
        if difference:
            disagreements.append(f"{difference}; those of the {chosen} are used")
    return chosen, sources[chosen], tuple(disagreements)


def _difference(first_name: str, first: Sequence[Chapter], second_name: str, second: Sequence[Chapter]) -> str:
    """How two lists differ, "" when they tell the same. Hidden chapters need not stand in both."""
    if len(first) != len(second):
        first = [chapter for chapter in first if chapter.toc]
        second = [chapter for chapter in second if chapter.toc]
    if len(first) != len(second):
        return f"the {first_name} has {_count(first)}, the {second_name} {_count(second)}"
    for number, (one, other) in enumerate(zip(first, second, strict=True), 1):
        if abs(one.start - other.start) > _TOLERANCE:
            return (
                f"chapter {number} ({one.title}) starts at {short_clock(one.start)} in the {first_name}, "
                f"at {short_clock(other.start)} in the {second_name}"
            )
        if _same(one.title) != _same(other.title):
            return (
                f"chapter {number} at {short_clock(one.start)} is “{one.title}” in the {first_name}, “{other.title}” in the {second_name}"
            )
    return ""


def _count(chapters: Sequence[Chapter]) -> str:
    return "1 chapter" if len(chapters) == 1 else f"{len(chapters)} chapters"


def _same(title: str) -> str:
    return unicodedata.normalize("NFC", one_line(title))


def clean_chapters(chapters: Sequence[Chapter], duration: float | None = None) -> tuple[Chapter, ...]:
    """Chapters as apps need them: in order of time, no two starting together, none at or after `duration` (seconds).

    Of two with the same start the first stays. Starts are kept to the millisecond; an end stays where one was given and makes
    sense, none is made up.
    """
    result: dict[float, Chapter] = {}
    for chapter in sorted(chapters, key=lambda chapter: chapter.start):
        start = round(chapter.start, 3)
        if start < 0 or start in result or (duration and start >= duration):
            continue
        end = None if chapter.end is None else round(min(chapter.end, duration) if duration else chapter.end, 3)
        result[start] = replace(chapter, start=start, end=end if end is not None and end > start else None, title=one_line(chapter.title))
    return tuple(result.values())


def link_sources(chapters: Sequence[Chapter], sources: Sequence[SourceTable]) -> tuple[Chapter, ...]:
    """Chapters without a link of their own lead to the first source that is spoken of in them; apps show it with the chapter.

    A source without a time, or with one that cannot be read, leads nowhere.
    """
    times: list[tuple[float, str]] = []
    for source in sources:
        try:
            times += [] if source.at is None else [(parse_time(source.at), source.url)]
        except ValueError:
            continue
    linked = []
    for number, chapter in enumerate(chapters):
        end = chapters[number + 1].start if number + 1 < len(chapters) else float("inf")
        url = chapter.url or next((address for at, address in sorted(times) if chapter.start <= at < end), "")
        linked.append(replace(chapter, url=url) if url != chapter.url else chapter)
    return tuple(linked)
