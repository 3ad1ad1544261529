"""A published episode whose words are nowhere (no copy, no private side, no history): taken as listeners have it. Its files stay as they
are, its item of the feed goes over byte for byte, and lists show what the item and the published documents tell.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding
from publisher.core import layout
from publisher.importing.html_to_markdown import as_markdown
from publisher.incremental_build.recipe_names import TRANSCRIPT, episode_of, kind_of, recipe_name
from publisher.load.episode_reader import load_episode
from publisher.load.show_source import EpisodeSource, ServedItem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from lxml import etree

    from feed.reader import Node
    from publisher.core.layout import Key
    from publisher.load.config_tables import Config
    from publisher.state.published_episodes import PublishedEpisode
    from publisher.state.state import State
    from publisher.stores.protocol import Store


def moves(state: State, config: Config) -> bool:
    """Whether the show's pages have other addresses now: what is left untouched would name the old ones."""
    return (state.site_url.rstrip("/"), state.pretty_urls) != (config.site.url.rstrip("/"), config.site.pretty_urls)


class ServedEpisodes:
    """Published episodes as the storage `store` has them. Taken is only what holds the bytes that `state` says were put; what is read of
    an episode is laid into a small show of its own in `folder`. Objects that are `lost` are not there.
    """

    def __init__(self, folder: Path, store: Store, state: State, lost: Collection[Key] = ()) -> None:
        self._folder = folder
        self._store = store
        self._state = state
        self._lost = frozenset(lost)
        self._bodies: dict[Key, bytes | None] = {}

    def find(self, published: PublishedEpisode, here: Path, config: Config, show_guid: str) -> EpisodeSource | None:
        """An episode as listeners have it, whose faulty folder is `here`; None where it cannot stay so: something of it is lost, or the
        show has other addresses now.
        """
        state, page = self._state, recipe_name("page", published.slug)
        keys = state.recipes[page].keys if page in state.recipes else ()
        if moves(state, config) or not keys or not published.texts or not self._lost.isdisjoint(self._keys_of(published.slug)):
            return None
        item = self._item(published.guid, layout.feed(config.feed.file))
        source = self._laid(published, _node(item), here, config, show_guid) if item is not None or not published.title else None
        if source is None:
            return None

        def taken(document: Key) -> etree._Element | None:
            return self._item(published.guid, document)

        return replace(source, served=ServedItem(text_digest=published.texts[0].digest, item=taken))

    def _keys_of(self, slug: str) -> set[Key]:
        """The keys of all that was made for an episode."""
        return {key for name, record in self._state.recipes.items() if episode_of(name) == slug for key in record.keys}

    def _item(self, guid: str, first: Key) -> etree._Element | None:
        """An episode's item, as the document `first` of the feed has it, else another one."""
        from feed.written_items import item_in

        for key in dict.fromkeys((first, *self._documents())):
            body = self._read(key)
            item = item_in(body, guid) if body is not None else None
            if item is not None:
                return item
        return None

    def _documents(self) -> Iterator[Key]:
        """The feed, then its pages with older episodes, the newest of them first."""
        pages = [name for name in self._state.recipes if kind_of(name) == "feed"]
        for name in sorted(pages, key=lambda name: (name != "feed", -int(name.partition("/")[2] or 0))):
            yield from self._state.recipes[name].keys

    def _read(self, key: Key) -> bytes | None:
        """An object that holds the bytes that were put there; None for any other."""
        if key not in self._bodies:
            known = self._state.objects.get(key)
            stored = self._store.read(key) if known is not None else None
            whole = known is not None and stored is not None and hashlib.sha256(stored.body).hexdigest() == known.sha256
            self._bodies[key] = stored.body if stored is not None and whole else None
        return self._bodies[key]

    def _laid(self, published: PublishedEpisode, item: Node | None, here: Path, config: Config, show_guid: str) -> EpisodeSource | None:
        """What its item and documents tell, read as an episode's folder is."""
        root = (self._folder / published.slug).resolve()
        place = root / "episodes" / here.name
        findings: list[Finding] = []
        try:
            shutil.rmtree(root, ignore_errors=True)
            place.mkdir(parents=True)
            for name, body in self._files(published, item):
                (place / name).write_bytes(body)
            names = tuple(sorted(path.name for path in place.iterdir()))
            source = load_episode(place, f"{place.parent.name}/{place.name}", root, config, show_guid, None, findings, names)
        except (OSError, ContentFault):
            return None
        if source is None:
            return None
        date = dt.datetime.fromisoformat(published.date)
        written = source.written.model_copy(update=_told(item, config))
        return replace(source, slug=published.slug, guid=published.guid, date=date, written=written)

    def _files(self, published: PublishedEpisode, item: Node | None) -> Iterator[tuple[str, bytes]]:
        """The files of an episode's folder as far as they can be told: its text, transcripts and chapters."""
        slug = published.slug
        yield "episode.md", "\n".join(["+++", f'title = "{slug}"', *_front(item), "+++", "", _notes(item), ""]).encode()
        for kind in (TRANSCRIPT, "chapters"):
            record = self._state.recipes.get(recipe_name(kind, slug))
            for key in record.keys if record is not None else ():
                language, ending = layout.language_in(key), key.rpartition(".")[2]
                name = (
                    f"chapters.{ending}"
                    if kind != TRANSCRIPT
                    else f"transcript.{language}.{ending}"
                    if language
                    else f"transcript.{ending}"
                )
                if ending == ("vtt" if kind == TRANSCRIPT else "json") and (body := self._read(key)) is not None:
                    yield name, body


def _node(item: etree._Element | None) -> Node | None:
    """An item, to be read as that of any feed."""
    from lxml import etree

    from feed.reader import read_feed

    return read_feed(b"<rss><channel>" + etree.tostring(item) + b"</channel></rss>").items[0] if item is not None else None


def _front(item: Node | None) -> Iterator[str]:
    """The lines of front matter that lists are sorted and marked by."""
    if item is None:
        yield "unlisted = true"
        return
    for key, tag, form in (
        ("season", "itunes:season", r"[1-9]\d{0,6}"),
        ("episode", "podcast:episode", r"\d{1,7}(\.\d{1,2})?"),
        ("episode", "itunes:episode", r"\d{1,7}"),
    ):
        value = item.value(tag)
        if re.fullmatch(form, value, re.ASCII) and (tag != "itunes:episode" or not item.value("podcast:episode")):
            yield f"{key} = {value}"
    if item.value("itunes:episodeType") in ("trailer", "bonus"):
        yield f'type = "{item.value("itunes:episodeType")}"'
    if item.value("itunes:explicit") in ("true", "false"):
        yield f"explicit = {item.value('itunes:explicit')}"


def _notes(item: Node | None) -> str:
    return as_markdown(item.value("content:encoded") or item.value("description")) if item is not None else ""


def _told(item: Node | None, config: Config) -> dict[str, object]:
    """What lists show of an episode, word for word as its item has it."""
    if item is None:
        return {}
    ids = {person.name: name for name, person in config.people.items()}
    heard = [ids.get(node.text, node.text) for node in item.all("podcast:person")]
    hosts = config.show.hosts
    return {
        **{key: node.text for key, tag in (("title", "title"), ("summary", "description")) if (node := item.first(tag)) is not None},
        "hosts": None if set(hosts) <= set(heard) else [name for name in hosts if name in heard],
        "guests": [name for name in heard if name not in hosts],
    }
