"""The two sides of the storage, and who this run of the command is."""

from __future__ import annotations

import datetime as dt
import hashlib
import platform
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from publisher.stores.protocol import Conditions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from publisher.core.console import Console
    from publisher.core.layout import Key
    from publisher.recipes.artifacts import Artifact
    from publisher.state.state import State
    from publisher.stores.protocol import Store


ATTEMPTS = 8
"""How often a publish plans again because others were faster."""
PATIENCE = 75.0
"""Seconds to wait for another publish; a little more than a dead one's lease."""
KEPT = 100
"""Publishes whose times State remembers."""


class Overtaken(Exception):  # noqa: N818  an expected answer: plan again
    """Another publish was faster, or has finished ours. State must be read and the plan made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where objects go: `public` is what listeners reach, `private` keeps State and claims (usually the same)."""

    public: Store
    private: Store

    def as_remembered(self, conditions: Conditions) -> str:
        """What was found out about conditional writes, and where, as State remembers it."""
        mark = hashlib.sha256(self.private.place.encode()).hexdigest()[:12] if self.private.place else ""
        return f"{conditions} {mark}".strip()

    def heed(self, remembered: str) -> bool:
        """Believe what an earlier publish found out; False where there is nothing, or it was found out at another place."""
        for conditions in get_args(Conditions):
            if self.as_remembered(conditions) == remembered:
                self.private.conditions = self.public.conditions = conditions
                return True
        return False

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Meanwhile what is under way is given up."""
        both = (self.public.stopped, self.private.stopped)
        for stopped in both:
            stopped.set()
        try:
            yield
        finally:
            for stopped in both:
                stopped.clear()

    def flush(self) -> None:
        """Both, durably."""
        self.public.flush()
        if self.private is not self.public:
            self.private.flush()


def seconds_now() -> float:
    """A clock that goes on while a laptop sleeps, where the system has one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) if hasattr(time, "clock_gettime") else time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the command: who it is, and whom it tells. `progress` hears of each upload done, `drift` of each object
    that somebody else had changed, `finished` of the keys that a cut publish left and we put; `overwrite` says that objects
    which are not ours may be; `since` is when State was read.
    """

    owner: str
    machine: str
    overwrite: bool = False
    since: float = field(default_factory=seconds_now)
    progress: Callable[[Artifact], None] = lambda _item: None
    drift: Callable[[Key], None] = lambda _key: None
    finished: Callable[[Sequence[Key]], None] = lambda _keys: None


def new_run(console: Console, forces: Collection[str] = (), *, finished: Callable[[Sequence[Key]], None] = lambda _keys: None) -> Run:
    """Who this run of the command is, and what it may do."""
    return Run(
        owner=secrets.token_hex(8),
        overwrite="overwrite" in forces,
        machine=platform.node(),
        drift=lambda key: console.warn(f"somebody else had changed {key} on the storage; it is ours again"),
        finished=finished,
    )


def recent(state: State, now: dt.datetime) -> dict[str, str]:
    """When the last hundred publishes were made, with the coming one."""
    rows = {**state.published, str(state.generation + 1): now.astimezone(dt.UTC).isoformat(timespec="seconds")}
    return {number: rows[number] for number in sorted(rows, key=int)[-KEPT:]}
