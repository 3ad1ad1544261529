"""The log of the listeners' bucket: where it goes, whether anybody else could read it there, and who keeps one where no request does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from publisher.bucket.boto_calls import Target, UnknownSetting, ask, bucket_exists, failed
from publisher.bucket.changing import Work, edge_of, look, store_of, target_of
from publisher.bucket.log_place import LogPlace, log_address
from publisher.bucket.log_steps import STEPS
from publisher.bucket.policies import BucketPrefix
from publisher.bucket.settings import LOGGING, OF_LOGS
from publisher.core.errors import PlanRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.workspace import Workspace

EVERYBODY = ("http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers")
"""Groups of an ACL that are anybody, or anybody with an account."""
PROBE = "airdate-asks-whether-anybody-can-read-this"
"""An empty file that is put where logs are to lie, asked for without keys, and taken away."""
EDGES = ("cloudfront", "cloudflare", "fastly")
"""Networks that `[cdn] purge` names. Their logs tell all requests; the bucket's, those that they had to pass on."""
BY_HAND = {"r2": "r2-log", "gcs": "gcs-log"}
"""Services whose logs no S3 request switches on."""
WITHOUT = ("seaweedfs", "minio", "garage")
"""Services that keep no log of a bucket. The first takes the request for one to create a bucket, the second answers that there is none."""
BEFORE = (
    "this service keeps no log of a bucket: a server or network before it does; here for nginx (or `publish bucket --print fastly-log` …):"
)
SERVED = "whoever serves the folder keeps the log; here for nginx (`publish bucket --print apache-log` or `caddy-log`: for those):"


def steps_instead(workspace: Workspace) -> list[str]:
    """What a person does where it is not the bucket that keeps the log: a folder's server, the network in front, or a service without such
    a request; empty where the bucket does.
    """
    purge = (workspace.config.cdn.purge or "").strip().lower()
    if purge in EDGES:
        return steps_of(workspace, f"{purge}-log")
    if not workspace.config.storage.is_bucket:
        return [SERVED, "", *steps_of(workspace, "nginx-log")]
    provider = store_of(workspace, workspace.config.storage.url).provider
    if provider in WITHOUT:
        return [BEFORE, "", *steps_of(workspace, "nginx-log")]
    return steps_of(workspace, BY_HAND[provider]) if provider in BY_HAND else []


def steps_of(workspace: Workspace, which: str) -> list[str]:
    """The lines of `publish bucket --print`, by its name."""
    return STEPS[which](edge_of(workspace)).rstrip("\n").split("\n")


def look_at_logs(workspace: Workspace, *, days: int, profile: str, account: str, dry_run: bool) -> list[Work]:
    """What is to change of the bucket that logs go to, and then of the listeners' bucket.

    Logs go where `[stats] logs` says, else where they go already, else into a bucket of their own. Raises PlanRefused where that place
    answers to anybody, StorageError where the keys may not look. With `dry_run` nothing is put there to ask for it.
    """
    url = workspace.config.storage.url
    source = target_of(workspace, url, public=True, profile=profile, account=account)
    written = workspace.config.stats.logs or ""
    goes_to = log_address(written, source.place.partition) if written.startswith("s3://") else _already(source) or _own(source.place)
    logs = LogPlace(source=source.place, target=goes_to, days=days)
    target = target_of(workspace, f"s3://{goes_to.bucket}/{goes_to.prefix}", public=False, profile=profile, account=account, logs=logs)
    if bucket_exists(target):
        _refuse_public(workspace, target, listeners=source.place, dry_run=dry_run)
    console = workspace.console
    into = look(target, OF_LOGS, console)
    source = target_of(workspace, url, public=True, profile=profile, account=account, logs=logs)
    return [into, look(source, LOGGING, console)]


def said_address(works: list[Work]) -> str:
    """Where logs go, as `[stats] logs` names it."""
    place = works[0].target.place
    return f"s3://{place.bucket}/{place.prefix}"


def _already(source: Target) -> BucketPrefix | None:
    try:
        found = ask(source, "get_bucket_logging", "").get("LoggingEnabled", {})
    except UnknownSetting:
        return None
    return (
        BucketPrefix(bucket=found["TargetBucket"], prefix=found.get("TargetPrefix", ""), partition=source.place.partition)
        if found.get("TargetBucket")
        else None
    )


def _own(place: BucketPrefix) -> BucketPrefix:
    """A bucket for logs beside the listeners': its name has 63 characters at most."""
    return BucketPrefix(bucket=f"{place.bucket[:58]}-logs", prefix=place.prefix or f"{place.bucket}/", partition=place.partition)


def _refuse_public(workspace: Workspace, target: Target, *, listeners: BucketPrefix, dry_run: bool) -> None:
    why = (
        "it is the bucket that listeners read" if target.place.bucket == listeners.bucket else _readable(workspace, target, dry_run=dry_run)
    )
    if why:
        raise PlanRefused(
            f"no logs are put into {target.place.bucket}: {why}",
            cause="logs hold the addresses of listeners",
            hint='name a bucket that nobody else reads: logs = "s3://…" under [stats]',
            code="logs-public",
        )


def _readable(workspace: Workspace, target: Target, *, dry_run: bool) -> str:
    """Why anybody can read there, empty if nobody can: by what the settings say, and by asking without keys."""
    place = target.place
    try:
        if ask(target, "get_bucket_policy_status", "NoSuchBucketPolicy").get("PolicyStatus", {}).get("IsPublic"):
            return "its policy is public"
    except UnknownSetting:
        pass
    try:
        grants = ask(target, "get_bucket_acl", "").get("Grants", [])
    except UnknownSetting:
        grants = []
    if any(grant.get("Grantee", {}).get("URI") in EVERYBODY for grant in grants):
        return "its ACL lets everybody in"
    anybody = store_of(workspace, f"s3://{place.bucket}/{place.prefix}", anonymous=True).client()
    try:
        if _given(anybody.list_objects_v2, Bucket=place.bucket, Prefix=place.prefix, MaxKeys=1):
            return "anybody can list it"
        return "anybody can read what lies there" if not dry_run and _given_probe(target, anybody) else ""
    except (BotoCoreError, ClientError) as error:
        raise failed(target, error) from error


def _given_probe(target: Target, anybody: Any) -> bool:
    """Whether an empty file that is put there is given to anybody; it is taken away again."""
    there = {"Bucket": target.place.bucket, "Key": f"{target.place.prefix}{PROBE}"}
    target.client.put_object(**there, Body=b"")
    try:
        return _given(anybody.get_object, **there)
    finally:
        target.client.delete_object(**there)


def _given(request: Callable[..., Any], **words: Any) -> bool:
    """Whether a request without keys is answered. Raises BotoCoreError where nobody answers at all."""
    try:
        request(**words)
    except ClientError:
        return False
    return True
