"""What the readers of transcripts give: cues as found, before anything is repaired; and how they read times."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.findings import Remark

LONGEST = 352_800.0
"""Ninety-eight hours, in seconds: apps read two digits of hours, and repaired times need a little room."""

_CLOCK = re.compile(r"(?:(\d{1,3})[:.])?(\d{1,4}):(\d{1,2})(?:[.,:](\d{1,6}))?", re.ASCII)


class RawCue(NamedTuple):
    """One stretch of text as found. `start` and `end` are seconds, None where the file does not say (or says nonsense)."""

    start: float | None
    end: float | None
    text: str
    speaker: str = ""


class RawTranscript(NamedTuple):
    """What a reader found: the stretches in the file's order, the language it names, lines it left out on purpose, and its remarks."""

    raws: list[RawCue]
    language: str = ""
    left_out: Sequence[str] = ()
    remarks: tuple[Remark, ...] = ()


class WrongForm(Exception):  # noqa: N818  an expected answer, handled by read_transcript
    """The text is not of this form after all: the 1-based `line` that does not fit, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


def parse_clock(text: str) -> float | None:
    """Seconds from `HH:MM:SS.mmm`, `MM:SS`, `HH:MM:SS,mmm` and variants with other marks; None when it is no time."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    if int(seconds) > 59 or (hours is not None and int(minutes) > 59):
        return None
    return valid_seconds(int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + (float("0." + fraction) if fraction else 0.0))


def valid_seconds(value: object) -> float | None:
    """The value as seconds, None when it is not a number between nought and ninety-eight hours; negative becomes nought."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -LONGEST < value < LONGEST:
        return None
    return max(0.0, float(value))
