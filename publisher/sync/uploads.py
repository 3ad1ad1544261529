"""Uploads: objects put onto the storage, several at a time, each only where nothing or the expected object lies."""

from __future__ import annotations

import tempfile
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import PlanRefused, StorageError
from publisher.incremental_build.artifacts import PRIVATE, Artifact, CopyOf, Phase, bytes_of
from publisher.state.state import State, generation_of
from publisher.stores.atomic_writes import digests_of, md5_of
from publisher.stores.protocol import ConditionFailed, Fence, Headers, Listed, Store
from publisher.sync.this_run import Overtaken, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from publisher.core.layout import Key
    from publisher.sync.storage import Storage

CONNECTIONS = 64
"""Small bodies that are sent at once: each spends most of its time on the way."""
RECORDINGS = 8
"""Files that are sent at once: so many fill any line, and more would only make each wait for the others."""
LARGE = 1 << 20
"""Bytes of a body from which on it is sent like a recording: all documents of a feed at once would be memory."""
GIVING_UP = 5.0
"""Seconds that Ctrl-C waits for what is under way: a dead line answers nobody."""
SHARD_HEADERS = Headers(content_type="application/gzip", cache_control=PRIVATE)


@dataclass(slots=True, kw_only=True)
class ClaimProgress:
    """How far the work of a claim has come. `seen`: listeners may see a part of what it changes, so it must be finished; `unlinked`
    are the new pages, to which nothing leads before that; `arrived` those of them that are surely there, with their ETags. `fence`
    raises Overtaken where the claim may be somebody else's by now.
    """

    fence: Fence
    seen: bool = False
    unlinked: dict[Key, Artifact] = field(default_factory=dict)
    arrived: dict[Key, str] = field(default_factory=dict)


def put_all(storage: Storage, items: Sequence[Artifact], put: Callable[[Artifact], str], run: Run) -> dict[Key, str]:
    """Uploads in any order, several at a time, small ones beside recordings; the first failure lets the running ones end and is
    raised, Ctrl-C gives them up.
    """
    etags = dict.fromkeys((item.key for item in items), "")
    sent: SimpleQueue[Artifact] = SimpleQueue()
    giving_up = threading.Event()

    def send(waiting: SimpleQueue[Artifact]) -> None:
        while not giving_up.is_set():
            try:
                item = waiting.get_nowait()
            except Empty:
                return
            etags[item.key] = put(item)
            sent.put(item)

    pools = []
    pending: set[Future[None]] = set()
    for waiting, workers in _lines(items):
        pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="upload")
        pools.append(pool)
        pending |= {pool.submit(send, waiting) for _ in range(workers)}  # one for each object would be memory
    try:
        while pending:
            done, pending = wait(pending, return_when=FIRST_EXCEPTION, timeout=0.2)
            for _ in range(sent.qsize()):
                if (item := sent.get()).phase is not Phase.STATE:
                    run.progress(item)
            for future in done:
                future.result()
    except BaseException as error:
        giving_up.set()
        interrupted = isinstance(error, KeyboardInterrupt)
        with storage.stopped() if interrupted else nullcontext():
            for pool in pools:
                pool.shutdown(wait=False, cancel_futures=True)
            wait([future for future in pending if not future.cancelled()], timeout=GIVING_UP if interrupted else None)
        raise
    for pool in pools:
        pool.shutdown()
    return etags


def _lines(items: Sequence[Artifact]) -> Iterator[tuple[SimpleQueue[Artifact], int]]:
    """Recordings and other large bodies, then small ones, as they wait to be sent, and how many of them at once."""
    for large, many in ((True, RECORDINGS), (False, CONNECTIONS)):
        waiting: SimpleQueue[Artifact] = SimpleQueue()
        for item in items:
            if (isinstance(item.body, (Path, CopyOf)) or item.size > LARGE) is large:
                waiting.put(item)
        if not waiting.empty():
            yield waiting, min(many, waiting.qsize())


def put_shard(store: Store, item: Artifact) -> str:
    """Put a part of State. Its name is the hash of its bytes, so one that is there already is the one."""
    with suppress(ConditionFailed):
        return store.put(item.key, bytes_of(item), SHARD_HEADERS, if_absent=True)
    return ""


def put_all_bytes(store: Store, bodies: dict[Key, bytes]) -> None:
    """Objects named by their bytes, or by a run of the command that only we are."""
    for key, body in bodies.items():
        with suppress(ConditionFailed):
            store.put(key, body, SHARD_HEADERS, if_absent=True)


def put_hidden(storage: Storage, item: Artifact, damaged: str | None = None, fence: Fence | None = None) -> str:
    """Put what nobody can see yet; its name carries the hash of its bytes, so one that is there already is the one, but for the
    one with the ETag `damaged`. An ECHO alone is seen: nothing but `fence` keeps it from replacing a newer one.
    """
    store = storage.public
    headers = Headers(content_type=item.content_type, cache_control=item.cache_control)
    if isinstance(item.body, CopyOf):
        if storage.private is store or item.phase is Phase.ECHO:
            return store.copy(item.body.key, item.key, headers, fence=fence)
        with tempfile.TemporaryDirectory(prefix="airdate-") as folder:
            fetched = Path(folder) / "recording"
            storage.private.fetch(item.body.key, fetched)
            return store.put(item.key, fetched, headers)
    body = item.body if isinstance(item.body, Path) else bytes_of(item)
    md5 = _md5_unless_changed(body, item) if isinstance(body, Path) else None
    try:
        return store.put(item.key, body, headers, md5=md5, if_match=damaged, if_absent=damaged is None)
    except ConditionFailed:
        there = store.head(item.key)
        if there is not None and there.size == item.size:
            return there.etag
        return store.put(item.key, body, headers, md5=md5)


def _md5_unless_changed(path: Path, item: Artifact) -> bytes | None:
    """Raise StorageError for a file that is no longer the one that was measured. A copy of ours nobody writes to, so its size will
    do; a file of the show's folder may have been saved again with as many bytes: it is read, and its MD5 is known then.
    """
    from publisher.core.local_cache import CACHE

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


def put_page(storage: Storage, item: Artifact, before: State, generation: int, run: Run, progress: ClaimProgress) -> str:
    """Put one page or feed where `before` says that it lies, or where nothing does."""
    store = storage.public
    known = before.objects.get(item.key)
    headers = Headers(content_type=item.content_type, cache_control=item.cache_control)
    body = bytes_of(item)
    md5 = md5_of(body)
    strangers = known is None and not before.first and not run.overwrite
    if strangers and store.conditions not in (None, "enforced"):
        refuse_stranger(store, store.head(item.key), body)
    absent, expected = known is None, (known.etag or None) if known is not None else None
    if absent:
        progress.unlinked[item.key] = item
    for _ in range(4):
        try:
            etag = store.put(item.key, body, headers, md5=md5, if_absent=absent, if_match=expected, fence=progress.fence)
        except ConditionFailed:
            there = store.head(item.key)
            if there is not None and holds(store, there, body):
                return there.etag
            if generation_there(storage) >= generation:
                raise Overtaken from None
            progress.fence()
            if strangers:
                refuse_stranger(store, there, body)
            elif there is not None:
                run.drift(item.key)
            absent, expected = there is None, there.etag if there is not None else None
        else:
            if absent and item.key in progress.unlinked:
                progress.arrived[item.key] = etag
            return etag
    raise StorageError(
        f"somebody else changes {item.key} all the time", hint="which other program writes to this storage?", code="storage-busy"
    )


def holds(store: Store, there: Listed, body: bytes) -> bool:
    """Whether an object holds these bytes. An ETag that is not their MD5 says nothing: encrypted objects and some gateways have others."""
    if there.etag == md5_of(body).hex():
        return True
    stored = store.read(there.key) if there.size == len(body) else None
    return stored is not None and stored.body == body


def refuse_stranger(store: Store, there: Listed | None, body: bytes) -> None:
    """Raise PlanRefused for an object that somebody else put where a new page of ours, `body`, goes."""
    if there is None or there.ours or holds(store, there, body):
        return
    raise PlanRefused(
        f"a file that we did not put there would be overwritten: {there.key}",
        cause="something new of this show goes there",
        hint="move it away, or if it may go: publish --force overwrite",
        code="refused-overwrite",
    )


def still_follows(storage: Storage, before: State) -> bool:
    """Whether the storage remembers the publish of `before` as the last one."""
    stored = storage.private.read(layout.STATE_KEY, known=before.etag)
    return (0 if stored is None else before.generation if stored.unchanged else generation_of(stored.body)) == before.generation


def generation_there(storage: Storage) -> int:
    """Which publish the storage remembers as the last one; 0 for none."""
    stored = storage.private.read(layout.STATE_KEY)
    return 0 if stored is None else generation_of(stored.body)
