"""The tags Apple Podcasts reads today, as a feedgen extension.

feedgen's own `podcast` extension is not used: it writes explicit as yes/no, hides a show for `itunes_block("no")`, loses
channel images it does not like the look of, and refuses fractions of a second. Source of the rules: Apple, "A Podcaster's
Guide to RSS" and "Podcast RSS feed requirements".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from feed.categories import split_category
from feed.schema.values import whole_number
from feed.xml_writing import ITUNES, ChannelTags, ChannelWriter, FeedPage, ItemTags, ItemWriter, add, add_text, optional_number, true_false

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

    from feed.model import Episode


def author(channel: etree._Element, page: FeedPage) -> None:
    """Who makes the show; Spotify refuses a show without."""
    add_text(channel, f"{ITUNES}author", page.show.written.author)


def image(channel: etree._Element, page: FeedPage) -> None:
    """The artwork: any extension and query, as it is published."""
    add(channel, f"{ITUNES}image", attributes={"href": page.show.image.url})


def category(channel: etree._Element, page: FeedPage) -> None:
    """By priority; a subcategory is nested in its category."""
    for written in page.show.written.categories:
        name, sub = split_category(written)
        if name:
            parent = add(channel, f"{ITUNES}category", attributes={"text": name})
            if sub:
                add(parent, f"{ITUNES}category", attributes={"text": sub})


def explicit(channel: etree._Element, page: FeedPage) -> None:
    """`true` or `false`; yes, no and clean are no longer read."""
    add_text(channel, f"{ITUNES}explicit", true_false(page.show.written.explicit))


def show_type(channel: etree._Element, page: FeedPage) -> None:
    """`episodic` (newest first) or `serial` (oldest first)."""
    add_text(channel, f"{ITUNES}type", page.show.written.type)


def owner(channel: etree._Element, page: FeedPage) -> None:
    """Only when the owner agreed to have the address in public: spammers read feeds."""
    written = page.show.written.owner
    if written is not None and written.public:
        element = add(channel, f"{ITUNES}owner")
        add_text(element, f"{ITUNES}name", written.name)
        add_text(element, f"{ITUNES}email", written.email)


def title(channel: etree._Element, page: FeedPage) -> None:
    """A name for Apple alone."""
    add_text(channel, f"{ITUNES}title", page.show.written.apple_title)


def new_feed_url(channel: etree._Element, page: FeedPage) -> None:
    """Where subscribers are to go: the new host's feed, or this feed's own new address."""
    add_text(channel, f"{ITUNES}new-feed-url", page.settings.moved_to or page.settings.new_feed_url)


def block(channel: etree._Element, page: FeedPage) -> None:
    """Only `Yes` means anything, so nothing else is ever written."""
    add_text(channel, f"{ITUNES}block", "Yes" if page.show.written.block else None)


def complete(channel: etree._Element, page: FeedPage) -> None:
    """Only `Yes` means anything."""
    add_text(channel, f"{ITUNES}complete", "Yes" if page.show.written.complete else None)


def item_title(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """A title for Apple alone."""
    add_text(item, f"{ITUNES}title", episode.written.apple_title)


def item_duration(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """Whole seconds; left out where it is not known."""
    if episode.enclosure.duration > 0:
        add(item, f"{ITUNES}duration", str(max(1, round(episode.enclosure.duration))))


def item_episode(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """The number within its season, which for Apple is a whole one."""
    add_text(item, f"{ITUNES}episode", optional_number(whole_number(episode.written.episode)))


def item_season(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """The season's number."""
    add_text(item, f"{ITUNES}season", optional_number(episode.written.season))


def item_type(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """`full`, `trailer` or `bonus`."""
    add_text(item, f"{ITUNES}episodeType", episode.written.type)


def item_explicit(item: etree._Element, episode: Episode, page: FeedPage) -> None:
    """The episode's own word, else the show's."""
    own = episode.written.explicit
    add_text(item, f"{ITUNES}explicit", true_false(page.show.written.explicit if own is None else own))


def item_image(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """The episode's cover; without one, apps show the show's."""
    if episode.image is not None:
        add(item, f"{ITUNES}image", attributes={"href": episode.image.url})


def item_block(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """Only `Yes` means anything."""
    add_text(item, f"{ITUNES}block", "Yes" if episode.written.block else None)


CHANNEL: Sequence[ChannelWriter] = (author, image, category, explicit, show_type, owner, title, new_feed_url, block, complete)
ITEM: Sequence[ItemWriter] = (
    item_title,
    item_duration,
    item_episode,
    item_season,
    item_type,
    item_explicit,
    item_image,
    item_block,
)


class ItunesChannel(ChannelTags):
    """The channel's part of the extension."""

    prefixes: ClassVar[Sequence[str]] = ("itunes",)
    writers: ClassVar[Sequence[ChannelWriter]] = CHANNEL


class ItunesItem(ItemTags):
    """The item's part of the extension."""

    writers: ClassVar[Sequence[ItemWriter]] = ITEM
