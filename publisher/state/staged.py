"""Recordings that lie on the storage ahead of time, each with a note of what it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import PRIVATE
from publisher.state import reading
from publisher.stores.protocol import Headers, Store

if TYPE_CHECKING:
    from feed.model import AudioFacts, Chapter
    from publisher.core.layout import Key

NOTE_HEADERS = Headers(content_type="application/json", cache_control=PRIVATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A recording that lies on the storage ahead of time: the published copy's `key` and `facts`, and the file it was made of."""

    key: Key
    recording_sha256: str
    recording_size: int
    revision: int
    facts: AudioFacts
    chapters: tuple[Chapter, ...] = ()


def secret_of(guid: str) -> str:
    """The name of everything staged for an episode: nobody guesses it who does not know the guid."""
    return hashlib.sha256(f"staged recording of {guid}".encode()).hexdigest()[:40]


def read_staged(store: Store, guid: str) -> Staged | None:
    """What is staged for an episode, None when nothing is. Raises StorageError when the note beside it is damaged."""
    stored = store.read(layout.staged_note(secret_of(guid)))
    if stored is None:
        return None
    try:
        staged = reading.built(Staged, reading.document(stored.body))
        if layout.secret_in(staged.key) != secret_of(guid):
            raise ValueError(f"{staged.key} is not where it would be staged")
    except reading.DAMAGE as error:
        raise StorageError(
            "what was staged for an episode cannot be read",
            cause=reading.damage_in_words(error),
            hint="`publish stage` it again",
            code="staged-unreadable",
        ) from error
    return staged
