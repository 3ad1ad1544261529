"""`publish rollback`: pages and feed as they were after an earlier publish, from the records that claims are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import click

from feed.findings import ContentFault
from feed.reader import read_feed
from feed.text_cleaning import printable_line
from publisher.announce.follow_up import purge_cdn
from publisher.core import layout
from publisher.core.command_call import Call, Options, common
from publisher.core.console import count_words
from publisher.core.errors import PlanRefused, StorageError, UsageError
from publisher.core.json_results import Result
from publisher.incremental_build.artifacts import Artifact, Phase, RecipeRecord
from publisher.load.dates import moment_words
from publisher.sync.apply import apply_changes
from publisher.sync.claims import new_keys, read_objects
from publisher.sync.other_publishes import idle_state
from publisher.sync.plan import as_stored
from publisher.sync.this_run import Overtaken, Run, new_run, recent_publishes
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from publisher.core.layout import Key
    from publisher.state.state import State
    from publisher.stores.protocol import Store

NAMED = {"enclosure": "url", "podcast:source": "uri", "podcast:transcript": "url", "podcast:chapters": "url"}
"""What a feed leads to that an episode has of its own, each with the attribute that says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack(Result):
    """What `publish rollback` did."""

    generation: int
    """The number of the publish that this is."""
    held: int
    """The publish whose pages and feed listeners see, until `--force resume`."""
    files: int
    """How many were sent."""


def rollback(workspace: Workspace, target: int | None, options: Options, *, ask: Callable[[str], bool]) -> RolledBack:
    """Pages and feed as they were after publish `target` (the one before the last when None), held until `--force resume`.
    The Ledger stays as it is.
    """
    run = new_run(workspace.console, options, partial(purge_cdn, workspace))
    with workspace.store.lock(wait=options.wait):
        try:
            return _rollback(workspace, target, options, run, ask)
        except Overtaken:
            hint = "`publish status` says what is published now; then run this again"
            raise StorageError("nothing was rolled back: another publish was faster", hint=hint, code="storage-busy") from None


def _rollback(workspace: Workspace, target: int | None, options: Options, run: Run, ask: Callable[[str], bool]) -> RolledBack:
    state = idle_state(workspace.storage, workspace.state_copies.read, run)
    goal = state.generation - 1 if target is None else target
    if not 0 < goal < state.generation:
        known = ", ".join(f"{number} ({moment_words(at, workspace.config.show.timezone)})" for number, at in state.publishes[1:6])
        if not known:
            hint = "one episode is taken down with `publish withdraw SLUG`; `publish status` says what is published"
            raise UsageError("there is no earlier publish to go back to", hint=hint, code="rollback-unknown")
        raise UsageError(f"there is no publish {goal} to go back to", hint=f"there are: {known}", code="rollback-unknown")
    if goal < state.forgotten:
        raise PlanRefused(
            f"the show cannot go back before publish {state.forgotten}",
            cause="an episode was withdrawn then, or a comment erased, and everything that held it was scrubbed",
            hint="",
            code="rollback-impossible",
        )
    records = _records(workspace.storage.private)
    restored = list(_as_of(workspace.storage.private, state, goal, records))
    _refuse_forgotten(workspace.storage.private, state, restored, goal, records)
    _refuse_missing(workspace, state, restored, goal)
    at = moment_words(state.published[str(goal)], workspace.config.show.timezone) if str(goal) in state.published else ""
    if not ask(f"Go back to publish {goal}{f' of {at}' if at else ''}: {count_words(len(restored), 'file')}?"):
        raise PlanRefused("nothing was changed: you said no", code="refused-by-you")
    after = _rolled_back(state, restored, goal, options.now)
    done = apply_changes(workspace.storage, restored, state, after, run)
    workspace.state_copies.write(done)
    workspace.console.show(
        f"Rolled back: listeners see the show as it was after publish {goal}. {count_words(len(restored), 'file')} sent."
    )
    purge_cdn(workspace, [item.key for item in restored])
    workspace.console.say("It is held so. When the folder is right again: publish --force resume")
    return RolledBack(generation=done.generation, held=goal, files=len(restored))


def _records(store: Store) -> list[int]:
    """The publishes that a claim is left of, newest first. State may say anything of how many there were."""
    numbers = (layout.generation_in(item.key) for item in store.list(layout.CLAIMS))
    return sorted((number for number in numbers if number is not None), reverse=True)


def _as_of(store: Store, state: State, goal: int, records: Sequence[int]) -> Iterator[Artifact]:
    """The bytes that each page changed after `goal` had then, from the newest record that holds it."""
    wanted = state.changed_after(goal)
    for generation in records:
        if not wanted:
            return
        if generation > goal:
            continue
        stored = store.read(layout.claim(generation))
        if stored is None:
            continue
        for item in read_objects(store, generation, stored.body):
            if item.key in wanted:
                wanted.discard(item.key)
                yield item


def _refuse_forgotten(store: Store, state: State, restored: list[Artifact], goal: int, records: Sequence[int]) -> None:
    """A page that was there already and of which no record is left makes the show of then unknown."""
    unknown = state.changed_after(goal) - {item.key for item in restored}
    for generation in reversed(records):
        if unknown and goal < generation <= state.generation and (stored := store.read(layout.claim(generation))) is not None:
            unknown -= new_keys(generation, stored.body)
    if unknown:
        raise PlanRefused(
            f"the show cannot go back to publish {goal}: nothing is left of {min(unknown)} as it was then",
            cause="the record of it was pruned, or scrubbed with a withdrawn episode",
            hint="go back to a later publish, or mend the folder and publish",
            code="rollback-impossible",
        )


def _refuse_missing(workspace: Workspace, state: State, restored: Sequence[Artifact], goal: int) -> None:
    """A feed or page that would name a replaced or pruned file of an episode is refused, naming it."""
    base = workspace.config.site.url.rstrip("/") + "/"
    there = {item.key for item in restored}
    for item in restored:
        for key in _understood(item, base, goal):
            stored = state.objects.get(key)
            if key not in there and (stored is None or stored.since > goal):
                what = "was replaced" if stored is not None else "was deleted by `publish prune`"
                raise PlanRefused(
                    f"the show cannot go back to publish {goal}: {key} {what} since",
                    hint="go back to a later publish, or mend the folder and publish",
                    code="rollback-impossible",
                )


def _understood(item: Artifact, base: str, goal: int) -> list[Key]:
    """What a feed or page leads to. Raises PlanRefused where it is neither: somebody else wrote the record."""
    try:
        return list(_named_by(item, base))
    except (ContentFault, ValueError, LookupError, SyntaxError) as error:  # lxml's own are SyntaxErrors
        raise PlanRefused(
            f"the show cannot go back to publish {goal}: {item.key} as it was then cannot be read",
            cause=printable_line(str(error))[:300],
            hint="go back to a later publish, or mend the folder and publish",
            code="rollback-impossible",
        ) from error


def _named_by(item: Artifact, base: str) -> Iterator[Key]:
    """The keys of the recordings and documents that a feed or page leads to, also behind the prefix of a measurement service."""
    if not isinstance(item.body, bytes):
        return
    urls: Iterable[str] = ()
    if item.phase is Phase.FEED:
        urls = (node.get(NAMED[node.name]) for node in read_feed(item.body).root.walk() if node.name in NAMED)
    elif item.content_type.startswith("text/html"):
        from lxml import html

        urls = (urljoin(base + item.key, player.get("src", "")) for player in html.fromstring(item.body).iter("audio"))
    place = base.partition("://")[2]
    for url in urls:
        _, found, key = url.partition(place)
        if found:
            yield from (one.key for one in layout.parse(key) if one.kind in layout.EPISODE_FILES)


def _rolled_back(state: State, restored: list[Artifact], goal: int, now: dt.datetime) -> State:
    generation = state.generation + 1
    objects = {key: stored._replace(gone=0) if stored.gone > goal else stored for key, stored in state.objects.items()}
    for item in restored:
        objects[item.key] = as_stored(item, generation, state.objects[item.key])
    touched = {item.key for item in restored}
    recipes = {
        name: RecipeRecord(fingerprint="", keys=record.keys) if touched & set(record.keys) else record
        for name, record in state.recipes.items()
    }
    return replace(
        state, generation=generation, objects=objects, recipes=recipes, held=goal, published=recent_publishes(state, now), verified=0
    )


@click.command("rollback")
@common
@click.argument("number", type=click.IntRange(1), required=False)
def command(call: Call, /, number: int | None) -> None:
    """Pages and feed as they were after publish NUMBER (the one before the last), held until you resume."""
    call.result(rollback(opened(call), number, call.options(), ask=call.confirm))
