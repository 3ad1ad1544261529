"""The tags Apple Podcasts reads today, as the writers of a feedgen extension.

feedgen's own `podcast` extension is not used: it writes explicit as yes/no, hides a show for `itunes_block("no")`, loses
channel images it does not like the look of, and refuses fractions of a second. Source of the rules: Apple, "A Podcaster's
Guide to RSS" and "Podcast RSS feed requirements".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.categories import split_category
from feed.schema.value_types import whole_number
from feed.xml_writing import ITUNES, ChannelWriter, FeedPage, ItemWriter, add, add_text, optional_number, true_false

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lxml import etree

    from feed.model import Episode


def _of_show(tag: str, value: Callable[[FeedPage], str | None]) -> ChannelWriter:
    """A tag of the channel that is one text, not written where there is none."""
    return lambda channel, page: add_text(channel, f"{ITUNES}{tag}", value(page))


def _of_episode(tag: str, value: Callable[[Episode], str | None]) -> ItemWriter:
    """A tag of an item that is one text, not written where there is none."""
    return lambda item, episode, _page: add_text(item, f"{ITUNES}{tag}", value(episode))


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


def owner(channel: etree._Element, page: FeedPage) -> None:
    """Only when the owner agreed to have the address in public: spammers read feeds."""
    written = page.show.written.owner
    if written is not None and written.public:
        element = add(channel, f"{ITUNES}owner")
        add_text(element, f"{ITUNES}name", written.name)
        add_text(element, f"{ITUNES}email", written.email)


def item_explicit(item: etree._Element, episode: Episode, page: FeedPage) -> None:
    """The episode's own word, else the show's."""
    own = episode.written.explicit
    add_text(item, f"{ITUNES}explicit", true_false(page.show.written.explicit if own is None else own))


def item_image(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """The episode's cover; without one, apps show the show's."""
    if episode.image is not None:
        add(item, f"{ITUNES}image", attributes={"href": episode.image.url})


def _duration(episode: Episode) -> str | None:
    """Whole seconds; left out where it is not known."""
    seconds = episode.enclosure.duration
    return str(max(1, round(seconds))) if seconds > 0 else None


CHANNEL: Sequence[ChannelWriter] = (
    _of_show("author", lambda page: page.show.written.author),  # Spotify refuses a show without
    image,
    category,
    _of_show("explicit", lambda page: true_false(page.show.written.explicit)),  # yes, no and clean are no longer read
    _of_show("type", lambda page: page.show.written.type),
    owner,
    _of_show("title", lambda page: page.show.written.apple_title),
    # Where subscribers are to go: the new host's feed, or this feed's own new address.
    _of_show("new-feed-url", lambda page: page.settings.moved_to or page.settings.new_feed_url),
    _of_show("block", lambda page: "Yes" if page.show.written.block else None),  # only Yes means anything
    _of_show("complete", lambda page: "Yes" if page.show.written.complete else None),
)
ITEM: Sequence[ItemWriter] = (
    _of_episode("author", lambda episode: episode.written.author),
    _of_episode("title", lambda episode: episode.written.apple_title),
    _of_episode("duration", _duration),
    _of_episode("episode", lambda episode: optional_number(whole_number(episode.written.episode))),  # for Apple a whole one
    _of_episode("season", lambda episode: optional_number(episode.written.season)),
    _of_episode("episodeType", lambda episode: episode.written.type),
    item_explicit,
    item_image,
    _of_episode("block", lambda episode: "Yes" if episode.written.block else None),
)
