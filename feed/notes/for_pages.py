"""The notes as our own pages show them: links resolved, times that seek, no request to anyone else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.model import Image
from feed.notes.html_tree import Child, Element, walk
from feed.notes.links import absolute, is_external
from feed.notes.markdown import image_name
from feed.notes.times_in_text import split_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEADINGS = {f"h{level}": f"h{min(level + 1, 6)}" for level in range(1, 7)}
_LITERAL = frozenset({"a", "code", "kbd", "pre", "samp", "time"})
_NOTE_ID = re.compile(r"fn(ref)?[0-9]+(:[0-9]+)?")
_SEEK = re.compile(r"#t=[0-9.,:]+")
_CLASSES = {
    "code": re.compile(r"language-[\w+#.-]{1,30}"),
    "section": re.compile(r"footnotes"),
    "sup": re.compile(r"footnote-ref"),
    "td": re.compile(r"align-(left|right|center)"),
    "th": re.compile(r"align-(left|right|center)"),
}
_KEPT = {"abbr": "title", "ol": "start", "time": "datetime"}


class PageWriter:
    """Makes the page's tree from a cleaned one."""

    def __init__(self, base_url: str, images: Mapping[str, str | Image], duration: float | None) -> None:
        self._base_url = base_url
        self._images = images
        self._duration = duration
        self._headings: Mapping[str, str] = {}

    def write(self, children: list[Child]) -> list[Child]:
        """The tree for the page. `<h1>` is the episode's title there, so notes that use it have their headings moved down."""
        self._headings = _HEADINGS if any(node.tag == "h1" for node in walk(children)) else {}
        return self._all(children, literal=False)

    def _all(self, children: Iterable[Child], *, literal: bool) -> list[Child]:
        result: list[Child] = []
        for child in children:
            if isinstance(child, str):
                result.extend([child] if literal else self._times(child))
            elif child.tag == "a":
                result.extend(self._link(child))
            elif child.tag == "img":
                result.extend(self._image(child, literal=literal))
            else:
                inside = self._all(child.children, literal=literal or child.tag in _LITERAL)
                result.append(Element(self._headings.get(child.tag, child.tag), _attributes(child), inside))
        return result

    def _times(self, text: str) -> list[Child]:
        return [
            piece if isinstance(piece, str) else Element("a", {"class": "time", "href": f"#t={piece[1]:.0f}"}, [piece[0]])
            for piece in split_times(text, self._duration)
        ]

    def _link(self, link: Element) -> list[Child]:
        inside = self._all(link.children, literal=True)
        written = link.attributes.get("href", "")
        if written.startswith("#"):
            attributes = {"href": written, **_note_id(link)}
            if written.startswith("#fn"):
                attributes["role"] = "doc-backlink" if written.startswith("#fnref") else "doc-noteref"
            elif _SEEK.fullmatch(written):
                attributes["class"] = "time"
            return [Element("a", attributes, inside)]
        address = picture_address(self._images, image_name(written)) or absolute(written, self._base_url)
        if not address:
            return inside
        return [Element("a", {"href": address} | ({"rel": "noopener"} if is_external(address, self._base_url) else {}), inside)]

    def _image(self, image: Element, *, literal: bool) -> list[Child]:
        source, alt = image.attributes.get("src", ""), image.attributes.get("alt", "")
        known = self._images.get(image_name(source))
        if known is not None:
            attributes = {"src": known if isinstance(known, str) else known.url, "alt": alt}
            if isinstance(known, Image) and known.width and known.height:
                attributes |= {"width": str(known.width), "height": str(known.height)}
            return [Element("img", attributes | {"loading": "lazy", "decoding": "async"})]
        label = image_label(image)
        # Another host would learn who reads this page: its pictures are links.
        address = "" if literal else absolute(source, self._base_url)
        if not address:
            return [label]
        return [Element("a", {"href": address} | ({"rel": "noopener"} if is_external(address, self._base_url) else {}), [label])]


def picture_address(images: Mapping[str, str | Image], name: str) -> str:
    """Where the episode's picture `name` is published; "" when it is not one of them."""
    known = images.get(name, "")
    return known if isinstance(known, str) else known.url


def image_label(image: Element) -> str:
    """What stands for a picture that is not shown: its text, else its name."""
    name = image_name(image.attributes.get("src", "")).split("?")[0].rstrip("/")
    return " ".join(image.attributes.get("alt", "").split()) or name.rpartition("/")[2] or "image"


def _attributes(node: Element) -> dict[str, str]:
    attributes: dict[str, str] = {}
    written = node.attributes.get("class", "")
    if node.tag in _CLASSES and _CLASSES[node.tag].fullmatch(written):
        attributes["class"] = written
    if node.tag == "li":
        attributes |= _note_id(node)
    name = _KEPT.get(node.tag)
    if name and node.attributes.get(name) and (name != "start" or re.fullmatch(r"[0-9]{1,9}", node.attributes[name])):
        attributes[name] = node.attributes[name]
    return attributes


def _note_id(node: Element) -> dict[str, str]:
    written = node.attributes.get("id", "")
    return {"id": written} if _NOTE_ID.fullmatch(written) else {}
