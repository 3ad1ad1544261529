"""The folder that a show is restored into: empty, or one in which the same restore was cut."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from feed.text_cleaning import read_json
from publisher.core.errors import UsageError
from publisher.core.local_cache import CACHE, cache_folder, write_whole

if TYPE_CHECKING:
    from pathlib import Path

MARK = "restoring.json"
"""In the folder's cache while a restore is under way: of which storage, and which publish."""
IGNORED = ".airdate-cache/\n/public/\n"
"""What git is to leave alone."""


class TargetFolder:
    """Files are written whole; one that holds its bytes already is not written again. Leave it by `finish`."""

    def __init__(self, folder: Path, storage: str, publish: int) -> None:
        """Raises UsageError where something else lies in the folder."""
        self.folder = folder
        self._mark = folder / CACHE / MARK
        wanted = {"storage": storage, "publish": publish}
        try:
            there = folder.exists() and any(folder.iterdir())
        except OSError as error:
            raise _not_empty(folder, error.strerror or str(error)) from error
        if there and self._read() != wanted:
            known = self._read()
            why = "a restore of another publish was cut there" if known else ""
            raise _not_empty(folder, why)
        folder.mkdir(parents=True, exist_ok=True)
        if cache_folder(folder) is None:
            raise UsageError(f"nothing can be written into {folder}", hint="name another folder", code="restore-folder")
        write_whole(self._mark, json.dumps(wanted).encode())

    def _read(self) -> object:
        try:
            return read_json(self._mark.read_bytes())
        except (OSError, ValueError):
            return None

    def has(self, place: str, sha256: str) -> bool:
        """Whether the file at `place` holds these bytes already."""
        try:
            with (self.folder / place).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except OSError:
            return False

    def write(self, place: str, body: bytes) -> None:
        """Put a file at `place` in the folder."""
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, body)

    def finish(self) -> None:
        """It is whole: from now on it is a show's folder like any other."""
        if not (self.folder / ".gitignore").exists():
            self.write(".gitignore", IGNORED.encode())
        with suppress(OSError):
            os.unlink(self._mark)  # noqa: PTH108  one that is gone is none


def _not_empty(folder: Path, why: str) -> UsageError:
    return UsageError(f"the folder is not empty: {folder}", cause=why, hint="name a new one", code="restore-folder")
