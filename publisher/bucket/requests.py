"""What is asked of a bucket's service by boto3, and what its refusals mean."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from publisher.bucket.target import Target


class UnknownSetting(Exception):  # noqa: N818  an answer, not an error: this service does not know the setting
    """The service does not know a setting."""


def bucket_exists(target: Target) -> bool:
    """Whether the bucket is there. Raises StorageError where the keys may not know, or nobody answers."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        target.client.head_bucket(Bucket=target.place.bucket)
    except ClientError as error:
        if http_status(error) == 404:
            return False
        if http_status(error) == 403:
            raise denied(target, "look at the bucket (or it is somebody else's)", error) from error
        raise failed(target, error) from error
    except BotoCoreError as error:
        raise failed(target, error) from error
    return True


def create_bucket(target: Target) -> None:
    """Create the bucket. Raises StorageError `bucket-taken` where the name belongs to somebody else."""
    from botocore.exceptions import BotoCoreError, ClientError

    more: dict[str, Any] = {}
    if target.provider == "aws" and target.region != "us-east-1":
        more = {"CreateBucketConfiguration": {"LocationConstraint": target.region}}
    try:
        target.client.create_bucket(Bucket=target.place.bucket, **more)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou"):
            hint = "names are shared by all customers of a service: choose another one in `[storage] url`"
            raise StorageError(
                f"there is a bucket {target.place.bucket} already, of somebody else",
                cause=refusal_words(error),
                hint=hint,
                code="bucket-taken",
            ) from error
        if http_status(error) == 403:
            raise denied(target, "create the bucket", error) from error
        raise failed(target, error) from error
    except BotoCoreError as error:
        raise failed(target, error) from error


def ask(target: Target, call: str, none: str, holds: str = "") -> dict[str, Any]:
    """What a setting is; {} where it is not set. UnknownSetting where the service does not know it: then it is never written, since an
    old server takes a write of what it does not know for another request.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        answer: dict[str, Any] = getattr(target.client, call)(Bucket=target.place.bucket)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if none and code == none:
            return {}
        if http_status(error) == 403:
            raise denied(target, "look at the bucket's settings", error) from error
        if http_status(error) in (400, 404, 405, 501):
            raise UnknownSetting from error
        raise failed(target, error) from error
    except ResponseParserError:
        raise UnknownSetting from None
    except BotoCoreError as error:
        raise failed(target, error) from error
    if holds and holds not in answer:
        raise UnknownSetting
    return answer


def http_status(error: Any) -> int:
    """The HTTP status of a ClientError."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def refusal_words(error: Any) -> str:
    """What the service said, in one line."""
    answer = error.response.get("Error", {})
    return f"{http_status(error)} {answer.get('Code') or ''}: {answer.get('Message') or ''}".rstrip(": ")


def denied(target: Target, doing: str, error: Any) -> StorageError:
    """The error for keys that may not do something to the bucket."""
    hint = "the key that publishes may not, and need not: run this once with the owner's keys, `publish bucket --profile NAME`"
    if target.provider == "aws" and "change" in doing:
        hint += "; or the account's own Block Public Access forbids public policies (S3 console > Block Public Access for this account)"
    return StorageError(f"these keys may not {doing}: {target.place.bucket}", cause=refusal_words(error), hint=hint, code="bucket-denied")


def failed(target: Target, error: Exception) -> StorageError:
    """The error for a service that does not answer as it should."""
    hint = "check `[storage] endpoint` and `region`, and the keys (`publish login`)"
    return StorageError(f"the settings of {target.place.bucket} cannot be reached", cause=str(error), hint=hint, code="bucket-failed")


def with_md5(params: dict[str, Any], **_: Any) -> None:
    """Content-MD5 instead of the checksum headers that boto3 would add: B2 and older servers refuse those."""
    context = params.get("context", {}).get("checksum", {})
    if context.pop("request_algorithm", None) is None:
        return
    context.pop("request_algorithm_header", None)
    body = params.get("body") or b""
    raw = body.encode() if isinstance(body, str) else body
    params["headers"]["Content-MD5"] = base64.b64encode(hashlib.md5(raw, usedforsecurity=False).digest()).decode()
