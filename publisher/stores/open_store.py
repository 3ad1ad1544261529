"""From `[storage] url` to a store."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.core.errors import ContentError, StorageError
from publisher.stores.providers import BY_NAME, BucketService

if TYPE_CHECKING:
    from publisher.stores.client_choice import Client
    from publisher.stores.protocol import Store
    from publisher.stores.s3.store import S3Settings

BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
ACCESS_POINT = re.compile(r"s3://(arn:aws[a-z-]*:s3:[a-z0-9-]*:\d{12}:accesspoint[/:][A-Za-z0-9.-]{1,63})(?:/(.*))?")


@dataclass(frozen=True, slots=True)
class Location(BucketService):
    """What a store is opened with: `s3://bucket/prefix` or a folder, how the bucket's service is reached, and by which client."""

    url: str
    client: Client = "auto"


def open_store(location: Location, base: Path) -> Store:
    """The store at a location; a folder is relative to `base` (the folder of config.toml).

    Asks nothing of the network yet. StorageError `storage-url` for an address that is none, `storage-endpoint` and
    `storage-credentials` where the settings cannot lead to a bucket; ContentError `storage-client` and `storage-proxy`.
    """
    url = location.url
    if not url.startswith("s3://"):
        if not url or re.match(r"[a-z][a-z0-9+.-]+://", url, re.IGNORECASE):
            hint = 'a folder, like "public", or a bucket, like "s3://bucket/prefix"; other services by `endpoint` and `provider`'
            raise StorageError(f"`[storage] url` names no place we can publish to: {url!r}", hint=hint, code="storage-url")
        from publisher.stores.directory import DirectoryStore

        return DirectoryStore(base / Path(url).expanduser())
    settings = bucket_settings(location)
    if location.client == "boto3" or _needs_boto3(settings, location.client):
        from publisher.stores.boto3_store import Boto3Store

        store = Boto3Store(settings)
        if store.provider == "gcs":
            from publisher.core.console import notice

            notice("boto3 cannot make writes to Google Cloud Storage conditional: publish from one machine at a time")
        return store
    from publisher.stores.s3.store import S3Store

    return S3Store(settings)


def bucket_settings(location: Location) -> S3Settings:
    """What a bucket's store is opened with. StorageError `storage-url` where the location names none, or a service that is not known."""
    from publisher.stores.s3.store import S3Settings

    bucket, prefix = _bucket_of(location.url)
    if location.provider and location.provider not in BY_NAME:
        raise StorageError(
            f"`[storage] provider` is not known: {location.provider!r}", hint=f"one of {', '.join(BY_NAME)}", code="storage-url"
        )
    service = {field.name: getattr(location, field.name) for field in fields(BucketService)}
    return S3Settings(bucket=bucket, prefix=prefix, **service)


def _bucket_of(url: str) -> tuple[str, str]:
    """Bucket and prefix of `s3://bucket/prefix`; StorageError `storage-url` where it is no such address."""
    if found := ACCESS_POINT.fullmatch(url):
        bucket, prefix, odd = found[1], (found[2] or "").strip("/"), False
    else:
        parts = urlsplit(url)
        bucket, prefix = parts.netloc, parts.path.strip("/")
        odd = bool(not BUCKET.fullmatch(bucket) or parts.query or parts.fragment)
    if odd or {"", ".", ".."} & set(prefix.split("/") if prefix else ()):
        shown = re.sub(r"(?<=//).*@", "…@", url)  # a key and its secret may stand there
        hint = 'write it as "s3://bucket/prefix"' + ("; keys do not belong there: publish login" if shown != url else "")
        raise StorageError(f"`[storage] url` names no bucket: {shown!r}", hint=hint, code="storage-url")
    return bucket, prefix


def _needs_boto3(settings: S3Settings, client: Client) -> bool:
    """Whether the lean client will not do; ContentError where that one and no other is asked for all the same."""
    import os

    from publisher.stores.aws_profile import read_profile
    from publisher.stores.client_choice import Situation, why_boto3
    from publisher.stores.network_settings import proxy_before
    from publisher.stores.s3.address import reach

    profile = read_profile(settings.profile, os.environ)
    way = reach(settings, settings.bucket, os.environ, profile or {})
    here = Situation(
        bucket=settings.bucket,
        reach=way,
        environment=os.environ,
        profile=profile,
        named=bool(settings.profile),
        proxy=proxy_before(way.address(settings.bucket)),
    )
    reason = why_boto3(here)
    if reason and client == "lean":
        message = f'`[storage] client = "lean"` cannot do this: {reason}'
        raise ContentError(message, hint='`client = "auto"` takes boto3 where it is needed', code="storage-client")
    return bool(reason)
