"""What reading the show's folder gives, as values: the show, and each episode's front matter and files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from publisher.core import show_files
from publisher.core.errors import ContentError
from publisher.load.episode_text import read_episode_text
from publisher.load.toml_and_yaml import line_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lxml import etree

    from feed.findings import Finding
    from feed.schema.episode import FrontMatter
    from publisher.core.layout import Key
    from publisher.core.show_files import SourceFile
    from publisher.load.config_reader import ConfigFile
    from publisher.load.config_tables import Config
    from publisher.load.streams.live_streams import LiveStream


def why_waiting(date: dt.datetime | None, now: dt.datetime | None, *, draft: bool) -> str:
    """Why an episode waits at `now` (None: whatever the time): "draft", which is also what has no date, or "scheduled"; "" for none."""
    if draft or date is None:
        return "draft"
    return "scheduled" if now is not None and date > now else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedItem:
    """An episode that stays as listeners have it, though its words are nowhere: its files are left alone, and `item` gives its item of the
    feed, as the document of this name has it (None: in no document). `text_digest` is that of the words it was published with.
    """

    text_digest: str
    item: Callable[[Key], etree._Element | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeSource:
    """An episode as it lies in the folder, before anything is measured or rendered. Its text is read when somebody asks for it."""

    folder: Path
    root: Path
    name: str
    slug: str
    guid: str
    written: FrontMatter
    date: dt.datetime | None
    digest: str
    names: tuple[str, ...] = ()
    transcripts: tuple[SourceFile, ...] = ()
    chapters_file: SourceFile | None = None
    cover: SourceFile | None = None
    images: tuple[SourceFile, ...] = ()
    served: ServedItem | None = field(default=None, compare=False, repr=False)
    """Where these are not its own words, but what its item of the feed tells."""

    @property
    def file(self) -> str:
        """`episodes/…/episode.md`, relative to the show's folder."""
        return f"{self.name}/episode.md"

    def told_at(self, path: Path | None) -> str:
        """The file that findings about its recording name: the recording where it lies in this folder, else episode.md."""
        inside = path is not None and path.is_relative_to(self.folder)
        return f"{self.name}/{path.relative_to(self.folder).as_posix()}" if path is not None and inside else self.file

    def read_text(self) -> bytes:
        """episode.md, byte for byte. Raises ContentError where it is not the one that was loaded."""
        return _read(self.folder, self.root, self.name, self.digest)

    @property
    def _text(self) -> tuple[Mapping[tuple[str | int, ...], int], str, int]:
        return _text_of(self.folder, self.root, self.name, self.digest)

    @property
    def lines(self) -> Mapping[tuple[str | int, ...], int]:
        """The line of each front matter key in episode.md."""
        return self._text[0]

    @property
    def notes(self) -> str:
        """The notes, in Markdown."""
        return self._text[1]

    @property
    def notes_offset(self) -> int:
        """How many lines of episode.md come before the notes."""
        return self._text[2]

    def remembered(self) -> dict[str, Any]:
        """What the cache keeps of it, as JSON values."""
        rows = {
            name: [file.path.name, file.name, file.digest]
            for name, file in (("chapters", self.chapters_file), ("cover", self.cover))
            if file
        }
        return {
            "slug": self.slug,
            "guid": self.guid,
            "front": self.written.model_dump(mode="json", by_alias=True, exclude_unset=True),
            "date": self.date.isoformat() if self.date is not None else None,
            "digest": self.digest,
            "transcripts": [[file.path.name, file.name, file.digest, file.language] for file in self.transcripts],
            "images": [[file.path.name, file.name, file.digest] for file in self.images],
            **rows,
        }

    def line(self, *path: str | int) -> int:
        """The line of a front matter key in episode.md (1 when it is not written)."""
        return line_of(self.lines, path) or 1

    @property
    def text_digest(self) -> str:
        """Of everything a person wrote for it, recordings apart."""
        if self.served is not None:
            return self.served.text_digest
        files = (*self.transcripts, *filter(None, (self.chapters_file, self.cover)), *self.images)
        return hashlib.sha256("\n".join([self.digest, *(file.digest for file in files)]).encode()).hexdigest()[:16]

    def waits(self, now: dt.datetime | None) -> str:
        """Why listeners may not see it at `now`: "draft" or "scheduled"; "" where they may."""
        return why_waiting(self.date, now, draft=self.written.draft)


def _read(folder: Path, root: Path, name: str, digest: str) -> bytes:
    raw = show_files.read(folder / "episode.md", root)
    if hashlib.sha256(raw).hexdigest() != digest:
        raise ContentError(
            f"the file changed while it was being read: {name}/episode.md", hint="run the command again", code="file-changed"
        )
    return raw


@lru_cache(maxsize=2)
def _text_of(folder: Path, root: Path, name: str, digest: str) -> tuple[Mapping[tuple[str | int, ...], int], str, int]:
    """Lines, notes and their offset. Whoever renders asks for one episode after another; held for a whole show, they are much."""
    _, lines, notes, offset = read_episode_text(_read(folder, root, name, digest))
    return lines, notes, offset


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSource:
    """The whole folder."""

    file: ConfigFile
    guid: str
    artwork: SourceFile | None
    episodes: tuple[EpisodeSource, ...]
    people_images: Mapping[str, SourceFile] = field(default_factory=dict)
    season_artwork: Mapping[int, SourceFile] = field(default_factory=dict)
    images: Mapping[str, SourceFile] = field(default_factory=dict)
    """`[show] images` that are files, by the name written."""
    pages: tuple[SourceFile, ...] = ()
    comments: Mapping[str, SourceFile] = field(default_factory=dict)
    """By the slug of the episode."""
    answers: Mapping[str, SourceFile] = field(default_factory=dict)
    """What its posts on social networks got, by the slug of the episode."""
    theme: Mapping[str, SourceFile] = field(default_factory=dict)
    """Templates and assets of the show, by their place in its theme folder."""
    streams: tuple[LiveStream, ...] = ()
    """The live streams that are announced, or over for less than a day."""
    findings: tuple[Finding, ...] = ()

    @property
    def config(self) -> Config:
        """The config as written."""
        return self.file.config

    @property
    def folder(self) -> Path:
        """The show's folder."""
        return self.file.folder

    @property
    def named(self) -> list[Path]:
        """Files and folders that config and front matter name, wherever in the show's folder they lie."""
        files = [self.artwork, *self.people_images.values(), *self.season_artwork.values(), *self.images.values()]
        paths = [file.path for file in files if file is not None]
        for episode in self.episodes:
            further = (*episode.transcripts, episode.chapters_file, episode.cover, *episode.images)
            paths += [file.path for file in further if file is not None and file.path.parent != episode.folder]
            written = (episode.written.audio, *(item.file for item in episode.written.alternates))
            paths += [episode.folder / name for name in written if name and "://" not in name]
        return [*paths, self.folder / self.config.site.theme]
