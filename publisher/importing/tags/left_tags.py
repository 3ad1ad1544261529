"""The tags of another host's feed that have no place in a show's folder."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from feed.text_cleaning import printable_line
from publisher.importing.tags.feed_tags import OF_ITEMS, SHARED, unfit
from publisher.importing.tags.item_recordings import further_files, holds_recording
from publisher.importing.tags.item_transcripts import left_of_transcripts
from publisher.importing.tags.people import left_of_people

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feed.reader import Node

_OF_BOTH = frozenset(
    [
        "title",
        "link",
        "description",
        "itunes:summary",
        "itunes:title",
        "itunes:author",
        "itunes:block",
        "itunes:explicit",
        "itunes:image",
        "image",
        "podcast:funding",
        "podcast:person",
        "podcast:value",
    ]
) | {tag.name for tag in SHARED}
_OF_SHOW = _OF_BOTH | frozenset(
    [
        "language",
        "copyright",
        "item",
        "itunes:category",
        "itunes:owner",
        "itunes:type",
        "itunes:complete",
        "podcast:block",
        "podcast:guid",
        "podcast:liveItem",
        "podcast:locked",
        "podcast:medium",
        "podcast:podping",
        "podcast:podroll",
        "podcast:publisher",
        "podcast:remoteItem",
        "podcast:trailer",
        "podcast:updateFrequency",
        "atom:link",
        "generator",
        "docs",
        "lastBuildDate",
        "pubDate",
        "ttl",
        "cloud",
        "skipHours",
        "skipDays",
    ]
)
_OF_ITEM = (
    _OF_BOTH
    | frozenset(
        [
            "guid",
            "pubDate",
            "author",
            "comments",
            "enclosure",
            "content:encoded",
            "dc:creator",
            "itunes:duration",
            "itunes:season",
            "itunes:episode",
            "itunes:episodeType",
            "podcast:alternateEnclosure",
            "podcast:season",
            "podcast:episode",
            "podcast:chapters",
            "podcast:transcript",
            "psc:chapters",
        ]
    )
    | {tag.name for tag in OF_ITEMS}
)
"""What is taken, or made anew for each feed."""


def not_taken(channel: Node, items: Iterable[Node]) -> Iterator[str]:
    """The tags that have no place in the folder, and those that are not as they must be, each once with its count."""
    names = Counter(f"<{node.name}> of the show" for node in channel.children if node.name not in _OF_SHOW)
    for item in items:
        names.update(
            f"<{node.name}> of episodes" for node in item.children if node.name not in _OF_ITEM and not holds_recording(node, item)
        )
        names.update(further_files(item))
    for node in (channel, *items):
        names.update(unfit(node))
        names.update(left_of_people(node))
        names.update(left_of_transcripts(node))
    for name, times in names.items():
        yield f"not taken over: {printable_line(name)[:300]}" + (f" ({times} times)" if times > 1 else "")
