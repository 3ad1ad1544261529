"""Directories that read a feed's address once and keep it: what has to be done there by hand when a show moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.moving.results import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

BY_HAND = (
    (
        "spotify",
        "Spotify reads the new feed",
        "at creators.spotify.com: the show, Settings, “Licensor/Hosting Provider”, Update, and the new address: {feed}",
        "https://help.prx.org/hc/en-us/articles/30744581276827-Why-do-I-hear-outdated-ads-playing-on-my-show-in-Spotify, read 2026-11-29",
    ),
    (
        "amazon",
        "Amazon Music reads the new feed",
        "at podcasters.amazon.com: look which feed the show there has, and enter {feed} (no page of Amazon's on this could be read)",
        "",
    ),
    (
        "youtube",
        "YouTube reads the new feed",
        "at studio.youtube.com: look which feed the podcast there has, and enter {feed}; it keeps its own copies and takes over no changes",
        "https://www.soundbett.de/news/rss-podcasts-youtube-upload, read 2026-11-28",
    ),
)
"""Name, title, what to do, source."""


def by_hand(feed: str) -> Iterator[Step]:
    """Their steps, which nobody can look at from outside."""
    for step, title, how, source in BY_HAND:
        yield Step(step=step, done=None, title=title, said="", how=(how.format(feed=feed),), source=source)
