"""A list of times in the notes, taken as chapters: what people write for YouTube and Spotify."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.chapters.timed_lines import timed_line
from feed.findings import ContentFault
from feed.model import Chapter
from feed.text_cleaning import one_line
from feed.times import parse_time, short_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feed.notes.html_tree import Child

LINES_FROM = 3
"""Apple, Spotify and YouTube read a list of times as chapters from this many lines on."""

_FIRST_MINUTE = 60
_TIME = re.compile(r"[0-9]:[0-9]{2}")
_NAMES = "blockquote caption dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre section summary table tbody td tfoot th thead tr ul"
_BLOCKS = frozenset(_NAMES.split())


def chapters_from_notes(markdown: str) -> tuple[Chapter, ...]:
    """The chapters that stand in the notes as lines `HH:MM:SS Title` or `MM:SS Title`, in lists and tables too; else ().

    Three or more lines with rising times, at most blank lines between them, are such a list. It begins in the first minute, or its
    times have seconds: a list that begins at nine tells opening hours. Of several the first that starts at 0 is taken, else the first.
    """
    return chapters_in(_tree(markdown))


def chapters_in(tree: Iterable[Child]) -> tuple[Chapter, ...]:
    """The same of notes that were parsed."""
    found = [chapters for chapters, sure in _lists(tree) if sure]
    return next((chapters for chapters in found if chapters[0].start == 0), found[0] if found else ())


def list_not_taken(markdown: str) -> str:
    """Where a list of times begins that could be hours of the day, and is no chapters for that: `9:00`; "" where there is none."""
    return next((short_clock(chapters[0].start) for chapters, sure in _lists(_tree(markdown)) if not sure), "")


def _tree(markdown: str) -> list[Child]:
    if sum(1 for _ in _TIME.finditer(markdown)) < LINES_FROM:
        return []
    from feed.notes.markdown import parse_notes

    try:
        return parse_notes(markdown)
    except ContentFault:  # told when the notes are rendered
        return []


def _lists(tree: Iterable[Child]) -> list[tuple[tuple[Chapter, ...], bool]]:
    """Every list of times that is long enough, and whether it can be nothing but chapters."""
    lists: list[tuple[list[Chapter], bool]] = [([], False)]
    for line in _lines(tree):
        if not line.strip(" \t|"):
            continue
        found = _chapter(line)
        if found is None or (lists[-1][0] and found[0].start <= lists[-1][0][-1].start):
            lists.append(([], False))
        if found is not None:
            chapter, with_seconds = found
            if not lists[-1][0]:
                lists[-1] = ([], chapter.start < _FIRST_MINUTE or with_seconds)
            lists[-1][0].append(chapter)
    return [(tuple(chapters), sure) for chapters, sure in lists if len(chapters) >= LINES_FROM]


def _lines(children: Iterable[Child]) -> Iterator[str]:
    """The notes as lines of text; a block of code is a line that is no chapter, footnotes are none at all."""
    from feed.notes.html_tree import text_of

    line: list[Child] = []
    for child in children:
        if isinstance(child, str) or child.tag not in _BLOCKS:
            line.append(child)
            continue
        yield from text_of(line).split("\n")
        line = []
        if child.tag == "pre":
            yield "code"
        elif child.tag == "tr":
            yield " ".join(" ".join(text_of(cell.children).split()) for cell in child.children if not isinstance(cell, str))
        elif child.attributes.get("class") != "footnotes":
            yield from _lines(child.children)
    yield from text_of(line).split("\n")


def _chapter(text: str) -> tuple[Chapter, bool] | None:
    """The chapter of a line, and whether its time has hours, minutes and seconds."""
    line = timed_line(text)
    if line is None or not one_line(line.title):
        return None
    try:
        start = parse_time(line.start)
        end = parse_time(line.end) if line.end else None
    except ValueError:
        return None
    return Chapter(start=start, title=one_line(line.title), end=end if end is not None and end > start else None), line.start.count(":") > 1
