"""`publish prune`: what no page and no feed names any more is deleted from the storage, once the grace is over."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import click

from publisher.announce.follow_up import purge_cdn
from publisher.core import layout
from publisher.core.command_call import Call, Options, common
from publisher.core.console import count_words, size_words
from publisher.core.errors import PlanRefused, StorageError
from publisher.core.json_results import Result
from publisher.incremental_build.artifacts import FOREVER, StoredObject
from publisher.incremental_build.recipe_names import episode_of, kind_of
from publisher.state.published_episodes import recording_keys
from publisher.state.staged import secret_of
from publisher.state.state import write_state
from publisher.sync.apply import commit
from publisher.sync.claims import Claim, read_objects
from publisher.sync.kept.files import forgotten_files
from publisher.sync.kept.texts import named_texts
from publisher.sync.lease import claimed
from publisher.sync.other_publishes import idle_state
from publisher.sync.this_run import ATTEMPTS, Overtaken, Run, new_run, recent_publishes
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from publisher.core.layout import Key
    from publisher.state.state import State
    from publisher.stores.protocol import Store
    from publisher.sync.storage import Storage

GRACE = dt.timedelta(days=30)
"""How long what nothing refers to any more stays: apps and caches hold old feeds that long."""
ABANDONED = dt.timedelta(days=7)
"""After which an upload that never ended is not gone on with by anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned(Result):
    """What `publish prune` deleted."""

    deleted: tuple[str, ...]
    """Files that nothing refers to any more."""
    records: tuple[str, ...]
    """Old records of publishes, and staged recordings of published episodes."""
    strays: tuple[str, ...]
    """Files that a cut publish left."""
    bytes: int
    """Of what was deleted, records and strays apart."""
    uploads: int
    """Uploads that never ended, thrown away."""


def prune(workspace: Workspace, options: Options, *, ask: Callable[[str], bool]) -> Pruned:
    """Delete what nothing refers to any more, after the grace: the objects, then State, under a claim."""
    run = new_run(workspace.console, options, partial(purge_cdn, workspace))
    with workspace.store.lock(wait=options.wait):
        for _ in range(ATTEMPTS):
            with suppress(Overtaken):
                return _prune(workspace, options.now, run, ask)
    raise StorageError("other publishes were faster each time", hint="run this again when they are done", code="storage-busy")


def _prune(workspace: Workspace, now: dt.datetime, run: Run, ask: Callable[[str], bool]) -> Pruned:
    storage = workspace.storage
    state = idle_state(storage, workspace.state_copies.read, run)
    doomed = doomed_objects(state, now)
    records = list(_old_records(storage.private, state, now))
    strays = _strays(storage, state, now)
    total = sum(state.objects[key].size for key in doomed)
    released = {secret_of(item.guid) for item in state.episodes.values()}
    records += [item.key for item in storage.private.list(layout.STAGED) if layout.secret_in(item.key) in released]
    cut = sum(store.clear_leftovers(now - ABANDONED) for store in {storage.public, storage.private})
    result = Pruned(deleted=tuple(sorted(doomed)), records=tuple(sorted(records)), strays=tuple(sorted(strays)), bytes=total, uploads=cut)
    if cut:
        workspace.console.say(f"Threw away what {count_words(cut, 'upload')} left that never ended.")
    if not doomed and not records and not strays:
        workspace.console.say("Nothing to prune." if not cut else "Nothing else to prune.")
        return result
    for key in sorted([*doomed, *strays]):
        workspace.console.show(f"  - {key}")
    words = f"{count_words(len(doomed) + len(strays), 'file')} ({size_words(total)}) and {count_words(len(records), 'old record')}"
    if not ask(f"Delete {words}?"):
        raise PlanRefused("nothing was deleted: you said no", code="refused-by-you")
    objects = {key: stored for key, stored in state.objects.items() if key not in doomed}
    after = _next_quiet(replace(state, objects=objects), now)
    _, parts = write_state(after)
    records = [key for key in records if key not in parts]
    claim = Claim(generation=after.generation, owner=run.owner, machine=run.machine, state=after, objects=())
    with claimed(storage, claim, state, run.say) as lease:
        lease.progress.seen = True
        # State last: a publish that would take what goes now for there already has to wait for this claim.
        storage.public.delete([*doomed, *strays], fence=lease.fence)
        storage.private.delete(records, fence=lease.fence)
        lease.settle()
        done = commit(storage, after, state, lease.fence)
    workspace.state_copies.write(done)
    workspace.console.say(f"Deleted {words}.")
    purge_cdn(workspace, sorted([*doomed, *strays]))
    return result


def _next_quiet(state: State, now: dt.datetime) -> State:
    """The next State of a show in which nothing changes for listeners: it was looked at and announced as before."""
    made = state.generation + 1
    verified, announced = (made if noted == state.generation else noted for noted in (state.verified, state.announced))
    return replace(state, generation=made, published=recent_publishes(state, now), verified=verified, announced=announced)


def doomed_objects(state: State, now: dt.datetime) -> set[Key]:
    """Keys in our Ledger that nothing names since before the grace; what was withdrawn has none."""
    withdrawn_ones = {item.slug for item in state.episodes.values() if item.withdrawn}
    still_named = recording_keys(item for item in state.episodes.values() if not item.withdrawn)
    oldest = min(state.published, key=int, default="")
    doomed = set()
    for key, stored in state.objects.items():
        if not stored.gone or key.startswith(layout.COMMENTS):
            continue
        at = state.published.get(str(stored.gone)) or state.published.get(oldest)
        tells = bool(withdrawn_ones) and key not in still_named and _may_tell(stored, withdrawn_ones)
        if tells or (at is not None and now - dt.datetime.fromisoformat(at) > GRACE):
            doomed.add(key)
    return doomed


def _may_tell(stored: StoredObject, slugs: Collection[str]) -> bool:
    """Whether what nothing names now may hold something of these episodes: what their recipes made, pages and search of the show
    itself, and what a State of before kept no maker of.
    """
    owners = {episode_of(name) for name in stored.makers}
    searched = any(kind_of(name) == "search" for name in stored.makers)
    return not owners or searched or not owners.isdisjoint(slugs) or ("" in owners and stored.cache_control != FOREVER)


def _old_records(store: Store, state: State, now: dt.datetime) -> Iterator[Key]:
    """Claims past the grace that no rollback within it needs, shards and texts that State no longer names. What was made before
    a withdrawal goes at once.
    """
    claims = {number: item for item in store.list(layout.CLAIMS) if (number := layout.generation_in(item.key)) is not None}
    young = [number for number, item in claims.items() if item.modified is None or now - item.modified <= GRACE]
    oldest = min([state.generation, *young])
    seen = {stored.since for stored in state.objects.values() if stored.cache_control != FOREVER and not stored.gone}
    needed = seen | _records_behind(store, state, oldest, sorted(claims, reverse=True))
    gone = {number for number in claims if number < state.forgotten or (number < oldest and number not in needed)}
    yield from (claims[number].key for number in sorted(gone))
    for item in store.list(layout.HISTORY):
        number = layout.generation_in(item.key)
        if number is None:
            continue
        if number in gone or (number < oldest and number not in claims):
            yield item.key
    named = named_texts(state).union(state.shards.values())
    for item in (*store.list(layout.SHARDS), *store.list(layout.TEXTS), *forgotten_files(store, state)):
        old = item.modified is not None and now - item.modified > GRACE
        if item.key not in named and (old or state.forgotten):  # older ones hold what was withdrawn
            yield item.key


def _records_behind(store: Store, state: State, oldest: int, numbers: list[int]) -> set[int]:
    """The records before `oldest` that a rollback to it, or to any later publish, would take pages from."""
    wanted = state.changed_after(oldest)
    found = set()
    for number in numbers:
        stored = store.read(layout.claim(number)) if wanted and number <= oldest else None
        if stored is None:
            continue
        held = {item.key for item in read_objects(store, number, stored.body)}
        if held & wanted:
            found.add(number)
            wanted -= held
    return found


def _strays(storage: Storage, state: State, now: dt.datetime) -> set[Key]:
    """Files that State never heard of, past the grace, in the folders where ours lie: those that carry our mark, and where a storage
    keeps no marks, those under the names that a cut publish leaves of an episode in our Ledger. All else may be somebody else's,
    as another show's below our prefix, which carries the same mark.
    """
    found = set()
    for folder in layout.top_folders(state.objects):
        if folder == layout.COMMENTS:
            continue
        there = list(storage.public.list(folder))
        remembered = there if storage.private is storage.public else storage.private.list(folder)
        others = layout.shows_below(item.key for item in remembered)
        for item in there:
            if item.key in state.objects or item.key.startswith(others) or item.modified is None or now - item.modified <= GRACE:
                continue
            mark = storage.public.head(item.key)
            left = any(one.kind in layout.EPISODE_FILES and one.owner in state.episodes for one in layout.parse(item.key))
            if left or (mark is not None and mark.ours):
                found.add(item.key)
    return found


@click.command("prune")
@common
def command(call: Call, /) -> None:
    """Delete what nothing refers to any more, after 30 days of grace."""
    call.result(prune(opened(call), call.options(), ask=call.confirm))
