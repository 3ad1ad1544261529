"""Apply: the plan carried out, phase by phase; a phase that fails stops everything after it.

Media and documents first, under names nobody knows yet; then the claim; then what listeners see; then State. Cut anywhere,
the show that listeners see is whole, and any machine can finish the work: before the claim nothing has changed, after it the
claim holds all that is left to do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.incremental_build.artifacts import PRIVATE, Artifact, Phase, artifact, bytes_of
from publisher.state.posts import with_posts_of
from publisher.state.state import State, generation_of, read_state, with_etag, write_state
from publisher.stores.protocol import ConditionFailed, Fence, Headers
from publisher.sync.claims import LEASE, Claim
from publisher.sync.lease import claimed
from publisher.sync.this_run import ATTEMPTS, Overtaken, Run, seconds_now
from publisher.sync.uploads import (
    SHARD_HEADERS,
    ClaimProgress,
    generation_there,
    put_all,
    put_all_bytes,
    put_hidden,
    put_page,
    put_shard,
    refuse_stranger,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from publisher.core.layout import Key
    from publisher.sync.storage import Storage

FRESH = 600.0
"""Seconds after which State is read again before the show is claimed: sending a recording may take hours."""
STATE_HEADERS = Headers(content_type="application/json", cache_control=PRIVATE)


def no_texts(after: State) -> tuple[State, Sequence[Artifact]]:
    """Where all of a storage is public, none are kept."""
    return after, ()


def apply_changes(
    storage: Storage,
    uploads: Sequence[Artifact],
    before: State,
    after: State,
    run: Run,
    texts: Callable[[State], tuple[State, Sequence[Artifact]]] = no_texts,
) -> State:
    """Carry out `uploads`, which turn `before` into `after` (its ETags still empty). `texts` gives a State that names texts, and these:
    they are put on the private side before anything names them. Returns the State as stored.

    Raises StorageError (what was published before is still whole, and the same publish run again finishes the work), and
    Overtaken when another publish was faster.
    """
    after, kept = texts(after)
    put_all(storage, kept, lambda item: storage.private.put(item.key, bytes_of(item), SHARD_HEADERS), run)
    etags = put_ahead(storage, uploads, run)
    if seconds_now() - run.since > FRESH and generation_there(storage) != before.generation:
        raise Overtaken
    after = with_etags(after, etags)
    visible = tuple(item for item in uploads if item.phase > Phase.CLAIM)
    new = tuple(item.key for item in visible if item.key not in before.objects)
    claim = Claim(generation=after.generation, owner=run.owner, machine=run.machine, state=after, objects=visible, new=new).in_bytes()

    def shards(made: dict[Key, str]) -> list[Artifact]:
        nonlocal after
        after, fresh = _with_shards(with_etags(after, made), before)
        return fresh

    with claimed(storage, claim, before, run.say) as lease:
        etags |= put_visible(storage, visible, before, after.generation, run, lease.progress, shards)
        lease.settle()
        after = with_etags(after, etags)
        with run.beside(after):
            return commit(storage, after, before, lease.fence, etags)


def put_ahead(storage: Storage, uploads: Sequence[Artifact], run: Run) -> dict[Key, str]:
    """Put of `uploads` what nobody sees before the show is claimed, but for what was sent; the ETags of all of it."""
    hidden = [item for item in uploads if item.phase < Phase.CLAIM]
    etags = put_all(
        storage,
        [item for item in hidden if item.key not in run.sent],
        lambda item: put_hidden(storage, item, run.damaged.get(item.key)),
        run,
    )
    storage.flush()
    return {item.key: run.sent[item.key] for item in hidden if item.key in run.sent} | etags


def put_visible(
    storage: Storage,
    items: Sequence[Artifact],
    before: State,
    generation: int,
    run: Run,
    progress: ClaimProgress,
    shards: Callable[[dict[Key, str]], list[Artifact]] = lambda _made: [],
) -> dict[Key, str]:
    """New pages, then those that lead to them, then the feed, then the addresses of replaced recordings. Each write of a page
    expects what `before` knows; somebody else's change is reported and overwritten, unless it is a newer publish's: then Overtaken.
    `shards` gives, once the pages are there, what State will be made of: it goes beside the feed, for nobody sees it.

    Raises PlanRefused where a new page meets an object that is not ours: nothing leads to the new pages yet, so nothing was seen.
    """

    def put(item: Artifact) -> str:
        if item.phase is Phase.STATE:
            return put_shard(storage.private, item)
        return put_page(storage, item, before, generation, run, progress)

    def reached(item: Artifact) -> bool:
        return item.key in before.objects or item.key == layout.HOME

    feeds = [item for item in items if item.phase is Phase.FEED]
    echoes = [item for item in items if item.phase is Phase.ECHO]
    etags: dict[Key, str] = {}
    if not (progress.seen or before.first or run.overwrite):
        for item in feeds:
            if not reached(item):
                refuse_stranger(storage.public, storage.public.head(item.key), bytes_of(item))
    for phase, linked in ((Phase.PAGE, False), (Phase.PAGE, True), (Phase.FEED, False), (Phase.FEED, True)):
        some = [item for item in items if item.phase is phase and reached(item) is linked]
        if phase is Phase.FEED and linked and not echoes:  # what comes later yet is in them, too
            some += shards(etags)
        etags |= put_all(storage, some, put, run)
        storage.flush()
        progress.seen = True
    if echoes and generation_there(storage) >= generation:
        raise Overtaken
    etags |= put_all(storage, echoes, lambda item: put_hidden(storage, item, fence=progress.fence), run)
    storage.flush()
    return etags


def _with_shards(state: State, before: State) -> tuple[State, list[Artifact]]:
    """A State under the names of its shards, and those that `before` has not."""
    _, shards = write_state(state)
    known = set(before.shards.values())
    fresh = [
        artifact(key, body, Phase.STATE, cache=PRIVATE, content_type=SHARD_HEADERS.content_type)
        for key, body in shards.items()
        if key not in known
    ]
    return with_etag(state, "", shards), fresh


def commit(storage: Storage, after: State, before: State, fence: Fence | None = None, sent: Container[Key] = ()) -> State:
    """Put `after` in place of `before`: its new shards but for those `sent` before, then the index, which is the moment it counts.

    `fence` is that of the claim which the work was done under: whoever slept through half a lease may have been taken for dead, and
    finishing beside the one who took over lets the next publish begin while that one's writes are on their way. Where no condition guards
    the index and there is no claim, a look at what is there does that is not old. What was noted of posts meanwhile is kept. Raises
    Overtaken.
    """
    advances = after.generation > before.generation
    looks = fence is not None and not storage.keeps_conditions
    if fence is None and not storage.keeps_conditions:
        fence = _still_the_last(storage, before)
    for _ in range(ATTEMPTS):
        after = with_posts_of(after, before) if advances else after
        index, shards = write_state(after)
        known = set(before.shards.values())
        put_all_bytes(storage.private, {key: body for key, body in shards.items() if key not in known and key not in sent})
        storage.private.flush()
        if looks and (noted := _last_noted(storage, before)) is not before:
            before = noted
            continue
        there = before.etag
        try:
            etag = storage.private.put(layout.STATE_KEY, index, STATE_HEADERS, if_match=there or None, if_absent=not there, fence=fence)
        except ConditionFailed:
            if not advances:
                raise Overtaken from None
            before = _last_noted(storage, before)  # that it was looked at, or a post: the claim is ours all the same
            continue
        storage.flush()
        return with_etag(after, etag, shards)
    raise Overtaken


def _last_noted(storage: Storage, before: State) -> State:
    """`before` as the storage has it now: the same publish, of which something may have been noted meanwhile. Raises Overtaken."""
    stored = storage.private.read(layout.STATE_KEY)
    if (generation_of(stored.body) if stored is not None else 0) != before.generation:
        raise Overtaken
    if stored is None or stored.etag == before.etag:
        return before

    def shard(key: Key) -> bytes | None:
        known = before.packed.bodies.get(key)
        there = storage.private.read(key) if known is None else None
        return there.body if there is not None else known

    return read_state(stored.body, stored.etag, shard)


def _still_the_last(storage: Storage, before: State) -> Fence:
    """A fence for who holds no claim: less than half a lease ago, what the storage remembers was `before`, of which nothing was noted
    since.
    """
    asked = float("-inf")

    def fence() -> None:
        nonlocal asked
        while seconds_now() - asked > LEASE / 2:
            asked = seconds_now()
            stored = storage.private.read(layout.STATE_KEY)
            noted = stored is not None and bool(before.etag) and stored.etag != before.etag
            if noted or (generation_of(stored.body) if stored is not None else 0) != before.generation:
                raise Overtaken

    return fence


def with_etags(state: State, etags: dict[Key, str]) -> State:
    """A State whose objects have these ETags; what has its own already stays the very same, so that it is neither held nor packed twice."""
    known = state.objects
    fresh = {key: known[key]._replace(etag=etag) for key, etag in etags.items() if key in known and known[key].etag != etag}
    return replace(state, objects={**known, **fresh}) if fresh else state
