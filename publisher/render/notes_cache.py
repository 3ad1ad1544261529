"""Notes and chapters as they were rendered, remembered on this machine: one new episode does not render those of all others again.

The feed holds every episode's notes, so each publish needs them all; reading them back costs a twentieth of rendering them.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class NotesCache:
    """A table of slug, fingerprint and what was rendered. A damaged file is as good as none, and one that cannot be written no error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, tuple[str, bytes]] | None = None

    def get(self, slug: str, fingerprint: str) -> bytes:
        """Notes and chapters of an episode made from what `fingerprint` stands for, packed; b"" when they are not known."""
        if self._rows is None:
            self._rows = self._read()
        known, packed = self._rows.get(slug, ("", b""))
        return packed if known == fingerprint else b""

    def keep(self, fresh: Mapping[str, tuple[str, bytes]], slugs: Iterable[str]) -> None:
        """Remember what was rendered now and packed, by slug, with its fingerprint; what belongs to none of `slugs` is forgotten."""
        if fresh:
            with suppress(sqlite3.Error):
                self._write([(slug, *row) for slug, row in fresh.items()], set(slugs))

    def _read(self) -> dict[str, tuple[str, bytes]]:
        try:
            connection = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True)
            try:
                return {
                    slug: (fingerprint, packed)
                    for slug, fingerprint, packed in connection.execute("SELECT slug, fingerprint, packed FROM notes")
                }
            finally:
                connection.close()
        except (sqlite3.Error, ValueError):
            return {}

    def _write(self, rows: list[tuple[str, str, bytes]], slugs: set[str]) -> None:
        connection = sqlite3.connect(self._path)
        try:
            try:
                gone = self._begin(connection, slugs)
            except sqlite3.DatabaseError:
                connection.close()
                self._path.unlink(missing_ok=True)
                connection = sqlite3.connect(self._path)
                gone = self._begin(connection, slugs)
            with connection:
                connection.executemany("DELETE FROM notes WHERE slug = ?", gone)
                connection.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", rows)
        finally:
            connection.close()

    @staticmethod
    def _begin(connection: sqlite3.Connection, slugs: set[str]) -> list[tuple[str]]:
        connection.execute("PRAGMA synchronous = OFF")  # it can be made again
        connection.execute("CREATE TABLE IF NOT EXISTS notes (slug TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, packed BLOB NOT NULL)")
        return [(slug,) for (slug,) in connection.execute("SELECT slug FROM notes") if slug not in slugs]
