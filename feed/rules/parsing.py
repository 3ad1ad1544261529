"""Dates and numbers as feeds write them, and whether they are well written."""

import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from feed.findings import ERROR, WARNING, Severity

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DATE = re.compile(
    r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s{1,3})?(\d{1,2})\s{1,3}(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s{1,3}(\d{4})\s{1,3}"
    r"(\d\d):(\d\d)(?::(\d\d))?\s{1,3}(?:([+-]\d{4})|(GMT|UT))"
)
_OLD_DATE = re.compile(
    r"(?:(mon|tue|wed|thu|fri|sat|sun)\s{0,3},\s{0,3})?(\d{1,2})\s{1,3}(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\s{1,3}(\d\d|\d{4})\s{1,3}"
    r"(\d\d:\d\d(?::\d\d)?)(?:\s{1,3}(?:([+-]\d{4})|(utc?|gmt|[ecmp][sd]t|[a-ik-z])))?",
    re.IGNORECASE,
)
_ZONES = {"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8}
"""Hours from UTC, as RFC 2822 4.3 reads them; single letters are UTC there, for nobody wrote them alike."""
_WHOLE = re.compile(r"\d{1,18}")
_CLOCK = re.compile(r"(\d{1,9})(?::([0-5]\d)(?::([0-5]\d))?)?")


class JudgedDate(NamedTuple):
    """A date of a feed (None: it cannot be read), what is wrong with how it is written ("": nothing), and how much that matters."""

    date: datetime | None
    fault: str
    severity: Severity = ERROR


def read_date(text: str) -> JudgedDate:
    """A date as RFC 2822 writes it, and what is wrong with it.

    A wrong weekday and the old forms of RFC 822 (EST, two digits of a year, no zone: UTC) still give the date; anything
    else that is wrong gives None. Old forms are warnings: RFC 2822 4.3 has them read, and the W3C validator warns of them.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        old = _OLD_DATE.fullmatch(text)
        if old is None:
            return JudgedDate(None, f"is not an RFC 2822 date with a numeric zone: {text[:60]!r}")
        read = read_date(_in_full(*old.groups()))
        return read if read.fault else JudgedDate(read.date, f"is written as RFC 822 did, not as RFC 2822: {text[:60]!r}", WARNING)
    weekday, day, month, year, hour, minute, second, zone, _ = match.groups()
    offset = timedelta()
    if zone:
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5])) * (-1 if zone[0] == "-" else 1)
    try:
        clock = int(hour), int(minute), int(second or 0)
        date = datetime(int(year), _MONTHS.index(month) + 1, int(day), *clock, tzinfo=timezone(offset))
    except ValueError:
        return JudgedDate(None, f"is not a day or time that exists: {text[:60]!r}")
    if date.year < 1900:
        return JudgedDate(None, f"is before 1900, which no reader understands: {text[:60]!r}")
    right = _DAYS[date.weekday()]
    return JudgedDate(date, "" if weekday in (None, right) else f"says {weekday}, but that day is a {right}")


def _in_full(weekday: str | None, day: str, month: str, year: str, time: str, zone: str | None, name: str | None) -> str:
    """A date in an old form, as RFC 2822 writes it."""
    if len(year) == 2:
        year = f"{'20' if int(year) < 50 else '19'}{year}"
    start = f"{weekday.capitalize()}, " if weekday else ""
    zone = zone or f"{_ZONES.get((name or '').upper(), 0):+03}00"
    return f"{start}{day} {month.capitalize()} {year} {time} {zone}"


def read_whole(text: str) -> int | None:
    """A whole number written in digits, None for anything else."""
    return int(text) if text.isascii() and _WHOLE.fullmatch(text) else None


def read_number(text: str) -> float | None:
    """A finite, not negative decimal number, None for anything else."""
    return float(text) if text.isascii() and re.fullmatch(r"\d{1,18}(?:\.\d{1,18})?", text) else None


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
