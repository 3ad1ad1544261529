"""The settings of a bucket: each as it is, as it should be, and how it is written. What a service does not know is never written."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json
from publisher.bucket import policies
from publisher.bucket.boto_calls import Target, UnknownSetting, ask
from publisher.bucket.log_place import log_delivery
from publisher.core import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


WITHOUT_LIFECYCLE = ("r2", "gcs")
"""R2 throws unfinished uploads away after seven days by itself; Google writes its rules in another language."""
GROUPS = "http://acs.amazonaws.com/groups/global/AllUsers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: what it is, what it should be (both as text for people), how it is written and read again."""

    name: str
    before: str
    after: str
    write: Callable[[], object]
    read: Callable[[], str]

    @property
    def difference(self) -> list[str]:
        """The lines that go and come."""
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), "as it is", "as it will be", lineterm="", n=2)
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


Settings = tuple[tuple[str, "Callable[[Target, bool], Setting | None]"], ...]
"""Names of settings, each with the function that reads it: None where it has no place there."""


def read_settings(target: Target, which: Settings, *, exists: bool) -> tuple[list[Setting], list[str]]:
    """Every setting this service knows, and a sentence for each it does not. Raises StorageError where the keys may not look."""
    settings: list[Setting] = []
    unknown: list[str] = []
    for name, find in which:
        try:
            found = find(target, exists)
        except UnknownSetting:
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
        found = ask(target, "get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
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
    name = "public reading" if not target.distribution else "reading by CloudFront alone"
    return _with_statement(target, name, statement, exists=exists, instead_of=[other])


def _delivery(target: Target, exists: bool) -> Setting | None:
    if target.logs is None or target.opening != "policy":
        return None
    return _with_statement(target, "log delivery", log_delivery(target.logs, target.account), exists=exists)


def _with_statement(target: Target, name: str, statement: dict[str, Any], *, exists: bool, instead_of: Sequence[str] = ()) -> Setting:
    return _merged(
        name,
        exists=exists,
        read=lambda: policy_of(target),
        merge=lambda policy: policies.with_statement(policy, statement, instead_of=instead_of),
        write=lambda policy: target.client.put_bucket_policy(Bucket=target.place.bucket, Policy=json.dumps(policy)),
    )


def policy_of(target: Target) -> dict[str, Any]:
    """The bucket's policy; {} where it has none. Raises UnknownSetting where the service knows no policies."""
    found = ask(target, "get_bucket_policy", "NoSuchBucketPolicy")
    if not found:
        return {}
    try:
        policy = read_json(found["Policy"])
    except (KeyError, ValueError):
        raise UnknownSetting from None
    if not isinstance(policy, dict):
        raise UnknownSetting
    return policy


def _bucket_acl(target: Target, exists: bool) -> Setting | None:
    if target.opening != "bucket-acl":
        return None

    def read() -> str:
        grants = ask(target, "get_bucket_acl", "").get("Grants", [])
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
    return _merged(
        "CORS",
        exists=exists,
        read=lambda: ask(target, "get_bucket_cors", "NoSuchCORSConfiguration", "CORSRules").get("CORSRules", []),
        merge=policies.with_cors,
        write=lambda rules: target.client.put_bucket_cors(Bucket=target.place.bucket, CORSConfiguration={"CORSRules": rules}),
    )


def _lifecycle(target: Target, exists: bool) -> Setting | None:
    if target.provider in WITHOUT_LIFECYCLE:
        return None
    days = target.logs.days if target.logs is not None else 0
    wanted = policies.lifecycle_rules(target.place, versions=target.provider == "b2", days=days)
    put = target.client.put_bucket_lifecycle_configuration
    return _merged(
        "lifecycle",
        exists=exists,
        read=lambda: ask(target, "get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration", "Rules").get("Rules", []),
        merge=lambda rules: policies.with_lifecycle(rules, wanted),
        write=lambda rules: put(Bucket=target.place.bucket, LifecycleConfiguration={"Rules": rules}),
    )


def _merged(name: str, *, exists: bool, read: Callable[[], Any], merge: Callable[[Any], Any], write: Callable[[Any], object]) -> Setting:
    """A setting that others share: `merge` puts what is ours into what is there. What a service keeps in other words is kept."""
    before = read() if exists else {}
    after = merge(before)
    return Setting(
        name=name,
        before=as_text(before),
        after=as_text(after),
        write=lambda: write(after),
        read=lambda: as_text(after if merge(kept := read()) == kept else kept),
    )


def _website(target: Target, exists: bool) -> Setting | None:
    """Only where addresses without .html want it; somebody else's setting is left alone."""
    if not (target.pretty and target.public) or target.distribution or target.opening != "policy":
        return None

    def read() -> dict[str, Any]:
        found = ask(target, "get_bucket_website", "NoSuchWebsiteConfiguration")
        return {name: found[name] for name in ("IndexDocument", "ErrorDocument", "RedirectAllRequestsTo", "RoutingRules") if name in found}

    before = read() if exists else {}
    wanted = {"IndexDocument": {"Suffix": layout.HOME}, "ErrorDocument": {"Key": f"{target.place.prefix}{layout.NOT_FOUND}"}}
    after = before or wanted
    return Setting(
        name="website",
        before=as_text(before),
        after=as_text(after),
        write=lambda: target.client.put_bucket_website(Bucket=target.place.bucket, WebsiteConfiguration=wanted),
        read=lambda: as_text(read()),
    )


def _logging(target: Target, exists: bool) -> Setting | None:
    """Where the bucket's log goes; a bucket has one such place."""
    if target.logs is None:
        return None

    def read() -> dict[str, Any]:
        found = ask(target, "get_bucket_logging", "").get("LoggingEnabled", {})
        return {name: found[name] for name in ("TargetBucket", "TargetPrefix") if name in found}

    before = read() if exists else {}
    wanted = {"TargetBucket": target.logs.target.bucket, "TargetPrefix": target.logs.target.prefix}
    put = target.client.put_bucket_logging
    return Setting(
        name="access log",
        before=as_text(before),
        after=as_text(wanted),
        write=lambda: put(Bucket=target.place.bucket, BucketLoggingStatus={"LoggingEnabled": wanted}),
        read=lambda: as_text(read()),
    )


BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

SETTINGS: Settings = (
    ("Block Public Access", _blocking),
    ("bucket policy", _policy),
    ("bucket ACL", _bucket_acl),
    ("CORS", _cors),
    ("lifecycle", _lifecycle),
    ("website", _website),
)
"""In the order they are written: a public policy is refused while Block Public Access stands."""
OF_LOGS: Settings = (
    ("Block Public Access", _blocking),
    ("bucket ACL", _bucket_acl),
    ("bucket policy", _delivery),
    ("lifecycle", _lifecycle),
)
"""Those of a bucket that logs go to. It is closed to everybody before the service is let in."""
LOGGING: Settings = (("access log", _logging),)
"""That of the bucket that requests are logged of: written last, when its target is ready for it."""


def as_text(value: Any) -> str:
    """A setting as lines for people; nothing for one that is not set."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) if value else ""
