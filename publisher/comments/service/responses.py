"""What the service answers with: JSON for a script, a page for a form, in the reader's language, and never kept by caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from publisher.site.parts.words import LANGUAGES, words_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from publisher.comments.pages import HtmlPage, ServicePages
    from publisher.comments.service.refusals import Refusal
    from publisher.comments.service.taking import Taken, ToConfirm

_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a page, and no script for data."""
    kinds = [part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    return "text/html" in kinds and "application/json" not in kinds


def language_of(request: Request, fields: Mapping[str, str], otherwise: str = "") -> str:
    """The reader's language: of the page, else of the show, else of the browser."""
    asked = [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "")[:500].split(",")]
    for tag in (fields.get("language", ""), otherwise, *asked):
        if len(tag) <= 35 and tag.replace("_", "-").partition("-")[0].lower() in LANGUAGES:
            return tag
    return "en"


def data(document: Mapping[str, Any], status: int = 200) -> Response:
    """JSON."""
    return JSONResponse(document, status, _ALWAYS)


def shown(page: HtmlPage, status: int = 200) -> Response:
    """A page."""
    return Response(page.body, status, page.headers, media_type="text/html; charset=utf-8")


def refused(
    request: Request, refusal: Refusal, language: str, pages: ServicePages | None, fields: Mapping[str, str], page: str, *, again: bool
) -> Response:
    """A refusal: its sentence, and for scripts its code. `pages` are those of the show, None where nobody knows which is meant."""
    sentence = words_for(language)(refusal.key, **refusal.values)
    if pages is None or not wants_page(request):
        answer = data({"error": sentence, "code": refusal.code}, refusal.status)
        if refusal.status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    answer = shown(pages.refused(language, sentence, fields, page, again=again), refusal.status)
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer


def taken(request: Request, found: Taken) -> Response:
    """What is stored."""
    document = found.document()
    if not wants_page(request):
        return data(document, 201)
    return shown(found.show.pages.taken(found.show.language, document["state"], found.page))


def to_confirm(found: ToConfirm) -> Response:
    """The page that asks whether it is meant, and carries a nonce."""
    answer = shown(found.show.pages.confirm(found.show.language, found.fields, found.page))
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer
