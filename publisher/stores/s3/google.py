"""Google's dialect of S3: writes are made conditional by an object's generation, not by its ETag.

To whoever speaks Amazon's, Google does not heed If-Match and If-None-Match on writes; its own `x-goog-if-generation-match` it does heed, and
refuses it beside any `x-amz-…`. 0 stands for "nothing is there".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from publisher.stores.providers import GOOGLE
from publisher.stores.s3.errors import LARGEST_ANSWER, S3Answer
from publisher.stores.s3.lean import LeanHttp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from publisher.stores.s3.bodies import Slice

CONDITIONS = ("If-Match", "If-None-Match")


class GoogleHttp(LeanHttp):
    """The lean client, in Google's dialect."""

    dialect = GOOGLE

    def send(
        self,
        method: str,
        key: str,
        *,
        doing: str,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | Slice = b"",
        target: BinaryIO | None = None,
        limit: int = LARGEST_ANSWER,
    ) -> S3Answer:
        """See S3Http. A write over an ETag looks first which generation has it, and then goes over that one alone."""
        sent = dict(headers or {})
        if method not in ("GET", "HEAD"):
            if ("delete", "") in query:
                return S3Answer(status=501, headers={})  # a deletion of many knows no generations; so one by one
            etag, absent = (sent.pop(name, None) for name in CONDITIONS)
            if method != "POST":  # an upload in parts knows no conditions: who begins one has looked
                found = self._generation(key, etag) if etag is not None else "0" if absent else ""
                if isinstance(found, S3Answer):
                    return found
                sent |= {"x-amz-if-generation-match": found} if found else {}
        return super().send(method, key, doing=doing, query=query, headers=sent, body=body, target=target, limit=limit)

    def _generation(self, key: str, etag: str) -> str | S3Answer:
        """The generation that has this ETag now, else the answer to a write that wants it."""
        there = super().send("HEAD", key, doing=f"look at {key}")
        if there.status not in (200, 404):
            return there
        if there.status == 404 or there.etag != etag:
            return S3Answer(status=412, headers=there.headers)
        return there.headers.get("x-amz-generation") or S3Answer(status=501, headers=there.headers)
