"""The pages behind signed links: a GET only shows, for scanners of mail follow links; the button's POST decides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from publisher.comments.moderation.desk import link_secret, seen_of
from publisher.comments.moderation.signed_links import STATE_AFTER, Action, read_link, sign
from publisher.comments.pages import Button, ShownComment
from publisher.comments.service.fields import read_body
from publisher.comments.service.refusals import Refusal
from publisher.core.errors import StorageError
from publisher.site.parts.words import words_for

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from publisher.comments.database.comments import Database
    from publisher.comments.database.values import StoredComment
    from publisher.comments.moderation.desk import Desk
    from publisher.comments.pages import HtmlPage

_LARGEST = 1024
_DECISIONS: Mapping[Action, str] = {"approve": "moderate_approve", "reject": "moderate_reject", "spam": "moderate_spam"}
_DONE: Mapping[str, str] = {"approved": "moderate_approved", "rejected": "moderate_rejected", "spam": "moderate_was_spam"}


def moderation_routes(desks: Mapping[str, Desk], database: Database, now: Callable[[], dt.datetime]) -> list[Route]:
    """GET and POST of a signed link, for the application of the service; `desks` by their show's podcast:guid."""

    async def show(request: Request) -> Response:
        return await run_in_threadpool(_answer, desks, database, request.path_params["signed"], now(), None)

    async def act(request: Request) -> Response:
        try:
            body = await read_body(request, _LARGEST)
        except Refusal as refusal:
            return await run_in_threadpool(_told, next(iter(desks.values())), refusal.status, refusal.key)
        seen = parse_qs(body.decode("ascii", "replace")).get("seen", [""])[0]
        return await run_in_threadpool(_answer, desks, database, request.path_params["signed"], now(), seen)

    return [Route("/moderate/{signed}", show, methods=["GET"]), Route("/moderate/{signed}", act, methods=["POST"])]


def _answer(desks: Mapping[str, Desk], database: Database, signed: str, now: dt.datetime, seen: str | None) -> Response:
    """What a link shows (`seen` None), or does where what was seen, on its page or (`seen` empty) beside the link, is still what the comment
    says.
    """
    secret = link_secret(database)
    link = read_link(secret, signed)
    desk = desks.get(link.show) if link is not None else None
    if link is None or desk is None:
        return _told(next(iter(desks.values())), 404, "moderate_unknown")
    if link.expired(now):
        return _told(desk, 410, "moderate_old")
    comment = desk.database.find(desk.show, link.comment)
    if comment is None or comment.state == "erased":
        return _told(desk, 410, "moderate_gone")
    state = STATE_AFTER[link.action]
    if comment.state == state:
        return _told(desk, 200, _DONE[state], comment)
    told = None if seen is None else seen or link.seen
    if told == seen_of(comment):
        try:
            desk.decide([comment.id], state, now)
        except StorageError:  # the outbox has it: it is written when the storage answers
            return _told(desk, 202, "moderate_later", comment)
        return _told(desk, 200, _DONE[state], comment)
    words = words_for(desk.pages.language)
    buttons = [Button(label=words(_DECISIONS[link.action]))]
    buttons += [
        Button(label=words(label), to=sign(secret, replace(link, action=action)))
        for action, label in _DECISIONS.items()
        if action != link.action
    ]
    changed = (words("moderate_changed"),) if told else ()
    page = desk.pages.moderation(
        words("moderate_question"), _shown(desk, comment), sentences=changed, buttons=buttons, seen=seen_of(comment)
    )
    return _response(409 if told else 200, page)


def _shown(desk: Desk, comment: StoredComment) -> ShownComment:
    at = None if comment.at is None else int(comment.at)
    page, title = desk.page(comment.episode), desk.episode_title(comment.episode)
    return ShownComment(name=comment.name, text=comment.text, at=at, episode=title, page=page)


def _told(desk: Desk, status: int, key: str, comment: StoredComment | None = None) -> Response:
    """One sentence, with the comment that it is about."""
    heading = words_for(desk.pages.language)(key)
    return _response(status, desk.pages.moderation(heading, _shown(desk, comment) if comment is not None else None))


def _response(status: int, page: HtmlPage) -> Response:
    return Response(page.body, status, {**page.headers, "Referrer-Policy": "no-referrer"}, media_type="text/html; charset=utf-8")
