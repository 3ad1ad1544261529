"""A storage without State that already serves something: a feed with subscribers, or somebody's pages."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from publisher.build import Phase
from publisher.tripwires import Tripped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from feed.model import AudioFacts
    from publisher.build import Artifact
    from publisher.episode import EpisodeContent
    from publisher.publication import Publication
    from publisher.stores import Store
    from publisher.workspace import Workspace


def adopt_tripwire(store: Store, feed_key: str, publication: Publication) -> list[Tripped]:
    """One tripwire when there is a feed where ours would go; the guids in it are held against ours."""
    stored = store.read(feed_key)
    if stored is None:
        return []
    ours = {item.source.guid for item in publication.episodes}
    theirs = _guids(stored.body)
    lost = sorted(theirs - ours)
    added = len(ours - theirs)
    words = [f"there is a feed at {feed_key} that we did not publish, with {len(theirs)} episodes"]
    if lost:
        shown = ", ".join(lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")
        words.append(f"{len(lost)} of them are not in this folder (guids {shown})")
    if added:
        words.append(f"{added} of this folder's would be new to its subscribers")
    return [
        Tripped(name="adopt", message="; ".join(words), hint="write the old guids into the front matter, or apps show every episode again")
    ]


def overwrite_tripwire(store: Store, feed_key: str, uploads: Sequence[Artifact]) -> list[Tripped]:
    """One tripwire when other files lie where our pages would go; each folder is listed once. Where there is a feed, too,
    `adopt` has asked already whether this place is ours.
    """
    pages = {item.key: item for item in uploads if item.phase is Phase.PAGE}
    folders = sorted({f"{key.partition('/')[0]}/" for key in pages if "/" in key})
    there = {item.key: item.etag for folder in folders for item in store.list(folder) if item.key in pages}
    there |= {item.key: item.etag for key in pages if "/" not in key and (item := store.head(key)) is not None}
    strange = sorted(key for key, etag in there.items() if etag != _etag(pages[key]))
    if not strange or store.head(feed_key) is not None:
        return []
    shown = ", ".join(strange[:3]) + (f" and {len(strange) - 3} more" if len(strange) > 3 else "")
    return [
        Tripped(
            name="overwrite",
            message=f"files that we did not put there would be overwritten: {shown}",
            hint="is [storage] url the right place?",
        )
    ]


def kept_copies(workspace: Workspace) -> Callable[[EpisodeContent, Path], tuple[Path, AudioFacts]]:
    """`Workspace.make_copy`, except where the live feed names a copy of the same recording whose tags alone are others than they
    would be now: that one stays, for apps have pinned its address and length.
    """
    stored = workspace.store.read(workspace.config.feed.file)
    live = dict(_enclosures(stored.body)) if stored is not None else {}

    def make_copy(content: EpisodeContent, recording: Path) -> tuple[Path, AudioFacts]:
        from publisher.tagging import same_audio

        copy, facts = workspace.make_copy(content, recording)
        named = re.search(rf"/(media/{re.escape(content.slug)}-([0-9a-f]{{8}})\.{facts.extension})$", live.get(content.source.guid, ""))
        if named is None or named[2] == facts.sha256[:8]:
            return copy, facts
        there = workspace.cache / "media" / named[1].rpartition("/")[2]
        there.parent.mkdir(exist_ok=True)
        if workspace.store.fetch(named[1], there) is None or not same_audio(recording, there):
            return copy, facts
        measured = workspace.measure(there)
        return (there, measured) if measured.sha256.startswith(named[2]) else (copy, facts)

    return make_copy


def _etag(item: Artifact) -> str:
    return hashlib.md5(item.body, usedforsecurity=False).hexdigest() if isinstance(item.body, bytes) else ""


def _guids(feed: bytes) -> set[str]:
    return {guid for guid, _ in _enclosures(feed)} - {""}


def _enclosures(feed: bytes) -> Iterator[tuple[str, str]]:
    """Guid and enclosure's address of each item; nothing of a feed that cannot be read."""
    from lxml import etree

    try:
        root = etree.fromstring(feed, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return
    for item in root.iter("item"):
        enclosure = item.find("enclosure")
        yield (item.findtext("guid") or "").strip(), "" if enclosure is None else enclosure.get("url", "")
