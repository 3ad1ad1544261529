"""One run of the command: who it is, how long it waits for others, and that others may be faster."""

from __future__ import annotations

import datetime as dt
import platform
import secrets
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from publisher.core.command_call import Options
    from publisher.core.console import Console
    from publisher.core.layout import Key
    from publisher.incremental_build.artifacts import Artifact
    from publisher.state.state import State

ATTEMPTS = 8
"""How often a publish plans again because others were faster."""
PATIENCE = 75.0
"""Seconds to wait for another publish; a little more than a dead one's lease."""
KEPT = 100
"""Publishes whose times State remembers."""


class Overtaken(Exception):  # noqa: N818  an expected answer: plan again
    """Another publish was faster, or has finished ours. State must be read and the plan made again."""


def seconds_now() -> float:
    """A clock that goes on while a laptop sleeps, where the system has one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) if hasattr(time, "clock_gettime") else time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the command: who it is, how long it waits for others (`patience`, seconds), and whom it tells. `progress` hears of
    each upload done, `drift` of each object that somebody else had changed, `finished` of the keys that a cut publish left and we
    put; `overwrite` says that objects which are not ours may be; `damaged` are objects with a hash in their names that hold other bytes, with their ETags, and
    are put over; `sent` was put ahead, by key with ETags; `since` is when State was read. What is `beside` goes on while State is
    written: all that listeners see is there by then.
    """

    owner: str
    machine: str
    overwrite: bool = False
    damaged: Mapping[Key, str] = field(default_factory=dict)
    sent: Mapping[Key, str] = field(default_factory=dict)
    since: float = field(default_factory=seconds_now)
    patience: float = PATIENCE
    say: Callable[[str], None] = lambda _words: None
    progress: Callable[[Artifact], None] = lambda _item: None
    drift: Callable[[Key], None] = lambda _key: None
    finished: Callable[[Sequence[Key]], None] = lambda _keys: None
    beside: Callable[[State], AbstractContextManager[None]] = lambda _after: nullcontext()


def new_run(console: Console, options: Options, finished: Callable[[Sequence[Key]], None]) -> Run:
    """Who this run of the command is, and what it may do."""
    return Run(
        owner=secrets.token_hex(8),
        overwrite="overwrite" in options.forces,
        machine=platform.node(),
        patience=max(options.wait, PATIENCE),
        say=console.say,
        drift=lambda key: console.warn(f"somebody else had changed {key} on the storage; it is ours again"),
        finished=finished,
    )


def recent_publishes(state: State, now: dt.datetime) -> dict[str, str]:
    """When the last hundred publishes were made, with the coming one."""
    rows = {**state.published, str(state.generation + 1): now.astimezone(dt.UTC).isoformat(timespec="seconds")}
    return {number: rows[number] for number in sorted(rows, key=int)[-KEPT:]}
