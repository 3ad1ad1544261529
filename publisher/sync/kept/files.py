"""The other files that a published show is made of, kept on the private side beside its texts: pictures, pages of its own, theme,
comments. Never recordings, nothing of a draft. A list names them; the bytes of a picture that listeners have as it is are not kept twice.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from publisher.core import layout
from publisher.core.digests import canonical_json
from publisher.core.errors import StorageError
from publisher.core.show_files import LARGEST_OTHER
from publisher.incremental_build.artifacts import PRIVATE, Artifact, Phase, artifact
from publisher.state import reading
from publisher.sync.kept.texts import CONFIG, is_plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from publisher.core.show_files import SourceFile
    from publisher.load.show_source import EpisodeSource, ShowSource
    from publisher.state.state import State
    from publisher.stores.protocol import Listed, Store

DEEPEST = 8
"""Folders that a file may lie below the show's."""
MOST = 200_000
"""Files that a list may name."""


class KeptFile(NamedTuple):
    """A file: its sha256, and whether its bytes are kept apart; else an object of the public side holds them."""

    sha256: str
    apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFiles:
    """The list. `folders` are the names of episodes' folders, by slug; `files` go by their place in the show's folder."""

    folders: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, KeptFile] = field(default_factory=dict)

    @property
    def apart(self) -> set[str]:
        """The hashes of the bytes that are kept apart."""
        return {file.sha256 for file in self.files.values() if file.apart}

    def packed(self) -> bytes:
        """The list as it is kept."""
        return canonical_json({"folders": dict(self.folders), "files": self.files}) + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToKeep:
    """What the next State names as its list, and what has to be put before it does."""

    digest: str
    uploads: tuple[Artifact, ...]


@dataclass(frozen=True, slots=True)
class _Zipped:
    """A file's bytes, read and packed when they are sent."""

    file: SourceFile

    def read(self) -> bytes:
        """The bytes, packed."""
        return gzip.compress(self.file.read(), 6, mtime=0)


def files_to_keep(store: Store, before: State, after: State, source: ShowSource, episodes: Mapping[str, EpisodeSource]) -> ToKeep:
    """The list for `after`, and what of it `before` has not. `episodes` are the published ones, by slug; of one whose words are nowhere
    here, what was kept before stays kept.
    """
    found = dict(_files_of(source, episodes))
    public = {stored.sha256 for stored in after.objects.values() if not stored.gone}
    files = {place: KeptFile(file.digest, file.digest not in public) for place, file in found.items()}
    folders = {slug: episode.folder.name for slug, episode in episodes.items() if episode.served is None}
    nowhere = [slug for slug, episode in episodes.items() if episode.served is not None]
    old = _readable(store, before.files) if nowhere else None
    if old is not None:
        folders |= {slug: old.folders[slug] for slug in nowhere if slug in old.folders}
        theirs = tuple(f"{episode_place(old.folders[slug])}/" for slug in nowhere if slug in old.folders)
        files = {place: row for place, row in old.files.items() if place.startswith(theirs)} | files
    body = KeptFiles(folders=folders, files=files).packed()
    digest = hashlib.sha256(body).hexdigest()
    if digest == before.files:
        return ToKeep(digest=digest, uploads=())
    old = old or _readable(store, before.files) or KeptFiles()
    wanted = {file.digest: file for place, file in found.items() if files[place].apart and file.digest not in old.apart}
    bodies = (_kept(digest, file) for digest, file in sorted(wanted.items()))
    listed = artifact(
        layout.kept_file(digest), gzip.compress(body, 6, mtime=0), Phase.STATE, cache=PRIVATE, content_type="application/gzip"
    )
    return ToKeep(digest=digest, uploads=(*bodies, listed))


def read_kept_files(store: Store, digest: str) -> KeptFiles | None:
    """The list of this digest; None where there is none. Raises StorageError where it is damaged, or names what leaves its place."""
    body = read_kept_file(store, digest, reading.LARGEST) if digest else None
    if body is None:
        return None
    try:
        rows = reading.document(body)
        folders = {reading.slug(slug): reading.text(name) for slug, name in rows["folders"].items()}
        files = {place: KeptFile(reading.sha256(sha256), reading.flag(apart)) for place, (sha256, apart) in rows["files"].items()}
        odd = [name for name in folders.values() if not is_plain(name)] + [place for place in files if not stays_inside(place)]
        if odd:
            raise ValueError(f"{odd[0]!r:.60} lies in no show's folder")
        if both := _file_and_folder(folders.values(), files):
            raise ValueError(f"{both!r:.60} is a file and a folder")
        if len(files) > MOST:
            raise ValueError(f"it names {len(files)} files")
    except reading.DAMAGE as error:
        raise _unreadable(reading.damage_in_words(error)) from error
    return KeptFiles(folders=folders, files=files)


def _file_and_folder(folders: Collection[str], files: Collection[str]) -> str:
    """A place at which the list has both a file and a folder; "" for none."""
    there = {CONFIG, *files, *(f"{episode_place(name)}/episode.md" for name in folders)}
    above = {str(folder) for place in there for folder in PurePosixPath(place).parents}
    return min(there & above, default="")


def read_kept_file(store: Store, sha256: str, largest: int = LARGEST_OTHER) -> bytes | None:
    """The bytes of this hash; None where they are not kept apart. Raises StorageError where others are kept there."""
    stored = store.read(layout.kept_file(sha256))
    if stored is None:
        return None
    try:
        body = reading.unpacked(stored.body, largest)
    except reading.DAMAGE as error:
        raise _unreadable(reading.damage_in_words(error)) from error
    if hashlib.sha256(body).hexdigest() != sha256:
        raise _unreadable("its hash differs from its name")
    return body


def forgotten_files(store: Store, state: State) -> Iterator[Listed]:
    """What is kept of files that the list of State does not name; nothing where that list cannot be read."""
    kept = _readable(store, state.files)
    if kept is None and state.files:
        return
    named = {layout.kept_file(sha256) for sha256 in (*(kept.apart if kept is not None else ()), *filter(None, (state.files,)))}
    yield from (item for item in store.list(layout.FILES) if item.key not in named)


def _readable(store: Store, digest: str) -> KeptFiles | None:
    """The list of this digest, where it is there and whole: a publish keeps everything anew for another one."""
    try:
        return read_kept_files(store, digest)
    except StorageError as error:
        if error.code != "texts-unreadable":
            raise
        return None


def _files_of(source: ShowSource, episodes: Mapping[str, EpisodeSource]) -> Iterator[tuple[str, SourceFile]]:
    """Each file by its place in the show's folder, but for an episode's own texts, which are kept as such."""
    shows = [source.artwork, *source.people_images.values(), *source.season_artwork.values(), *source.images.values()]
    shows += [*source.pages, *source.theme.values()]
    for file in filter(None, shows):
        yield _place(file, source.folder), file
    for slug, episode in episodes.items():
        if episode.served is None:
            named = (*episode.transcripts, episode.chapters_file, episode.cover, *episode.images)
            for file in filter(None, named):
                if file.path.parent != episode.folder or file in (episode.cover, *episode.images):
                    yield _place(file, episode.folder.parent.parent), file
        if slug in source.comments:
            yield _place(source.comments[slug], source.folder), source.comments[slug]


def _place(file: SourceFile, show: Path) -> str:
    """Where a file lies in the folder of the show, by the name that leads to it; of one that is named from without, by its own."""
    place = os.path.relpath(os.path.abspath(file.path), os.path.abspath(show))  # noqa: PTH100  links stay
    return Path(place).as_posix() if not place.startswith("..") else file.name


def _kept(digest: str, file: SourceFile) -> Artifact:
    return Artifact(
        key=layout.kept_file(digest),
        body=_Zipped(file),
        content_type="application/gzip",
        cache_control=PRIVATE,
        phase=Phase.STATE,
        size=file.path.stat().st_size,
        sha256=digest,
    )


def episode_place(name: str) -> str:
    """The place of an episode's folder in the show's."""
    return PurePosixPath("episodes", name).as_posix()


def stays_inside(place: str) -> bool:
    """Whether it is the place of a visible file below a show's folder, on any system."""
    parts = PurePosixPath(place).parts
    return 0 < len(parts) <= DEEPEST and "/".join(parts) == place and all(map(is_plain, parts))


def _unreadable(cause: str) -> StorageError:
    return StorageError(
        "what is kept of the show's files cannot be read",
        cause=cause,
        hint="nothing was changed here; the next publish of a change keeps them anew",
        code="texts-unreadable",
    )
