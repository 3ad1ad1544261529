"""Where a bucket's log goes, and the leave to write it there. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from publisher.bucket.policies import BucketPrefix


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """Where the log of a bucket's requests goes, whose it is, and after how many days a file of it is thrown away."""

    source: BucketPrefix
    target: BucketPrefix
    days: int


def log_address(url: str, partition: str = "aws") -> BucketPrefix:
    """The place that `[stats] logs` names, up to the first character of a pattern in it."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    plain = re.split(r"[*?\[]", prefix)[0]
    if plain != prefix:
        plain = plain.rpartition("/")[0]
    return BucketPrefix(bucket=bucket, prefix=f"{plain.strip('/')}/" if plain.strip("/") else "", partition=partition)


def log_delivery(logs: LogPlace, account: str) -> dict[str, Any]:
    """The service may write the source's log into the target, and nobody else's (docs.aws.amazon.com/AmazonS3, Enabling server access
    logging; docs.ceph.com/radosgw/bucket_logging asks for the same).
    """
    condition: dict[str, Any] = {"ArnLike": {"aws:SourceArn": logs.source.arn}}
    if account:
        condition["StringEquals"] = {"aws:SourceAccount": account}
    return {
        "Sid": logs.target.named("AirdateLogs"),
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{logs.target.arn}/{logs.target.prefix}*",
        "Condition": condition,
    }
