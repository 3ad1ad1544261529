"""`publish bucket`: what a bucket's settings are, what they should be, and the way from one to the other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from publisher.bucket import policies
from publisher.bucket.access_logs import BEFORE, look_at_logs, reads, said_address, steps_instead, steps_of
from publisher.bucket.cdn_snippets import SNIPPETS
from publisher.bucket.changing import Changed, Work, change, edge_of, look, place_of, store_of, target_of, uses_cloudfront
from publisher.bucket.log_place import log_address
from publisher.bucket.log_steps import DAYS, STEPS
from publisher.bucket.no_logs import say_no_logs
from publisher.bucket.settings import SETTINGS
from publisher.core.command_call import Call, common
from publisher.core.errors import UsageError
from publisher.core.json_results import Result
from publisher.stores.providers import PROMISES
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from publisher.bucket.boto_calls import Target
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
        result = _folder(workspace)
        say_no_logs(workspace, "bucket")
        return result
    by_hand: list[str] = []
    works: list[Work] = []
    for url in config.storage.buckets:
        target = target_of(workspace, url, public=url == config.storage.url, profile=profile, account=account)
        work = look(target, SETTINGS, console)
        by_hand += [*work.unknown, *_by_hand(target)]
        works.append(work)
    console.show(PROMISES[workspace.storage.private.conditions])  # where claims lie
    result = _result(works, change(works, confirm, console, dry_run=dry_run), by_hand, console)
    say_no_logs(workspace, "bucket")
    return result


def logged(
    workspace: Workspace, *, confirm: Callable[[str], bool], days: int, profile: str = "", account: str = "", dry_run: bool = False
) -> Bucket:
    """Have the requests of the listeners' bucket logged into a bucket that nobody else reads, and its files thrown away after `days`; where
    no request does that, the steps are said.

    Raises PlanRefused where the place of the logs answers to anybody and where a person says no, StorageError as `bucket` does.
    """
    console = workspace.console
    steps = steps_instead(workspace)
    if steps:
        return _result([], Changed(), steps, console)
    works, place = look_at_logs(workspace, days=days, profile=profile, account=account, dry_run=dry_run)
    if works[-1].unknown:  # it writes no logs
        return _result([], Changed(), [*works[-1].unknown, BEFORE, "", *steps_of(workspace, "nginx-log")], console)
    by_hand = [line for work in works for line in work.unknown]
    if not place.days:
        by_hand.append(f"{place.target.bucket}: no prefix tells the logs from what else may lie there, so none of it is thrown away")
    if not reads(workspace.config.stats.logs or "", place.target):
        address = said_address(place.target)
        by_hand.append(f'config.toml: logs = "{address}" under [stats]; logs come hours later, the first of them within a day')
    return _result(works, change(works, confirm, console, dry_run=dry_run), by_hand, console)


def _result(works: Sequence[Work], changed: Changed, by_hand: list[str], console: Console) -> Bucket:
    lines = [*by_hand, *changed.lost]
    if lines:
        console.show("By hand:")
        for line in lines:
            console.show(f"  {line}")
    rows = [
        SettingRow(bucket=work.target.place.bucket, setting=item.name, difference=tuple(item.difference))
        for work in works
        for item in work.changes
    ]
    missing = tuple(work.target.place.bucket for work in works if not work.exists)
    return Bucket(created=missing, changes=tuple(rows), by_hand=tuple(lines), applied=changed.applied)


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
        stores = [store_of(workspace, url) for url in storage.buckets]
        places = [place_of(store) for store in stores]
        if what == "trust":
            return _trust(stores[0].provider, places[0].partition, account=account, repository=repository, branch=branch)
        publishing = what == "policy"
        steps = (policies.key_by_hand if publishing else policies.comments_key_by_hand)(stores[0].provider, places)
        if steps:
            return "\n".join(steps) + "\n"
        distribution = workspace.config.cdn.zone or "" if uses_cloudfront(workspace) else ""
        acl = bool(storage.acl)
        if not publishing:
            return json.dumps(policies.comments_policy(places, acl=acl, distribution=distribution), indent=2) + "\n"
        read = workspace.config.stats.logs or ""
        logs = log_address(read, places[0].partition) if read.startswith("s3://") else None
        return json.dumps(policies.publisher_policy(places, acl=acl, distribution=distribution, logs=logs), indent=2) + "\n"
    return {**SNIPPETS, **STEPS}[what](edge_of(workspace))


def _trust(provider: str, partition: str, *, account: str, repository: str, branch: str) -> str:
    if provider != "aws":
        hint = "give the job AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as its secrets; R2 has temporary ones, with AWS_SESSION_TOKEN"
        raise UsageError(f"only Amazon gives keys for a job's identity, not {provider}", hint=hint, code="bucket-trust")
    return json.dumps(policies.job_trust(repository, branch, account=account, partition=partition), indent=2) + "\n"


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


PRINTED = ("policy", "comments-policy", "trust", "cors", *SNIPPETS, *STEPS)


@click.command("bucket")
@common
@click.option("--print", "what", type=click.Choice(PRINTED), help="Print a document to paste elsewhere, and do nothing else.")
@click.option("--profile", help="Another profile for this one time: the key that publishes need not change settings.")
@click.option("--account", metavar="NUMBER", help="The Amazon account of the CloudFront distribution, or of the role.")
@click.option("--repository", metavar="OWNER/NAME", default="", help="For --print trust: the repository whose jobs publish.")
@click.option("--branch", metavar="NAME", default="main", help="For --print trust: the branch they publish from (main).")
@click.option(
    "--logs",
    "days",
    is_flag=False,
    flag_value=DAYS,
    type=click.IntRange(3, 366),
    metavar="[DAYS]",
    help=f"Have requests logged, for `publish stats`, and each file of the log kept for so many days ({DAYS}).",
)
@click.option("--dry-run", is_flag=True, help="Show the difference and do nothing else.")
def command(
    call: Call, /, what: str | None, profile: str | None, account: str | None, repository: str, branch: str, days: int | None, dry_run: bool
) -> None:
    """Create the bucket or mend its settings: reading for everybody, CORS, lifecycle. Shows them first."""
    if what:
        document = print_document(opened(call), what, account=account or "", repository=repository, branch=branch)
        call.console.data(document.rstrip("\n"))
        return
    keys = {"profile": profile or "", "account": account or ""}
    if days:
        call.result(logged(opened(call), confirm=call.confirm, days=days, dry_run=dry_run, **keys))
    else:
        call.result(bucket(opened(call), confirm=call.confirm, dry_run=dry_run, **keys))
