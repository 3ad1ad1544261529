"""Apply: the plan carried out, phase by phase; a phase that fails stops everything after it.

Media and documents first, under names nobody knows yet; then the claim; then what listeners see; then State. Cut anywhere,
the show that listeners see is whole, and any machine can finish the work: before the claim nothing has changed, after it the
claim holds all that is left to do.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from publisher.alive import has_died, shown_alive
from publisher.build import PRIVATE, Artifact, CopyOf, Phase
from publisher.claims import HEADERS as CLAIM_HEADERS
from publisher.claims import LEASE, RENEWAL, Claim, age, read_claim, write_claim
from publisher.errors import PlanRefused, StorageError
from publisher.site.urls import HOME
from publisher.state import State, generation_of, with_etag, write_state
from publisher.stores import ConditionFailed, Conditions, Headers
from publisher.stores.keys import CLAIMS, STATE_KEY, claim_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from publisher.stores import Listed, Store

CONNECTIONS = 64
"""Small bodies that are sent at once: each spends most of its time on the way."""
RECORDINGS = 8
"""Files that are sent at once: so many fill any line, and more would only make each wait for the others."""
ADVISORY_PAUSE = 1.0
"""Seconds for the writes of others to land, where the service knows no conditional writes."""
GIVING_UP = 5.0
"""Seconds that Ctrl-C waits for what is under way: a dead line answers nobody."""
FRESH = 600.0
"""Seconds after which State is read again before the show is claimed: sending a recording may take hours."""
PASSING = frozenset({"storage-lost", "storage-unreachable", "storage-dns", "storage-busy-server"})
"""Failures after which a claim stays: the same publish goes through when the network is back."""
STATE_HEADERS = Headers(content_type="application/json", cache_control=PRIVATE)
SHARD_HEADERS = Headers(content_type="application/gzip", cache_control=PRIVATE)


class Overtaken(Exception):  # noqa: N818  an expected answer: plan again
    """Another publish was faster, or has finished ours. State must be read and the plan made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where objects go: `public` is what listeners reach, `private` keeps State and claims (usually the same)."""

    public: Store
    private: Store

    @property
    def found_out(self) -> str:
        """What was found out about conditional writes, and where: as State remembers it."""
        mark = hashlib.sha256(self.private.place.encode()).hexdigest()[:12] if self.private.place else ""
        return f"{self.private.conditions or ''} {mark}".strip()

    def heed(self, remembered: str) -> bool:
        """Believe what an earlier publish found out; False where there is nothing, or it was found out at another place."""
        before = self.private.conditions
        found = next((one for one in get_args(Conditions) if remembered.partition(" ")[0] == one), None)
        self.private.conditions = found
        if found is None or self.found_out != remembered:
            self.private.conditions = before
            return False
        self.public.conditions = found
        return True

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
    that somebody else had changed; `overwrite` says that objects which are not ours may be; `since` is when State was read.
    """

    owner: str
    machine: str
    overwrite: bool = False
    since: float = field(default_factory=seconds_now)
    progress: Callable[[Artifact], None] = lambda _item: None
    drift: Callable[[str], None] = lambda _key: None


@dataclass(slots=True, kw_only=True)
class Held:
    """A claim in our hands. `seen`: listeners may see a part of what it changes, so it must be finished; `made` are the new pages
    put before that, which nothing leads to yet: with the MD5 of each that may have arrived, and "" for those that did.
    """

    seen: bool = False
    made: dict[str, str] = field(default_factory=dict)


def apply_changes(storage: Storage, uploads: Sequence[Artifact], before: State, after: State, run: Run) -> State:
    """Carry out `uploads`, which turn `before` into `after` (its ETags still empty). Returns the State as stored.

    Raises StorageError (what was published before is still whole, and the same publish run again finishes the work), and
    Overtaken when another publish was faster.
    """
    etags = _put_all(storage, [item for item in uploads if item.phase < Phase.CLAIM], lambda item: _put_hidden(storage, item), run)
    storage.flush()
    if seconds_now() - run.since > FRESH and _generation(storage) != before.generation:
        raise Overtaken
    after = _with_etags(after, etags)
    visible = tuple(item for item in uploads if item.phase > Phase.CLAIM)
    new = tuple(item.key for item in visible if item.key not in before.objects)
    claim = Claim(generation=after.generation, owner=run.owner, machine=run.machine, state=after, objects=visible, new=new)
    with claimed(storage, claim) as held:
        etags |= put_visible(storage, visible, before, after.generation, run, held)
        return commit(storage, _with_etags(after, etags), before)


def put_visible(storage: Storage, items: Sequence[Artifact], before: State, generation: int, run: Run, held: Held) -> dict[str, str]:
    """New pages, then those that lead to them, then the feed, then the addresses of replaced recordings. Each write of a page
    expects what `before` knows; somebody else's change is reported and overwritten, unless it is a newer publish's: then Overtaken.

    Raises PlanRefused where a new page meets an object that is not ours: nothing leads to the new pages yet, so nothing was seen.
    """

    def put(item: Artifact) -> str:
        return _put_page(storage, item, before, generation, run, held)

    def leads(item: Artifact) -> bool:
        return item.key in before.objects or item.key == HOME

    pages = [item for item in items if item.phase is Phase.PAGE]
    feeds = [item for item in items if item.phase is Phase.FEED]
    echoes = [item for item in items if item.phase is Phase.ECHO]
    etags: dict[str, str] = {}
    if not (held.seen or before.first or run.overwrite):
        for item in feeds:
            if not leads(item):
                _refuse_stranger(storage.public.head(item.key), "")
    for some in ([item for item in pages if not leads(item)], [item for item in pages if leads(item)]):
        etags |= _put_all(storage, some, put, run)
        storage.flush()
        held.seen = True
    for some in ([item for item in feeds if not leads(item)], [item for item in feeds if leads(item)]):
        etags |= _put_all(storage, some, put, run)
        storage.flush()
    if echoes and _generation(storage) >= generation:
        raise Overtaken
    etags |= _put_all(storage, echoes, lambda item: _put_hidden(storage, item), run)
    storage.flush()
    return etags


def _put_page(storage: Storage, item: Artifact, before: State, generation: int, run: Run, held: Held) -> str:
    """Put one page or feed where `before` says that it lies, or where nothing does."""
    store = storage.public
    known = before.objects.get(item.key)
    headers = Headers(content_type=item.content_type, cache_control=item.cache_control)
    body = _bytes(item)
    ours = hashlib.md5(body, usedforsecurity=False).hexdigest()
    strangers = known is None and not before.first and not run.overwrite
    if strangers and store.conditions not in (None, "enforced"):
        _refuse_stranger(store.head(item.key), ours)
    absent, expected = known is None, (known.etag or None) if known is not None else None
    if absent and not held.seen:
        held.made[item.key] = ours
    for _ in range(4):
        try:
            etag = store.put(item.key, body, headers, if_absent=absent, if_match=expected)
        except ConditionFailed:
            there = store.head(item.key)
            if there is not None and there.etag == ours:
                return ours
            if _generation(storage) >= generation:
                raise Overtaken from None
            if strangers:
                _refuse_stranger(there, ours)
            elif there is not None:
                run.drift(item.key)
            absent, expected = there is None, there.etag if there is not None else None
        else:
            if absent and item.key in held.made:
                held.made[item.key] = ""
            return etag
    raise StorageError(
        f"somebody else changes {item.key} all the time", hint="which other program writes to this storage?", code="storage-busy"
    )


def _refuse_stranger(there: Listed | None, ours: str) -> None:
    """Raise PlanRefused for an object that somebody else put where a new page of ours goes."""
    if there is None or there.ours or there.etag == ours:
        return
    raise PlanRefused(
        f"a file that we did not put there would be overwritten: {there.key}",
        cause="something new of this show goes there",
        hint="move it away, or if it may go: publish --force overwrite",
        code="refused-overwrite",
    )


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
    if state.first:  # what lies there tells whether State was lost: its last claim holds it
        generation = max(
            (int(name) for item in storage.private.list(CLAIMS) if (name := item.key.removeprefix(CLAIMS)).isdecimal()), default=1
        )
    deadline = time.monotonic() + patience
    told = False
    while True:
        stored = storage.private.read(claim_key(generation))
        if stored is None:
            return told
        if _generation(storage) >= generation:
            return True
        claim = read_claim(storage.private, generation, stored.body)
        storage.heed(claim.state.conditions)
        if age(stored.served, stored.modified) > LEASE or claim.owner == run.owner or _died_here(claim, run):
            words = f"An earlier publish (from {claim.machine or 'another machine'}) was cut; finishing it first."
            lost = f"What the storage remembered of this show is lost; taking it from the record of publish {generation}."
            say(words if generation == state.generation + 1 else lost)
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
    return bool(claim.machine) and claim.machine == run.machine and has_died(claim.owner)


def finish(storage: Storage, before: State, claim: Claim, etag: str, run: Run) -> State | None:
    """Roll a claim forward whose owner has died; None when somebody else does it."""
    ours = replace(claim, owner=run.owner, machine=run.machine)
    try:
        with shown_alive(run.owner):
            etag = _renew(storage, ours, etag)
            with _renewed(storage, ours, etag):
                etags = put_visible(storage, claim.objects, before, claim.generation, run, Held(seen=True))
                return commit(storage, _with_etags(claim.state, etags), before)
    except (ConditionFailed, Overtaken):
        return None


@contextmanager
def claimed(storage: Storage, claim: Claim) -> Iterator[Held]:
    """Hold the claim. What ends the work before anything of it was seen takes the claim back; a failing network does not, for
    the same publish goes through when it is back.
    """
    body, parts = write_claim(claim)
    held = Held()
    with shown_alive(claim.owner):
        try:
            _put_all_bytes(storage.private, parts)
            etag = _claim(storage.private, claim_key(claim.generation), body)
            storage.private.flush()
            with _renewed(storage, claim, etag):
                yield held
        except ConditionFailed:
            with suppress(StorageError):
                storage.private.delete(parts)
            raise Overtaken from None
        except Overtaken:
            raise
        except BaseException as error:
            if not held.seen and not (isinstance(error, StorageError) and error.code in PASSING):
                _withdraw(storage, claim, [*parts], held)
            elif isinstance(error, KeyboardInterrupt):
                words = f"stopped in the middle of publish {claim.generation}: `publish` finishes it, `publish rollback` then takes it back"
                raise KeyboardInterrupt(words) from None
            raise


def _withdraw(storage: Storage, claim: Claim, parts: list[str], held: Held) -> None:
    """Take a claim back, with the pages nobody has seen; where that fails, the next publish finishes it instead."""
    key = claim_key(claim.generation)
    with suppress(StorageError):
        stored = storage.private.read(key)
        if stored is not None and read_claim(storage.private, claim.generation, stored.body).owner == claim.owner:
            found = (storage.public.head(made) for made, etag in held.made.items() if etag)
            unsure = [there.key for there in found if there is not None and there.etag == held.made[there.key]]
            storage.public.delete([*(made for made, etag in held.made.items() if not etag), *unsure])
            storage.private.delete([key, *parts])


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
        objects[key] = objects[key]._replace(etag=etag)
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
    md5 = _md5_unless_changed(item.body, item) if isinstance(item.body, Path) else None
    try:
        return store.put(item.key, item.body, headers, md5=md5, if_absent=True)
    except ConditionFailed:
        there = store.head(item.key)
        if there is not None and there.size == item.size:
            return there.etag
        return store.put(item.key, item.body, headers, md5=md5)


def _md5_unless_changed(path: Path, item: Artifact) -> bytes | None:
    """Raise StorageError for a file that is no longer the one that was measured. A copy of ours nobody writes to, so its size will
    do; a file of the show's folder may have been saved again with as many bytes: it is read, and its MD5 is known then.
    """
    from publisher.stores.files import digests_of
    from publisher.workspace import CACHE

    cause, md5 = "", None
    if path.stat().st_size != item.size:
        cause = f"it had {item.size} bytes when it was measured"
    elif CACHE not in path.parts:
        md5, sha256 = digests_of(path)
        if sha256 != item.sha256:
            cause = "it has as many bytes as when it was measured, but other ones"
    if cause:
        raise StorageError(
            f"the file changed while it was being published: {path.name}",
            cause=cause,
            hint="run `publish` again when it is no longer being written",
            code="file-changed",
        )
    return md5


def _put_all(storage: Storage, items: Sequence[Artifact], put: Callable[[Artifact], str], run: Run) -> dict[str, str]:
    """Uploads in any order, several at a time, small ones beside recordings; the first failure lets the running ones end and is
    raised, Ctrl-C gives them up.
    """
    futures: dict[Future[str], Artifact] = {}
    pools = []
    small = [item for item in items if isinstance(item.body, bytes)]
    large = [item for item in items if not isinstance(item.body, bytes)]
    for some, many in ((large, RECORDINGS), (small, CONNECTIONS)):
        if some:
            pool = ThreadPoolExecutor(max_workers=min(many, len(some)), thread_name_prefix="upload")
            futures |= {pool.submit(put, item): item for item in some}
            pools.append(pool)
    waiting = set(futures)
    try:
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_EXCEPTION, timeout=0.2)
            for future in done:
                future.result()
                run.progress(futures[future])
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        with storage.given_up() if interrupted else nullcontext():
            for pool in pools:
                pool.shutdown(wait=False, cancel_futures=True)
            wait([future for future in waiting if not future.cancelled()], timeout=GIVING_UP if interrupted else None)
        raise
    for pool in pools:
        pool.shutdown()
    return {item.key: future.result() for future, item in futures.items()}


def _put_all_bytes(store: Store, bodies: dict[str, bytes]) -> None:
    """Objects named by their bytes, or by a run of the command that only we are."""
    for key, body in bodies.items():
        with suppress(ConditionFailed):
            store.put(key, body, SHARD_HEADERS, if_absent=True)
