"""The dates of any feed in the world, read as apps read them: RFC 5322 and what hosts write instead of it.

Nothing is taken from today's date, as dateutil does for what is missing, and `GMT+2` is two hours ahead, as its writers mean it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMPACT = re.compile(r"\d{8}(?:t\d{4,6}(?:z|[+-]\d{2,4})?)?")
_TIME = re.compile(r"(?<![\d+-])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:\s*([ap])\.?m\b\.?)?(?![\d:])")
_OFFSET = re.compile(r"(?<!\w)(?:(?:gmt|utc?|z)\s*)?([+-])(\d{1,2}?)(?::?(\d{2}))?(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:t|(?!\d))")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")
_WORD = re.compile(r"[^\W\d_]+|\d+(?:st|nd|rd|th)?|[^\s\w]")
_WEEKDAY = re.compile(r"\s*[^\W\d_]{2,12}\.?\s*,")
"""What stands before a comma at the beginning is a weekday, in whatever language: apps pass over it (email.utils, parsedate_tz)."""
_SILENT = frozenset(["um", "uhr", "at", "of", "den", "der", ",", ".", "-", "/"])
"""What may stand between the parts of a date and says nothing."""

_MONTHS = (
    ("january", "januar", "jänner", "jaenner"),
    ("february", "februar", "feber"),
    ("march", "märz", "maerz", "mrz"),
    ("april",),
    ("may", "mai"),
    ("june", "juni"),
    ("july", "juli"),
    ("august",),
    ("september",),
    ("october", "oktober"),
    ("november",),
    ("december", "dezember"),
)
_WEEKDAYS = (
    "weds",
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag"),
)
_MILITARY = frozenset("abcdefghiklmnopqrstuvwxyz")
"""RFC 5322 4.3: read as UTC, because RFC 822 got their signs wrong and nobody knows which was meant."""

_ZONES: dict[str, float] = {
    **dict.fromkeys(("ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("bst", "west", "cet", "mez", "met", "wat"), 1),
    **dict.fromkeys(("cest", "mesz", "mest", "eet", "oez", "sast"), 2),
    **dict.fromkeys(("eest", "oesz", "msk", "trt", "eat"), 3),
    "pkt": 5,
    "ist": 5.5,
    **dict.fromkeys(("ict", "wib"), 7),
    **dict.fromkeys(("awst", "hkt", "sgt", "pht"), 8),
    **dict.fromkeys(("jst", "kst"), 9),
    "acst": 9.5,
    "aest": 10,
    "acdt": 10.5,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
    "ndt": -2.5,
    **dict.fromkeys(("adt", "art", "brt"), -3),
    "nst": -3.5,
    **dict.fromkeys(("ast", "edt"), -4),
    **dict.fromkeys(("est", "cdt"), -5),
    **dict.fromkeys(("cst", "mdt"), -6),
    **dict.fromkeys(("mst", "pdt"), -7),
    **dict.fromkeys(("pst", "akdt"), -8),
    "akst": -9,
    "hst": -10,
}
"""Hours ahead of UTC. RFC 5322 4.3 has the American ones; of a name with several meanings it is the one that feeds use."""


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date that could be read: its `moment` in whole seconds, with its own offset, and whether it names a zone (else it is UTC)."""

    moment: dt.datetime
    zoned: bool


def read_written_date(text: str) -> WrittenDate | None:
    """What a feed's date says; None for what cannot be read, or not for certain (`3/4/2021`).

    Without a time it is 00:00; `24:00:00` and a 60th second are the moment after them.
    """
    text = re.sub(r"\([^()]*\)", " ", text[:200].lower().replace("\N{MINUS SIGN}", "-"))
    for read, part in ((_compact, text.strip()), (_loose, _WEEKDAY.sub("", text, count=1)), (_loose, text)):
        try:
            if read is not _compact or _COMPACT.fullmatch(part):
                return read(part)
        except (ValueError, OverflowError):
            continue
    return None


def _compact(text: str) -> WrittenDate | None:
    """ISO 8601 without separators."""
    moment = dt.datetime.fromisoformat(text.upper())
    return _in_our_time(moment.replace(tzinfo=moment.tzinfo or dt.UTC), zoned=moment.tzinfo is not None)


def _loose(text: str) -> WrittenDate | None:
    """Date, time and zone, wherever they stand. Raises ValueError for what no calendar has."""
    hours = minutes = seconds = 0
    zone: float | None = None
    time = _TIME.search(text)
    if time is not None:
        hours, minutes, seconds = int(time[1]), int(time[2]), int(time[3] or 0)
        if time[4]:
            hours = hours % 12 + (12 if time[4] == "p" else 0)
        after = text[time.end() :]
        offset = _OFFSET.search(after)
        if offset is not None:
            zone = int(offset[2]) + int(offset[3] or 0) / 60
            zone = -zone if offset[1] == "-" else zone
            after = f"{after[: offset.start()]} {after[offset.end() :]}"
        text = f"{text[: time.start()]} {after}"
    later = dt.timedelta()
    if (hours, minutes, seconds) == (24, 0, 0):
        hours, later = 0, dt.timedelta(days=1)
    elif seconds == 60:
        seconds, later = 59, dt.timedelta(seconds=1)
    day, words = _day(text)
    for word in words:
        if zone is None and (word in _ZONES or (time is not None and word in _MILITARY)):
            zone = _ZONES.get(word, 0)
        elif word not in _SILENT and word not in _ZONES and not _begins_one_of(word, _WEEKDAYS, 2):
            return None
    moment = dt.datetime.combine(day, dt.time(hours, minutes, seconds), dt.timezone(dt.timedelta(hours=zone or 0)))
    return _in_our_time(moment + later, zoned=zone is not None)


def _day(text: str) -> tuple[dt.date, list[str]]:
    """The day, and the words that say something else. Raises ValueError where there is none."""
    for pattern, order in ((_YEAR_FIRST, (1, 2, 3)), (_DAY_FIRST, (3, 2, 1))):
        if found := pattern.search(text):
            year, month, day = (int(found[place]) for place in order)
            return dt.date(year, month, day), _WORD.findall(f"{text[: found.start()]} {text[found.end() :]}")
    month, numbers, words = 0, [], []
    for word in _WORD.findall(text):
        named = next((place for place, names in enumerate(_MONTHS, 1) if _begins_one_of(word, names, 3)), 0)
        if named and not month:
            month = named
        elif word[0].isdecimal():
            numbers.append(word.rstrip("stndrh"))
        else:
            words.append(word)
    if len(numbers) != 2:
        raise ValueError(f"no day: {text}")
    day, year = reversed(numbers) if len(numbers[0]) == 4 else numbers
    return dt.date(_full_year(year), month, int(day)), words


def _full_year(written: str) -> int:
    """RFC 5322 4.3: of two digits, 00 to 49 are after 2000; of three, 1900 is added."""
    year = int(written)
    return year + (0 if len(written) > 3 else 2000 if len(written) < 3 and year < 50 else 1900)


def _begins_one_of(word: str, names: Iterable[str], least: int) -> bool:
    """Whether a word of at least so many letters is one of these names, or how it begins."""
    return len(word) >= least and any(name.startswith(word) for name in names)


def _in_our_time(moment: dt.datetime, *, zoned: bool) -> WrittenDate | None:
    """None for a year in which nobody published a recording: the date is a slip."""
    return WrittenDate(moment.replace(microsecond=0), zoned) if 1900 <= moment.year <= 2200 else None
