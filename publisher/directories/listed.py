"""Whether directories list a show: Apple's search and the Podcast Index are asked, others tell nobody."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from feed.text_cleaning import read_json
from publisher.core.secret_variables import secret_in
from publisher.web.web_requests import Limits, get

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

LIMITS = Limits(threads=1, step=10.0, answer=20.0, body=4_000_000)
KEY, SECRET = "PODCASTINDEX_API_KEY", "PODCASTINDEX_API_SECRET"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryServices:
    """Where the two that can be asked answer."""

    apple: str = "https://itunes.apple.com/search"
    podcast_index: str = "https://api.podcastindex.org/api/1.0/podcasts/byfeedurl"


SERVICES = DirectoryServices()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a directory says of a show: `listed` None is not known, `said` is its page there, or why it is not known."""

    listed: bool | None
    said: str


def at_apple(feed_url: str, title: str) -> Listing:
    """Whether Apple's search finds the show of this title with this feed; it answers without a key, about 20 times a minute."""
    query = urlencode({"media": "podcast", "entity": "podcast", "limit": 200, "term": title})
    document, why = _ask(f"{SERVICES.apple}?{query}")
    rows = [row for row in _rows(document, "results") if _same(row.get("feedUrl"), feed_url)]
    if rows:
        return Listing(listed=True, said=str(rows[0].get("collectionViewUrl", "")))
    return Listing(listed=None, said=why) if why else Listing(listed=False, said="its search finds no show of this title with this feed")


def at_podcast_index(feed_url: str, now: dt.datetime) -> Listing:
    """Whether the Podcast Index has this feed; it wants a free key and its secret, from the environment."""
    key, secret = secret_in(KEY), secret_in(SECRET)
    if not (key and secret):
        return Listing(listed=None, said=f"set {KEY} and {SECRET} (free, from api.podcastindex.org) to ask it")
    moment = str(int(now.timestamp()))
    digest = hashlib.sha1(f"{key}{secret}{moment}".encode(), usedforsecurity=False).hexdigest()
    signed = {"X-Auth-Key": key, "X-Auth-Date": moment, "Authorization": digest}
    document, why = _ask(f"{SERVICES.podcast_index}?{urlencode({'url': feed_url})}", signed)
    if why:
        return Listing(listed=None, said=why)
    number = document.get("feed", {}).get("id") if isinstance(document.get("feed"), dict) else None
    if isinstance(number, int):
        return Listing(listed=True, said=f"https://podcastindex.org/podcast/{number}")
    return Listing(listed=False, said="it does not know this feed")


def _ask(address: str, headers: Mapping[str, str] | None = None) -> tuple[dict[str, Any], str]:
    """The JSON object at an address, and why there is none."""
    answer = get(address, LIMITS, headers)
    host = urlsplit(address).hostname
    if answer.status == 400 and headers:  # what the Podcast Index says of a feed that it does not know
        return {}, ""
    if answer.status != 200:
        return {}, f"{host} {answer.outcome}"
    try:
        document = read_json(answer.content)
    except ValueError:
        return {}, f"{host} answers no JSON"
    return (document, "") if isinstance(document, dict) else ({}, f"{host} answers something else")


def _rows(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = document.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _same(one: object, other: str) -> bool:
    """Whether two addresses lead to one feed: scheme and the last slash aside."""
    return isinstance(one, str) and one.partition("://")[2].rstrip("/") == other.partition("://")[2].rstrip("/")
