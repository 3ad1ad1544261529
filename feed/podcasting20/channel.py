"""The channel's tags of the Podcasting 2.0 namespace, in the order they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.podcasting20 import shared
from feed.podcasting20.live import live_items
from feed.xml_writing import PODCAST, ChannelWriter, FeedPage, add, add_text, rfc2822, true_false, yes_no

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lxml import etree

    from feed.schema.shared import SharedTags


def locked(channel: etree._Element, page: FeedPage) -> None:
    """Whether other hosts may import the show; the owner's address only when it may be public."""
    owner = page.show.written.owner
    mail = owner.email if owner is not None and owner.public else None
    add(channel, f"{PODCAST}locked", yes_no(page.show.written.locked), {"owner": mail})


def txt(channel: etree._Element, page: FeedPage) -> None:
    """Codes with which directories verify the show, whether machines made it, and free texts."""
    written = page.show.written
    add_text(channel, f"{PODCAST}txt", written.verify.apple, {"purpose": "applepodcastsverify"})
    for code in written.verify.other:
        add_text(channel, f"{PODCAST}txt", code, {"purpose": "verify"})
    if written.ai is not None:
        add_text(channel, f"{PODCAST}txt", true_false(written.ai.content), {"purpose": "ai-content"})
    shared.txt(channel, written)


def trailer(channel: etree._Element, page: FeedPage) -> None:
    """The episodes of type trailer, newest first, and a trailer that is no episode; an archive page knows its own only.

    Apps play the newest; a trailer that is no episode has no date of its own and takes that of the oldest episode, so that
    it never changes and never goes before one that is.
    """
    for episode in page.episodes if page.archive else page.show.episodes:
        if episode.written.type == "trailer":
            attributes = {
                "pubdate": rfc2822(episode.date),
                "url": episode.enclosure.url,
                "length": str(episode.enclosure.length),
                "type": episode.enclosure.type,
                "season": None if episode.written.season is None else str(episode.written.season),
            }
            add_text(channel, f"{PODCAST}trailer", episode.written.title, attributes)
    if page.show.written.trailer and page.show.episodes:
        attributes = {"pubdate": rfc2822(min(episode.date for episode in page.show.episodes)), "url": page.show.written.trailer}
        add_text(channel, f"{PODCAST}trailer", page.show.written.title, attributes)


def image(channel: etree._Element, page: FeedPage) -> None:
    """The artwork with its size and what it shows, and more pictures."""
    shared.published_image(channel, page.show.image, page.show.written.artwork_alt)
    shared.image(channel, page.show.written)


def update_frequency(channel: etree._Element, page: FeedPage) -> None:
    """How often episodes come, for people and for machines."""
    table = page.show.written.update_frequency
    if table is not None:
        attributes = {"rrule": table.rrule, "dtstart": table.dtstart, "complete": true_false(table.complete)}
        add_text(channel, f"{PODCAST}updateFrequency", table.text, attributes)


def podroll(channel: etree._Element, page: FeedPage) -> None:
    """Shows the podcaster recommends."""
    if page.show.written.podroll:
        element = add(channel, f"{PODCAST}podroll")
        for table in page.show.written.podroll:
            shared.remote_item(element, table)


def remote_item(channel: etree._Element, page: FeedPage) -> None:
    """The entries of a feed that is a list of feeds."""
    for table in page.show.written.remote_items:
        shared.remote_item(channel, table)


def publisher(channel: etree._Element, page: FeedPage) -> None:
    """The publisher's feed, which must point back here."""
    if page.show.written.publisher is not None:
        shared.remote_item(add(channel, f"{PODCAST}publisher"), page.show.written.publisher, medium="publisher")


def podping(channel: etree._Element, page: FeedPage) -> None:
    """Whether podping tells of new episodes, so that nobody needs to poll."""
    uses = true_false(page.show.written.podping)
    if uses is not None:
        add(channel, f"{PODCAST}podping", attributes={"usesPodping": uses})


def block(channel: etree._Element, page: FeedPage) -> None:
    """Directories that are not to list the show."""
    for table in page.show.written.blocks:
        add(channel, f"{PODCAST}block", yes_no(table.block), {"id": table.id})


def _of_show(write: Callable[[etree._Element, SharedTags], None]) -> ChannelWriter:
    """A tag that an item can carry too, as the show's."""
    return lambda channel, page: write(channel, page.show.written)


CHANNEL: Sequence[ChannelWriter] = (
    lambda channel, page: add_text(channel, f"{PODCAST}guid", page.show.guid),
    lambda channel, page: add_text(channel, f"{PODCAST}medium", page.show.written.medium),
    locked,
    _of_show(shared.funding),
    txt,
    lambda channel, page: shared.people(channel, page.show.people),
    _of_show(shared.location),
    _of_show(shared.license_),
    trailer,
    image,
    update_frequency,
    podroll,
    remote_item,
    publisher,
    _of_show(shared.social),
    _of_show(shared.chat),
    podping,
    block,
    lambda channel, page: shared.value(channel, page.show.written, time_splits=False),  # stretches are a matter of items
    live_items,
)
