"""Written dates as moments: a time zone is never guessed."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from feed.findings import ContentFault

_YEAR_LAST = re.compile(r"\b(\d{1,2})\s?([./-])\s?(\d{1,2})\s?[./-]\s?(\d{4})\b")
_YEAR_FIRST = re.compile(r"\b(\d{4})[./](\d{1,2})[./](\d{1,2})\b")
_TIME = re.compile(
    r"[\sT,]{1,3}(?:um |at )?(\d{1,2})(?:[:.h](\d\d)(?::(\d\d))?(?!\d|\s?[ap]\.?m)| ?Uhr)\s?([+-]\d\d:\d\d|Z)?", re.IGNORECASE
)


def as_iso_date(text: str) -> str:
    """`2026-12-24` for a date that is written `24.12.2026`, `24/12/2026`, `12/24/2026` or `2026/12/24`, with its time where one follows;
    "" where there is none, or two days could be meant.
    """
    if found := _YEAR_LAST.search(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if found[2] != "." and first <= 12 and second <= 12:
            return ""
        day, month = (second, first) if found[2] != "." and second > 12 else (first, second)
    elif found := _YEAR_FIRST.search(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        return ""
    time = _TIME.match(text, found.end())
    try:
        if time is not None:
            clock = dt.time(int(time[1]), int(time[2] or 0), int(time[3] or 0))
            return f"{dt.datetime.combine(dt.date(year, month, day), clock).isoformat()}{time[4] or ''}"
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return ""


def moment_words(at: str, zone: str | None) -> str:
    """`2026-05-21 at 06:00` of a moment in ISO 8601, as clocks of the show show it; in UTC, and said so, where it names no time zone."""
    shown = dt.datetime.fromisoformat(at).astimezone(ZoneInfo(zone) if zone else dt.UTC)
    return f"{shown:%Y-%m-%d at %H:%M}{'' if zone else ' UTC'}"


def resolve_date(value: dt.datetime | dt.date, zone: str | None, release_time: dt.time | None) -> dt.datetime:
    """A written date as an aware one. A time zone is never guessed; an hour that a clock change skips or repeats is a ContentFault."""
    if not isinstance(value, dt.datetime):
        if release_time is None:
            raise ContentFault(
                f"the date {value.isoformat()} has no time",
                code="date-without-time",
                hint=f"write date = {value.isoformat()}T06:00:00, or set release_time under [show]",
            )
        value = dt.datetime.combine(value, release_time)
    if value.tzinfo is not None:
        return value
    if zone is None:
        raise ContentFault(
            f"the date {value.isoformat()} has no offset and the show no time zone",
            code="date-without-zone",
            hint=f'write {value.isoformat()}+02:00, or timezone = "Europe/Berlin" under [show]',
        )
    from dateutil.tz import datetime_ambiguous, datetime_exists

    first = value.replace(tzinfo=ZoneInfo(zone), fold=0)
    if not datetime_exists(first):
        raise ContentFault(
            f"{value.isoformat()} does not exist in {zone}: the clock is put forward over it",
            code="date-in-gap",
            hint=f"write an hour later, or an offset: {first.isoformat()}",
        )
    if datetime_ambiguous(first):
        raise ContentFault(
            f"{value.isoformat()} happens twice in {zone}: the clock is put back over it",
            code="date-in-fold",
            hint=f"write the offset: {first.isoformat()} or {first.replace(fold=1).isoformat()}",
        )
    return first


def zone_of(name: str | None) -> dt.tzinfo:
    """The time zone of that name; UTC for none."""
    return ZoneInfo(name) if name else dt.UTC
