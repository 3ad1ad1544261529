"""A claim held: taken once, renewed while the work goes on, asked before what no condition guards, taken back when nothing was seen."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import bytes_of
from publisher.stores.protocol import ConditionFailed
from publisher.sync.claims import HEADERS, LEASE, ON_ITS_WAY, RENEWAL, Claim, age, history_parts, owner_of, write_claim
from publisher.sync.machine_lock import forget, shown_alive
from publisher.sync.this_run import Overtaken, seconds_now
from publisher.sync.uploads import ClaimProgress, generation_there, holds, put_all_bytes, still_follows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from publisher.core.layout import Key
    from publisher.state.state import State
    from publisher.sync.storage import Storage

ADVISORY_PAUSE = 1.0
"""Seconds for the writes of others to land, where the service knows no conditional writes."""
PASSING = frozenset({"storage-lost", "storage-unreachable", "storage-dns", "storage-busy-server"})
"""Failures after which a claim stays: the same publish goes through when the network is back."""


class Lease:
    """A claim that is ours, until when we know it to be, and how far its work has come. `etag` is what it has on the storage, "" where
    nothing may be yet. Safe to use from several threads.
    """

    def __init__(self, storage: Storage, claim: Claim, etag: str = "") -> None:
        self.claim = claim
        self.progress = ClaimProgress(fence=self.fence)
        self._storage = storage
        self._key = layout.claim(claim.generation)
        self._etag = etag
        self._beat = claim.beat
        self._ours: set[str] = set()
        self._renewed = self._asked = float("-inf")
        self._lost = False
        self._unanswered_before = self._unanswered
        self._guard = threading.RLock()

    def take(self, before: State) -> None:
        """The claim's first write, which only one of several can make: ConditionFailed for the others. Raises Overtaken where it does not
        follow the last publish: a withdrawal deletes the claims before it, so their numbers are free again.
        """
        self._asked = seconds_now()
        self._write(self.claim)
        self._storage.private.flush()
        if not still_follows(self._storage, before):
            self.withdraw()
            raise Overtaken

    def renew(self, claim: Claim | None = None) -> None:
        """Write the claim once more, so that its age begins anew: as it was, as `claim`, or as one taken over from who has died.

        Raises Overtaken when it is somebody else's.
        """
        with self._guard:
            for _ in range(0 if self._lost else 2):
                # Each attempt has bytes of its own: where they are those that are there, others who looked do not notice it.
                self._beat += 1
                written = replace(claim or self.claim, beat=self._beat)
                try:
                    self._write(written)
                except ConditionFailed:
                    if not self._is_ours():  # where it is, an earlier write had arrived and its answer had not
                        break
                else:
                    self.claim = written
                    return
            self._lost = True
            raise Overtaken

    def fence(self) -> None:
        """Return where the claim is ours for half a lease yet, renewed for it if need be, so that nobody else can have begun. Asked before
        each delete and each write that listeners see, and before each repeat of one: a condition alone cannot tell a page that stayed
        from one that was put back. Raises Overtaken.
        """
        if seconds_now() - self._renewed > LEASE / 2:
            with self._guard:
                if seconds_now() - self._renewed > LEASE / 2:
                    self.renew()
        if self._lost or not (self._storage.keeps_conditions or self._is_ours()):
            raise Overtaken
        self._asked = seconds_now()
        if self._asked - self._renewed > LEASE / 2:  # the machine slept while we asked
            self.fence()

    def settle(self) -> None:
        """Wait until nothing that we sent can still be on its way: where a request had no answer, half a lease after the last one. Whoever
        lets go of a claim earlier may delete, or write, over what the next publish brings back.
        """
        while self._unanswered > self._unanswered_before and seconds_now() - self._asked <= ON_ITS_WAY:
            time.sleep(1.0)

    def outwait(self, before: State, say: Callable[[str], None]) -> None:
        """Where the publish `before` was finished for one that had just died, wait until nothing which that one sent can be on its way:
        a condition cannot tell a page that stayed from one that we put back. Counted by the storage's stamps on State and on our claim.
        """
        if before.first or before.unsettled != before.generation:
            return
        state, claim = map(self._storage.private.head, (layout.STATE_KEY, self._key))
        left = ON_ITS_WAY + 1.0 - age(claim.modified if claim else None, state.modified if state else None)  # a stamp is a whole second
        if left > 0:
            say(f"Waiting for {left:.0f} s: what the publish that was cut had sent may still arrive.")
            time.sleep(left)

    @property
    def _unanswered(self) -> int:
        return sum(store.unanswered for store in {self._storage.public, self._storage.private})

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renewed while the work goes on, so that nobody takes us for dead."""
        stop = threading.Event()

        def go_on() -> None:
            while not stop.wait(RENEWAL):
                with suppress(StorageError, Overtaken):
                    self.renew()

        thread = threading.Thread(target=go_on, name="claim", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(timeout=5)

    def withdraw(self) -> None:
        """Take the claim back, with the pages nobody has seen: first it says so itself, and only then they go. Where that fails, the
        next publish does it instead. Raises Overtaken when it is somebody else's.
        """
        with self.kept():
            if not self._etag and not self._is_ours():
                raise Overtaken
            passed = generation_there(self._storage) >= self.claim.generation  # its number was free again: what is there counts
            self.renew(replace(self.claim, withdrawn={} if passed else self._pages_of_ours()))
            self.clear()

    def clear(self) -> None:
        """Delete the pages of a withdrawn claim, and then the claim."""
        pages = self.claim.withdrawn or {}
        private = self._storage.private
        self._storage.public.delete(pages, etags=pages, fence=self.fence)
        private.delete(self.claim.parts, fence=self.fence)
        self.settle()
        with self._guard:
            private.delete([self._key], etags={self._key: self._etag}, fence=self.fence)
            self._lost = True

    def _write(self, claim: Claim) -> None:
        """Write the claim where it is as we left it. A service without conditional writes gets an advisory one: look, write, wait for
        the others' writes to land, and see whose is there.
        """
        store, body, began = self._storage.private, write_claim(claim), seconds_now()
        with self._guard:
            if self._storage.keeps_conditions:
                etag = store.put(self._key, body, HEADERS, if_match=self._etag or None, if_absent=not self._etag)
            else:
                there = store.head(self._key)
                known = {*self._ours, self._etag} - {""}
                if (there is None and known) or (there is not None and there.etag not in known):  # a withdrawal deletes old claims
                    raise ConditionFailed(self._key)
                etag = store.put(self._key, body, HEADERS)
                time.sleep(ADVISORY_PAUSE)
                found = store.read(self._key)
                if found is None or found.body != body:
                    raise ConditionFailed(self._key)
                self._ours.add(found.etag)
            self._etag, self._renewed = etag, began
            self._ours.add(etag)

    def _is_ours(self) -> bool:
        """Whether what is there now was written by this run, also by a write whose answer was lost."""
        there = self._storage.private.head(self._key)
        if there is not None and there.etag in self._ours:
            return True
        with self._guard:  # a renewal may be under way
            stored = self._storage.private.read(self._key)
            if stored is None or owner_of(self.claim.generation, stored.body) != self.claim.owner:
                return False
            self._etag = stored.etag
            self._ours.add(stored.etag)
            return True

    def _pages_of_ours(self) -> dict[Key, str]:
        """The new pages that are there, with their ETags; of some we never heard whether they arrived."""
        public, arrived = self._storage.public, self.progress.arrived
        found = (public.head(page) for page in self.progress.unlinked if page not in arrived)
        ours = {
            there.key: there.etag
            for there in found
            if there is not None and holds(public, there, bytes_of(self.progress.unlinked[there.key]))
        }
        return {**arrived, **ours}


@contextmanager
def claimed(storage: Storage, claim: Claim, before: State, say: Callable[[str], None]) -> Iterator[Lease]:
    """Hold the claim of the publish that follows `before`, from when nothing older can arrive any more. What ends the work before anything
    of it was seen takes the claim back; a failing network does not, for the same publish goes through when it is back.
    """
    parts: list[Key] = []
    lease = Lease(storage, claim)
    with shown_alive(claim.owner):
        try:
            for key, body in history_parts(claim):
                put_all_bytes(storage.private, {key: body})
                parts.append(key)
            lease.claim = replace(claim, parts=tuple(parts))
            lease.take(before)
            with lease.kept():
                lease.outwait(before, say)
                yield lease
        except ConditionFailed:
            forget(claim.owner)
            with suppress(StorageError):
                storage.private.delete(parts)  # named by this run of the command: nobody else's
            raise Overtaken from None
        except Overtaken:
            forget(claim.owner)
            raise
        except BaseException as error:
            if not lease.progress.seen and not (isinstance(error, StorageError) and error.code in PASSING):
                with suppress(StorageError, Overtaken):
                    lease.withdraw()
                    forget(claim.owner)
            elif isinstance(error, KeyboardInterrupt):
                words = f"stopped in the middle of publish {claim.generation}: `publish` finishes it, `publish rollback` then takes it back"
                raise KeyboardInterrupt(words) from None
            raise
