"""The database of comments: SQLite in a file, or PostgreSQL by address. Nothing else in the project speaks SQL to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.comments.database.comments import Database


def open_database(url: str, folder: Path | None = None) -> Database:
    """The database of comments at an address, its schema brought up to date; a file is relative to `folder`.

    Raises UsageError for an address of none, StorageError where it does not answer or SQLAlchemy is not installed.
    """
    from publisher.comments.database.opening import access

    opened = access(url, folder)
    from publisher.comments.database.comments import Database
    from publisher.comments.database.schema_steps import bring_up_to_date

    try:
        with opened.write() as connection:
            bring_up_to_date(connection)
    except BaseException:
        opened.close()
        raise
    return Database(opened)
