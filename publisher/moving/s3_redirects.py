"""Redirects that lie in the bucket itself, as Amazon's website endpoints answer them."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.addresses import path_below
from publisher.core.errors import UsageError
from publisher.core.media_types import content_type
from publisher.incremental_build.artifacts import SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.load.config_tables import Config
    from publisher.moving.redirects import Redirect


def as_s3(redirects: Sequence[Redirect], config: Config) -> str:
    """A command for each object: it keeps its bytes and gets the redirect. Raises UsageError where the show lies in no bucket."""
    if not config.storage.is_bucket:
        raise UsageError(
            "this show lies in a folder, not in a bucket", hint="`publish move --print nginx` is for a server over it", code="move-nothing"
        )
    bucket, _, prefix = config.storage.url.partition("://")[2].partition("/")
    endpoint = f" --endpoint-url {quote(config.storage.endpoint)}" if config.storage.endpoint else ""
    lines = [
        "# Only the website endpoint of a bucket of Amazon's answers these as redirects (bucket.s3-website-region.amazonaws.com), with",
        "# CloudFront before it for https; everywhere else --print cloudfront, worker, fastly or nginx is the way. Every file keeps its bytes.",
        "# https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html",
    ]
    for item in redirects:
        key = path_below(f"https://{item.host}{item.path}", config.site.url)
        if key is None:
            continue
        name = f"{prefix.strip('/')}/{key or layout.HOME}".lstrip("/")
        lines.append(
            f"aws s3api copy-object{endpoint} --bucket {quote(bucket)} --copy-source {quote(f'{bucket}/{name}')} --key {quote(name)} "
            f"--metadata-directive REPLACE --content-type {quote(content_type(name))} --cache-control {quote(SHORT)} "
            f"--website-redirect-location {quote(item.target)}"
        )
    return "\n".join(lines) + "\n"
