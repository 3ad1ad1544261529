"""`publish bucket`: what a bucket's settings are, what they should be, and the way from one to the other."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click
from botocore.exceptions import BotoCoreError, ClientError

from publisher.bucket import policies
from publisher.bucket.boto_calls import Target, UnknownSetting, bucket_exists, create_bucket, denied, http_status, refusal_words, with_md5
from publisher.bucket.cdn_snippets import SNIPPETS, Edge
from publisher.bucket.policies import BucketPrefix
from publisher.bucket.settings import Setting, read_settings
from publisher.core.command_call import Call, common
from publisher.core.errors import PlanRefused, StorageError, UsageError
from publisher.core.json_results import Result
from publisher.stores.boto3_store import Boto3Store
from publisher.stores.open_store import bucket_settings
from publisher.stores.providers import PROMISES
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.core.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow(Result):
    """A setting that differs from what it should be."""

    bucket: str
    """Whose."""
    setting: str
    """Which."""
    difference: tuple[str, ...]
    """Line by line, each with + or - before it, or a blank where it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket(Result):
    """What `publish bucket` changed, or with `--dry-run` would change."""

    created: tuple[str, ...]
    """Buckets and folders that were missing."""
    changes: tuple[SettingRow, ...]
    """Settings that were not as they should be."""
    by_hand: tuple[str, ...]
    """What no request can do at this service."""
    applied: bool
    """Whether anything was changed."""


def bucket(workspace: Workspace, *, confirm: Callable[[str], bool], profile: str = "", account: str = "", dry_run: bool = False) -> Bucket:
    """Create the bucket or mend its settings, after showing the difference.

    Raises PlanRefused where a person says no, StorageError where the keys may not look at or change settings.
    """
    console = workspace.console
    config = workspace.config
    if not config.storage.is_bucket:
        return _folder(workspace)
    rows: list[SettingRow] = []
    by_hand: list[str] = []
    work: list[tuple[Target, bool, list[Setting]]] = []
    for url in config.storage.buckets:
        target = _target(workspace, url, public=url == config.storage.url, profile=profile, account=account)
        exists = bucket_exists(target)
        settings, unknown = read_settings(target, exists=exists)
        changes = [item for item in settings if item.difference]
        console.show(f"Bucket {target.place.bucket}{'' if exists else ' (does not exist yet)'}")
        for item in changes:
            console.show(f"  {console.paint(item.name, '1')}")
            for line in item.difference:
                console.show(f"    {console.paint(line, '32' if line[0] == '+' else '31' if line[0] == '-' else '2')}")
        kept = [item.name for item in settings if not item.difference]
        if kept:
            console.show(f"  {console.paint('as they should be:', '2')} {', '.join(kept)}")
        rows += [SettingRow(bucket=target.place.bucket, setting=item.name, difference=tuple(item.difference)) for item in changes]
        by_hand += [*unknown, *_by_hand(target)]
        work.append((target, exists, changes))
    console.show(PROMISES[workspace.storage.private.conditions])  # where claims lie
    missing = [target.place.bucket for target, exists, _ in work if not exists]
    applied = bool(rows or missing) and not dry_run
    if applied:
        if not confirm(f"Create {', '.join(missing)} and change this?" if missing else "Change this?"):
            raise PlanRefused("nothing was changed: you said no", code="refused-by-you")
        for target, exists, changes in work:
            by_hand += _apply(target, changes, exists=exists, console=console)
        console.say("Done.")
    elif not rows and not missing:
        console.say("Every setting that can be made here is as it should be.")
    if by_hand:
        console.show("By hand:")
        for line in by_hand:
            console.show(f"  {line}")
    return Bucket(created=tuple(missing), changes=tuple(rows), by_hand=tuple(by_hand), applied=applied)


def print_document(workspace: Workspace, what: str, *, account: str = "", repository: str = "", branch: str = "main") -> str:
    """`publish bucket --print policy|comments-policy|trust|cors|…`: a document to paste elsewhere. Asks nobody anything."""
    storage = workspace.config.storage
    if what == "cors":
        return json.dumps({"CORSRules": [policies.cors_rule()]}, indent=2) + "\n"
    if what in ("policy", "comments-policy", "trust"):
        if not storage.is_bucket:
            raise UsageError(
                f"a folder has no {what.rpartition('-')[2]}",
                hint='url = "s3://bucket/prefix" under [storage] names a bucket',
                code="bucket-folder",
            )
        stores = [_store(workspace, url) for url in storage.buckets]
        places = [place_of(store) for store in stores]
        if what == "trust":
            return _trust(stores[0].provider, places[0].partition, account=account, repository=repository, branch=branch)
        by_hand, policy = (
            (policies.key_by_hand, policies.publisher_policy)
            if what == "policy"
            else (policies.comments_key_by_hand, policies.comments_policy)
        )
        steps = by_hand(stores[0].provider, places)
        if steps:
            return "\n".join(steps) + "\n"
        distribution = workspace.config.cdn.zone or "" if _uses_cloudfront(workspace) else ""
        return json.dumps(policy(places, acl=bool(storage.acl), distribution=distribution), indent=2) + "\n"
    edge = Edge(site_url=workspace.config.site.url)
    if storage.is_bucket:
        store = _store(workspace, storage.url)
        edge = Edge(site_url=workspace.config.site.url, origin=store.address, prefix=store.settings.prefix.strip("/"), region=store.region)
    return SNIPPETS[what](edge)


def _trust(provider: str, partition: str, *, account: str, repository: str, branch: str) -> str:
    if provider != "aws":
        hint = "give the job AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as its secrets; R2 has temporary ones, with AWS_SESSION_TOKEN"
        raise UsageError(f"only Amazon gives keys for a job's identity, not {provider}", hint=hint, code="bucket-trust")
    return json.dumps(policies.job_trust(repository, branch, account=account, partition=partition), indent=2) + "\n"


def place_of(store: Boto3Store) -> BucketPrefix:
    """Where a store puts things, as policies name it."""
    prefix = store.settings.prefix.strip("/")
    return BucketPrefix(bucket=store.settings.bucket, prefix=f"{prefix}/" if prefix else "", partition=policies.partition_of(store.region))


def _apply(target: Target, changes: list[Setting], *, exists: bool, console: Console) -> list[str]:
    """Write the settings, then look whether they hold; what did not, in sentences."""
    lost: list[str] = []
    if not exists:
        create_bucket(target)
        console.say(f"  created {target.place.bucket}")
    for item in changes:
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


def _by_hand(target: Target) -> list[str]:
    """What no request can do at this service."""
    lines = policies.reading_by_hand(target.provider, target.place) if target.public else []
    if target.public and target.opening == "acl" and not target.acl:
        lines.append('config.toml: acl = "public-read" under [storage], so that every file is sent with leave to read it')
    if target.provider == "gcs" and target.public:
        lines.append(
            f"gcloud storage buckets update gs://{target.place.bucket} --cors-file cors.json   (see `publish bucket --print cors`)"
        )
    return lines


def _folder(workspace: Workspace) -> Bucket:
    """A folder has no settings; its host does."""
    config = workspace.config
    folder = workspace.file.folder / config.storage.url
    missing = not folder.is_dir()
    if missing:
        folder.mkdir(parents=True)
    lines = []
    if (config.site.url.split("//", 1)[-1].split("/", 1)[0]).endswith(".github.io") and config.site.headers:
        lines.append("config.toml: headers = false under [site]: GitHub Pages sets headers by itself")
    lines.append("`publish bucket --print nginx` shows a server over this folder")
    show = workspace.console.show
    show(f"The storage is a folder: {config.storage.url}/{' (created)' if missing else ''}. It needs no settings; whoever serves it does.")
    for line in lines:
        show(f"  {line}")
    return Bucket(created=(config.storage.url,) if missing else (), changes=(), by_hand=tuple(lines), applied=missing)


def _store(workspace: Workspace, url: str, profile: str = "") -> Boto3Store:
    location = workspace.location(url)
    return Boto3Store(bucket_settings(replace(location, profile=profile or location.profile)))


def _uses_cloudfront(workspace: Workspace) -> bool:
    return (workspace.config.cdn.purge or "").strip().lower() == "cloudfront"


def _target(workspace: Workspace, url: str, *, public: bool, profile: str, account: str) -> Target:
    store = _store(workspace, url, profile)
    client = store.client()
    client.meta.events.register("before-call.s3.*", with_md5)
    distribution = (workspace.config.cdn.zone or "") if public and store.provider == "aws" and _uses_cloudfront(workspace) else ""
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
    )


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


PRINTED = ("policy", "comments-policy", "trust", "cors", "cloudfront", "cloudflare", "fastly", "nginx")


@click.command("bucket")
@common
@click.option("--print", "what", type=click.Choice(PRINTED), help="Print a document to paste elsewhere, and do nothing else.")
@click.option("--profile", help="Another profile for this one time: the key that publishes need not change settings.")
@click.option("--account", metavar="NUMBER", help="The Amazon account of the CloudFront distribution, or of the role.")
@click.option("--repository", metavar="OWNER/NAME", default="", help="For --print trust: the repository whose jobs publish.")
@click.option("--branch", metavar="NAME", default="main", help="For --print trust: the branch they publish from (main).")
@click.option("--dry-run", is_flag=True, help="Show the difference and do nothing else.")
def command(call: Call, /, what: str | None, profile: str | None, account: str | None, repository: str, branch: str, dry_run: bool) -> None:
    """Create the bucket or mend its settings: reading for everybody, CORS, lifecycle. Shows them first."""
    if what:
        document = print_document(opened(call), what, account=account or "", repository=repository, branch=branch)
        call.console.data(document.rstrip("\n"))
        return
    call.result(bucket(opened(call), confirm=call.confirm, profile=profile or "", account=account or "", dry_run=dry_run))
