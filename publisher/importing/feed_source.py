"""The feed that a show is taken from: an address or a file, all its pages, mended where it is broken."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urljoin

from feed.findings import ContentFault
from feed.reader import LARGEST_FEED, FeedDocument, Node, read_feed
from feed.text_cleaning import printable_line
from publisher.core.errors import ContentError, UsageError
from publisher.web.bounded_fetch import FetchError

if TYPE_CHECKING:
    from collections.abc import Sequence

EPISODES = 20_000
"""Items of all pages together; what is beyond is named and left."""


class Documents(Protocol):
    """Where the documents of a feed come from: a Fetcher, or what is not served yet."""

    def get(self, url: str, limit: int) -> bytes:
        """The document at `url`, at most `limit` bytes. Raises FetchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """A whole feed. `address` is where it is served, as far as is known: a file may not say."""

    address: str
    channel: Node
    items: Sequence[Node]


def is_address(feed: str) -> bool:
    """Whether it is fetched; anything else is a file."""
    return feed.lower().startswith(("http://", "https://"))


def recording_of(item: Node) -> Node | None:
    """The recording: the first enclosure with an address, else one of Media RSS, which apps read as well."""
    media = [node for node in item.all("media:content") if node.get("type").startswith(("audio/", "video/"))]
    return next((node for node in (*item.all("enclosure"), *media) if node.get("url")), None)


def read_source(fetcher: Documents, feed: str, warnings: list[str], *, forced: bool = False) -> FeedSource:
    """The show's feed; each mend and limit is in `warnings`.

    Raises StorageError or UsageError where it cannot be had, ContentError where it is none, or is locked and that is not `forced`.
    """
    raw = fetcher.get(feed, LARGEST_FEED) if is_address(feed) else _read(feed)
    document = _parsed(raw, feed, warnings)
    address = feed if is_address(feed) else _own_address(document)
    if not forced:
        _refuse_locked(document.channel)
    items = list(document.items)
    ids = {_identity(item) for item in items}
    here, seen = document, {address, feed}
    while len(items) < EPISODES:
        following = next((link.get("href") for link in here.channel.all("atom:link") if link.get("rel") in {"next", "prev-archive"}), "")
        if not following:
            break
        page = urljoin(address, following)
        if page in seen or not is_address(page):
            warnings.append(f"older episodes may be missing: the feed names as its next page {printable_line(page)[:300]}")
            break
        seen.add(page)
        try:
            here = _parsed(fetcher.get(page, LARGEST_FEED), page, warnings)
        except (FetchError, ContentError) as error:
            warnings.append(f"older episodes are missing: {error.message}: {error.cause}")
            break
        new = {_identity(item) for item in here.items} - ids
        if not new:
            warnings.append(f"older episodes may be missing: this page of the feed holds no further ones: {printable_line(page)[:300]}")
            break
        ids |= new
        items += here.items
        address = page
    if len(items) > EPISODES:
        warnings.append(f"the feed has more than {EPISODES:,} episodes; {len(items) - EPISODES:,} of those read are left out")
    elif len(items) == EPISODES:
        warnings.append(f"{EPISODES:,} episodes are read; the feed may have more")
    return FeedSource(address=feed if is_address(feed) else _own_address(document), channel=document.channel, items=items[:EPISODES])


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
        document = read_feed(_unpacked(raw))
    except ContentFault as fault:
        raise ContentError(f"the feed cannot be read: {address}", [fault.finding(address)], code="import-feed") from fault
    if not document.channels:
        raise ContentError(
            f"this is no podcast feed: {address}",
            cause="it has no <channel>",
            hint="is it the address of the feed, not of a page?",
            code="import-feed",
        )
    warnings += [f"the feed was mended: {mend}: {address}" for mend in document.mends]
    return document


def _unpacked(raw: bytes) -> bytes:
    """The bytes, unpacked where they are gzip; one byte more than the largest feed at most."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, LARGEST_FEED + 1)
    except zlib.error:
        return raw


def _own_address(document: FeedDocument) -> str:
    links = (link.get("href") for link in document.channel.all("atom:link") if link.get("rel") == "self")
    return next((href for href in links if is_address(href)), "")


def _identity(item: Node) -> str:
    return item.value("guid") or item.attribute("enclosure", "url") or item.value("title")


def _refuse_locked(channel: Node) -> None:
    """`<podcast:locked>yes</podcast:locked>`: its owner says that no other host may take the show (podcast namespace 1.0)."""
    locked = channel.first("podcast:locked")
    if locked is None or locked.text.strip().lower() not in {"yes", "true"}:
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
