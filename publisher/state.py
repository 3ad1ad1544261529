"""State: what the storage remembers of the show, and the Ledger of everything ever published.

It lies on the storage itself, so any machine can go on where another stopped. It never holds drafts or titles that are not due.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from feed.model import AudioFacts, Chapter
from publisher.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

STATE_KEY = ".airdate/state.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAudio:
    """A recording that listeners have: frozen. `facts` are those of the published copy; the two `recording_` fields tell the
    file it was made of, so that any machine can see whether a local file is that recording."""

    key: str
    revision: int
    recording_sha256: str
    recording_size: int
    tags_digest: str
    facts: AudioFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEpisode:
    """One line of the Ledger: an episode that was ever published. `removed` ones keep slug and guid for ever."""

    slug: str
    guid: str
    date: str
    removed: bool = False
    audio: PublishedAudio | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object we put: `gone` since a publish (its generation) when nothing names it any more."""

    size: int
    sha256: str
    etag: str
    content_type: str
    cache_control: str
    gone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeRecord:
    """What a recipe was made from (`fingerprint`) and which keys it made."""

    fingerprint: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What we last stored. `etag` is that of the State object as read; empty for a first publish."""

    generation: int = 0
    show_guid: str = ""
    show_title: str = ""
    site_url: str = ""
    feed_key: str = ""
    pretty_urls: bool = False
    episodes: Mapping[str, PublishedEpisode] = field(default_factory=dict)
    recipes: Mapping[str, RecipeRecord] = field(default_factory=dict)
    objects: Mapping[str, StoredObject] = field(default_factory=dict)
    etag: str = field(default="", compare=False)

    @property
    def first(self) -> bool:
        """Whether nothing was ever published here."""
        return self.generation == 0

    def by_guid(self) -> dict[str, PublishedEpisode]:
        """The Ledger by guid."""
        return {episode.guid: episode for episode in self.episodes.values()}

    def to_bytes(self) -> bytes:
        """Canonical JSON: the same State gives the same bytes."""
        document = asdict(self)
        del document["etag"]
        document["format"] = FORMAT
        return (json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def read_state(raw: bytes, etag: str) -> State:
    """State as stored. Raises StorageError when it is not one, or of a newer Airdate."""
    try:
        document = json.loads(raw)
        if document["format"] > FORMAT:
            raise StorageError(
                "this show was published by a newer Airdate",
                cause=f"the storage remembers it in form {document['format']}, this version reads up to {FORMAT}",
                hint="update: pip install -U airdate",
                code="state-newer",
            )
        del document["format"]
        return State(
            **{
                **document,
                "episodes": {slug: _episode(item) for slug, item in document["episodes"].items()},
                "recipes": {name: RecipeRecord(fingerprint=item["fingerprint"], keys=tuple(item["keys"])) for name, item in document["recipes"].items()},
                "objects": {key: StoredObject(**item) for key, item in document["objects"].items()},
                "etag": etag,
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError(
            f"what the storage remembers of this show cannot be read: {STATE_KEY}",
            cause=f"{type(error).__name__}: {error}",
            hint="nothing was changed; restore the object from a backup, or move it away and publish with --force adopt",
            code="state-unreadable",
        ) from error


def _episode(item: dict[str, Any]) -> PublishedEpisode:
    audio = item["audio"]
    return PublishedEpisode(**{**item, "audio": None if audio is None else PublishedAudio(**{**audio, "facts": facts_from(audio["facts"])})})


def facts_from(item: Mapping[str, Any]) -> AudioFacts:
    """AudioFacts from their JSON form."""
    return AudioFacts(**{**item, "chapters": tuple(Chapter(**chapter) for chapter in item["chapters"]), "doubts": tuple(item["doubts"])})


def with_etag(state: State, etag: str) -> State:
    """The State as it is on the storage under `etag`."""
    return replace(state, etag=etag)
