"""Any transcript file to cues: the form is recognised by its content, never by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.findings import GUESSED, LEFT_OUT, ContentFault, Remark
from feed.text_decoding import Decoded, decode_text, is_text
from feed.transcript.forms import captions, html_form, json_form, plain_rows, speaker_turns, substation, timestamped, ttml
from feed.transcript.normal_form import CueRepair, normalise
from feed.transcript.raw_cues import RawTranscript, WrongForm
from feed.transcript.speaker_labels import take_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feed.model import Cue

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
LARGEST = 8_000_000
"""Bytes of a transcript; three hours of word-level JSON are about two million."""
LONGEST_LINE = 20_000
"""Characters in one line of a text form; JSON and HTML may stand in a single line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptReading:
    """A transcript as read: the name of its `form`, the `language` it says it is in ("" when it does not), its cues in normal
    form (see `repair`), what was mended on the way, and what was guessed or left out.
    """

    form: str
    language: str
    cues: tuple[Cue, ...]
    repairs: tuple[CueRepair, ...]
    remarks: tuple[Remark, ...] = ()


def read_transcript(data: bytes, *, duration: float | None = None, language: str = "") -> TranscriptReading:
    """The cues of a transcript in any known form and encoding; `duration` is the audio's, in seconds, `language` the one it should be in.

    Forms: WebVTT, SRT, TTML, ASS, SBV, TSV, JSON (podcast namespace, Podlove, DOTe, Whisper and relatives, services), HTML, Otter,
    Descript, lines that start with a time, and whole pages pasted as text. Raises ContentFault `transcript-too-large` above 8 MB or with a line
    of text over 20,000 characters, `transcript-unreadable` when no form fits, with the first line that did not,
    `text-encoding` for a text in no script of the language.
    """
    text, remarks = _decode(data, language)
    tried: list[str] = []
    misfit: WrongForm | None = None
    refused = ""
    for name, recognise, read in _FORMS:
        tried.append(name)
        if not recognise(text):
            continue
        if name not in _ONE_LINERS:
            _refuse_long_lines(text)
        try:
            form, found = read(text)
        except WrongForm as fault:
            misfit, refused = misfit or fault, refused or name
            continue
        if all(raw.start is None for raw in found.raws):
            misfit, refused = misfit or WrongForm(_first_line(text)[0], f"{form} without a single time"), refused or name
            continue
        cues, repairs = normalise(found.raws, duration)
        if not cues:
            misfit, refused = misfit or WrongForm(_first_line(text)[0], f"{form} without any text"), refused or name
            continue
        if misfit is not None:
            why = f"line {misfit.line} does not fit {refused} ({misfit.why}); read as {form}"
            remarks = (*remarks, Remark(GUESSED, why))
        named = found.language if _LANGUAGE.fullmatch(found.language) else ""
        return TranscriptReading(
            form=form, language=named, cues=cues, repairs=repairs, remarks=(*_left_out(found.left_out), *found.remarks, *remarks)
        )
    raise _unreadable(text, tried, misfit)


def _decode(data: bytes, language: str) -> Decoded:
    """The text with plain line ends."""
    if len(data) > LARGEST:
        raise ContentFault(
            f"the transcript has {len(data)} bytes; the limit is {LARGEST} (8 MB)",
            code="transcript-too-large",
            hint="is this really the transcript? WebVTT needs about 80 kB an hour",
        )
    if not is_text(data):
        raise ContentFault(
            "the transcript is no text",
            code="transcript-unreadable",
            line=1,
            hint="is it a document (Word, PDF), a picture or a recording under this name? export the transcript as WebVTT or SRT",
        )
    text, remarks = decode_text(data, language)
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), remarks)


def _left_out(lines: Sequence[str]) -> tuple[Remark, ...]:
    if not lines:
        return ()
    many = f"{len(lines)} lines around the transcript are" if len(lines) > 1 else "a line beside the transcript is"
    return (Remark(LEFT_OUT, f"{many} left out{', the first' if len(lines) > 1 else ''}: {lines[0][:80]}"),)


def _named(name: str, read: Callable[[str], RawTranscript]) -> Callable[[str], tuple[str, RawTranscript]]:
    return lambda text: (name, read(text))


def _read_html(text: str) -> tuple[str, RawTranscript]:
    """The marked stretches, else the page's text in whatever text form it holds."""
    raws, language, lines = html_form.scan(text)
    if raws:
        return "HTML", _labelled(RawTranscript([raw._replace(text=" ".join(raw.text.split())) for raw in raws], language))
    _refuse_long_lines(lines)
    for _, recognise, read in _TEXT_FORMS:
        if recognise(lines):
            return "HTML", read(lines)[1]._replace(language=language)
    raise WrongForm(1, "HTML without times")


def _read_json(text: str) -> tuple[str, RawTranscript]:
    """Any of the JSON forms."""
    form, found = json_form.read(text)
    return form, _labelled(found)


def _labelled(found: RawTranscript) -> RawTranscript:
    """Labels within the texts of a form that has a place of its own for speakers, where it names none there."""
    if any(raw.speaker for raw in found.raws):
        return found
    raws, guessed = take_labels(found.raws)
    return found._replace(raws=raws, remarks=(*found.remarks, *guessed))


_Form = tuple[str, "Callable[[str], bool]", "Callable[[str], tuple[str, RawTranscript]]"]
_TEXT_FORMS: tuple[_Form, ...] = (
    ("Otter", speaker_turns.recognise_otter, _named("Otter text", speaker_turns.read_otter)),
    ("Descript", speaker_turns.recognise_descript, _named("Descript text", speaker_turns.read_descript)),
    ("lines that start with a time", timestamped.recognise, _named("stamped text", timestamped.read)),
)
_FORMS: tuple[_Form, ...] = (
    ("WebVTT", captions.recognise_vtt, _named("WebVTT", captions.read_vtt)),
    ("JSON", json_form.recognise, _read_json),
    ("TTML", ttml.recognise, _named("TTML", lambda text: _labelled(ttml.read(text)))),
    ("HTML", html_form.recognise, _read_html),
    ("ASS", substation.recognise, _named("ASS", substation.read)),
    ("SRT", captions.recognise_srt, _named("SRT", captions.read_srt)),
    ("SBV", plain_rows.recognise_sbv, _named("SBV", plain_rows.read_sbv)),
    ("TSV", plain_rows.recognise_tsv, _named("TSV", plain_rows.read_tsv)),
    *_TEXT_FORMS,
)
_ONE_LINERS = ("JSON", "TTML", "HTML")


def _refuse_long_lines(text: str) -> None:
    if len(text) <= LONGEST_LINE:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise ContentFault(
                f"line {number} of the transcript has {len(line)} characters; the limit is {LONGEST_LINE}",
                code="transcript-too-large",
                line=number,
                hint="is this really a transcript with times?",
            )


def _first_line(text: str) -> tuple[int, str]:
    """Number and text of the first line that is not blank."""
    return next(((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()), (1, ""))


def _unreadable(text: str, tried: Sequence[str], misfit: WrongForm | None) -> ContentFault:
    number, line = _first_line(text)
    if misfit is not None and misfit.line > 1:
        number = misfit.line
        line = next((line for at, line in enumerate(text.split("\n"), 1) if at == number), "")
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line.strip()[:80])
    why = f" ({misfit.why})" if misfit else ""
    message = "the transcript is empty" if not line.strip() and misfit is None else f"line {number} does not fit{why}: {shown}"
    return ContentFault(
        f"no form of transcript fits; {message}",
        code="transcript-unreadable",
        line=number,
        hint=f"tried {', '.join(tried[:-1])} and {tried[-1]}; export the transcript as WebVTT or SRT",
    )
