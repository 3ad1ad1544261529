"""One show as its moderators see it: what waits, what a decision does, what follows from it."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from publisher.announce.follow_up import purge_cdn
from publisher.comments.database.outbox import Outbox, add, decide, erase
from publisher.comments.database.values import StoredComment
from publisher.comments.moderation.notice import Notice
from publisher.comments.moderation.signed_links import ACTIONS, Link, sign
from publisher.comments.pages import ServicePages, pages_of
from publisher.comments.published_comments import PublishedComments
from publisher.core import layout
from publisher.core.addresses import Links
from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from publisher.comments.database.comments import Database
    from publisher.comments.database.values import CommentState
    from publisher.core.layout import Key
    from publisher.state.state import State
    from publisher.workspace import Workspace

LATER = dt.timedelta(minutes=1)
"""After which the service writes what whoever decided did not."""
REFRESH = 30.0
"""Seconds after which what was published is asked for again."""
_SECRET = "link-secret"  # noqa: S105  the name it is kept under


def link_secret(database: Database) -> str:
    """What signs links: made once, kept in the database, so that links outlive the service."""
    return database.setting(_SECRET, secrets.token_hex(32))


def seen_of(comment: StoredComment) -> str:
    """The digest of what a moderator saw of a comment: a decision about other words than these is asked for again."""
    return hashlib.sha256("\x00".join((comment.id, comment.name, comment.text, str(comment.at))).encode()).hexdigest()[:16]


class LastState:
    """What was published, for several threads: asked for at most every half minute, and as it was last seen where the storage does not
    answer.
    """

    def __init__(self, read: Callable[[], State]) -> None:
        self._read = read
        self._guard = threading.Lock()
        self._last: State | None = None
        self._asked = float("-inf")

    def read(self) -> State:
        """As it is now. Raises StorageError."""
        with self._guard:
            self._last = self._read()
            self._asked = time.monotonic()
            return self._last

    def __call__(self) -> State:
        """As it was half a minute ago at most, or whenever it was seen last. Raises StorageError where it never was."""
        if time.monotonic() - self._asked > REFRESH:
            try:
                return self.read()
            except StorageError:
                if self._last is None:
                    raise
        return self._last or self.read()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The show of a workspace, its comments (`show` is its podcast:guid), and what was published of it (`state` reads it)."""

    workspace: Workspace
    database: Database
    show: str
    state: Callable[[], State]

    @property
    def title(self) -> str:
        """The show's name."""
        return self.workspace.config.show.title

    @cached_property
    def pages(self) -> ServicePages:
        """What moderators see behind links, and readers without a script, in the show's looks."""
        return pages_of(self.workspace)

    @cached_property
    def outbox(self) -> Outbox:
        """What is still to be told or written."""
        return Outbox(self.database.access)

    @cached_property
    def published(self) -> PublishedComments:
        """The files on the storage."""
        return PublishedComments(
            store=self.workspace.store,
            database=self.database,
            show=self.show,
            slugs=self._slugs,
            gone=self.withdrawn_slugs,
            forget=self._forget,
        )

    def _slugs(self) -> set[str]:
        return {*self.state().episodes, *self.database.episodes(self.show)}

    def _forget(self, keys: Sequence[Key]) -> None:
        purge_cdn(self.workspace, keys)

    def open_slugs(self) -> list[str]:
        """The episodes that have comments on their pages, or may get some."""
        known = self.state().episodes.items()
        return [slug for slug, item in known if not (item.removed or item.withdrawn or item.comments == "none")]

    def withdrawn_slugs(self) -> set[str]:
        """The episodes that were taken down: nothing of them is shown."""
        return {slug for slug, item in self.state().episodes.items() if item.withdrawn}

    # what a moderator is told

    def episode_title(self, slug: str) -> str:
        """The title of an episode; its slug where it is not known."""
        try:
            known = self.state().episodes.get(slug)
        except StorageError:
            return slug
        return known.title if known is not None and known.title else slug

    def page(self, slug: str) -> str:
        """The address of an episode's page."""
        site = self.workspace.config.site
        return Links(site.url, layout.HOME, site.pretty_urls).absolute(layout.episode_page(slug))

    @property
    def service_url(self) -> str:
        """Where the service is reached, without a slash at the end: as written, else beside the address that the form is sent to."""
        config = self.workspace.config
        if config.comments.url:
            return config.comments.url.rstrip("/")
        form = config.site.comments.url if config.site.comments is not None else ""
        return form.rpartition("/")[0].rstrip("/") if form.count("/") > 2 else form

    def notice(self, comment: StoredComment, now: dt.datetime) -> Notice:
        """What is told of a comment."""
        answered = self.database.find(self.show, comment.reply_to) if comment.reply_to else None
        secret, base, seen = link_secret(self.database), self.service_url, seen_of(comment)
        links = {
            action: f"{base}/moderate/{sign(secret, Link(action=action, show=self.show, comment=comment.id, made=now, seen=seen))}"
            for action in ACTIONS
            if base
        }
        return Notice(
            comment=comment,
            episode=self.episode_title(comment.episode),
            page=self.page(comment.episode),
            answers=answered.name if answered is not None else "",
            links=links,
        )

    # what a decision does

    def decide(self, ids: Iterable[str], state: CommentState, now: dt.datetime, *, overwrite: bool = False) -> list[StoredComment]:
        """Put comments into a state and write the files of their episodes, which have it when this returns; those that are there and were
        not erased. Where the storage fails, the decision stands, and the service writes the files when it can.
        """
        found, jobs = decide(self.database.access, self.show, ids, state, now, now + LATER)
        self._write(found, jobs, overwrite=overwrite)
        return found

    def reply(self, answered: StoredComment, text: str, name: str, now: dt.datetime, *, overwrite: bool = False) -> StoredComment:
        """An answer of the show's own, approved and on the page when this returns; answers stand one level deep."""
        answer = StoredComment(
            id=secrets.token_hex(10),
            show=self.show,
            episode=answered.episode,
            guid=answered.guid,
            name=name,
            text=text,
            reply_to=answered.reply_to or answered.id,
            language=answered.language,
            created=now,
            state="approved",
            decided=now,
            source="moderator",
        )
        job = add(self.database.access, answer, now + LATER)
        self._write([answer], [job], overwrite=overwrite)
        return answer

    def erase(self, comments: Iterable[StoredComment], now: dt.datetime, *, overwrite: bool = False) -> None:
        """Take comments out for good, of the database and of the files on the storage, those too that their authors took out before."""
        gone = tuple(comments)
        _, jobs = erase(self.database.access, self.show, [comment.id for comment in gone], now, now + LATER)
        self._write(gone, jobs, overwrite=overwrite)

    def _write(self, comments: Iterable[StoredComment], jobs: Sequence[int], *, overwrite: bool) -> None:
        for slug in sorted({comment.episode for comment in comments}):
            self.published.write(slug, overwrite=overwrite)
        self.outbox.done(jobs)
