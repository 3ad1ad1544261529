"""Comments as another service kept them: what its export says of each, and what of it is not taken."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed.text_cleaning import one_line

if TYPE_CHECKING:
    import datetime as dt

    from publisher.comments.database.values import CommentState

NOBODY = "Anonymous"
"""Who wrote a comment without a name."""


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
