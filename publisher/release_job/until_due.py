"""`publish --until-due`: what falls due within some time is rendered and sent ahead, and goes on the air at its second.

Nothing that listeners see is touched before, and no claim is held while it waits: another publish may come between, and is planned
upon. Ctrl-C while it waits leaves the show as it was.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from publisher.announce.follow_up import purge_cdn
from publisher.ask_and_apply import Ahead, send_ahead
from publisher.core.console import count_words
from publisher.load.dates import moment_words
from publisher.load.schedule import who_waits
from publisher.publish import publish
from publisher.publish_report import together
from publisher.sync.other_publishes import finish_or_wait
from publisher.sync.this_run import ATTEMPTS, new_run
from publisher.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.core.command_call import Options
    from publisher.core.json_results import Published
    from publisher.load.show_source import ShowSource
    from publisher.nothing_to_do import FolderSnapshot
    from publisher.state.state import State

LOOK = 20.0
"""Seconds before the due time at which it is asked whether somebody published meanwhile: there is time for another plan."""


def publish_until_due(
    workspace: Workspace, options: Options, within: float, snapshot: FolderSnapshot | None = None, *, clock: Callable[[], float] = time.time
) -> Published:
    """Publish at each time at which episodes are due within the next `within` seconds, planned for that instant; at once where there
    is none, and first where an episode of a show on the air is late already. Raises what `publish` raises; `clock` counts seconds.
    """
    state = workspace.state_copies.read()
    source = workspace.load(state)
    until = options.now + dt.timedelta(seconds=within)
    due = {item.source.slug: item.due for item in who_waits(source, state, options.now) if item.due is not None and item.due <= until}
    console, zone = workspace.console, workspace.config.show.timezone
    if not due:
        console.say(f"Nothing is due before {moment_words(until.isoformat(), zone)}: publishing what is there.")
        return publish(workspace, options, snapshot=snapshot)
    moments = sorted(set(due.values()))
    if options.dry_run:
        console.say(f"Planned for {moment_words(moments[0].isoformat(), zone)}, when it is due.")
        return publish(_at(workspace, moments[0]), replace(options, now=moments[0]))
    done = [publish(workspace, options)] if _is_late(source, state, options.now) else []
    for moment in moments:
        names = ", ".join(f"“{slug}”" for slug in sorted(due) if due[slug] == moment)
        at, then = _at(workspace, moment), replace(options, now=moment)
        instant = options.read_at + (moment - options.now).total_seconds()
        ahead = _ahead(at, then)
        left = instant - clock()
        console.say(f"{names}: due at {moment_words(moment.isoformat(), zone)}, in {_duration(left)}; all is sent that can be. Waiting.")
        try:
            _sleep(instant - LOOK, clock)
            if left > LOOK and not ahead.follows(at.state_copies.read()):
                console.say("Another publish came between; planning again.")
                ahead = _ahead(at, replace(then, yes=True))
            _sleep(instant, clock)
        except KeyboardInterrupt:
            words = (
                f"stopped while waiting: {names} is not on the air, and nothing is lost; the same command goes on, and sends nothing twice"
            )
            raise KeyboardInterrupt(words) from None
        done.append(publish(at, then, ahead=ahead))
    return together(done)


def _is_late(source: ShowSource, state: State, now: dt.datetime) -> bool:
    """Whether an episode should be on the air of a show that is."""
    known = state.by_guid()
    waiting = {item.source.guid for item in who_waits(source, state, now)}
    return not state.first and any(item.guid not in known and item.guid not in waiting for item in source.episodes)


def _at(workspace: Workspace, moment: dt.datetime) -> Workspace:
    """The same show at another time."""
    fresh = Workspace(workspace.file, workspace.console, moment)
    fresh.cache = workspace.cache
    return fresh


def _ahead(workspace: Workspace, options: Options) -> Ahead:
    """The plan for that instant, asked about, and sent as far as nobody sees it; what a publish left that was cut is finished first."""
    run = new_run(workspace.console, options, partial(purge_cdn, workspace))
    with workspace.store.lock(wait=options.wait):
        for _ in range(ATTEMPTS):
            state = workspace.state_copies.read()
            if not finish_or_wait(workspace.storage, state, run):
                break
        return send_ahead(workspace, state, options, run)


def _sleep(until: float, clock: Callable[[], float]) -> None:
    """Sleep in short pieces, since a machine that sleeps itself, or a clock that is set, moves the end."""
    while (left := until - clock()) > 0:
        time.sleep(min(left, 1.0))


def _duration(seconds: float) -> str:
    return count_words(round(seconds / 60), "minute") if seconds >= 90 else count_words(max(0, round(seconds)), "second")
