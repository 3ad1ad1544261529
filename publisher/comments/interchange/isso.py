"""Comments in the database of Isso: a file of SQLite, opened to read alone.

Source of the tables and modes: isso/db/comments.py and threads.py of https://github.com/isso-comments/isso.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from feed.findings import ContentFault
from feed.notes.plain_text import tidy_text
from publisher.comments.interchange.foreign_comments import Foreign, ForeignComment, moment_of, name_of, words_of

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.comments.database.values import CommentState

BEGINS = b"SQLite format 3\x00"
"""How every file of SQLite begins."""
_STATES: dict[int, CommentState] = {1: "approved", 2: "held"}
_QUERY = """SELECT comments.id, comments.parent, comments.created, comments.modified, comments.mode, comments.text, comments.author,
    comments.email, comments.website, comments.likes, comments.dislikes, threads.uri, threads.title
    FROM comments LEFT JOIN threads ON threads.id = comments.tid ORDER BY comments.created, comments.id"""


def read_isso(path: Path) -> Foreign:
    """The comments of an Isso database; their texts are Markdown and stay as they are. Raises ContentFault `import-comments`."""
    found = Foreign()
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            for row in connection.execute(_QUERY):
                _take(found, *row)
    except sqlite3.Error as error:
        raise ContentFault(f"this is no database of Isso: {error}", code="import-comments", hint="name Isso's comments.db") from error
    return found


def _take(found: Foreign, *row: Any) -> None:
    foreign_id, parent, created, modified, mode, text, author, email, website, likes, dislikes, uri, title = row
    if mode not in _STATES:
        found.left_out["that were deleted"] += 1
        return
    if not _text(uri):
        found.left_out["whose thread is missing"] += 1
        return
    moment, words = _moment(created), words_of(tidy_text(_text(text)))
    if moment is None or not words:
        found.left_out["without a text or a time"] += 1
        return
    found.not_kept["mail addresses"] += bool(email)
    found.not_kept["addresses of home pages"] += bool(website)
    found.not_kept["votes"] += sum(votes for votes in (likes, dislikes) if isinstance(votes, int))
    found.comments.append(
        ForeignComment(
            address=_text(uri),
            title=_text(title),
            foreign_id=str(foreign_id),
            parent="" if parent is None else str(parent),
            name=name_of(_text(author)),
            text=words,
            created=moment,
            edited=_moment(modified),
            state=_STATES[mode],
        )
    )


def _text(value: object) -> str:
    """What a column of text holds; SQLite lets a row have anything."""
    return value if isinstance(value, str) else ""


def _moment(seconds: object) -> dt.datetime | None:
    """A time from seconds since 1970, to the microsecond; None for what is none."""
    try:
        return moment_of(dt.datetime.fromtimestamp(float(str(seconds)), dt.UTC)) if seconds is not None else None
    except (ValueError, OverflowError, OSError):
        return None
