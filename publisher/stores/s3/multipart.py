"""Large files in parts: sent side by side, taken up again where an earlier attempt ended."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.core.errors import StorageError
from publisher.stores.atomic_writes import PIECE, md5_of, new_md5
from publisher.stores.protocol import ConditionFailed
from publisher.stores.s3.bodies import Reader, Slice
from publisher.stores.s3.errors import TRANSIENT, S3Answer, error_code, explain, parse_xml

if TYPE_CHECKING:
    import hashlib
    from collections.abc import Iterator, Mapping

    from publisher.stores.s3.http import S3Http

AT_ONCE = 4
"""Parts of one file that are under way together."""

MOST_PARTS = 10_000
"""Of one object; the limit of S3."""

KEPT_FOR_LATER = frozenset({"storage-lost", "storage-unreachable", "storage-dns", "storage-busy-server", "storage-stopped"})
"""Failures after which the parts stay, for the next publish to go on with; after any other they are taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """An upload that was begun: of which key (with the prefix), its id, and when, as the service writes times."""

    key: str
    upload: str
    initiated: str


class _Gone(Exception):  # noqa: N818  an expected answer
    """The upload that we wanted to go on with is no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upload:
    """One upload under way, and what it takes to speak of it."""

    http: S3Http
    key: str
    upload: str
    ours: bool
    """Whether it was begun just now, by us; another publisher may be at work on any other one."""

    def send(
        self, method: str, query: list[tuple[str, str]], *, headers: Mapping[str, str] | None = None, body: bytes | Slice = b""
    ) -> S3Answer:
        doing = f"write {self.key}"
        answer = self.http.send(method, self.key, doing=doing, query=[*query, ("uploadId", self.upload)], headers=headers, body=body)
        if answer.status == 404 and error_code(answer)[0] == "NoSuchUpload":
            raise _Gone
        return answer

    def fail(self, answer: S3Answer) -> StorageError:
        return explain(answer, doing=f"write {self.key}", place=self.http.place)


def put_in_parts(
    http: S3Http,
    key: str,
    body: Slice,
    headers: Mapping[str, str],
    conditions: Mapping[str, str],
    *,
    md5: bytes | None,
    part_size: int,
) -> str:
    """Send a large file as `key` in equal parts (R2 wants them equal) and return its ETag.

    An upload of this key that somebody began, on whatever machine, is taken up and never thrown away: each of its parts is compared
    by MD5 before it counts, and where it is gone, another publisher may have put the same object together. Conditions are held
    against what is there before a byte is sent, and go with the last request once more, where Ceph does not heed them.
    ConditionFailed and StorageError as for `Store.put`.
    """
    if conditions:
        _expect(http, key, conditions)
    part_size = max(part_size, -(-body.length // MOST_PARTS // PIECE) * PIECE)
    _, begun = max(((one.initiated, one.upload) for one in unfinished(http, key) if one.key == key), default=("", ""))
    if begun:
        upload = _Upload(http=http, key=key, upload=begun, ours=False)
        with suppress(_Gone):
            etag = _finish(upload, body, conditions, md5=md5, part_size=part_size)
            there = http.send("HEAD", key, doing=f"look at {key}")
            if all(there.headers.get(name.lower(), value) == value for name, value in headers.items() if not name.startswith("x-")):
                return etag
            conditions = {}  # what is there is our own, with the headers of an older program
    answer = http.send("POST", key, doing=f"write {key}", query=[("uploads", "")], headers=headers)
    if answer.status != 200:
        raise explain(answer, doing=f"write {key}", place=http.place)
    upload = _Upload(http=http, key=key, upload=parse_xml(answer.body).findtext("UploadId") or "", ours=True)
    try:
        return _finish(upload, body, conditions, md5=md5, part_size=part_size)
    except _Gone:
        hint = "did another program clear unfinished uploads? Publish again."
        raise StorageError(f"the storage has dropped the parts of {key}", hint=hint, code="storage-lost") from None


def _expect(http: S3Http, key: str, conditions: Mapping[str, str]) -> None:
    """ConditionFailed where the object there is not what the conditions want."""
    there = http.send("HEAD", key, doing=f"look at {key}")
    if (there.status == 200 and "If-None-Match" in conditions) or (
        there.status in (200, 404) and conditions.get("If-Match", there.etag) != there.etag
    ):
        raise ConditionFailed(key)


def unfinished(http: S3Http, prefix: str) -> Iterator[Unfinished]:
    """Uploads of keys with this prefix that were begun and not ended; none where the service lists none, or not to us."""
    marker: list[tuple[str, str]] = []
    while True:
        query = [("uploads", ""), ("prefix", prefix), *marker]
        answer = http.send("GET", "", doing=f"look for parts of {prefix}", query=query)
        if answer.status != 200:
            return
        try:
            root = parse_xml(answer.body)
        except StorageError:
            return
        for one in root.iterfind("Upload"):
            if (key := one.findtext("Key") or "").startswith(prefix):
                yield Unfinished(key=key, upload=one.findtext("UploadId") or "", initiated=one.findtext("Initiated") or "")
        following = [("key-marker", root.findtext("NextKeyMarker") or ""), ("upload-id-marker", root.findtext("NextUploadIdMarker") or "")]
        if root.findtext("IsTruncated") != "true" or following in ([("key-marker", ""), ("upload-id-marker", "")], marker):
            return
        marker = following


def abort(http: S3Http, one: Unfinished) -> bool:
    """Throw an unfinished upload away; whether it is gone now."""
    answer = http.send("DELETE", one.key, doing=f"throw parts of {one.key} away", query=[("uploadId", one.upload)])
    return answer.status in (200, 204, 404)


def _finish(upload: _Upload, body: Slice, conditions: Mapping[str, str], *, md5: bytes | None, part_size: int) -> str:
    """Send the parts that are missing and put the object together; _Gone where neither the upload is there nor what it was to become."""
    try:
        digests, etags = _send_parts(upload, body, md5=md5, part_size=part_size)
        return _complete(upload, etags, _etag_of(digests), conditions)
    except _Gone:
        if (there := _already_there(upload, body, md5=md5, part_size=part_size)) is not None:
            return there
        raise
    except (StorageError, ConditionFailed) as error:
        if upload.ours and not (isinstance(error, StorageError) and error.code in KEPT_FOR_LATER):
            with suppress(StorageError, _Gone):
                upload.send("DELETE", [])
        raise


def _already_there(upload: _Upload, body: Slice, *, md5: bytes | None, part_size: int) -> str | None:
    """The ETag of the object where it holds our bytes already, put together by a lost answer's request or by another publisher."""
    there = upload.http.send("HEAD", upload.key, doing=f"look at {upload.key}")
    if there.status != 200 or there.headers.get("content-length") != str(body.length):
        return None
    whole = new_md5()
    digests = [_digest(part, whole) for part in _parts(body, part_size)]
    return there.etag if there.etag == _etag_of(digests) and (md5 is None or whole.digest() == md5) else None


def _send_parts(upload: _Upload, body: Slice, *, md5: bytes | None, part_size: int) -> tuple[list[bytes], list[str]]:
    """The MD5 and the ETag of each part, all of which are there now. One thread reads and hashes, AT_ONCE send."""
    there = dict(_parts_there(upload))
    whole = new_md5()
    digests: list[bytes] = []
    etags: list[str] = []
    slots = threading.Semaphore(2 * AT_ONCE)
    running: set[Future[None]] = set()
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for number, part in enumerate(_parts(body, part_size), start=1):
            digest = _digest(part, whole)
            digests.append(digest)
            etags.append(digest.hex())
            if there.get(number) == digest.hex():
                continue
            slots.acquire()
            task = pool.submit(_send_part, upload, number, part, etags)
            task.add_done_callback(lambda _: slots.release())
            running.add(task)
            for done in [one for one in running if one.done()]:
                running.discard(done)
                done.result()
        finished, _ = wait(running, return_when=FIRST_EXCEPTION)
        for task in finished:
            task.result()
    except KeyboardInterrupt:  # whoever pressed it waits for no part; those that arrived stay
        upload.http.stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown(wait=True)
    if md5 is not None and whole.digest() != md5:
        raise StorageError(
            f"the file changed while it was sent: {body.path}",
            hint="is it still being written or synced? Publish again when it is done.",
            code="storage-changed",
        )
    return digests, etags


def _parts(body: Slice, part_size: int) -> Iterator[Slice]:
    for offset in range(0, body.length, part_size):
        yield Slice(path=body.path, offset=offset, length=min(part_size, body.length - offset))


def _send_part(upload: _Upload, number: int, part: Slice, etags: list[str]) -> None:
    """Send a part, whose MD5 stands in `etags`; there the service's own ETag goes, which with keys of KMS is another one."""
    headers = {"Content-MD5": base64.b64encode(bytes.fromhex(etags[number - 1])).decode()}
    answer = upload.send("PUT", [("partNumber", str(number))], headers=headers, body=part)
    if answer.status != 200:
        raise upload.fail(answer)
    etags[number - 1] = answer.etag or etags[number - 1]


def _parts_there(upload: _Upload) -> Iterator[tuple[int, str]]:
    marker = ""
    while True:
        answer = upload.send("GET", [("part-number-marker", marker)] if marker else [])
        if answer.status != 200:
            return
        root = parse_xml(answer.body)
        for part in root.iterfind("Part"):
            yield int(part.findtext("PartNumber") or 0), (part.findtext("ETag") or "").strip('"')
        following = root.findtext("NextPartNumberMarker") or ""
        if root.findtext("IsTruncated") != "true" or following in ("", marker):
            return
        marker = following


def _complete(upload: _Upload, etags: list[str], expected: str, conditions: Mapping[str, str]) -> str:
    """Put the parts together. Its answer may be lost, or come as an error inside a 200."""
    numbered = enumerate(etags, start=1)
    parts = "".join(f'<Part><PartNumber>{number}</PartNumber><ETag>"{etag}"</ETag></Part>' for number, etag in numbered)
    document = f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{parts}</CompleteMultipartUpload>'.encode()
    headers = {"Content-Type": "application/xml", **conditions}
    answer = None
    for _ in range(3):
        answer = upload.send("POST", [], headers=headers, body=document)
        if answer.status != 200 or error_code(answer)[0] not in TRANSIENT:
            break
    assert answer is not None  # noqa: S101  the loop ran
    if answer.status == 412:
        if answer.repeated and _etag_now(upload) == expected:
            return expected
        raise ConditionFailed(upload.key)
    if answer.status != 200 or error_code(answer)[0]:
        raise upload.fail(answer)
    return (parse_xml(answer.body).findtext("ETag") or "").strip('"') or expected


def _etag_of(digests: list[bytes]) -> str:
    """As S3 names an object that was put together from parts."""
    return f"{md5_of(b''.join(digests)).hex()}-{len(digests)}"


def _etag_now(upload: _Upload) -> str:
    answer = upload.http.send("HEAD", upload.key, doing=f"look at {upload.key}")
    return answer.etag if answer.status == 200 else ""


def _digest(part: Slice, whole: hashlib._Hash) -> bytes:
    """The MD5 of a part, which also goes into that of the whole."""
    own = new_md5()
    with Reader(part) as reader:
        while piece := reader.read(PIECE):
            own.update(piece)
            whole.update(piece)
    return own.digest()
