"""What `publish check` found last time, so that rules run only on what changed since. A lost or damaged file is no error."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from feed.findings import Finding, Severity
from publisher.core.layout import key_of, keys_of
from publisher.core.local_cache import CacheFile
from publisher.recipes.artifacts import RecipeRecord, StoredObject
from publisher.state.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from publisher.recipes.artifacts import Recipe


class KnownFindings:
    """One file of the cache: recipes as they were made for the last check, and the findings of each group (an episode's slug, "feed").

    `show` is a digest of all that concerns every group: config, code, pictures; under another one nothing is known.
    """

    def __init__(self, path: Path, show: str) -> None:
        self._file = CacheFile(path, show)
        known = self._file.read()
        self._recipes: dict[str, Any] = known.get("recipes", {})
        self._objects: dict[str, Any] = known.get("objects", {})
        self._groups: dict[str, Any] = known.get("groups", {})
        self._kept: dict[str, Any] = {}

    def get(self, group: str, key: str) -> list[Finding] | None:
        """The findings of a group that is as it was: `key` tells everything it is made from."""
        known = self._groups.get(group)
        if known is None or known[0] != key:
            return None
        self._kept[group] = known
        return [Finding(**{**row, "severity": Severity(row["severity"])}) for row in known[1]]

    def put(self, group: str, key: str, findings: Iterable[Finding]) -> None:
        """Remember the findings of a group."""
        self._kept[group] = [key, [{name: value for name, value in asdict(item).items() if value not in ("", 0)} for item in findings]]

    def state(self, changed: Iterable[str]) -> State:
        """What was made for the last check, as if a storage held it; without the recipes of `changed` groups."""
        left_out = set(changed)
        recipes = {
            name: RecipeRecord(fingerprint=fingerprint, keys=keys_of(keys))
            for name, (fingerprint, keys) in self._recipes.items()
            if _group_of(name) not in left_out
        }
        objects = {
            key_of(key): StoredObject(size=size, sha256=sha256, etag="", content_type=kind, cache_control="")
            for key, (size, sha256, kind) in self._objects.items()
        }
        return State(recipes=recipes, objects=objects)

    def save(self, site: Mapping[str, Recipe]) -> None:
        """Write the file."""
        recipes = {name: [recipe.fingerprint, list(recipe.keys)] for name, recipe in site.items()}
        made = {item.key: [item.size, item.sha256, item.content_type] for recipe in site.values() for item in recipe.artifacts or ()}
        named = {key for recipe in site.values() for key in recipe.keys}
        objects = {key: made.get(key) or self._objects[key] for key in sorted(named) if key in made or key in self._objects}
        self._file.write({"recipes": recipes, "objects": objects, "groups": self._kept})


def _group_of(recipe: str) -> str:
    """`page/slug` and `image/slug/name` are of the group `slug`, `feed` of its own."""
    return [*recipe.split("/"), recipe][1]
