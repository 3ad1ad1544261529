"""What the service does with what it is sent: nonces given out, posts taken, comments of authors' own changed. Called in threads."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from publisher.comments.database import posts
from publisher.comments.service import captcha, judging
from publisher.comments.service.refusals import Refusal
from publisher.comments.service.shows import Shows, meant
from publisher.comments.service.tokens import GOOD_FOR, Signer, author_of, sender

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from publisher.comments.database.comments import Database
    from publisher.comments.database.values import StoredComment
    from publisher.comments.service.refusals import Code
    from publisher.comments.service.shows import ServedShow
    from publisher.comments.service.tokens import Nonce

EDITABLE = dt.timedelta(minutes=15)
_CONFIRMED_SECONDS = 1.0
"""Least time before the button of the page that asks once more, whatever the form's is."""
_MENDABLE = frozenset(("name", "short", "long", "at", "reply", "consent", "links", "nonce", "early", "used", "twice", "many", "busy"))
"""Refusals of what may be taken, changed or later."""
_UNSEEN = {"at": "at", "reply": "reply_to"}
_OUTCOMES: Mapping[str, Code] = {"used": "used", "twice": "twice", "many": "many", "reply": "reply"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: `origin` of their page ("" where none is told), the `client` that has the connection, X-Forwarded-For."""

    origin: str
    client: str
    forwarded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A post that is stored, or was before: what its author is answered."""

    show: ServedShow
    comment: StoredComment
    token: str
    page: str

    def document(self) -> Mapping[str, Any]:
        """The answer. What was taken for a program's is told to wait like all others."""
        state = "approved" if self.comment.state == "approved" else "held"
        return {"id": self.comment.id, "state": state, "token": self.token, "editable": int(EDITABLE.total_seconds())}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToConfirm:
    """A form that came without a nonce: `fields` with one, to be sent once more."""

    show: ServedShow
    fields: Mapping[str, str]
    page: str


class Taking:
    """The service over a database; `now` tells the time, `stored` is called when there is something to tell or to write."""

    def __init__(
        self, database: Database, shows: Shows, now: Callable[[], dt.datetime], stored: Callable[[], object] = lambda: None
    ) -> None:
        self.database = database
        self.shows = shows
        self._now = now
        self._stored = stored
        self._salt: tuple[dt.date, str] | None = None

    @cached_property
    def signer(self) -> Signer:
        """Signs by the secret of the database."""
        return Signer(self.database.setting("secret", secrets.token_hex(32)))

    def candidates(self, origin: str, *, own: bool = False) -> tuple[ServedShow, ...]:
        """The shows whose pages ask; `own`: also those whose service does, from its own page. Raises Refused where it is nobody's page."""
        found = self.shows.at(origin) or (self.shows.at(origin, own=True) if own else ())
        if not origin or not found:
            raise Refusal("origin")
        return found

    def nonce(self, origin: str, slug: str) -> Mapping[str, Any]:
        """A nonce for a page that was just opened. Raises Refused. Who tells no origin is taken for the page of the only show."""
        shows = self.candidates(origin) if origin else self.shows.all[: 1 if len(self.shows.all) == 1 else 0]
        if not shows:
            raise Refusal("origin")
        show, now = meant(shows, slug, ""), self._now()
        judging.find_thread(show, {"episode": slug}, now)
        made = self.signer.new_nonce(show.origin, slug, now)
        answer: dict[str, Any] = {"nonce": made, "wait": show.settings.least_seconds, "good_for": int(GOOD_FOR.total_seconds())}
        if show.settings.captcha:
            answer["altcha"] = captcha.challenge(self.signer.key("altcha"), made, now + GOOD_FOR)
        return answer

    def post(self, caller: Caller, fields: Mapping[str, str], *, asks_once_more: bool) -> Taken | ToConfirm:
        """Take a comment; `asks_once_more`: a form without a nonce gets one, to be confirmed. Raises Refused, StorageError."""
        now = self._now()
        shows = self.candidates(caller.origin, own=bool(fields.get("nonce")))
        show = meant(shows, fields.get("episode", ""), fields.get("page", ""))
        thread = judging.find_thread(show, fields, now)
        page = show.page_of(thread, fields.get("page", ""))
        if asks_once_more and not fields.get("nonce"):
            if show.settings.captcha:
                raise Refusal("script")
            judging.read_post(show, fields)
            made = self.signer.new_nonce(show.origin, thread.slug, now, confirmed=True)
            return ToConfirm(show=show, fields={**fields, "nonce": made}, page=page)
        nonce = self._nonce_of(show, thread.slug, caller, fields, now)
        written = judging.read_post(show, fields)
        token = self.signer.author_token(nonce.digest, fields.get("token", ""))
        comment = judging.comment_of(show, thread, written, token, now, spam=bool(fields.get("website", "").strip()))
        address = sender(caller.client, caller.forwarded, show.proxies)
        outcome, stored = posts.take(
            self.database.access,
            posts.CommentPost(
                comment=comment,
                nonce=nonce.digest,
                sent=hashlib.sha256(written.text.encode()).hexdigest(),
                network=self.signer.network(address, self._salt_of(now.date()), show.guid),
                per_hour=show.settings.per_hour,
                approve_after=show.settings.approve_after,
                tells=show.tells,
            ),
        )
        if stored is None:
            raise Refusal(_OUTCOMES.get(outcome, "used"), n=show.settings.per_hour)
        if show.tells or stored.state == "approved":  # else there is nothing to do
            self._stored()
        return Taken(show=show, comment=stored, token=token, page=page)

    def once_more(self, refusal: Refusal, origin: str, fields: Mapping[str, str]) -> Mapping[str, str] | None:
        """The fields of a form that was refused, to be mended and sent from our page: with a nonce, without what cannot be seen there.
        None where it would not be taken either.
        """
        if refusal.code not in _MENDABLE:
            return None
        show = meant(self.candidates(origin, own=True), fields.get("episode", ""), fields.get("page", ""))
        if show.settings.captcha:
            return None
        made = self.signer.new_nonce(show.origin, fields.get("episode", ""), self._now(), confirmed=True)
        return {name: value for name, value in fields.items() if name != _UNSEEN.get(refusal.code)} | {"nonce": made}

    def _nonce_of(self, show: ServedShow, slug: str, caller: Caller, fields: Mapping[str, str], now: dt.datetime) -> Nonce:
        """The nonce that came with a post: ours, for this, neither too old nor too young. Raises Refused."""
        text, signer = fields.get("nonce", ""), self.signer
        confirmed = signer.read_nonce(text, show.origin, slug, confirmed=True)
        opened = signer.read_nonce(text, show.origin, slug) if caller.origin == show.origin else None
        nonce = confirmed or opened
        if nonce is None or nonce.is_over(now):
            raise Refusal("nonce")
        least = min(show.settings.least_seconds, _CONFIRMED_SECONDS) if confirmed else show.settings.least_seconds
        if (now - nonce.issued).total_seconds() < least:
            raise Refusal("early")
        if show.settings.captcha and (confirmed or not captcha.is_solved(signer.key("altcha"), text, fields.get("altcha", ""))):
            raise Refusal("captcha")
        return nonce

    def edit(self, origin: str, comment_id: str, token: str, fields: Mapping[str, str]) -> tuple[ServedShow, StoredComment]:
        """Other words for a comment of one's own. Raises Refused, StorageError."""
        show, now = self._show_of(origin, comment_id), self._now()
        mine = self.database.find(show.guid, comment_id)
        if mine is None or not token or mine.author != author_of(token):
            raise Refusal("token")
        came, comment = posts.edit_own(
            self.database.access,
            show.guid,
            comment_id,
            author_of(token),
            text=judging.read_text(show, fields),
            now=now,
            within=EDITABLE,
            tells=show.tells,
        )
        if came == "changed" and comment is not None:
            self._stored()
            return show, comment
        raise Refusal("token" if came == "changed" else came)

    def erase(self, origin: str, comment_id: str, token: str) -> ServedShow:
        """A comment of one's own, taken out for good. Raises Refused, StorageError."""
        show = self._show_of(origin, comment_id)
        came, _ = posts.erase_own(self.database.access, show.guid, comment_id, author_of(token), self._now())
        if came != "changed":
            raise Refusal("token")
        self._stored()
        return show

    def _show_of(self, origin: str, comment_id: str) -> ServedShow:
        """The show of the asking page that has this comment; the first where none has, so that nothing is told of those of others."""
        shows = self.candidates(origin, own=True)
        return next((show for show in shows if self.database.find(show.guid, comment_id) is not None), shows[0])

    def _salt_of(self, day: dt.date) -> str:
        if self._salt is None or self._salt[0] != day:
            self._salt = day, posts.salt_of(self.database.access, day, lambda: secrets.token_hex(16))
        return self._salt[1]
