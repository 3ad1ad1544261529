"""The markup of captions: the tags that WebVTT and SRT know, voices, times within a cue. Any other `<` is text."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

from feed.transcript.raw_cues import RawCue, parse_clock

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLASSES = r"(?:\.[^\s<>.]{1,100})*"
_TIME = r"<(\d{1,3}:(?:[0-5]\d:)?[0-5]\d[.,]\d{1,3})>"
_TAG = re.compile(
    rf"</?(?:[bius]|c|ruby|rt|v|lang|font){_CLASSES}\s*/?>|<lang{_CLASSES}\s[^<>\n]{{0,200}}>|<font(?:\s+[a-z]+\s*=[^<>\n]{{0,200}})>|{_TIME}",
    re.IGNORECASE,
)
_VOICE = re.compile(rf"<v{_CLASSES}[ \t\u00a0]+([^<>\n]{{1,200}})>", re.IGNORECASE)
_TIMES = re.compile(_TIME)
_PIECE = re.compile(r"\s+|<[^<>\n]{0,250}>|[^\s<]+|<")
_MARKS = re.compile(r"<(?:[bu]|font|c)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def has_voices(text: str) -> bool:
    """Whether a text names speakers as WebVTT does."""
    return "<" in text and _VOICE.search(text) is not None


def voices(raw: RawCue) -> Iterator[RawCue]:
    """One RawCue for each voice of a cue, in order, sharing its times; text without markup."""
    before, *rest = _VOICE.split(raw.text) if "<" in raw.text else [raw.text]
    if before.strip() or not rest:
        yield raw._replace(text=plain(before))
    for name, text in zip(rest[::2], rest[1::2], strict=True):
        yield raw._replace(text=plain(text), speaker=html.unescape(name).strip())


def plain(text: str) -> str:
    """Text without tags; entities read."""
    if "<" in text:
        text = _TAG.sub("", text)
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


class Word(NamedTuple):
    """A word of a cue: when it is said where the cue tells that (seconds), whether it is marked, and whether it opens a line."""

    text: str
    at: float | None
    marked: bool
    opens: bool


def words(text: str) -> list[Word]:
    """The words of a cue's text with its markup."""
    found: list[Word] = []
    for line in _VOICE.sub("", text).split("\n"):
        at: float | None = None
        marked = False
        parts: list[str] = []
        first = len(found)
        begun = (at, marked)
        for piece in _PIECE.findall(line + " "):
            if piece.isspace():
                word = plain("".join(parts))
                if word:
                    found.append(Word(word, *begun, opens=len(found) == first))
                parts = []
            elif piece.startswith("<") and _TAG.fullmatch(piece):
                time = _TIMES.fullmatch(piece)
                at = parse_clock(time[1]) if time else at
                marked = marked if time else bool(_MARKS.match(piece))
            else:
                begun = begun if parts else (at, marked)
                parts.append(piece)
    return found
