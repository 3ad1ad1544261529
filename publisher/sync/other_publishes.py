"""Publishes of others, or of our own that were cut: waited for, or finished from their claims."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import StorageError, UsageError
from publisher.stores.protocol import Headers, Stored
from publisher.sync.apply import commit, put_visible, with_etags
from publisher.sync.claims import LEASE, Claim, age, read_claim
from publisher.sync.lease import Lease
from publisher.sync.machine_lock import forget, has_died, process_of, shown_alive
from publisher.sync.this_run import ATTEMPTS, Overtaken, Run, seconds_now
from publisher.sync.uploads import generation_there, still_follows

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from publisher.core.layout import Key
    from publisher.state.state import State
    from publisher.sync.storage import Storage


CLOCK_HEADERS = Headers(content_type="text/plain; charset=utf-8", cache_control="no-store")


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
    watched = Watched(storage, run)
    while True:
        stored = storage.private.read(layout.claim(generation))
        if stored is None:
            return said_so
        if generation_there(storage) >= generation:
            return True
        claim = _claim_there(storage, generation, stored)
        if claim is None:
            return True
        storage.use_remembered(claim.state.conditions)
        machine = claim.machine or "another machine"
        if watched.is_dead(claim, stored):
            words = f"An earlier publish (from {machine}) was cut; finishing it first."
            if claim.withdrawn is not None:
                words = f"An earlier publish (from {machine}) was cut while it was taken back; doing so first."
            lost = f"What the storage remembered of this show is lost; taking it from the record of publish {generation}."
            run.say(words if generation == state.generation + 1 or claim.withdrawn is not None else lost)
            if finish(storage, state, claim, stored.etag, run, lately=watched.died_lately) is not None:
                run.finished([*(item.key for item in claim.objects), *_doomed(state, claim)])
            return True
        if time.monotonic() >= deadline:
            raise _busy(claim, machine)
        if not said_so:
            run.say(f"Another publish is running, from {machine}; waiting for it.")
            said_so = True
        time.sleep(min(1.0, max(0.05, deadline - time.monotonic())))


def _claim_there(storage: Storage, generation: int, stored: Stored) -> Claim | None:
    """The claim as stored; None where it was finished while we read it, and a prune has already deleted what it names."""
    try:
        return read_claim(storage.private, generation, stored.body)
    except StorageError:
        if generation_there(storage) < generation:
            raise
        return None


def _busy(claim: Claim, machine: str) -> StorageError:
    process = process_of(claim.owner)
    cause = "it holds the show until it is done, or for a minute after it has died"
    hint = "run this again in a minute, or let it wait: --wait 5m"
    if process:
        cause = f"it is process {process} of this machine, which is alive, and holds the show until it ends"
        hint = f"let it go on, or end it (kill {process}); the next publish finishes what it began"
    return StorageError(f"another publish is running, from {machine}", cause=cause, hint=hint, code="storage-busy")


class Watched:
    """A claim of another run, looked at again and again until it changes or its owner is known as dead."""

    def __init__(self, storage: Storage, run: Run) -> None:
        self._storage = storage
        self._run = run
        self._seen: tuple[str, datetime | None] = ("", None)
        self._since = 0.0
        self._told = False
        self.died_lately = False
        """Whether the owner was found dead before its lease was over: what it sent may be on its way."""

    def is_dead(self, claim: Claim, stored: Stored) -> bool:
        """Whether the owner is no more: proven on this machine; or its claim is old by the storage's clock; or it was not renewed while
        we looked on for a whole lease, whatever clocks say. A process of this machine that is alive is never taken for dead.
        """
        if process_of(claim.owner):
            return False
        deletes = not claim.objects  # a prune, or one that is taken back
        late = deletes and self._storage.is_remote  # what a dead one sent may come yet
        here = bool(claim.machine) and claim.machine == self._run.machine
        if claim.owner == self._run.owner or (here and not late and has_died(claim.owner)):
            self.died_lately = self._storage.is_remote and not self._is_old(stored)
            return True
        if (stored.etag, stored.modified) != self._seen:
            self._seen, self._since = (stored.etag, stored.modified), seconds_now()
        return seconds_now() - self._since > LEASE or self._is_old(stored)

    def _is_old(self, stored: Stored) -> bool:
        """Whether the claim was last written longer than a lease ago. A service may have two clocks: what it says of now counts only
        where it stamps an object that we write now with the same time.
        """
        if age(stored.served, stored.modified) <= LEASE or self._told:
            return False
        key = layout.probe(f"clock-{self._run.owner}")
        self._storage.private.put(key, b"the time\n", CLOCK_HEADERS)
        now = self._storage.private.head(key)
        self._storage.private.delete([key])
        self._told = now is None or age(now.modified, stored.modified) <= LEASE
        return not self._told


def finish(storage: Storage, before: State, claim: Claim, etag: str, run: Run, *, lately: bool = False) -> State | None:
    """Roll a claim forward whose owner has died, or take it back where that was begun; None when somebody else does it. Where it died
    `lately`, State says so: whatever the next publish puts back might be what a request of the dead one asks for.
    """
    lease = Lease(storage, replace(claim, owner=run.owner, machine=run.machine), etag)
    try:
        with shown_alive(run.owner):
            lease.renew()
            if not still_follows(storage, before):  # its owner finished it while we slept over the look; it stays, as a record
                return None
            with lease.kept():
                if claim.withdrawn is not None:
                    lease.clear()
                    return before
                lease.progress.seen = True
                storage.public.delete(_doomed(before, claim), fence=lease.fence)
                etags = put_visible(storage, claim.objects, before, claim.generation, run, lease.progress)
                lease.settle()
                after = replace(with_etags(claim.state, etags), unsettled=claim.generation if lately else 0)
                return commit(storage, after, before, lease.fence)
    except Overtaken:
        forget(run.owner)
        return None


def _doomed(before: State, claim: Claim) -> list[Key]:
    """What a prune was to delete, of what no longer counted: nobody remembers it afterwards."""
    if claim.objects or claim.withdrawn is not None:
        return []
    return sorted(key for key, stored in before.objects.items() if stored.gone and key not in claim.state.objects)
