"""The plan applied."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from publisher.check.settled import untouched
from publisher.core.errors import PlanRefused
from publisher.folder_to_plan import prepare
from publisher.load.schedule import ledger
from publisher.publish_report import show_findings, show_plan
from publisher.show_changes.who_publishes import who_publishes
from publisher.state.published_episodes import Text
from publisher.sync.apply import apply_changes, no_texts, put_ahead
from publisher.sync.kept.files import files_to_keep
from publisher.sync.kept.texts import digest_of_config, texts_to_keep
from publisher.sync.plan import next_state
from publisher.sync.this_run import Run, recent_publishes
from publisher.sync.written_parts import parts_of, parts_of_show
from publisher.thread import with_owed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.core.command_call import Options
    from publisher.core.console import Console
    from publisher.core.layout import Key
    from publisher.folder_to_plan import Prepared
    from publisher.incremental_build.artifacts import Artifact
    from publisher.state.state import State
    from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A publish before its time: the plan, told and agreed to, and what was put of it already, by key with ETags."""

    prepared: Prepared
    sent: Mapping[Key, str]

    def follows(self, state: State) -> bool:
        """Whether the plan is for what the storage remembers."""
        planned = self.prepared.state
        return (planned.generation, planned.etag) == (state.generation, state.etag)


def send_ahead(workspace: Workspace, state: State, options: Options, run: Run) -> Ahead:
    """The plan for `options.now`, asked about; and put, what nobody sees before the show is claimed."""
    prepared = prepare(workspace, state, options)
    if _tell_and_ask(workspace, prepared, options):
        prepared = replace(prepared, state=_with_conditions(workspace, prepared.state))
    with workspace.console.progress("sending", prepared.plan.bytes_to_send) as progress:
        run = replace(run, progress=lambda item: progress.add(item.size, item.key))
        return Ahead(prepared=prepared, sent=put_ahead(workspace.storage, _uploads(prepared), run))


def ask_and_apply(workspace: Workspace, prepared: Prepared, options: Options, run: Run, ahead: Ahead | None = None) -> State | None:
    """Apply the plan; None when there was nothing to do. What was told and sent `ahead` is not told and sent again."""
    console = workspace.console
    plan = prepared.plan
    anything = _is_anything(prepared) if ahead is not None and ahead.prepared is prepared else _tell_and_ask(workspace, prepared, options)
    if not anything:
        return None
    before = _with_conditions(workspace, prepared.state)
    config = workspace.config
    sources = {content.slug: content.source for content in prepared.rendering.contents}
    told = replace(
        before,
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
            sources,
            parts_of,
        ),
        words=parts_of_show(prepared.source),
        config=digest_of_config(workspace.file) if workspace.storage.is_apart else "",
        published=recent_publishes(before, options.now),
    )
    told = replace(told, episodes=with_owed(workspace, told.episodes, before, options))
    if not plan.changes:  # what was looked at and announced is what is there still
        made = before.generation + 1
        told = replace(
            told,
            verified=made if before.verified == before.generation else before.verified,
            announced=made if before.announced == before.generation else before.announced,
        )
    with console.progress("sending", plan.bytes_to_send) as progress:
        sent = ahead.sent if ahead is not None else {}
        run = replace(run, damaged=prepared.damaged, sent=sent, progress=lambda item: progress.add(item.size, item.key))

        def kept(after: State) -> tuple[State, list[Artifact]]:
            files = files_to_keep(workspace.storage.private, before, after, prepared.source, sources)
            after = replace(after, files=files.digest)
            return after, [*texts_to_keep(before, after, workspace.file, sources), *files.uploads]

        keep = kept if workspace.storage.is_apart else no_texts
        # nobody but who applies it holds the next State: it is made anew, with ETags, twice
        stored = apply_changes(workspace.storage, _uploads(prepared), before, next_state(told, plan), run, keep)
    workspace.state_copies.write(stored)
    return stored


def _uploads(prepared: Prepared) -> list[Artifact]:
    return [change.artifact for change in prepared.plan.uploads if change.artifact is not None]


def _is_anything(prepared: Prepared) -> bool:
    """Whether there is anything to do."""
    plan = prepared.plan
    return bool(plan.changes or _fresh(prepared) or plan.stale_fingerprints or plan.forgotten)


def _fresh(prepared: Prepared) -> set[str]:
    return prepared.rendering.episodes.keys() - prepared.state.episodes.keys()


def _tell_and_ask(workspace: Workspace, prepared: Prepared, options: Options) -> bool:
    """Tell the plan, and ask about it where that is needed; whether there is anything to do."""
    show_findings(workspace.console, prepared.findings, untouched(prepared.state, prepared.rendering))
    if prepared.plan.changes or _fresh(prepared):
        show_plan(workspace, prepared, asked_for=False)
        _ask(workspace.console, prepared, options)
    return _is_anything(prepared)


def _with_conditions(workspace: Workspace, state: State) -> State:
    """What is remembered, with what the storage makes of conditional writes."""
    return state if workspace.storage.use_remembered(state.conditions) else replace(state, conditions=_conditions(workspace))


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
