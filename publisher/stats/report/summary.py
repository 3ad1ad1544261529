"""What people ask of numbers, out of daily sums: a week and the one before, an episode's first days beside what is usual, shares."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.stats.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from publisher.stats.report.values import DailySum, EpisodeOnce, ShowNumbers

STEPS = (1, 7, 30)
"""Days after which an episode is looked at; the day it came out (UTC) is the first."""
COMPARED = 20
"""So many of the newest episodes say what is usual for a show."""
FEWEST = 3
"""Of fewer episodes nothing is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDays:
    """An episode's downloads after each of STEPS days, None for a step that is not over yet or began before the logs; and all of them.

    `curve` are its downloads after one day, two days and so on, up to 30, as far as logs tell; empty where they began later than it.
    """

    episode: EpisodeOnce
    after: Mapping[int, int | None]
    curve: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of all downloads: what it is called, how many, and how much of the whole (0 to 1)."""

    name: str
    downloads: int
    part: float


def weeks(shows: Sequence[ShowNumbers], today: dt.date) -> tuple[Period, Period] | None:
    """The last seven days that are over and that logs were read of, and the seven before; None without such a day.

    `today` is by UTC. Of several shows the one whose logs reach furthest decides.
    """
    reach = [show.counted.last for show in shows if show.counted is not None]
    if not reach:
        return None
    this = Period.ending(min(max(reach), today - dt.timedelta(days=1)), 7)
    return this, Period.ending(this.first - dt.timedelta(days=1), 7)


def by_day(sums: Iterable[DailySum]) -> dict[tuple[dt.date, str], int]:
    """Downloads by day and episode, in this order."""
    found: Counter[tuple[dt.date, str]] = Counter()
    for row in sums:
        found[row.date, row.slug] += row.downloads
    return dict(sorted(found.items()))


def by_episode(sums: Iterable[DailySum]) -> dict[str, int]:
    """Downloads by episode, the most downloaded first."""
    return _most_first(sums, lambda row: row.slug)


def total(sums: Iterable[DailySum]) -> int:
    """All downloads."""
    return sum(row.downloads for row in sums)


def shares(sums: Sequence[DailySum], name: Callable[[DailySum], str]) -> tuple[Share, ...]:
    """How downloads are divided by what `name` says of a sum, the largest part first."""
    whole = total(sums)
    return tuple(Share(name=key, downloads=number, part=number / whole) for key, number in _most_first(sums, name).items() if number)


def first_days(show: ShowNumbers, last: dt.date) -> tuple[FirstDays, ...]:
    """The first days of each episode that came out, the newest first; `last` is the last day that is over."""
    daily = by_day(show.sums)
    totals = by_episode(show.sums)
    out = [episode for episode in show.episodes if episode.date <= last]
    newest_first = sorted(out, key=lambda episode: (episode.date, episode.slug), reverse=True)
    return tuple(_first_days(show, episode, daily, totals, last) for episode in newest_first)


def _first_days(
    show: ShowNumbers, episode: EpisodeOnce, daily: Mapping[tuple[dt.date, str], int], totals: Mapping[str, int], last: dt.date
) -> FirstDays:
    known = show.counted is not None and show.counted.first <= episode.date
    days = min((last - episode.date).days + 1, STEPS[-1]) if known else 0
    curve, so_far = [], 0
    for number in range(days):
        so_far += daily.get((episode.date + dt.timedelta(days=number), episode.slug), 0)
        curve.append(so_far)
    return FirstDays(
        episode=episode,
        after={step: curve[step - 1] if step <= len(curve) else None for step in STEPS},
        curve=tuple(curve),
        total=totals.get(episode.slug, 0),
    )


def usual(rows: Sequence[FirstDays]) -> dict[int, int | None]:
    """The median of the newest COMPARED episodes after each of STEPS days; None of fewer than FEWEST."""
    return {step: _median([number for row in rows if (number := row.after[step]) is not None]) for step in STEPS}


def usual_curve(rows: Sequence[FirstDays], beside: str) -> tuple[int, ...]:
    """The median after one day, two days and so on of all episodes but `beside`, as long as there are FEWEST of them."""
    others = [row.curve for row in rows if row.episode.slug != beside]
    medians = (_median([curve[day] for curve in others if day < len(curve)]) for day in range(STEPS[-1]))
    found: list[int] = []
    for number in medians:
        if number is None:
            break
        found.append(max(number, found[-1] if found else 0))  # where an older episode drops out, nothing is taken back
    return tuple(found)


def _median(newest_first: Sequence[int]) -> int | None:
    compared = newest_first[:COMPARED]
    return round(statistics.median(compared)) if len(compared) >= FEWEST else None


def _most_first(sums: Iterable[DailySum], name: Callable[[DailySum], str]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in sums:
        found[name(row)] += row.downloads
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
