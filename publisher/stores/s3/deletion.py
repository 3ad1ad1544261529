"""Deleting objects of a bucket."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from publisher.stores.s3.bodies import digest_of
from publisher.stores.s3.errors import error_code, explain, parse_xml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.stores.s3.http import S3Http

KEYS_A_CALL = 1000
"""Of DeleteObjects; the limit of S3."""


def delete_some(http: S3Http, prefix: str, keys: Sequence[str]) -> None:
    """Delete at most KEYS_A_CALL objects by their whole keys, which begin with the show's `prefix`: by one request, one by one where the service cannot do that."""
    if len(keys) == 1 or not _delete_together(http, prefix, keys):
        for key in keys:
            _delete_one(http, prefix, key)


def _delete_together(http: S3Http, prefix: str, keys: Sequence[str]) -> bool:
    """Delete by one request; False where the service knows no such request."""
    from xml.sax.saxutils import escape

    listed = "".join(f"<Object><Key>{escape(key)}</Key></Object>" for key in keys)
    body = f'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{listed}<Quiet>true</Quiet></Delete>'.encode()
    digest = base64.b64encode(digest_of(body)).decode()
    doing = f"delete {len(keys)} objects"
    headers = {"Content-Type": "application/xml", "Content-MD5": digest}
    answer = http.send("POST", "", doing=doing, query=[("delete", "")], headers=headers, body=body)
    if answer.status in (400, 405, 501):
        return False
    if answer.status != 200:
        raise explain(answer, doing=doing, place=http.place)
    refused = [line for line in parse_xml(answer.body).iterfind("Error") if line.findtext("Code") not in ("NoSuchKey", "NotFound")]
    for line in refused:
        _delete_one(http, prefix, line.findtext("Key") or "")  # its own answer says why
    return True


def _delete_one(http: S3Http, prefix: str, key: str) -> None:
    doing = f"delete {key.removeprefix(prefix)}"
    answer = http.send("DELETE", key, doing=doing)
    if answer.status not in (200, 204) and not (answer.status == 404 and error_code(answer)[0] != "NoSuchBucket"):
        raise explain(answer, doing=doing, place=http.place)
