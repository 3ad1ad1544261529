"""What was read of each episode's folder, remembered by the times of its files: an unchanged one costs a listing, not a read."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from feed.characters import read_json

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.load.source import EpisodeSource

FORM = 2
_RACY = 2_000_000_000
"""Nanoseconds: a file changed so shortly ago may change once more without a new time."""

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
            rows.append([entry.name, status.st_size, status.st_mtime_ns, status.st_ino, *link])
    rows.sort()
    return rows


class EpisodeCache:
    """One JSON file. `settings` is a digest of everything in the config that reading an episode depends on.

    Only episodes without any fault are remembered, so that faults are always told again. A damaged file is no error.
    """

    def __init__(self, path: Path, settings: str) -> None:
        self._path = path
        self._settings = settings
        self._entries: dict[str, Any] = {}
        self._kept: dict[str, Any] = {}
        self._changed = False
        try:
            document = read_json(path.read_bytes())
            if document["form"] == FORM and document["settings"] == settings:
                self._entries = document["episodes"]
        except (OSError, ValueError, KeyError, TypeError):
            self._changed = True

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
        if newest > time.time_ns() - _RACY:
            return
        self._kept[name] = {"signature": signature, "episode": source.remembered()}
        self._changed = True

    def save(self) -> None:
        """Write the file when something changed, whole or not at all; what is gone from the folder is forgotten."""
        if not self._changed and self._kept.keys() == self._entries.keys():
            return
        text = json.dumps({"form": FORM, "settings": self._settings, "episodes": self._kept}, ensure_ascii=False, separators=(",", ":"))
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)
        except OSError:
            temporary.unlink(missing_ok=True)
