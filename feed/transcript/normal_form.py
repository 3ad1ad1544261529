"""Raw cues repaired until every app can read them: a chain of small steps, each of which says what it changed.

A step takes the stretches and returns them mended, with one example for each change. Their order matters: text first, then
times from the coarse (unknown, unsorted) to the fine (overlaps, ends). One module, because the steps are read in that order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from operator import lt
from typing import TYPE_CHECKING

import regex

from feed.model import Cue
from feed.times import timestamp
from feed.transcript.cue_splitting import split_cue
from feed.transcript.raw_cues import RawCue
from feed.word_boundaries import UNSPACED, join

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TICK = 0.001
"""Seconds: the shortest cue, one millisecond."""
SLACK = 2.0
"""Seconds by which a transcript may pass the audio's end and still be its transcript."""
LONG_TEXT = 600
"""Characters; more in one cue are split."""
_SLOW = 10.0
_PAUSE = 2.0
_LONGEST_CUE = 3600.0

# C0 and C1 controls, invisible format characters that can reorder or hide text, lone surrogates and non-characters.
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
# Scripts without spaces between words set none where a line breaks.
_UNSPACED = rf"[{UNSPACED}\u3001-\u303f\uff01-\uff60]"
_UNSPACED_BREAK = regex.compile(rf"(?<={_UNSPACED})[ \t]*\n[ \t]*(?={_UNSPACED})")
_ONLY_MARKS = re.compile("[\"“”'‘’.,;:\\s]{1,8}")
_STOP_AFTER_QUOTE = re.compile('([.!?…])(["”])\\.(?=\\s|$)')
_BROKEN_ELLIPSIS = re.compile(r"(?<=\w)\.\. \.\.(?=\w)")
_TWO_STOPS = re.compile(r"(?<=\w)\.\.(?=$|\s+[^\W_])")


@dataclass(frozen=True, slots=True, kw_only=True)
class CueRepair:
    """What reading a transcript changed: `name` says what in words, `count` how often, `example` shows the first case."""

    name: str
    count: int
    example: str


def normalise(raws: Sequence[RawCue], duration: float | None = None) -> tuple[tuple[Cue, ...], tuple[CueRepair, ...]]:
    """Cues in normal form, and what was done to get there; `duration` is the audio's, in seconds.

    Normal form: text and speaker in one line without control characters, text not empty and at most 600 characters, `start`
    strictly ascending, `start < end <= next start`, all times whole milliseconds. What is in normal form already is left as
    it is. A cue that starts more than two seconds past the audio's end keeps its time, so that a check can say that this
    transcript is not of this audio.
    """
    length = duration or None
    found, repairs = list(raws), []
    for name, step in () if _in_normal_form(raws, _limit(length)) else _STEPS:
        found, examples = step(found, length)
        if examples:
            repairs.append(CueRepair(name=name, count=len(examples), example=examples[0][:120]))
    cues = tuple(Cue(raw.start or 0.0, raw.end or TICK, raw.text, raw.speaker) for raw in found)
    return cues, tuple(repairs)


def _in_normal_form(raws: Sequence[RawCue], limit: float) -> bool:
    """Whether no step would change anything, seen in one look at each: what careful tools write, and what we wrote ourselves.

    A doubt is a no; the steps find out.
    """
    speakers = {raw.speaker for raw in raws}
    if not all(_in_one_line(speaker) for speaker in speakers) or ("" in speakers and len(speakers) > 1):
        return False
    last = -1.0
    for start, end, text, _ in raws:
        if start is None or end is None or not last <= start < end or start != round(start, 3) or end != round(end, 3):
            return False
        if not text or len(text) > LONG_TEXT or not _in_one_line(text) or ".." in text or '".' in text or "”." in text:
            return False
        if not text[0].isalnum() and _ONLY_MARKS.fullmatch(text):
            return False
        last = end
    return last <= limit


def _in_one_line(text: str) -> bool:
    return text.isprintable() and "  " not in text and text.strip() == text


def remove_controls(raws: Sequence[RawCue], _: float | None) -> tuple[list[RawCue], list[str]]:
    """Text and speaker become one line; control characters, text-direction marks and lone surrogates go."""
    mended, examples = [], []
    for raw in raws:
        start, end, text, speaker = raw
        if _in_one_line(text) and _in_one_line(speaker):
            mended.append(raw)
            continue
        if not (text.isprintable() and speaker.isprintable()):
            length = len(text) + len(speaker)
            text, speaker = _CONTROL.sub("", text), _CONTROL.sub("", speaker)
            if len(text) + len(speaker) != length:
                examples.append(" ".join(text.split()))
            if "\n" in text and not text.isascii():
                text = _UNSPACED_BREAK.sub("", text)
        mended.append(RawCue(start, end, " ".join(text.split()), " ".join(speaker.split())))
    return mended, examples


def mend_stray_marks(raws: Sequence[RawCue], _: float | None) -> tuple[list[RawCue], list[str]]:
    """Quotes and full stops that speech recognition leaves behind: `scarce.".` becomes `scarce.`, `okay..` becomes `okay.`.

    A quote that has its partner stays (`"Stop.".` becomes `"Stop."`), three points stay, two within a word stay.
    """
    mended, examples = [], []
    for raw in raws:
        text = raw.text
        if '".' in text or "”." in text:
            paired = text.count('"') % 2 == 0 and text.count("“") == text.count("”")
            text = _STOP_AFTER_QUOTE.sub(r"\1\2" if paired else r"\1", text)
        if ".." in text:
            text = _TWO_STOPS.sub(".", _BROKEN_ELLIPSIS.sub("... ...", text))
        if text and not text[0].isalnum() and _ONLY_MARKS.fullmatch(text) and text not in ("...", "…"):
            text = ""
        if text != raw.text:
            examples.append(f"{raw.text[-60:]} -> {text[-50:]}")
        mended.append(raw._replace(text=text) if text != raw.text else raw)
    return mended, examples


def drop_empty(raws: Sequence[RawCue], _: float | None) -> tuple[list[RawCue], list[str]]:
    """A cue without text goes (apps may fail on it); its speaker passes to the next one."""
    kept: list[RawCue] = []
    examples: list[str] = []
    speaker = ""
    for raw in raws:
        if not raw.text:
            examples.append("a time without text" if raw.start is None else f"{timestamp(raw.start)} without text")
            speaker = raw.speaker or speaker
        else:
            kept.append(raw._replace(speaker=speaker) if speaker and not raw.speaker else raw)
            speaker = ""
    return kept, examples


def carry_speaker(raws: Sequence[RawCue], _: float | None) -> tuple[list[RawCue], list[str]]:
    """A cue without a speaker belongs to the one who spoke last: most tools name a speaker only when it changes."""
    mended, examples = [], []
    speaker = ""
    for raw in raws:
        speaker = raw.speaker or speaker
        if speaker and not raw.speaker:
            examples.append(f"{speaker}: {raw.text}")
            mended.append(raw._replace(speaker=speaker))
        else:
            mended.append(raw)
    return mended, examples


def fill_times(raws: Sequence[RawCue], _: float | None) -> tuple[list[RawCue], list[str]]:
    """A cue whose start is unknown starts where the one before ends, or with it; times become whole milliseconds."""
    mended: list[RawCue] = []
    examples = []
    last = 0.0
    for raw in raws:
        start = last if raw.start is None else round(raw.start, 3)
        end = None if raw.end is None or raw.end <= start else round(raw.end, 3)
        if raw.start is None:
            examples.append(raw.text)
        mended.append(raw if start == raw.start and end == raw.end else RawCue(start, end, raw.text, raw.speaker))
        last = end or start
    return mended, examples


def sort_times(raws: Sequence[RawCue], _: float | None) -> tuple[list[RawCue], list[str]]:
    """Cues in the order of their starts; those with the same start stay in the file's order."""
    if _rise(raws):
        return list(raws), []
    examples = [
        f"{timestamp(_start(raw))} after {timestamp(_start(before))}" for before, raw in pairwise(raws) if _start(raw) < _start(before)
    ]
    return sorted(raws, key=_start), examples


def join_equal(raws: Sequence[RawCue], _: float | None) -> tuple[list[RawCue], list[str]]:
    """Cues with the same start, text and speaker are one, with the last of their ends."""
    if _rise(raws):
        return list(raws), []
    mended: list[RawCue] = []
    examples = []
    here: dict[tuple[str, str], int] = {}
    for raw in raws:
        if not mended or _start(mended[-1]) != _start(raw):
            here.clear()
        place = here.setdefault((raw.text, raw.speaker), len(mended))
        if place < len(mended):
            examples.append(f"{timestamp(_start(raw))} {raw.text}")
            if raw.end is not None:
                mended[place] = mended[place]._replace(end=max(raw.end, mended[place].end or 0.0))
        else:
            mended.append(raw)
    return mended, examples


def fit_audio(raws: Sequence[RawCue], duration: float | None) -> tuple[list[RawCue], list[str]]:
    """Starts up to two seconds past the audio's end come back before it: stamps are whole seconds, recordings are not."""
    mended: list[RawCue] = []
    examples: list[str] = []
    limit = _limit(duration)
    if all(_start(raw) < limit for raw in raws[-1:]):
        return list(raws), []
    for raw in raws:
        start = _start(raw)
        if limit <= start < limit + SLACK:
            examples.append(f"{timestamp(start)} in {timestamp(limit)} of audio")
            before = _start(mended[-1]) if mended else 0.0
            mended.append(raw._replace(start=max(before, round(limit - 0.5, 3)), end=None))
        else:
            mended.append(raw)
    return mended, examples


def spread_repeated(raws: Sequence[RawCue], duration: float | None) -> tuple[list[RawCue], list[str]]:
    """Cues with the same start share the time up to the next one by the length of their texts, in the order they stand."""
    if _rise(raws):
        return list(raws), []
    mended: list[RawCue] = []
    examples: list[str] = []
    at, earliest, limit = 0, 0.0, _limit(duration)
    while at < len(raws):
        start, after = _start(raws[at]), at + 1
        while after < len(raws) and _start(raws[after]) == start:
            after += 1
        group = raws[at:after]
        first = max(start, earliest)
        if len(group) == 1:
            end = group[0].end
            mended.append(group[0] if first == start else group[0]._replace(start=first, end=end if end and end > first else None))
        else:
            following = _start(raws[after]) if after < len(raws) else None
            if start < limit:
                following = min(limit, following or limit)
            mended += _share(group, first, following)
            examples += [f"{timestamp(start)} {raw.text}" for raw in group[1:]]
        earliest = round(_start(mended[-1]) + TICK, 3)
        at = after
    return mended, examples


def _share(group: Sequence[RawCue], first: float, following: float | None) -> list[RawCue]:
    """The cues of one start, one after the other from `first`, before `following`."""
    ends = [raw.end for raw in group if raw.end is not None]
    window = max(ends) - first if ends else sum(seconds_to_say(raw.text) for raw in group)
    if following is not None:
        window = min(window, following - first)
    window = max(window, len(group) * TICK)
    whole = sum(len(raw.text) for raw in group)
    shared: list[RawCue] = []
    said, begin = 0, first
    for number, raw in enumerate(group, 1):
        said += len(raw.text)
        end = round(max(first + window * said / whole, begin + TICK), 3)
        shared.append(raw._replace(start=begin, end=end if ends or number < len(group) else None))
        begin = end
    return shared


def trim_overlaps(raws: Sequence[RawCue], _: float | None) -> tuple[list[RawCue], list[str]]:
    """A cue ends when the next one starts: readers show one at a time."""
    mended, examples = [], []
    for number, raw in enumerate(raws, 1):
        following = _start(raws[number]) if number < len(raws) else None
        if following is not None and raw.end is not None and raw.end > following:
            examples.append(f"{timestamp(raw.end)} after {timestamp(following)}")
            mended.append(raw._replace(end=following))
        else:
            mended.append(raw)
    return mended, examples


def trim_to_audio(raws: Sequence[RawCue], duration: float | None) -> tuple[list[RawCue], list[str]]:
    """An end up to two seconds past the audio's end comes back to it: speech recognition rounds up."""
    limit = _limit(duration)
    late = [_start(raw) < limit < (raw.end or 0.0) <= limit + SLACK for raw in raws]
    mended = [raw._replace(end=limit) if is_late else raw for raw, is_late in zip(raws, late, strict=True)]
    return mended, [
        f"{timestamp(raw.end or 0.0)} in {timestamp(limit)} of audio" for raw, is_late in zip(raws, late, strict=True) if is_late
    ]


def invent_ends(raws: Sequence[RawCue], duration: float | None) -> tuple[list[RawCue], list[str]]:
    """An end that is missing or not after its start: the next start, but not longer than it takes to say the text slowly, and
    not past the audio's end.
    """
    mended: list[RawCue] = []
    examples: list[str] = []
    limit = _limit(duration)
    for number, raw in enumerate(raws, 1):
        start, end = _start(raw), raw.end
        if end is None or end <= start:
            end = start + seconds_to_say(raw.text)
            if number < len(raws):
                end = min(end, _start(raws[number]))
            if start < limit:
                end = min(end, limit)
            end = round(max(end, start + TICK), 3)
            examples.append(examples[0] if examples else f"{timestamp(start)} ends at {timestamp(end)}")
            raw = RawCue(start, end, raw.text, raw.speaker)  # noqa: PLW2901  the same card, with the end that holds
        mended.append(raw)
    return mended, examples


def split_long(raws: Sequence[RawCue], _: float | None) -> tuple[list[RawCue], list[str]]:
    """A text of more than 600 characters (a whole turn in one cue) is cut at sentences, so that readers can follow."""
    mended: list[RawCue] = []
    examples: list[str] = []
    for raw in raws:
        if len(raw.text) <= LONG_TEXT:
            mended.append(raw)
            continue
        pieces = split_cue(Cue(start=_start(raw), end=raw.end or 0.0, text=raw.text), width=LONG_TEXT // 2, lines=1)
        if len(pieces) == 1:  # no time to divide
            mended.append(raw)
            continue
        mended += [raw._replace(start=piece.start, end=piece.end, text=join(piece.lines)) for piece in pieces]
        examples.append(f"{timestamp(_start(raw))} {raw.text}")
    return mended, examples


def seconds_to_say(text: str) -> float:
    """How long a slow speaker needs at most, in seconds: ten letters a second, five where one sign is a syllable, and a pause."""
    signs = len(text) if text.isascii() else len(text) + sum(sign >= "\u2e80" for sign in text)
    return min(_PAUSE + signs / _SLOW, _LONGEST_CUE)


def _limit(duration: float | None) -> float:
    """The audio's end in whole milliseconds; without audio, later than anything."""
    return int(duration * 1000) / 1000 if duration else 1e9


def _rise(raws: Sequence[RawCue]) -> bool:
    """Whether each cue starts later than the one before it, as in most files: then none has to make room for another."""
    starts = [raw.start or 0.0 for raw in raws]
    return all(map(lt, starts, starts[1:]))


def _start(raw: RawCue) -> float:
    """The start, known once `fill_times` has run."""
    return raw.start or 0.0


_STEPS: tuple[tuple[str, Callable[[Sequence[RawCue], float | None], tuple[list[RawCue], list[str]]]], ...] = (
    ("control characters removed", remove_controls),
    ("stray punctuation mended", mend_stray_marks),
    ("empty cues dropped", drop_empty),
    ("unknown times filled in", fill_times),
    ("times sorted", sort_times),
    ("speakers carried on", carry_speaker),
    ("equal cues joined", join_equal),
    ("times fitted to the audio", fit_audio),
    ("repeated times spread", spread_repeated),
    ("overlaps trimmed", trim_overlaps),
    ("ends trimmed to the audio", trim_to_audio),
    ("ends invented", invent_ends),
    ("long texts split", split_long),
)
