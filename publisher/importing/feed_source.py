"""The feed that a show is taken from: an address or a file, all its pages, mended where it is broken."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urljoin

from feed.findings import ContentFault
from feed.reader import LARGEST_FEED, FeedDocument, Node, read_feed
from feed.reader.whole_addresses import WholeAddresses, joined
from feed.rules.addresses import is_part_of_address, is_web
from feed.text_cleaning import printable_line
from publisher.core.console import count_words
from publisher.core.errors import ContentError, UsageError
from publisher.importing.tags.item_recordings import address_of_recording
from publisher.web.bounded_fetch import FetchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from publisher.web.bounded_fetch import Fetcher

EPISODES = 20_000
"""Items of all pages together; what is beyond is named and left."""


class Documents(Protocol):
    """Where the documents of a feed come from: a Fetcher, or what is not served yet."""

    def get(self, url: str, limit: int) -> bytes:
        """The document at `url`, at most `limit` bytes. Raises FetchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """A whole feed. `address` is where it is served, as far as is known: a file may not say; `base` is its own `xml:base`, "" where it has none."""

    address: str
    base: str
    channel: Node
    items: Sequence[Node]


def is_address(feed: str) -> bool:
    """Whether it is fetched; anything else is a file."""
    return feed.lower().startswith(("http://", "https://"))


def read_source(fetcher: Documents, feed: str, warnings: list[str], *, forced: bool = False) -> FeedSource:
    """The show's feed; each mend and limit is in `warnings`.

    Raises StorageError or UsageError where it cannot be had, ContentError where it is none, or is locked and that is not `forced`.
    """
    raw = fetcher.get(feed, LARGEST_FEED) if is_address(feed) else _read(feed)
    document = _parsed(raw, feed, warnings)
    address = feed if is_address(feed) else _own_address(document)
    if not forced:
        _refuse_locked(document.channel)
    channel, items = _whole(document, address, warnings)
    if not items:
        warnings.append("the feed holds no episodes")
    ids = {_identity(item) for item in items}
    here, seen = document, {address, feed}
    while len(items) < EPISODES:
        following = next((link.get("href") for link in here.channel.all("atom:link") if link.get("rel") in {"next", "prev-archive"}), "")
        if not following:
            break
        page = urljoin(address, following)
        if page in seen or not is_address(page):
            what = "one that was read already" if page in seen else "what is no address of the web"
            warnings.append(f"older episodes may be missing: the feed names as its next page {what}: {printable_line(page)[:300]}")
            break
        seen.add(page)
        try:
            here = _parsed(fetcher.get(page, LARGEST_FEED), page, warnings)
        except (FetchError, ContentError) as error:
            warnings.append(f"older episodes are missing: {error.message}: {error.cause}")
            break
        _, further = _whole(here, page, warnings)
        new = {_identity(item) for item in further} - ids
        if not new:
            warnings.append(f"older episodes may be missing: this page of the feed holds no further ones: {printable_line(page)[:300]}")
            break
        ids |= new
        items += further
        address = page
    if len(items) > EPISODES:
        warnings.append(f"the feed has more than {EPISODES:,} episodes; {len(items) - EPISODES:,} of those read are left out")
    elif len(items) == EPISODES:
        warnings.append(f"{EPISODES:,} episodes are read; the feed may have more")
    base = document.root.get("xml:base").strip()
    return FeedSource(address=feed if is_address(feed) else _own_address(document), base=base, channel=channel, items=items[:EPISODES])


def is_completed(item: Node) -> bool:
    """Whether gPodder and feedparser complete the guid of an item by the feed's address: nothing says that it is none, and it may be part of one."""
    node, guid = item.first("guid"), item.value("guid")
    says = {value for name, value in node.attributes.items() if name.lower() == "ispermalink"} if node is not None else {"false"}
    return says <= {"true"} and is_part_of_address(guid) and not is_web(guid)


def guid_base(fetcher: Fetcher, source: FeedSource) -> str:
    """What the guids of a feed are completed by: its own `xml:base`, else the address that answers in the end; "" where none is
    completed, or nobody knows where the feed lies.
    """
    if not any(map(is_completed, source.items)):
        return ""
    found = fetcher.look(source.address).address if is_address(source.address) else ""
    base = joined(found or source.address, source.base)
    return base if is_address(base) else ""


def _read(feed: str) -> bytes:
    try:
        with Path(feed).open("rb") as file:
            return file.read(LARGEST_FEED + 1)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the feed cannot be read: {feed}",
            cause=getattr(error, "strerror", None) or str(error),
            hint="give the file, or the address that begins with https://",
            code="feed-unreadable",
        ) from error


def _parsed(raw: bytes, address: str, warnings: list[str]) -> FeedDocument:
    try:
        document = read_feed(unpacked(raw))
    except ContentFault as fault:
        raise ContentError(f"the feed cannot be read: {address}", [fault.finding(address)], code="import-feed") from fault
    if not document.channels:
        cause, hint = _other_document(document.root)
        raise ContentError(f"this is no podcast feed: {address}", cause=cause, hint=hint, code="import-feed")
    warnings += [f"the feed was mended: {mend}: {address}" for mend in document.mends]
    return document


def _other_document(root: Node) -> tuple[str, str]:
    """What a document without a <channel> is, and what to do."""
    if root.name == "atom:feed":
        return "it is an Atom feed, and podcast apps' form is RSS", "most hosts serve both: give the address of the RSS feed"
    if root.name.endswith("}RDF"):
        return "it is RSS 1.0 (RDF), which has no recordings", "look for the host's podcast feed, in RSS 2.0"
    if root.name == "opml":
        named = next((outline.get("xmlUrl") for outline in root.walk() if outline.get("xmlUrl")), "")
        return (
            "it is a list of feeds (OPML)",
            f"give the address of one: {printable_line(named)[:300]}" if named else "give the address of a feed",
        )
    if root.name == "rss":
        return "it has no <channel>, in which a show and its episodes stand", "was it written or copied whole?"
    return f"it begins with <{printable_line(root.name)[:60]}>, not with <rss>", "is it the address of the feed, not of a page?"


def _whole(document: FeedDocument, address: str, warnings: list[str]) -> tuple[Node, list[Node]]:
    """The channel and the items of a page, wherever these stand, with whole addresses."""
    addresses = WholeAddresses()
    root = addresses.of(document.root, address)
    if addresses.completed:
        number, first = len(addresses.completed), printable_line(addresses.completed[0])[:200]
        warnings.append(
            f"the feed was mended: {count_words(number, 'address', 'addresses')} without a host, read as apps do from where the feed lies: {first}"
        )
    channel = root.all("channel")[0]
    items = list(_items(root))
    elsewhere = len(items) - len(channel.all("item"))
    if elsewhere:
        warnings.append(
            f"the feed was mended: {count_words(elsewhere, 'item')} outside its <channel>, or in a second one, taken as its own"
        )
    return channel, items


def _items(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.name == "item":
            yield child
        else:
            yield from _items(child)


def unpacked(raw: bytes, limit: int = LARGEST_FEED) -> bytes:
    """The bytes, unpacked where they are gzip, whatever the host says of them; one byte more than `limit` at most."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, limit + 1)
    except zlib.error:
        return raw


def _own_address(document: FeedDocument) -> str:
    links = (link.get("href") for link in document.channel.all("atom:link") if link.get("rel") == "self")
    return next((href for href in links if is_address(href)), "")


def _identity(item: Node) -> str:
    return item.value("guid") or address_of_recording(item) or item.value("title")


def _refuse_locked(channel: Node) -> None:
    """`<podcast:locked>yes</podcast:locked>`: its owner says that no other host may take the show (podcast namespace 1.0)."""
    locked = next((node for node in channel.all("podcast:locked") if node.text.strip().lower() in {"yes", "true"}), None)
    if locked is None:
        return
    owner = channel.first("itunes:owner")
    mail = printable_line(locked.get("owner") or (owner.value("itunes:email") if owner is not None else ""))
    raise ContentError(
        f"the show is locked: {printable_line(channel.value('title'))[:200]}",
        cause="its feed says that no other host may take it over"
        + (f"; the owner's address is {mail[:200]}" if mail else "; it names no owner's address"),
        hint="unlock it at the old host; or, if it is yours, run the same command with --force locked",
        code="import-locked",
    )
