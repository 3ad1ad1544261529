"""Artifacts, single objects for the storage with headers and phase; and the recipes that yield them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from publisher.core.media_types import content_type as by_key

if TYPE_CHECKING:
    from feed.findings import Finding
    from publisher.core.layout import Key
    from publisher.stores.protocol import Body


class Waiting(Protocol):
    """A body that waits elsewhere until it is sent."""

    def read(self) -> bytes:
        """The bytes."""


FOREVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300"
PRIVATE = "no-store"


class Phase(IntEnum):
    """The order of upload: nobody sees what a phase puts until a later one names it."""

    MEDIA = 1
    """Recordings, pictures, styles: under names that carry a hash."""
    DOCUMENT = 2
    """Transcripts and chapters: under names that carry a hash."""
    CLAIM = 3
    """The right to change the show now; last thing before the first visible change."""
    PAGE = 4
    """What readers see."""
    FEED = 5
    """What apps see."""
    ECHO = 6
    """Addresses of replaced recordings, which some apps have pinned."""
    STATE = 7
    """What we remember of it, last of all."""


@dataclass(frozen=True, slots=True)
class CopyOf:
    """The body of an object that is on the storage already."""

    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One object to be stored: `body` is bytes (or where they wait), a file that is streamed, or a copy made on the storage."""

    key: Key
    body: Body | Waiting | CopyOf
    content_type: str
    cache_control: str
    phase: Phase
    size: int
    sha256: str

    @property
    def content(self) -> bytes | None:
        """Its bytes, where we made them; None of what is a file or lies on the storage."""
        if isinstance(self.body, bytes):
            return self.body
        return None if isinstance(self.body, (Path, CopyOf)) else self.body.read()


class Made(NamedTuple):
    """An object as others refer to it, whether it was made now or is on the storage already. There are very many."""

    key: Key
    size: int
    sha256: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a recipe gave: `artifacts` is None when nothing it is made from has changed; `findings` tell what is wrong with it."""

    fingerprint: str
    keys: tuple[Key, ...]
    artifacts: tuple[Artifact, ...] | None
    findings: tuple[Finding, ...] = ()


def artifact(key: Key, body: bytes | str, phase: Phase, *, cache: str | None = None, content_type: str | None = None) -> Artifact:
    """An artifact of bytes, with the type its key asks for and the cache rule of its phase."""
    raw = body.encode() if isinstance(body, str) else body
    return Artifact(
        key=key,
        body=raw,
        content_type=content_type or by_key(key),
        cache_control=cache or (FOREVER if phase <= Phase.DOCUMENT else SHORT),
        phase=phase,
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def file_artifact(key: Key, path: Path | CopyOf, *, size: int, sha256: str, content_type: str) -> Artifact:
    """An artifact that is a file on this disk, or one on the storage: a recording."""
    return Artifact(key=key, body=path, content_type=content_type, cache_control=FOREVER, phase=Phase.MEDIA, size=size, sha256=sha256)


def hashed(body: bytes | str) -> str:
    """Eight digits of a body's sha256, for its name."""
    return hashlib.sha256(body.encode() if isinstance(body, str) else body).hexdigest()[:8]


def bytes_of(item: Artifact) -> bytes:
    """What is in a page, feed or document, which is never a file."""
    body = item.content
    if body is None:
        raise TypeError(f"this is not made by us: {item.key}")
    return body


class StoredObject(NamedTuple):
    """An object we put. `since` is the publish that last changed it, `gone` the one since which nothing names it (0: in use),
    `makers` the recipes that made it once and do not now.

    A row of a shard as it is written: there are very many.
    """

    size: int
    sha256: str
    etag: str
    content_type: str
    cache_control: str
    since: int = 0
    gone: int = 0
    makers: tuple[str, ...] = ()


class RecipeRecord(NamedTuple):
    """What a recipe was made from (`fingerprint`), which keys it made, and which rules these break; a row, too."""

    fingerprint: str
    keys: tuple[Key, ...]
    rules: tuple[str, ...] = ()
