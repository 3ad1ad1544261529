"""The settings of a bucket: each as it is, as it should be, and how it is written. What a service does not know is never written."""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from feed.characters import read_json
from publisher.bucket import policies
from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from publisher.bucket.policies import Place

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
WITHOUT_LIFECYCLE = ("r2", "gcs")
"""R2 throws unfinished uploads away after seven days by itself; Google writes its rules in another language."""
GROUPS = "http://acs.amazonaws.com/groups/global/AllUsers"


class NotThere(Exception):  # noqa: N818  an answer, not an error: this service does not know the setting
    """The service does not know a setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: what it is, what it should be (both as text for people), how it is written and read again."""

    name: str
    before: str
    after: str
    write: Callable[[], Any]
    read: Callable[[], str]

    @property
    def difference(self) -> list[str]:
        """The lines that go and come."""
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), "as it is", "as it will be", lineterm="", n=2)
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bucket, who runs it, and whom it is for. `distribution` is the CloudFront distribution that alone may read it."""

    client: Any
    place: Place
    provider: str
    region: str
    public: bool = True
    distribution: str = ""
    account: str = ""
    pretty: bool = False
    acl: str = ""

    @property
    def opening(self) -> Opening:
        """See OPENING."""
        return OPENING.get(self.provider, "policy")


def look(target: Target, *, exists: bool) -> tuple[list[Setting], list[str]]:
    """Every setting this service knows, and a sentence for each it does not. Raises StorageError where the keys may not look."""
    settings: list[Setting] = []
    unknown: list[str] = []
    for name, find in SETTINGS:
        try:
            found = find(target, exists)
        except NotThere:
            unknown.append(f"{target.place.bucket}: this service knows no setting “{name}”")
            continue
        if found is not None:
            settings.append(found)
    return settings, unknown


# one function per setting: None where it has no place here


def _blocking(target: Target, exists: bool) -> Setting | None:
    if target.provider != "aws":
        return None
    closed = not target.public or bool(target.distribution)

    def read() -> dict[str, bool]:
        found = _ask(target, "get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
        return dict(found.get("PublicAccessBlockConfiguration", {}))

    before = read() if exists else dict.fromkeys(BLOCKS, True)
    wanted = (
        dict.fromkeys(BLOCKS, True)
        if closed
        else {**dict.fromkeys(BLOCKS, True), "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    )
    if not closed and not before.get("BlockPublicPolicy") and not before.get("RestrictPublicBuckets"):
        wanted = before
    return Setting(
        name="Block Public Access",
        before=as_text(before),
        after=as_text(wanted),
        write=lambda: target.client.put_public_access_block(Bucket=target.place.bucket, PublicAccessBlockConfiguration=wanted),
        read=lambda: as_text(read()),
    )


def _policy(target: Target, exists: bool) -> Setting | None:
    if not target.public or target.opening != "policy":
        return None
    statement = policies.public_read(target.place)
    other = policies.cloudfront_read(target.place, "", "")["Sid"]
    if target.distribution:
        statement, other = policies.cloudfront_read(target.place, target.account, target.distribution), statement["Sid"]

    def read() -> dict[str, Any]:
        found = _ask(target, "get_bucket_policy", "NoSuchBucketPolicy")
        if not found:
            return {}
        try:
            policy = read_json(found["Policy"])
        except (KeyError, ValueError):
            raise NotThere from None
        if not isinstance(policy, dict):
            raise NotThere
        return policy

    before = read() if exists else {}
    after = policies.with_statement(before, statement, instead_of=[other])
    return Setting(
        name="public reading" if not target.distribution else "reading by CloudFront alone",
        before=as_text(before),
        after=as_text(after),
        write=lambda: target.client.put_bucket_policy(Bucket=target.place.bucket, Policy=json.dumps(after)),
        read=lambda: as_text(after) if policies.with_statement(kept := read(), statement, instead_of=[other]) == kept else as_text(kept),
    )


def _bucket_acl(target: Target, exists: bool) -> Setting | None:
    if target.opening != "bucket-acl":
        return None

    def read() -> str:
        grants = _ask(target, "get_bucket_acl", "").get("Grants", [])
        open_ = any(
            grant.get("Grantee", {}).get("URI") == GROUPS and grant.get("Permission") in ("READ", "FULL_CONTROL") for grant in grants
        )
        return "public-read" if open_ else "private"

    wanted = "public-read" if target.public else "private"
    return Setting(
        name="public reading" if target.public else "no public reading",
        before=read() if exists else "private",
        after=wanted,
        write=lambda: target.client.put_bucket_acl(Bucket=target.place.bucket, ACL=wanted),
        read=read,
    )


def _cors(target: Target, exists: bool) -> Setting | None:
    if not target.public or target.provider == "gcs":
        return None

    def read() -> list[dict[str, Any]]:
        found = _ask(target, "get_bucket_cors", "NoSuchCORSConfiguration", "CORSRules")
        rules: list[dict[str, Any]] = found.get("CORSRules", [])
        return rules

    before = read() if exists else []
    after = policies.with_cors(before)
    return Setting(
        name="CORS",
        before=as_text(before),
        after=as_text(after),
        write=lambda: target.client.put_bucket_cors(Bucket=target.place.bucket, CORSConfiguration={"CORSRules": after}),
        read=lambda: as_text(after) if policies.with_cors(kept := read()) == kept else as_text(kept),
    )


def _lifecycle(target: Target, exists: bool) -> Setting | None:
    if target.provider in WITHOUT_LIFECYCLE:
        return None

    def read() -> list[dict[str, Any]]:
        found = _ask(target, "get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration", "Rules")
        rules: list[dict[str, Any]] = found.get("Rules", [])
        return rules

    wanted = policies.lifecycle_rules(target.place, versions=target.provider == "b2")
    before = read() if exists else []
    after = policies.with_lifecycle(before, wanted)
    return Setting(
        name="lifecycle",
        before=as_text(before),
        after=as_text(after),
        write=lambda: target.client.put_bucket_lifecycle_configuration(Bucket=target.place.bucket, LifecycleConfiguration={"Rules": after}),
        read=lambda: as_text(after) if policies.with_lifecycle(kept := read(), wanted) == kept else as_text(kept),
    )


def _website(target: Target, exists: bool) -> Setting | None:
    """Only where addresses without .html want it; somebody else's setting is left alone."""
    if not (target.pretty and target.public) or target.distribution or target.opening != "policy":
        return None

    def read() -> dict[str, Any]:
        found = _ask(target, "get_bucket_website", "NoSuchWebsiteConfiguration")
        return {name: found[name] for name in ("IndexDocument", "ErrorDocument", "RedirectAllRequestsTo", "RoutingRules") if name in found}

    before = read() if exists else {}
    wanted = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": f"{target.place.prefix}404.html"}}
    after = before or wanted
    return Setting(
        name="website",
        before=as_text(before),
        after=as_text(after),
        write=lambda: target.client.put_bucket_website(Bucket=target.place.bucket, WebsiteConfiguration=wanted),
        read=lambda: as_text(read()),
    )


BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

SETTINGS: tuple[tuple[str, Callable[[Target, bool], Setting | None]], ...] = (
    ("Block Public Access", _blocking),
    ("bucket policy", _policy),
    ("bucket ACL", _bucket_acl),
    ("CORS", _cors),
    ("lifecycle", _lifecycle),
    ("website", _website),
)
"""In the order they are written: a public policy is refused while Block Public Access stands."""


def bucket_exists(target: Target) -> bool:
    """Whether the bucket is there. Raises StorageError where the keys may not know, or nobody answers."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        target.client.head_bucket(Bucket=target.place.bucket)
    except ClientError as error:
        if status(error) == 404:
            return False
        if status(error) == 403:
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
                f"there is a bucket {target.place.bucket} already, of somebody else", cause=said(error), hint=hint, code="bucket-taken"
            ) from error
        if status(error) == 403:
            raise denied(target, "create the bucket", error) from error
        raise failed(target, error) from error
    except BotoCoreError as error:
        raise failed(target, error) from error


def _ask(target: Target, call: str, none: str, holds: str = "") -> dict[str, Any]:
    """What a setting is; {} where it is not set. NotThere where the service does not know it: then it is never written, since an
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
        if status(error) == 403:
            raise denied(target, "look at the bucket's settings", error) from error
        if status(error) in (400, 404, 405, 501):
            raise NotThere from error
        raise failed(target, error) from error
    except ResponseParserError:
        raise NotThere from None
    except BotoCoreError as error:
        raise failed(target, error) from error
    if holds and holds not in answer:
        raise NotThere
    return answer


def status(error: Any) -> int:
    """The HTTP status of a ClientError."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def said(error: Any) -> str:
    """What the service said, in one line."""
    told = error.response.get("Error", {})
    return f"{status(error)} {told.get('Code') or ''}: {told.get('Message') or ''}".rstrip(": ")


def denied(target: Target, doing: str, error: Any) -> StorageError:
    """The error for keys that may not do something to the bucket."""
    hint = "the key that publishes may not, and need not: run this once with the owner's keys, `publish bucket --profile NAME`"
    if target.provider == "aws" and "change" in doing:
        hint += "; or the account's own Block Public Access forbids public policies (S3 console > Block Public Access for this account)"
    return StorageError(f"these keys may not {doing}: {target.place.bucket}", cause=said(error), hint=hint, code="bucket-denied")


def failed(target: Target, error: Exception) -> StorageError:
    """The error for a service that does not answer as it should."""
    hint = "check `[storage] endpoint` and `region`, and the keys (`publish login`)"
    return StorageError(f"the settings of {target.place.bucket} cannot be reached", cause=str(error), hint=hint, code="bucket-failed")


def as_text(value: Any) -> str:
    """A setting as lines for people; nothing for one that is not set."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) if value else ""


def with_md5(params: dict[str, Any], **_: Any) -> None:
    """Content-MD5 instead of the checksum headers that boto3 would add: B2 and older servers refuse those."""
    context = params.get("context", {}).get("checksum", {})
    if context.pop("request_algorithm", None) is None:
        return
    context.pop("request_algorithm_header", None)
    body = params.get("body") or b""
    raw = body.encode() if isinstance(body, str) else body
    params["headers"]["Content-MD5"] = base64.b64encode(hashlib.md5(raw, usedforsecurity=False).digest()).decode()
