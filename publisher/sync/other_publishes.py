"""Publishes of others, or of our own that were cut: waited for, or finished from their claims."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import StorageError, UsageError
from publisher.stores.protocol import ConditionFailed
from publisher.sync.apply import commit, put_visible, with_etags
from publisher.sync.claims import LEASE, Claim, age, read_claim
from publisher.sync.lease import renew, renewed
from publisher.sync.machine_lock import has_died, shown_alive
from publisher.sync.this_run import ATTEMPTS, Overtaken, Run
from publisher.sync.uploads import ClaimProgress, generation_there

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.state.state import State
    from publisher.sync.storage import Storage


def idle_state(storage: Storage, read: Callable[[], State], run: Run) -> State:
    """State, with no publish running or left unfinished after it. Raises StorageError."""
    for _ in range(ATTEMPTS):
        state = read()
        if state.first:
            raise UsageError("nothing is published here yet", hint="`publish` does it", code="nothing-published")
        if not finish_or_wait(storage, state, run):
            return state
    raise StorageError("other publishes were faster each time", hint="run this again when they are done", code="storage-busy")


def finish_or_wait(storage: Storage, state: State, run: Run) -> bool:
    """Look for a publish after `state` that is not finished. False: there is none. True: there was one, and it is finished now
    (by its owner, or by us when its owner had died): read State again.

    Raises StorageError `storage-busy` when its owner is alive and the run's patience was not enough.
    """
    generation = state.generation + 1
    if state.first:  # what lies there tells whether State was lost: its last claim holds it
        generation = max(
            (number for item in storage.private.list(layout.CLAIMS) if (number := layout.generation_in(item.key)) is not None), default=1
        )
    deadline = time.monotonic() + run.patience
    said_so = False
    while True:
        stored = storage.private.read(layout.claim(generation))
        if stored is None:
            return said_so
        if generation_there(storage) >= generation:
            return True
        claim = read_claim(storage.private, generation, stored.body)
        storage.use_remembered(claim.state.conditions)
        machine = claim.machine or "another machine"
        if age(stored.served, stored.modified) > LEASE or claim.owner == run.owner or _died_here(claim, run):
            words = f"An earlier publish (from {machine}) was cut; finishing it first."
            lost = f"What the storage remembered of this show is lost; taking it from the record of publish {generation}."
            run.say(words if generation == state.generation + 1 else lost)
            if finish(storage, state, claim, stored.etag, run) is not None:
                run.finished([item.key for item in claim.objects])
            return True
        if time.monotonic() >= deadline:
            raise StorageError(
                f"another publish is running, from {machine}",
                cause="it holds the show until it is done, or for a minute after it has died",
                hint="run this again in a minute, or let it wait: --wait 5m",
                code="storage-busy",
            )
        if not said_so:
            run.say(f"Another publish is running, from {machine}; waiting for it.")
            said_so = True
        time.sleep(min(1.0, max(0.05, deadline - time.monotonic())))


def _died_here(claim: Claim, run: Run) -> bool:
    """Whether the owner was a process of this machine that is gone: nobody needs to wait for its lease."""
    return bool(claim.machine) and claim.machine == run.machine and has_died(claim.owner)


def finish(storage: Storage, before: State, claim: Claim, etag: str, run: Run) -> State | None:
    """Roll a claim forward whose owner has died; None when somebody else does it."""
    ours = replace(claim, owner=run.owner, machine=run.machine)
    try:
        with shown_alive(run.owner):
            etag = renew(storage, ours, etag)
            with renewed(storage, ours, etag):
                etags = put_visible(storage, claim.objects, before, claim.generation, run, ClaimProgress(seen=True))
                return commit(storage, with_etags(claim.state, etags), before)
    except (ConditionFailed, Overtaken):
        return None
