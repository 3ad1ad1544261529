"""Readers of the JSON that speech recognition services and YouTube give: a table with one row for each list of words or sentences.

docs/sources.md names the page or the public file that each row rests on.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from feed.findings import GUESSED, LEFT_OUT, Remark
from feed.transcript.forms.json_values import dictionary, name_of, parts_of_second, rows_of, seconds, text_of
from feed.transcript.raw_cues import RawCue, RawTranscript, valid_seconds
from feed.transcript.word_merging import are_words, merge_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EACH, _CHANNEL, _FIRST = "*", "*channel", "0"
_HANDED_DOWN = ("speaker", "speaker_info", "channel", "channelTag")
"""What a row says of all rows within it."""
_CHANNELS = ("channel", "channelTag", "channel_label")
_DURATION = re.compile(r"PT(?:(\d{1,3})H)?(?:(\d{1,5})M)?(?:(\d{1,6}(?:\.\d{1,9})?)S)?", re.ASCII)
_MARKS = ("punct", "punctuation")
_TICKS = 10_000_000


class _Form(NamedTuple):
    """Where a service's rows lie (`path`), which keys at least one of them has (`signs`), and where a row holds what: fields are
    alternatives, the first that is there counts, and `a.0.b` leads inwards. `unit`: how many of its times make a second.
    """

    name: str
    path: tuple[str, ...]
    signs: frozenset[str]
    text: tuple[str, ...]
    start: tuple[str, ...]
    end: tuple[str, ...] = ()
    length: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ("speaker",)
    unit: int = 1
    words: bool | None = True
    """Whether rows are words: True, False, or None where it depends."""
    nobody: tuple[object, ...] = ()
    """What stands for a speaker who is not known."""
    whole: tuple[str, ...] = ()
    """Times must be whole numbers; keys of the document of which one shows that it is this service's."""
    rolls: bool = False
    """Whether a row stays on the screen while the next one is spoken."""


def _form(name: str, path: str, signs: str, text: str, start: str, **more: Any) -> _Form:
    return _Form(name, tuple(path.split()), frozenset(signs.split()), tuple(text.split()), tuple(start.split()), **more)


_ASSEMBLY: dict[str, Any] = {
    "end": ("end",),
    "unit": 1000,
    "whole": ("audio_url", "audio_duration", "acoustic_model", "language_model", "speech_model"),
}
_FORMS = (
    _form("Deepgram JSON", "results channels *channel alternatives 0 words *", "word start", "punctuated_word word", "start", end=("end",)),
    _form("Deepgram JSON", "results utterances *", "transcript start", "transcript", "start", end=("end",), words=False),
    _form(
        "Amazon Transcribe JSON", "results items *", "alternatives type", "alternatives.0.content", "start_time",
        end=("end_time",), speaker=("speaker_label",),
    ),
    _form("AssemblyAI JSON", "words *", "text start end confidence", "text", "start", **_ASSEMBLY),
    _form("AssemblyAI JSON", "utterances *", "text start end confidence", "text", "start", words=False, **_ASSEMBLY),
    _form("AssemblyAI JSON", "sentences *", "text start end confidence", "text", "start", words=False, **_ASSEMBLY),
    _form("AssemblyAI JSON", "paragraphs *", "text start end confidence", "text", "start", words=False, **_ASSEMBLY),
    _form(
        "Azure JSON", "recognizedPhrases *", "nBest offsetInTicks", "nBest.0.display nBest.0.lexical", "offsetInTicks",
        length=("durationInTicks",), speaker=("speaker", "nBest.0.speaker"), unit=_TICKS, words=False,
    ),
    _form(
        "Azure JSON", "recognizedPhrases *", "nBest offset", "nBest.0.display nBest.0.lexical", "offset",
        length=("duration",), speaker=("speaker", "nBest.0.speaker"), words=False,
    ),
    _form(
        "Azure JSON", "phrases *", "text offsetMilliseconds", "text", "offsetMilliseconds",
        length=("durationMilliseconds",), unit=1000, words=False,
    ),
    _form(
        "Google JSON", "results * alternatives 0 words *", "word", "word", "startTime startOffset start_time start_offset",
        end=("endTime", "endOffset", "end_time", "end_offset"), speaker=("speakerLabel", "speakerTag", "speaker_label", "speaker_tag"),
        nobody=(0, "0", ""),
    ),
    _form(
        "Rev JSON", "monologues * elements *", "type value", "value", "ts",
        end=("end_ts",), speaker=("speaker_info.display_name", "speaker"),
    ),
    _form(
        "Speechmatics JSON", "results *", "type alternatives start_time", "alternatives.0.content", "start_time",
        end=("end_time",), speaker=("alternatives.0.speaker",), nobody=("UU",),
    ),
    _form("Gladia JSON", "result transcription utterances *", "text start", "text", "start", end=("end",), words=False),
    _form("Gladia JSON", "transcription utterances *", "text start", "text", "start", end=("end",), words=False),
    _form("YouTube JSON", "events *", "tStartMs segs", "segs", "tStartMs", length=("dDurationMs",), unit=1000, words=False, rolls=True),
    _form("Hugging Face JSON", "chunks *", "timestamp text", "text", "timestamp.0", end=("timestamp.1",), words=None),
    _form("Hugging Face JSON", "*", "timestamp text", "text", "timestamp.0", end=("timestamp.1",), words=None),
)  # fmt: skip
_LANGUAGES = (
    "language", "language_code", "results.language_code", "results.channels.0.detected_language", "results.0.languageCode",
    "results.0.language_code", "metadata.transcription_config.language", "recognizedPhrases.0.locale", "phrases.0.locale",
    "result.transcription.languages.0", "transcription.languages.0",
)  # fmt: skip


def read(document: object) -> tuple[str, RawTranscript] | None:
    """The form's name and what was found; None where the document is none of these services'."""
    if isinstance(document, dict) and isinstance(document.get("response"), dict):
        document = document["response"]  # Google's long running operation
    for form in _FORMS:
        rows = list(_rows(document, form.path, {}))
        if any(form.signs <= row.keys() for row in rows) and (not form.whole or _are_whole(rows, form)):
            raws, remarks = _channels(form, rows, _older_speakers(document))
            if raws:
                return form.name, RawTranscript(raws, _language(document), remarks=(*remarks, *_guess(document, form)))
    return None


def _rows(value: object, path: Sequence[str], handed: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows at the end of a path, each with what its parents say of it."""
    if not path:
        if isinstance(value, dict):
            yield {**handed, **value} if handed else value
        return
    step, rest = path[0], path[1:]
    if step in (_EACH, _CHANNEL):
        for number, part in enumerate(rows_of(value)):
            own = {key: part[key] for key in _HANDED_DOWN if part.get(key) is not None} if rest else {}
            yield from _rows(part, rest, {**handed, **own, **({"channel": number} if step == _CHANNEL else {})})
    elif step == _FIRST:
        yield from _rows(next(iter(rows_of(value)), None), rest, handed)
    elif isinstance(value, dict) and step in value:
        yield from _rows(value[step], rest, handed)


def _field(row: object, names: Sequence[str]) -> Any:
    """The first of the fields that has a value; None where none has."""
    for name in names:
        value: Any = row
        for step in name.split("."):
            value = dictionary(dict(zip("01", value, strict=False)) if isinstance(value, list) else value).get(step)
        if value is not None:
            return value
    return None


def _are_whole(rows: Sequence[dict[str, Any]], form: _Form) -> bool:
    """Whether all starts are whole numbers, as milliseconds are."""
    starts = [start for row in rows if (start := _field(row, form.start)) is not None]
    return bool(starts) and all(isinstance(start, int) and not isinstance(start, bool) for start in starts)


def _guess(document: object, form: _Form) -> tuple[Remark, ...]:
    if not form.whole or any(key in dictionary(document) for key in form.whole):
        return ()
    return (Remark(GUESSED, "times are whole numbers, taken for milliseconds"),)


def _channels(form: _Form, rows: Sequence[dict[str, Any]], speakers: dict[str, str]) -> tuple[list[RawCue], list[Remark]]:
    """The cues of all channels, each named where nobody else is; one that says what another says is left out."""
    by_channel: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_channel.setdefault(str(_field(row, _CHANNELS)), []).append(row)
    said: dict[tuple[str, ...], str] = {}
    raws: list[RawCue] = []
    remarks: list[Remark] = []
    for channel, own in by_channel.items():
        cues = _cues(form, own, speakers)
        texts = tuple(" ".join(cue.text.split()) for cue in cues)
        if texts and texts in said:
            remarks.append(Remark(LEFT_OUT, f"channel {channel} says what channel {said[texts]} says, and is left out"))
            continue
        said[texts] = channel
        if len(by_channel) > 1:
            cues = [cue if cue.speaker else cue._replace(speaker=f"Channel {channel}") for cue in cues]
        raws += cues
    if len({cue.speaker for cue in raws}) == 1 and remarks:
        raws = [cue._replace(speaker="") if cue.speaker.startswith("Channel ") else cue for cue in raws]
    return raws, remarks


def _cues(form: _Form, rows: Sequence[dict[str, Any]], speakers: dict[str, str]) -> list[RawCue]:
    """Rows as cues: marks belong to the word before them, words become sentences; a word that is given again counts once."""
    found: dict[tuple[object, ...], RawCue] = {}
    last: tuple[object, ...] = ()
    for row in rows:
        text = _said(_field(row, form.text))
        if row.get("type") in _MARKS:
            if text.strip() and last:
                found[last] = found[last]._replace(text=found[last].text + text.strip())
            continue
        if not text.strip():
            continue
        written = _field(row, form.start)
        start, end = _time(written, form.unit), _time(_field(row, form.end), form.unit)
        length = _time(_field(row, form.length), form.unit)
        if start is not None and length is not None:
            end = valid_seconds(start + length)
        if start is None and end is not None and not found:  # Google leaves nought out
            start = 0.0
        if row.get("type") == "unknown":  # Rev's `<inaudible>`
            text = f" {text}"
        last = (start, end, text) if form.words else (len(found),)
        found[last] = RawCue(start, end, text, _speaker(form, row) or speakers.get(str(written), ""))
    cues = list(found.values())
    if form.rolls:
        cues = [_until(one, two) for one, two in pairwise(cues)] + cues[-1:]
    return merge_words(cues) if form.words or (form.words is None and are_words(cues)) else cues


def _until(one: RawCue, two: RawCue) -> RawCue:
    if one.end is None or two.start is None or one.start is None or not one.start < two.start < one.end:
        return one
    return one._replace(end=two.start)


def _said(value: object) -> str:
    """A text, or the parts that YouTube gives of one."""
    return "".join(text_of(part.get("utf8")) for part in rows_of(value)) if isinstance(value, list) else text_of(value)


def _time(value: object, unit: int) -> float | None:
    """Seconds from a number of which `unit` make one, or from `PT1M2.5S`."""
    if isinstance(value, str) and value.startswith("PT"):
        match = _DURATION.fullmatch(value)
        return valid_seconds(int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + float(match[3] or 0)) if match else None
    return seconds(value) if unit == 1 else parts_of_second(value, unit)


def _speaker(form: _Form, row: dict[str, Any]) -> str:
    value = _field(row, form.speaker)
    if value in form.nobody:
        return ""
    name = name_of(value).strip()
    return f"Speaker {name}" if name.isdecimal() or (len(name) == 1 and name.isupper()) else name


def _older_speakers(document: object) -> dict[str, str]:
    """Amazon's older results name speakers apart from the words, by the time a word starts."""
    segments = rows_of(dictionary(dictionary(dictionary(document).get("results")).get("speaker_labels")).get("segments"))
    items = [item for segment in segments for item in rows_of(segment.get("items"))]
    return {str(item.get("start_time")): text_of(item.get("speaker_label")) for item in items}


def _language(document: object) -> str:
    return text_of(_field(document, _LANGUAGES)).replace("_", "-")
