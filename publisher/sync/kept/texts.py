"""Texts as they were published, kept on the private side of the storage for whoever shares the show: an episode's own files of text
and config.toml, one object for each version. State names the newest by its digest; where all of a storage is public, none is kept.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import PRIVATE, Artifact, Phase, artifact
from publisher.state import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from publisher.core.layout import Key
    from publisher.load.config_reader import ConfigFile
    from publisher.load.show_source import EpisodeSource
    from publisher.state.state import State
    from publisher.stores.protocol import Store

CONFIG = "config.toml"
"""What the show's own words are called beside the slugs of episodes; no slug has a dot."""
LARGEST = 64 * 1024 * 1024
"""Bytes that the texts of one episode may have."""
LONGEST = 240
"""Bytes of a file's name: what file systems hold, less the ending that it has while it is written."""


def digest_of_config(file: ConfigFile) -> str:
    """Of config.toml, byte for byte."""
    return hashlib.sha256(file.raw).hexdigest()[:16]


def texts_to_keep(before: State, after: State, file: ConfigFile, sources: Mapping[str, EpisodeSource]) -> Iterator[Artifact]:
    """What `after` names and `before` does not; all where none were kept before. `sources` are the published episodes, by slug."""
    if after.config != before.config:
        yield _packed(CONFIG, after.config, {CONFIG: file.raw})
    for slug, source in sources.items():
        if source.served is not None:
            continue  # its words are nowhere
        now, then = after.episodes[slug].texts, before.episodes[slug].texts if before.config and slug in before.episodes else ()
        if now[0].digest != (then[0].digest if then else ""):
            yield _packed(slug, now[0].digest, dict(_files_of(source)))


def read_texts(store: Store, name: str, digest: str) -> dict[str, bytes] | None:
    """The files of an episode by their place in its folder (`name` is its slug), or CONFIG; None where none are kept.

    Raises StorageError where what is kept there is damaged, or leaves its place.
    """
    stored = store.read(layout.text(name, digest))
    if stored is None:
        return None
    try:
        rows = reading.document(reading.unpacked(stored.body, LARGEST))
        files = {place: reading.text(body).encode("utf-8", "surrogateescape") for place, body in rows.items()}
        for place in files:
            if not is_plain(place):
                raise ValueError(f"{place!r:.60} is no file of an episode")
    except reading.DAMAGE as error:
        raise StorageError(
            f"the kept texts of “{name}” cannot be read",
            cause=reading.damage_in_words(error),
            hint="nothing was changed here; the next publish of a change keeps them anew",
            code="texts-unreadable",
        ) from error
    return files


def named_texts(state: State) -> set[Key]:
    """The keys of what State names: the newest text of each episode that was not withdrawn, and of config.toml."""
    found = {layout.text(slug, item.texts[0].digest) for slug, item in state.episodes.items() if item.texts and not item.withdrawn}
    return found | {layout.text(CONFIG, state.config)} if state.config else found


def _files_of(source: EpisodeSource) -> Iterator[tuple[str, bytes]]:
    """The texts in an episode's own folder: never pictures or recordings."""
    yield "episode.md", source.read_text()
    for file in (*source.transcripts, source.chapters_file):
        if file is not None and file.path.parent == source.folder:
            yield file.path.name, file.read()


def _packed(name: str, digest: str, files: Mapping[str, bytes]) -> Artifact:
    rows = {place: body.decode("utf-8", "surrogateescape") for place, body in files.items()}
    body = gzip.compress(json.dumps(rows, sort_keys=True).encode(), 6, mtime=0)
    return artifact(layout.text(name, digest), body, Phase.STATE, cache=PRIVATE, content_type="application/gzip")


def is_plain(place: str) -> bool:
    """Whether a name is that of a visible file that lies directly in a folder, on any system."""
    return (
        place != ""
        and PurePosixPath(place).name == place
        and not place.startswith(".")
        and place.isprintable()
        and len(place.encode()) <= LONGEST
        and not set(place) & set('\\:*?"<>|')
    )
