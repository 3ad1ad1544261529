"""The look at the storage before a plan: at all of it with `--repair`, and where no condition guards a write; else at what a look from outside
did not find.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from publisher.core.addresses import files_behind, path_below
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import FOREVER
from publisher.repair.private_copies import lost_of_kept
from publisher.state.state import State, write_state
from publisher.stores.protocol import ConditionFailed
from publisher.sync.apply import commit
from publisher.sync.missing_objects import LostObjects, lost_in_listings, lost_of, lost_parts
from publisher.sync.this_run import Overtaken
from publisher.sync.uploads import SHARD_HEADERS, generation_there

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.core.command_call import Options
    from publisher.core.layout import Key
    from publisher.workspace import Workspace

LATELY = 2
"""Publishes before the last whose pages a held up request may still overwrite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found. `parts` are those of State itself that were lost, each with its ETag ("" where it was missing); `looked_at`
    how many objects were asked for (None: there was no reason to ask); `kept` says of what is kept for a lost folder that it is `missing` or
    `changed`.
    """

    looked_at: int | None = None
    lost: LostObjects = field(default_factory=LostObjects)
    parts: Mapping[Key, str] = field(default_factory=dict)
    kept: Mapping[Key, str] = field(default_factory=dict)


def look(workspace: Workspace, state: State, options: Options) -> Look:
    """Ask the storage; lost parts of State are put back at once, for they are named by what they hold. Raises StorageError."""
    if state.first:
        return Look()
    if options.repair:
        lost, parts = lost_of(workspace.store, state.objects), lost_parts(workspace.storage.private, state)
        if not options.dry_run:
            _put_back(workspace, state, parts)
        return Look(looked_at=len(state.objects), lost=lost, parts=parts, kept=lost_of_kept(workspace, state))
    try:
        if not workspace.storage.keeps_conditions:
            found = lost_in_listings(workspace.store, state.objects)
            if found is not None:
                return Look(looked_at=len(state.objects), lost=found)
        suspects = _suspects(workspace, state) | _put_lately(workspace, state)
        return Look(looked_at=len(suspects), lost=lost_of(workspace.store, state.objects, suspects)) if suspects else Look()
    except StorageError as error:
        if error.code != "storage-denied":
            raise
        workspace.console.warn(f"whether something vanished from the storage cannot be told: {error.message}")
        return Look()


def _suspects(workspace: Workspace, state: State) -> set[Key]:
    """The objects behind the addresses that a look from outside did not find."""
    paths = (path_below(address, workspace.config.site.url) for address in workspace.missing_addresses.read())
    names = {name for path in paths if path is not None for name in files_behind(path)}
    return {key for key in state.objects if key in names} if names else set()


def _put_lately(workspace: Workspace, state: State) -> set[Key]:
    """What was put lately where no condition guards a write, and not all can be looked at: a request that was held up on its way may have
    put an older one over it.
    """
    if workspace.storage.keeps_conditions:
        return set()
    oldest = state.generation - LATELY
    return {key for key, item in state.objects.items() if item.since >= oldest and not item.gone and item.cache_control != FOREVER}


def _put_back(workspace: Workspace, state: State, parts: Mapping[Key, str]) -> None:
    _, bodies = write_state(state)
    for key, etag in parts.items():
        with suppress(ConditionFailed):  # somebody else has put it back
            workspace.storage.private.put(key, bodies[key], SHARD_HEADERS, if_match=etag or None, if_absent=not etag)
    workspace.storage.private.flush()
    taken_from_a_record = not parts.keys() <= set(state.shards.values())  # without ETags, and so under another name
    if taken_from_a_record and generation_there(workspace.storage) == state.generation:
        with suppress(Overtaken):
            workspace.state_copies.write(commit(workspace.storage, state, state))
