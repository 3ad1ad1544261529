"""Listings of a bucket."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.stores.protocol import Listed
from publisher.stores.s3.errors import explain, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.core.layout import Folder
    from publisher.stores.s3.http import S3Http


def listed(http: S3Http, prefix: str, below: Folder) -> Iterator[Listed]:
    """What lies below a folder of the show, whose keys begin with `prefix` in the bucket; a thousand per request."""
    token = ""
    doing = f"list {below or 'the bucket'}"
    while True:
        query = [("list-type", "2"), ("prefix", prefix + below)] + ([("continuation-token", token)] if token else [])
        answer = http.send("GET", "", doing=doing, query=query)
        if answer.status != 200:
            raise explain(answer, doing=doing, place=http.place)
        root = parse_xml(answer.body)
        for found in root.iterfind("Contents"):
            key = found.findtext("Key") or ""
            if key.startswith(prefix) and not key.endswith("/"):  # a "folder" made by a web console is none of ours
                etag = (found.findtext("ETag") or "").strip('"')
                yield Listed(
                    key=layout.key_of(key.removeprefix(prefix)),
                    size=int(found.findtext("Size") or 0),
                    etag=etag,
                    modified=iso_moment(found.findtext("LastModified")),
                )
        following = root.findtext("NextContinuationToken") or ""
        if root.findtext("IsTruncated") != "true" or following in ("", token):
            return
        token = following


def iso_moment(text: str | None) -> datetime | None:
    """`2026-05-21T06:00:00.000Z`, as listings write times."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
