"""Recipes and artifacts: what is made for the storage, made only when its inputs changed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Protocol

from publisher.core.digests import code_digest
from publisher.recipes.artifacts import Artifact, Made, Recipe, RecipeRecord, StoredObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from publisher.core.layout import Key


class Known(Protocol):
    """What was made before: each recipe with its fingerprint and keys, and the objects under these keys. State is one."""

    @property
    def recipes(self) -> Mapping[str, RecipeRecord]:
        """By name."""

    @property
    def objects(self) -> Mapping[Key, StoredObject]:
        """By key."""


class Build:
    """Makes what others ask for, once; what is `known` already with the same fingerprint is neither read nor rendered.

    `everything` makes all anew, for a folder that must be whole, but for what `earlier` holds of the very same inputs.
    """

    def __init__(self, known: Known, *, everything: bool = False, earlier: Mapping[str, Recipe] | None = None) -> None:
        self._known = known
        self._everything = everything
        self._earlier = earlier or {}
        self.site: dict[str, Recipe] = {}

    def make(self, name: str, inputs: Any, render: Callable[[], Iterable[Artifact]]) -> tuple[Made, ...]:
        """The objects of recipe `name`. `inputs` is everything `render` looks at, as JSON values."""
        if name in self.site:
            raise ValueError(f"recipe made twice: {name}")
        fingerprint = fingerprint_of(name, inputs)
        record = self._known.recipes.get(name)
        if record is not None and record.fingerprint == fingerprint and not self._everything:
            self.site[name] = Recipe(fingerprint=fingerprint, keys=record.keys, artifacts=None)
            objects = self._known.objects
            made = []
            for key in record.keys:
                stored = objects[key]
                made.append(Made(key, stored.size, stored.sha256, stored.content_type))
            return tuple(made)
        before = self._earlier.get(name)
        artifacts = before.artifacts if before is not None and before.fingerprint == fingerprint else None
        if artifacts is None:
            artifacts = tuple(render())
        self.site[name] = Recipe(fingerprint=fingerprint, keys=tuple(item.key for item in artifacts), artifacts=artifacts)
        return tuple(Made(key=item.key, size=item.size, sha256=item.sha256, content_type=item.content_type) for item in artifacts)

    def keep(self, name: str, fingerprint: str, keys: tuple[Key, ...], artifacts: tuple[Artifact, ...] | None = None) -> None:
        """A recipe that is made once and then frozen: its fingerprint is given, not derived."""
        self.site[name] = Recipe(fingerprint=fingerprint, keys=keys, artifacts=artifacts)

    def changed(self, name: str) -> bool:
        """Whether recipe `name` was made anew."""
        return name in self.site and self.site[name].artifacts is not None


def fingerprint_of(name: str, inputs: Any) -> str:
    """The fingerprint of a recipe: its name, all its inputs, our code and the libraries' versions."""
    return hashlib.sha256(_encode([code_digest(), name, inputs]).encode()).hexdigest()[:32]


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode
