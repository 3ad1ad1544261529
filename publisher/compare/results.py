"""What a comparison of two feeds found, as `--json` shows it."""

from __future__ import annotations

from dataclasses import dataclass

from feed.findings import Severity  # noqa: TC001  the schema of results needs it
from publisher.core.json_results import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSeen(Result):
    """What one of the two feeds says of itself."""

    address: str
    """Where it was read: an address, a file, or where this folder's feed will be."""
    episodes: int
    """Its episodes, over all its pages; what apps cannot tell apart counts once."""
    pages: int
    """How many documents it has."""
    guid: str
    """The show's `podcast:guid`; empty where it has none."""
    new_feed_url: str
    """Its `itunes:new-feed-url`; empty where it has none."""
    locked: bool
    """Whether `podcast:locked` says yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectSeen(Result):
    """Where the old feed's address leads."""

    address: str
    """The old address."""
    leads_to: str
    """The address that answered in the end; the old one itself where it does not redirect."""
    statuses: tuple[int, ...]
    """The status of each redirect on the way: 301 and 308 are for good, 302, 303 and 307 for now; none where there is no redirect."""
    permanent: bool
    """Whether it redirects, and each step is for good."""
    to_new: bool
    """Whether it leads to the new feed's own address."""
    fault: str
    """Why nothing answered; empty where something did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRow(Result):
    """What one simulated app would make of it."""

    name: str
    """The app, or the library that apps are built with."""
    twice: int
    """How many episodes it would show as new although it has them."""
    missing: int
    """How many it has and would not get again, under no name."""
    source: str
    """Where its rule is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Result):
    """One difference between the two feeds."""

    what: str
    """twice, lost, new, duplicate, guid, date, order, title, enclosure, bytes, duration, artwork, explicit, block, recording, show, locked,
    new-feed-url, paging, redirect or feed."""
    severity: Severity
    """error for what would come twice or be lost, warning for what should be looked at, hint for what is only said."""
    episode: str
    """The guid of the episode in the old feed, of one that is new in the new one; its recording's address where it has none; empty for the
    show."""
    title: str
    """The episode's title; empty for the show."""
    old: str
    """What the old feed says."""
    new: str
    """What the new one says."""
    message: str
    """What differs, in words."""
    apps: tuple[str, ...] = ()
    """The simulated apps in which it would come twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Result):
    """What a subscriber's app would see, if the new feed took the place of the old one."""

    old: FeedSeen
    """The feed that listeners have."""
    new: FeedSeen
    """The feed that they would get."""
    episodes: int
    """How many episodes the old one has, over all its pages."""
    twice: int
    """How many of them would come twice, in the simulated app that does worst."""
    lost: int
    """How many no simulated app would find again in any way."""
    apps: tuple[AppRow, ...]
    """Each simulated app."""
    redirect: RedirectSeen | None
    """Where the old address leads; null where the old feed is a file."""
    findings: tuple[Difference, ...]
    """Every difference."""

    @property
    def safe(self) -> bool:
        """Nothing would come twice, and nothing would be lost."""
        return not self.twice and not self.lost

    @property
    def sentence(self) -> str:
        """The verdict."""
        return f"{self.twice} of {self.episodes} episodes would come twice; {self.lost} would be lost"
