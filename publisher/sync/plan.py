"""Plan: the difference between what the storage remembers and what the show is now. Pure; each change has its reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from publisher.incremental_build.artifacts import Artifact, CopyOf, Phase, Recipe, RecipeRecord, StoredObject
from publisher.incremental_build.findings_memory import rules_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.core.layout import Key
    from publisher.state.state import State


class Reason(StrEnum):
    """Why a change is in the plan."""

    NEW = "new"
    """Nothing of that name was there."""
    CONTENT = "content"
    """Other bytes."""
    HEADERS = "headers"
    """Same bytes, another type or cache rule."""
    LOST = "lost"
    """It is not on the storage as it was put there."""
    GONE = "gone"
    """Nothing names it any more; `publish prune` may delete it after the grace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One object that will differ. `artifact` is None where nothing is sent."""

    action: str
    key: Key
    reason: Reason
    size: int
    phase: Phase
    artifact: Artifact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes, in the order they are made, and the State they end in (ETags still to come).

    `lost` is what the storage lacks and cannot be made again; `forgotten` what it lacks and nothing names any more.
    """

    changes: tuple[Change, ...]
    recipes: Mapping[str, RecipeRecord]
    stale_fingerprints: bool
    lost: frozenset[Key] = frozenset()
    forgotten: frozenset[Key] = frozenset()

    @property
    def uploads(self) -> tuple[Change, ...]:
        """What is sent."""
        return tuple(change for change in self.changes if change.artifact is not None)

    @property
    def in_caches(self) -> tuple[Key, ...]:
        """The keys that caches may hold otherwise than they are now: pages and feeds, also as missing, and whatever is replaced."""
        return tuple(change.key for change in self.uploads if change.phase > Phase.CLAIM or change.reason is not Reason.NEW)

    @property
    def bytes_to_send(self) -> int:
        """Bytes of all uploads; what the storage copies is not sent."""
        return sum(change.size for change in self.uploads if change.artifact is not None and not isinstance(change.artifact.body, CopyOf))

    def counts(self) -> dict[str, int]:
        """How many changes there are of each reason."""
        return {reason.value: sum(change.reason is reason for change in self.changes) for reason in Reason}


def make_plan(state: State, site: Mapping[str, Recipe], lost: frozenset[Key] = frozenset()) -> Plan:
    """(State, Site) -> changes. `lost` are objects of State that are not on the storage as they were put. Pure."""
    changes: list[Change] = []
    recipes: dict[str, RecipeRecord] = {}
    named: set[Key] = set()
    stale = False
    for name, recipe in site.items():
        known = state.recipes.get(name)
        if known is not None and known.fingerprint == recipe.fingerprint and known.keys == recipe.keys:
            recipes[name] = known
        else:
            recipes[name] = RecipeRecord(fingerprint=recipe.fingerprint, keys=recipe.keys, rules=rules_of(recipe.findings))
            stale = True
        named.update(recipe.keys)
        for artifact in recipe.artifacts or ():
            reason = _reason(state.objects.get(artifact.key), artifact, lost)
            if reason is not None:
                changes.append(
                    Change(action="put", key=artifact.key, reason=reason, size=artifact.size, phase=artifact.phase, artifact=artifact)
                )
    changes += [
        Change(action="keep", key=key, reason=Reason.GONE, size=stored.size, phase=Phase.STATE)
        for key, stored in state.objects.items()
        if not stored.gone and key not in named and key not in lost
    ]
    stale = stale or bool(state.recipes.keys() - site.keys())
    changes.sort(key=lambda change: (change.phase, -change.size if change.phase is Phase.MEDIA else 0, change.key))
    unmade = lost.difference(change.key for change in changes)
    return Plan(
        changes=tuple(changes),
        recipes=recipes,
        stale_fingerprints=stale,
        lost=unmade.intersection(named),
        forgotten=unmade.difference(named),
    )


def _reason(stored: StoredObject | None, artifact: Artifact, lost: frozenset[Key]) -> Reason | None:
    if stored is None:
        return Reason.NEW
    if stored.sha256 != artifact.sha256:
        return Reason.CONTENT
    if (stored.content_type, stored.cache_control) != (artifact.content_type, artifact.cache_control):
        return Reason.HEADERS
    return Reason.LOST if artifact.key in lost else None


def as_stored(item: Artifact, generation: int, before: StoredObject | None) -> StoredObject:
    """An object as publish `generation` puts it in place of `before`, its ETag not known yet."""
    return StoredObject(
        size=item.size,
        sha256=item.sha256,
        etag="",
        content_type=item.content_type,
        cache_control=item.cache_control,
        since=generation,
        makers=before.makers if before is not None else (),
    )


def next_state(state: State, plan: Plan) -> State:
    """The State after `plan` was applied; the ETags of what is put are empty until the storage has answered."""
    generation = state.generation + 1
    objects = {key: stored for key, stored in state.objects.items() if key not in plan.forgotten}
    named = {key for record in plan.recipes.values() for key in record.keys}
    for change in plan.changes:
        if change.artifact is not None:
            item = change.artifact
            objects[item.key] = as_stored(item, generation, objects.get(item.key))
    for key, makers in _left(state.recipes, plan.recipes).items():
        if key in objects:
            objects[key] = objects[key]._replace(makers=tuple(sorted({*objects[key].makers, *makers})))
    for key, stored in objects.items():
        if key not in named and not stored.gone:
            objects[key] = stored._replace(gone=generation)
        elif key in named and stored.gone:
            objects[key] = stored._replace(gone=0)
    return replace(state, generation=generation, objects=objects, recipes=dict(plan.recipes))


def _left(before: Mapping[str, RecipeRecord], after: Mapping[str, RecipeRecord]) -> dict[Key, list[str]]:
    """The keys that a recipe made and does not make any more, each with the recipes that did."""
    left: dict[Key, list[str]] = {}
    for name, record in before.items():
        now = after.get(name)
        if now is not record:
            for key in set(record.keys).difference(now.keys if now is not None else ()):
                left.setdefault(key, []).append(name)
    return left
