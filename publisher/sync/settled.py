"""State when no other publish is under way, and what changed after an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.core.errors import StorageError, UsageError
from publisher.recipes.artifacts import FOREVER
from publisher.sync.apply import settle_claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from publisher.core.layout import Key
    from publisher.state.ledger import PublishedEpisode
    from publisher.state.state import State
    from publisher.sync.storage import Run, Storage


ATTEMPTS = 5


def settled_state(storage: Storage, read: Callable[[], State], run: Run, *, patience: float, say: Callable[[str], None]) -> State:
    """State, with no publish running or left unfinished after it. Raises StorageError."""
    for _ in range(ATTEMPTS):
        state = read()
        if state.first:
            raise UsageError("nothing is published here yet", hint="`publish` does it", code="nothing-published")
        if not settle_claim(storage, state, run, patience=patience, say=say):
            return state
    raise StorageError("other publishes were faster each time", hint="run this again when they are done", code="storage-busy")


def publishes(state: State) -> list[tuple[int, str]]:
    """The publishes that can be named, newest first, each with its time."""
    return [(int(number), at) for number, at in sorted(state.published.items(), key=lambda row: -int(row[0]))]


def _changed_after(state: State, goal: int) -> set[Key]:
    """The pages and feeds that were put after publish `goal`."""
    return {key for key, stored in state.objects.items() if stored.since > goal and stored.cache_control != FOREVER}


def _recordings(episodes: Iterable[PublishedEpisode]) -> set[Key]:
    """The keys of recordings and their other encodings, as the Ledger knows them."""
    found: set[Key] = set()
    for item in episodes:
        found.update(alternate.key for alternate in item.alternates)
        if item.audio is not None:
            found.update((item.audio.key, *item.audio.replaced))
    return found
