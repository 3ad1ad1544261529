"""A bucket and its service: what is asked of it by boto3, and what its refusals mean."""

from __future__ import annotations

import base64
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from publisher.core.errors import StorageError
from publisher.core.secret_variables import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from publisher.bucket.log_place import LogPlace
    from publisher.bucket.policies import BucketPrefix


Opening = Literal["policy", "acl", "bucket-acl", "hand"]
"""How a bucket is opened to listeners: a policy, an ACL on each object, an ACL on the bucket, or by hand."""

OPENING: Mapping[str, Opening] = {
    "r2": "hand",
    "gcs": "hand",
    "garage": "hand",
    "b2": "bucket-acl",
    "spaces": "acl",
    "scaleway": "acl",
    "ovh": "acl",
}
"""Services where a bucket policy is not the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bucket, who runs it, and whom it is for. `distribution` is the CloudFront distribution that alone may read it."""

    client: Any
    place: BucketPrefix
    provider: str
    region: str
    public: bool = True
    distribution: str = ""
    account: str = ""
    pretty: bool = False
    acl: str = ""
    logs: LogPlace | None = None
    """For the bucket that requests are logged of, and for the one that the logs go to."""

    @property
    def opening(self) -> Opening:
        """See OPENING."""
        return OPENING.get(self.provider, "policy")


class UnknownSetting(Exception):  # noqa: N818  an answer, not an error: this service does not know the setting
    """The service does not know a setting."""


@contextmanager
def _explained(target: Target, doing: str) -> Iterator[None]:
    """Raise a StorageError where the keys may not do this, or nobody answers."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        if isinstance(error, ClientError) and http_status(error) == 403:
            raise denied(target, doing, error) from error
        raise failed(target, error) from error


def bucket_exists(target: Target) -> bool:
    """Whether the bucket is there. Raises StorageError where the keys may not know, or nobody answers."""
    with _explained(target, "look at the bucket (or it is somebody else's)"):
        try:
            target.client.head_bucket(Bucket=target.place.bucket)
        except ClientError as error:
            if http_status(error) != 404:
                raise
            return False
    return True


def create_bucket(target: Target) -> None:
    """Create the bucket. Raises StorageError `bucket-taken` where the name belongs to somebody else."""
    more: dict[str, Any] = {}
    if target.provider == "aws" and target.region != "us-east-1":
        more = {"CreateBucketConfiguration": {"LocationConstraint": target.region}}
    with _explained(target, "create the bucket"):
        try:
            target.client.create_bucket(Bucket=target.place.bucket, **more)
        except ClientError as error:
            if error_code(error) not in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou"):
                raise
            message = f"there is a bucket {target.place.bucket} already, of somebody else"
            hint = "names are shared by all customers of a service: choose another one in `[storage] url`"
            raise StorageError(message, cause=refusal_words(error), hint=hint, code="bucket-taken") from error


def ask(target: Target, call: str, none: str, holds: str = "") -> dict[str, Any]:
    """What a setting is; {} where it is not set. UnknownSetting where the service does not know it: then it is never written, since an
    old server takes a write of what it does not know for another request.
    """
    with _explained(target, "look at the bucket's settings"):
        try:
            answer: dict[str, Any] = getattr(target.client, call)(Bucket=target.place.bucket)
        except ClientError as error:
            if none and error_code(error) == none:
                return {}
            if http_status(error) in (400, 404, 405, 501):
                raise UnknownSetting from error
            raise
        except ResponseParserError:
            raise UnknownSetting from None
    if holds and holds not in answer:
        raise UnknownSetting
    return answer


def error_code(error: Any) -> str:
    """The code of a ClientError."""
    return str(error.response.get("Error", {}).get("Code"))


def http_status(error: Any) -> int:
    """The HTTP status of a ClientError."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def refusal_words(error: Any) -> str:
    """What the service said, in one line."""
    answer = error.response.get("Error", {})
    return said(f"{http_status(error)} {answer.get('Code') or ''}: {answer.get('Message') or ''}".rstrip(": "), 500)


def denied(target: Target, doing: str, error: Any) -> StorageError:
    """The error for keys that may not do something to the bucket."""
    hint = "the key that publishes may not, and need not: run this once with the owner's keys, `publish bucket --profile NAME`"
    if target.provider == "aws" and "change" in doing:
        hint += "; or the account's own Block Public Access forbids public policies (S3 console > Block Public Access for this account)"
    return StorageError(f"these keys may not {doing}: {target.place.bucket}", cause=refusal_words(error), hint=hint, code="bucket-denied")


def failed(target: Target, error: Exception) -> StorageError:
    """The error for a service that does not answer as it should."""
    hint = "check `[storage] endpoint` and `region`, and the keys (`publish login`)"
    return StorageError(
        f"the settings of {target.place.bucket} cannot be reached", cause=said(str(error), 500), hint=hint, code="bucket-failed"
    )


def with_md5(params: dict[str, Any], **_: Any) -> None:
    """Content-MD5 instead of the checksum headers that boto3 would add: B2 and older servers refuse those."""
    context = params.get("context", {}).get("checksum", {})
    if context.pop("request_algorithm", None) is None:
        return
    context.pop("request_algorithm_header", None)
    body = params.get("body") or b""
    raw = body.encode() if isinstance(body, str) else body
    params["headers"]["Content-MD5"] = base64.b64encode(hashlib.md5(raw, usedforsecurity=False).digest()).decode()
