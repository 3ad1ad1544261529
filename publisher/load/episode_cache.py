"""What was read of each episode's folder, remembered by the times of its files: an unchanged one costs a listing, not a read."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from publisher.core.digests import code_digest
from publisher.core.local_cache import CacheFile, may_still_change, stamp_of

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.load.show_source import EpisodeSource

Signature = list[list[Any]]
"""Name, size, time of change (ns) and inode of each file in a folder, by name; a link is marked as one."""


def signature_of(folder: Path) -> Signature:
    """The signature of a folder. Raises OSError."""
    rows = []
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                status = entry.stat()
            except OSError:  # a link that leads to no file
                status = entry.stat(follow_symlinks=False)
            link = ["link"] if entry.is_symlink() else []
            rows.append([entry.name, *stamp_of(status), *link])
    rows.sort()
    return rows


class EpisodeCache:
    """One file of the cache. `settings` is a digest of everything in the config that reading an episode depends on.

    Only episodes without any fault are remembered, so that faults are always told again.
    """

    def __init__(self, path: Path, settings: str) -> None:
        self._file = CacheFile(path, f"{code_digest()} {settings}")
        self._entries = self._file.read()
        self._kept: dict[str, Any] = {}
        self._changed = False

    def get(self, name: str, signature: Signature) -> dict[str, Any] | None:
        """What was remembered of the folder `name`, when it is as it was."""
        entry = self._entries.get(name)
        if entry is None or entry["signature"] != signature:
            return None
        self._kept[name] = entry
        found: dict[str, Any] = entry["episode"]
        return found

    def put(self, name: str, signature: Signature, source: EpisodeSource) -> None:
        """Remember an episode that was read without a fault."""
        here = {row[0] for row in signature if len(row) == 4}
        files = (*source.transcripts, *source.images, *(file for file in (source.chapters_file, source.cover) if file is not None))
        if "episode.md" not in here or any(file.path.name not in here or file.path.parent != source.folder for file in files):
            return  # a file elsewhere is not in the signature, and what a link leads to is judged anew
        newest = max((row[2] for row in signature), default=0)
        if may_still_change(newest, time.time_ns()):
            return
        self._kept[name] = {"signature": signature, "episode": source.remembered()}
        self._changed = True

    def save(self) -> None:
        """Write the file when something changed; what is gone from the folder is forgotten."""
        if self._changed or self._kept.keys() != self._entries.keys():
            self._file.write(self._kept)
