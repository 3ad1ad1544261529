"""What a report is made of: a show's daily sums, its episodes, and how they were counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from publisher.state.published_episodes import PublishedEpisode
    from publisher.state.state import State
    from publisher.stats.counting.windows import Window
    from publisher.stats.numbers import Numbers
    from publisher.stats.period import Period
    from publisher.workspace import Workspace


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
class ShowNumbers:
    """All that is known of one show's downloads.

    `counted` are the days that logs were read of, None where there are none; days from `open_from` on may still grow. `episodes` are
    those published, in any order; `limits` says in sentences what the logs do not tell, `unread` how many lines of them could not be read.
    `only` is the slug of the one episode that is asked for: the others stay, for what is usual is known by them.
    """

    guid: str
    title: str
    language: str = "en"
    episodes: tuple[EpisodeOnce, ...] = ()
    sums: tuple[DailySum, ...] = ()
    old: tuple[OldTotal, ...] = ()
    window: Window = "rolling"
    counted: Period | None = None
    open_from: dt.date | None = None
    limits: tuple[str, ...] = ()
    unread: int = 0
    only: str = ""

    @property
    def slugs(self) -> frozenset[str]:
        """Every episode that is published, or has a number."""
        counted = {row.slug for row in self.sums} | {row.slug for row in self.old}
        return frozenset(counted.union(item.slug for item in self.episodes)) - {""}

    def within(self, period: Period | None) -> tuple[DailySum, ...]:
        """The sums of these days, of all days without a period; of the episode `only` where there is one."""
        return tuple(row for row in self.sums if self._is_asked(row, period))

    def old_within(self, period: Period | None) -> tuple[OldTotal, ...]:
        """The same of the old host's totals."""
        return tuple(row for row in self.old if self._is_asked(row, period))

    def _is_asked(self, row: DailySum | OldTotal, period: Period | None) -> bool:
        return self.only in ("", row.slug) and (period is None or row.date in period)


def show_numbers(workspace: Workspace, state: State, numbers: Numbers) -> ShowNumbers:
    """The numbers of the show of this folder and State."""
    return ShowNumbers(
        guid=workspace.guid(state),
        title=workspace.config.show.title,
        language=workspace.config.show.language,
        episodes=tuple(_episodes(state.episodes.values())),
        sums=tuple(
            DailySum(date=day, slug=slug, app=app, device=device, country=country, downloads=number)
            for day, slug, app, device, country, number in numbers.sums
        ),
        old=tuple(OldTotal(date=day, slug=slug, downloads=number) for day, slug, number in numbers.old),
        window=numbers.window,
        counted=numbers.days,
        open_from=numbers.open_from,
        limits=numbers.limits,
        unread=numbers.unread,
    )


def _episodes(published: Iterable[PublishedEpisode]) -> Iterator[EpisodeOnce]:
    """Those that listeners have. The title of an unlisted one is known to its folder alone."""
    for item in published:
        if not (item.removed or item.withdrawn):
            day = dt.datetime.fromisoformat(item.date).astimezone(dt.UTC).date()
            yield EpisodeOnce(slug=item.slug, title=item.title or item.slug, date=day)
