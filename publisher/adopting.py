"""A storage without State that already serves something: a feed with subscribers, or somebody's pages."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from publisher.build import Phase
from publisher.tripwires import Tripped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.build import Artifact
    from publisher.publication import Publication
    from publisher.stores import Store


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


def _etag(item: Artifact) -> str:
    return hashlib.md5(item.body, usedforsecurity=False).hexdigest() if isinstance(item.body, bytes) else ""


def _guids(feed: bytes) -> set[str]:
    from lxml import etree

    try:
        root = etree.fromstring(feed, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return set()
    return {(item.findtext("guid") or "").strip() for item in root.iter("item")} - {""}
