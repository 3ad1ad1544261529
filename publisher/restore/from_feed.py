"""A show brought back from what listeners have, where nobody kept its texts: its feed and documents, read from the storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.reader import read_feed
from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.importing.chosen_items import TakenBefore
from publisher.importing.feed_import import ImportOptions, take_show
from publisher.load.config_edits import with_values
from publisher.restore.stored_site import StoredSite

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from publisher.core.console import Console
    from publisher.restore.target_folder import TargetFolder
    from publisher.state.state import State
    from publisher.stores.protocol import Store

NOT_TOLD = (
    "texts are kept nowhere, for this storage has no private side: notes are Markdown made of what listeners have, theme, pages of your own, "
    "and what of config.toml no feed tells (looks, directories, whom to tell) are not restored"
)


def restore_from_feed(
    state: State, store: Store, target: TargetFolder, console: Console, places: Mapping[str, str], now: dt.datetime
) -> tuple[int, list[str]]:
    """Write the show's folder, its `[storage]` with these `places`: how many episodes there are, and what is not as it was written.

    Raises StorageError where the feed is not on the storage.
    """
    site = state.site_url.rstrip("/")
    feed = f"{site}/{state.feed_key}"
    stored = store.read(layout.feed(state.feed_key))
    if stored is None:
        raise StorageError(
            "the feed is not on this storage, and no texts are kept here",
            hint=f"publish import {feed} FOLDER --force locked: what listeners have",
            code="restore-nothing",
        )
    listed = [item for item in state.episodes.values() if not (item.removed or item.withdrawn)]
    names = {item.guid: f"{item.date[:10]}-{item.slug}" for item in listed}
    known = TakenBefore(names=names, slugs={names[item.guid]: item.slug for item in listed})
    options = ImportOptions(url=site, media="later", forced=True, retag=True, now=now, known=known, own=True)
    with StoredSite(store, site, feed) as fetcher:
        taken = take_show(fetcher, feed, target.folder, console, options)
    _settle_config(target, state, places, _prefix_in(stored.body, state))
    left = [NOT_TOLD, *taken.warnings]
    if taken.episodes < len(listed):
        left.append(f"{len(listed) - taken.episodes} of {len(listed)} published episodes are not in the feed (unlisted ones): not restored")
    return taken.episodes, left


def _prefix_in(feed: bytes, state: State) -> str:
    """The measurement service before the addresses of recordings; "" for none."""
    site = state.site_url.rstrip("/").partition("://")[2]
    known = state.by_guid()
    for item in read_feed(feed).items:
        audio = known[item.value("guid")].audio if item.value("guid") in known else None
        before, found, _ = item.attribute("enclosure", "url").partition(f"{site}/{audio.key}" if audio is not None else "\0")
        if found:
            before = before.removesuffix("http://")
            return before if before.partition("://")[2] else ""
    return ""


def _settle_config(target: TargetFolder, state: State, places: Mapping[str, str], prefix: str) -> None:
    """Let config.toml name the storage, the measurement service, and what State knows of the site."""
    path = target.folder / "config.toml"
    changes: list[tuple[tuple[str, ...], str | bool]] = [(("storage", name), value) for name, value in places.items() if value]
    changes += [(("feed", "file"), str(state.feed_key))] if state.feed_key != "feed.xml" else []
    changes += [(("site", "pretty_urls"), True)] if state.pretty_urls else []
    changes += [(("feed", "enclosure_prefix"), prefix)] if prefix else []
    edited = with_values(path.read_bytes(), changes)
    if edited is not None:
        target.write("config.toml", edited)
