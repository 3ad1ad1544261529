"""Readers of exports by turns: Otter and Rev (`Emma  0:05`, the text below) and Descript (`Emma: [00:00:05] text [00:00:35] more`)."""

import re
import unicodedata
from collections import Counter
from typing import NamedTuple

import regex

from feed.transcript.forms import timestamped
from feed.transcript.raw_cues import RawCue, RawTranscript, WrongForm, parse_clock
from feed.transcript.speaker_labels import looks_like_name, split_label, take_labels

_TIME = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
_HEAD = regex.compile(rf"(\p{{L}}[^\n:\[\]()<>]{{0,59}}?)\s*(?:\s({_TIME})|\(({_TIME})\)|\[({_TIME})\])\s*(:?)\s*(.*)")
_INLINE = re.compile(rf"\[({_TIME})\]")
_FOOTER = re.compile(r"transcribed by https?://otter\.ai/?", re.IGNORECASE)


class _Head(NamedTuple):
    """A line that opens a turn, and how it is written."""

    turn: RawCue
    style: tuple[bool, bool, bool]


def recognise_otter(text: str) -> bool:
    """More lines end in a name's time than start with a time."""
    lines = text.split("\n")
    heads = sum(head is not None for head in _heads(lines))
    return heads > 0 and heads > sum(timestamped.recognise(line) for line in lines)


def read_otter(text: str) -> RawTranscript:
    """A line with name and time, then the text of the turn; what stands above the first and Otter's own last line are left out."""
    turns: list[tuple[RawCue, list[str]]] = []
    left_out: list[str] = []
    lines = text.split("\n")
    for line, head in zip(lines, _heads(lines), strict=True):
        if head is not None:
            turns.append((head, [head.text]))
        elif turns and not _FOOTER.fullmatch(line.strip()):
            turns[-1][1].append(line)
        elif line.strip():
            left_out.append(line.strip())
    return RawTranscript([head._replace(text="\n".join(said)) for head, said in turns], left_out=left_out)


def _heads(lines: list[str]) -> list[RawCue | None]:
    """For each line the turn it opens. `John 3:16: For God` opens none: others are written in another way, or their times pass by it."""
    heads = [_head(line) for line in lines]
    found = [head for head in heads if head is not None]
    if not found:
        return [None] * len(lines)
    usual = Counter(head.style for head in found).most_common(1)[0][0]
    names = Counter(head.turn.speaker for head in found)
    earliest, passed = float("inf"), set()
    for number in range(len(found) - 1, -1, -1):
        start = found[number].turn.start or 0.0
        if start > earliest:
            passed.add(id(found[number]))
        earliest = min(earliest, start)

    def opens(head: _Head) -> bool:
        odd, late = head.style != usual, id(head) in passed
        return not ((late and (odd or names[head.turn.speaker] == 1)) or (odd and head.turn.text))

    return [head.turn if head is not None and opens(head) else None for head in heads]


def _head(line: str) -> _Head | None:
    line = line.replace("**", "") if line.startswith("**") else line
    if not line or not line.lstrip()[:1].isalpha() or ":" not in line[:80]:
        return None
    match = _HEAD.fullmatch(line.strip())
    if match is None:
        return None
    name, bare, round_, square, colon, text = match.groups()
    start = parse_clock(bare or round_ or square)
    if start is None or (text and not colon) or not looks_like_name(name):
        return None
    return _Head(
        RawCue(start, None, text, unicodedata.normalize("NFC", name)), (bare is not None, bool(colon), "  " in line or "\t" in line)
    )


def recognise_descript(text: str) -> bool:
    """A time in square brackets after a label, or within a line."""
    inline = (_INLINE.search(line, 1) for line in text.split("\n") if "[" in line[1:])
    return any(match is not None and any(sign.isalnum() for sign in match.string[: match.start()]) for match in inline)


def read_descript(text: str) -> RawTranscript:
    """Paragraphs with labels and times in brackets; a paragraph without a time begins where the one before ends."""
    raws: list[RawCue] = []
    left_out: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        before, *rest = _INLINE.split(line.strip())
        name, begun = split_label(before)
        if before.strip() and (begun or not rest):
            if raws or rest or name:
                raws.append(RawCue(None, None, before))
            else:
                left_out.append(before.strip())  # a title
        label = before if name and not begun else ""
        for stamp, said in zip(rest[::2], rest[1::2], strict=True):
            start = parse_clock(stamp)
            if start is None:
                raise WrongForm(number, f"not a time: [{stamp}]")
            raws.append(RawCue(start, None, f"{label} {said.strip()}" if label else said.strip()))
            label = ""
    labelled, guessed = take_labels(raws)
    return RawTranscript(labelled, left_out=left_out, remarks=guessed)
