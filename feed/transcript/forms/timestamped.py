"""Readers of stamped text: `00:00:08: text`, `[00:08] text`, a time on a line of its own, and whole web pages pasted as they are."""

import re
from collections import Counter
from typing import NamedTuple

from feed.findings import GUESSED, Remark
from feed.transcript.raw_cues import RawCue, RawTranscript, WrongForm, parse_clock
from feed.transcript.speaker_labels import take_labels

_TIME = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
_STAMP = re.compile(
    rf"\s*(?:[-–—•*]\s+)?((?:\*\*|__)?[\[(]?)({_TIME})(?:\s*(?:-->|->|–|-|to)\s*({_TIME}))?([\])]?)(\s*[:\-–—|]?\s*)(.*)", re.ASCII
)
_HEADING = re.compile(
    r"(?:show |full |the |episode |zeige |afficher la |ver |mostra )?(?:transcript|transkript|transcription|transcripci[oó]n|trascrizione|"
    r"transcri[cç][aã]o|transcriptie|utskrift|transkription)(?: anzeigen| of this episode)?\s*:?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:(?:new|add a|leave a|post a|write a|your|no|\d{1,4}) )?comments?(?: \(\d{1,4}\))?:?|leave a reply|neuer kommentar|kommentare?|"
    r"kommentar (?:schreiben|hinterlassen)|nouveau commentaire|laisser un commentaire|commentaires?|nuevo comentario|comentarios?|"
    r"nuovo commento|commenti|nieuwe reactie|novo comentário|comentários",
    re.IGNORECASE,
)

_ENDS = (".", "!", "?", "…", '"', "”", "»", "।", "。", "！", "？")


class _Line(NamedTuple):
    style: str
    start: float
    end: float | None
    text: str


def recognise(text: str) -> bool:
    """At least one line starts with a time."""
    return any(_stamp(line) is not None for line in text.split("\n"))


def read(text: str) -> RawTranscript:
    """Stamped lines; text goes on on the next line, with or without blank lines between; a stamp may have no text.

    Of a whole page only the transcript is read: from its heading (else from the first stamp) to a heading like "New
    comment". What follows the last stamped line after a blank line belongs to it where other cues go on like that. Where there
    is no page around them it may, up to the last sentence; else it is left out.
    """
    lines = text.split("\n")
    stamps = [_stamp(line) for line in lines]
    begin = _begin(lines, stamps)
    style = _style([stamp for stamp in stamps[begin:] if stamp])
    stamps = [stamp if stamp and stamp.style == style and number >= begin else None for number, stamp in enumerate(stamps)]
    numbers = [number for number, stamp in enumerate(stamps) if stamp]
    if not numbers:
        raise WrongForm(begin + 1, "no line starts with a time")
    raws: list[RawCue] = []
    left_out = [line.strip() for line in lines[: numbers[0]] if line.strip()]
    across_blanks, alone = False, not left_out
    remarks: tuple[Remark, ...] = ()
    for first, after in zip(numbers, [*numbers[1:], len(lines)], strict=True):
        stamp = stamps[first]
        assert stamp is not None  # noqa: S101  for the type checker
        body, after_blank = _body(stamp.text, lines[first + 1 : after])
        if after < len(lines) or across_blanks:
            across_blanks = across_blanks or bool(after_blank)
            body += after_blank
        tail = next((number for number, line in enumerate(body) if number and _TAIL.fullmatch(line)), len(body))
        if after == len(lines):
            rest = after_blank if not across_blanks else []
            spoken = max((number for number, line in enumerate(rest, 1) if line.endswith(_ENDS)), default=0) if alone else 0
            if spoken:
                remarks = (Remark(GUESSED, f"what stands behind the last time is taken for spoken: {rest[0][:80]}"),)
            left_out += body[tail:] + rest[spoken:]
            body = body[:tail] + rest[:spoken]
        raws.append(RawCue(stamp.start, stamp.end, "\n".join(body)))
    labelled, guessed = take_labels(raws)
    return RawTranscript(labelled, left_out=left_out, remarks=(*remarks, *guessed))


def _body(first: str, rest: list[str]) -> tuple[list[str], list[str]]:
    """The text of one stamp, and what comes after a blank line that follows text."""
    body = [first.strip()] if first.strip() else []
    for number, line in enumerate(rest):
        if line.strip():
            body.append(line.strip())
        elif body:
            return body, [line.strip() for line in rest[number:] if line.strip()]
    return body, []


def _stamp(line: str) -> _Line | None:
    if not line or not (line[0] in "[( \t*_-–—•" or line[0].isdigit()):
        return None
    match = _STAMP.fullmatch(line)
    if match is None:
        return None
    opened, start, end, closed, between, text = match.groups()
    seconds = parse_clock(start)
    if seconds is None or bool(opened.strip("*_")) != bool(closed) or (text and not (closed or between)):
        return None
    return _Line(opened + between.strip(), seconds, parse_clock(end) if end else None, text)


def _begin(lines: list[str], stamps: list[_Line | None]) -> int:
    """After the heading of the transcript when a stamped line follows it, else at the top; what follows a stamp at once is spoken."""
    stamped = [number for number, stamp in enumerate(stamps) if stamp]
    last = stamped[-1] if stamped else -1
    heading = (number for number, line in enumerate(lines[: last + 1]) if _HEADING.fullmatch(line.strip()) and not stamps[number - 1])
    return next(heading, -1) + 1


def _style(stamps: list[_Line]) -> str:
    """The way most times are written here; other times at the start of a line are text."""
    counts = Counter(stamp.style for stamp in stamps)
    return counts.most_common(1)[0][0] if counts else ""
