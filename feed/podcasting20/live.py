"""`<podcast:liveItem>`: live streams, announced and running."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from feed.podcasting20 import shared
from feed.schema.value_types import whole_number
from feed.xml_writing import ITUNES, PODCAST, FeedPage, add, add_text, is_address, optional_number, true_false

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
    add_text(item, "description", table.description)
    add_text(item, "link", table.link or page.show.link)
    add(item, "guid", table.guid, {"isPermaLink": "false"})
    # A stream has no length; 0 is how RSS says "not known".
    add(item, "enclosure", attributes={"url": table.url, "length": "0", "type": table.type})
    add_text(item, f"{ITUNES}episode", optional_number(whole_number(table.episode)))
    add_text(item, f"{ITUNES}season", optional_number(table.season))
    add_text(item, f"{ITUNES}explicit", true_false(page.show.written.explicit if table.explicit is None else table.explicit))
    if is_address(table.image):
        add(item, f"{ITUNES}image", attributes={"href": table.image})
    shared.season(item, table, page.show.seasons)
    shared.episode_number(item, table)
    for captions in table.transcripts:
        shared.transcript(item, captions.url, captions.type, captions.language, captions.rel)
    if table.chapters is not None:
        shared.chapters(item, table.chapters)
    shared.people(item, live.people)
    shared.soundbite(item, table)
    stream = add(item, f"{PODCAST}alternateEnclosure", attributes={"type": table.type, "length": "0", "default": "true"})
    add(stream, f"{PODCAST}source", attributes={"uri": table.url})
    for alternate in table.alternates:
        shared.alternate(item, alternate, alternate.integrity or "")
    shared.content_link(item, table.content_links)
    for write in (
        shared.chat,
        shared.funding,
        shared.license_,
        shared.location,
        shared.image,
        shared.social,
        shared.txt,
        shared.value,
    ):
        write(item, table)


def _iso(date: dt.datetime) -> str:
    """ISO 8601 with an offset; whoever read the table has put the show's time zone on a time without one."""
    return (date if date.tzinfo is not None else date.replace(tzinfo=dt.UTC)).isoformat(timespec="seconds")
