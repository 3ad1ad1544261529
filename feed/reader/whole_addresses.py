"""Addresses of a feed without a host, completed as browsers do: by `xml:base`, else by where the feed was fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from feed.reader import Node

_ATTRIBUTES = frozenset({"url", "href"})
_TEXTS = frozenset({"link", "url"})


class WholeAddresses:
    """Completes the addresses of one feed document; `completed` are those that were not whole, as they were written."""

    def __init__(self) -> None:
        self.completed: list[str] = []

    def of(self, node: Node, base: str) -> Node:
        """The element with everything inside it, its addresses whole where `base` is known; the very same where they are."""
        base = joined(base, node.get("xml:base")) if "xml:base" in node.attributes else base
        attributes = {
            name: self._whole(value, base) if name in _ATTRIBUTES and node.name != "atom:link" else value
            for name, value in node.attributes.items()
        }
        content = tuple(part if isinstance(part, str) else self.of(part, base) for part in node.content)
        if node.name in _TEXTS and not any(node.children) and (whole := self._whole(node.text, base)) != node.text:
            content = (whole,)
        if attributes == node.attributes and all(new is old for new, old in zip(content, node.content, strict=False)):
            return node
        named: dict[str, list[Node]] = {}
        for part in content:
            if not isinstance(part, str):
                named.setdefault(part.name, []).append(part)
        return node._replace(attributes=attributes, content=content, named=named)

    def _whole(self, written: str, base: str) -> str:
        address = written.strip()
        if not address or not base or ":" in address.partition("/")[0] or address.startswith(("www.", "#")):
            return written
        whole = joined(base, address)
        if whole != address:
            self.completed.append(address)
        return whole


def joined(base: str, address: str) -> str:
    """The address as it is read from where `base` lies; as it is where it cannot be."""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return address
