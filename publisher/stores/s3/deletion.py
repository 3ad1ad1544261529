"""Deleting objects of a bucket."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.stores.s3.bodies import digest_of
from publisher.stores.s3.errors import error_code, explain, parse_xml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from publisher.stores.s3.http import S3Http

KEYS_A_CALL = 1000
"""Of DeleteObjects; the limit of S3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """Objects to delete by their whole keys, which begin with the show's `prefix`, each with the ETag it must have ("": any)."""

    http: S3Http
    prefix: str
    etags: Mapping[str, str]

    def of(self, keys: Sequence[str]) -> None:
        """Delete at most KEYS_A_CALL of them: by one request, one by one where the service cannot do that."""
        if len(keys) == 1 or not self._together(keys):
            for key in keys:
                self._one(key)

    def _together(self, keys: Sequence[str]) -> bool:
        """Delete by one request; False where the service knows no such request."""
        from xml.sax.saxutils import escape

        listed = "".join(
            f"<Object><Key>{escape(key)}</Key>{etag and f'<ETag>{escape(etag)}</ETag>'}</Object>"
            for key, etag in ((key, self.etags[key]) for key in keys)
        )
        body = f'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{listed}<Quiet>true</Quiet></Delete>'.encode()
        digest = base64.b64encode(digest_of(body)).decode()
        doing = f"delete {len(keys)} objects"
        headers = {"Content-Type": "application/xml", "Content-MD5": digest}
        answer = self.http.send("POST", "", doing=doing, query=[("delete", "")], headers=headers, body=body)
        if answer.status in (400, 405, 501):
            return False
        if answer.status != 200:
            raise explain(answer, doing=doing, place=self.http.place)
        done = ("NoSuchKey", "NotFound", "PreconditionFailed")
        refused = [line.findtext("Key") or "" for line in parse_xml(answer.body).iterfind("Error") if line.findtext("Code") not in done]
        for key in refused:
            if key not in self.etags:
                raise explain(answer, doing=doing, place=self.http.place)
            self._one(key)  # its own answer says why
        return True

    def _one(self, key: str) -> None:
        doing = f"delete {key.removeprefix(self.prefix)}"
        condition = {"If-Match": self.etags[key]} if self.etags[key] else {}
        answer = self.http.send("DELETE", key, doing=doing, headers=condition)
        if condition and answer.status in (400, 501):  # it knows no conditions on a delete
            answer = self.http.send("DELETE", key, doing=doing)
        missing = answer.status == 404 and error_code(answer)[0] != "NoSuchBucket"
        if not (answer.status in (200, 204) or missing or (condition and answer.status == 412)):
            raise explain(answer, doing=doing, place=self.http.place)
