"""After a publish: hubs and directories hear that the feed is new, a watchdog that the publish went well."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

from publisher.announce import service_requests
from publisher.announce.service_requests import host_of, retry_line, send
from publisher.core import layout
from publisher.core.errors import StorageError, UsageError
from publisher.core.json_results import Result
from publisher.core.placeholders import has_none
from publisher.core.secret_variables import secret_in
from publisher.web.web_requests import Limits, get

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.core.command_call import Options
    from publisher.load.config_tables import Config
    from publisher.load.tables.announce import AnnounceTable
    from publisher.workspace import Workspace

Event = Literal["start", "success", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced(Result):
    """Whom `publish announce` told of the feed; with SLUG it gives what `publish` gives."""

    feed_url: str
    """The feed's address."""
    told: tuple[str, ...]
    """The hosts of the hubs, then the directories."""


def announce(config: Config, feed_url: str, *, reason: str = "update", retry: str = "publish announce") -> list[str]:
    """Tell everybody of `[feed] hubs` and `[announce]` that `feed_url` is new; who was not told, as warnings that end in the line to type.

    WebSub: POST hub.mode=publish with hub.url and hub.topic (hubs differ in which they read). Podping: GET with the key of
    PODPING_TOKEN as it is in Authorization. Podcast Index: GET hub/pubnotify, which wants no key.
    """
    services = service_requests.SERVICES
    whys: list[tuple[str, str]] = []
    for hub in dict.fromkeys(config.feed.hubs):
        form = {"hub.mode": "publish", "hub.url": feed_url, "hub.topic": feed_url}
        whys.append((f"the hub {host_of(hub)}", send("POST", hub, data=form)))
    if config.announce.podping:
        whys.append(("Podping", _podping(config, feed_url, reason)))
    if config.announce.podcast_index:
        whys.append(("the Podcast Index", send("GET", services.podcast_index, params={"url": feed_url})))
    return [f"{whom} was not told of the new feed: {why}; once that is mended: {retry}" for whom, why in whys if why]


def _podping(config: Config, feed_url: str, reason: str) -> str:
    """Why Podping was not told; "" when it was."""
    try:
        token = secret_in("PODPING_TOKEN")
    except StorageError as error:
        return error.message
    params = {"url": feed_url, "reason": reason, "medium": config.show.medium or "podcast"}
    wanted = "it wants a key: set PODPING_TOKEN"
    return send("GET", service_requests.SERVICES.podping, params=params, headers={"Authorization": token}) if token else wanted


def is_wanted(config: Config) -> bool:
    """Whether anybody is to be told."""
    return bool(config.feed.hubs or config.announce.podping or config.announce.podcast_index)


def announce_when_online(workspace: Workspace, generation: int) -> list[str]:
    """Tell the hubs of publish `generation`, which changed the feed, when the feed is online; warnings, none when all went well.

    A folder is often brought online later, by another program: hubs that came too early would find the feed of before.
    """
    config = workspace.config
    if not is_wanted(config) or has_none(config.site.url):
        return []
    line = retry_line(workspace, "announce")
    if not is_online(workspace):
        return [f"nobody was told of publish {generation} yet: {config.feed_url} does not serve it; once it is online: {line}"]
    return announce(config, config.feed_url, retry=line)


def announce_now(workspace: Workspace) -> Announced:
    """`publish announce`: tell everybody, whatever was told before."""
    config = workspace.config
    if not is_wanted(config):
        hint = 'write hubs = ["https://…"] under [feed], podping = true or podcast_index = true under [announce]'
        raise UsageError("there is nobody to tell", hint=hint, code="announce-nobody")
    warnings = announce(config, config.feed_url, retry=retry_line(workspace, "announce"))
    if warnings:
        raise StorageError("not everybody was told", cause="\n".join(warnings), code="announce-failed")
    told = [host_of(hub) for hub in dict.fromkeys(config.feed.hubs)]
    told += ["Podping"] * config.announce.podping + ["the Podcast Index"] * config.announce.podcast_index
    workspace.console.show(f"Told {', '.join(told)} of {config.feed_url}")
    return Announced(feed_url=config.feed_url, told=tuple(told))


def heartbeat(table: AnnounceTable, event: Event, *, retry: str = "publish") -> list[str]:
    """Tell the watchdog of `[announce] heartbeat`: GET address/start, address, or address/fail; a warning when it does not answer."""
    if not table.heartbeat:
        return []
    parts = urlsplit(table.heartbeat)
    end = {"start": "/start", "success": "", "fail": "/fail"}[event]
    url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + end)) if end else table.heartbeat
    why = send("GET", url)
    return [f"the heartbeat at {host_of(url)} did not arrive: {why}; once that is mended: {retry}"] if why else []


@dataclass(slots=True)
class Watch:
    """What the watchdog will be told: a publish that ended, but left faulty episodes `held` back, did not go well."""

    held: bool = False


@contextmanager
def watched(workspace: Workspace, options: Options) -> Iterator[Watch]:
    """Tell the watchdog, where there is one, that a publish starts, and how it ended."""
    table, watch = workspace.config.announce, Watch()
    if options.dry_run or not table.heartbeat:
        yield watch
        return
    line = retry_line(workspace, "")
    event: Event = "fail"
    workspace.console.warn_each(heartbeat(table, "start", retry=line))
    try:
        yield watch
        event = "fail" if watch.held else "success"
    finally:
        workspace.console.warn_each(heartbeat(table, event, retry=line))


def is_online(workspace: Workspace) -> bool:
    """Whether listeners get the feed that was published. A bucket serves what it was given; a folder may wait for another program."""
    config = workspace.config
    if config.storage.is_bucket:
        return True
    stored = workspace.store.read(layout.feed(config.feed.file))
    if stored is None:
        return False
    answer = get(config.feed_url, Limits(answer=20.0, body=len(stored.body), pauses=()))
    return answer.status == 200 and answer.content == stored.body
