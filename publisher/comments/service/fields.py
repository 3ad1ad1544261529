"""The fields of a request, read within bounds: a form in either encoding, or JSON."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from feed.text_cleaning import read_json
from publisher.comments.service.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message

LARGEST = 128 * 1024
"""Bytes of a body: a text of the longest kind, each letter in twelve bytes, fits twice."""
PATIENCE = 10.0
"""Seconds that a body may take."""
_FIELDS = 40
KNOWN = frozenset(
    ("episode", "guid", "page", "language", "name", "text", "at", "reply_to", "consent", "nonce", "token", "altcha", "website")
)
"""What is read; all else is passed over."""


async def read_fields(request: Request) -> Mapping[str, str]:
    """The fields of a body, each as text. Raises Refused where it is too large, too slow, or no form and no JSON object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data", "application/json"):
        raise Refusal("malformed")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal("malformed")
    body = await read_body(request, LARGEST)
    return _json_fields(body) if kind == "application/json" else await _form_fields(request, body)


async def read_body(request: Request, largest: int) -> bytes:
    """A body of so many bytes at most. Raises Refused where it is larger or too slow, also where whoever sends it goes away."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > largest:
        raise Refusal("large")
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > largest:
                    raise Refusal("large")
    except (TimeoutError, ClientDisconnect) as error:
        raise Refusal("slow") from error
    return bytes(body)


def _json_fields(body: bytes) -> Mapping[str, str]:
    try:
        found = read_json(body)
    except (ValueError, RecursionError) as error:
        raise Refusal("malformed") from error
    if not isinstance(found, dict):
        raise Refusal("malformed")
    return {name: _text(value) for name, value in found.items() if name in KNOWN and value is not None}


def _text(value: object) -> str:
    """A value as a form would send it."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise Refusal("malformed")


async def _form_fields(request: Request, body: bytes) -> Mapping[str, str]:
    given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return given.pop() if given else {"type": "http.disconnect"}

    try:
        async with Request(request.scope, receive).form(max_files=0, max_fields=_FIELDS, max_part_size=LARGEST) as form:
            return {name: value for name, value in form.multi_items() if name in KNOWN and isinstance(value, str)}
    except (HTTPException, FormParserError, ValueError, LookupError) as error:
        raise Refusal("malformed") from error
