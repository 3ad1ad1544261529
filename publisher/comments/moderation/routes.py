"""The pages behind signed links: a GET only shows, for scanners of mail follow links; the button's POST decides."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse
from starlette.routing import Route

from feed.times import short_clock
from publisher.comments.moderation.desk import link_secret, seen_of
from publisher.comments.moderation.signed_links import STATE_AFTER, Action, read_link
from publisher.core.errors import StorageError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from publisher.comments.database import Database
    from publisher.comments.database.values import StoredComment
    from publisher.comments.moderation.desk import Desk

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_LARGEST = 1024
_BUTTONS: dict[Action, str] = {"approve": "Approve this comment", "reject": "Reject this comment", "spam": "This is spam"}
_DONE = {"approved": "It is on the page now.", "rejected": "It stays off the page.", "spam": "It is spam, and stays off the page."}


def moderation_routes(desks: Mapping[str, Desk], database: Database, now: Callable[[], dt.datetime]) -> list[Route]:
    """GET and POST of a signed link, for the application of the service; `desks` by their show's podcast:guid."""

    async def show(request: Request) -> HTMLResponse:
        return await run_in_threadpool(_answer, desks, database, request.path_params["signed"], now(), None)

    async def act(request: Request) -> HTMLResponse:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST:
                return _page(413, "That is too much.", "")
        seen = parse_qs(body.decode("ascii", "replace")).get("seen", [""])[0]
        return await run_in_threadpool(_answer, desks, database, request.path_params["signed"], now(), seen)

    return [Route("/moderate/{signed}", show, methods=["GET"]), Route("/moderate/{signed}", act, methods=["POST"])]


def _answer(desks: Mapping[str, Desk], database: Database, signed: str, now: dt.datetime, seen: str | None) -> HTMLResponse:
    """What a link shows (`seen` None), or does where what was seen is still what the comment says."""
    link = read_link(link_secret(database), signed)
    desk = desks.get(link.show) if link is not None else None
    if link is None or desk is None:
        return _page(404, "This link is not one of ours.", "Was it copied whole?")
    if link.expired(now):
        return _page(410, "This link is too old.", "On the command line: publish comments list.")
    comment = desk.database.find(desk.show, link.comment)
    if comment is None or comment.state == "erased":
        return _page(410, "This comment is gone.", "It was erased.")
    state = STATE_AFTER[link.action]
    if comment.state == state:
        return _page(200, _DONE[state], _comment(desk, comment))
    if seen == seen_of(comment):
        try:
            desk.decide([comment.id], state, now)
        except StorageError:  # the outbox has it: it is written when the storage answers
            return _page(202, "It is decided.", "<p>The storage does not answer now; the page follows when it does.</p>")
        return _page(200, _DONE[state], _comment(desk, comment))
    title = _BUTTONS[link.action] + "?"
    changed = "<p><strong>It was changed since you saw it: please read it again.</strong></p>" if seen else ""
    button = f'<form method="post"><input type="hidden" name="seen" value="{seen_of(comment)}"><button>{escape(_BUTTONS[link.action])}</button></form>'
    return _page(409 if seen else 200, title, changed + _comment(desk, comment) + button)


def _comment(desk: Desk, comment: StoredComment) -> str:
    waiting = (
        f'<p>{escape(comment.name)} · <a href="{escape(desk.page(comment.episode))}">{escape(desk.episode_title(comment.episode))}</a>'
    )
    at = f" · {short_clock(comment.at)}" if comment.at is not None else ""
    return f'{waiting}{at}</p><blockquote style="white-space: pre-wrap">{escape(comment.text)}</blockquote>'


def _page(status: int, title: str, body: str) -> HTMLResponse:
    shown = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1>{body}</html>"
    )
    return HTMLResponse(shown, status_code=status, headers=_HEADERS)
