"""A claim held: taken once, renewed while the work goes on, taken back when nothing of it was seen."""

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
from publisher.sync.claims import HEADERS, RENEWAL, Claim, history_parts, read_claim, write_claim
from publisher.sync.machine_lock import shown_alive
from publisher.sync.this_run import Overtaken
from publisher.sync.uploads import ClaimProgress, holds, put_all_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.core.layout import Key
    from publisher.stores.protocol import Store
    from publisher.sync.storage import Storage

ADVISORY_PAUSE = 1.0
"""Seconds for the writes of others to land, where the service knows no conditional writes."""
PASSING = frozenset({"storage-lost", "storage-unreachable", "storage-dns", "storage-busy-server"})
"""Failures after which a claim stays: the same publish goes through when the network is back."""


@contextmanager
def claimed(storage: Storage, claim: Claim) -> Iterator[ClaimProgress]:
    """Hold the claim. What ends the work before anything of it was seen takes the claim back; a failing network does not, for
    the same publish goes through when it is back.
    """
    parts: list[Key] = []
    progress = ClaimProgress()
    with shown_alive(claim.owner):
        try:
            for key, body in history_parts(claim):
                put_all_bytes(storage.private, {key: body})
                parts.append(key)
            claim = replace(claim, parts=tuple(parts))
            etag = _take(storage.private, layout.claim(claim.generation), write_claim(claim))
            storage.private.flush()
            with renewed(storage, claim, etag):
                yield progress
        except ConditionFailed:
            with suppress(StorageError):
                storage.private.delete(parts)
            raise Overtaken from None
        except Overtaken:
            raise
        except BaseException as error:
            if not progress.seen and not (isinstance(error, StorageError) and error.code in PASSING):
                _withdraw(storage, claim, progress)
            elif isinstance(error, KeyboardInterrupt):
                words = f"stopped in the middle of publish {claim.generation}: `publish` finishes it, `publish rollback` then takes it back"
                raise KeyboardInterrupt(words) from None
            raise


def _withdraw(storage: Storage, claim: Claim, progress: ClaimProgress) -> None:
    """Take a claim back, with the pages nobody has seen; where that fails, the next publish finishes it instead."""
    key = layout.claim(claim.generation)
    with suppress(StorageError):
        stored = storage.private.read(key)
        if stored is not None and read_claim(storage.private, claim.generation, stored.body).owner == claim.owner:
            unsure = {page: item for page, item in progress.unlinked.items() if page not in progress.arrived}
            found = (storage.public.head(page) for page in unsure)
            ours = [there.key for there in found if there is not None and holds(storage.public, there, bytes_of(unsure[there.key]))]
            storage.public.delete([*progress.arrived, *ours])
            storage.private.delete([key, *claim.parts])


def _take(store: Store, key: Key, body: bytes) -> str:
    """The claim's write, which only one of several can make. A service without conditional writes gets an advisory one:
    look, write, wait for the others' writes to land, and see whose is there.
    """
    if store.conditions in (None, "enforced"):
        return store.put(key, body, HEADERS, if_absent=True)
    if store.read(key) is not None:
        raise ConditionFailed(key)
    etag = store.put(key, body, HEADERS)
    time.sleep(ADVISORY_PAUSE)
    there = store.read(key)
    if there is None or there.body != body:
        raise ConditionFailed(key)
    return etag


@contextmanager
def renewed(storage: Storage, claim: Claim, etag: str) -> Iterator[None]:
    """Renew the claim while the work goes on, so that nobody takes us for dead."""
    stop = threading.Event()

    def go_on() -> None:
        current = etag
        while not stop.wait(RENEWAL):
            with suppress(StorageError, ConditionFailed):
                current = renew(storage, claim, current)

    thread = threading.Thread(target=go_on, name="claim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


def renew(storage: Storage, claim: Claim, etag: str) -> str:
    """Write the claim once more, so that its age begins anew: ours again, or taken over from one who has died. Its new ETag.

    Raises ConditionFailed when it is no longer the one of `etag`.
    """
    return storage.private.put(layout.claim(claim.generation), write_claim(claim), HEADERS, if_match=etag)
