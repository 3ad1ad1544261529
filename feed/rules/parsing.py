"""Dates and numbers as feeds write them, and whether they are well written."""

import re
from datetime import datetime, timedelta, timezone

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DATE = re.compile(
    r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s{1,3})?(\d{1,2})\s{1,3}(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s{1,3}(\d{4})\s{1,3}"
    r"(\d\d):(\d\d)(?::(\d\d))?\s{1,3}(?:([+-]\d{4})|(GMT|UT))"
)
_WHOLE = re.compile(r"\d{1,9}")
_CLOCK = re.compile(r"(\d{1,9})(?::([0-5]\d)(?::([0-5]\d))?)?")


def read_date(text: str) -> tuple[datetime | None, str]:
    """A date as RFC 2822 writes it, and what is wrong with it ("" when nothing is).

    A wrong weekday still gives the date; anything else that is wrong gives None.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None, f"is not an RFC 2822 date with a numeric zone: {text[:60]!r}"
    weekday, day, month, year, hour, minute, second, zone, _ = match.groups()
    offset = timedelta()
    if zone:
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5])) * (-1 if zone[0] == "-" else 1)
    try:
        clock = int(hour), int(minute), int(second or 0)
        date = datetime(int(year), _MONTHS.index(month) + 1, int(day), *clock, tzinfo=timezone(offset))
    except ValueError:
        return None, f"is not a day or time that exists: {text[:60]!r}"
    if date.year < 1900:
        return None, f"is before 1900, which no reader understands: {text[:60]!r}"
    right = _DAYS[date.weekday()]
    return date, "" if weekday in (None, right) else f"says {weekday}, but that day is a {right}"


def read_whole(text: str) -> int | None:
    """A whole number written in digits, None for anything else."""
    return int(text) if text.isascii() and _WHOLE.fullmatch(text) else None


def read_number(text: str) -> float | None:
    """A finite, not negative decimal number, None for anything else."""
    return float(text) if text.isascii() and re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text) else None


def is_seconds(value: object) -> bool:
    """A number of JSON that can be a time in a recording."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e7


def read_duration(text: str) -> int | None:
    """Seconds from `itunes:duration`: a whole number, MM:SS or HH:MM:SS; None for anything else."""
    match = _CLOCK.fullmatch(text) if text.isascii() else None
    if match is None:
        return None
    seconds = 0
    for part in match.groups():
        if part is not None:
            seconds = seconds * 60 + int(part)
    return seconds
