"""`<podcast:liveItem>`: live streams, announced and running.

Many apps read a feed without knowing this tag, and take what stands in it for the show's. So nothing does that they would: its
description is `content:encoded`, its page a `contentLink`, its picture a `podcast:image`; explicit, season and episode of iTunes,
funding, chapters and transcripts are left out (AntennaPod drops the whole feed for the last two). The title, guid and enclosure are
what a stream cannot be without: see `feed.rss`; so is a `value` of its own, where apps that know streams send what listeners pay.
"""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import TYPE_CHECKING

from feed.podcasting20 import shared
from feed.xml_writing import CONTENT, PODCAST, FeedPage, add, add_text, clean, is_address

if TYPE_CHECKING:
    from lxml import etree

    from feed.model import LiveItem


def live_items(channel: etree._Element, page: FeedPage) -> None:
    """One liveItem per stream, which `feed.rss` moves behind the episodes; archive pages never change and have none."""
    for live in () if page.archive else page.show.live:
        _live_item(channel, live, page)


def _live_item(channel: etree._Element, live: LiveItem, page: FeedPage) -> None:
    table = live.written
    attributes = {"status": table.status, "start": _iso(table.start), "end": None if table.end is None else _iso(table.end)}
    item = add(channel, f"{PODCAST}liveItem", attributes=attributes)
    add_text(item, "title", table.title)
    add_text(item, f"{CONTENT}encoded", _html(table.description or ""))
    add(item, "guid", table.guid, {"isPermaLink": "false"})
    # A stream has no length; 0 is how RSS says "not known".
    add(item, "enclosure", attributes={"url": table.url, "length": "0", "type": table.type})
    if is_address(table.image):
        add(item, f"{PODCAST}image", attributes={"href": table.image})
    shared.season(item, table, page.show.seasons)
    shared.episode_number(item, table)
    shared.people(item, live.people)
    shared.soundbite(item, table)
    stream = add(item, f"{PODCAST}alternateEnclosure", attributes={"type": table.type, "length": "0", "default": "true"})
    add(stream, f"{PODCAST}source", attributes={"uri": table.url})
    for alternate in table.alternates:
        shared.alternate(item, alternate, alternate.integrity or "")
    shared.content_link(item, table.content_links)
    if table.link and table.link not in {link.href for link in table.content_links}:  # its page, which `<link>` would make the show's
        add(item, f"{PODCAST}contentLink", table.title, {"href": table.link})
    for write in (
        shared.chat,
        shared.license_,
        shared.location,
        shared.image,
        shared.social,
        shared.txt,
    ):
        write(item, table)
    if table.values != page.show.written.values:  # else it is the show's anyhow, and readers that know no streams would pay twice
        shared.value(item, table)


def _html(text: str) -> str:
    """A text of paragraphs as HTML."""
    return "\n".join(f"<p>{escape(part.strip(), quote=False)}</p>" for part in clean(text).split("\n\n") if part.strip())


def _iso(date: dt.datetime) -> str:
    """ISO 8601 with an offset; whoever read the table has put the show's time zone on a time without one."""
    return (date if date.tzinfo is not None else date.replace(tzinfo=dt.UTC)).isoformat(timespec="seconds")
