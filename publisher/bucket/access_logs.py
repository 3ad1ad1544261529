"""The log of the listeners' bucket: where it goes, whether anybody else could read it there, and who keeps one where no request does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from publisher.bucket.boto_calls import Target, UnknownSetting, ask, bucket_exists, failed
from publisher.bucket.changing import Work, edge_of, look, place_of, store_of, target_of
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


def look_at_logs(workspace: Workspace, *, days: int, profile: str, account: str, dry_run: bool) -> tuple[list[Work], LogPlace]:
    """What is to change of the bucket that logs go to, and then of the listeners' bucket; and where they go.

    That is where `[stats] logs` says, else where they go already, else a bucket of their own. At the root of a bucket that is there, and beside
    whatever else may lie there, nothing is thrown away. Raises PlanRefused where that place answers to anybody or is the show's own,
    StorageError where the keys may not look. With `dry_run` nothing is put there to ask for it.
    """
    url = workspace.config.storage.url
    source = target_of(workspace, url, public=True, profile=profile, account=account)
    written, already = workspace.config.stats.logs or "", _already(source)
    goes_to = already or _own(source.place)
    if written.startswith("s3://") and not reads(written, goes_to):
        goes_to = log_address(written, source.place.partition)
    logs = LogPlace(source=source.place, target=goes_to, days=days)
    target = target_of(workspace, f"s3://{goes_to.bucket}/{goes_to.prefix}", public=False, profile=profile, account=account, logs=logs)
    target = replace(target, place=goes_to)  # a prefix that somebody chose need not end in a slash
    if bucket_exists(target):
        _refuse_own(workspace, goes_to)
        _refuse_public(workspace, target, dry_run=dry_run)
        if not goes_to.prefix:
            logs = replace(logs, days=0)
            target = replace(target, logs=logs)
    into = look(target, OF_LOGS, workspace.console)
    return [into, look(replace(source, logs=logs), LOGGING, workspace.console)], logs


def reads(written: str, place: BucketPrefix) -> bool:
    """Whether what `[stats] logs` says names files of this place."""
    named = log_address(written)
    return written.startswith("s3://") and named.bucket == place.bucket and place.prefix.startswith(named.prefix)


def said_address(place: BucketPrefix) -> str:
    """A place of logs, as `[stats] logs` names it."""
    whole = not place.prefix or place.prefix.endswith("/")
    return f"s3://{place.bucket}/{place.prefix}{'' if whole else '*'}"


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


def _refuse_own(workspace: Workspace, place: BucketPrefix) -> None:
    """Raise PlanRefused where logs would lie among the show's own files: listeners may read those, and files of logs are thrown away."""
    for url in workspace.config.storage.buckets:
        own = place_of(store_of(workspace, url))
        within = own.prefix.startswith(place.prefix) or place.prefix.startswith(own.prefix)
        if own.bucket == place.bucket and (url == workspace.config.storage.url or within):
            raise _refused(place, "the show itself lies there")


def _refuse_public(workspace: Workspace, target: Target, *, dry_run: bool) -> None:
    why = _readable(workspace, target, dry_run=dry_run)
    if why:
        raise _refused(target.place, why)


def _refused(place: BucketPrefix, why: str) -> PlanRefused:
    return PlanRefused(
        f"no logs are put into {place.bucket}: {why}",
        cause="logs hold the addresses of listeners, and are thrown away after some days",
        hint='name a bucket that nobody else reads: logs = "s3://my-logs/show/" under [stats]',
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
