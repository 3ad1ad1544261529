"""The steps that both ways have in common: how long the old address is kept, and directories that read a feed's address once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.moving.results import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WEEKS = 5
KEPT = "https://hilfe.podigee.com/article/165-subdomain-andern (four to five weeks), read 2026-11-29"
APPLE = "Apple's guide to RSS: 301, and `itunes:new-feed-url` in the new feed (archived with the podcast namespace)"

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
"""What has to be done by hand at directories that keep a feed's address: name, title, what to do, source."""


def by_hand(feed: str) -> Iterator[Step]:
    """Their steps, which nobody can look at from outside."""
    for step, title, how, source in BY_HAND:
        yield step_of(step, None, title, how=(how.format(feed=feed),), source=source)


def step_of(step: str, done: bool | None, title: str, said: str = "", how: Sequence[str] = (), source: str = "") -> Step:
    """A line of the list; what is done needs nothing to do."""
    return Step(step=step, done=done, title=title, said=said, how=() if done else tuple(how), source=source)
