"""Apply: the plan carried out, phase by phase; a phase that fails stops everything after it."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publisher.build import PRIVATE, Phase
from publisher.errors import StorageError
from publisher.plan import next_state
from publisher.state import STATE_KEY, State, with_etag
from publisher.stores import ConditionFailed, Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from publisher.plan import Change, Plan
    from publisher.stores import Store

CONNECTIONS = 16
STATE_HEADERS = Headers(content_type="application/json", cache_control=PRIVATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a publish did: the State it ended in, objects and bytes sent."""

    state: State
    sent: int
    bytes_sent: int


def apply_plan(store: Store, plan: Plan, state: State, progress: Callable[[Change], None], **facts: Any) -> Applied:
    """Carry out `plan`. `facts` are the fields of the next State that the plan does not know; `progress` hears of each upload done.

    Raises StorageError; what was published before is then still whole, and the same publish run again finishes the work.
    """
    etags: dict[str, str] = {}
    for phase in Phase:
        uploads = [change for change in plan.uploads if change.phase is phase]
        if uploads:
            etags.update(_put_all(store, uploads, progress))
            store.flush()
    after = next_state(state, plan, etags, **facts)
    etag = write_state(store, after, state.etag)
    return Applied(state=with_etag(after, etag), sent=len(plan.uploads), bytes_sent=plan.bytes_to_send)


def write_state(store: Store, state: State, before: str) -> str:
    """Put State in place of the one with ETag `before` ("": there was none); the new ETag."""
    try:
        etag = store.put(STATE_KEY, state.to_bytes(), STATE_HEADERS, if_match=before or None, if_absent=not before)
    except ConditionFailed as error:
        raise StorageError(
            "another publish finished while this one was running",
            cause="what the storage remembers has changed meanwhile",
            hint="run `publish` again: it takes up what the other one did",
            code="publish-overtaken",
        ) from error
    store.flush()
    return etag


def _put_all(store: Store, uploads: Sequence[Change], progress: Callable[[Change], None]) -> dict[str, str]:
    """Every upload of one phase, several at a time; the first failure lets the running ones end and is raised."""
    with ThreadPoolExecutor(max_workers=min(CONNECTIONS, len(uploads)), thread_name_prefix="upload") as pool:
        futures = {pool.submit(_put, store, change): change for change in uploads}
        waiting = set(futures)
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_EXCEPTION, timeout=0.2)
                for future in done:
                    future.result()
                    progress(futures[future])
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        return {change.key: future.result() for future, change in futures.items()}


def _put(store: Store, change: Change) -> str:
    item = change.artifact
    if item is None:
        raise ValueError(f"nothing to send for {change.key}")
    headers = Headers(content_type=item.content_type, cache_control=item.cache_control)
    if item.phase > Phase.DOCUMENT:
        return store.put(item.key, item.body, headers)
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
        # the name carries the hash of the bytes: an earlier publish that was cut put it there
        for listed in store.list(item.key):
            if listed.key == item.key and listed.size == item.size:
                return listed.etag
        return store.put(item.key, item.body, headers)
