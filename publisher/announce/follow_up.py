"""After a publish: purge, look from outside, announce; what an earlier one did not get to is made up for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import Severity
from publisher.announce.hubs import announce_when_online, is_wanted
from publisher.core.console import count_words
from publisher.core.errors import NotVerified
from publisher.core.json_results import FindingRow
from publisher.incremental_build.artifacts import Phase
from publisher.sync.apply import commit
from publisher.sync.this_run import Overtaken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.core.command_call import Options
    from publisher.core.layout import Key
    from publisher.folder_to_plan import Prepared
    from publisher.state.state import State
    from publisher.workspace import Workspace


def follow_up(
    workspace: Workspace, prepared: Prepared, after: State | None, options: Options
) -> tuple[State, tuple[FindingRow, ...] | None]:
    """Purge, verify, announce; what an earlier publish did not get to is made up for. Gives State, which remembers what went well,
    and what the look from outside found (None: nobody looked).
    """
    state = after or prepared.state
    sent = prepared.plan.uploads if after is not None else ()
    done = state
    verified: tuple[FindingRow, ...] | None = None
    if sent:
        purge_cdn(workspace, prepared.plan.in_caches)
    try:
        if options.verify and state.verified < state.generation:
            verified = _verify(workspace, prepared)
            done = replace(done, verified=state.generation)
        if state.announced < state.generation and is_wanted(workspace.config):
            owed = not sent or prepared.state.announced < prepared.state.generation
            new = owed or any(change.phase is Phase.FEED for change in sent)
            warnings = announce_when_online(workspace, state.generation) if new else []
            workspace.console.warn_each(warnings)
            if not warnings:
                done = replace(done, announced=state.generation)
    finally:
        if done is not state:
            with suppress(Overtaken):
                state = commit(workspace.storage, done, state)
                workspace.state_copies.write(state)
    return state, verified


def purge_cdn(workspace: Workspace, keys: Sequence[Key]) -> None:
    """Make the content network forget these keys, where there is one; what did not work is a warning."""
    if keys and workspace.config.cdn.purge:
        from publisher.announce.cdn_purge import purge_keys

        workspace.console.warn_each(purge_keys(workspace, keys))


def _verify(workspace: Workspace, prepared: Prepared) -> tuple[FindingRow, ...]:
    """The look from outside. Raises NotVerified when what is served is not right."""
    from publisher.render_show import feed_in
    from publisher.verify.show import verify_show

    findings = verify_show(workspace, newest=10, expected_feed=feed_in(prepared.rendering))
    errors = [item for item in findings if item.severity is Severity.ERROR]
    warnings = [item for item in findings if item.severity is Severity.WARNING]
    for item in warnings:
        workspace.console.warn(f"{item.code} {item.message}")
    if errors:
        missing = "the next publish puts back what the storage lacks; " if workspace.missing_addresses.read() else ""
        raise NotVerified(
            f"published, but what is served is not right: {count_words(len(errors), 'fault')}",
            cause="\n".join(f"{item.code} {item.message}" for item in errors[:10]),
            hint=f"{missing}`publish verify` looks again",
            code="not-verified",
        )
    config = workspace.config
    if config.storage.is_bucket:
        workspace.console.say("Looked at it from outside: all well." if not warnings else "Looked at it from outside.")
    else:
        folder = config.storage.url.rstrip("/")
        workspace.console.say(f"Written into {folder}/; upload it to where {config.site.url} is served, then `publish verify --online`.")
    return tuple(FindingRow.of(item) for item in findings)
