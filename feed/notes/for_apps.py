"""The notes as apps keep them: `p br a ul ol li strong em b i h1 h2`, absolute links; all else is rewritten in those.

Apple and Spotify drop other elements with what they mean; here a table becomes lines, a picture a link, code its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.notes.for_pages import image_label, picture_address
from feed.notes.html_tree import Child, Element, text_of
from feed.notes.links import absolute, is_web
from feed.notes.markdown import image_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feed.model import Image

_INLINE = {"strong": "strong", "em": "em", "b": "b", "i": "i", "cite": "em", "dfn": "em", "mark": "strong"}
_TEXT = frozenset({"abbr", "code", "del", "ins", "kbd", "q", "s", "samp", "small", "sub", "sup", "time", "u", "var"})
_HEADINGS = frozenset({"h3", "h4", "h5", "h6", "summary", "dt", "caption", "figcaption"})
_SMALL_DIGITS = {"sup": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"), "sub": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")}
_CELL = " · "


class AppsWriter:
    """Makes the apps' tree from a cleaned one: a list of blocks (`p h2 ul ol`), nothing between them."""

    def __init__(self, base_url: str, images: Mapping[str, str | Image]) -> None:
        self._base_url = base_url
        self._images = images

    def write(self, children: list[Child]) -> list[Element]:
        """The blocks, in order."""
        blocks: list[Element] = []
        line: list[Child] = []
        for child in children:
            if _is_inline(child):
                line.append(child)
            else:
                blocks.extend(self._paragraph(line))
                line = []
                blocks.extend(self._block(child))
        blocks.extend(self._paragraph(line))
        return blocks

    def _block(self, child: Child) -> list[Element]:
        if isinstance(child, str) or child.tag == "hr":
            return []
        if child.tag == "table":
            return self._table(child)
        if child.tag in ("h1", "h2"):
            block = Element("h2", {}, self._inline(child.children))
        elif child.tag in _HEADINGS:
            block = Element("p", {}, [Element("strong", {}, self._inline(child.children))])
        elif child.tag == "pre":
            block = break_lines(text_of(child.children).strip("\n").split("\n"))
        elif child.tag in ("ul", "ol"):
            block = Element(
                child.tag,
                {},
                [Element("li", {}, item) for node in child.children if isinstance(node, Element) and (item := self._item(node))],
            )
            return [block] if block.children else []
        else:
            blocks = self.write(child.children)
            quoted = child.tag == "blockquote"
            return [Element("p", {}, [Element("em", {}, block.children)]) if quoted and block.tag == "p" else block for block in blocks]
        return _unless_blank(block)

    def _item(self, item: Element) -> list[Child]:
        """An `<li>`: its paragraphs as lines, lists inside it kept."""
        if item.tag != "li":
            return list(self.write([item]))
        result: list[Child] = []
        for block in self.write(item.children):
            if block.tag in ("ul", "ol"):
                result.append(block)
            else:
                result.extend(([Element("br")] if result else []) + block.children)
        return result

    def _table(self, table: Element) -> list[Element]:
        blocks: list[Element] = []
        lines: list[Child] = []
        for row in _rows(table):
            if row.tag == "caption":
                blocks.extend(self._block(row))
                continue
            cells: list[Child] = []
            heads = True
            for cell in row.children:
                if not isinstance(cell, Element):
                    continue
                inside = self._inline(cell.children)
                heads = heads and cell.tag == "th"
                if text_of(inside).strip():
                    cells.extend([*([_CELL] if cells else []), *inside])
            if cells:
                lines.extend(([Element("br")] if lines else []) + ([Element("strong", {}, cells)] if heads else cells))
        return blocks + ([Element("p", {}, lines)] if lines else [])

    def _paragraph(self, line: list[Child]) -> list[Element]:
        return _unless_blank(Element("p", {}, _trimmed(self._inline(line))))

    def _inline(self, children: Iterable[Child], *, linked: bool = False) -> list[Child]:
        result: list[Child] = []
        for child in children:
            if isinstance(child, str):
                text = child.replace("\n", " ")
                result.append(text.lstrip() if result and _is_break(result[-1]) else text)
            elif child.tag == "br":
                result.append(Element("br"))
            elif child.tag == "a":
                result.extend(self._link(child))
            elif child.tag == "img":
                label = image_label(child)
                source = child.attributes.get("src", "")
                address = picture_address(self._images, image_name(source)) or absolute(source, self._base_url)
                result.append(Element("a", {"href": address}, [label]) if is_web(address) and not linked else label)
            elif child.tag in ("s", "del"):
                continue  # shown without its line it would say what was taken back
            elif child.tag in _SMALL_DIGITS and (digits := text_of(child.children)).isdecimal():
                result.append(digits.translate(_SMALL_DIGITS[child.tag]))
            elif child.tag in _INLINE:
                inside = self._inline(child.children, linked=linked)
                result.extend([Element(_INLINE[child.tag], {}, inside)] if text_of(inside).strip() else inside)
            else:
                result.extend(self._inline(child.children, linked=linked))
        return result

    def _link(self, link: Element) -> list[Child]:
        written = link.attributes.get("href", "")
        if written.startswith("#fnref"):
            return []
        inside = self._inline(link.children, linked=True)
        if written.startswith("#fn"):
            return inside
        address = picture_address(self._images, image_name(written)) or absolute(written, self._base_url)
        if is_web(address):
            return [Element("a", {"href": address}, inside)] if text_of(inside).strip() else inside
        plain = address.removeprefix("mailto:")
        # Mail addresses are no links to every app; one in brackets stays.
        return [*inside, f" ({plain})"] if plain and plain not in text_of(inside) else inside


def _is_inline(child: Child) -> bool:
    if isinstance(child, str):
        return True
    if child.tag in ("a", "ins", "del"):
        return all(_is_inline(inner) for inner in child.children)
    return child.tag in _INLINE or child.tag in _TEXT or child.tag in ("br", "img")


def _rows(table: Element) -> Iterable[Element]:
    for child in table.children:
        if isinstance(child, Element):
            if child.tag in ("thead", "tbody", "tfoot"):
                yield from _rows(child)
            elif child.tag in ("tr", "caption"):
                yield child


def break_lines(lines: Iterable[str]) -> Element:
    """A paragraph of lines with their breaks kept."""
    children: list[Child] = []
    for line in lines:
        children.extend([Element("br"), line] if children else [line])
    return Element("p", {}, children)


def _trimmed(children: list[Child]) -> list[Child]:
    """No blanks and breaks at either end."""
    children = list(children)
    for end in (0, -1):
        while children and (_is_break(children[end]) or (isinstance(children[end], str) and not str(children[end]).strip())):
            children.pop(end)
    if children and isinstance(children[0], str):
        children[0] = children[0].lstrip()
    if children and isinstance(children[-1], str):
        children[-1] = children[-1].rstrip()
    return children


def _is_break(child: Child) -> bool:
    return isinstance(child, Element) and child.tag == "br"


def _unless_blank(node: Element) -> list[Element]:
    return [node] if text_of(node.children).strip() else []
