"""What every tag writer needs: elements added, values formatted, and the page of the feed that is being written.

A tag is a small function. It gets the parent element and writes nothing when there is nothing to say; the lists of such
functions in `feed.rss`, `feed.itunes` and `feed.podcasting20` are the feed. `feed.rss` registers each list as a feedgen
extension.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeAlias

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from feed.namespaces import NAMESPACES
from feed.text_cleaning import xml_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from feed.model import Episode, Show
    from feed.schema.show import FeedTable

ATOM, CONTENT, DC, FH, ITUNES, PODCAST, PSC = (
    f"{{{NAMESPACES[prefix]}}}" for prefix in ("atom", "content", "dc", "fh", "itunes", "podcast", "psc")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One feed document about to be written: the whole feed, its newest part, or an archive page (RFC 5005).

    `episodes` are those of this document, newest first; `address` is its own, `older` that of the page with the episodes
    before these ("" where there is none). `full_notes` is how many of the newest items keep their notes and chapters
    (None: all); `written` are items that were written before, by the episode's slug.
    """

    show: Show
    settings: FeedTable
    episodes: tuple[Episode, ...]
    address: str
    older: str = ""
    archive: bool = False
    full_notes: int | None = None
    written: Mapping[str, etree._Element] = field(default_factory=dict)


ChannelWriter: TypeAlias = "Callable[[etree._Element, FeedPage], object]"  # noqa: SLF001  what lxml calls the type
ItemWriter: TypeAlias = "Callable[[etree._Element, Episode, FeedPage], object]"  # noqa: SLF001  likewise


class ChannelTags(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """A feedgen extension that declares the namespaces of `prefixes` and writes `writers` into the channel."""

    prefixes: Sequence[str]
    writers: Sequence[ChannelWriter]
    page: FeedPage

    def extend_ns(self) -> dict[str, str]:
        """The namespaces the root declares."""
        return {prefix: NAMESPACES[prefix] for prefix in self.prefixes}

    def extend_rss(self, feed: etree._Element) -> etree._Element:
        """Write the channel's tags."""
        channel = feed[0]
        for write in self.writers:
            write(channel, self.page)
        return feed


class ItemTags(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """A feedgen extension that writes `writers` into an item."""

    writers: Sequence[ItemWriter]
    page: FeedPage
    episode: Episode

    def extend_rss(self, feed: etree._Element) -> etree._Element:
        """Write the item's tags (feedgen names the item `feed`)."""
        for write in self.writers:
            write(feed, self.episode, self.page)
        return feed


def clean(value: str) -> str:
    """The text as XML can hold it, without blanks around it."""
    return xml_safe(value).strip()


def add(parent: etree._Element, tag: str, text: str = "", attributes: Mapping[str, str | None] | None = None) -> etree._Element:
    """Append an element; attributes that are None or blank are left out. Everything written passes `clean` here."""
    if attributes:  # given to lxml together: setting them one by one takes half as long again
        written = {name: cleaned for name, value in attributes.items() if value and (cleaned := clean(value))}
        element = etree.SubElement(parent, tag, written)
    else:
        element = etree.SubElement(parent, tag)
    if text:
        element.text = clean(text)
    return element


def add_text(parent: etree._Element, tag: str, text: str | None, attributes: Mapping[str, str | None] | None = None) -> None:
    """Append an element that is nothing without its text: not written when there is none."""
    if text and (cleaned := clean(text)):
        add(parent, tag, attributes=attributes).text = cleaned


def number(value: float) -> str:
    """A decimal without exponent and without needless zeros: `75`, `75.5`."""
    return str(int(value)) if value == value // 1 else format(Decimal(repr(value)), "f")


def optional_number(value: float | None) -> str | None:
    """`number`, or None for None."""
    return None if value is None else number(value)


def yes_no(value: bool) -> str:
    """`yes` or `no`, as podcast:locked and podcast:block write it."""
    return "yes" if value else "no"


def true_false(value: bool | None) -> str | None:
    """`true`, `false` or None."""
    return None if value is None else str(value).lower()


def rfc2822(date: datetime) -> str:
    """`Thu, 21 May 2026 04:30:00 +0000`: English names in every locale, a numeric zone in whole minutes.

    A date without a zone counts as UTC. (feedgen's own form of a date switches the locale of the whole process.)
    """
    minutes = round((date.utcoffset() or timedelta()).total_seconds() / 60)
    return format_datetime(date.replace(tzinfo=timezone(timedelta(minutes=minutes))))


def is_address(value: str | None) -> bool:
    """Whether this is an absolute address, not a file in the show's folder."""
    return value is not None and re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value.strip()) is not None
