"""From `[storage] url` to a store."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.core.errors import StorageError
from publisher.stores.providers import BY_NAME, Service

if TYPE_CHECKING:
    from publisher.stores.protocol import Store

BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Location(Service):
    """What a store is opened with: `s3://bucket/prefix` or a folder, and how the bucket's service is reached."""

    url: str


def open_store(location: Location, base: Path) -> Store:
    """The store at a location; a folder is relative to `base` (the folder of config.toml).

    Asks nothing of the network yet. StorageError `storage-url` for an address that is none, `storage-endpoint` and
    `storage-credentials` where the settings cannot lead to a bucket.
    """
    url = location.url
    if not url.startswith("s3://"):
        if not url or re.match(r"[a-z][a-z0-9+.-]+://", url, re.IGNORECASE):
            hint = 'a folder, like "public", or a bucket, like "s3://bucket/prefix"; other services by `endpoint` and `provider`'
            raise StorageError(f"`[storage] url` names no place we can publish to: {url!r}", hint=hint, code="storage-url")
        from publisher.stores.directory import DirectoryStore

        return DirectoryStore(base / Path(url).expanduser())
    parts = urlsplit(url)
    prefix = parts.path.strip("/")
    if not BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment or {"", ".", ".."} & set(prefix.split("/") if prefix else ()):
        raise StorageError(f"`[storage] url` names no bucket: {url!r}", hint='write it as "s3://bucket/prefix"', code="storage-url")
    if location.provider and location.provider not in BY_NAME:
        raise StorageError(
            f"`[storage] provider` is not known: {location.provider!r}", hint=f"one of {', '.join(BY_NAME)}", code="storage-url"
        )
    from publisher.stores.s3.store import S3Settings, S3Store

    service = {field.name: getattr(location, field.name) for field in fields(Service)}
    return S3Store(S3Settings(bucket=parts.netloc, prefix=prefix, **service))
