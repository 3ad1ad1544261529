"""The one grammar of a line in a list of times: `0:00 Intro`, `- 1. [0:00] Intro`, `00:00 - 01:02 Intro`, `Intro (0:00)`.

YouTube, Spotify and Apple read such lists in descriptions; mp4chaps, Auphonic and people write them into files.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TIME = r"[0-9]{1,3}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]{1,9})?"
_LINE = re.compile(
    rf"(?:[^\w\[(]{{0,12}}(?:[0-9]{{1,3}}[.)]\s+)?)[*_]{{0,3}}[\[(]?(?P<start>{_TIME})[\])]?(?:\([^()\s]*\))?"
    rf"(?:\s*[-–—]\s*[\[(]?(?P<end>{_TIME})[\])]?(?=[\s|*_–—:-]|$))?[*_]{{0,3}}(?P<rest>(?:[\s|]|$).*|[-–—|:,;](?![0-9]).*)",
    re.DOTALL,
)
_AT_END = re.compile(rf"(?P<title>\S.*?)(?:\s*[\[(](?P<start>{_TIME})[\])]|\s+[-–—]\s+(?P<bare>{_TIME}))\s*", re.DOTALL)
_SEPARATOR = re.compile(r"[\s|]*(?:[-–—|:,;]\s+|[-–—|:,;])?\s*")
_LEAD = re.compile(r"[\s>|]*(?:[-*+•]\s+|[0-9]{1,3}[.)]\s+)?")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_LONGEST = 1000


class TimedLine(NamedTuple):
    """The times as they are written (`end` "" where there is none), and the title."""

    start: str
    end: str
    title: str


def timed_line(line: str) -> TimedLine | None:
    """A line with a time in front, or in brackets or behind a dash at its end; None for any other."""
    if len(line) >= _LONGEST or ":" not in line:
        return None
    match = _LINE.fullmatch(line)
    if match is not None:
        return TimedLine(match["start"], match["end"] or "", _LINK.sub(r"\1", _SEPARATOR.sub("", match["rest"], count=1)).strip(" |\t"))
    match = _AT_END.fullmatch(_LEAD.sub("", line, count=1))
    return TimedLine(match["start"] or match["bare"], "", _LINK.sub(r"\1", match["title"])) if match is not None else None
