"""The days that are asked for: a month, a day, or from one to another."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from publisher.core.errors import UsageError

_FORM = r"\d{4}-\d\d(?:-\d\d)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days by UTC, both ends counted."""

    first: dt.date
    last: dt.date

    @classmethod
    def ending(cls, last: dt.date, days: int) -> Period:
        """So many days up to this one."""
        return cls(first=last - dt.timedelta(days=days - 1), last=last)

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


def is_period(text: str) -> bool:
    """Whether a word looks like a period."""
    return re.fullmatch(rf"{_FORM}(?:\.\.{_FORM})?", text) is not None


def read_period(text: str) -> Period:
    """`2026-06`, `2026-06-03`, `2026-06..2026-08` or `2026-06-03..2026-06-09`. Raises UsageError."""
    first, found, last = text.partition("..")
    try:
        if is_period(text):
            period = Period(first=_days(first)[0], last=_days(last if found else first)[1])
            if period.first <= period.last:
                return period
    except ValueError:
        pass
    raise UsageError(
        f"not a period: {text}", hint="a month, a day, or from one to another: 2026-06, 2026-06-03, 2026-06-03..2026-06-09", code="usage"
    )


def _days(text: str) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month, or a day twice. Raises ValueError."""
    if len(text) > len("2026-06"):
        return dt.date.fromisoformat(text), dt.date.fromisoformat(text)
    year, month = int(text[:4]), int(text[5:])
    first = dt.date(year, month, 1)
    return first, first.replace(day=calendar.monthrange(year, month)[1])
