"""The comments in their database: kept and found; what changes one stands inside the transaction of whoever changes it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from publisher.comments.database.tables import COMMENT, SETTING
from publisher.comments.database.values import STATES, CommentState, StoredComment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from publisher.comments.database.opening import Access


class Database:
    """All comments of all shows. A method that writes has stored it when it returns; any may raise StorageError."""

    def __init__(self, opened: Access) -> None:
        self.access = opened

    def close(self) -> None:
        """Give the connections back."""
        self.access.close()

    def ask(self) -> None:
        """Find out whether it answers. Raises StorageError where it does not."""
        with self.access.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    def add(self, comments: Iterable[StoredComment]) -> int:
        """Keep comments that came from elsewhere than the form, and say how many were new: whose id or foreign id is kept already is left
        as it is.
        """
        with self.access.write() as connection:
            return sum(insert(connection, comment) for comment in comments)

    def find(self, show: str, comment_id: str) -> StoredComment | None:
        """The comment of a show with this id."""
        with self.access.read() as connection:
            return find(connection, show, comment_id)

    def list(
        self, show: str, states: Sequence[CommentState] = STATES, episode: str | None = None, *, after: str = "", limit: int | None = None
    ) -> tuple[StoredComment, ...]:
        """Comments in these states, oldest first; `after` is the id of the last one of the page before, `limit` how many at most."""
        asked = select(COMMENT).where(COMMENT.c.show == show, COMMENT.c.state.in_(states))
        if episode is not None:
            asked = asked.where(COMMENT.c.episode == episode)
        if after:
            last = select(COMMENT.c.created, COMMENT.c.id).where(COMMENT.c.id == after)
            asked = asked.where(tuple_(COMMENT.c.created, COMMENT.c.id) > last.scalar_subquery())
        with self.access.read() as connection:
            rows = connection.execute(asked.order_by(COMMENT.c.created, COMMENT.c.id).limit(limit))
            return tuple(map(comment_of, rows))

    def approved(self, show: str, episode: str) -> tuple[StoredComment, ...]:
        """What stands on an episode's page, oldest first."""
        return self.list(show, ("approved",), episode)

    def count(self, show: str, episode: str | None = None) -> Mapping[CommentState, int]:
        """How many comments there are in each state."""
        asked = select(COMMENT.c.state, func.count()).where(COMMENT.c.show == show).group_by(COMMENT.c.state)
        if episode is not None:
            asked = asked.where(COMMENT.c.episode == episode)
        with self.access.read() as connection:
            found = {state: number for state, number in connection.execute(asked)}  # noqa: C416  a Row is no pair to mypy
        return {state: found.get(state, 0) for state in STATES}

    def episodes(self, show: str) -> tuple[str, ...]:
        """The slugs that have comments, in order."""
        with self.access.read() as connection:
            return tuple(
                connection.execute(select(COMMENT.c.episode).where(COMMENT.c.show == show).distinct().order_by(COMMENT.c.episode)).scalars()
            )

    def known(self, show: str, ids: Iterable[str]) -> frozenset[str]:
        """Those of these ids that comments of a show have, erased ones too."""
        asked, found = sorted(set(ids)), set[str]()
        with self.access.read() as connection:
            for begin in range(0, len(asked), _AT_ONCE):
                some = COMMENT.c.id.in_(asked[begin : begin + _AT_ONCE])
                found.update(connection.execute(select(COMMENT.c.id).where(COMMENT.c.show == show, some)).scalars())
        return frozenset(found)

    def setting(self, name: str, new: str) -> str:
        """What is kept under a name; `new` is kept where nothing was, by whoever comes first."""
        with self.access.write() as connection:
            return setting(connection, name, new)


_AT_ONCE = 1000
"""Ids in one question."""
ERASED: Mapping[str, object] = {
    "name": "", "text": "", "sameness": "", "at": None, "language": "", "state": "erased", "consent": "", "consent_language": "",
    "consent_version": "", "consent_at": None, "author": "", "foreign_id": "",
}  # fmt: skip
"""What is left of a comment that was erased."""


def sameness(text: str) -> str:
    """The digest of a text without its case and blanks: what says the same twice has the same."""
    return hashlib.sha256("".join(text.casefold().split()).encode()).hexdigest()


def insert(connection: Connection, comment: StoredComment) -> bool:
    """Keep one comment inside the caller's transaction; False where its id or foreign id is there already."""
    row = asdict(comment) | {"sameness": sameness(comment.text) if comment.text else ""}
    wanted = upsert(connection, COMMENT).values(row).on_conflict_do_nothing().returning(COMMENT.c.id)
    return connection.execute(wanted).one_or_none() is not None


def upsert(connection: Connection, table: Any) -> Any:
    """An INSERT of this database that can say ON CONFLICT."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def find(connection: Connection, show: str, comment_id: str) -> StoredComment | None:
    """The comment of a show with this id; what no database takes as a text is nobody's."""
    if not comment_id.isprintable():
        return None
    row = connection.execute(select(COMMENT).where(COMMENT.c.id == comment_id, COMMENT.c.show == show)).one_or_none()
    return comment_of(row) if row is not None else None


def change(connection: Connection, show: str, comment_id: str, values: Mapping[str, object]) -> StoredComment | None:
    """Other values for a comment, inside the caller's transaction; None where there is none, or it was erased."""
    wanted = update(COMMENT).where(COMMENT.c.id == comment_id, COMMENT.c.show == show, COMMENT.c.state != "erased").values(**values)
    row = connection.execute(wanted.returning(*COMMENT.c)).one_or_none()
    return comment_of(row) if row is not None else None


def setting(connection: Connection, name: str, new: str) -> str:
    """What is kept under a name, inside the caller's transaction; `new` is kept where nothing was."""
    connection.execute(upsert(connection, SETTING).values(name=name, value=new).on_conflict_do_nothing())
    return str(connection.execute(select(SETTING.c.value).where(SETTING.c.name == name)).scalar_one())


_NAMES = tuple(field.name for field in fields(StoredComment))


def comment_of(row: Row[Any]) -> StoredComment:
    """A row as a value."""
    found = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    return StoredComment(**cast("dict[str, Any]", {name: found[name] for name in _NAMES}))
