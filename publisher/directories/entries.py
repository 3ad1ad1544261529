"""The table of directories: one row each, with its source and the day it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Need = Literal["online", "episode", "artwork", "category", "owner"]
"""What a directory may ask of a show: a feed that answers to anyone, a published episode, artwork, a category, the owner's e-mail in
the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A directory or an app of its own: `address` is opened to enter the feed, `needs` is what it asks for.

    `asked` names the service that knows whether a show is listed; where it is empty nobody can be asked. `source` is the page that says
    so, read on the day `checked` (ISO 8601).
    """

    name: str
    address: str
    needs: tuple[Need, ...]
    note: str
    source: str
    checked: str
    asked: Literal["", "apple", "podcast index"] = ""


DIRECTORIES = (
    Directory(
        name="Apple Podcasts",
        address="https://podcastsconnect.apple.com",
        needs=("online", "episode", "artwork", "category"),
        note="With an Apple account. Enter it here first: several apps list what Apple lists.",
        source="https://podcasters.apple.com/support/823-podcast-requirements",
        checked="2026-11-28",
        asked="apple",
    ),
    Directory(
        name="Spotify",
        address="https://creators.spotify.com",
        needs=("online", "episode", "artwork", "owner"),
        note="It sends a code of eight digits to the e-mail address in the feed.",
        source="https://support.spotify.com/de/creators/article/adding-your-email-address-to-your-rss-feed",
        checked="2026-11-28",
    ),
    Directory(
        name="YouTube Music",
        address="https://studio.youtube.com",
        needs=("online", "episode", "owner"),
        note="Create, New podcast, Submit RSS feed; a code comes by e-mail. It keeps copies, and fetches no changed recording again.",
        source="https://www.soundbett.de/news/rss-podcasts-youtube-upload",
        checked="2026-11-28",
    ),
    Directory(
        name="Amazon Music",
        address="https://podcasters.amazon.com",
        needs=("online", "episode", "artwork", "owner"),
        note="With an Amazon account; its terms are worth reading. That it writes to the address in the feed is hearsay.",
        source="https://nullrouted.space/2020/08/11/dont-put-your-podcast-on-amazon-music-audible/",
        checked="2026-11-28",
    ),
    Directory(
        name="Podcast Index",
        address="https://podcastindex.org/add",
        needs=("online", "episode"),
        note="Without an account. Many apps search it.",
        source="https://podcastindex-org.github.io/docs-api/",
        checked="2026-11-28",
        asked="podcast index",
    ),
    Directory(
        name="Pocket Casts",
        address="https://pocketcasts.com/submit/",
        needs=("online", "episode"),
        note="Public or unlisted; without an account.",
        source="https://lizdenys.com/journal/articles/podcast-submission-notes.html",
        checked="2026-11-28",
    ),
    Directory(
        name="Overcast",
        address="https://overcast.fm/podcasterinfo",
        needs=("online",),
        note="Nothing to enter: it lists what Apple lists, after a day or two.",
        source="https://overcast.fm/podcasterinfo",
        checked="2026-11-28",
    ),
)
"""In the order in which one enters a show."""
