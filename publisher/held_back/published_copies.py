"""What people wrote for each episode, kept on this machine as it was last published: a faulty folder can be left out for it.
A machine without copies looks for them on the private side of the storage, and in git.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding, Severity
from publisher.core import show_files
from publisher.core.local_cache import CacheFile
from publisher.core.media_types import content_type
from publisher.held_back.git_history import earlier_versions
from publisher.load.episode_reader import load_episode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from publisher.load.config_tables import Config
    from publisher.load.show_source import EpisodeSource


class PublishedCopies:
    """Copies of episodes' texts and pictures, never of recordings, in `folder`: each in a small show of its own, named by its slug.
    `kept` gives the texts that the storage keeps of an episode, by slug and digest.
    """

    def __init__(self, folder: Path, kept: Callable[[str, str], dict[str, bytes] | None] = lambda _slug, _digest: None) -> None:
        self._folder = folder
        self._kept = kept
        self._file = CacheFile(folder / "index.json", "1")
        self._known: dict[str, list[str]] = self._file.read()

    def keep(self, episodes: Mapping[str, EpisodeSource]) -> None:
        """Keep these published episodes, by slug, and no others; one that cannot be copied is not kept."""
        kept = {}
        for slug, source in episodes.items():
            row = [source.text_digest, source.folder.name]
            if self._known.get(slug) == row or self._copied(source, self._folder / slug):
                kept[slug] = row
        if kept != self._known:
            self._file.write(kept)
            for slug in self._known.keys() - kept.keys():
                shutil.rmtree(self._folder / slug, ignore_errors=True)
            self._known = kept

    def slug_of(self, folder: str) -> str:
        """The slug of the episode that was published from the folder of this name; "" where that is not known."""
        return next((slug for slug, (_, name) in self._known.items() if name == folder), "")

    def find(self, slug: str, digest: str, folder: Path, config: Config, show_guid: str) -> EpisodeSource | None:
        """An episode as it was published with the text of this digest, copied, kept, or in git for its `folder` here; None for nowhere."""
        if self._known.get(slug, ("",))[0] == digest:
            return self._loaded(slug, digest, config, show_guid)
        kept = self._kept(slug, digest)
        for files in chain([kept] if kept else [], earlier_versions(folder)):
            self._known[slug] = [digest, folder.name]
            if self._laid(slug, files, folder) and (found := self._loaded(slug, digest, config, show_guid)) is not None:
                self._file.write(self._known)
                return found
        self._known.pop(slug, None)
        return None

    def _laid(self, slug: str, files: Mapping[str, bytes], here: Path) -> bool:
        """Whether these files lie where a copy would now, with the pictures of the folder `here`, of which only texts are kept."""
        place = self._folder / slug / "episodes" / here.name
        try:
            shutil.rmtree(self._folder / slug, ignore_errors=True)
            place.mkdir(parents=True)
            for path in sorted(here.iterdir()):
                if path.name not in files and content_type(path.name).startswith("image/"):
                    (place / path.name).write_bytes(show_files.read(path, here))
            for name, body in files.items():
                (place / name).write_bytes(body)
        except (OSError, ContentFault):
            return False
        return True

    def _loaded(self, slug: str, digest: str, config: Config, show_guid: str) -> EpisodeSource | None:
        """The copy of an episode, where it is whole."""
        row = self._known[slug]
        root = (self._folder / slug).resolve()
        findings: list[Finding] = []
        try:
            path = root / "episodes" / row[1]  # as in the show's folder
            names = tuple(sorted(item.name for item in path.iterdir()))
            source = load_episode(path, f"{path.parent.name}/{path.name}", root, config, show_guid, None, findings, names)
        except OSError:
            return None
        whole = source is not None and source.text_digest == digest and all(item.severity is not Severity.ERROR for item in findings)
        return source if whole else None

    @staticmethod
    def _copied(source: EpisodeSource, target: Path) -> bool:
        """Whether an episode's files lie in `target` now, where they lie in the show's folder."""
        show = Path(os.path.abspath(source.folder.parent.parent))  # noqa: PTH100  links stay
        named = [file for file in (*source.transcripts, source.chapters_file, source.cover, *source.images) if file is not None]
        try:
            shutil.rmtree(target, ignore_errors=True)
            files = [(source.folder / "episode.md", source.digest, show_files.read(source.folder / "episode.md", source.root))]
            files += [(file.path, file.digest, file.read()) for file in named]
            for path, digest, body in files:
                place = target / Path(os.path.abspath(path)).relative_to(show)  # noqa: PTH100  links stay
                if hashlib.sha256(body).hexdigest() != digest:
                    return False  # it changed since it was published
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(body)
        except (OSError, ValueError, ContentFault):
            with suppress(OSError):
                shutil.rmtree(target)
            return False
        return True
