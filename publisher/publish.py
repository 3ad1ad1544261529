"""The straight line: load, check, render, plan, apply, verify. Each step is a value that can be printed and tested."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from publisher.announce.follow_up import _afterwards, _announces, _warn, forget
from publisher.carry_out import _carry_out
from publisher.core.console import count_words, size_words
from publisher.core.errors import StorageError
from publisher.load.schedule import waiting
from publisher.prepare import Prepared, prepare
from publisher.publish_report import finding_document, show_findings, show_plan, show_steps
from publisher.sync.other_publishes import finish_or_wait
from publisher.sync.run import ATTEMPTS, PATIENCE, Overtaken, Run, new_run, seconds_now

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from publisher.core.options import Options
    from publisher.nothing_to_do import Glance, Quiet
    from publisher.state.state import State
    from publisher.workspace import Workspace


def publish(
    workspace: Workspace, options: Options, edit: Callable[[State], State] = lambda state: state, glance: Glance | None = None
) -> dict[str, Any]:
    """Check, plan, apply and verify; the result document of `--json`. Raises AirdateError with the documented status.

    `edit` changes what is remembered before the plan is made: a withdrawal. `glance` is the folder before anything was read.
    """
    watchdog = workspace.config.announce
    if options.dry_run or not watchdog.heartbeat:
        return _publish(workspace, options, edit, glance)
    from publisher.announce.hubs import heartbeat
    from publisher.announce.service_requests import again

    line = again(workspace, "")
    event: Literal["success", "fail"] = "fail"
    _warn(workspace.console, heartbeat(watchdog, "start", again=line))
    try:
        document = _publish(workspace, options, edit)
        event = "success"
    finally:
        _warn(workspace.console, heartbeat(watchdog, event, again=line))
    return document


def _publish(workspace: Workspace, options: Options, edit: Callable[[State], State], glance: Glance | None = None) -> dict[str, Any]:
    console = workspace.console
    run = new_run(workspace.console, options.forces, finished=partial(forget, workspace))
    with nullcontext() if options.dry_run else workspace.store.lock(wait=options.wait):
        for _ in range(ATTEMPTS):
            run = replace(run, since=seconds_now())
            state = workspace.read_state()
            if state.first and not options.dry_run and _settled(workspace, state, run, options):
                continue  # a first publish that was cut: what lies there is ours
            prepared = prepare(workspace, edit(state), options)
            if options.dry_run:
                show_findings(console, prepared.findings)
                show_plan(console, workspace, prepared)
                return _document(workspace, prepared, None, options.now)
            try:
                after = _carry_out(workspace, prepared, options, run)
            except Overtaken:
                console.say("Another publish was faster; planning again.")
                _settled(workspace, workspace.read_state(), run, options)
                continue
            if after is not None or not _settled(workspace, state, run, options):
                break
        else:
            raise StorageError("other publishes were faster each time", hint="run this again when they are done", code="storage-busy")
    document = _document(workspace, prepared, after, options.now)
    if after is None:
        console.say("Nothing changed, nothing sent.")
    elif not prepared.plan.changes:
        console.say("Nothing changed for listeners; made anew by this version, with the same bytes.")
    else:
        workspace.forget_copies()
        sent = f"{count_words(len(prepared.plan.uploads), 'file')}, {size_words(prepared.plan.bytes_to_send)}"
        console.say(f"{console.paint('Published', '32', '1')}: {sent} in {console.seconds:.1f} s.")
    due = waiting(prepared.publication, options.now)
    config = workspace.config
    show_steps(console, config.feed_url, config.home_url, due, "" if config.storage.is_bucket else config.storage.url)
    stored = _afterwards(workspace, prepared, after, options, document)
    if after is None and glance is not None and not options.forces:
        glance.remember(_quiet(workspace, stored, due, options, document), prepared.source.named)
    return document


def _quiet(workspace: Workspace, stored: State, due: Sequence[dt.datetime], options: Options, document: dict[str, Any]) -> Quiet:
    """What the next publish need not find out again."""
    from publisher.nothing_to_do import Quiet

    storage = workspace.config.storage
    return Quiet(
        etag=stored.etag,
        now=options.now.isoformat(),
        due=[moment.isoformat() for moment in due],
        looked=stored.verified >= stored.generation,
        told=stored.announced >= stored.generation or not (workspace.config.feed.hubs or _announces(workspace)),
        storage=asdict(storage.location(storage.private or storage.url)),
        folder="" if storage.is_bucket else storage.url,
        home_url=workspace.config.home_url,
        document={name: value for name, value in document.items() if name != "verified"},
    )


def _settled(workspace: Workspace, state: State, run: Run, options: Options) -> bool:
    """Whether there was a publish after `state`, which is finished now."""
    return finish_or_wait(workspace.storage, state, run, patience=max(options.wait, PATIENCE), say=workspace.console.say)


def _document(workspace: Workspace, prepared: Prepared, after: State | None, now: dt.datetime) -> dict[str, Any]:
    plan = prepared.plan
    due = waiting(prepared.publication, now)
    return {
        "changes": [change.document() for change in plan.changes],
        "summary": plan.summary(),
        "findings": [finding_document(finding) for finding in prepared.findings],
        "generation": (after or prepared.state).generation,
        "requests": workspace.store.requests,
        "bytes_sent": plan.bytes_to_send if after else 0,
        "seconds": round(workspace.console.seconds, 3),
        "feed_url": workspace.config.feed_url,
        "next_due": due[0].isoformat() if due else None,
    }
