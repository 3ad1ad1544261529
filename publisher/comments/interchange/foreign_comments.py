"""Comments as another service kept them: what its export says of each, and what of it is not taken."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed.notes.html_tree import Element, read_html, text_of
from feed.notes.plain_text import tidy_text
from feed.text_cleaning import one_line

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from feed.notes.html_tree import Child
    from publisher.comments.database.values import CommentState

NOBODY = "Anonymous"
"""Who wrote a comment without a name."""
_BLOCKS = frozenset(("blockquote", "div", "li", "ol", "p", "pre", "ul"))
_INLINE = frozenset(("a", "b", "br", "code", "del", "em", "i", "img", "s", "strong"))
_NO_TEXT = frozenset(("script", "style", "template", "iframe", "object"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignComment:
    """One comment of another service. `address` is the page it stood on, as that service knew it: a path, or a whole address; `parent`
    is the `foreign_id` of the comment it answers, "" for none.
    """

    address: str
    title: str
    foreign_id: str
    parent: str
    name: str
    text: str
    created: dt.datetime
    at: int | None = None
    edited: dt.datetime | None = None
    state: CommentState


@dataclass(slots=True)
class Foreign:
    """What was read of an export: its comments, how many were `left_out`, and how much is `not_kept` of those taken; by words for a person."""

    comments: list[ForeignComment] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    not_kept: Counter[str] = field(default_factory=Counter)


def name_of(written: str | None) -> str:
    """A name on one line."""
    return one_line(written or "") or NOBODY


def plain_text(written: str) -> str:
    """HTML as services keep comments in it, as text: paragraphs with a blank line between, links with their addresses. Never raises for
    what is no HTML: that is text already.
    """
    import nh3

    if not re.search(r"<[a-zA-Z/!]|&[#a-zA-Z]", written):
        return tidy_text(written)
    clean = nh3.clean(
        written,
        tags=set(_BLOCKS | _INLINE),
        clean_content_tags=set(_NO_TEXT),
        attributes={"a": {"href"}, "img": {"alt"}},
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
    )
    return tidy_text("\n\n".join(_paragraphs(read_html(clean))))


def _paragraphs(children: Iterable[Child]) -> Iterator[str]:
    """The text of each block, whatever stands between two of them together."""
    row: list[Child] = []
    for child in children:
        if isinstance(child, Element) and child.tag in _BLOCKS:
            yield from _lines(row)
            row = []
            yield from _paragraphs(child.children)
        else:
            row.append(child)
    yield from _lines(row)


def _lines(row: list[Child]) -> Iterator[str]:
    text = text_of(row, link=_with_address)
    if text.strip():
        yield text


def _with_address(link: Element) -> str:
    label, address = text_of(link.children), link.attributes.get("href", "")
    return label if not address or label.strip().rstrip("…") in address else f"{label} ({address})"
