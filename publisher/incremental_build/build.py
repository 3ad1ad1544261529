"""The build: runs each recipe whose inputs changed, and takes the others from what was made before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from feed.findings import Finding
from publisher.core.digests import code_digest, digest_json
from publisher.incremental_build.artifacts import Artifact, Made, Recipe, RecipeRecord, StoredObject
from publisher.incremental_build.recipe_names import episode_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from publisher.core.layout import Key
    from publisher.incremental_build.spool import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was made before: each recipe by name, with its fingerprint and keys, and the objects under these keys."""

    recipes: Mapping[str, RecipeRecord] = field(default_factory=dict)
    objects: Mapping[Key, StoredObject] = field(default_factory=dict)


class Remembered(Protocol):
    """What was wrong with recipes when they were made, by fingerprint."""

    def recall(self, name: str, record: RecipeRecord) -> tuple[Finding, ...]:
        """The findings of recipe `name` as `record` has it."""


class Build:
    """Makes what others ask for, once; what is `known` already with the same fingerprint is neither read nor rendered.

    `everything` makes all anew, for a folder that must be whole, but for what `earlier` holds of the very same inputs.
    `memory` knows what was wrong with what is not made again; bodies wait in `spool` where there is one.
    """

    def __init__(
        self,
        known: Known,
        *,
        everything: bool = False,
        earlier: Mapping[str, Recipe] | None = None,
        memory: Remembered | None = None,
        spool: Spool | None = None,
    ) -> None:
        self._known = known
        self._everything = everything
        self._earlier = earlier or {}
        self._memory = memory
        self._spool = spool
        self.site: dict[str, Recipe] = {}

    def make(
        self, name: str, inputs: object, render: Callable[[], Iterable[Artifact | Finding]], made_by: tuple[str, ...] = ()
    ) -> tuple[Made, ...]:
        """The objects of recipe `name`. `inputs` is everything `render` looks at, as JSON values; it yields artifacts, and what is
        wrong; `made_by` are the files and folders of our code that it runs (none: any).
        """
        if name in self.site:
            raise ValueError(f"recipe made twice: {name}")
        fingerprint = fingerprint_of(name, inputs, made_by)
        record = self._known.recipes.get(name)
        if record is not None and record.fingerprint == fingerprint and not self._everything:
            findings = self._memory.recall(name, record) if self._memory is not None else ()
            self.site[name] = Recipe(fingerprint=fingerprint, keys=record.keys, artifacts=None, findings=findings)
            return self._made_before(record)
        before = self._earlier.get(name)
        if before is not None and before.fingerprint == fingerprint and before.artifacts is not None:
            recipe, artifacts = before, before.artifacts
        else:
            rendered = tuple(self._kept(item) for item in render())
            artifacts = tuple(item for item in rendered if isinstance(item, Artifact))
            findings = tuple(dict.fromkeys(item for item in rendered if isinstance(item, Finding)))
            recipe = Recipe(fingerprint=fingerprint, keys=tuple(item.key for item in artifacts), artifacts=artifacts, findings=findings)
        self.site[name] = recipe
        return tuple(Made(key=item.key, size=item.size, sha256=item.sha256, content_type=item.content_type) for item in artifacts)

    def remembered(self, name: str) -> tuple[Made, ...]:
        """The objects of a recipe whose inputs are not on this machine, as they were made before, by whichever version; none where it is new."""
        record = self._known.recipes.get(name)
        if record is None:
            return ()
        self.keep(name, record.fingerprint, record.keys)
        return self._made_before(record)

    def digest_before(self, key: Key) -> str:
        """The sha256 of an object as it was put before, though it may be lost since; "" for one that is new."""
        stored = self._known.objects.get(key)
        return stored.sha256 if stored is not None else ""

    def is_known(self, name: str) -> bool:
        """Whether the objects of a recipe that was made before are all as they were put."""
        return name in self._known.recipes

    def remembered_of(self, episode: str) -> dict[str, tuple[Made, ...]]:
        """The same for all recipes of an episode (its slug), by name."""
        return {name: self.remembered(name) for name in self._known.recipes if episode_of(name) == episode}

    def _made_before(self, record: RecipeRecord) -> tuple[Made, ...]:
        stored = ((key, self._known.objects[key]) for key in record.keys)
        return tuple(Made(key, item.size, item.sha256, item.content_type) for key, item in stored)

    def _kept(self, item: Artifact | Finding) -> Artifact | Finding:
        return self._spool.keep(item) if self._spool is not None and isinstance(item, Artifact) else item

    def keep(self, name: str, fingerprint: str, keys: tuple[Key, ...], artifacts: tuple[Artifact, ...] | None = None) -> None:
        """A recipe that is made once and then frozen: its fingerprint is given, not derived."""
        self.site[name] = Recipe(fingerprint=fingerprint, keys=keys, artifacts=artifacts)

    def changed(self, name: str) -> bool:
        """Whether recipe `name` was made anew."""
        return name in self.site and self.site[name].artifacts is not None

    def changed_after(self, count: int) -> bool:
        """Whether any recipe after the first `count` was made anew."""
        return any(recipe.artifacts is not None for recipe in islice(reversed(self.site.values()), len(self.site) - count))

    def taken_after(self, count: int) -> dict[str, Recipe]:
        """The recipes made after the first `count`, taken out: another process joins them to its own."""
        taken = [self.site.popitem() for _ in range(len(self.site) - count)]
        return dict(reversed(taken))

    def fresh(self, name: str) -> bool:
        """Whether recipe `name` was made now, and not taken from an earlier rendering."""
        earlier = self._earlier.get(name)
        return self.changed(name) and not (earlier is not None and earlier.fingerprint == self.site[name].fingerprint)

    def add(self, name: str, findings: Iterable[Finding]) -> None:
        """Remember with recipe `name` what else is wrong with it."""
        recipe = self.site[name]
        self.site[name] = replace(recipe, findings=tuple(dict.fromkeys((*recipe.findings, *findings))))

    def known(self, names: Iterable[str]) -> Known:
        """These recipes, as another build may know them."""
        recipes, objects = {}, {}
        for name in names:
            recipe = self.site[name]
            recipes[name] = RecipeRecord(fingerprint=recipe.fingerprint, keys=recipe.keys)
            made = {item.key: item for item in recipe.artifacts or ()}
            for key in recipe.keys:
                item = made.get(key)
                objects[key] = self._known.objects[key] if item is None else StoredObject(item.size, item.sha256, "", item.content_type, "")
        return Known(recipes=recipes, objects=objects)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with everything that was made, now or before."""
        return tuple(dict.fromkeys(item for recipe in self.site.values() for item in recipe.findings))


def fingerprint_of(name: str, inputs: object, made_by: tuple[str, ...] = ()) -> str:
    """The fingerprint of a recipe: its name, all its inputs, and the code that makes it: `made_by`, else all of ours and the
    libraries' versions.
    """
    code = code_digest(*made_by, libraries=()) if made_by else code_digest()
    return digest_json([code, name, inputs])
