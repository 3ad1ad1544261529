"""`publish status`: what is published, staged, due next and held back; and whether another publish is running."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from feed.findings import ContentFault
from feed.reader import read_feed
from feed.rules.parsing import read_date
from publisher.announce.service_requests import retry_line
from publisher.bucket.no_logs import say_no_logs
from publisher.core import layout
from publisher.core.command_call import Call, common, parse_duration
from publisher.core.console import count_words
from publisher.core.errors import AirdateError, NotVerified, StorageError
from publisher.core.json_results import Result
from publisher.load.dates import moment_words
from publisher.load.schedule import who_waits
from publisher.load.streams.live_streams import stream_findings, streams_of
from publisher.publish_report import show_what_releases
from publisher.state.staged import secret_of
from publisher.sync.claims import read_claim
from publisher.thread.owed import DONE, pending
from publisher.verify.former_addresses import look_at_former
from publisher.web.web_requests import get_feed
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.core.console import Console
    from publisher.state.state import State


LISTED = 10
"""Episodes, and publishes, that are listed for people without --verbose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeRow(Result):
    """An episode that was published."""

    slug: str
    """Its name in addresses."""
    title: str
    """Its title; empty where that is not public."""
    date: str
    """Its date (ISO 8601)."""
    removed: bool
    """Whether it is in the feed no more."""
    withdrawn: bool
    """Whether it was taken down for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow(Result):
    """An episode of the folder that listeners do not have."""

    slug: str
    """Its name in addresses."""
    title: str
    """Its title."""
    due: str | None
    """When it is to be published (ISO 8601)."""
    staged: bool
    """Whether its recording lies on the storage already."""
    held_back: str
    """Why it is not published when it is due: draft or withdrawn; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRow(Result):
    """An earlier publish."""

    number: int
    """Its generation; `publish rollback` takes it."""
    at: str
    """When (ISO 8601)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRow(Result):
    """A live stream of config.toml."""

    title: str
    """What it is called."""
    status: str
    """Where it stands, as it is written: pending, live or ended."""
    over: str | None
    """When it is over (ISO 8601): its end, else a day after its start."""
    said: str
    """What is to be done about it; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerRow(Result):
    """An address that the feed had before."""

    address: str
    """It."""
    leads_here: bool
    """Whether it redirects to the feed for good (301 or 308)."""
    said: str
    """What it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRow(Result):
    """An episode of which a network is not known to have been told."""

    slug: str
    """The episode."""
    network: str
    """mastodon, bluesky or webhook."""
    status: str
    """`owed`: surely not posted yet; `posting`: a publish was cut while it asked; `unclear`: nobody can tell whether it was taken."""
    at: str
    """Since when (ISO 8601)."""
    command: str
    """What does it, or looks for it: a line to type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Result):
    """What is published and what is waiting."""

    generation: int
    """The number of the last publish; 0 where there was none."""
    feed_url: str
    """The feed's address."""
    published: tuple[EpisodeRow, ...]
    """The newest first."""
    waiting: tuple[WaitingRow, ...]
    """The next one due first."""
    held: int
    """The publish that listeners see since a rollback; 0 where none holds."""
    verified: bool
    """Whether the last publish was looked at from outside."""
    last_publish: str | None
    """When it was (ISO 8601)."""
    publishes: tuple[PublishRow, ...]
    """The newest first."""
    running: str | None
    """The machine that is publishing now."""
    former: tuple[FormerRow, ...] = ()
    """The addresses of `[feed] former`, asked now; none with `--no-verify`."""
    streams: tuple[StreamRow, ...] = ()
    """The live streams, in the order they are written."""
    posts: tuple[PendingRow, ...] = ()
    """What networks are not known to have been told, the oldest episode first."""
    downloads: str | None = None
    """The last week's downloads beside those of the week before, in words; absent where `publish stats` counted none."""
    newest: str | None = None
    """With `--fresh`: the date of the newest episode that is served (ISO 8601)."""


def status(workspace: Workspace, now: dt.datetime, fresh: float | None, *, verify: bool = True) -> Status:
    """What is published, staged, due next and held back; with `verify`, whether former addresses of the feed lead to it. `fresh`
    seconds: NotVerified when the newest episode that is served is older.
    """
    state = workspace.state_copies.read()
    state = _served(workspace) or state if state.first and verify else state
    private = workspace.storage.private
    running = private.read(layout.claim(state.generation + 1))
    episodes = sorted(state.episodes.values(), key=lambda item: item.date, reverse=True)
    result = Status(
        generation=state.generation,
        feed_url=workspace.config.feed_url,
        published=tuple(
            EpisodeRow(slug=item.slug, title=item.title, date=item.date, removed=item.removed, withdrawn=item.withdrawn)
            for item in episodes
        ),
        waiting=tuple(sorted(_waiting(workspace, state, now), key=lambda row: (row.due is None, row.due or "", row.slug))),
        held=state.held,
        verified=state.verified == state.generation,
        last_publish=state.published.get(str(state.generation)),
        publishes=tuple(PublishRow(number=number, at=at) for number, at in state.publishes),
        running=read_claim(private, state.generation + 1, running.body).machine if running is not None else None,
        former=tuple(_former(workspace)) if verify else (),
        streams=tuple(_streams(workspace, now)),
        posts=tuple(_pending(workspace, state, now)),
        downloads=_downloads(workspace, state, now) or None,
    )
    _show(workspace, result, now)
    return result if fresh is None else replace(result, newest=_newest(workspace.config.feed_url, now, fresh))


def _served(workspace: Workspace) -> State | None:
    """What listeners have of a show of which nothing is remembered; None where that is nothing, or is not told."""
    from publisher.adoption.without_state import served_or_last_seen

    try:
        live = served_or_last_seen(workspace)
    except StorageError as error:
        workspace.console.warn(f"{error.message} ({error.cause})")
        return None
    if live is None or live.state is None:
        return None
    workspace.console.warn(
        f"nothing is remembered on {workspace.store.describe()}: this is what {live.address} has; `publish` takes it over"
    )
    return live.state


def _downloads(workspace: Workspace, state: State, now: dt.datetime) -> str:
    """The last week's, where logs are counted; "" where nothing is known of it."""
    if not workspace.config.stats.logs:
        return ""
    from publisher.stats.report.text import last_week

    try:
        return last_week(workspace, state, now)
    except AirdateError as error:
        workspace.console.detail(f"no downloads: {error.message}")
        return ""


def _former(workspace: Workspace) -> Iterator[FormerRow]:
    feed = workspace.config.feed
    for item in look_at_former(feed.former, workspace.config.feed_url):
        yield FormerRow(address=item.address, leads_here=item.leads_here, said=item.said)


def _streams(workspace: Workspace, now: dt.datetime) -> Iterator[StreamRow]:
    """What is to be said of each live stream."""
    for item in streams_of(workspace.file):
        told = stream_findings((item,), workspace.file, now)
        said = next((row.message for row in told if row.code in {"live-over", "live-times"} or item.left(now)), "")
        over = item.over.isoformat() if item.over is not None else None
        yield StreamRow(title=item.written.title, status=item.written.status, over=over, said=said)


def _pending(workspace: Workspace, state: State, now: dt.datetime) -> Iterator[PendingRow]:
    for slug, post, command in pending(state, workspace.config, now):
        yield PendingRow(slug=slug, network=post.network, status=post.status, at=post.at, command=retry_line(workspace, command))


def _waiting(workspace: Workspace, state: State, now: dt.datetime) -> Iterator[WaitingRow]:
    """The folder's episodes that listeners do not have."""
    known = state.by_guid()
    source = workspace.load(state)
    reasons = {item.source.guid: item.why for item in who_waits(source, state, now)}
    waiting = [item for item in source.episodes if item.guid not in known or known[item.guid].removed]
    staged = {item.key for item in workspace.storage.private.list(layout.STAGED)} if any(item.written.guid for item in waiting) else set()
    for episode in waiting:
        why = reasons.get(episode.guid, "").replace("scheduled", "")
        yield WaitingRow(
            slug=episode.slug,
            title=episode.written.title,
            due=episode.date.isoformat() if episode.date is not None and not why else None,
            staged=bool(episode.written.guid) and layout.staged_note(secret_of(episode.guid)) in staged,
            held_back=why,
        )


def _show(workspace: Workspace, result: Status, now: dt.datetime) -> None:
    """The same for people."""
    show = workspace.console.show
    zone = workspace.config.show.timezone
    when = f" of {moment_words(result.last_publish, zone)}" if result.last_publish else ""
    show(f"{workspace.store.describe()}, publish {result.generation}{when}")
    live = [row for row in result.published if not row.removed]
    newest = f", the newest “{live[0].title or live[0].slug}” ({live[0].date[:10]})" if live else ""
    show(f"{count_words(len(live), 'episode')} published{newest}")
    say_no_logs(workspace, "status")
    if result.downloads:
        show(result.downloads)
    for row in result.waiting:
        due = f"due {moment_words(row.due, zone)}" if row.due and dt.datetime.fromisoformat(row.due) > now else "due now: publish"
        show(f"  {row.slug}: {row.held_back or due}{', staged' if row.staged else ''}")
    later = [moment for row in result.waiting if row.due and (moment := dt.datetime.fromisoformat(row.due)) > now]
    if later:
        show_what_releases(workspace.console, min(later), workspace.file.path)
    _show_names(workspace.console, result, zone)
    for former in result.former:
        words = f"The feed's former address {former.said}: {former.address}"
        if former.leads_here:
            show(words)
        else:
            workspace.console.warn(f"{words}; whoever subscribed there gets nothing new. `publish move` says what to do")
    for post in result.posts:
        done = DONE[post.network]
        show(
            f"“{post.slug}” is not {done} yet; to do it: {post.command}"
            if post.status == "owed"
            else f"Nobody can tell whether “{post.slug}” was {done}; to {'tell' if post.network == 'webhook' else 'look for'} it: {post.command}"
        )
    for stream in result.streams:
        if stream.said:
            workspace.console.warn(stream.said)
    if result.held:
        show(f"Held as after publish {result.held}: publish --force resume")
    if result.running is not None:
        show(f"Another publish is running, from {result.running or 'another machine'}.")


def _show_names(console: Console, result: Status, zone: str | None) -> None:
    """The slugs that `pull` and `withdraw` take, and the numbers that `rollback` takes; all of them with --verbose."""
    live = [f"  {row.slug}: {row.date[:10]}{row.title and f', “{row.title}”'}" for row in result.published if not row.removed]
    gone = [f"  {row.slug}: {row.date[:10]}, {'withdrawn' if row.withdrawn else 'removed'}" for row in result.published if row.removed]
    publishes = [f"  {row.number}: {moment_words(row.at, zone)}" for row in result.publishes if row.number < result.generation]
    for heading, lines in (("Published:", [*live, *gone]), ("Publishes to go back to:", publishes)):
        shown = lines if console.verbose else lines[:LISTED]
        if shown:
            console.show(heading)
        for line in shown:
            console.show(line)
        if len(shown) < len(lines):
            console.show(f"  … and {len(lines) - len(shown)} more (--verbose shows all)")


def _newest(feed_url: str, now: dt.datetime, fresh: float) -> str:
    """The date of the newest episode that is served. Raises NotVerified where that is older than `fresh` seconds."""
    newest = newest_served(feed_url)
    if newest is None or (now - newest).total_seconds() > fresh:
        found = f"the newest episode in {feed_url} is of {newest.isoformat(' ', 'minutes')}" if newest else "the feed has no episode"
        hint = "`publish status` says what is waiting"
        span = f"{fresh / 3600:g} hours" if fresh >= 3600 else f"{fresh:g} seconds"
        raise NotVerified(f"nothing newer than {span} is served", cause=found, hint=hint, code="not-fresh")
    return newest.isoformat()


def newest_served(feed_url: str) -> dt.datetime | None:
    """The newest date in the feed that is served now. Raises StorageError when it cannot be fetched."""
    try:
        items = read_feed(get_feed(feed_url).content).items
    except ContentFault as error:
        message = f"what is served is no feed: {feed_url}"
        raise StorageError(message, cause=error.message, hint="is the address right?", code="feed-unreachable") from error
    dates = (read_date(item.value("pubDate")).date for item in items)
    return max((date for date in dates if date is not None), default=None)


@click.command("status")
@common
@click.option("--fresh", metavar="DURATION", help="Exit 6 when the newest served episode is older: 26h.")
def command(call: Call, /, fresh: str | None) -> None:
    """What is published, staged, due next and held back."""
    call.result(status(opened(call), call.now, parse_duration(fresh) if fresh else None, verify=not call.no_verify))
