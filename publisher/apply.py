"""Apply: the plan carried out, phase by phase; a phase that fails stops everything after it.

Media and documents first, under names nobody knows yet; then the claim; then what listeners see; then State. Cut anywhere,
the show that listeners see is whole, and any machine can finish the work: before the claim nothing has changed, after it the
claim holds all that is left to do.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.build import PRIVATE, Artifact, CopyOf, Phase
from publisher.claims import HEADERS as CLAIM_HEADERS
from publisher.claims import LEASE, RENEWAL, Claim, age, claim_key, read_claim, write_claim
from publisher.errors import StorageError
from publisher.site.urls import HOME
from publisher.state import STATE_KEY, State, generation_of, with_etag, write_state
from publisher.stores import ConditionFailed, Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from publisher.stores import Store

CONNECTIONS = 64
"""Small bodies that are sent at once: each spends most of its time on the way."""
RECORDINGS = 8
"""Files that are sent at once: so many fill any line, and more would only make each wait for the others."""
ADVISORY_PAUSE = 1.0
"""Seconds for the writes of others to land, where the service knows no conditional writes."""
STATE_HEADERS = Headers(content_type="application/json", cache_control=PRIVATE)
SHARD_HEADERS = Headers(content_type="application/gzip", cache_control=PRIVATE)


class Overtaken(Exception):  # noqa: N818  an expected answer: plan again
    """Another publish was faster, or has finished ours. State must be read and the plan made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where objects go: `public` is what listeners reach, `private` keeps State and claims (usually the same)."""

    public: Store
    private: Store

    def flush(self) -> None:
        """Both, durably."""
        self.public.flush()
        if self.private is not self.public:
            self.private.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the command: who it is, and whom it tells. `progress` hears of each upload done, `drift` of each object
    that somebody else had changed.
    """

    owner: str
    machine: str
    progress: Callable[[Artifact], None] = lambda _item: None
    drift: Callable[[str], None] = lambda _key: None


def apply_changes(storage: Storage, uploads: Sequence[Artifact], before: State, after: State, run: Run) -> State:
    """Carry out `uploads`, which turn `before` into `after` (its ETags still empty). Returns the State as stored.

    Raises StorageError (what was published before is still whole, and the same publish run again finishes the work), and
    Overtaken when another publish was faster.
    """
    etags: dict[str, str] = {}
    for phase in (Phase.MEDIA, Phase.DOCUMENT):
        etags |= _put_all([item for item in uploads if item.phase is phase], lambda item: _put_hidden(storage, item), run)
    storage.flush()
    after = _with_etags(after, etags)
    visible = tuple(item for item in uploads if item.phase > Phase.CLAIM)
    claim = Claim(generation=after.generation, owner=run.owner, machine=run.machine, state=after, objects=visible)
    with claimed(storage, claim) as seen:
        seen.set()
        etags |= put_visible(storage, visible, before, after.generation, run)
        return commit(storage, _with_etags(after, etags), before)


def put_visible(storage: Storage, items: Sequence[Artifact], before: State, generation: int, run: Run) -> dict[str, str]:
    """New pages, then those that lead to them, then the feed, then the addresses of replaced recordings. Each write of a page
    expects what `before` knows; somebody else's change is reported and overwritten, unless it is a newer publish's: then Overtaken.
    """
    etags: dict[str, str] = {}

    def put(item: Artifact) -> str:
        known = before.objects.get(item.key)
        headers = Headers(content_type=item.content_type, cache_control=item.cache_control)
        body = _bytes(item)
        try:
            if known is None:
                return storage.public.put(item.key, body, headers, if_absent=True)
            return storage.public.put(item.key, body, headers, if_match=known.etag or None)
        except ConditionFailed:
            there = storage.public.head(item.key)
            if there is not None and there.etag == hashlib.md5(body, usedforsecurity=False).hexdigest():
                return there.etag
            if _generation(storage) >= generation:
                raise Overtaken from None
            if there is not None:
                run.drift(item.key)
            return storage.public.put(item.key, body, headers)

    def led_to(item: Artifact) -> bool:
        return item.key not in before.objects and item.key != HOME

    for phase in (Phase.PAGE, Phase.FEED):
        for first in (True, False):
            etags |= _put_all([item for item in items if item.phase is phase and led_to(item) is first], put, run)
            storage.flush()
    etags |= _put_all([item for item in items if item.phase is Phase.ECHO], lambda item: _put_hidden(storage, item), run)
    storage.flush()
    return etags


def commit(storage: Storage, after: State, before: State) -> State:
    """Put `after` in place of `before`: its new shards, then the index, which is the moment it counts."""
    index, shards = write_state(after)
    known = set(before.shards.values())
    fresh = {key: body for key, body in shards.items() if key not in known}
    _put_all_bytes(storage.private, fresh)
    storage.private.flush()
    advances = after.generation > before.generation
    if advances and storage.private.conditions not in (None, "enforced") and _generation(storage) >= after.generation:
        raise Overtaken
    expected = before.etag
    while True:
        try:
            etag = storage.private.put(STATE_KEY, index, STATE_HEADERS, if_match=expected or None, if_absent=not expected)
            break
        except ConditionFailed:
            there = storage.private.read(STATE_KEY)
            if not advances or there is None or generation_of(there.body) != before.generation:
                raise Overtaken from None
            expected = there.etag  # only that somebody looked at the last publish was noted: the claim is ours all the same
    storage.flush()
    return with_etag(after, etag, shards)


def settle_claim(storage: Storage, state: State, run: Run, *, patience: float, say: Callable[[str], None]) -> bool:
    """Look for a publish after `state` that is not finished. False: there is none. True: there was one, and it is finished now
    (by its owner, or by us when its owner had died): read State again.

    Raises StorageError `storage-busy` when its owner is alive and `patience` seconds were not enough.
    """
    generation = state.generation + 1
    deadline = time.monotonic() + patience
    told = False
    while True:
        stored = storage.private.read(claim_key(generation))
        if stored is None:
            return told
        if _generation(storage) >= generation:
            return True
        claim = read_claim(storage.private, generation, stored.body)
        if age(stored.served, stored.modified) > LEASE or claim.owner == run.owner or _died_here(claim, run):
            say(f"An earlier publish (from {claim.machine or 'another machine'}) was cut; finishing it first.")
            finish(storage, state, claim, stored.etag, run)
            return True
        if time.monotonic() >= deadline:
            raise StorageError(
                f"another publish is running, from {claim.machine or 'another machine'}",
                cause="it holds the show until it is done, or for a minute after it has died",
                hint="run this again in a minute, or let it wait: --wait 5m",
                code="storage-busy",
            )
        if not told:
            say(f"Another publish is running, from {claim.machine or 'another machine'}; waiting for it.")
            told = True
        time.sleep(min(1.0, max(0.05, deadline - time.monotonic())))


def _died_here(claim: Claim, run: Run) -> bool:
    """Whether the owner was a process of this machine that is gone: nobody needs to wait for its lease."""
    if not claim.machine or claim.machine != run.machine:
        return False
    try:
        os.kill(int(claim.owner.partition("-")[0]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return False


def finish(storage: Storage, before: State, claim: Claim, etag: str, run: Run) -> State | None:
    """Roll a claim forward whose owner has died; None when somebody else does it."""
    ours = replace(claim, owner=run.owner, machine=run.machine)
    try:
        etag = _renew(storage, ours, etag)
        with _renewed(storage, ours, etag):
            etags = put_visible(storage, claim.objects, before, claim.generation, run)
            return commit(storage, _with_etags(claim.state, etags), before)
    except (ConditionFailed, Overtaken):
        return None


@contextmanager
def claimed(storage: Storage, claim: Claim) -> Iterator[threading.Event]:
    """Hold the claim. An exception before the event is set takes it back: nothing was seen yet."""
    body, parts = write_claim(claim)
    _put_all_bytes(storage.private, parts)
    seen = threading.Event()
    try:
        etag = _claim(storage.private, claim_key(claim.generation), body)
    except ConditionFailed:
        with suppress(StorageError):
            storage.private.delete(parts)
        raise Overtaken from None
    storage.private.flush()
    try:
        with _renewed(storage, claim, etag):
            yield seen
    except BaseException:
        if not seen.is_set():
            with suppress(StorageError):
                storage.private.delete([claim_key(claim.generation), *parts])
        raise


def _claim(store: Store, key: str, body: bytes) -> str:
    """The claim's write, which only one of several can make. A service without conditional writes gets an advisory one:
    look, write, wait for the others' writes to land, and see whose is there.
    """
    if store.conditions in (None, "enforced"):
        return store.put(key, body, CLAIM_HEADERS, if_absent=True)
    if store.read(key) is not None:
        raise ConditionFailed(key)
    etag = store.put(key, body, CLAIM_HEADERS)
    time.sleep(ADVISORY_PAUSE)
    there = store.read(key)
    if there is None or there.body != body:
        raise ConditionFailed(key)
    return etag


@contextmanager
def _renewed(storage: Storage, claim: Claim, etag: str) -> Iterator[None]:
    """Renew the claim while the work goes on, so that nobody takes us for dead."""
    stop = threading.Event()

    def renew() -> None:
        current = etag
        while not stop.wait(RENEWAL):
            with suppress(StorageError, ConditionFailed):
                current = _renew(storage, claim, current)

    thread = threading.Thread(target=renew, name="claim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


def _renew(storage: Storage, claim: Claim, etag: str) -> str:
    body, _ = write_claim(claim)
    return storage.private.put(claim_key(claim.generation), body, CLAIM_HEADERS, if_match=etag)


def _generation(storage: Storage) -> int:
    stored = storage.private.read(STATE_KEY)
    return 0 if stored is None else generation_of(stored.body)


def _with_etags(state: State, etags: dict[str, str]) -> State:
    objects = dict(state.objects)
    for key, etag in etags.items():
        objects[key] = replace(objects[key], etag=etag)
    return replace(state, objects=objects)


def _bytes(item: Artifact) -> bytes:
    if not isinstance(item.body, bytes):
        raise TypeError(f"a page is bytes: {item.key}")
    return item.body


def _put_hidden(storage: Storage, item: Artifact) -> str:
    """Put what nobody can see yet; its name carries the hash of its bytes, so one that is there already is the one."""
    store = storage.public
    headers = Headers(content_type=item.content_type, cache_control=item.cache_control)
    if isinstance(item.body, CopyOf):
        if storage.private is store or item.phase is Phase.ECHO:
            return store.copy(item.body.key, item.key, headers)
        with tempfile.TemporaryDirectory(prefix="airdate-") as folder:
            fetched = Path(folder) / "recording"
            storage.private.fetch(item.body.key, fetched)
            return store.put(item.key, fetched, headers)
    if isinstance(item.body, Path) and item.body.stat().st_size != item.size:
        raise StorageError(
            f"the file changed while it was being published: {item.body.name}",
            cause=f"it had {item.size} bytes when it was measured",
            hint="run `publish` again when it is no longer being written",
            code="file-changed",
        )
    try:
        return store.put(item.key, item.body, headers, if_absent=True)
    except ConditionFailed:
        there = store.head(item.key)
        if there is not None and there.size == item.size:
            return there.etag
        return store.put(item.key, item.body, headers)


def _put_all(items: Sequence[Artifact], put: Callable[[Artifact], str], run: Run) -> dict[str, str]:
    """Every upload of one phase, several at a time; the first failure lets the running ones end and is raised."""
    if not items:
        return {}
    many = RECORDINGS if any(isinstance(item.body, Path) for item in items) else CONNECTIONS
    with ThreadPoolExecutor(max_workers=min(many, len(items)), thread_name_prefix="upload") as pool:
        futures = {pool.submit(put, item): item for item in items}
        waiting = set(futures)
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_EXCEPTION, timeout=0.2)
                for future in done:
                    future.result()
                    run.progress(futures[future])
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        return {item.key: future.result() for future, item in futures.items()}


def _put_all_bytes(store: Store, bodies: dict[str, bytes]) -> None:
    """Objects named by their bytes, or by a run of the command that only we are."""
    for key, body in bodies.items():
        with suppress(ConditionFailed):
            store.put(key, body, SHARD_HEADERS, if_absent=True)
