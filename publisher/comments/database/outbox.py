"""What is still to be told or written, kept until it is: a row for each, claimed by whoever does it, due again where that fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete, func, select, update

from publisher.comments.database.comments import ERASED, change, insert
from publisher.comments.database.tables import OUTBOX

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from publisher.comments.database.opening import Access
    from publisher.comments.database.values import CommentState, StoredComment

Kind = Literal["mail", "webhook", "ntfy", "page", "mail-pause", "webhook-pause", "ntfy-pause"]
"""A comment to be told of, by its id; `page`: the file of an episode to be written, by its slug; `…-pause`: until when nothing is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row: `tries` counts those that were begun."""

    number: int
    show: str
    kind: str
    payload: str
    tries: int


def put_out(connection: Connection, show: str, kind: Kind, payload: str, due: dt.datetime) -> int:
    """Keep a job inside the caller's transaction, so that it is there when what it is about is; its number."""
    values = {"show": show, "kind": kind, "payload": payload, "due": due, "tries": 0}
    return int(connection.execute(OUTBOX.insert().values(**values).returning(OUTBOX.c.number)).scalar_one())


def decide(
    access: Access, show: str, ids: Iterable[str], state: CommentState, now: dt.datetime, later: dt.datetime
) -> tuple[list[StoredComment], list[int]]:
    """Put comments into a state, and keep with it that their episodes' files are to be written (by the service at `later`, where whoever
    decided did not live to do it). The comments as they are now, without those that are not there or were erased, and the jobs.
    """
    return _changed(access, show, ids, {"state": state, "decided": now}, later)


def add(access: Access, comment: StoredComment, later: dt.datetime) -> int:
    """Keep a comment that stands on its page at once, with the job of writing it there, whose number is given."""
    with access.write() as connection:
        insert(connection, comment)
        return put_out(connection, comment.show, "page", comment.episode, later)


def erase(access: Access, show: str, ids: Iterable[str], now: dt.datetime, later: dt.datetime) -> tuple[list[StoredComment], list[int]]:
    """The same for what is taken out of comments for good."""
    done = _changed(access, show, ids, {**ERASED, "decided": now}, later)
    access.let_go()
    return done


def _changed(
    access: Access, show: str, ids: Iterable[str], values: Mapping[str, object], later: dt.datetime
) -> tuple[list[StoredComment], list[int]]:
    with access.write() as connection:
        found = [one for named in ids if (one := change(connection, show, named, values)) is not None]
        return found, [put_out(connection, show, "page", slug, later) for slug in sorted({one.episode for one in found})]


class Outbox:
    """The jobs of one database."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def claim(self, show: str, kind: Kind, now: dt.datetime, until: dt.datetime) -> list[Job]:
        """The jobs that are due, so that nobody else does them before `until`, oldest first; none during a pause of their kind."""
        with self._access.write() as connection:
            paused = select(OUTBOX.c.number).where(OUTBOX.c.show == show, OUTBOX.c.kind == f"{kind}-pause", OUTBOX.c.due > now)
            if connection.execute(paused.limit(1)).one_or_none() is not None:
                return []
            due = (OUTBOX.c.show == show, OUTBOX.c.kind == kind, OUTBOX.c.due <= now)
            wanted = update(OUTBOX).where(*due).values(due=until, tries=OUTBOX.c.tries + 1)
            columns = (OUTBOX.c.number, OUTBOX.c.show, OUTBOX.c.kind, OUTBOX.c.payload, OUTBOX.c.tries)
            rows = connection.execute(wanted.returning(*columns)).all()
        return sorted((Job(**row._mapping) for row in rows), key=lambda job: job.number)  # noqa: SLF001  SQLAlchemy's public name for it

    def done(self, numbers: Sequence[int], pause: tuple[str, Kind, dt.datetime] | None = None) -> None:
        """Let go of jobs; with them a pause of a show and kind begins, in place of an older one."""
        with self._access.write() as connection:
            connection.execute(delete(OUTBOX).where(OUTBOX.c.number.in_(numbers)))
            if pause is not None:
                show, kind, until = pause
                connection.execute(delete(OUTBOX).where(OUTBOX.c.show == show, OUTBOX.c.kind == kind))
                put_out(connection, show, kind, "", until)

    def later(self, numbers: Sequence[int], due: dt.datetime) -> None:
        """Jobs that failed are due again."""
        with self._access.write() as connection:
            connection.execute(update(OUTBOX).where(OUTBOX.c.number.in_(numbers)).values(due=due))

    def hurry(self, show: str, now: dt.datetime) -> None:
        """What failed before of a show, or was under way when a service ended, is due now: it starts anew. Pauses stay."""
        with self._access.write() as connection:
            tried = (OUTBOX.c.show == show, OUTBOX.c.tries > 0, OUTBOX.c.due > now)
            connection.execute(update(OUTBOX).where(*tried).values(due=now))

    def waiting(self, show: str) -> int:
        """How many jobs of a show are still to be done."""
        with self._access.read() as connection:
            asked = select(func.count()).where(OUTBOX.c.show == show, OUTBOX.c.kind.not_like("%-pause"))
            return int(connection.execute(asked).scalar_one())
