"""What the service answers with: JSON for a script, a page for a form, in the reader's language, and never kept by caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse

from publisher.comments.service.pages import service_page
from publisher.site.parts.words import LANGUAGES, words_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from publisher.comments.service.refusals import Refused
    from publisher.comments.service.taking import Taken, ToConfirm

_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}
_PAGE = _ALWAYS | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "strict-origin",
}


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


def refused(request: Request, refusal: Refused, language: str, page: str = "") -> Response:
    """A refusal: its sentence, and for scripts its code."""
    sentence = words_for(language)(refusal.key, **refusal.values)
    if not wants_page(request):
        return data({"error": sentence, "code": refusal.code}, refusal.status)
    return HTMLResponse(service_page("refused", {"sentence": sentence, "page": page}, language), refusal.status, _PAGE)


def taken(request: Request, found: Taken) -> Response:
    """What is stored."""
    if not wants_page(request):
        return data(found.document(), 201)
    values = {"title": found.show.title, "page": found.page, "state": found.document()["state"]}
    return HTMLResponse(service_page("taken", values, found.show.language), 200, _PAGE)


def to_confirm(found: ToConfirm) -> Response:
    """The page that asks whether it is meant, and carries a nonce."""
    values = {"title": found.show.title, "page": found.page, "fields": found.fields}
    return HTMLResponse(service_page("confirm", values, found.show.language), 200, _PAGE)
