"""Recipes and artifacts: what is made for the storage, made only when its inputs changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from publisher.state import State
    from publisher.stores import Body

FOREVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300"
PRIVATE = "no-store"
LIBRARIES = ("feedgen", "lxml", "markdown-it-py", "mdit-py-plugins", "nh3", "Jinja2", "Pillow", "mutagen", "babel")


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

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One object to be stored: `body` is bytes, a file that is streamed, or a copy made on the storage."""

    key: str
    body: Body | CopyOf
    content_type: str
    cache_control: str
    phase: Phase
    size: int
    sha256: str


class Made(NamedTuple):
    """An object as others refer to it, whether it was made now or is on the storage already. There are very many."""

    key: str
    size: int
    sha256: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a recipe gave: `artifacts` is None when nothing it is made from has changed."""

    fingerprint: str
    keys: tuple[str, ...]
    artifacts: tuple[Artifact, ...] | None


def artifact(key: str, body: bytes | str, phase: Phase, *, cache: str | None = None, content_type: str | None = None) -> Artifact:
    """An artifact of bytes, with the type its key asks for and the cache rule of its phase."""
    from publisher.mime import content_type as by_key

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


def file_artifact(key: str, path: Path | CopyOf, *, size: int, sha256: str, content_type: str) -> Artifact:
    """An artifact that is a file on this disk, or one on the storage: a recording."""
    return Artifact(key=key, body=path, content_type=content_type, cache_control=FOREVER, phase=Phase.MEDIA, size=size, sha256=sha256)


def hashed(body: bytes | str) -> str:
    """Eight digits of a body's sha256, for its name."""
    return hashlib.sha256(body.encode() if isinstance(body, str) else body).hexdigest()[:8]


@cache
def code_digest() -> str:
    """A hash over our own sources and the versions of the libraries that render: when either changes, all is made anew."""
    from importlib.metadata import PackageNotFoundError, version

    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    for folder in (here.parent / "feed", here):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".html", ".css", ".js", ".toml", ".xml", ".txt", ".svg"} and path.is_file():
                digest.update(path.relative_to(folder.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in LIBRARIES:
        try:
            digest.update(f"{name}={version(name)}\n".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


class Build:
    """Makes what others ask for, once; what did not change since `state` is neither read nor rendered.

    `everything` makes all anew, for a folder that must be whole, but for what `earlier` holds of the very same inputs.
    """

    def __init__(self, state: State, *, everything: bool = False, earlier: Mapping[str, Recipe] | None = None) -> None:
        self._state = state
        self._everything = everything
        self._earlier = earlier or {}
        self.site: dict[str, Recipe] = {}

    def make(self, name: str, inputs: Any, render: Callable[[], Iterable[Artifact]]) -> tuple[Made, ...]:
        """The objects of recipe `name`. `inputs` is everything `render` looks at, as JSON values."""
        if name in self.site:
            raise ValueError(f"recipe made twice: {name}")
        fingerprint = fingerprint_of(name, inputs)
        record = self._state.recipes.get(name)
        if record is not None and record.fingerprint == fingerprint and not self._everything:
            self.site[name] = Recipe(fingerprint=fingerprint, keys=record.keys, artifacts=None)
            objects = self._state.objects
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

    def keep(self, name: str, fingerprint: str, keys: tuple[str, ...], artifacts: tuple[Artifact, ...] | None = None) -> None:
        """A recipe that is made once and then frozen: its fingerprint is given, not derived."""
        self.site[name] = Recipe(fingerprint=fingerprint, keys=keys, artifacts=artifacts)

    def changed(self, name: str) -> bool:
        """Whether recipe `name` was made anew."""
        return name in self.site and self.site[name].artifacts is not None


def fingerprint_of(name: str, inputs: Any) -> str:
    """The fingerprint of a recipe: its name, all its inputs, our code and the libraries' versions."""
    return hashlib.sha256(_encode([code_digest(), name, inputs]).encode()).hexdigest()[:32]


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode
