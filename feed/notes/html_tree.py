"""Cleaned HTML as a small tree, and a tree as HTML: the one place where notes become markup again."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from feed.notes.limits import DEPTH, too_complex
from feed.text_cleaning import xml_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

VOID = frozenset({"br", "hr", "img"})


@dataclass(slots=True)
class Element:
    """An element. Attributes are written in the order they stand here, so that same notes are same bytes."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)


Child = Element | str


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and any(node.tag == "a" for node in self.open):
            return  # a link in a table cell within a link: the outer one stays
        node = Element(tag, {name: xml_safe(value or "") for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)
            if len(self.open) > DEPTH:
                raise too_complex(f"the notes are nested more than {DEPTH} levels deep")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) > 1 and self.open[-1].tag == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        text = xml_safe(data)
        if text:
            self.open[-1].children.append(text)


def read_html(text: str) -> list[Child]:
    """The tree of HTML that a cleaner has made well-formed.

    Raises ContentFault notes-too-complex when it is nested too deeply.
    """
    builder = _Builder()
    builder.feed(text)
    builder.close()
    return builder.root.children


def write_html(children: Iterable[Child]) -> str:
    """The tree as HTML. Texts and attributes are escaped here and nowhere else."""
    parts: list[str] = []
    _write(children, parts)
    return "".join(parts)


def _write(children: Iterable[Child], parts: list[str]) -> None:
    for child in children:
        if isinstance(child, str):
            parts.append(html.escape(child, quote=False))
            continue
        attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in child.attributes.items())
        parts.append(f"<{child.tag}{attributes}>")
        if child.tag not in VOID:
            _write(child.children, parts)
            parts.append(f"</{child.tag}>")


def walk(children: Iterable[Child]) -> Iterator[Element]:
    """Every element, from top to bottom."""
    for child in children:
        if isinstance(child, Element):
            yield child
            yield from walk(child.children)


def text_of(children: Iterable[Child], *, link: Callable[[Element], str] | None = None) -> str:
    """The text alone; `<br>` is a line break, footnote marks and what is struck out are left out. `link` words a link, else its text."""
    parts: list[str] = []
    for child in children:
        if isinstance(child, str):
            parts.append(child)
        elif child.tag == "br":
            parts.append("\n")
        elif child.tag == "img":
            parts.append(child.attributes.get("alt", ""))
        elif link is not None and child.tag == "a":
            parts.append(link(child))
        elif child.tag not in ("s", "del") and child.attributes.get("class") != "footnote-ref":
            parts.append(text_of(child.children, link=link))
    return "".join(parts)
