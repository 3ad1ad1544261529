"""Readers of JSON transcripts: the podcast namespace's, Podlove's, DOTe's, Whisper's and its relatives'.

Each shape is one small function from the parsed document to its stretches, None where the document is of another shape.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from feed.text_cleaning import read_json
from feed.transcript.forms import json_services
from feed.transcript.forms.json_values import dictionary, first_of, millis, name_of, rows_of, seconds, text_of
from feed.transcript.raw_cues import RawCue, RawTranscript, WrongForm
from feed.transcript.word_merging import are_words, merge_words

if TYPE_CHECKING:
    from collections.abc import Callable


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
    served = json_services.read(document)
    if served is not None:
        return served
    for name, shape in _SHAPES:
        raws = shape(document)
        if raws is not None:
            language = document.get("language") or dictionary(document.get("result")).get("language") if isinstance(document, dict) else ""
            return name, RawTranscript(merge_words(raws) if are_words(raws) else raws, language if isinstance(language, str) else "")
    raise WrongForm(1, "JSON, but none of the transcript shapes known")


def _podlove(document: object) -> list[RawCue] | None:
    """`[{"start", "start_ms", "end", "end_ms", "speaker", "voice", "text"}]`, bare or under `transcripts`."""
    rows = rows_of(dictionary(document).get("transcripts") if isinstance(document, dict) else document)
    if not any("start_ms" in row for row in rows):
        return None
    return [
        RawCue(
            millis(row.get("start_ms")) if "start_ms" in row else seconds(row.get("start")),
            millis(row.get("end_ms")) if "end_ms" in row else seconds(row.get("end")),
            text_of(row.get("text")),
            name_of(row.get("voice")) or name_of(row.get("speaker")),
        )
        for row in rows
    ]


def _whisper_cpp(document: object) -> list[RawCue] | None:
    """`{"transcription": [{"offsets": {"from", "to"}, "text"}]}`, milliseconds (whisper.cpp)."""
    rows = rows_of(dictionary(document).get("transcription"))
    if not any("offsets" in row for row in rows):
        return None
    offsets = [(dictionary(row.get("offsets")), row) for row in rows]
    return [
        RawCue(millis(at.get("from")), millis(at.get("to")), text_of(row.get("text")), name_of(row.get("speaker"))) for at, row in offsets
    ]


def _under(
    keys: tuple[str, ...], signs: set[str], start: str, end: str, text: str, speaker: str = "speaker"
) -> Callable[[object], list[RawCue] | None]:
    """Reads the rows under the first of `keys` that has any, by the names of their own, with times in seconds; None where no row has
    all `signs` of the shape.
    """

    def shape(document: object) -> list[RawCue] | None:
        holder = dictionary(document)
        rows = rows_of(next((holder[key] for key in keys if holder.get(key)), None))
        if not any(signs <= row.keys() for row in rows):
            return None
        return [RawCue(seconds(row.get(start)), seconds(row.get(end)), text_of(row.get(text)), name_of(row.get(speaker))) for row in rows]

    return shape


_STARTS = ("start", "startTime", "start_time", "begin", "from", "timestamp", "time")
_ENDS = ("end", "endTime", "end_time", "to")
_TEXTS = ("text", "body", "content", "transcript", "sentence", "word")
_SPEAKERS = ("speaker", "speaker_name", "speakerName", "voice", "name")


def _any_rows(document: object) -> list[RawCue] | None:
    """Any list of rows that hold a start and a text under the usual names: Auphonic's and other services' exports."""
    lists = [document, *(dictionary(document).values())]
    for candidate in lists:
        rows = rows_of(candidate)
        if rows and any(first_of(row, _STARTS) is not None and text_of(first_of(row, _TEXTS)) for row in rows):
            return [
                RawCue(
                    seconds(first_of(row, _STARTS)),
                    seconds(first_of(row, _ENDS)),
                    text_of(first_of(row, _TEXTS)),
                    name_of(first_of(row, _SPEAKERS)),
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
