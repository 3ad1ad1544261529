"""Which episode of the old feed each episode of the new one is, in each app, and what follows from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.compare.apps import APPS, App

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from publisher.compare.episodes import ComparedEpisode

_LIKE = 500
"""Episodes of one key that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """By place in the feeds: of each new episode the old one that it is (`pairs`; none: nobody knows it), the old ones that come `twice`
    and those that go `missing`, by app; and those that are `lost` everywhere.
    """

    pairs: Mapping[int, int]
    twice: Mapping[str, Sequence[int]]
    missing: Mapping[str, Sequence[int]]
    lost: Sequence[int]


def match(old: Sequence[ComparedEpisode], new: Sequence[ComparedEpisode], apps: Sequence[App] = APPS) -> Matches:
    """What each app makes of the new feed, when it has every episode of the old one."""
    found = {app.name: _found(app, old, new) for app in apps}
    pairs: dict[int, int] = {}
    for place in range(len(new)):
        for known in found.values():
            if place in known:
                pairs[place] = known[place]
                break
    everywhere = {place for known in found.values() for place in known.values()}
    twice = {name: {pairs[place] for place in pairs if place not in known} for name, known in found.items()}
    whole = set(range(len(old)))
    return Matches(
        pairs=pairs,
        twice={name: sorted(places) for name, places in twice.items()},
        missing={name: sorted(whole.difference(known.values(), twice[name])) for name, known in found.items()},
        lost=sorted(whole - everywhere),
    )


def _found(app: App, old: Sequence[ComparedEpisode], new: Sequence[ComparedEpisode]) -> dict[int, int]:
    """Of each new episode that the app knows, which old one it is; of several it is one that is still free."""
    tables = []
    for way in app.ways:
        table: dict[Hashable, list[int]] = defaultdict(list)
        for place, episode in enumerate(old):
            key = way.key(episode)
            if key is not None and len(table[key]) < _LIKE:
                table[key].append(place)
        tables.append((way, table))
    taken: set[int] = set()
    known = {}
    for place, episode in enumerate(new):
        for way, table in tables:
            key = way.key(episode)
            fitting = [other for other in table.get(key, ()) if way.fits(old[other], episode)] if key is not None else []
            if fitting:
                known[place] = next((other for other in fitting if other not in taken), fitting[0])
                taken.add(known[place])
                break
    return known
