"""Values of a chapters file, whatever its form: times, links, and the fault that names a line."""

from __future__ import annotations

from feed.findings import ContentFault
from feed.text_cleaning import one_line
from feed.times import parse_time

_TRIED = (
    "JSON chapters, ffprobe's JSON, Podlove Simple Chapters and Matroska chapters (XML), WebVTT, SRT, a cue sheet, ffmetadata, "
    "CHAPTER01= lines, Audacity labels, and lines “HH:MM:SS Title” (mp4chaps, Auphonic)"
)


def unreadable(message: str, line: int) -> ContentFault:
    """The fault of a file that does not fit its form; line 0 where none can be named."""
    return ContentFault(message, code="chapters-unreadable", line=line, hint=f"tried: {_TRIED}")


def shown(text: str) -> str:
    """A text as a message quotes it, at most 80 characters."""
    text = one_line(text)
    return f"“{text[:80]}…”" if len(text) > 80 else f"“{text}”"


def moment(value: object, line: int, what: str) -> float:
    """A written time in seconds. Raises ContentFault, which says `what` it is."""
    try:
        return parse_time(value)
    except (ValueError, OverflowError):
        raise unreadable(f"{what} is no time: {shown(str(value)[:200])}", line) from None


def end_of(value: object, start: float, line: int, what: str) -> float | None:
    """The written end of what begins at `start`, in seconds; None where there is none or it is not later."""
    if value is None or value == "":
        return None
    end = moment(value, line, what)
    return end if end > start else None


def web_address(text: str) -> str:
    """A link with a scheme a browser may follow; else none."""
    return text if text.lower().startswith(("https://", "http://")) else ""
