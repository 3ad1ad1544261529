"""Comments as another service kept them: what its export says of each, and what of it is not taken."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from publisher.comments import texts
from publisher.comments.database.values import EARLIEST, LATEST

if TYPE_CHECKING:
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
    """A name as the form's are kept."""
    name = texts.one_line(written or "")
    return name if texts.visible(name) else NOBODY


def words_of(written: str) -> str:
    """A text as the form's are kept; "" for one of which nothing can be seen."""
    words = texts.paragraphs(written)
    return words if texts.visible(words) else ""


def written_moment(written: object) -> dt.datetime | None:
    """A time as ISO 8601 writes it; None for what is none."""
    try:
        return moment_of(dt.datetime.fromisoformat(str(written or "")))
    except ValueError:
        return None


def moment_of(found: dt.datetime | None) -> dt.datetime | None:
    """A time in UTC, which it is in when it does not say; None for one in a year of no comment."""
    if found is None:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return aware.astimezone(dt.UTC) if EARLIEST <= aware < LATEST else None
