"""What is decided without a moderator: the comments of who was approved often enough, and threads that are closed by their age."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.comments.database.values import CommentState


def state_at_first(approved_before: int, needed: int | None) -> CommentState:
    """The state of a new comment whose author's token has so many approved ones; `needed` are those that make it approved by itself."""
    return "approved" if needed is not None and approved_before >= needed else "held"


def is_closed_by_age(published: dt.datetime, close_after: int | None, now: dt.datetime) -> bool:
    """Whether a thread is closed: its episode came out more than `close_after` days ago."""
    return close_after is not None and now - published > dt.timedelta(days=close_after)
