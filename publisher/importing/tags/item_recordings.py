"""Which of the files that an item names is its recording, as apps choose it, and which are further ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.text_cleaning import printable_line

if TYPE_CHECKING:
    from feed.reader import Node

_NO_SOUND = re.compile(r"(?:image|text|font|model)/|application/(?:pdf|epub|json|xml|xhtml|rss|atom|msword|vnd\.(?:ms|openxml|amazon))")
_SOUNDS = re.compile(r"\.(?:mp3|m4a|m4b|m4v|mp4|mov|aac|ogg|oga|opus|flac|wav)(?:$|[?#])", re.IGNORECASE)


def recording_of(item: Node) -> Node | None:
    """The recording: the first enclosure with an address that is no picture and no document, else one of Media RSS, which apps read as
    well (AntennaPod, parser/feed/…/namespace/Rss20.java and Media.java).
    """
    return next((node for node in _named(item) if _is_recording(node)), None)


def address_of_recording(item: Node) -> str:
    """Where the recording is; "" where the item names none."""
    recording = recording_of(item)
    return recording.get("url") if recording is not None else ""


def further_files(item: Node) -> list[str]:
    """Each enclosure that is not the recording, in words for an account."""
    taken = recording_of(item)
    others = [node for node in item.all("enclosure") if node is not taken and node.get("url")]
    return [f"a further <enclosure> of an episode, {printable_line(node.get('type'))[:60] or 'of no type'}" for node in others]


def holds_recording(node: Node, item: Node) -> bool:
    """Whether the recording of `item` is `node`, or inside it."""
    recording = recording_of(item)
    return recording is not None and any(inner is recording for inner in node.walk())


def _named(item: Node) -> list[Node]:
    media = [*item.all("media:content"), *(node for group in item.all("media:group") for node in group.all("media:content"))]
    played = [node for node in media if node.get("type").startswith(("audio/", "video/")) or node.get("medium") in ("audio", "video")]
    nameless = [node for node in media if not node.get("type") and not node.get("medium") and _SOUNDS.search(node.get("url"))]
    return [*item.all("enclosure"), *played, *nameless]


def _is_recording(node: Node) -> bool:
    address = node.get("url")
    return bool(address) and (_NO_SOUND.match(node.get("type").lower()) is None or _SOUNDS.search(address) is not None)
