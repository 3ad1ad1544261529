"""Items of a feed that were written before: what was made of the same is taken from that document, not made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from feed.text_cleaning import xml_exact

if TYPE_CHECKING:
    from collections.abc import Sequence


def items_in(document: bytes, names: Sequence[str]) -> dict[str, etree._Element]:
    """The items of a feed that `feed.rss` wrote, in its order, by the names they are given; nothing where these do not fit.

    An item holds the blanks it was laid out with, so that it comes out in the same bytes; it can be taken into one other document.
    """
    items = _items(document)
    return dict(zip(names, items, strict=True)) if len(items) == len(names) else {}


def item_in(document: bytes, guid: str) -> etree._Element | None:
    """The item of this guid in a feed that `feed.rss` wrote, to be taken into one other document; None where it has none."""
    return next((item for item in _items(document) if item.findtext("guid") == xml_exact(guid)), None)


def _items(document: bytes) -> list[etree._Element]:
    """The items, each without the blanks that stand between two; none of what is no XML."""
    parser = etree.XMLParser(strip_cdata=False, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        items = etree.fromstring(document, parser).findall("channel/item")
    except etree.XMLSyntaxError:
        return []
    for item in items:
        item.tail = None  # the blanks between two items are the document's
    return items
