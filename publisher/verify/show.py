"""A show verified where it is: over the network, or by the files of its folder."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Generator

    from feed.findings import Finding
    from publisher.verify.network import SentFeed
    from publisher.workspace import Workspace

AT_ONCE = 24
"""Requests to the show's own host at a time: everything about one new episode."""


def look_at_show(
    workspace: Workspace,
    *,
    newest: int = 10,
    everything: bool = False,
    sent: SentFeed | None = None,
    only: Container[str] | None = None,
    online: bool = False,
    links: bool = False,
) -> Generator[None, None, list[Finding]]:
    """What a crawler would find wrong. The first step asks. A folder has no server: its files are held against the feed, unless `online` says it has one.

    `sent` is the feed that was just published: a cache that still serves something else is a warning. Where `only` is given, other
    files of the feed are not asked for. `links` asks for links in the notes too. What is not there is remembered: the next
    publish asks the storage for it.
    """
    from publisher.core.layout import STATE_KEY
    from publisher.stores.directory import STATE_FOLDER
    from publisher.verify.folder import verify_folder
    from publisher.verify.network import LookScope, look_at_served
    from publisher.verify.steps import to_the_end
    from publisher.web.web_requests import Limits

    config = workspace.config
    missing: list[str] = []
    if not config.storage.is_bucket and not online:
        found = verify_folder(workspace.file.folder / config.storage.url, config.site.url, config.feed.file, missing=missing.append)
        workspace.missing_addresses.add(missing)
        return found
    before = 0
    bar = workspace.console.progress("looking", newest)

    def progress(done: int, whole: int) -> None:
        nonlocal before
        reached = newest * done // max(whole, 1)
        bar.add(reached - before)
        before = reached

    scope = LookScope(
        newest=newest,
        everything=everything,
        site_url=config.site.url,
        old_urls=config.feed.former,
        outgoing=links,
        only=only,
        limits=Limits(threads=AT_ONCE),
        state=STATE_KEY if config.storage.is_bucket else f"{STATE_FOLDER}/state.json",
    )
    with closing(look_at_served(config.feed_url, scope, sent=sent, progress=progress, missing=missing.append)) as steps:
        next(steps)
        yield
        with bar:
            found = to_the_end(steps)
    workspace.missing_addresses.add(missing)
    return found
