"""Readers of WebVTT and SRT, also where hours are missing, settings follow, or a comma stands for a point."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from feed.transcript.raw_cues import RawCue, RawTranscript, WrongForm, parse_clock
from feed.transcript.speaker_labels import take_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

_ARROW = re.compile(r"\s*(?:-->|->|–>|—>|→)\s*")
_VOICE = re.compile(r"<v(?:\.[^\s<>.]{1,100})*[ \t]+([^<>\n]{1,200})>")
_TAG = re.compile(r"</?[a-zA-Z\d.:][^<>\n]{0,200}>")
_OVERRIDE = re.compile(r"\{\\[^{}\n]{0,200}\}")


def recognise_vtt(text: str) -> bool:
    """WebVTT says so in its first line."""
    return text.lstrip()[:6].upper() == "WEBVTT"


def recognise_srt(text: str) -> bool:
    """A timing line among the first lines."""
    return any(_timing(line) is not None for line in text.lstrip()[:2000].split("\n")[:12])


def read_vtt(text: str) -> RawTranscript:
    """WebVTT (W3C): header, NOTE, STYLE and REGION skipped; ids and settings dropped; voice spans become speakers."""
    text = text.strip()
    usual = _usual_cues(text)
    spoken, language = (usual, "") if usual else _any_cues(text)
    return RawTranscript(spoken if any(raw.speaker for raw in spoken) else take_labels(spoken), language)


_TIME = r"((?:[0-9]{2}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3})"
_WORDS = "[^\\s<>&→][^\n<>&→]*"
_USUAL_CUE = re.compile(rf"\n\n{_TIME} --> {_TIME}\n(?:<v ([^<>&→\n]{{0,199}}[^<>&→\n–—-])>)?({_WORDS}(?:\n{_WORDS})?)(?=\n\n|\Z)")


def _usual_cues(text: str) -> list[RawCue]:
    """The cues of a file in which there is nothing but one or two lines of plain text under each time; else none.

    So are most files, and one pattern reads them in a third of the time.
    """
    if not text.startswith("WEBVTT\n\n"):
        return []
    found = _USUAL_CUE.findall(text)
    if len(found) != text.count("\n\n"):
        return []
    return [RawCue(_seconds(start), _seconds(end), said, name.strip()) for start, end, name, said in found]


@lru_cache(maxsize=4096)
def _seconds(time: str) -> float:
    """Seconds of `HH:MM:SS.mmm` or `MM:SS.mmm`; where one cue ends another one starts, so most are asked for twice."""
    hours = int(time[:-10]) * 3600_000 if len(time) > 9 else 0
    return (hours + int(time[-9:-7]) * 60_000 + int(time[-6:-4]) * 1000 + int(time[-3:])) / 1000


def _any_cues(text: str) -> tuple[list[RawCue], str]:
    """The cues of any file, and the language it names."""
    language = ""
    raws: list[RawCue] = []
    header = True
    for block in _blocks(text):
        timed = [number for number, line in enumerate(block) if _is_timing(line)]
        if header:
            header = False
            language = next((line[9:].strip() for line in block if line[:9].lower() == "language:"), "")
            if not timed:
                continue
        if not timed:
            if block[0].split(" ", 1)[0] not in ("NOTE", "STYLE", "REGION") and raws and not block[0].strip().isdigit():
                raws[-1] = raws[-1]._replace(text=f"{raws[-1].text}\n" + "\n".join(block))  # a blank line within a cue
            continue
        if block[0].split(" ", 1)[0] in ("NOTE", "STYLE", "REGION") and timed[0] > 1:
            continue
        for first, after in zip(timed, [*timed[1:], len(block)], strict=True):
            start, end = _timing(block[first]) or (None, None)
            raws.append(RawCue(start, end, "\n".join(block[first + 1 : after])))
    return [part for raw in raws for part in _voices(raw)], language


def read_srt(text: str) -> RawTranscript:
    """SubRip: numbers, timing lines, text; markup and position codes dropped; `Name: ` labels become speakers."""
    raws: list[RawCue] = []
    lines = text.split("\n")
    body: list[str] = []
    for number, line in enumerate(lines):
        if _is_timing(line):
            _end_srt(raws, body, at=number)
            start, end = _timing(line) or (None, None)
            raws.append(RawCue(start, end, ""))
            body = []
        else:
            body.append(line)
    _end_srt(raws, [*body, ""], at=len(lines))
    return RawTranscript(take_labels([raw._replace(text=_plain(_OVERRIDE.sub("", raw.text))) for raw in raws]))


def _end_srt(raws: list[RawCue], body: list[str], *, at: int) -> None:
    """Close the card before line `at`; a number right above a timing line is the next card's."""
    if body and body[-1].strip().isdigit():
        body = body[:-1]
    text = "\n".join(body).strip()
    if raws:
        raws[-1] = raws[-1]._replace(text=text)
    elif text:
        raise WrongForm(next(number for number, line in enumerate(body, 1) if line.strip()), f"text before the first time (line {at + 1})")


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _is_timing(line: str) -> bool:
    return "-->" in line or _timing(line) is not None


_USUAL = re.compile(r"(?:(\d\d):)?([0-5]\d):([0-5]\d)[.,](\d{3}) --> (?:(\d\d):)?([0-5]\d):([0-5]\d)[.,](\d{3})", re.ASCII)


def _timing(line: str) -> tuple[float | None, float | None] | None:
    """Start and end of a timing line, either None where it cannot be read; None when this is no timing line."""
    usual = _USUAL.fullmatch(line)
    if usual is not None:
        hours, minutes, seconds, millis, hours2, minutes2, seconds2, millis2 = map(int, usual.groups("0"))
        return hours * 3600 + minutes * 60 + seconds + millis / 1000, hours2 * 3600 + minutes2 * 60 + seconds2 + millis2 / 1000
    if len(line) > 500 or ":" not in line or (">" not in line and "→" not in line):
        return None
    parts = _ARROW.split(line.strip(), 1)
    if len(parts) != 2:
        return None
    start, end = parse_clock(parts[0].strip()), parse_clock((parts[1].split() or [""])[0])
    return None if start is None and end is None else (start, end)


def _voices(raw: RawCue) -> Iterator[RawCue]:
    """One RawCue for each voice of a cue, in order, sharing its times."""
    if "<v" not in raw.text:
        yield raw._replace(text=_plain(raw.text))
        return
    before, *rest = _VOICE.split(raw.text)
    if before.strip() or not rest:
        yield raw._replace(text=_plain(before))
    for name, text in zip(rest[::2], rest[1::2], strict=True):
        yield raw._replace(text=_plain(text), speaker=html.unescape(name).strip())


def _plain(text: str) -> str:
    """Text without tags; entities read."""
    if "<" in text:
        text = _TAG.sub("", text)
    return html.unescape(text) if "&" in text else text
