"""A transcript as a page shows it: by chapter, by who speaks, in paragraphs."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import regex

from feed.word_boundaries import width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.model import Chapter, Cue

_SILENCE = 2.5
_LONG = 450
_VERY_LONG = 1200
_END = r"[.!?…。！？؟۔।]+[\p{Pe}\p{Pf}\"']*"
_ENDS = regex.compile(rf"{_END}\s*$")
_WITHIN = regex.compile(rf"{_END}(?:(?<=[。！？][\p{{Pe}}\p{{Pf}}]?)|\s+)(?=\S)")


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
    sentences = any(_ends(cue) for cue in cues)
    for cue in cues[1:]:
        if _breaks(found[-1][-1], cue, length, sentences=sentences):
            found.append(_unfinished(found[-1]))
            length = sum(width(part.text) + 1 for part in found[-1])
        found[-1].append(cue)
        length += width(cue.text) + 1
    return Turn(speaker=cues[0].speaker, start=cues[0].start, paragraphs=tuple(map(tuple, found)))


def _breaks(before: Cue, cue: Cue, length: int, *, sentences: bool) -> bool:
    """Whether a paragraph of `length` characters ends between these two cues; `sentences`, whether it is known where they end."""
    if int(before.start) == int(cue.start):
        return length > 2 * _VERY_LONG
    ended = _ends(before)
    if cue.start - before.end > _SILENCE and (ended or not sentences):
        return True
    return length > (_LONG if ended else _VERY_LONG)


def _ends(cue: Cue) -> bool:
    return _ENDS.search(cue.text[-12:]) is not None


def _unfinished(paragraph: list[Cue]) -> list[Cue]:
    """The sentence that a paragraph would end in the middle of, taken off it; nothing where none is known to begin.

    A cue in which one sentence ends and the next begins is parted, its second half at the share of its time that its letters have.
    """
    if _ends(paragraph[-1]):
        return []
    length = 0
    for place in range(len(paragraph) - 1, 0, -1):
        cue = paragraph[place]
        if place < len(paragraph) - 1 and _ends(cue):
            return _taken(paragraph, place + 1)
        cuts = list(_WITHIN.finditer(cue.text))
        if cuts:
            at = cuts[-1].end()
            middle = cue.start + (cue.end - cue.start) * at / len(cue.text)
            paragraph[place] = cue._replace(end=middle, text=cue.text[:at].rstrip())
            return [cue._replace(start=middle, text=cue.text[at:]), *_taken(paragraph, place + 1)]
        length += width(cue.text)
        if length > _VERY_LONG - _LONG:
            break
    return []


def _taken(paragraph: list[Cue], place: int) -> list[Cue]:
    taken = paragraph[place:]
    del paragraph[place:]
    return taken
