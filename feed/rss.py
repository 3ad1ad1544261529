"""A show and its episodes as the feed that apps and directories read: RSS 2.0 on feedgen, PSP-1 complete.

feedgen writes the RSS skeleton (title, link, description, notes, guid, enclosure); `feed.itunes`, `feed.podcasting20` and
the two extensions here write the rest. The same input gives the same bytes: no clock, no locale, no set's order.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from feed import itunes
from feed.namespaces import NAMESPACES
from feed.podcasting20 import channel as podcasting20_channel
from feed.podcasting20 import item as podcasting20_item
from feed.text_cleaning import xml_exact
from feed.times import timestamp
from feed.xml_writing import (
    ATOM,
    CONTENT,
    DC,
    FH,
    ITUNES,
    PODCAST,
    PSC,
    ChannelTags,
    ChannelWriter,
    FeedPage,
    ItemTags,
    ItemWriter,
    add,
    add_text,
    clean,
    rfc2822,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from feed.model import Episode, Show
    from feed.schema.show import FeedTable

GENERATOR = "Airdate"
FEED_TYPE = "application/rss+xml"
_XML_BASE = f"{{{NAMESPACES['xml']}}}base"


def render_feed(show: Show, settings: FeedTable, written: Mapping[str, etree._Element] | None = None) -> bytes:
    """The whole feed in one document, newest episode first, whatever `limit` says.

    Only the newest `full_notes` items carry their notes (`content:encoded`) and `psc:chapters`. Items that are `written` already
    (`feed.written_items`) are taken as they are, by the slug of their episode, whose notes and chapters are not looked at.
    """
    return _render(
        FeedPage(
            show=show,
            settings=settings,
            episodes=show.episodes,
            address=show.feed_url,
            full_notes=settings.full_notes,
            written=written or {},
        )
    )


def render_page(
    show: Show, settings: FeedTable, page_url: Callable[[int], str], page: int, written: Mapping[str, etree._Element] | None = None
) -> bytes:
    """Archive page number `page` (RFC 5005), 1 being the oldest; `show` holds its episodes and no others.

    It is written once it is full, and no new episode ever changes it: it names no later page, and carries live streams and
    dates of nothing but its own episodes. It keeps its notes whatever `full_notes` says, for it is small by `limit`.
    `page_url` gives the address of a page by its number. `written` as for `render_feed`.
    """
    older = page_url(page - 1) if page > 1 else ""
    return _render(
        FeedPage(
            show=show,
            settings=settings,
            episodes=show.episodes,
            address=page_url(page),
            older=older,
            archive=True,
            written=written or {},
        )
    )


def render_newest(
    show: Show, settings: FeedTable, page_url: Callable[[int], str], pages: int, written: Mapping[str, etree._Element] | None = None
) -> bytes:
    """The feed listeners subscribe to, in front of `pages` archive pages: the newest `limit` episodes, some of which the newest
    page may hold too. Of the others it looks only at trailers and the oldest. `written` as for `render_feed`.
    """
    newest, older = show.episodes[: settings.limit], page_url(pages)
    return _render(
        FeedPage(
            show=show,
            settings=settings,
            episodes=newest,
            address=show.feed_url,
            older=older,
            full_notes=settings.full_notes,
            written=written or {},
        )
    )


def enclosure_address(url: str, prefix: str | None) -> str:
    """The enclosure's address behind a measurement service: `https://op3.dev/e/` + host and path, without https."""
    if not prefix or url.startswith(prefix):
        return url
    return prefix.rstrip("/") + "/" + url.removeprefix("https://")


def description_with_disclosure(show: Show) -> str:
    """The show's description; where machines made it, the disclosure is its last line."""
    description = clean(show.written.description)
    ai = show.written.ai
    disclosure = clean(ai.disclosure) if ai is not None and ai.content and ai.disclosure else ""
    if not disclosure or description.endswith(disclosure):
        return description
    return f"{description}\n\n{disclosure}"


def _render(page: FeedPage) -> bytes:
    show = page.show
    written = show.written
    feed = _Feed()
    # Nothing a person wrote can leave feedgen without a title, a link and a description, which it refuses.
    feed.title(clean(written.title) or show.feed_url)
    feed.description(description_with_disclosure(show) or show.feed_url)
    feed.link(href=clean(page.address), rel="self", type=FEED_TYPE)
    feed.link(href=clean(show.link) or show.feed_url, rel="alternate")  # feedgen's <link> is the last one set
    feed.image(url=clean(show.image.url), title=clean(written.title) or show.feed_url, link=clean(show.link) or show.feed_url)
    feed.language(clean(written.language))
    feed.generator(GENERATOR)
    if written.copyright:
        feed.copyright(clean(written.copyright))
    for name, extension in EXTENSIONS.items():
        feed.register_extension(name, ChannelTags, ItemTags, atom=False)
        tags: ChannelTags = getattr(feed, name)
        tags.page, tags.prefixes, tags.writers = page, extension.prefixes, extension.channel
    entry = _Entry(page)
    for place, episode in enumerate(page.episodes):
        full = page.full_notes is None or place < page.full_notes
        feed.add_entry(_Item(entry, episode, full=full), order="append")
    written_to = BytesIO()  # in pieces: rss_str holds the text of a long feed three times
    feed.rss_file(written_to, pretty=True)
    return written_to.getvalue()


class _Item:
    """What feedgen keeps of an item until its turn comes: a long feed never stands in memory twice."""

    __slots__ = ("entry", "episode", "full")

    def __init__(self, entry: _Entry, episode: Episode, *, full: bool) -> None:
        self.entry = entry
        self.episode = episode
        self.full = full

    def register_extension(self, *_: object) -> None:
        """The entry has them."""

    def rss_entry(self) -> etree._Element:
        """The item's element."""
        written = self.entry.page.written.get(self.episode.slug)
        return self.entry.written(self.episode, full=self.full) if written is None else written


def _fill(entry: _Entry, episode: Episode, page: FeedPage, *, full: bool) -> None:
    title = clean(episode.written.title) or episode.slug
    guid = xml_exact(episode.guid)
    entry.title(title)
    entry.link(href=clean(episode.link))
    entry.description(clean(episode.notes.summary) or title)
    if full and (notes := clean(episode.notes.apps)):
        entry.content(notes, type="CDATA")
    entry.guid(guid, permalink=guid.startswith(("https://", "http://")) or bool(episode.written.guid_base))
    if comments := _comments(episode):
        entry.comments(comments)
    enclosure = episode.enclosure
    entry.enclosure(
        clean(enclosure_address(enclosure.url, None if enclosure.hosts else page.settings.enclosure_prefix)),
        str(enclosure.length),
        clean(enclosure.type),
    )


def _comments(episode: Episode) -> str:
    """Where people comment: the address written, else the comments on our page, else the post on the fediverse, else our page as it is."""
    comments = episode.written.comments
    if isinstance(comments, str):
        return clean(comments)
    if comments is False:
        return ""
    return clean(episode.discussion or episode.written.fediverse or "") or (clean(episode.link) if comments else "")


def _atom_links(channel: etree._Element, page: FeedPage) -> None:
    """After feedgen's self: hubs to subscribe at, where to pay, and the pages with older episodes."""
    links: list[tuple[str, str, str | None]] = []
    if page.archive:
        links.append(("current", page.show.feed_url, FEED_TYPE))
    else:
        links += [("hub", hub, None) for hub in page.settings.hubs]
    links += [("payment", table.url, None) for table in page.show.written.funding[:1]]
    if page.older:
        links += [("prev-archive", page.older, FEED_TYPE), ("next", page.older, FEED_TYPE)]
    for rel, href, media_type in links:
        add(channel, f"{ATOM}link", attributes={"rel": rel, "href": href, "type": media_type})


def _archive(channel: etree._Element, page: FeedPage) -> None:
    if page.archive:
        add(channel, f"{FH}archive")


def _last_build_date(channel: etree._Element, page: FeedPage) -> None:
    """The newest date in the content, never "now"."""
    if page.episodes:
        add(channel, "lastBuildDate", rfc2822(max(episode.date for episode in page.episodes)))


def _pub_date(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    add(item, "pubDate", rfc2822(episode.date))


def _creator(item: etree._Element, episode: Episode, page: FeedPage) -> None:
    """The episode's author, else the hosts by name, else the show's author: RSS's own author must be a mail address."""
    if episode.written.author:
        add_text(item, f"{DC}creator", episode.written.author)
        return
    hosts = [
        clean(someone.name) for someone in podcasting20_item.people_of(page.show, episode) if someone.role.lower() in {"host", "co-host"}
    ]
    add_text(item, f"{DC}creator", ", ".join(filter(None, hosts)) or page.show.written.author)


def _chapters(item: etree._Element, episode: Episode, _page: FeedPage) -> None:
    """Podlove Simple Chapters 1.2, read by Spotify, Pocket Casts and AntennaPod; what is hidden from lists is left out, for it cannot
    be marked so here.
    """
    chapters = [chapter for chapter in episode.chapters if chapter.toc]
    if chapters:
        element = add(item, f"{PSC}chapters", attributes={"version": "1.2"})
        for chapter in chapters:
            # Hours, minutes and milliseconds always: AntennaPod takes bare seconds for 0.
            attributes = {"start": timestamp(chapter.start), "title": clean(chapter.title)}
            if chapter.url:
                attributes["href"] = clean(chapter.url)
            if chapter.image:
                attributes["image"] = clean(chapter.image)
            etree.SubElement(element, f"{PSC}chapter", attributes)  # not `add`: by far the most frequent element


class Extension(NamedTuple):
    """Tags that one extension of feedgen writes: the namespaces they are in, those of the channel and those of an item, in order."""

    prefixes: Sequence[str]
    channel: Sequence[ChannelWriter]
    item: Sequence[ItemWriter]


EXTENSIONS: Mapping[str, Extension] = {
    "airdate": Extension(("dc", "fh"), (_atom_links, _archive, _last_build_date), (_pub_date, _creator)),
    "airdate_itunes": Extension(("itunes",), itunes.CHANNEL, itunes.ITEM),
    "podcast20": Extension(("podcast",), podcasting20_channel.CHANNEL, podcasting20_item.ITEM),
    "psc": Extension(("psc",), (), (_chapters,)),
}
"""By their names on the generator, in the order they are written. feedgen's own `podcast` is its iTunes extension."""


# feedgen's constructors read the clock, and its dates switch the locale of the whole process. They run once, here; each
# feed and entry starts from a copy, and the two dates of a feed are written by `_last_build_date` and `_pub_date`.
_BLANK_FEED = vars(FeedGenerator()) | {"_FeedGenerator__rss_lastBuildDate": None}
_BLANK_ENTRY = vars(FeedEntry())


class _Feed(FeedGenerator):  # type: ignore[misc]  # feedgen has no types
    def __init__(self) -> None:
        self.__dict__.update(_copy(_BLANK_FEED))

    def _create_rss(self, *arguments: Any, **settings: Any) -> Any:
        """Live streams come after the episodes: the simplest readers take the first enclosure they see for the newest episode.

        Readers that do not know them take a stream's title and guid for the show's: those that keep the first have the show's, and
        for those that keep the last its picture follows, which names title and page once more, and its own id. The notes of a stream
        are a summary to some (feedparser), so the show has one before.
        """
        rss, tree = super()._create_rss(*arguments, **settings)
        channel = rss[0]
        base = next((base for one in self.podcast20.page.episodes if (base := one.written.guid_base)), "")
        if base:
            rss.set(_XML_BASE, clean(base))
        if live := channel.findall(f"{PODCAST}liveItem"):
            if any(item.find(f"{CONTENT}encoded") is not None for item in live):
                add(channel, f"{ITUNES}summary", channel.findtext("description"))
            channel.extend([*live, *channel.findall("image")])
            add(channel, f"{ATOM}id", f"urn:uuid:{self.podcast20.page.show.guid}")
        return rss, tree


class _Entry(FeedEntry):  # type: ignore[misc]  # feedgen has no types
    """One entry that writes all items of a page, each in its turn, starting blank but for the extensions."""

    def __init__(self, page: FeedPage) -> None:
        self.__dict__.update(_copy(_BLANK_ENTRY))
        self.page = page
        self._tags: list[ItemTags] = []
        for name, extension in EXTENSIONS.items():
            self.register_extension(name, ItemTags, atom=False)
            self._tags.append(getattr(self, name))
            self._tags[-1].page, self._tags[-1].writers = page, extension.item
        self._blank = self.__dict__.copy()

    def written(self, episode: Episode, *, full: bool) -> etree._Element:
        """The element of one item."""
        self.__dict__.update(self._blank)
        _fill(self, episode, self.page, full=full)
        for tags in self._tags:
            tags.episode = episode
        self.psc.writers = EXTENSIONS["psc"].item if full else ()
        item: etree._Element = self.rss_entry()
        return item


def _copy(blank: dict[str, Any]) -> dict[str, Any]:
    return {name: value.copy() if isinstance(value, (dict, list)) else value for name, value in blank.items()}
