"""HTML as services keep posts and comments in it, as plain text."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from feed.findings import ContentFault
from feed.notes.html_tree import Element, read_html, text_of
from feed.notes.plain_text import tidy_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from feed.notes.html_tree import Child

_BLOCKS = frozenset(("blockquote", "div", "li", "ol", "p", "pre", "ul"))
_INLINE = frozenset(("a", "b", "br", "code", "del", "em", "i", "img", "s", "strong"))
MOST_TAGS = 4_000
"""Of what has more nobody wrote the tags: its text alone is taken. To find which stands in which, browsers' rules look through all that are
open for each, which takes minutes for a hundred thousand.
"""
_ENDS_LINE = re.compile(rf"</?(?:br|{'|'.join(sorted(_BLOCKS))})\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_NO_TEXT = frozenset(("script", "style", "template", "iframe", "object"))


def with_address(link: Element) -> str:
    """A link's words, and where it leads in brackets behind them where they do not say it."""
    label, address = text_of(link.children), link.attributes.get("href", "")
    return label if not address or label.strip().rstrip("…") in address else f"{label} ({address})"


def plain_text(written: str, link: Callable[[Element], str] = with_address) -> str:
    """HTML as text: paragraphs with a blank line between, a link as `link` words it. Never raises for what is no HTML: that is text
    already.
    """
    if not re.search(r"<[a-zA-Z/!]|&[#a-zA-Z]", written):
        return tidy_text(written)
    if written.count("<") > MOST_TAGS:
        return tidy_text(html.unescape(_TAG.sub("", _ENDS_LINE.sub("\n", written))))
    try:
        children = read_html(_clean(written, _BLOCKS | _INLINE))
    except ContentFault:  # nested deeper than anybody writes it: its text alone
        children = read_html(_clean(written, {"br"}))
    return tidy_text("\n\n".join(_paragraphs(children, link)))


def _clean(written: str, tags: Collection[str]) -> str:
    import nh3

    return nh3.clean(
        written,
        tags=set(tags),
        clean_content_tags=set(_NO_TEXT),
        attributes={"a": {"href"}, "img": {"alt"}},
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
    )


def _paragraphs(children: Iterable[Child], link: Callable[[Element], str]) -> Iterator[str]:
    """The text of each block, whatever stands between two of them together."""
    row: list[Child] = []
    for child in children:
        if isinstance(child, Element) and child.tag in _BLOCKS:
            yield from _lines(row, link)
            row = []
            yield from _paragraphs(child.children, link)
        else:
            row.append(child)
    yield from _lines(row, link)


def _lines(row: list[Child], link: Callable[[Element], str]) -> Iterator[str]:
    text = text_of(row, link=link)
    if text.strip():
        yield text
