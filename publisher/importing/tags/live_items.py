"""Live streams of another host's feed, `<podcast:liveItem>`, as `[[live]]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from feed.schema.live import LiveItemTable, LiveTranscriptTable
from feed.text_cleaning import printable_line
from publisher.importing.html_to_markdown import as_lines
from publisher.importing.tags.feed_tags import alternates, item_keys, numbers_beside
from publisher.importing.tags.tag_tables import fitting, key_lines, table_of
from publisher.importing.written_dates import read_written_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.reader import Node
    from publisher.importing.tags.people import People


def live_lines(channel: Node, people: People, warnings: list[str]) -> Iterator[str]:
    """`[[live]]` for each stream; one that is not as it must be is named."""
    for node in channel.all("podcast:liveItem"):
        keys = {
            key: value
            for key, value in _keys(node, channel, people).items()
            if value not in ("", None, {}) and (value != [] or key == "content_links")
        }
        if not fitting(keys, LiveItemTable):
            warnings.append(f"not taken over: the live stream “{printable_line(node.value('title'))[:100]}”, which is not as it must be")
            continue
        yield "\n[[live]]"
        yield from key_lines(keys)


def _keys(node: Node, channel: Node, people: People) -> dict[str, Any]:
    start, end = (read_written_date(node.get(name)) for name in ("start", "end"))
    url, kind = node.attribute("enclosure", "url"), node.attribute("enclosure", "type")
    keys: dict[str, Any] = {
        "title": printable_line(node.value("title")),
        "status": node.get("status").lower(),
        "start": start.moment if start else None,
        "end": end.moment if end else None,
        "guid": node.value("guid"),
        "description": as_lines(node.value("description") or node.value("content:encoded")),
        "link": node.value("link") if node.value("link") != channel.value("link") else "",
        "url": url,
        "type": kind,
        "image": node.attribute("itunes:image", "href") or _plain_image(node),
        "chapters": node.attribute("podcast:chapters", "url"),
        "transcripts": [row for tag in node.all("podcast:transcript") if (row := table_of(tag, LiveTranscriptTable))],
        "alternates": [row for row in alternates(node) if row["url"] != url],
    }
    for name in ("season", "episode"):
        number = node.value(f"podcast:{name}") or node.value(f"itunes:{name}")
        if re.fullmatch(r"0{0,5}[1-9][0-9]{0,6}", number):
            keys[name] = int(number)
        elif name == "episode" and re.fullmatch(r"[0-9]{1,7}\.[0-9]{1,2}", number):
            keys[name] = float(number)
    explicit = node.value("itunes:explicit").lower()
    keys["explicit"] = explicit in {"true", "yes", "explicit"} if explicit else None
    keys |= numbers_beside(node) | people.keys(node) | item_keys(node)
    keys["images"] = [row for row in keys.get("images", ()) if row != {"href": keys["image"]}]
    return {"content_links": []} | keys


def _plain_image(node: Node) -> str:
    """The address of the stream's picture where it is no itunes:image: the first one of which nothing else is said."""
    return next((tag.get("href") for tag in node.all("podcast:image") if not any(tag.get(key) for key in ("alt", "purpose", "type"))), "")
