"""A bucket that answers as Google Cloud Storage does to who speaks its own dialect, and to who speaks Amazon's.

What it does, and where that is told; by people who asked the service where no page of Google's is named:
- The words of the algorithm that is named sign the request: docs.cloud.google.com/storage/docs/aws-simple-migration.
- Every header of the vendor must be signed; `x-amz-…` and `x-goog-…` in one request are refused (400 ExcessHeaderValues); each answer to a
  read or write has `x-goog-generation`: github.com/Gusto/baerly-storage, docs/adr/006 and tests/integration/conformance.test.ts.
- If-Match and If-None-Match are for reads; a write does not heed them: the same, and github.com/ClickHouse/ClickHouse/issues/115266.
- `x-goog-if-generation-match` holds for PUT, 412 otherwise; 0 means that nothing is there: the same; for DELETE:
  cloud.google.com/storage/docs/xml-api/delete-object.
- An upload in parts knows no preconditions, 400 NotImplemented: Google's page on them as read in github.com/apache/opendal/issues/8040.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from tests.support import servers
from tests.support.service_servers import Answering, Asked

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = tuple[int, bytes, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An object, or the parts of one that is under way."""

    body: bytes
    generation: int
    etag: str
    headers: dict[str, str]
    at: float = field(default_factory=time.time)


def refused(status: int, code: str) -> Answer:
    return status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>".encode(), {}


@dataclass
class GoogleServer(Answering):
    """Keeps objects by `/bucket/key`. `before_write` is called before a write is judged, as another publisher's moment."""

    objects: dict[str, Kept] = field(default_factory=dict)
    uploads: dict[str, tuple[str, dict[str, str], dict[int, bytes]]] = field(default_factory=dict)
    before_write: Callable[[Asked], None] = lambda _asked: None
    _guard: threading.RLock = field(default_factory=threading.RLock)
    _generation: int = 1_700_000_000_000_000

    def writes(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method in ("PUT", "POST", "DELETE")]

    def answer(self, asked: Asked) -> Answer:
        if fault := self._fault(asked):
            return fault
        if asked.method in ("PUT", "DELETE"):
            self.before_write(asked)
        with self._guard:
            if asked.path.count("/") < 2 or asked.path.endswith("/"):
                return self._of_bucket(asked)
            if asked.query.keys() & {"uploads", "uploadId"}:
                return self._of_upload(asked)
            return self._of_object(asked)

    def _fault(self, asked: Asked) -> Answer | None:
        """What is wrong with how the request is made."""
        vendors = {name.split("-")[1] for name in asked.headers if name.startswith(("x-amz-", "x-goog-"))}
        if len(vendors) > 1:
            return refused(400, "ExcessHeaderValues")
        told = re.fullmatch(
            r"(AWS4|GOOG4)-HMAC-SHA256 Credential=([^/]+)/((\d{8})/[^/]+/(s3|storage)/\w+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
            asked.headers.get("authorization", ""),
        )
        if told is None or told[2] != servers.KEY:
            return refused(403, "AccessDenied")
        scheme, _, scope, day, service, names, signature = told.groups()
        vendor = {"AWS4": "amz", "GOOG4": "goog"}[scheme]
        signed = names.split(";")
        if vendors - {vendor} or not {name for name in asked.headers if name.startswith(f"x-{vendor}-")} | {"host"} <= set(signed):
            return refused(403, "SignatureDoesNotMatch")
        query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(asked.query.items()))
        lines = "".join(f"{name}:{' '.join(asked.headers[name].split())}\n" for name in signed)
        request = "\n".join([asked.method, asked.path, query, lines, names, asked.headers[f"x-{vendor}-content-sha256"]])
        moment = asked.headers[f"x-{vendor}-date"]
        words = "\n".join([f"{scheme}-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()])
        key = (scheme + servers.SECRET).encode()
        for word in (day, scope.split("/")[1], service, f"{scheme.lower()}_request", words):
            key = hmac.new(key, word.encode(), "sha256").digest()
        ends = {"AWS4": "/s3/aws4_request", "GOOG4": "/storage/goog4_request"}[scheme]
        return None if scope.endswith(ends) and key.hex() == signature else refused(403, "SignatureDoesNotMatch")

    def _of_bucket(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return refused(400, "NotImplemented")
        bucket = f"/{asked.path.strip('/')}/"
        if "uploads" in asked.query:
            lines = "".join(
                f"<Upload><Key>{escape(path.removeprefix(bucket))}</Key><UploadId>{name}</UploadId><Initiated>2026-01-01T00:00:00Z</Initiated></Upload>"
                for name, (path, _, _) in self.uploads.items()
            )
            return 200, f"<R><IsTruncated>false</IsTruncated>{lines}</R>".encode(), {}
        wanted = bucket + asked.query.get("prefix", "")
        lines = "".join(
            f"<Contents><Key>{quote(path.removeprefix(bucket))}</Key><Generation>{kept.generation}</Generation><Size>{len(kept.body)}</Size>"
            f'<LastModified>{time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(kept.at))}</LastModified><ETag>"{kept.etag}"</ETag></Contents>'
            for path, kept in sorted(self.objects.items())
            if path.startswith(wanted)
        )
        return 200, f"<R><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{lines}</R>".encode(), {}

    def _of_upload(self, asked: Asked) -> Answer:
        if "x-goog-if-generation-match" in asked.headers:
            return refused(400, "NotImplemented")
        path = unquote(asked.path)
        if "uploads" in asked.query:
            name = f"upload-{len(self.uploads)}"
            self.uploads[name] = path, _to_keep(asked), {}
            return 200, f"<R><UploadId>{name}</UploadId></R>".encode(), {}
        if asked.query["uploadId"] not in self.uploads:
            return refused(404, "NoSuchUpload")
        _, headers, parts = self.uploads[asked.query["uploadId"]]
        if asked.method == "PUT":
            parts[int(asked.query["partNumber"])] = asked.body
            return 200, b"", {"ETag": f'"{_md5(asked.body)}"'}
        if asked.method == "GET":
            lines = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{_md5(part)}</ETag></Part>" for number, part in parts.items())
            return 200, f"<R>{lines}</R>".encode(), {}
        del self.uploads[asked.query["uploadId"]]
        if asked.method == "DELETE":
            return 204, b"", {}
        body = b"".join(parts[number] for number in sorted(parts))
        kept = self._keep(
            path, body, headers, etag=f"{_md5(b''.join(bytes.fromhex(_md5(parts[number])) for number in sorted(parts)))}-{len(parts)}"
        )
        return 200, f"<R><ETag>{kept.etag}</ETag></R>".encode(), {}

    def _of_object(self, asked: Asked) -> Answer:
        path = unquote(asked.path)
        there = self.objects.get(path)
        expected = asked.headers.get("x-goog-if-generation-match")
        if expected is not None and int(expected) != (there.generation if there else 0):
            return refused(412, "PreconditionFailed")
        if asked.method == "PUT":
            return self._put(path, asked)
        if there is None:
            return refused(404, "NoSuchKey") if asked.method != "HEAD" else (404, b"", {})
        if asked.method == "DELETE":
            del self.objects[path]
            return 204, b"", {}
        told = {
            **there.headers,
            "ETag": f'"{there.etag}"',
            "x-goog-generation": str(there.generation),
            "Last-Modified": formatdate(there.at, usegmt=True),
        }
        return (304, b"", told) if asked.headers.get("if-none-match") == f'"{there.etag}"' else (200, there.body, told)

    def _put(self, path: str, asked: Asked) -> Answer:
        source = next((asked.headers[name] for name in ("x-goog-copy-source", "x-amz-copy-source") if name in asked.headers), None)
        if source is not None:
            if (copied := self.objects.get(unquote(source))) is None:
                return refused(404, "NoSuchKey")
            kept = self._keep(path, copied.body, _to_keep(asked), etag=copied.etag)
            return 200, f'<R><ETag>"{kept.etag}"</ETag></R>'.encode(), {}
        if asked.headers.get("content-md5") not in (None, base64.b64encode(bytes.fromhex(_md5(asked.body))).decode()):
            return refused(400, "BadDigest")
        kept = self._keep(path, asked.body, _to_keep(asked), etag=_md5(asked.body))
        return 200, b"", {"ETag": f'"{kept.etag}"', "x-goog-generation": str(kept.generation)}

    def _keep(self, path: str, body: bytes, headers: dict[str, str], *, etag: str) -> Kept:
        with self._guard:
            self._generation += 1
            self.objects[path] = kept = Kept(body=body, generation=self._generation, etag=etag, headers=headers)
        return kept

    def replace(self, path: str, body: bytes) -> None:
        """As another publisher does it."""
        self._keep(path, body, {"Content-Type": "text/html"}, etag=_md5(body))


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _to_keep(asked: Asked) -> dict[str, str]:
    """The headers that stay with an object; metadata is told in the words of who asks, here Google's."""
    kept = {name: value for name, value in asked.headers.items() if name in ("content-type", "cache-control")}
    meta = re.compile(r"x-(?:amz|goog)-meta-")
    return kept | {meta.sub("x-goog-meta-", name): value for name, value in asked.headers.items() if meta.match(name)}
