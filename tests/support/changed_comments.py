"""Comments changed in their database, each in a transaction of its own, as decisions and their authors change them."""

from __future__ import annotations

from publisher.comments.database.comments import ERASED, change, sameness


def decide(database, show, comment_id, state, now):
    """Put a comment into a state; None where there is none."""
    return _changed(database, show, comment_id, {"state": state, "decided": now})


def edit(database, show, comment_id, *, text, now, **more):
    """Other words for a comment; None where there is none."""
    return _changed(database, show, comment_id, {"text": text, "sameness": sameness(text), "edited": now, **more})


def erase(database, show, comment_id, now):
    """Take everything out of a comment that somebody wrote; None where there is none."""
    return _changed(database, show, comment_id, {**ERASED, "decided": now})


def _changed(database, show, comment_id, values):
    with database.access.write() as connection:
        return change(connection, show, comment_id, values)
