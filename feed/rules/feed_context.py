"""What the rules about a feed look at: the document with its items read once, and what is known beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed.rules.parsing import JudgedDate, read_date, read_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from feed.model import AudioFacts, ImageFacts
    from feed.reader import FeedDocument, Node

_ADDRESSES = frozenset({"url", "href", "uri"})
_TEXTS = frozenset({"link", "comments", "docs", "itunes:new-feed-url"})
"""Elements whose text is an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One `<item>` with what many rules ask for: its guid (None where it has none), its date as written, duration in seconds, enclosure."""

    node: Node
    guid: str | None
    written_date: JudgedDate
    duration: int | None
    enclosure: Node | None
    kind: str

    @property
    def date(self) -> datetime | None:
        """When the episode was published; None where that cannot be read."""
        return self.written_date.date


def _item(node: Node) -> Item:
    written = node.value("pubDate")
    return Item(
        node=node,
        guid=node.value("guid") or None,
        written_date=read_date(written) if written else JudgedDate(None, ""),
        duration=read_duration(node.value("itunes:duration")),
        enclosure=node.first("enclosure"),
        kind=node.value("itunes:episodeType").lower() or "full",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """A feed to be checked. `feed_url` is where it is, or will be, fetched; `now` makes dates in the future visible.

    `hidden` says that `itunes:block` is meant. `recordings` (guid -> facts of the published copy), `pictures` (address ->
    facts) and `integrities` (address -> `sha384-…`) let rules compare with the files where these are at hand.
    """

    document: FeedDocument
    feed_url: str | None = None
    now: datetime | None = None
    hidden: bool = False
    recordings: Mapping[str, AudioFacts] = field(default_factory=dict)
    pictures: Mapping[str, ImageFacts] = field(default_factory=dict)
    integrities: Mapping[str, str] = field(default_factory=dict)
    items: tuple[Item, ...] = field(init=False)
    """The document's items, read once for all rules."""
    addresses: tuple[tuple[Node, str, str | None, str], ...] = field(init=False)
    """Each address in the feed: the element, its text as it is written, the episode's guid (None: the show), `show` or `episode`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(map(_item, self.document.items)))
        object.__setattr__(self, "addresses", tuple(self._addresses()))

    @property
    def channel(self) -> Node:
        """The one channel."""
        return self.document.channel

    def parents(self) -> Iterator[tuple[Node, str | None, str]]:
        """The channel and every item: node, guid (None: the show), and how the keys of its fields begin."""
        yield self.channel, None, "show"
        for item in self.items:
            yield item.node, item.guid, "episode"

    def _addresses(self) -> Iterator[tuple[Node, str, str | None, str]]:
        for parent, guid, prefix in self.parents():
            for child in parent.children:
                if child.name == "item":
                    continue
                for node in child.walk() if child.named else (child,):
                    for name, value in node.attributes.items():
                        if name in _ADDRESSES:
                            yield node, value, guid, prefix
                    if node.name in _TEXTS and node.text:
                        yield node, node.text.strip(), guid, prefix
