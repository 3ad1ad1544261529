"""Going back: `rollback`, `withdraw` and `prune`, on the record that claims are."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from publisher.apply import apply_changes, commit, settle_claim
from publisher.build import FOREVER, Phase
from publisher.claims import HISTORY, Claim, new_keys, read_objects
from publisher.console import count_words, size_words
from publisher.errors import PlanRefused, StorageError, UsageError
from publisher.holding import claimed
from publisher.publish import PATIENCE, forget, new_run, recent
from publisher.putting import Overtaken
from publisher.staging import secret_name
from publisher.state import RecipeRecord, State, episode_of
from publisher.stores.keys import CLAIMS, claim_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from publisher.build import Artifact
    from publisher.publish import Options
    from publisher.putting import Run, Storage
    from publisher.state import PublishedEpisode, StoredObject
    from publisher.stores import Store
    from publisher.workspace import Workspace

GRACE = dt.timedelta(days=30)
"""How long what nothing refers to any more stays: apps and caches hold old feeds that long."""
ABANDONED = dt.timedelta(days=7)
"""After which an upload that never ended is not gone on with by anybody."""
ATTEMPTS = 5
NAMED = {"enclosure": "url", "podcast:source": "uri", "podcast:transcript": "url", "podcast:chapters": "url"}
"""What a feed leads to that an episode has of its own, each with the attribute that says where."""


def settled_state(workspace: Workspace, run: Run, patience: float) -> State:
    """State, with no publish running or left unfinished after it. Raises StorageError."""
    for _ in range(ATTEMPTS):
        state = workspace.read_state()
        if state.first:
            raise UsageError("nothing is published here yet", hint="`publish` does it", code="nothing-published")
        if not settle_claim(workspace.storage, state, run, patience=patience, say=workspace.console.say):
            return state
    raise StorageError("other publishes were faster each time", hint="run this again when they are done", code="storage-busy")


def publishes(state: State) -> list[tuple[int, str]]:
    """The publishes that can be named, newest first, each with its time."""
    return [(int(number), at) for number, at in sorted(state.published.items(), key=lambda row: -int(row[0]))]


# rollback


def rollback(workspace: Workspace, target: int | None, options: Options, *, ask: Callable[[str], bool]) -> dict[str, Any]:
    """Pages and feed as they were after publish `target` (the one before the last when None), held until `--force resume`.
    The Ledger stays as it is.
    """
    run = new_run(workspace, options.forces)
    with workspace.store.lock(wait=options.wait):
        try:
            return _rollback(workspace, target, options, run, ask)
        except Overtaken:
            hint = "`publish status` says what is published now; then run this again"
            raise StorageError("nothing was rolled back: another publish was faster", hint=hint, code="storage-busy") from None


def _rollback(workspace: Workspace, target: int | None, options: Options, run: Run, ask: Callable[[str], bool]) -> dict[str, Any]:
    state = settled_state(workspace, run, max(options.wait, PATIENCE))
    goal = state.generation - 1 if target is None else target
    if not 0 < goal < state.generation:
        known = ", ".join(f"{number} ({at[:16]})" for number, at in publishes(state)[1:6])
        raise UsageError(f"there is no publish {goal} to go back to", hint=f"there are: {known or 'none'}", code="rollback-unknown")
    if goal < state.forgotten:
        raise PlanRefused(
            f"the show cannot go back before publish {state.forgotten}",
            cause="an episode was withdrawn then, and everything that held it was scrubbed",
            hint="",
            code="rollback-impossible",
        )
    restored = list(_as_of(workspace.storage.private, state, goal))
    _refuse_forgotten(workspace.storage.private, state, restored, goal)
    _refuse_missing(workspace, state, restored, goal)
    at = state.published.get(str(goal), "")[:16].replace("T", " ")
    if not ask(f"Go back to publish {goal}{f' of {at}' if at else ''}: {count_words(len(restored), 'file')}?"):
        raise PlanRefused("nothing was changed: you said no", code="refused-by-you")
    after = _rolled_back(state, restored, goal, options.now)
    done = apply_changes(workspace.storage, restored, state, after, run)
    workspace.remember(done)
    workspace.console.say(f"Rolled back: listeners see the show as it was after publish {goal}. {count_words(len(restored), 'file')} sent.")
    forget(workspace, [item.key for item in restored])
    workspace.console.say("It is held so. When the folder is right again: publish --force resume")
    return {"generation": done.generation, "held": goal, "files": len(restored)}


def _changed_after(state: State, goal: int) -> set[str]:
    """The pages and feeds that were put after publish `goal`."""
    return {key for key, stored in state.objects.items() if stored.since > goal and stored.cache_control != FOREVER}


def _as_of(store: Store, state: State, goal: int) -> Iterator[Artifact]:
    """The bytes that each page changed after `goal` had then, from the newest record that holds it."""
    wanted = _changed_after(state, goal)
    for generation in range(goal, 0, -1):
        if not wanted:
            return
        stored = store.read(claim_key(generation))
        if stored is None:
            continue
        for item in read_objects(store, generation, stored.body):
            if item.key in wanted:
                wanted.discard(item.key)
                yield item


def _refuse_forgotten(store: Store, state: State, restored: list[Artifact], goal: int) -> None:
    """A page that was there already and of which no record is left makes the show of then unknown."""
    unknown = _changed_after(state, goal) - {item.key for item in restored}
    for generation in range(goal + 1, state.generation + 1):
        if unknown and (stored := store.read(claim_key(generation))) is not None:
            unknown -= new_keys(generation, stored.body)
    if unknown:
        raise PlanRefused(
            f"the show cannot go back to publish {goal}: nothing is left of {min(unknown)} as it was then",
            cause="the record of it was pruned, or scrubbed with a withdrawn episode",
            hint="go back to a later publish, or mend the folder and publish",
            code="rollback-impossible",
        )


def _hidden(key: str) -> bool:
    """Whether nobody sees a key until a page or feed names it: it carries a hash."""
    return key.startswith(("media/", "art/", "assets/")) or re.search(r"-[0-9a-f]{8}\.\w+$", key) is not None


def _refuse_missing(workspace: Workspace, state: State, restored: Sequence[Artifact], goal: int) -> None:
    """A feed or page that would name a replaced or pruned file of an episode is refused, naming it."""
    base = workspace.config.site.url.rstrip("/") + "/"
    there = {item.key for item in restored}
    for item in restored:
        for key in _named_by(item, base):
            stored = state.objects.get(key)
            if key not in there and (stored is None or stored.since > goal):
                what = "was replaced" if stored is not None else "was deleted by `publish prune`"
                raise PlanRefused(
                    f"the show cannot go back to publish {goal}: {key} {what} since",
                    hint="go back to a later publish, or mend the folder and publish",
                    code="rollback-impossible",
                )


def _named_by(item: Artifact, base: str) -> Iterator[str]:
    """The keys of the recordings and documents that a feed or page leads to, also behind the prefix of a measurement service."""
    if not isinstance(item.body, bytes):
        return
    urls: Iterable[str] = ()
    if item.phase is Phase.FEED:
        from feed.reader import read_feed

        urls = (node.get(NAMED[node.name]) for node in read_feed(item.body).root.walk() if node.name in NAMED)
    elif item.content_type.startswith("text/html"):
        from lxml import html

        urls = (urljoin(base + item.key, player.get("src", "")) for player in html.fromstring(item.body).iter("audio"))
    place = base.partition("://")[2]
    for url in urls:
        _, found, key = url.partition(place)
        if found and key.startswith(("media/", "episodes/")):
            yield key


def _rolled_back(state: State, restored: list[Artifact], goal: int, now: dt.datetime) -> State:
    generation = state.generation + 1
    objects = {key: stored._replace(gone=0) if stored.gone > goal else stored for key, stored in state.objects.items()}
    for item in restored:
        objects[item.key] = state.objects[item.key]._replace(
            size=item.size,
            sha256=item.sha256,
            etag="",
            content_type=item.content_type,
            cache_control=item.cache_control,
            since=generation,
            gone=0,
        )
    touched = {item.key for item in restored}
    recipes = {
        name: RecipeRecord(fingerprint="", keys=record.keys) if touched & set(record.keys) else record
        for name, record in state.recipes.items()
    }
    return replace(state, generation=generation, objects=objects, recipes=recipes, held=goal, published=recent(state, now), verified=0)


# withdraw


def withdrawn(state: State, slug: str) -> State:
    """State in which an episode is taken down: what the next plan is made from. Raises UsageError when there is none."""
    known = state.episodes.get(slug)
    if known is None:
        import difflib

        close = difflib.get_close_matches(slug, state.episodes, n=1)
        hint = f"did you mean `{close[0]}`?" if close else "`publish status` lists what is published"
        raise UsageError(f"no episode `{slug}` was ever published", hint=hint, code="withdraw-unknown")
    if known.withdrawn:
        raise UsageError(f"“{slug}” is withdrawn already", hint="`publish prune` deletes what is left of it", code="withdraw-unknown")
    audio = known.audio and replace(known.audio, facts=replace(known.audio.facts, tags={}, chapters=(), doubts=()))
    down = replace(known, withdrawn=True, audio=audio)
    return replace(state, episodes={**state.episodes, slug: down}, forgotten=state.generation + 1)


def scrub(storage: Storage, state: State) -> int:
    """Delete the record of every publish before `state`: it holds what was withdrawn. Returns how many went."""
    keys = [item.key for item in storage.private.list(CLAIMS) if item.key < claim_key(state.generation)]
    keys += [item.key for item in storage.private.list(HISTORY) if item.key < f"{HISTORY}{state.generation:08}"]
    storage.private.delete(keys)
    return len(keys)


# prune


def prune(workspace: Workspace, options: Options, *, ask: Callable[[str], bool]) -> dict[str, Any]:
    """Delete what nothing refers to any more, after the grace: State first, then the objects, under a claim."""
    run = new_run(workspace, options.forces)
    with workspace.store.lock(wait=options.wait):
        for _ in range(ATTEMPTS):
            with suppress(Overtaken):
                return _prune(workspace, options.now, options, run, ask)
    raise StorageError("other publishes were faster each time", hint="run this again when they are done", code="storage-busy")


def _prune(workspace: Workspace, now: dt.datetime, options: Options, run: Run, ask: Callable[[str], bool]) -> dict[str, Any]:
    storage = workspace.storage
    state = settled_state(workspace, run, max(options.wait, PATIENCE))
    doomed = doomed_objects(state, now)
    records = list(_old_records(storage.private, state, now))
    strays = _strays(storage, state, now)
    total = sum(state.objects[key].size for key in doomed)
    released = {secret_name(item.guid) for item in state.episodes.values()}
    records += [item.key for item in storage.private.list("staged/") if item.key.rpartition(".")[0] in released]
    cut = sum(store.clear_leftovers(now - ABANDONED) for store in {storage.public, storage.private})
    document: dict[str, Any] = {"deleted": sorted(doomed), "records": sorted(records), "strays": sorted(strays), "bytes": total}
    document["uploads"] = cut
    if cut:
        workspace.console.say(f"Threw away what {count_words(cut, 'upload')} left that never ended.")
    if not doomed and not records and not strays:
        workspace.console.say("Nothing to prune." if not cut else "Nothing else to prune.")
        return document
    for key in sorted([*doomed, *strays])[:12]:
        workspace.console.say(f"  - {key}")
    words = f"{count_words(len(doomed) + len(strays), 'file')} ({size_words(total)}) and {count_words(len(records), 'old record')}"
    if not ask(f"Delete {words}?"):
        raise PlanRefused("nothing was deleted: you said no", code="refused-by-you")
    objects = {key: stored for key, stored in state.objects.items() if key not in doomed}
    after = _next_quiet(replace(state, objects=objects), now)
    # Two claims: a publish that would take what is about to go for there already has to wait until it is gone.
    done = _next_quiet(after, now)
    first, second = (
        Claim(generation=item.generation, owner=run.owner, machine=run.machine, state=item, objects=()) for item in (after, done)
    )
    with claimed(storage, first) as held, claimed(storage, second) as held_too:
        held.seen = held_too.seen = True
        after = commit(storage, after, state)
        storage.public.delete([*doomed, *strays])
        storage.private.delete([key for key in records if key not in after.shards.values()])
        done = commit(storage, done, after)
    workspace.remember(done)
    workspace.console.say(f"Deleted {words}.")
    forget(workspace, sorted([*doomed, *strays]))
    return document


def _next_quiet(state: State, now: dt.datetime) -> State:
    """The next State of a show in which nothing changes for listeners: it was looked at and announced as before."""
    made = state.generation + 1
    verified, announced = (made if noted == state.generation else noted for noted in (state.verified, state.announced))
    return replace(state, generation=made, published=recent(state, now), verified=verified, announced=announced)


def doomed_objects(state: State, now: dt.datetime) -> set[str]:
    """Keys in our Ledger that nothing names since before the grace; what was withdrawn has none."""
    withdrawn_ones = {item.slug for item in state.episodes.values() if item.withdrawn}
    heard = _recordings(item for item in state.episodes.values() if not item.withdrawn)
    oldest = min(state.published, key=int, default="")
    doomed = set()
    for key, stored in state.objects.items():
        if not stored.gone or key.startswith("comments/"):
            continue
        at = state.published.get(str(stored.gone)) or state.published.get(oldest)
        tells = bool(withdrawn_ones) and key not in heard and _may_tell(stored, withdrawn_ones)
        if tells or (at is not None and now - dt.datetime.fromisoformat(at) > GRACE):
            doomed.add(key)
    return doomed


def _may_tell(stored: StoredObject, slugs: Collection[str]) -> bool:
    """Whether what nothing names now may hold something of these episodes: what their recipes made, pages and search of the show
    itself, and what a State of before kept no maker of.
    """
    owners = {episode_of(name) for name in stored.makers}
    searched = any(name.startswith("search/") for name in stored.makers)
    return not owners or searched or not owners.isdisjoint(slugs) or ("" in owners and stored.cache_control != FOREVER)


def _recordings(episodes: Iterable[PublishedEpisode]) -> set[str]:
    """The keys of recordings and their other encodings, as the Ledger knows them."""
    found: set[str] = set()
    for item in episodes:
        found.update(alternate.key for alternate in item.alternates)
        if item.audio is not None:
            found.update((item.audio.key, *item.audio.replaced))
    return found


def _old_records(store: Store, state: State, now: dt.datetime) -> Iterator[str]:
    """Claims past the grace that no rollback within it needs, and shards of State that it no longer names. What was made before
    a withdrawal goes at once.
    """
    claims = {int(name): item for item in store.list(CLAIMS) if (name := item.key.removeprefix(CLAIMS)).isdecimal()}
    young = [number for number, item in claims.items() if item.modified is None or now - item.modified <= GRACE]
    oldest = min([state.generation, *young])
    seen = {stored.since for stored in state.objects.values() if stored.cache_control != FOREVER and not stored.gone}
    needed = seen | _records_behind(store, state, oldest, sorted(claims, reverse=True))
    gone = {number for number in claims if number < state.forgotten or (number < oldest and number not in needed)}
    yield from (claims[number].key for number in sorted(gone))
    for item in store.list(HISTORY):
        number = int(item.key.removeprefix(HISTORY)[:8])
        if number in gone or (number < oldest and number not in claims):
            yield item.key
    named = set(state.shards.values())
    for item in store.list(".airdate/state-"):
        old = item.modified is not None and now - item.modified > GRACE
        if item.key not in named and (old or state.forgotten):  # older ones hold what was withdrawn
            yield item.key


def _records_behind(store: Store, state: State, oldest: int, numbers: list[int]) -> set[int]:
    """The records before `oldest` that a rollback to it, or to any later publish, would take pages from."""
    wanted = _changed_after(state, oldest)
    found = set()
    for number in numbers:
        stored = store.read(claim_key(number)) if wanted and number <= oldest else None
        if stored is None:
            continue
        held = {item.key for item in read_objects(store, number, stored.body)}
        if held & wanted:
            found.add(number)
            wanted -= held
    return found


def _strays(storage: Storage, state: State, now: dt.datetime) -> set[str]:
    """Files that State never heard of, past the grace, in the folders where ours lie: those that carry our mark, and where a storage
    keeps no marks, those under the names that a cut publish leaves of an episode in our Ledger. All else may be somebody else's.
    """
    found = set()
    for folder in sorted({f"{key.partition('/')[0]}/" for key in state.objects if "/" in key} - {"comments/"}):
        for item in storage.public.list(folder):
            if item.key in state.objects or item.modified is None or now - item.modified <= GRACE:
                continue
            there = storage.public.head(item.key)
            left = folder in ("media/", "episodes/") and _hidden(item.key) and _slug_of(item.key) in state.episodes
            if left or (there is not None and there.ours):
                found.add(item.key)
    return found


def _slug_of(key: str) -> str:
    """`media/slug-01234567.mp3` and `episodes/slug/transcript-01234567.vtt` are of `slug`."""
    name = key.split("/")[1]
    return name.rpartition("-")[0] if key.startswith("media/") else name
