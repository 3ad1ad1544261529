"""The way of a bucket's settings from what they are to what they should be: looked at, shown, asked about, written, read again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from publisher.bucket import policies
from publisher.bucket.boto_calls import Target, UnknownSetting, bucket_exists, create_bucket, denied, http_status, refusal_words, with_md5
from publisher.bucket.cdn_snippets import Edge
from publisher.bucket.policies import BucketPrefix
from publisher.bucket.settings import Setting, Settings, read_settings
from publisher.core.errors import PlanRefused, StorageError
from publisher.stores.boto3_store import Boto3Store
from publisher.stores.open_store import bucket_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from publisher.bucket.log_place import LogPlace
    from publisher.core.console import Console
    from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A bucket, whether it is there, its settings that are not as they should be, and a sentence for each that its service does not know."""

    target: Target
    exists: bool
    changes: tuple[Setting, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Whether anything was written, and a sentence for each setting that does not hold all the same."""

    applied: bool = False
    lost: tuple[str, ...] = ()


def look(target: Target, which: Settings, console: Console) -> Work:
    """Read a bucket's settings, and show what is to change. Raises StorageError where the keys may not look."""
    exists = bucket_exists(target)
    settings, unknown = read_settings(target, which, exists=exists)
    changes = [item for item in settings if item.difference]
    console.show(f"Bucket {target.place.bucket}{'' if exists else ' (does not exist yet)'}")
    for item in changes:
        console.show(f"  {console.paint(item.name, '1')}")
        for line in item.difference:
            console.show(f"    {console.paint(line, '32' if line[0] == '+' else '31' if line[0] == '-' else '2')}")
    kept = [item.name for item in settings if not item.difference]
    if kept:
        console.show(f"  {console.paint('as they should be:', '2')} {', '.join(kept)}")
    return Work(target=target, exists=exists, changes=tuple(changes), unknown=tuple(unknown))


def change(works: Sequence[Work], confirm: Callable[[str], bool], console: Console, *, dry_run: bool) -> Changed:
    """Ask, create what is missing, write what is to change, in order. Raises PlanRefused where a person says no, StorageError where the
    keys may not.
    """
    missing = [work.target.place.bucket for work in works if not work.exists]
    if not missing and not any(work.changes for work in works):
        console.say("Every setting that can be made here is as it should be.")
        return Changed()
    if dry_run:
        return Changed()
    if not confirm(f"Create {', '.join(missing)} and change this?" if missing else "Change this?"):
        raise PlanRefused("nothing was changed: you said no", code="refused-by-you")
    lost = [line for work in works for line in _apply(work, console)]
    console.say("Done.")
    return Changed(applied=True, lost=tuple(lost))


def _apply(work: Work, console: Console) -> list[str]:
    """Write the settings, then look whether they hold; what did not, in sentences."""
    target, lost = work.target, []
    if not work.exists:
        create_bucket(target)
        console.say(f"  created {target.place.bucket}")
    for item in work.changes:
        what = f"{target.place.bucket}: {item.name}"
        try:
            item.write()
        except ClientError as error:
            if http_status(error) == 403:
                raise denied(target, f"change “{item.name}”", error) from error
            lost.append(f"{what} was refused: {refusal_words(error)}")
            continue
        try:
            now = item.read()
        except UnknownSetting:
            now = ""
        if now != item.after:  # a service that does not know a setting may take the request for another one
            lost.append(f"{what} was taken and not kept: this service does not know it")
            continue
        console.say(f"  {item.name}: done")
    for line in lost:
        console.warn(line)
    return lost


def target_of(
    workspace: Workspace, url: str, *, public: bool, profile: str = "", account: str = "", logs: LogPlace | None = None
) -> Target:
    """The bucket at `url` with the keys that may change it. Raises StorageError where CloudFront needs an account that nobody knows."""
    store = store_of(workspace, url, profile)
    client = store.client()
    client.meta.events.register("before-call.s3.*", with_md5)
    distribution = (workspace.config.cdn.zone or "") if public and store.provider == "aws" and uses_cloudfront(workspace) else ""
    return Target(
        client=client,
        place=place_of(store),
        provider=store.provider,
        region=store.region,
        public=public,
        distribution=distribution,
        account=account or (_account(profile or workspace.profile) if distribution else ""),
        pretty=workspace.config.site.pretty_urls,
        acl=workspace.config.storage.acl or "",
        logs=logs,
    )


def store_of(workspace: Workspace, url: str, profile: str = "", *, anonymous: bool = False) -> Boto3Store:
    """The bucket at `url`, spoken to by boto3."""
    location = workspace.location(url)
    settings = bucket_settings(replace(location, profile=profile or location.profile))
    return Boto3Store(replace(settings, anonymous=anonymous))


def place_of(store: Boto3Store) -> BucketPrefix:
    """Where a store puts things, as policies name it."""
    prefix = store.settings.prefix.strip("/")
    return BucketPrefix(bucket=store.settings.bucket, prefix=f"{prefix}/" if prefix else "", partition=policies.partition_of(store.region))


def edge_of(workspace: Workspace) -> Edge:
    """What stands between the storage and listeners, as snippets need to know it."""
    storage = workspace.config.storage
    if not storage.is_bucket:
        return Edge(site_url=workspace.config.site.url)
    store = store_of(workspace, storage.url)
    return Edge(site_url=workspace.config.site.url, origin=store.address, prefix=store.settings.prefix.strip("/"), region=store.region)


def uses_cloudfront(workspace: Workspace) -> bool:
    """Whether CloudFront stands before the bucket."""
    return (workspace.config.cdn.purge or "").strip().lower() == "cloudfront"


def _account(profile: str) -> str:
    """The number of the account the distribution belongs to, as policies name it."""
    import boto3

    try:
        return str(boto3.Session(profile_name=profile or None).client("sts", region_name="us-east-1").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        hint = "say it: publish bucket --account 123456789012"
        raise StorageError(
            "the number of your Amazon account cannot be found out", cause=str(error), hint=hint, code="bucket-account"
        ) from error
