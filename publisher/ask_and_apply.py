"""The plan applied."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.check.settled import untouched
from publisher.core.errors import PlanRefused
from publisher.load.schedule import ledger
from publisher.publish_report import show_findings, show_plan
from publisher.show_changes.who_publishes import who_publishes
from publisher.state.published_episodes import Text
from publisher.sync.apply import apply_changes
from publisher.sync.plan import next_state
from publisher.sync.this_run import Run, recent_publishes
from publisher.sync.written_parts import parts_of, parts_of_show

if TYPE_CHECKING:
    from publisher.core.command_call import Options
    from publisher.core.console import Console
    from publisher.folder_to_plan import Prepared
    from publisher.state.state import State
    from publisher.workspace import Workspace


def ask_and_apply(workspace: Workspace, prepared: Prepared, options: Options, run: Run) -> State | None:
    """Apply the plan; None when there was nothing to do."""
    console = workspace.console
    plan = prepared.plan
    fresh = prepared.rendering.episodes.keys() - prepared.state.episodes.keys()
    show_findings(console, prepared.findings, untouched(prepared.state, prepared.rendering))
    if not (plan.changes or fresh or plan.stale_fingerprints or plan.forgotten):
        return None
    if plan.changes or fresh:
        show_plan(workspace, prepared, asked_for=False)
        _ask(console, prepared, options)
    before = prepared.state
    if not workspace.storage.use_remembered(before.conditions):
        before = replace(before, conditions=_conditions(workspace))
    config = workspace.config
    after = replace(
        next_state(before, plan),
        show_guid=prepared.source.guid,
        show_title=config.show.title,
        site_url=config.site.url,
        pretty_urls=config.site.pretty_urls,
        feed_key=config.feed.file,
        held=0,
        episodes=ledger(
            before,
            prepared.rendering.episodes,
            Text(
                digest="",
                at=options.now.astimezone(dt.UTC).isoformat(timespec="seconds"),
                machine=run.machine,
                by=who_publishes(workspace.file.folder),
            ),
            {content.slug: content.source for content in prepared.rendering.contents},
            parts_of,
        ),
        words=parts_of_show(prepared.source),
        published=recent_publishes(before, options.now),
    )
    if not plan.changes:  # what was looked at and announced is what is there still
        made = after.generation
        after = replace(
            after,
            verified=made if before.verified == before.generation else before.verified,
            announced=made if before.announced == before.generation else before.announced,
        )
    with console.progress("sending", plan.bytes_to_send) as progress:
        run = replace(run, damaged=prepared.damaged, progress=lambda item: progress.add(item.size, item.key))
        uploads = [change.artifact for change in plan.uploads if change.artifact is not None]
        stored = apply_changes(workspace.storage, uploads, before, after, run)
    workspace.state_copies.write(stored)
    return stored


def _conditions(workspace: Workspace) -> str:
    """What the storage makes of conditional writes: asked once, on the first publish to it."""
    found = workspace.storage.probe_conditions()
    if found != "enforced":
        from publisher.stores.providers import PROMISES

        workspace.console.warn(f"this storage has no conditional writes. {PROMISES[found]}")
    return workspace.storage.to_remember(found)


def _ask(console: Console, prepared: Prepared, options: Options) -> None:
    """On a terminal, before something reaches subscribers for the first time, is removed or replaced."""
    if options.yes or not console.interactive:
        return
    before = {slug for slug, item in prepared.state.episodes.items() if not item.removed}
    new = [content.slug for content in prepared.rendering.contents if content.slug not in before]
    gone = [item.slug for item in prepared.publication.removed if not item.removed]
    if not new and not gone:
        return
    import click

    if not click.confirm("Publish this?", default=True, err=True):
        raise PlanRefused("not published: you said no", hint="nothing was changed", code="refused-by-you")
