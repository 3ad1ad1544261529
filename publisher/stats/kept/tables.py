"""The tables of what is kept: names, columns and types, in DuckDB's dialect. Where they lie, all of them carry the show's podcast:guid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from publisher.core.errors import StorageError
from publisher.stats.counting.tables import ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from publisher.stats.counting.windows import Window

KEPT: Final = {"day": "DATE", **{name: kind for name, kind in ACCEPTED.items() if name != "source"}}
"""The accepted requests of open days (the count's `ACCEPTED`). `listener`, `address` and `line_id` are hashed under the key of the midnight after
`day`, `listener_before` under that of the midnight before it.
"""

BEGUN: Final = {"listener": "VARCHAR", "slug": "VARCHAR", "at": "TIMESTAMP"}
"""What a closed day leaves of its windows: the last start of each listener and episode on it, or with extending windows the last request;
`listener` under the key of the midnight after it.
"""

FILES: Final = {
    "name": "VARCHAR",
    "mark": "VARCHAR",
    "form": "VARCHAR",
    "sha256": "VARCHAR",
    "stem": "VARCHAR",
    "bytes": "BIGINT",
    "begins": "VARCHAR",
    "lines": "BIGINT",
    "unread": "BIGINT",
    "late": "BIGINT",
    "first": "TIMESTAMP",
    "last": "TIMESTAMP",
}
"""Log files that were read: `sha256` of what they hold, unpacked (of name and mark, of one that an engine read in a bucket);
`stem`, `bytes` and `lines` of the same up to the end of the last whole line,
by which a log that has grown is known; `mark` tells that a file of this name has the same bytes; `begins` is the sha256 of the first line that is no heading.
`unread` lines could not be read, `late` requests were left out since their day is closed and its logs are gone; `first` and `last` are the
first and the last moment in it (UTC).
"""

SUMS: Final = {
    "day": "DATE",
    "slug": "VARCHAR",
    "app": "VARCHAR",
    "device": "VARCHAR",
    "country": "VARCHAR",
    "downloads": "BIGINT",
    "window": "VARCHAR",
}
"""Downloads of a day (UTC, by the start of the window). `window` is the one they were counted with: calendar, rolling or extending."""

IMPORTED: Final = {"host": "VARCHAR", "day": "DATE", "slug": "VARCHAR", "title": "VARCHAR", "downloads": "BIGINT"}
"""What the old host told of a day; `slug` is "" where the show has no such episode, or the row is about the whole show."""


class SumsDatabase(Protocol):
    """DuckDB in this process, which reads and writes files in one folder alone."""

    @property
    def folder(self) -> Path:
        """A private folder, thrown away afterwards."""
        ...

    def run(self, sql: str, *values: Any) -> DuckDBPyConnection:
        """Run a statement; its values are never part of its text."""
        ...

    def tell(self, window: Window, accepted: str) -> None:
        """Make the table `told` of these accepted requests: a row for each window."""
        ...


def columns(table: Mapping[str, str]) -> str:
    """The names of columns, as a SELECT lists them."""
    return ", ".join(f'"{name}"' for name in table)


def load(database: SumsDatabase, name: str, table: Mapping[str, str], path: Path | None) -> None:
    """Make the table `name` of what lies in a Parquet file, empty without one. Raises StorageError for a file that is none of ours."""
    described = ", ".join(f'"{column}" {kind}' for column, kind in table.items())
    database.run(f"CREATE OR REPLACE TEMP TABLE {name} ({described})")
    if path is not None:
        import duckdb

        try:
            database.run(f"INSERT INTO {name} SELECT {columns(table)} FROM read_parquet(?)", str(path))
        except duckdb.Error as error:
            raise unreadable(str(error).partition("\n")[0]) from error


def save(database: SumsDatabase, guid: str, select: str, path: Path, *, told: Mapping[str, str] | None = None) -> Path:
    """Write what `select` gives as Parquet, each row with the show's guid; `told` is put beside it, as the format's own key-value pairs."""
    pairs = "".join(f", '{name}': '{value}'" for name, value in (told or {}).items() if name.isidentifier() and value.isalnum())
    rows = f"SELECT '{_plain(guid)}' AS guid, * FROM ({select})"
    quoted = str(path).replace("'", "''")
    database.run(f"COPY ({rows}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{made_by: 'airdate'{pairs}}})")
    return path


def unreadable(cause: str) -> StorageError:
    """What is kept is damaged, or none of ours."""
    hint = (
        "were they written by a newer version? What cannot be mended is taken away by hand, and counted anew from the logs that are there"
    )
    return StorageError("the numbers on the storage cannot be read", cause=cause, hint=hint, code="stats-unreadable")


def _plain(guid: str) -> str:
    return "".join(character for character in guid if character.isalnum() or character in "-_.:")
