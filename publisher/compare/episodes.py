"""A feed as apps take it: its episodes over all its pages, each with what an app may know it by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from feed.reader.whole_addresses import joined
from feed.rules.parsing import read_duration, read_whole
from feed.text_cleaning import printable_line
from publisher.compare.results import FeedSeen
from publisher.importing.feed_source import is_address, read_source
from publisher.importing.tags.item_recordings import recording_of
from publisher.importing.written_dates import read_written_date
from publisher.web.bounded_fetch import Fetcher, FetchError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from feed.reader import Node
    from publisher.importing.feed_source import Documents


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedEpisode:
    """An `<item>` with a recording. `guid` is without blanks at its ends, `written_guid` as it stands (None: there is no tag); `is_permalink` says
    that its attribute does not say false, `is_link` that none does, however it is spelled; `base` is the feed's address or its own `xml:base`, as far
    as it is known. `duration` is in seconds, `length` in bytes, both as the feed says.
    """

    guid: str
    written_guid: str | None
    is_permalink: bool
    is_link: bool
    base: str
    title: str
    link: str
    written_date: str
    date: dt.datetime | None
    enclosure: str
    type: str
    length: int | None
    duration: int | None
    artwork: str
    explicit: bool
    block: bool

    @property
    def name(self) -> str:
        """What a report calls it: its guid, else the address of its recording."""
        return self.guid or self.enclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed with its episodes in order. `again` are items that apps take for one of them, `silent` those without a recording, `remarks`
    what was mended or missed while it was read.
    """

    seen: FeedSeen
    channel: Node
    episodes: Sequence[ComparedEpisode]
    again: Sequence[ComparedEpisode] = ()
    silent: int = 0
    remarks: Sequence[str] = ()
    base: str = ""
    """Its own `xml:base`, which apps complete guids by instead of its address (podcastparser.py, RSS; feedparser, mixin.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFeed:
    """A feed that is served nowhere yet: where it will be, and each of its documents by its address."""

    address: str
    documents: Mapping[str, bytes]


@dataclass
class _Counted:
    """Documents of `source`, counted."""

    source: Documents
    count: int = 0

    def get(self, url: str, limit: int) -> bytes:
        self.count += 1
        return self.source.get(url, limit)


@dataclass
class _Built:
    documents: Mapping[str, bytes] = field(default_factory=dict)

    def get(self, url: str, limit: int) -> bytes:
        body = self.documents.get(url)
        if body is None or len(body) > limit:
            raise FetchError(
                f"is not built: {url[:300]}", cause="the feed names a page that this folder does not make", code="import-fetch"
            )
        return body


def read_whole_feed(feed: str | BuiltFeed) -> Feed:
    """Every page of a feed. Raises StorageError or UsageError where it cannot be had, ContentError where it is none."""
    if isinstance(feed, BuiltFeed):
        return _read(_Counted(_Built(feed.documents)), feed.address)
    with Fetcher(feed) as fetcher:
        return _read(_Counted(fetcher), feed)


def _read(counted: _Counted, name: str) -> Feed:
    remarks: list[str] = []
    source = read_source(counted, name, remarks, forced=True)
    channel = source.channel
    found = [read_item(item, channel, joined(source.address, source.base)) for item in source.items]
    episodes, again = _once_each([episode for episode in found if episode.enclosure])
    locked = channel.value("podcast:locked").lower() in {"yes", "true"}
    seen = FeedSeen(
        address=name,
        episodes=len(episodes),
        pages=max(1, counted.count) if is_address(name) else 1 + counted.count,
        guid=channel.value("podcast:guid"),
        new_feed_url=channel.value("itunes:new-feed-url"),
        locked=locked,
    )
    silent = sum(not episode.enclosure for episode in found)
    return Feed(seen=seen, channel=channel, episodes=episodes, again=again, silent=silent, remarks=remarks, base=source.base)


def with_base(feed: Feed, base: str) -> Feed:
    """The feed as if it were read at `base` ("": nobody knows where)."""
    return replace(feed, episodes=[replace(episode, base=joined(base, feed.base)) for episode in feed.episodes])


def _once_each(found: list[ComparedEpisode]) -> tuple[list[ComparedEpisode], list[ComparedEpisode]]:
    """The first of those with one name, and the others: archive pages hold again what the feed does, and apps keep the first."""
    names: set[str] = set()
    once: list[ComparedEpisode] = []
    again: list[ComparedEpisode] = []
    for episode in found:
        (again if episode.name in names else once).append(episode)
        names.add(episode.name)
    return once, again


def read_item(item: Node, channel: Node, base: str) -> ComparedEpisode:
    """An item of a feed that was read at `base`."""
    guid, enclosure = item.first("guid"), recording_of(item)
    written = item.value("pubDate")
    date = read_written_date(written) if written else None
    picture = item.attribute("itunes:image", "href")
    return ComparedEpisode(
        guid=item.value("guid"),
        written_guid=guid.text if guid is not None else None,
        is_permalink=guid is not None and guid.get("isPermaLink").lower() in ("", "true"),
        is_link=guid is not None and not any(name.lower() == "ispermalink" and value != "true" for name, value in guid.attributes.items()),
        base=base,
        title=" ".join(printable_line(item.value("title")).split()),
        link=item.value("link"),
        written_date=written,
        date=date.moment if date is not None else None,
        enclosure=enclosure.get("url") if enclosure is not None else "",
        type=enclosure.get("type") if enclosure is not None else "",
        length=read_whole(enclosure.get("length") or enclosure.get("fileSize")) if enclosure is not None else None,
        duration=read_duration(item.value("itunes:duration")),
        artwork=picture if picture != channel.attribute("itunes:image", "href") else "",
        explicit=(item.value("itunes:explicit") or channel.value("itunes:explicit")).lower() in {"yes", "true", "explicit"},
        block=item.value("itunes:block").lower() in {"yes", "true"},
    )


def resolved(address: str, base: str) -> str:
    """An address as apps resolve it; as it is where it cannot be."""
    return joined(base, address) if base else address
