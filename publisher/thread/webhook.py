"""A program of yours is told of an episode by one signed JSON document, at most once.

Signed as standardwebhooks.com says: `webhook-id`, `webhook-timestamp` and `webhook-signature`, which is "v1," and the HMAC-SHA256 of
id, timestamp and body with points between them, in base64. A secret that begins with `whsec_` is base64 itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from publisher.core.errors import StorageError
from publisher.thread.calls import Outcome, call

if TYPE_CHECKING:
    from publisher.load.tables.announce import WebhookTable

_KEY = "whsec_"


def post(table: WebhookTable, document: dict[str, Any], secret: str, message: str, seconds: int) -> Outcome:
    """Send the document once, under the id `message`, at `seconds` of the epoch. Raises StorageError `secret-unfit`."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    signature = signed(body, _bytes_of(secret, table.secret_env), message, seconds)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signature,
    }
    reply = call("POST", table.url, repeatable=False, content=body, headers=headers)
    if 200 <= reply.status < 300:  # whatever it says beside it
        return Outcome(status="posted")
    return Outcome.failed(reply)


def signed(body: bytes, key: bytes, message: str, seconds: int) -> str:
    """The signature of a document."""
    digest = hmac.new(key, f"{message}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def id_of(guid: str) -> str:
    """What a receiver knows the document about an episode by."""
    return f"msg_{hashlib.sha256(f'episode {guid}'.encode()).hexdigest()[:32]}"


def _bytes_of(secret: str, variable: str) -> bytes:
    """The key. Raises StorageError."""
    if not secret.startswith(_KEY):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_KEY), validate=True)
    except binascii.Error:
        hint = "after whsec_ there is base64 and nothing else; any other text is taken as it is"
        raise StorageError(f"{variable} is no secret of a webhook", hint=hint, code="secret-unfit") from None
