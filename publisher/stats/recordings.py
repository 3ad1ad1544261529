"""The show's recordings as the count knows them: all that were ever published, with how many bytes a minute has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from publisher.state.published_episodes import PublishedEpisode

Row = tuple[str, str, int, int, int, float]
"""As `publisher.stats.counting.tables.RECORDINGS` has it."""


def recordings_of(episodes: Iterable[PublishedEpisode]) -> Iterator[Row]:
    """A row for each recording, under each of its keys, and for each other encoding; of withdrawn episodes as well: they had listeners.

    A minute is that of the average bit rate: what is left of the file without its tag, by its duration.
    """
    for episode in episodes:
        duration = 0.0
        if episode.audio is not None:
            facts, duration = episode.audio.facts, episode.audio.facts.duration
            header = max(facts.tag_bytes, facts.cover_bytes)
            minute = (facts.size - header) * 60 / duration if duration > 0 else 0
            for key in episode.audio.keys:
                yield key, episode.slug, facts.size, header, round(minute), duration
        for other in episode.alternates:
            yield other.key, episode.slug, other.size, 0, other.bitrate * 60 // 8, duration
