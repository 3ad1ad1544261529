"""A show verified where it is: over the network, or by the files of its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from feed.findings import Finding
    from publisher.verify.network import SentFeed
    from publisher.workspace import Workspace

AT_ONCE = 24
"""Requests to the show's own host at a time: everything about one new episode."""


def verify_show(
    workspace: Workspace,
    *,
    newest: int = 10,
    everything: bool = False,
    sent: SentFeed | None = None,
    only: Container[str] | None = None,
    online: bool = False,
    links: bool = False,
) -> list[Finding]:
    """What a crawler would find wrong. A folder has no server: its files are held against the feed, unless `online` says it has one.

    `sent` is the feed that was just published: a cache that still serves something else is a warning. Where `only` is given, other
    files of the feed are not asked for. `links` asks for links in the notes too. What is not there is remembered: the next
    publish asks the storage for it.
    """
    from publisher.core.layout import STATE_KEY
    from publisher.stores.directory import STATE_FOLDER
    from publisher.verify.folder import verify_folder
    from publisher.verify.network import Scope, verify_served
    from publisher.web.web_requests import Limits

    config = workspace.config
    missing: list[str] = []
    if not config.storage.is_bucket and not online:
        found = verify_folder(workspace.file.folder / config.storage.url, config.site.url, config.feed.file, missing=missing.append)
        workspace.missing_addresses.add(missing)
        return found
    before = 0
    with workspace.console.progress("looking", newest) as bar:

        def progress(done: int, whole: int) -> None:
            nonlocal before
            reached = newest * done // max(whole, 1)
            bar.add(reached - before)
            before = reached

        scope = Scope(
            newest=newest,
            everything=everything,
            site_url=config.site.url,
            old_urls=config.feed.former,
            outgoing=links,
            only=only,
            limits=Limits(threads=AT_ONCE),
            state=STATE_KEY if config.storage.is_bucket else f"{STATE_FOLDER}/state.json",
        )
        found = verify_served(config.feed_url, scope, sent=sent, progress=progress, missing=missing.append)
        workspace.missing_addresses.add(missing)
        return found
