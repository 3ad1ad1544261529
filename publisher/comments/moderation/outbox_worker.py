"""The outbox emptied: moderators told, files written; what fails is tried again, sooner at first, and after a restart at once."""

from __future__ import annotations

import datetime as dt
import threading
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from publisher.comments.database import posts
from publisher.comments.moderation.mail_sending import send_mail
from publisher.comments.moderation.mail_text import mail_of
from publisher.core import layout
from publisher.core.errors import AirdateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from publisher.comments.database.outbox import Job, Kind
    from publisher.comments.moderation.desk import Desk
    from publisher.comments.moderation.notice import Notice

BUNDLED = dt.timedelta(minutes=10)
"""After a mail, comments are gathered so long before the next."""
MOST = 50
"""Comments in one message; of more only their number is told."""
UNDER_WAY = dt.timedelta(minutes=3)
"""So long nobody else does what was begun."""
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=15), dt.timedelta(hours=1)
LOOK = 2.0
"""Seconds after which it is looked whether another process put something out."""
NEW_EPISODES = dt.timedelta(minutes=1)
"""How often it is looked whether an episode came out."""
_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_PAUSES: dict[Kind, Kind] = {"mail": "mail-pause", "webhook": "webhook-pause", "ntfy": "ntfy-pause"}


def ways(desk: Desk) -> tuple[Kind, ...]:
    """How the moderators of a show are told, as its config says: what a new comment puts out."""
    table = desk.workspace.config.comments
    found: list[Kind] = ["mail"] if table.mail is not None else []
    found += ["webhook"] if table.webhook else []
    return (*found, "ntfy") if table.ntfy else tuple(found)


class Teller:
    """Empties the outbox of some shows; `say` hears in a sentence of what failed, and each failure once."""

    def __init__(self, desks: Iterable[Desk], now: Callable[[], dt.datetime], say: Callable[[str], None]) -> None:
        self._desks = tuple(desks)
        self._now = now
        self._say = say
        self._said: dict[tuple[str, str], str] = {}
        self._looked: dict[str, dt.datetime] = {}
        self._forgot = _NEVER
        self._begun: dict[str, set[tuple[str, bool]]] = defaultdict(set)

    def tell(self) -> None:
        """Do what is due."""
        self._forget()
        for desk in self._desks:
            for kind in ways(desk):
                self._tell(desk, kind)
            self._write(desk)
            self._begin(desk)

    def _forget(self) -> None:
        """What is kept for a day goes with it, also where nobody writes for weeks."""
        hour = self._now().replace(minute=0, second=0, microsecond=0)
        if hour != self._forgot:
            for desk in self._desks:
                posts.forget(desk.database.access, self._now())
            self._forgot = hour

    def _tell(self, desk: Desk, kind: Kind) -> None:
        now = self._now()
        jobs = desk.outbox.claim(desk.show, kind, now, now + UNDER_WAY)
        if not jobs:
            return
        try:
            comments = [found for job in jobs if (found := desk.database.find(desk.show, job.payload)) is not None]
            by_itself = [one for one in comments if one.state == "approved" and one.decided == one.created]
            told = [one for one in comments if one.state == "held" or one in by_itself]
            waiting = [desk.notice(one, now) for one in told[:MOST]]
            why = self._sent(desk, kind, waiting, len(told) - len(waiting), now) if waiting else ""
        except Exception as error:  # noqa: BLE001  one message that cannot be made must not end all others
            why = error.message if isinstance(error, AirdateError) else f"{type(error).__name__}: {error}"
        numbers = [job.number for job in jobs]
        if why:
            self._failed(desk, jobs, f"the moderators of {desk.title} were not told by {kind}: {why}")
        else:
            desk.outbox.done(numbers, (desk.show, _PAUSES[kind], now + BUNDLED) if waiting else None)

    def _sent(self, desk: Desk, kind: Kind, waiting: Sequence[Notice], more: int, now: dt.datetime) -> str:
        """Why it was not told, "" where it was; `more` are not in the message."""
        table = desk.workspace.config.comments
        if kind == "mail":
            return send_mail(mail_of(waiting, desk.title, table.mail, now, more=more), table.mail) if table.mail is not None else ""
        from publisher.comments.moderation.webhook_and_ntfy import tell_ntfy, tell_webhook

        tell, address = (tell_webhook, table.webhook) if kind == "webhook" else (tell_ntfy, table.ntfy)
        return tell(address, waiting, desk.title, more=more) if address else ""

    def _write(self, desk: Desk) -> None:
        """Files that whoever decided did not write."""
        now = self._now()
        jobs = desk.outbox.claim(desk.show, "page", now, now + UNDER_WAY)
        for slug in sorted({job.payload for job in jobs}):
            these = [job for job in jobs if job.payload == slug]
            try:
                desk.published.write(slug)
            except AirdateError as error:
                self._failed(desk, these, f"the comments on “{slug}” could not be written: {error.message}")
            else:
                desk.outbox.done([job.number for job in these])

    def _begin(self, desk: Desk) -> None:
        """An empty file for each episode that has none, for a page asks for it, and what is missing is a fault to a browser; and for each
        that was withdrawn.
        """
        if self._now() - self._looked.get(desk.show, _NEVER) < NEW_EPISODES:
            return
        self._looked[desk.show] = self._now()
        try:
            wanted = {(slug, False) for slug in desk.open_slugs()} | {(slug, True) for slug in desk.withdrawn_slugs()}
            new = sorted(wanted - self._begun[desk.show])
            there = {item.key for item in desk.workspace.store.list(layout.COMMENTS)} if new else set()
            for slug, gone in new:
                older = layout.read(layout.Kind.OLDER_COMMENTS, layout.comments(slug))  # of an episode whose name begins alike
                if (layout.comments(slug) in there) is gone or (older is not None and (older.owner, False) in wanted):
                    desk.published.write(slug)
                self._begun[desk.show].add((slug, gone))
        except AirdateError as error:
            self._tell_once(desk, "begin", f"the first files of comments could not be written: {error.message}; it is tried again")

    def _tell_once(self, desk: Desk, what: str, words: str) -> None:
        if self._said.get((desk.show, what)) != words:
            self._said[desk.show, what] = words
            self._say(words)

    def _failed(self, desk: Desk, jobs: Sequence[Job], words: str) -> None:
        begun = min(job.tries for job in jobs)
        desk.outbox.later([job.number for job in jobs], self._now() + min(FIRST_PAUSE * 2 ** min(begun - 1, 10), LONGEST_PAUSE))
        self._tell_once(desk, jobs[0].kind, f"{words}; it is tried again")


@contextmanager
def telling(
    teller: Teller, desks: Sequence[Desk], now: Callable[[], dt.datetime], say: Callable[[str], None]
) -> Iterator[Callable[[], None]]:
    """The outbox emptied in a thread meanwhile; gives what makes it look at once."""
    stop, wake = threading.Event(), threading.Event()

    def go_on() -> None:
        hurried = False
        while not stop.is_set():
            try:
                if not hurried:
                    for desk in desks:
                        desk.outbox.hurry(desk.show, now())
                    hurried = True
                teller.tell()
            except Exception as error:  # noqa: BLE001  the database is away, or whatever else: it goes on when that is over
                say(error.message if isinstance(error, AirdateError) else f"{type(error).__name__}: {error}")
                stop.wait(LOOK * 5)
            wake.wait(LOOK)
            wake.clear()

    thread = threading.Thread(target=go_on, name="outbox", daemon=True)
    thread.start()
    try:
        yield wake.set
    finally:
        stop.set()
        wake.set()
        thread.join(timeout=5)
