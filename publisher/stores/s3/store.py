"""A bucket as the storage: Amazon S3 and what speaks its language.

One module, since it is one class: the store's protocol, each call with the service's answers that it must understand.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO, Self, cast
from urllib.parse import quote, urlsplit

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.stores.atomic_writes import new_md5
from publisher.stores.aws_profile import read_profile
from publisher.stores.protocol import LARGEST_READ, Body, ConditionFailed, Conditions, Fence, Headers, Listed, Stored
from publisher.stores.providers import AMAZON, BucketService
from publisher.stores.s3.address import reach
from publisher.stores.s3.bodies import Slice, digest_of, file_size
from publisher.stores.s3.credentials import plain_keys, whose
from publisher.stores.s3.deletion import KEYS_A_CALL, Deletion
from publisher.stores.s3.errors import BucketAccess, S3Answer, error_code, explain, parse_xml
from publisher.stores.s3.http import STANDARD, Patience, S3Http
from publisher.stores.s3.listing import count_in, iso_moment, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from threading import Event

    from publisher.core.layout import Folder, Key

MULTIPART_ABOVE = 64 << 20
"""Bytes; a larger file is sent in parts, so that a cut costs one part and not the whole."""

SETTLED = 1.0
"""Seconds for the writes of others to land."""

MARK = "x-amz-meta-airdate"
"""Header that every object of ours carries, so that somebody else's is known as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings(BucketService):
    """Where the bucket is and how to speak to it."""

    bucket: str
    prefix: str = ""
    anonymous: bool = False
    """Sign nothing: see what everybody sees."""
    patience: Patience = STANDARD
    multipart_above: int = MULTIPART_ABOVE
    part_size: int = 16 << 20


class S3Store:
    """Objects in a bucket, below the prefix. One exchange per call, bodies streamed, nothing listed unless asked for.

    What the services disagree on is avoided or handled: no `Expect`, Content-MD5 instead of newer checksums, ETags in conditions
    without quotes, MD5 compared only where the ETag is one, no ACL unless asked for.
    """

    def __init__(self, settings: S3Settings) -> None:
        self.settings = settings
        profile = read_profile(settings.profile, os.environ) or {}
        self._reach = reach(settings, settings.bucket, os.environ, profile)
        self._prefix = f"{settings.prefix.strip('/')}/" if settings.prefix.strip("/") else ""
        identity, secret, token = ("" if settings.anonymous else whose(part, settings.profile) for part in ("key", "secret", "token"))
        place = BucketAccess(
            bucket=settings.bucket,
            endpoint=self._reach.endpoint,
            region=self._reach.region,
            identity=identity,
            secret=secret,
            token=token,
        )
        self._http = self._client(place, profile)
        provider = self._reach.provider
        self.is_remote = True
        self.conditions: Conditions | None = provider.conditions if self._http.dialect is provider.dialect else "ignored"
        self._etag_is_md5 = True

    def _client(self, place: BucketAccess, profile: Mapping[str, str]) -> S3Http:
        from publisher.stores.s3.google import GoogleHttp
        from publisher.stores.s3.lean import LeanHttp

        settings = self.settings
        keys = (lambda: None) if settings.anonymous else (lambda: plain_keys(settings.profile, profile))
        client = next(one for one in (LeanHttp, GoogleHttp) if one.dialect is self._reach.provider.dialect)
        return client(self._reach.address(settings.bucket), place, keys, settings.patience)

    @property
    def provider(self) -> str:
        """The service, as `[storage] provider` calls it."""
        return self._reach.provider.name

    @property
    def region(self) -> str:
        """The region that requests are signed for."""
        return self._reach.region

    @property
    def endpoint(self) -> str:
        """Where the service answers, without the bucket and without a slash at its end."""
        return self._reach.endpoint

    @property
    def address(self) -> str:
        """Where the bucket itself is reached."""
        return replace(self._reach, endpoint=self.endpoint).address(self.settings.bucket)

    @property
    def stopped(self) -> Event:
        """See Store."""
        return self._http.stopped

    @property
    def requests(self) -> int:
        """See Store."""
        return self._http.requests

    @property
    def unanswered(self) -> int:
        """See Store."""
        return self._http.unanswered

    @property
    def place(self) -> str:
        """See Store: host, bucket and, where it is not Amazon's, the dialect, on which conditions depend. The port is none of it, since one
        service may be reached through several.
        """
        dialect = self._http.dialect
        return f"{urlsplit(self.endpoint).hostname}/{self.settings.bucket}{'' if dialect is AMAZON else f' {dialect.scheme}'}"

    def describe(self) -> str:
        """See Store."""
        below = f", below {self._prefix}" if self._prefix else ""
        profile = self.settings.profile or os.environ.get("AWS_PROFILE", "")
        return f"bucket {self.settings.bucket} at {self.endpoint}{below}{profile and f', as profile {profile}'}"

    def read(self, key: Key, *, known: str = "") -> Stored | None:
        """See Store."""
        doing = f"read {key}"
        extra = {"If-None-Match": f'"{known}"'} if known else {}
        answer = self._http.send("GET", self._key(key), doing=doing, headers=extra, limit=LARGEST_READ)
        unchanged = bool(known) and answer.status == 304
        if not unchanged and not self._found(answer, doing):
            return None
        kept = Headers(content_type=answer.headers.get("content-type", ""), cache_control=answer.headers.get("cache-control", ""))
        return Stored(
            body=b"" if unchanged else answer.body,
            etag=answer.etag or known,
            headers=None if unchanged else kept,
            modified=_moment(answer, "last-modified"),
            served=_moment(answer, "date"),
            unchanged=unchanged,
        )

    def head(self, key: Key) -> Listed | None:
        """See Store."""
        doing = f"look at {key}"
        answer = self._http.send("HEAD", self._key(key), doing=doing)
        if not self._found(answer, doing):
            return None
        return Listed(
            key=key,
            size=count_in(answer.headers.get("content-length", "")),
            etag=answer.etag,
            modified=_moment(answer, "last-modified"),
            ours=MARK in answer.headers,
        )

    def fetch(self, key: Key, target: Path) -> str | None:
        """See Store."""
        partial = target.with_name(f"{target.name}.{token_hex(4)}.part")
        doing = f"read {key}"
        try:
            with partial.open("xb") as file:
                answer = self._http.send("GET", self._key(key), doing=doing, target=file)
            if not self._found(answer, doing):
                return None
            partial.replace(target)
        except OSError as error:
            hint = "is there room on the disk, and may you write there?"
            raise StorageError(
                f"the file cannot be written: {target}", cause=error.strerror or str(error), hint=hint, code="storage-target"
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        return answer.etag

    def put(
        self,
        key: Key,
        body: Body,
        headers: Headers,
        *,
        md5: bytes | None = None,
        if_match: str | None = None,
        if_absent: bool = False,
        fence: Fence | None = None,
    ) -> str:
        """See Store. The service checks the body against Content-MD5, and its ETag is compared with it once more."""
        sent: bytes | Slice = body if isinstance(body, bytes) else Slice(path=body, offset=0, length=file_size(body))
        extra = self._object_headers(key, headers)
        conditions = self._conditions(if_match, if_absent=if_absent)
        if isinstance(sent, Slice) and len(sent) > self.settings.multipart_above:
            from publisher.stores.s3.multipart import put_in_parts

            return put_in_parts(self._http, self._key(key), sent, extra, conditions, md5=md5, part_size=self.settings.part_size)
        digest = md5 or digest_of(sent)
        extra["Content-MD5"] = base64.b64encode(digest).decode()
        doing = f"write {key}"
        with self._http.fenced(fence):
            answer = self._http.send("PUT", self._key(key), doing=doing, headers=extra | conditions, body=sent)
        if answer.status in (404, 409, 412) and conditions:
            if answer.repeated and (there := self._ours(key, digest, len(sent))):
                return there  # our first attempt had arrived, only its answer was lost
            if answer.status == 412 and if_absent and isinstance(sent, bytes) and self.head(key) is None:
                with self._http.fenced(fence):
                    return self._put_where_nothing_is(key, sent, extra)
            if answer.status == 412 or error_code(answer)[0] in ("NoSuchKey", "ConditionalRequestConflict"):
                raise ConditionFailed(key)
        if answer.status != 200:
            raise explain(answer, doing=doing, place=self._http.place, conditional=bool(conditions))
        self._compare(key, answer, digest)
        return answer.etag

    def _put_where_nothing_is(self, key: Key, body: bytes, extra: Mapping[str, str]) -> str:
        """A write that was refused for an object that is not there: somebody deleted it just now, or the service takes its own delete
        marker for one and would refuse for ever. Tried once more, then written without the condition, and looked at when the writes
        of others had time to land.
        """
        doing = f"write {key}"
        answer = self._http.send("PUT", self._key(key), doing=doing, headers={**extra, "If-None-Match": "*"}, body=body)
        if answer.status == 412:
            if self.head(key) is not None:
                raise ConditionFailed(key)
            answer = self._http.send("PUT", self._key(key), doing=doing, headers=extra, body=body)
            time.sleep(SETTLED)
            there = self.read(key)
            if there is None or there.body != body:
                raise ConditionFailed(key)
        if answer.status != 200:
            raise explain(answer, doing=doing, place=self._http.place, conditional=True)
        return answer.etag

    def copy(self, source: Key, target: Key, headers: Headers, *, fence: Fence | None = None) -> str:
        """See Store. The service copies (5 GB at most)."""
        extra = self._object_headers(target, headers) | {
            "x-amz-copy-source": quote(f"/{self.settings.bucket}/{self._key(source)}", safe="/-_.~"),
            "x-amz-metadata-directive": "REPLACE",
        }
        doing = f"copy {source} to {target}"
        with self._http.fenced(fence):
            answer = self._http.send("PUT", self._key(target), doing=doing, headers=extra)
        if answer.status != 200 or error_code(answer)[0]:
            raise explain(answer, doing=doing, place=self._http.place)
        return (parse_xml(answer.body).findtext("ETag") or "").strip('"')

    def delete(self, keys: Iterable[Key], *, etags: Mapping[Key, str] | None = None, fence: Fence | None = None) -> None:
        """See Store. A thousand per request; one by one where the service cannot do that."""
        known = etags or {} if self.conditions == "enforced" else {}
        doomed = {self._key(key): known.get(key, "") for key in keys}
        deletion = Deletion(http=self._http, prefix=self._prefix, etags=doomed)
        with self._http.fenced(fence):
            for start in range(0, len(doomed), KEYS_A_CALL):
                deletion.of(list(doomed)[start : start + KEYS_A_CALL])

    def list(self, prefix: Folder) -> Iterator[Listed]:
        """See Store. A thousand per request; sorted here, as not every service sorts (SeaweedFS goes folder by folder)."""
        return iter(sorted(listed(self._http, self._prefix, prefix), key=lambda line: line.key))

    def clear_leftovers(self, before: datetime) -> int:
        """See Store: the parts of large uploads. A service that lists none, or not to us, keeps them."""
        from publisher.stores.s3.multipart import abort, unfinished

        # right in the folders where ours lie: another show may lie below our prefix
        folders = tuple(self._prefix + folder for folder in layout.LARGE)
        found = [one for folder in folders for one in unfinished(self._http, folder) if "/" not in one.key.removeprefix(folder)]
        old = [one for one in found if (begun := iso_moment(one.initiated)) is not None and begun < before]
        return sum(abort(self._http, one) for one in old)

    def flush(self) -> None:
        """Nothing to do: what a bucket has taken, it keeps."""

    def lock(self, *, wait: float = 0.0) -> AbstractContextManager[None]:  # noqa: ARG002  a bucket has claims instead
        """Nothing to hold: publishes find each other by their claims."""
        return nullcontext()

    def listable_by_anyone(self) -> bool:
        """Whether a listing is given to whoever asks, without keys: what has an unguessable name is found then."""
        return self._unsigned().is_listable()

    def readable_by_anyone(self, key: Key) -> bool:
        """Whether an object that is there is given to whoever asks, without keys."""
        unsigned = self._unsigned()
        return unsigned._http.send("HEAD", unsigned._key(key), doing=f"look at {key}").status == 200  # noqa: SLF001  of our own kind

    def _unsigned(self) -> Self:
        return type(self)(replace(self.settings, anonymous=True, region=self.region))

    def is_listable(self) -> bool:
        """Whether a listing is given to these keys."""
        query = [("list-type", "2"), ("prefix", self._prefix), ("max-keys", "1")]
        return self._http.send("GET", "", doing="list the bucket", query=query).status == 200

    def _key(self, key: Key) -> str:
        return self._prefix + layout.key_of(key)

    def _object_headers(self, key: Key, headers: Headers) -> dict[str, str]:
        extra = {"Content-Type": headers.content_type, MARK: "1"}
        if headers.cache_control:
            extra["Cache-Control"] = headers.cache_control
        if self.settings.acl and not layout.is_unseen(key):
            extra["x-amz-acl"] = self.settings.acl
        return extra

    def _conditions(self, if_match: str | None, *, if_absent: bool) -> dict[str, str]:
        if self.conditions == "refused":
            return {}
        if if_absent:
            return {"If-None-Match": "*"}
        return {"If-Match": if_match.strip('"')} if if_match is not None else {}

    def _found(self, answer: S3Answer, doing: str) -> bool:
        if answer.status == 404 and (not answer.body or error_code(answer)[0] in ("NoSuchKey", "NotFound")):
            return False
        if answer.status != 200:
            raise explain(answer, doing=doing, place=self._http.place)
        return True

    def _ours(self, key: Key, digest: bytes, length: int) -> str:
        """The ETag of what is there now if it holds our bytes, else an empty string."""
        there = self.head(key)
        if there is None or there.size != length:
            return ""
        if there.etag == digest.hex():
            return there.etag
        return there.etag if self._reads_as(key, digest) else ""

    def _compare(self, key: Key, answer: S3Answer, digest: bytes) -> None:
        """Hold the ETag against the MD5 where it is one: not with keys of KMS or the customer, and not on some gateways."""
        encrypted = answer.headers.get("x-amz-server-side-encryption", "").startswith("aws:kms") or any(
            name.startswith("x-amz-server-side-encryption-customer") for name in answer.headers
        )
        if not self._etag_is_md5 or encrypted or not re.fullmatch(r"[0-9a-f]{32}", answer.etag) or answer.etag == digest.hex():
            return
        if not self._reads_as(key, digest):
            raise StorageError(
                f"the storage keeps other bytes than were sent: {key}",
                cause=f"its ETag is {answer.etag}, the file's MD5 {digest.hex()}",
                hint="publish again; if it happens again, something on the way alters data",
                code="storage-changed",
            )
        self._etag_is_md5 = False

    def _reads_as(self, key: Key, digest: bytes) -> bool:
        """Whether the object, read back, has this MD5."""
        import tempfile

        with tempfile.TemporaryFile() as file:
            answer = self._http.send("GET", self._key(key), doing=f"read {key}", target=cast("BinaryIO", file))
            file.seek(0)
            return answer.status == 200 and hashlib.file_digest(file, new_md5).digest() == digest


def _moment(answer: S3Answer, header: str) -> datetime | None:
    """The time in a header, None where it holds none."""
    try:
        moment = parsedate_to_datetime(answer.headers.get(header, ""))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)  # `-0000` is UTC
