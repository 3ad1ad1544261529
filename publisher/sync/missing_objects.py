"""What lies on the storage, held against what State says was put there."""

from __future__ import annotations

import hashlib
import math
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.state.state import State, write_state
from publisher.sync.uploads import holds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from publisher.core.layout import Key
    from publisher.incremental_build.artifacts import RecipeRecord, StoredObject
    from publisher.stores.protocol import Listed, Store

AT_ONCE = 32
"""Objects that are asked for at the same time."""
DOUBTS = 100
"""Objects that a look which nobody asked for reads: after a race they are few."""
NO_LISTING = frozenset({"storage-denied", "storage-unsupported"})
"""What a storage says that gives no listing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostObjects:
    """Objects of State that are not on the storage as they were put: `missing` are gone, `changed` hold other bytes, each with its
    ETag now.
    """

    missing: frozenset[Key] = frozenset()
    changed: Mapping[Key, str] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[Key]:
        """All of them."""
        return self.missing.union(self.changed)

    def unharmed(self, recipes: Mapping[str, RecipeRecord]) -> Mapping[str, RecipeRecord]:
        """The recipes of which nothing is lost."""
        lost = self.keys
        return {name: record for name, record in recipes.items() if lost.isdisjoint(record.keys)} if lost else recipes


def lost_of(store: Store, objects: Mapping[Key, StoredObject], keys: Collection[Key] | None = None) -> LostObjects:
    """Which of `keys` (all when None) are lost: all are looked up in listings where the storage gives them, else each is asked for.

    An ETag may differ where the bytes are the same, as after a move to another bucket: then these are read.
    """
    if keys is not None:
        return _lost(store, {key: objects[key] for key in keys}, _one_by_one(store, keys))
    try:
        there = _by_listing(store, objects)
    except StorageError as error:
        if error.code not in NO_LISTING:
            raise
        there = _one_by_one(store, objects)
    return _lost(store, objects, there)


def lost_in_listings(store: Store, objects: Mapping[Key, StoredObject]) -> LostObjects | None:
    """The same of all, for a look that nobody asked for: by listings alone (None where the storage gives none), and where more than
    DOUBTS objects have the right size and another ETag, the storage names bytes in another way than it did, and they are not read each time.
    """
    try:
        return _lost(store, objects, _by_listing(store, objects), DOUBTS)
    except StorageError as error:
        if error.code not in NO_LISTING:
            raise
        return None


def _lost(store: Store, expected: Mapping[Key, StoredObject], there: Mapping[Key, Listed], doubts: float = math.inf) -> LostObjects:
    """Of `expected`, what is not as it is `there`."""
    found = {key: there[key] for key in expected if key in there}
    changed = {key: now.etag for key, now in found.items() if now.size != expected[key].size}
    suspects = [key for key, now in found.items() if key not in changed and now.etag != (expected[key].etag or now.etag)]
    if len(suspects) <= doubts:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            same = pool.map(lambda key: _reads_as(store, key, expected[key].sha256), suspects)
            changed |= {key: found[key].etag for key, is_same in zip(suspects, same, strict=True) if not is_same}
    return LostObjects(missing=frozenset(expected.keys() - there.keys()), changed=changed)


def lost_parts(store: Store, state: State) -> dict[Key, str]:
    """The parts of State itself that are lost, each with its ETag now ("" where it is missing)."""
    _, bodies = write_state(state)
    there = _one_by_one(store, bodies)
    return {
        key: there[key].etag if key in there else ""
        for key, body in bodies.items()
        if key not in there or not holds(store, there[key], body)
    }


def _by_listing(store: Store, keys: Iterable[Key]) -> dict[Key, Listed]:
    """What lies under these keys. What lies beside the folders is asked for: there the whole bucket might be listed."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        listings = pool.map(lambda folder: [*store.list(folder)], sorted(layout.top_folders(keys)))
        there = {item.key: item for listing in listings for item in listing}
    return there | _one_by_one(store, [key for key in keys if not layout.folder_of(key)])


def _one_by_one(store: Store, keys: Iterable[Key]) -> dict[Key, Listed]:
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return {item.key: item for item in pool.map(store.head, keys) if item is not None}


def _reads_as(store: Store, key: Key, sha256: str) -> bool:
    """Whether the object, read, has this sha256."""
    with tempfile.TemporaryDirectory(prefix="airdate-") as folder:
        target = Path(folder) / "object"
        if store.fetch(key, target) is None:
            return False
        with target.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
