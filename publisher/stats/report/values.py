"""What a report is made of: a show's daily sums, its episodes, and how they were counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

WindowKind = Literal["calendar", "rolling", "extending"]
"""The windows of Podcast Technical Measurement Guidelines 2.3 within which a listener's requests for an episode are one download."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySum:
    """Downloads of an episode on a day (UTC). `app`, `device` and `country` (ISO 3166, two letters) are "" where they are not known."""

    date: dt.date
    slug: str
    app: str = ""
    device: str = ""
    country: str = ""
    downloads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OldTotal:
    """What the old host counted on a day, by rules of its own; `slug` is "" for the show as a whole."""

    date: dt.date
    slug: str = ""
    downloads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeOnce:
    """An episode: its name in addresses, its title, and the day (UTC) it came out."""

    slug: str
    title: str
    date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days, both ends included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    @classmethod
    def ending(cls, last: dt.date, days: int) -> Span:
        """So many days up to this one."""
        return cls(first=last - dt.timedelta(days=days - 1), last=last)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowNumbers:
    """All that is known of one show's downloads.

    `counted` are the days that logs were read of, None where there are none; days from `open_from` on may still grow. `episodes` are
    those published, in any order; `limits` says in sentences what the logs do not tell, `unread` how many lines of them could not be read.
    """

    guid: str
    title: str
    language: str = "en"
    episodes: tuple[EpisodeOnce, ...] = ()
    sums: tuple[DailySum, ...] = ()
    old: tuple[OldTotal, ...] = ()
    window: WindowKind = "rolling"
    counted: Span | None = None
    open_from: dt.date | None = None
    limits: tuple[str, ...] = ()
    unread: int = 0

    def within(self, span: Span | None) -> ShowNumbers:
        """The sums of these days alone; of all days without a span."""
        return self if span is None else replace(self, sums=tuple(row for row in self.sums if row.date in span))

    def of(self, slug: str) -> ShowNumbers:
        """The numbers of one episode alone; its show's episodes stay, for comparison is made with them."""
        return replace(self, sums=_of(self.sums, slug), old=tuple(row for row in self.old if row.slug == slug))


def _of(sums: Iterable[DailySum], slug: str) -> tuple[DailySum, ...]:
    return tuple(row for row in sums if row.slug == slug)
