"""Readers of JSON transcripts: the podcast namespace's, Podlove's, DOTe's, Whisper's and its relatives'.

Each shape is one small function from the parsed document to its stretches, None where the document is of another shape.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json
from feed.transcript.raw_cues import RawCue, RawTranscript, WrongForm, parse_clock, valid_seconds
from feed.transcript.word_merging import are_words, merge_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def recognise(text: str) -> bool:
    """It begins with a brace or a bracket before another brace."""
    head = text.lstrip()[:200]
    return head.startswith("{") or (head.startswith("[") and head[1:].lstrip()[:1] in ("{", "]", ""))


def read(text: str) -> tuple[str, RawTranscript]:
    """The form's name and what was found. Raises WrongForm with the line where the JSON breaks, or line 1 for another document."""
    try:
        document = read_json(text)
    except json.JSONDecodeError as fault:
        raise WrongForm(fault.lineno, f"not JSON: {fault.msg.lower()} in column {fault.colno}") from None
    except (RecursionError, ValueError):  # nested without end, or a number of thousands of digits
        raise WrongForm(1, "JSON nested too deeply, or a number too long") from None
    for name, shape in _SHAPES:
        raws = shape(document)
        if raws is not None:
            language = document.get("language") or _dictionary(document.get("result")).get("language") if isinstance(document, dict) else ""
            return name, RawTranscript(merge_words(raws) if are_words(raws) else raws, language if isinstance(language, str) else "")
    raise WrongForm(1, "JSON, but none of the transcript shapes known")


def _podlove(document: object) -> list[RawCue] | None:
    """`[{"start", "start_ms", "end", "end_ms", "speaker", "voice", "text"}]`, bare or under `transcripts`."""
    rows = _rows(_dictionary(document).get("transcripts") if isinstance(document, dict) else document)
    if not any("start_ms" in row for row in rows):
        return None
    return [
        RawCue(
            _millis(row.get("start_ms")) if "start_ms" in row else _seconds(row.get("start")),
            _millis(row.get("end_ms")) if "end_ms" in row else _seconds(row.get("end")),
            _text(row.get("text")),
            _name(row.get("voice")) or _name(row.get("speaker")),
        )
        for row in rows
    ]


def _whisper_cpp(document: object) -> list[RawCue] | None:
    """`{"transcription": [{"offsets": {"from", "to"}, "text"}]}`, milliseconds (whisper.cpp)."""
    rows = _rows(_dictionary(document).get("transcription"))
    if not any("offsets" in row for row in rows):
        return None
    offsets = [(_dictionary(row.get("offsets")), row) for row in rows]
    return [
        RawCue(_millis(at.get("from")), _millis(at.get("to")), _text(row.get("text")), _name(row.get("speaker"))) for at, row in offsets
    ]


def _under(
    keys: tuple[str, ...], signs: set[str], start: str, end: str, text: str, speaker: str = "speaker"
) -> Callable[[object], list[RawCue] | None]:
    """Reads the rows under the first of `keys` that has any, by the names of their own, with times in seconds; None where no row has
    all `signs` of the shape.
    """

    def shape(document: object) -> list[RawCue] | None:
        holder = _dictionary(document)
        rows = _rows(next((holder[key] for key in keys if holder.get(key)), None))
        if not any(signs <= row.keys() for row in rows):
            return None
        return [RawCue(_seconds(row.get(start)), _seconds(row.get(end)), _text(row.get(text)), _name(row.get(speaker))) for row in rows]

    return shape


_STARTS = ("start", "startTime", "start_time", "begin", "from", "timestamp", "time")
_ENDS = ("end", "endTime", "end_time", "to")
_TEXTS = ("text", "body", "content", "transcript", "sentence", "word")
_SPEAKERS = ("speaker", "speaker_name", "speakerName", "voice", "name")


def _any_rows(document: object) -> list[RawCue] | None:
    """Any list of rows that hold a start and a text under the usual names: Auphonic's and other services' exports."""
    lists = [document, *(_dictionary(document).values())]
    for candidate in lists:
        rows = _rows(candidate)
        if rows and any(_first(row, _STARTS) is not None and _text(_first(row, _TEXTS)) for row in rows):
            return [
                RawCue(
                    _seconds(_first(row, _STARTS)), _seconds(_first(row, _ENDS)), _text(_first(row, _TEXTS)), _name(_first(row, _SPEAKERS))
                )
                for row in rows
            ]
    return None


_SHAPES: tuple[tuple[str, Callable[[object], list[RawCue] | None]], ...] = (
    ("podcast JSON", _under(("segments",), {"startTime"}, "startTime", "endTime", "body")),  # podcast namespace, transcripts 1.0.0
    ("Podlove JSON", _podlove),
    ("DOTe JSON", _under(("lines",), {"startTime"}, "startTime", "endTime", "text", "speakerDesignation")),  # times as 00:00:01,000
    ("whisper.cpp JSON", _whisper_cpp),
    # OpenAI Whisper, faster-whisper and WhisperX; then Whisper asked for words alone, and WhisperX's `word_segments`.
    ("Whisper JSON", _under(("segments",), {"start", "text"}, "start", "end", "text")),
    ("Whisper JSON", _under(("words", "word_segments"), {"word"}, "start", "end", "word")),
    ("JSON of timed rows", _any_rows),
)


def _dictionary(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _first(row: dict[str, Any], names: Iterable[str]) -> object:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _name(value: object) -> str:
    """A speaker as text: a string, a number, or an object with a name."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("label")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10_000:
        return f"Speaker {value}"
    return value if isinstance(value, str) else ""


def _seconds(value: object) -> float | None:
    """Seconds from a number, or from a string that holds one or a clock time."""
    if isinstance(value, str):
        value = value.strip()
        if ":" in value:
            return parse_clock(value)
        try:
            value = float(value.removesuffix("s"))
        except ValueError:
            return None
    return valid_seconds(value)


def _millis(value: object) -> float | None:
    if not isinstance(value, (int, float)):
        seconds = _seconds(value)
        return seconds / 1000 if seconds is not None else None
    return None if isinstance(value, bool) or not -1e12 < value < 1e12 else valid_seconds(value / 1000)
