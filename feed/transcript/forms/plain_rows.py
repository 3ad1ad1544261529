"""Readers of Whisper's TSV (`start`, `end`, `text`, milliseconds) and of YouTube's SBV (`0:00:01.000,0:00:03.500` above the text)."""

from __future__ import annotations

import re

from feed.findings import GUESSED, Remark
from feed.transcript.markup import plain
from feed.transcript.raw_cues import RawCue, RawTranscript, WrongForm, parse_clock, valid_seconds
from feed.transcript.speaker_labels import take_labels

_COLUMNS = ("start", "end", "text")
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?", re.ASCII)
_TIME = r"\d{1,3}:\d{2}:\d{2}(?:[.,]\d{1,3})?"
_SPAN = re.compile(rf"\s*({_TIME})\s*,\s*({_TIME})?\s*", re.ASCII)
_BREAK = re.compile(r"\[br\]", re.IGNORECASE)


def recognise_tsv(text: str) -> bool:
    """Its first line names the columns."""
    return set(_COLUMNS) <= set(_names(text.lstrip().partition("\n")[0]))


def _names(line: str) -> list[str]:
    return [name.strip().strip('"').lower() for name in line.split("\t")]


def read_tsv(text: str) -> RawTranscript:
    """Rows of whole milliseconds; with fractions they are seconds, which is a guess. What is no row is left out."""
    lines = text.strip("\n").split("\n")
    names = _names(lines[0])
    start, end, said = (names.index(name) for name in _COLUMNS)
    who = names.index("speaker") if "speaker" in names else -1
    rows: list[list[str]] = []
    left_out: list[str] = []
    for line in lines[1:]:
        fields = line.split("\t", len(names) - 1)
        if len(fields) == len(names) and _NUMBER.fullmatch(fields[start].strip()):
            rows.append([field.strip() for field in fields])
        elif line.strip():
            left_out.append(line.strip())
    in_seconds = any(mark in row[at] for row in rows for at in (start, end) for mark in ".,")
    parts = 1 if in_seconds else 1000
    raws = [RawCue(_count(row[start], parts), _count(row[end], parts), row[said], row[who] if who >= 0 else "") for row in rows]
    labelled, guessed = take_labels(raws)
    remarks = (Remark(GUESSED, "times have fractions, and are taken for seconds"),) if in_seconds else ()
    return RawTranscript(labelled, left_out=left_out, remarks=(*remarks, *guessed))


def _count(value: str, parts: int) -> float | None:
    return valid_seconds(float(value.replace(",", ".")) / parts) if _NUMBER.fullmatch(value) else None


def recognise_sbv(text: str) -> bool:
    """One of its first lines is two times with a comma between."""
    return any(_SPAN.fullmatch(line) for line in text.lstrip()[:2000].split("\n")[:12])


def read_sbv(text: str) -> RawTranscript:
    """Times, then lines of text up to the next times, with or without blank lines; `[br]` breaks a line. What stands above is left out."""
    cards: list[tuple[float | None, float | None, list[str]]] = []
    left_out: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        span = _SPAN.fullmatch(line) if ":" in line and len(line) < 100 else None
        if span:
            start = parse_clock(span[1])
            if start is None:
                raise WrongForm(number, f"not a time: {span[1]}")
            cards.append((start, parse_clock(span[2] or ""), []))
        elif cards:
            cards[-1][2].append(line)
        elif line.strip():
            left_out.append(line.strip())
    raws = [RawCue(start, end, plain(_BREAK.sub("\n", "\n".join(lines).strip()))) for start, end, lines in cards]
    labelled, guessed = take_labels(raws)
    return RawTranscript(labelled, left_out=left_out, remarks=guessed)
