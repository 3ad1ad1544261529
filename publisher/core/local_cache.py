"""The cache in a show's folder: JSON files that can be made again, written whole, and believed only while nothing changed."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json
from publisher.core.show_files import Refused, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CACHE = ".airdate-cache"
RACY = 2_000_000_000
"""Nanoseconds in which a file may change without a new time stamp (FAT counts in steps of two seconds)."""

Stamp = list[int]
"""Size, time of change (ns) and inode: a file is as it was while its stamp is."""


def cache_folder(show: Path) -> Path | None:
    """The cache in a show's folder, which git leaves alone; None where it cannot be written, or is a link that leads elsewhere."""
    folder = show / CACHE
    try:
        folder.mkdir(exist_ok=True)
        place_of(folder, show)
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text("*\n")
    except (OSError, Refused):
        return None
    return folder if os.access(folder, os.W_OK) else None


class CacheFile:
    """One JSON object in a file. A missing or damaged file is as good as an empty one; one that cannot be written is no error.

    `version` stands for everything that the content was made with and does not name itself, our own code above all
    (`code_digest`): what was written under another one is not believed.
    """

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version

    def read(self) -> dict[str, Any]:
        """What was written last."""
        try:
            document = read_json(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(document, dict) or document.get("version") != self._version:
            return {}
        content = document.get("content")
        return content if isinstance(content, dict) else {}

    def write(self, content: Mapping[str, Any]) -> None:
        """Put `content` in place of what was there."""
        document = {"version": self._version, "content": content}
        with suppress(OSError):
            write_whole(self._path, json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def write_whole(path: Path, body: bytes) -> None:
    """Write a file so that whoever is killed meanwhile leaves the old one, never half of the new. Raises OSError."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)  # of a process that was killed, or a link, which would be written through
        with part.open("xb") as file:
            file.write(body)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp in what the system says of a file."""
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def may_still_change(changed: int, now: int) -> bool:
    """Whether a file changed (ns) so shortly before `now` that it may change once more under the same stamp."""
    return changed > now - RACY
