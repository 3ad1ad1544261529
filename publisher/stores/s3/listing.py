"""Listings of a bucket."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from publisher.core import layout
from publisher.core.console import notice
from publisher.core.errors import StorageError
from publisher.stores.protocol import Listed
from publisher.stores.s3.errors import explain, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.core.layout import Folder
    from publisher.stores.s3.http import S3Http


def listed(http: S3Http, prefix: str, below: Folder) -> Iterator[Listed]:
    """What lies below a folder of the show, whose keys begin with `prefix` in the bucket; a thousand per request. A key that none of
    ours can be is named, and left alone.
    """
    token = ""
    doing = f"list {below or 'the bucket'}"
    while True:
        # Escaped, keys may hold what XML cannot; a service that does not know this sends them as they are.
        query = [("list-type", "2"), ("prefix", prefix + below), ("encoding-type", "url")]
        answer = http.send("GET", "", doing=doing, query=query + ([("continuation-token", token)] if token else []))
        if answer.status != 200:
            raise explain(answer, doing=doing, place=http.place)
        root = parse_xml(answer.body)
        escaped = root.findtext("EncodingType") == "url"
        for found in root.iterfind("Contents"):
            text = found.findtext("Key") or ""
            name = unquote_plus(text) if escaped else text
            if not name.startswith(prefix) or name.endswith("/"):  # a "folder" made by a web console is none of ours
                continue
            try:
                key = layout.key_of(name.removeprefix(prefix))
            except StorageError as odd:
                notice(f"left alone on the storage: {name!r} ({odd.cause})")
                continue
            size, etag = found.findtext("Size") or "", (found.findtext("ETag") or "").strip('"')
            yield Listed(key=key, size=count_in(size), etag=etag, modified=iso_moment(found.findtext("LastModified")))
        following = root.findtext("NextContinuationToken") or ""
        if root.findtext("IsTruncated") != "true" or following in ("", token):
            return
        token = following


def count_in(text: str) -> int:
    """The number that a service sent, 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def iso_moment(text: str | None) -> datetime | None:
    """`2026-05-21T06:00:00.000Z`, as listings write times; one without a zone is in UTC."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
