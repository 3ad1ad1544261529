"""The ASGI application of the service: requests become calls of `Taking` in threads, and what comes of them responses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from publisher.comments.service import responses
from publisher.comments.service.fields import read_fields
from publisher.comments.service.openapi import ONE, TAKING, description
from publisher.comments.service.refusals import Refusal
from publisher.comments.service.shows import plain_origin
from publisher.comments.service.taking import Caller, Taken, Taking
from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.requests import Request

P = ParamSpec("P")
R = TypeVar("R")

WORKERS = 64
"""Requests that speak to the database at once, and share its writes; the others wait their turn."""


class CommentEndpoints:
    """The endpoints."""

    def __init__(self, taking: Taking, say: Callable[[str], None]) -> None:
        self._taking = taking
        self._say = say
        self._turns: CapacityLimiter | None = None

    async def post(self, request: Request) -> Response:
        """`POST /comments`."""
        fields: Mapping[str, str] = {}
        try:
            self._taking.candidates(origin_of(request), own=True)  # nothing is read of a stranger's body
            fields = await read_fields(request)
            caller = Caller(
                origin=origin_of(request),
                client=request.client.host if request.client else "",
                forwarded=",".join(request.headers.getlist("x-forwarded-for")),
            )
            found = await self._call(self._taking.post, caller, fields, asks_once_more=responses.wants_page(request))
        except Refusal as refusal:
            again = await self._call(self._taking.once_more, refusal, origin_of(request), fields) if responses.wants_page(request) else None
            return self._refused(request, refusal, again or fields, again=again is not None)
        return responses.taken(request, found) if isinstance(found, Taken) else responses.to_confirm(found)

    async def nonce(self, request: Request) -> Response:
        """`GET /nonce?episode=SLUG`."""
        try:
            return responses.data(await self._call(self._taking.nonce, origin_of(request), request.query_params.get("episode", "")))
        except Refusal as refusal:
            return self._refused(request, refusal, {})

    async def own(self, request: Request) -> Response:
        """`PATCH` and `DELETE /comments/ID`, by the author's token."""
        fields: Mapping[str, str] = {}
        origin, comment_id = origin_of(request), request.path_params["id"]
        try:
            self._taking.candidates(origin, own=True)
            token = token_of(request)
            if request.method == "PATCH":
                fields = await read_fields(request)
            if request.method == "DELETE":
                await self._call(self._taking.erase, origin, comment_id, token)
                return responses.data({"id": comment_id, "state": "erased"})
            _, comment = await self._call(self._taking.edit, origin, comment_id, token, fields)
            state = "approved" if comment.state == "approved" else "held"
            return responses.data({"id": comment_id, "state": state, "text": comment.text})
        except Refusal as refusal:
            return self._refused(request, refusal, fields)

    async def health(self, _request: Request) -> Response:
        """`GET /healthz`: whether the database responses."""
        await self._call(self._taking.database.ask)
        return responses.data({"status": "ok"})

    async def openapi(self, _request: Request) -> Response:
        """`GET /openapi.json`."""
        return responses.data(description())

    def shared(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint, its answers readable for the pages of the shows and for no other."""

        async def answered(request: Request) -> Response:
            try:
                answer = await endpoint(request)
            except StorageError as error:
                answer = await self.failed(request, error)
            origin = request.headers.get("origin", "")
            if origin in self._taking.shows.origins:
                answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Vary"] = "Origin, Accept, Accept-Language"
            return answer

        return answered

    async def failed(self, request: Request, error: Exception) -> Response:
        """The database does not answer: nothing is said to be stored."""
        self._say(f"{error.message}: {error.cause}" if isinstance(error, StorageError) else str(error))
        return self._refused(request, Refusal("busy"), {})

    async def nowhere(self, _request: Request, error: Exception) -> Response:
        """No such address or method."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        answer = responses.data({"error": "There is nothing here." if status == 404 else "This cannot be done here."}, status)
        answer.headers.update(getattr(error, "headers", None) or {})
        return answer

    def _refused(self, request: Request, refusal: Refusal, fields: Mapping[str, str], *, again: bool = False) -> Response:
        origin, every = origin_of(request), self._taking.shows.all
        shows = self._taking.shows.at(origin) or self._taking.shows.at(origin, own=True) or every[: 1 if len(every) == 1 else 0]
        asked = fields.get("page", "")
        below = [show for show in shows if asked.startswith(f"{show.site}/")]
        show = next(iter((*below, *shows)), None)
        language = responses.language_of(request, fields, show.language if show else "")
        return responses.refused(request, refusal, language, show.pages if show else None, fields, asked if below else "", again=again)

    async def _call(self, work: Callable[P, R], *args: P.args, **given: P.kwargs) -> R:
        if self._turns is None:
            self._turns = CapacityLimiter(WORKERS)
        return await anyio.to_thread.run_sync(partial(work, *args, **given), limiter=self._turns)


def token_of(request: Request) -> str:
    """The author's token. Raises Refused where none came."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refusal("token")
    return token.strip()


def origin_of(request: Request) -> str:
    """Whose page asks: Origin as it is, else that of the Referer; "" where neither is told, or Origin hides it."""
    told = request.headers.getlist("origin")
    if told:
        return told[0] if len(told) == 1 and told[0] == plain_origin(told[0]) else ""
    return plain_origin(request.headers.get("referer", ""))


def make_application(taking: Taking, say: Callable[[str], None], more: Sequence[BaseRoute] = ()) -> Starlette:
    """The service; `say` hears what fails, `more` are routes of others."""
    service = CommentEndpoints(taking, say)

    def shared(path: str, endpoint: Callable[[Request], Awaitable[Response]], *methods: str) -> list[Route]:
        """A route for the pages of the shows, on any origin."""

        async def preflight(_request: Request) -> Response:
            allowed = ", ".join(methods)
            leave = {"Access-Control-Allow-Methods": allowed, "Access-Control-Allow-Headers": "Authorization, Content-Type"}
            return Response(status_code=204, headers={**leave, "Access-Control-Max-Age": "7200", "Allow": f"{allowed}, OPTIONS"})

        return [Route(path, service.shared(endpoint), methods=methods), Route(path, service.shared(preflight), methods=["OPTIONS"])]

    routes = [
        *shared(TAKING, service.post, "POST"),
        *shared(ONE, service.own, "PATCH", "DELETE"),
        *shared("/nonce", service.nonce, "GET"),
        Route("/healthz", service.health),
        Route("/openapi.json", service.openapi),
        *more,
    ]
    return Starlette(routes=routes, exception_handlers={StorageError: service.failed, HTTPException: service.nowhere})
