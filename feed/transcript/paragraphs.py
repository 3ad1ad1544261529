"""A transcript as a page shows it: by chapter, by who speaks, in paragraphs."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from feed.words import width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.model import Chapter, Cue

_SILENCE = 2.5
_LONG = 450
_VERY_LONG = 1200
_ENDS = (".", "!", "?", "…", '."', ".”", "!”", "?”", "。", "！", "？")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one speaker says without being interrupted, from `start` (seconds) on; a paragraph is a run of cues."""

    speaker: str
    start: float
    paragraphs: tuple[tuple[Cue, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The turns of one chapter; `chapter` is None before the first one and where there are none."""

    chapter: Chapter | None
    turns: tuple[Turn, ...]


def paragraphs(cues: Sequence[Cue], chapters: Sequence[Chapter]) -> tuple[Section, ...]:
    """The cues grouped by chapter and speaker, each turn cut into paragraphs at silences and, when it is long, at sentence ends.

    A sentence cut between two cues of the same second stays in one paragraph. Chapters hidden from lists and chapters in
    which nobody speaks make no section.
    """
    shown = sorted((chapter for chapter in chapters if chapter.toc), key=lambda chapter: chapter.start)
    starts = [chapter.start for chapter in shown]

    def chapter_of(cue: Cue) -> int:
        # Chapters start at whole seconds: a cue that begins a little before one belongs to it.
        return bisect_right(starts, cue.start + min(1.0, (cue.end - cue.start) / 2)) - 1

    return tuple(
        Section(
            chapter=shown[number] if number >= 0 else None,
            turns=tuple(_turn(list(said)) for _, said in groupby(group, key=lambda cue: cue.speaker)),
        )
        for number, group in groupby(cues, key=chapter_of)
    )


def _turn(cues: Sequence[Cue]) -> Turn:
    found: list[list[Cue]] = [[cues[0]]]
    length = width(cues[0].text)
    for before, cue in pairwise(cues):
        if _breaks(before, cue, length):
            found.append([])
            length = 0
        found[-1].append(cue)
        length += width(cue.text) + 1
    return Turn(speaker=cues[0].speaker, start=cues[0].start, paragraphs=tuple(map(tuple, found)))


def _breaks(before: Cue, cue: Cue, length: int) -> bool:
    """Whether a paragraph of `length` characters ends between these two cues."""
    if int(before.start) == int(cue.start):
        return length > 2 * _VERY_LONG
    if cue.start - before.end > _SILENCE:
        return True
    return length > (_LONG if before.text.endswith(_ENDS) else _VERY_LONG)
