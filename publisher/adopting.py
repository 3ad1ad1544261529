"""A storage without State that already serves a feed: what would change for its subscribers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.tripwires import Tripped

if TYPE_CHECKING:
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
    return [Tripped(name="adopt", message="; ".join(words), hint="write the old guids into the front matter, or apps show every episode again")]


def _guids(feed: bytes) -> set[str]:
    from lxml import etree

    try:
        root = etree.fromstring(feed, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return set()
    return {(item.findtext("guid") or "").strip() for item in root.iter("item")} - {""}
