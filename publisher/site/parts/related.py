"""Related episodes: those before it that share the rarest words, guests and tags. It only looks back, so that a page once made stays."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from feed.word_boundaries import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from publisher.render.episode_sources import EpisodeSources

SHOWN = 3
RECENT = 24
"""So many of the newest episodes with a word are looked at: what all share tells nothing, and cost stays even."""
_LEAST = 2.0
_GUEST, _TAG, _SEASON = 2.0, 1.5, 0.25


def related(episodes: Sequence[EpisodeSources]) -> Mapping[str, tuple[EpisodeSources, ...]]:
    """Up to SHOWN earlier episodes for every slug, best first; never the one just before it, which is linked anyway. `episodes` are newest first."""
    posted: dict[str, list[int]] = defaultdict(list)
    found: dict[str, tuple[EpisodeSources, ...]] = {}
    ordered = list(reversed(episodes))
    for index, episode in enumerate(ordered):
        features = _features(episode)
        scores: dict[int, float] = defaultdict(float)
        for feature, weight in features.items():
            before = posted[feature]
            if before and 2 * len(before) <= index:
                rarity = weight * math.log((index + 1) / len(before))
                for other in before[-RECENT:]:
                    scores[other] += rarity
        scores.pop(index - 1, None)
        best = sorted([(-score, -other) for other, score in scores.items() if score >= _LEAST])
        found[episode.slug] = tuple(ordered[-other] for _, other in best[:SHOWN])
        for feature in features:
            posted[feature].append(index)
    return found


def _features(episode: EpisodeSources) -> dict[str, float]:
    """What an episode is about, each with its weight: words of title and summary, tags, guests, season."""
    written = episode.source.written
    features = dict.fromkeys(_words(written.summary or ""), 0.5) | dict.fromkeys(_words(written.title), 1.0)
    features |= {f"tag:{tag.casefold()}": _TAG for tag in written.tags}
    features |= {f"guest:{name}": _GUEST for name in written.guests}
    if written.season is not None:
        features[f"season:{written.season}"] = _SEASON
    return features


def _words(text: str) -> Iterable[str]:
    """The words of a text that tell something: three letters or more, in scripts without spaces two signs."""
    return [word for word in words(text) if word[0].isalpha() and (len(word) > 2 or word >= "\u0e00")]
