"""Words to sentences: speech recognition often gives one segment for each word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.transcript.raw_cues import RawCue
from feed.word_boundaries import count, needs_space, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PAUSE = 1.5
_LONG = 200
_ENDS = (".", "!", "?", "…", "。", "？", "！")
_ABBREVIATIONS = frozenset({"mr.", "mrs.", "ms.", "dr.", "st.", "vs.", "e.g.", "i.e.", "z.b.", "bzw.", "no.", "nr."})


def are_words(raws: Sequence[RawCue]) -> bool:
    """Whether these are words rather than sentences: at least four, hardly any that is longer than one."""
    return len(raws) > 3 and sum(count(raw.text) for raw in raws) < 1.3 * len(raws)


def merge_words(raws: Iterable[RawCue]) -> list[RawCue]:
    """Sentences: a new one after `.`, `!` or `?`, with a new speaker, after a pause of 1.5 s, or at a comma of a long one."""
    merged: list[RawCue] = []
    parts: list[str] = []
    first: RawCue | None = None
    last_end: float | None = None
    length = 0
    for raw in raws:
        word = raw.text.strip()
        if not word:
            continue
        if first is not None and _begins(first, parts[-1].strip(), last_end, raw, length) and word[0].isalnum():
            merged.append(RawCue(first.start, last_end, "".join(parts), first.speaker))
            first = None
        if first is None:
            first, parts, length = raw, [], 0
        elif _parted(parts[-1], raw.text, word):
            parts.append(" ")
        parts.append(word)
        length += width(word) + 1
        last_end = raw.end if raw.end is not None else raw.start
    if first is not None:
        merged.append(RawCue(first.start, last_end, "".join(parts), first.speaker))
    return merged


def _parted(before: str, written: str, word: str) -> bool:
    """Whether a space stands before a word: never in Chinese and Japanese, in Thai and its like where it is written."""
    if width(before[-1:]) == width(word[:1]) == 1 and written[0].isspace():
        return True
    return needs_space(before, word) and (written[0].isspace() or word[0].isalnum() or word[0] in "\"'“‘([{$€£#@&+-–—¿¡")


def _begins(first: RawCue, last: str, last_end: float | None, raw: RawCue, length: int) -> bool:
    """Whether `raw` opens a new sentence after the word `last`."""
    if raw.speaker and first.speaker and raw.speaker != first.speaker:
        return True
    if raw.start is not None and last_end is not None and raw.start - last_end > _PAUSE:
        return True
    ended = last.rstrip("\"'”’)]»").endswith(_ENDS) and last.lower() not in _ABBREVIATIONS
    return ended or (length > _LONG and last.endswith((",", ";", ":"))) or length > 2 * _LONG
