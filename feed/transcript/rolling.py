"""Rolling and karaoke captions: lines that stand in several cues (YouTube's), or a cue for each word of a sentence (Whisper's), said once."""

from __future__ import annotations

import html
from itertools import pairwise
from typing import TYPE_CHECKING

from feed.findings import GUESSED, Remark
from feed.transcript.markup import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.transcript.markup import Word
    from feed.transcript.raw_cues import RawCue

_FLASH = 0.05
"""Seconds: a cue that nobody can read, between two others."""
_GAP = 0.5


def say_once(cues: Sequence[RawCue]) -> tuple[list[RawCue], tuple[Remark, ...]]:
    """Cues of marked text; where half of them or more repeat the one before, each keeps what is new in it, from the time its first
    new word is said.

    A cue repeats another where it goes on with all of it or its last lines, shows the same words with a later one marked, or flashes
    up for less than 0.05 s. A sentence that is said twice does none of that.
    """
    if not may_repeat(cues):
        return list(cues), ()
    shown = [words(cue.text) for cue in cues]
    pairs = [(*pair, *said) for pair, said in zip(pairwise(cues), pairwise(shown), strict=True)]
    repeated = [_repeated(*pair) for pair in pairs]
    clear = 2 if any("<" in cue.text or "\n" in cue.text for cue in cues) else 4
    if sum(map(bool, repeated)) < max(clear, len(repeated) / 2):
        return list(cues), ()
    repeated = [old or _shown_again(*pair) for old, pair in zip(repeated, pairs, strict=True)]
    kept: list[RawCue] = [cues[0]]
    count, said_once = sum(map(len, shown)), len(shown[0])
    for cue, before, all_words, old in zip(cues[1:], shown, shown[1:], repeated, strict=False):
        new = all_words[old:]
        said_once += len(new)
        if not old:
            kept.append(cue)
            continue
        text = _text(new)
        if new and (new[0].opens or old < len(before)):
            at = new[0].at
            kept.append(cue._replace(start=cue.start if at is None else at, text=text))
        else:  # the same line still, with more in it or without
            last = kept[-1]
            end = last.end if _flashes(cue) or cue.end is None else max(cue.end, last.end or 0.0)
            kept[-1] = last._replace(text=f"{last.text} {text}" if text else last.text, end=end)
    return kept, (Remark(GUESSED, f"rolling captions: what is shown again is taken once ({said_once} of {count} words)"),)


def may_repeat(cues: Sequence[RawCue]) -> bool:
    """Whether it is worth looking closely: in most files hardly a cue begins with what the one before holds."""
    if any("<" in cue.text for cue in cues):
        return True
    alike = sum(two.text.strip()[:12] in one.text for one, two in pairwise(cues))
    return alike >= max(2, (len(cues) - 1) / 2)


def _repeated(one: RawCue, two: RawCue, before: list[Word], after: list[Word]) -> int:
    """How many words at the start of the second cue are the first one's."""
    if not before or not after or (one.end is not None and two.start is not None and two.start - one.end > _GAP):
        return 0
    old, new = [word.text for word in before], [word.text for word in after]
    if old == new:
        return len(new) if _goes_on(before, after) else 0
    for begin in (number for number, word in enumerate(before) if word.opens):
        part = old[begin:]
        if new[: len(part)] == part and (len(part) == len(new) or begin == 0 or after[len(part)].opens):
            return len(part)
    return 0


def _shown_again(one: RawCue, two: RawCue, before: list[Word], after: list[Word]) -> int:
    """How many words the second cue has where it is the first one again and one of them only flashes up."""
    same = [word.text for word in before] == [word.text for word in after]
    return len(after) if same and _flashes(one) != _flashes(two) else 0


def _goes_on(before: list[Word], after: list[Word]) -> bool:
    """Whether the same words are shown with a later one marked, or without the mark or the times they had."""
    first, second = ([number for number, word in enumerate(said) if word.marked][:1] for said in (before, after))
    if first and second:
        return second > first
    timed = any(word.at is not None for word in before)
    return bool(first or second or timed)


def _flashes(cue: RawCue) -> bool:
    return cue.start is not None and cue.end is not None and cue.end - cue.start < _FLASH


def _text(said: list[Word]) -> str:
    """Words in their lines, as marked text."""
    return html.escape("".join(("\n" if word.opens else " ") + word.text for word in said).strip(), quote=False)
