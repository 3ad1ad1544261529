"""Which log files were read, which days they touch, and which days may be counted anew because all their logs are here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

DAY = dt.timedelta(days=1)


class LogFile(NamedTuple):
    """A log file that was read, as `tables.FILES` has it."""

    name: str
    mark: str
    form: str
    sha256: str
    stem: str
    bytes: int
    begins: str
    lines: int = 0
    unread: int = 0
    late: int = 0
    first: dt.datetime | None = None
    last: dt.datetime | None = None

    @property
    def days(self) -> Iterator[dt.date]:
        """The days that it may tell of."""
        return days_between(self.first.date(), self.last.date()) if self.first and self.last else iter(())

    def meets(self, first: dt.date, last: dt.date) -> bool:
        """Whether it may tell of one of these days."""
        return self.first is not None and self.last is not None and self.first.date() <= last and first <= self.last.date()

    def replaces(self, other: LogFile) -> bool:
        """Whether it is the other log written anew, as where a day's log was fetched again: of the same name, and no later in time. A log that
        was begun after the other one was moved away begins about where that one ends.
        """
        if self.name != other.name or not (self.first and other.first and other.last):
            return False
        return self.first <= other.first + (other.last - other.first) / 2


class Recount(NamedTuple):
    """Days that are counted anew one after the other, `first` to `last`; what they are read from begins at `lead`."""

    lead: dt.date
    first: dt.date
    last: dt.date

    @property
    def days(self) -> Iterator[dt.date]:
        """The days that are counted anew."""
        return days_between(self.first, self.last)


@dataclass(frozen=True, slots=False, kw_only=True)
class Wholeness:
    """What is known of a source's files: `files` are those read before and now, `here` the hashes of those whose bytes can be read.

    Days from `closed_to` on are open: their requests are kept, so nothing of them is missing.
    """

    files: Collection[LogFile]
    here: Collection[str]
    closed_to: dt.date

    @cached_property
    def _touched(self) -> Mapping[dt.date, bool]:
        """The days that logs told of, and whether all these logs are here."""
        found: dict[dt.date, bool] = {}
        for file in self.files:
            for day in file.days:
                found[day] = found.get(day, True) and file.sha256 in self.here
        return found

    @cached_property
    def _oldest(self) -> dt.date:
        return min(self._touched, default=self.closed_to)

    def is_whole(self, day: dt.date) -> bool:
        """Whether every request of a day is kept, or in a log that is here. A day without logs is whole."""
        return day >= self.closed_to or self._touched.get(day, True)

    def may_be_counted(self, day: dt.date) -> bool:
        """Whether a closed day can be counted anew: its requests, the starts of windows before it, and what its windows went on to."""
        return all(map(self.is_whole, (day - DAY, day, day + DAY)))

    def runs(self, changed: Iterable[dt.date]) -> tuple[Recount, ...]:
        """What is counted anew where closed days have new requests: these days, those before them, whose windows may fill, and those after
        them as far as they can be, for each start of a window moves the next.
        """
        wanted = {near for day in changed for near in (day - DAY, day) if near < self.closed_to and self.may_be_counted(near)}
        found: list[Recount] = []
        for day in sorted(wanted):
            if found and day <= found[-1].last:
                continue
            last = day
            while last + DAY < self.closed_to and self.may_be_counted(last + DAY):
                last += DAY
            lead = day
            while lead > self._oldest and self.is_whole(lead - DAY):
                lead -= DAY
            found.append(Recount(lead, day, last))
        return tuple(found)

    def to_read(self, runs: Iterable[Recount]) -> set[str]:
        """The hashes of the files that hold what is counted anew."""
        spans = [(run.lead, run.last + DAY) for run in runs]
        return {file.sha256 for file in self.files if any(file.meets(*span) for span in spans)}

    def telling(self, days: Collection[dt.date]) -> set[str]:
        """The hashes of the files that may tell of one of these days."""
        return {file.sha256 for file in self.files if any(day in days for day in file.days)}

    def closed_here(self) -> set[dt.date]:
        """The closed days that logs tell of which are here."""
        return {day for file in self.files if file.sha256 in self.here for day in file.days if day < self.closed_to}

    def open_here(self) -> set[dt.date]:
        """The open days whose logs are all here."""
        return {day for day, whole in self._touched.items() if whole and day >= self.closed_to}


def together(files: Iterable[LogFile]) -> Iterator[dict[str, str]]:
    """Logs of several forms that tell of one day: the form of each by its name, one for each form, for each such day."""
    by_day: dict[dt.date, dict[str, str]] = {}
    for file in files:
        for day in file.days:
            by_day.setdefault(day, {})[file.form] = file.name
    yield from ({name: form for form, name in forms.items()} for forms in by_day.values() if len(forms) > 1)


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Each day, both ends included."""
    while first <= last:
        yield first
        first += DAY
