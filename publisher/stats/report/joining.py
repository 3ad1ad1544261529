"""What was counted, and the show it was counted for, as a report takes them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from feed.guids import show_guid
from publisher.stats.report.values import DailySum, EpisodeOnce, OldTotal, ShowNumbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from publisher.load.config_tables import Config
    from publisher.state.published_episodes import PublishedEpisode
    from publisher.state.state import State
    from publisher.stats.numbers import Numbers


def show_numbers(config: Config, state: State, numbers: Numbers) -> ShowNumbers:
    """The numbers of the show of this config and State."""
    return ShowNumbers(
        guid=config.show.guid or state.show_guid or show_guid(config.feed_url),
        title=config.show.title,
        language=config.show.language,
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
