"""The description of the service for programs: OpenAPI 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from publisher import __version__
from publisher.comments.service.judging import LONGEST_NAME, LONGEST_TEXT
from publisher.comments.service.refusals import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from publisher.comments.service.refusals import Code

TAKING = "/comments"
ONE = f"{TAKING}/{{id}}"
"""Where a comment is sent, and where its author changes or erases it."""
_TEXT: Mapping[str, Any] = {"type": "string"}
_REFUSAL: Mapping[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "string", "description": "A sentence for the reader, in their language."},
        "code": {"type": "string", "enum": list(STATUSES)},
    },
}
_COMMENT: Mapping[str, Any] = {
    "type": "object",
    "required": ["episode", "name", "text", "consent", "nonce"],
    "properties": {
        "episode": {"type": "string", "pattern": "^[a-z0-9-]{1,200}$", "description": "The slug of a published episode."},
        "guid": {"type": "string", "description": "The episode's guid."},
        "page": {"type": "string", "description": "The address of its page."},
        "language": {"type": "string", "maxLength": 35, "description": "Of the page."},
        "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "description": "Shown publicly."},
        "text": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
        "at": {"type": ["integer", "string"], "description": "The second it is about."},
        "reply_to": {"type": "string", "description": "The id of the comment it answers."},
        "consent": {"type": "string", "description": "The very sentence on the page."},
        "nonce": {"type": "string", "description": "From GET /nonce; good for an hour and for one post."},
        "token": {"type": "string", "description": "The author's, of an earlier comment."},
        "altcha": {"type": "string", "description": "What the reader's browser worked out, where the show asks for it."},
        "website": {"type": "string", "description": "Empty: whoever fills it is a program."},
    },
}


def description() -> Mapping[str, Any]:
    """The document that `GET /openapi.json` answers with."""
    stored = _object(id=_TEXT, state={"type": "string", "enum": ["held", "approved"]}, token=_TEXT, editable={"type": "integer"})
    given = _object(("altcha",), nonce=_TEXT, wait={"type": "number"}, good_for={"type": "integer"}, altcha={"type": "object"})
    edited = _object(id=_TEXT, state={"type": "string", "enum": ["held", "approved"]}, text=_TEXT)
    changes = _object(text=_COMMENT["properties"]["text"])
    body = {
        "required": True,
        "content": {"application/json": {"schema": _COMMENT}, "application/x-www-form-urlencoded": {"schema": _COMMENT}},
    }
    change = {
        "required": True,
        "content": {"application/json": {"schema": changes}, "application/x-www-form-urlencoded": {"schema": changes}},
    }
    origin = {
        "name": "Origin",
        "in": "header",
        "required": True,
        "schema": _TEXT,
        "description": "The site's; without one Referer is judged.",
    }
    comment_id = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
    slug = {"name": "episode", "in": "query", "required": True, "schema": _COMMENT["properties"]["episode"]}
    secured: list[Mapping[str, list[str]]] = [{"author": []}]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Comments on the episodes of a podcast", "version": __version__},
        "paths": {
            TAKING: {
                "post": {
                    "operationId": "post",
                    "parameters": [origin],
                    "requestBody": body,
                    "responses": _answers({201: stored}, page=True),
                }
            },
            ONE: {
                "parameters": [comment_id, origin],
                "patch": {"operationId": "edit", "security": secured, "requestBody": change, "responses": _answers({200: edited})},
                "delete": {
                    "operationId": "erase",
                    "security": secured,
                    "responses": _answers({200: _object(id=_TEXT, state={"const": "erased"})}),
                },
            },
            "/nonce": {
                "get": {"operationId": "nonce", "parameters": [slug, {**origin, "required": False}], "responses": _answers({200: given})}
            },
            "/healthz": {"get": {"operationId": "health", "responses": _answers({200: _object(status={"const": "ok"})}, ())}},
            "/openapi.json": {"get": {"operationId": "openapi", "responses": _answers({200: {"type": "object"}}, ())}},
        },
        "components": {
            "securitySchemes": {"author": {"type": "http", "scheme": "bearer", "description": "The token of the answer to a post."}}
        },
    }


def _object(optional: Iterable[str] = (), **properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "object", "required": [name for name in properties if name not in optional], "properties": properties}


def _answers(good: Mapping[int, Mapping[str, Any]], codes: Iterable[Code] = tuple(STATUSES), *, page: bool = False) -> Mapping[str, Any]:
    """The answers of an operation by their status; `page`: a browser may have a page instead."""
    pages = {"text/html": {"schema": _TEXT}} if page else {}
    found = {
        str(status): {"description": "Done.", "content": {"application/json": {"schema": schema}, **pages}}
        for status, schema in good.items()
    }
    if page:
        found["200"] = {"description": "A page for the reader.", "content": pages}
    refused = {"description": "Refused.", "content": {"application/json": {"schema": _REFUSAL}, **pages}}
    return found | {str(status): refused for status in sorted({STATUSES[code] for code in codes} | {503})}
