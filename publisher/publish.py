"""The straight line: load, check, render, plan, apply, verify. Each step is a value that can be printed and tested."""

from __future__ import annotations

import datetime as dt
import platform
import secrets
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from feed.findings import Finding, Severity
from publisher.apply import apply_changes, commit, settle_claim
from publisher.console import count_words, size_words
from publisher.errors import ContentError, NotVerified, PlanRefused, StorageError
from publisher.plan import Plan, make_plan, next_state
from publisher.publication import Publication, ledger, publication
from publisher.putting import Overtaken, Run, seconds_now
from publisher.rendering import Renderer, Rendering
from publisher.state import State, Text
from publisher.telling import finding_document, show_findings, show_plan, show_steps
from publisher.tripwires import refuse, tripwires

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from publisher.console import Console
    from publisher.load import ShowSource
    from publisher.served import LiveFeed
    from publisher.unchanged import Glance, Quiet
    from publisher.workspace import Workspace


ATTEMPTS = 8
"""How often a publish plans again because others were faster."""
PATIENCE = 75.0
"""Seconds to wait for another publish; a little more than a dead one's lease."""
KEPT = 100
"""Publishes whose times State remembers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says. `now` is read once there."""

    now: dt.datetime
    yes: bool = False
    strict: bool = False
    verify: bool = True
    dry_run: bool = False
    forces: frozenset[str] = frozenset()
    wait: float = 0.0
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything that is known before the first byte leaves."""

    source: ShowSource
    state: State
    publication: Publication
    rendering: Rendering
    plan: Plan
    findings: tuple[Finding, ...]


def publish(
    workspace: Workspace, options: Options, edit: Callable[[State], State] = lambda state: state, glance: Glance | None = None
) -> dict[str, Any]:
    """Check, plan, apply and verify; the result document of `--json`. Raises AirdateError with the documented status.

    `edit` changes what is remembered before the plan is made: a withdrawal. `glance` is the folder before anything was read.
    """
    watchdog = workspace.config.announce
    if options.dry_run or not watchdog.heartbeat:
        return _publish(workspace, options, edit, glance)
    from publisher.announce import heartbeat
    from publisher.asking import again

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
    run = new_run(workspace, options.forces)
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
    show_steps(console, workspace.feed_url, workspace.home_url, due, workspace.folder_of_storage)
    stored = _afterwards(workspace, prepared, after, options, document)
    if after is None and glance is not None and not options.forces:
        glance.remember(_quiet(workspace, stored, due, options, document), prepared.source.named)
    return document


def _quiet(workspace: Workspace, stored: State, due: Sequence[dt.datetime], options: Options, document: dict[str, Any]) -> Quiet:
    """What the next publish need not find out again."""
    from publisher.unchanged import Quiet

    return Quiet(
        etag=stored.etag,
        now=options.now.isoformat(),
        due=[moment.isoformat() for moment in due],
        looked=stored.verified >= stored.generation,
        told=stored.announced >= stored.generation or not (workspace.config.feed.hubs or _announces(workspace)),
        storage=workspace.place_of_state,
        folder=workspace.folder_of_storage,
        home_url=workspace.home_url,
        document={name: value for name, value in document.items() if name != "verified"},
    )


def _afterwards(workspace: Workspace, prepared: Prepared, after: State | None, options: Options, document: dict[str, Any]) -> State:
    """Purge, verify, announce; what an earlier publish did not get to is made up for. State, which remembers what went well."""
    state = after or prepared.state
    keys = [change.key for change in prepared.plan.uploads] if after is not None else []
    done = state
    if keys:
        forget(workspace, prepared.plan.in_caches)
    try:
        if options.verify and state.verified < state.generation:
            _verify(workspace, prepared, document)
            done = replace(done, verified=state.generation)
        if state.announced < state.generation and (workspace.config.feed.hubs or _announces(workspace)):
            from publisher.announce import after_publish as announce

            owed = not keys or prepared.state.announced < prepared.state.generation
            warnings = announce(workspace, state.generation, [workspace.config.feed.file] if owed else keys)
            _warn(workspace.console, warnings)
            if not warnings:
                done = replace(done, announced=state.generation)
    finally:
        if done is not state:
            with suppress(Overtaken):
                state = commit(workspace.storage, done, state)
                workspace.remember(state)
    return state


def forget(workspace: Workspace, keys: Sequence[str]) -> None:
    """Make the content network forget these keys, where there is one; what did not work is a warning."""
    if keys and workspace.config.cdn.purge:
        from publisher.purge import purge_keys

        _warn(workspace.console, purge_keys(workspace, keys))


def _announces(workspace: Workspace) -> bool:
    return workspace.config.announce.podping or workspace.config.announce.podcast_index


def _warn(console: Console, warnings: Sequence[str]) -> None:
    for words in warnings:
        console.warn(words)


def _settled(workspace: Workspace, state: State, run: Run, options: Options) -> bool:
    """Whether there was a publish after `state`, which is finished now."""
    return settle_claim(workspace.storage, state, run, patience=max(options.wait, PATIENCE), say=workspace.console.say)


def withdraw(workspace: Workspace, slug: str, options: Options, *, ask: Callable[[str], bool]) -> dict[str, Any]:
    """Take an episode down: out of feed, lists and search, its page says so, and every record that held it is scrubbed."""
    from publisher.history import scrub, withdrawn

    title = withdrawn(workspace.read_state(), slug).episodes[slug].title
    if not ask(f"Take “{title or slug}” down for all listeners?"):
        raise PlanRefused("nothing was changed: you said no", code="refused-by-you")
    try:
        document = publish(workspace, replace(options, yes=True), lambda state: withdrawn(state, slug))
    except NotVerified:
        scrub(workspace.storage, workspace.read_state())
        raise
    records = scrub(workspace.storage, workspace.read_state())
    workspace.console.say(
        f"“{title or slug}” is withdrawn; {count_words(records, 'old record')} of it scrubbed. `publish prune` deletes the recording."
    )
    return document


def new_run(workspace: Workspace, forces: Collection[str] = ()) -> Run:
    """Who this run of the command is, and what it may do."""
    console = workspace.console
    return Run(
        owner=secrets.token_hex(8),
        overwrite="overwrite" in forces,
        machine=platform.node(),
        drift=lambda key: console.warn(f"somebody else had changed {key} on the storage; it is ours again"),
        finished=lambda keys: forget(workspace, keys),
    )


def _carry_out(workspace: Workspace, prepared: Prepared, options: Options, run: Run) -> State | None:
    """Apply the plan; None when there was nothing to do."""
    console = workspace.console
    plan = prepared.plan
    fresh = prepared.rendering.episodes.keys() - prepared.state.episodes.keys()
    if not plan.changes and not fresh and not plan.stale_fingerprints:
        show_findings(console, prepared.findings)
        return None
    show_findings(console, prepared.findings)
    if plan.changes or fresh:
        show_plan(console, workspace, prepared)
        _ask(console, prepared, options)
    before = prepared.state
    if not workspace.storage.heed(before.conditions):
        before = replace(before, conditions=_conditions(workspace))
    config = workspace.config
    after = next_state(
        before,
        plan,
        {},
        show_guid=prepared.source.guid,
        show_title=config.show.title,
        site_url=config.site.url,
        pretty_urls=config.site.pretty_urls,
        feed_key=config.feed.file,
        held=0,
        episodes=ledger(
            before,
            prepared.rendering.episodes,
            Text(digest="", at=options.now.astimezone(dt.UTC).isoformat(timespec="seconds"), machine=run.machine),
            {content.slug: content.source.text_digest for content in prepared.rendering.contents},
        ),
        published=recent(before, options.now),
    )
    if not plan.changes:  # what was looked at and announced is what is there still
        made = after.generation
        after = replace(
            after,
            verified=made if before.verified == before.generation else before.verified,
            announced=made if before.announced == before.generation else before.announced,
        )
    with console.progress("sending", plan.bytes_to_send) as progress:
        run = replace(run, progress=lambda item: progress.add(item.size, item.key))
        uploads = [change.artifact for change in plan.uploads if change.artifact is not None]
        stored = apply_changes(workspace.storage, uploads, before, after, run)
    workspace.remember(stored)
    return stored


def recent(state: State, now: dt.datetime) -> dict[str, str]:
    """When the last hundred publishes were made, with the coming one."""
    rows = {**state.published, str(state.generation + 1): now.astimezone(dt.UTC).isoformat(timespec="seconds")}
    return {number: rows[number] for number in sorted(rows, key=int)[-KEPT:]}


def _conditions(workspace: Workspace) -> str:
    """What the storage makes of conditional writes: asked once, on the first publish to it."""
    from publisher.stores.probing import probe

    found = probe(workspace.storage.private)
    workspace.store.conditions = found
    if found != "enforced":
        workspace.console.warn(
            "this storage has no conditional writes: two publishes at the same moment are only kept apart by a short wait; let one machine publish"
        )
    return workspace.storage.as_remembered(found)


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
        "feed_url": workspace.feed_url,
        "next_due": due[0].isoformat() if due else None,
    }


def prepare(workspace: Workspace, state: State, options: Options) -> Prepared:
    """Load, check, render and plan. Raises ContentError for findings that stop a publish, PlanRefused for tripwires."""
    live: LiveFeed | None = None
    if state.first:
        from publisher import adopting

        live = adopting.live_feed(workspace, options.forces)
        state = (live.state if live is not None else None) or state
    source = workspace.load(state)
    if state.first and state.show_guid != source.guid and "show" in options.forces:
        state = State()  # what another show had is none of ours
    published = publication(source, state, options.now, workspace.measure, workspace.choose, workspace.staged)
    workspace.facts.save()
    make_copy: Callable[..., Any] = workspace.make_copy
    if live is not None:
        published = adopting.with_addresses(published, live)
        make_copy = adopting.kept_copies(workspace, live, options.forces)
    _refuse_early(source, state, published, options, live)
    if live is not None and state.episodes:
        adopting.taken_over(workspace, state, live)
    renderer = Renderer(
        source, state, published, make_copy, measure_other=workspace.measure_other, notes=workspace.notes, accent=workspace.accent
    )
    rendering = renderer.render()
    workspace.facts.save()
    from publisher.checks import apply_show_exceptions, check_rendering

    findings = [*source.findings, *published.findings, *rendering.findings, *check_rendering(source, state, rendering, options)]
    if live is not None and state.episodes:
        findings += adopting.changed_recordings(live, rendering, options.forces)
    findings = settle(apply_show_exceptions(findings, workspace.config), state, rendering)
    stop = [item for item in findings if item.severity is Severity.ERROR or (options.strict and item.severity is Severity.WARNING)]
    if stop:
        raise ContentError(f"not published: {count_words(len(stop), 'fault')} to mend first", findings, code="content-invalid")
    plan = make_plan(state, rendering.build.site)
    if state.first:
        uploads = [change.artifact for change in plan.uploads if change.artifact is not None]
        refuse(adopting.overwrite_tripwire(workspace.store, workspace.config.feed.file, uploads), options.forces)
    return Prepared(source=source, state=state, publication=published, rendering=rendering, plan=plan, findings=tuple(findings))


def _refuse_early(source: ShowSource, state: State, published: Publication, options: Options, live: LiveFeed | None) -> None:
    """Tripwires, before anything is rendered; faults of the content come first, since they explain most of them."""
    faults = [item for item in (*source.findings, *published.findings) if item.severity is Severity.ERROR]
    if faults:
        raise ContentError(
            f"not published: {count_words(len(faults), 'fault')} to mend first",
            (*source.findings, *published.findings),
            code="content-invalid",
        )
    tripped = tripwires(source, state, published)
    if live is not None:
        from publisher.adopting import adopt_tripwire

        tripped += adopt_tripwire(live, published)
    refuse(tripped, options.forces)


def settle(findings: Iterable[Finding], state: State, rendering: Rendering) -> list[Finding]:
    """Findings as they count for a publish: errors on published episodes that this publish does not change are warnings."""
    untouched = {
        slug
        for slug in rendering.episodes
        if slug in state.episodes
        and not any(rendering.build.changed(f"{kind}/{slug}") for kind in ("transcript", "chapters", "page", "art"))
    }
    settled = []
    for finding in dict.fromkeys(findings):
        if finding.episode in untouched and finding.severity is Severity.ERROR and finding.code != "audio-frozen":
            finding = replace(finding, severity=Severity.WARNING)  # noqa: PLW2901
        settled.append(finding)
    return settled


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


def waiting(published: Publication, now: dt.datetime) -> list[dt.datetime]:
    """When the episodes are due that have a date and wait for it, soonest first."""
    return sorted(item.date for item in published.held_back if item.date is not None and item.date > now and not item.written.draft)


def _verify(workspace: Workspace, prepared: Prepared, document: dict[str, Any]) -> None:
    """The look from outside. Raises NotVerified when what is served is not right."""
    from publisher.checks import feed_in
    from publisher.looking import look

    findings = look(workspace, newest=10, expected_feed=feed_in(prepared.rendering))
    document["verified"] = [finding_document(item) for item in findings]
    errors = [item for item in findings if item.severity is Severity.ERROR]
    warnings = [item for item in findings if item.severity is Severity.WARNING]
    for item in warnings:
        workspace.console.warn(f"{item.code} {item.message}")
    if errors:
        raise NotVerified(
            f"published, but what is served is not right: {count_words(len(errors), 'fault')}",
            cause="\n".join(f"{item.code} {item.message}" for item in errors[:10]),
            hint="`publish verify` looks again",
            code="not-verified",
        )
    workspace.console.say("Looked at it from outside: all well." if not warnings else "Looked at it from outside.")
