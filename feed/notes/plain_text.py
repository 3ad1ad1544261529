"""The notes without markup: the full text, and the summary that becomes `<description>`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.notes.html_tree import Child, Element, text_of
from feed.notes.times_in_text import TIME_AT_START
from feed.text_cleaning import cut_at_sentence, without_angles, xml_safe

if TYPE_CHECKING:
    from collections.abc import Iterable

SUMMARY_BYTES = 4000
"""Apple and PSP-1: the most a description may hold."""

_BLANKS = re.compile(r"[ \t\xa0]+")
_MANY_BREAKS = re.compile(r"\n{3,}")


def write_text(blocks: Iterable[Element]) -> str:
    """The apps' blocks as plain text: paragraphs with a blank line between, `- ` and `1. ` for lists, links with addresses."""
    return "\n\n".join(_block(block) for block in blocks)


def first_paragraph(children: Iterable[Child]) -> str:
    """The first paragraph of running text: no heading, no list of times. "" where there is none."""
    for child in children:
        if not isinstance(child, Element) or child.attributes.get("class") == "footnotes":
            continue
        if child.tag == "p":
            text = tidy_text(text_of(child.children))
            if text and not TIME_AT_START.match(text) and not _is_picture(child):
                return text
        elif child.tag in ("div", "blockquote", "section") and (text := first_paragraph(child.children)):
            return text
    return ""


def write_summary(body: str, *, link: str, disclosure: str) -> str:
    """At most SUMMARY_BYTES of plain text; `link` to the rest when cut, `disclosure` as the last line."""
    body = without_angles(tidy_text(body))
    disclosure = cut_at_sentence(without_angles(tidy_text(disclosure)), SUMMARY_BYTES)
    ending = "" if not disclosure or body.endswith(disclosure) else disclosure
    whole = _joined(body, ending)
    if len(whole.encode()) <= SUMMARY_BYTES:
        return whole
    ending = _joined(xml_safe(link), disclosure)
    if len(ending.encode()) + 2 >= SUMMARY_BYTES:
        ending = disclosure
    return _joined(cut_at_sentence(body, max(0, SUMMARY_BYTES - len(ending.encode()) - 2)).rstrip(), ending)


def tidy_text(text: str) -> str:
    """No blanks at the ends of lines, no more than one blank line, nothing XML cannot hold."""
    lines = (_BLANKS.sub(" ", line).strip(" ") for line in xml_safe(text).split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _is_picture(paragraph: Element) -> bool:
    return (
        any(isinstance(child, Element) and child.tag == "img" for child in paragraph.children)
        and not "".join(child for child in paragraph.children if isinstance(child, str)).strip()
    )


def _block(block: Element) -> str:
    if block.tag not in ("ul", "ol"):
        return tidy_text(_line(block.children))
    return "\n".join(_item(item, f"{number}. " if block.tag == "ol" else "- ") for number, item in enumerate(_nodes(block), 1))


def _item(item: Element, mark: str) -> str:
    lists = [child for child in _nodes(item) if child.tag in ("ul", "ol")]
    own = [child for child in item.children if not any(child is inner for inner in lists)]
    inside = "\n".join([tidy_text(_line(own)), *(_block(inner) for inner in lists)])
    return mark + inside.replace("\n", "\n" + " " * len(mark))


def _nodes(node: Element) -> list[Element]:
    return [child for child in node.children if isinstance(child, Element)]


def _line(children: Iterable[Child]) -> str:
    return text_of(children, link=_with_address)


def _with_address(link: Element) -> str:
    label, address = _line(link.children), link.attributes["href"]
    return address if label.strip() in ("", address) else f"{label} ({address})"
