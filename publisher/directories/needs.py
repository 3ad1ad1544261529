"""What directories ask of a show, looked up in the feed that is served: what they will see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.findings import ContentFault
from feed.reader import LARGEST_FEED, FeedDocument, read_feed
from publisher.web.web_requests import Limits, get

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.directories.entries import Need

LIMITS = Limits(threads=1, step=10.0, answer=30.0, body=LARGEST_FEED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """One thing that is asked for. `met` None is not known, `said` what was found or what to do."""

    need: Need
    met: bool | None
    said: str


def look(feed_url: str) -> list[Met]:
    """What the feed at its address has of what directories ask for."""
    answer = get(feed_url, LIMITS, {"Accept-Encoding": "gzip"})
    why = "" if answer.status == 200 else f"the feed {answer.outcome}"
    try:
        document = None if why else read_feed(answer.content, mended=False)
    except ContentFault as fault:
        document, why = None, f"no feed is served there: {fault.message}"
    if document is None:
        unknown: tuple[Need, ...] = ("episode", "artwork", "category", "owner")
        told = "`publish` puts it into a bucket, and `publish bucket` opens that; a folder is uploaded. Then `publish verify --online`"
        first = Met(need="online", met=False, said=f"{why}. {told}")
        return [first, *(Met(need=need, met=None, said="known once the feed is online") for need in unknown)]
    return [Met(need="online", met=True, said="the feed answers"), *_in_feed(document)]


def _in_feed(document: FeedDocument) -> Iterator[Met]:
    channel, count = document.channel, len(document.items)
    artwork, category = channel.attribute("itunes:image", "href"), channel.attribute("itunes:category", "text")
    owner = channel.first("itunes:owner")
    email = owner.value("itunes:email") if owner is not None else ""
    yield Met(need="episode", met=count > 0, said=f"{count} in the feed" if count else "publish one first; a trailer is enough")
    yield Met(need="artwork", met=bool(artwork), said=artwork or "put a square picture of 3000 by 3000 pixels there as artwork.jpg")
    yield Met(need="category", met=bool(category), said=category or "write `categories` under [show]")
    ask = "write `email` and `public = true` under [show.owner], and take `public` out again when the code has come"
    yield Met(need="owner", met=bool(email), said=email or ask)
