"""How a long list of episodes is spread over pages, so that a page that is full keeps its bytes; and the order a serial show is told in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from publisher.render.episode_content import EpisodeContent
from publisher.render.episode_sources import EpisodeSources
from publisher.site.parts.page_values import ARCHIVE_EPISODES

if TYPE_CHECKING:
    from collections.abc import Sequence

Episode = TypeVar("Episode", EpisodeSources, EpisodeContent)
FIRST_EPISODES = 10
"""At least so many episodes stand on a first page, if there are so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One page of a list: `window` is its part of it. `number` 0 is the page people are led to; None where nothing follows."""

    number: int
    window: slice
    back: int | None = None
    onward: int | None = None


def newest_first(count: int, size: int = ARCHIVE_EPISODES) -> tuple[Leaf, ...]:
    """Pages of a list that starts with the newest: the first grows, the others are full and numbered from the oldest."""
    full = max(-(-count // size) - 1, 0)
    if full and count - full * size < FIRST_EPISODES:
        full -= 1
    leaves = [Leaf(number=0, window=slice(0, count - full * size), onward=full or None)]
    for number in range(full, 0, -1):
        end = count - (number - 1) * size
        back = number + 1 if number < full else 0
        leaves.append(Leaf(number=number, window=slice(end - size, end), back=back, onward=number - 1 or None))
    return tuple(leaves)


def oldest_first(count: int, size: int = ARCHIVE_EPISODES) -> tuple[Leaf, ...]:
    """Pages of a list that starts with the oldest: only the last grows. The first is number 0, the next 2."""
    last = max(-(-count // size), 1)
    return tuple(
        Leaf(
            number=0 if place == 1 else place,
            window=slice((place - 1) * size, place * size),
            back=None if place == 1 else (0 if place == 2 else place - 1),
            onward=place + 1 if place < last else None,
        )
        for place in range(1, last + 1)
    )


def in_story_order(episodes: Sequence[Episode], *, serial: bool) -> list[Episode]:
    """`episodes` (newest first) as they are told: by date; in a serial show by season and number, whatever the dates say.

    What has no number (a trailer, a bonus) stays behind the episode it came out after, or opens its season.
    """
    ordered = list(reversed(episodes))
    if not serial:
        return ordered
    places: dict[str, tuple[int, float]] = {}
    here: tuple[int, float] = (0, 0)
    for episode in ordered:
        written = episode.source.written
        if written.episode is not None:
            here = (written.season or 0, written.episode)
        elif (written.season or 0) > here[0]:
            here = (written.season or 0, 0)
        places[episode.slug] = here
    return sorted(ordered, key=lambda episode: places[episode.slug])
