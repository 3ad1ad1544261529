"""The feed that `[site] url` serves already, for a storage that remembers nothing: what listeners have, read as State."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from feed.findings import ContentFault
from feed.model import AudioFacts
from feed.reader import LARGEST_FEED, Node, read_feed
from feed.rss import GENERATOR
from feed.rules.addresses import extension, split
from feed.rules.parsing import read_date
from feed.times import parse_time
from publisher.core import layout
from publisher.core.addresses import origin, path_below
from publisher.core.errors import StorageError
from publisher.state.published_episodes import NETWORKS, AudioElsewhere, Post, PublishedAudio, PublishedEpisode
from publisher.state.reading import fits_ending, fits_header
from publisher.state.state import State
from publisher.web.web_requests import Limits, get

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.core.layout import Key

LIMITS = Limits(step=5.0, answer=20.0, body=LARGEST_FEED, pauses=())
"""One request, and few seconds: it stands before a first publish."""
UNDECIDED = frozenset({408, 425, 429})
"""Answers that say nothing of the file; so do those from 500 on."""

_TOOT = re.compile(r"https://([a-z0-9.:-]{1,200})/@[\w.-]{1,100}/(\d{1,30})", re.ASCII)
_RECORD = re.compile(r"https://bsky\.app/profile/([A-Za-z0-9.:%_-]{1,200})/post/([A-Za-z0-9]{1,40})")
_PLACEHOLDER = re.compile(r"(^|\.)(example(\.(com|net|org))?|invalid)\.?$", re.IGNORECASE)


@dataclass(frozen=True)
class LiveFeed:
    """A feed that lies where ours would go. `address` is its key on the storage, or the web address that serves it (`online`)."""

    address: str
    body: bytes
    online: bool = False

    @cached_property
    def recordings(self) -> dict[str, tuple[Key, str]]:
        """Of each guid the key and the web address of the recording; only what Airdate named."""
        found = {item.value("guid"): (_named(item), item.attribute("enclosure", "url")) for item in self._items}
        return {guid: (named.key, url) for guid, (named, url) in found.items() if named is not None}

    @cached_property
    def guids(self) -> set[str]:
        """The guid of every item; none of a feed that cannot be read."""
        return {item.value("guid") for item in self._items} - {""}

    @property
    def title(self) -> str:
        """The show's name."""
        return self._channel.value("title") if self._channel is not None else ""

    @cached_property
    def state(self) -> State | None:
        """What it says of the show, as far as State would: its guid, and a Ledger of its episodes. None where another program wrote it."""
        guid = self._channel.value("podcast:guid") if self._channel is not None else ""
        ours = self._channel is not None and self._channel.value("generator") == GENERATOR
        episodes = [_episode(item) or (_episode_elsewhere(item, self.address) if ours else None) for item in self._items]
        known = [item for item in episodes if item is not None]
        if not self.online or not guid or len(known) < len(episodes):
            return None
        return State(show_guid=guid, show_title=self.title, episodes={item.slug: item for item in known})

    @cached_property
    def _channel(self) -> Node | None:
        try:
            return read_feed(self.body).channel
        except ContentFault:
            return None

    @property
    def _items(self) -> list[Node]:
        return self._channel.all("item") if self._channel is not None else []


@dataclass(frozen=True)
class LastSeen(LiveFeed):
    """What this machine last saw published, where neither the storage nor the show's address tells: `known` is the copy of State."""

    known: State = field(default_factory=State)

    @cached_property
    def recordings(self) -> dict[str, tuple[Key, str]]:
        """Of each guid the key and the web address of the recording."""
        site = self.known.site_url.rstrip("/")
        return {item.guid: (item.audio.key, f"{site}/{item.audio.key}") for item in self.known.episodes.values() if item.audio is not None}

    @property
    def state(self) -> State:
        """Its Ledger: guids, addresses, recordings and words; none of the objects is on the storage."""
        return State(show_guid=self.known.show_guid, show_title=self.known.show_title, episodes=self.known.episodes)


def served_feed(feed_url: str, say: Callable[[str], None]) -> LiveFeed | None:
    """The feed at its address; None where there is no such file, no such host, or no feed. One request.

    Raises StorageError when the host does not tell: listeners may have the show.
    """
    parts = split(feed_url)
    host = (parts.hostname if parts is not None else None) or ""
    if not host or _PLACEHOLDER.search(host):
        return None
    answer = get(feed_url, LIMITS)
    if answer.nobody:
        say(f"Nobody answers as {host}: taken for a first publish.")
        return None
    if answer.status == 0 or answer.status >= 500 or answer.status in UNDECIDED or answer.challenged:
        raise StorageError(
            "nothing is remembered of this show here, and its address does not tell whether listeners have it already",
            cause=f"{feed_url} {answer.outcome}",
            hint="nothing was published; run this again when it answers. If the show was never published: publish --force adopt",
            code="served-unreachable",
        )
    return LiveFeed(feed_url, answer.content, online=True) if answer.status == 200 and _is_feed(answer.content) else None


def _is_feed(body: bytes) -> bool:
    """Whether it is a feed, be it a damaged one: many hosts answer a page of theirs to whatever is asked."""
    try:
        return bool(read_feed(body).channels)
    except ContentFault:
        return b"<rss" in body[:4096].lower()


def _named(item: Node) -> layout.KeyReading | None:
    """The recording of an item, where its address ends as we name them."""
    try:
        path = unquote(urlsplit(item.attribute("enclosure", "url")).path)
    except ValueError:
        return None
    return layout.recording_in(path)


def _episode(item: Node) -> PublishedEpisode | None:
    """An item as a line of the Ledger; None where Airdate did not write it."""
    named, date, guid = _named(item), read_date(item.value("pubDate"))[0], item.value("guid")
    if named is None or date is None or not guid or not fits_ending(named.parts["ending"]):
        return None
    facts = _facts(item, named.parts["ending"])
    audio = PublishedAudio(key=named.key, revision=0, recording_sha256="", recording_size=0, facts=facts)
    posts = _posts(item, date.isoformat())
    return PublishedEpisode(slug=named.owner, guid=guid, date=date.isoformat(), title=item.value("title"), audio=audio, posts=posts)


def _episode_elsewhere(item: Node, feed_url: str) -> PublishedEpisode | None:
    """An item whose recording is at the host that the show came from, known by its page here; None where that is none of ours."""
    date, guid, url = read_date(item.value("pubDate"))[0], item.value("guid"), item.attribute("enclosure", "url")
    path = path_below(item.value("link"), feed_url.rpartition("/")[0])
    page = layout.page_in(f"/{path}") if path is not None else None
    if page is None or date is None or not guid or not origin(url):
        return None
    elsewhere = AudioElsewhere(url=url, facts=_facts(item, extension(url) or "mp3"), hosts=(origin(url),))
    return PublishedEpisode(slug=page.owner, guid=guid, date=date.isoformat(), title=item.value("title"), elsewhere=elsewhere)


def _posts(item: Node, at: str) -> tuple[Post, ...]:
    """The posts that an item leads to: where they are known no more, feed and pages would lose them."""
    found: dict[str, Post] = {}
    for node in item.all("podcast:socialInteract"):
        address = node.get("uri")
        if node.get("protocol") == "activitypub" and (toot := _TOOT.fullmatch(address)):
            found.setdefault("mastodon", Post(network="mastodon", status="posted", at=at, host=toot[1], address=address, id=toot[2]))
        elif node.get("protocol") == "atproto" and (record := _RECORD.fullmatch(address)):
            name = f"at://{record[1]}/app.bsky.feed.post/{record[2]}"
            found.setdefault("bluesky", Post(network="bluesky", status="posted", at=at, address=address, id=name))
    return tuple(found[network] for network in NETWORKS if network in found)


def _facts(item: Node, ending: str) -> AudioFacts:
    """What an item tells of its recording."""
    length, kind = item.attribute("enclosure", "length"), item.attribute("enclosure", "type")
    size = int(length) if length.isascii() and length.isdigit() and len(length) < 18 else 0
    try:
        duration = parse_time(item.value("itunes:duration"))
    except ValueError:
        duration = 0.0
    return AudioFacts(size=size, sha256="", duration=duration, type=kind if fits_header(kind) else "", extension=ending)
