"""A database of comments opened by its address: SQLite in WAL mode, or PostgreSQL."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from publisher.core.errors import StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine


R = TypeVar("R")

NEEDS = "pip install altcha 'psycopg[binary]' python-multipart sqlalchemy"
"""What the extra `comments` brings, as a line to type beside whatever Airdate was installed from."""
_WAIT = 30
"""Seconds that a writer waits for another process's write."""


@dataclass(slots=True)
class _Wish:
    """What somebody wants written together with others, and what came of it."""

    work: Callable[[Connection], object]
    done: bool = False
    result: object = None
    error: BaseException | None = None


class Access:
    """Transactions on one database; whoever writes to SQLite waits for the others of this process here, of others in SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()
        self._wishes: deque[_Wish] = deque()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment. Raises StorageError."""
        with _told(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is on the disk when it ends without an error. Raises StorageError."""
        with _told(), self._turn, self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def write_together(self, work: Callable[[Connection], R]) -> R:
        """`work` inside a transaction that is on the disk when this returns, and undone where it raises.

        In SQLite those that wait at once share one transaction, for it is the disk that takes the time. Raises StorageError, and what
        `work` raises.
        """
        if not self.is_sqlite:
            with self.write() as connection:
                return work(connection)
        mine = _Wish(work)
        self._wishes.append(mine)
        with self._turn:
            if not mine.done:
                self._grant([self._wishes.popleft() for _ in range(len(self._wishes))])
        if mine.error is not None:
            raise mine.error
        return cast("R", mine.result)

    def _grant(self, wishes: Sequence[_Wish]) -> None:
        """Write for all of them. Where the database fails, nothing of any of them counts as written."""
        try:
            with _told(), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
                for wish in wishes:
                    _grant_one(connection, wish)
        except BaseException as error:  # noqa: BLE001  raised again by each that waits
            for wish in wishes:
                wish.error = wish.error or error
        finally:
            for wish in wishes:
                wish.done = True

    def let_go(self) -> None:
        """What was taken out leaves SQLite's log, too, where the words of before stand until it is written over; as soon as nobody reads."""
        if self.is_sqlite:
            with _told(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def _grant_one(connection: Connection, wish: _Wish) -> None:
    """One of several; what it raises undoes its own part alone. Raises what the database does, which may have undone all."""
    from sqlalchemy.exc import DBAPIError

    try:
        with connection.begin_nested():
            wish.result = wish.work(connection)
    except DBAPIError:
        raise
    except BaseException as error:  # noqa: BLE001  raised again by the one that waits for it
        wish.error = error


def access(address: str, folder: Path | None = None) -> Access:
    """The database at `sqlite:///FILE`, relative to `folder`, or `postgresql://…`. Raises UsageError and StorageError."""
    try:
        import sqlalchemy as sql
        from sqlalchemy.exc import ArgumentError
    except ImportError as error:
        raise StorageError("the service for comments is not installed", cause=str(error), hint=NEEDS, code="comments-extra") from error
    try:
        url = sql.make_url(address)
    except (ArgumentError, ValueError):  # a port that is no number: what the error shows may be of the password
        raise _unknown(address) from None
    if "@" in f"{url.host}{url.database}{url.query}":  # a password that holds one splits its address there
        raise _unknown(address)
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite" and url.database and url.database != ":memory:" and not url.query:
        file = Path(folder or Path(), url.database)
        if not file.parent.is_dir():
            raise StorageError(f"there is no folder {file.parent} for the database", hint="create it", code="comments-database")
        engine = sql.create_engine(
            url.set(drivername="sqlite+pysqlite", database=str(file)), connect_args={"timeout": _WAIT}, pool_size=8, max_overflow=8
        )
        sql.event.listen(engine, "connect", _set_up_sqlite)
        sql.event.listen(engine, "begin", _begin_sqlite)
    elif kind in ("postgresql", "postgres") and url.database:
        options = {"connect_timeout": 10, "application_name": "airdate"}
        engine = sql.create_engine(
            url.set(drivername="postgresql+psycopg"), connect_args=options, pool_size=8, max_overflow=8, pool_pre_ping=True
        )
    else:
        raise _unknown(address)
    return Access(engine)


def _unknown(address: str) -> UsageError:
    # the address may hold a password: neither it nor a piece of it is repeated
    return UsageError(
        "this is no database for comments" if address else "no database is named for the comments",
        hint="--database sqlite:///comments.sqlite or postgresql://user@host/name, or `database` under [comments]"
        + ("; in a password @ : / and % are percent-encoded: %40 %3A %2F %25" if "@" in address else ""),
        code="comments-no-database",
    )


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """What was answered is on the disk, for a commit waits for it, and what was erased is not. Transactions begin by `_begin_sqlite` alone."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its turn at once: one that read first would fail when another wrote meanwhile."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextmanager
def _told() -> Iterator[None]:
    """A fault of the database in words."""
    from sqlalchemy.exc import DBAPIError, IntegrityError, NoSuchModuleError
    from sqlalchemy.exc import TimeoutError as NoConnection

    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, NoConnection, NoSuchModuleError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise StorageError(
            "the database of comments does not answer",
            cause=cause,
            hint="does it run, and may your user write there?",
            code="comments-database",
        ) from error
