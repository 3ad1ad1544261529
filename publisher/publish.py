"""The straight line: load, check, render, plan, apply, verify. Each step is a value that can be printed and tested."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from publisher.announce.follow_up import LookOutside, follow_up, is_posted, load_ahead, purge_cdn
from publisher.announce.hubs import is_wanted, watched
from publisher.ask_and_apply import ask_and_apply
from publisher.check.settled import untouched
from publisher.core.errors import NotVerified, StorageError
from publisher.folder_to_plan import Scope, prepare
from publisher.load.streams.live_streams import turning_points
from publisher.nothing_to_do import quiet_publish
from publisher.publish_report import result_of, show_findings, show_held, show_plan, show_result, together
from publisher.repair.look import look
from publisher.repair.report import refuse_lost, remember, repair_of, show_found
from publisher.sync.other_publishes import finish_or_wait
from publisher.sync.this_run import ATTEMPTS, Overtaken, Run, new_run, seconds_now
from publisher.sync.written_parts import parts_of_show
from publisher.thread import bring_answers, owes, post_new, would_post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from publisher.announce.hubs import Watch
    from publisher.ask_and_apply import Ahead
    from publisher.core.command_call import Options
    from publisher.core.json_results import Published
    from publisher.folder_to_plan import Prepared
    from publisher.nothing_to_do import FolderSnapshot
    from publisher.repair.look import Look
    from publisher.state.state import State
    from publisher.workspace import Workspace


def publish(
    workspace: Workspace,
    options: Options,
    edit: Callable[[State], State] = lambda state: state,
    snapshot: FolderSnapshot | None = None,
    ahead: Ahead | None = None,
) -> Published:
    """Check, plan, apply and verify; then post what is new, and bring the posts' addresses and what people answered into feed and pages
    the same way.

    `edit` changes what is remembered before the plan is made: a withdrawal. `snapshot` is the folder before anything was read.
    Raises AirdateError with the documented status.
    """
    with watched(workspace, options) as watch:
        result, answered = _publish_once(workspace, options, watch, edit, snapshot, ahead)
        if not (answered or is_posted(result.posts or ())):
            return result
        workspace.console.say("Once more: feed and pages lead to the posts, and have what people answered.")
        return together([result, _publish_once(workspace, replace(options, repair=False, yes=True), watch, post=False)[0]])


def _publish_once(
    workspace: Workspace,
    options: Options,
    watch: Watch,
    edit: Callable[[State], State] = lambda state: state,
    snapshot: FolderSnapshot | None = None,
    ahead: Ahead | None = None,
    *,
    post: bool = True,
) -> tuple[Published, bool]:
    """The line from the folder to what listeners have; whether answers came meanwhile that the pages do not have."""
    with nullcontext() if options.dry_run else workspace.store.lock(wait=options.wait):
        for run in _runs(workspace, options):
            state = workspace.state_copies.read()
            if state.first and not options.dry_run and finish_or_wait(workspace.storage, state, run):
                continue  # a first publish that was cut: what lies there is ours
            found = look(workspace, state, options)
            show_found(workspace.console, found, asked_for=options.repair)
            if ahead is not None and ahead.follows(state) and not found.lost.keys:
                prepared = ahead.prepared
            else:
                prepared = prepare(workspace, state, options, scope=Scope(lost=found.lost, edit=edit))
            if options.dry_run:
                return _only_told(workspace, prepared, found, options), False
            load_ahead(workspace, prepared, options)
            outside = LookOutside(workspace, prepared, options)
            try:
                after = ask_and_apply(workspace, prepared, options, replace(run, beside=outside.begun), ahead)
            except Overtaken:
                workspace.console.say("Another publish was faster; planning again.")
                finish_or_wait(workspace.storage, workspace.state_copies.read(), run)
                continue
            if after is not None or not finish_or_wait(workspace.storage, state, run):
                break
        else:
            raise StorageError("other publishes were faster each time", hint="run this again when they are done", code="storage-busy")
    due, watch.held = prepared.publication.due, bool(prepared.held)
    repair = repair_of(workspace, found, prepared, done=True)
    result = replace(result_of(workspace, prepared, after), repair=repair)
    show_result(workspace, prepared, after, due)
    show_held(workspace.console, prepared.held)
    _remember_here(workspace, prepared, after or prepared.state)
    try:
        stored, verified, posts = follow_up(outside, after, post_new(workspace, prepared, options) if post else None)
    except NotVerified as error:
        error.repair = repair
        raise
    refuse_lost(prepared, repair)
    watched_alone = not workspace.config.announce.heartbeat and workspace.storage.keeps_conditions  # else each publish looks
    if after is None and snapshot is not None and not (options.forces or prepared.held) and watched_alone:
        turns = turning_points(prepared.source.streams, options.now)
        told = stored.announced >= stored.generation or not is_wanted(workspace.config)
        quiet = quiet_publish(workspace, stored, (due, turns), options.now, result, told=told and not owes(stored, workspace.config))
        snapshot.remember(quiet, prepared.source.named)
    answered = post and bring_answers(workspace, prepared.state, stored, options.now)
    return replace(result, verified=verified, posts=posts or None), answered


def _only_told(workspace: Workspace, prepared: Prepared, found: Look, options: Options) -> Published:
    """The plan and what is wrong, shown and nothing else."""
    show_findings(workspace.console, prepared.findings, untouched(prepared.state, prepared.rendering))
    show_plan(workspace, prepared, asked_for=True, markdown=options.markdown)
    show_held(workspace.console, prepared.held)
    posts = would_post(workspace, prepared, options)
    repair = repair_of(workspace, found, prepared, done=False)
    refuse_lost(prepared, repair)
    return replace(result_of(workspace, prepared, None), repair=repair, posts=posts)


def _remember_here(workspace: Workspace, prepared: Prepared, stored: State) -> None:
    """What the next publish of this folder knows: the published texts, what is lost still, and what this folder has seen.

    Words of the show that change nothing are not stored, and so not seen there either.
    """
    workspace.published_copies.keep({item.slug: item.source for item in prepared.publication.episodes})
    remember(workspace, prepared)
    words = stored.words or parts_of_show(prepared.source)
    workspace.last_publish.keep(stored.generation, words, prepared.source.episodes)


def _runs(workspace: Workspace, options: Options) -> Iterator[Run]:
    """What a publish has of its own, once for each time that it is planned anew."""
    run = new_run(workspace.console, options, partial(purge_cdn, workspace))
    for _ in range(ATTEMPTS):
        yield replace(run, since=seconds_now())
