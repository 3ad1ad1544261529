"""The one object that decides: files read, requests of open days, keys, starts of windows, and sums that have not moved yet.

A ZIP file, so that they change in one write; what lies in it is Parquet, and a page of JSON.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from feed.text_cleaning import read_json
from publisher.core import layout
from publisher.core.digests import canonical_json
from publisher.stats.kept.log_files import LogFile
from publisher.stats.kept.private_side import PRIVATE
from publisher.stats.kept.tables import BEGUN, FILES, KEPT, SUMS, columns, load, save, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from publisher.stats.kept.tables import SumsDatabase
    from publisher.stores.protocol import Store

VERSION: Final = 1
TABLES: Final = {"kept": KEPT, "begun": BEGUN, "files": FILES, "sums": SUMS}
"""The tables in it, by the names they have in the database, too."""
_PAGE: Final = "opened.json"
_LARGEST_PAGE: Final = 4 << 20
_DAMAGE: Final = (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError, NotImplementedError)

Span = tuple[dt.date, dt.date]
"""Days, both ends included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is open of a source of logs.

    Days before `closed_to` are closed, none where it is None. `keys` are those of the midnights that days begin with. `moving` are closed days
    whose sums lie here and hold, whatever the months say. `etag` is that of the object as it was read, "" where there was none.
    """

    guid: str
    source: str
    generation: int = 0
    closed_to: dt.date | None = None
    keys: Mapping[dt.date, str] = field(default_factory=dict)
    method: str = ""
    recordings: frozenset[str] = frozenset()
    files: tuple[LogFile, ...] = ()
    moving: tuple[Span, ...] = ()
    etag: str = ""


def read_opened(store: Store, database: SumsDatabase, source: str, guid: str) -> Opened:
    """What is open, and its tables into the database. Raises StorageError `stats-unreadable`."""
    path = database.folder / "opened.zip"
    etag = store.fetch(layout.stats_open(source), path)
    opened = Opened(guid=guid, source=source)
    if etag is None:
        for name, table in TABLES.items():
            load(database, name, table, None)
        return opened
    try:
        with zipfile.ZipFile(path) as packed:
            if packed.getinfo(_PAGE).file_size > _LARGEST_PAGE:
                raise ValueError("it is too large")
            opened = _opened(read_json(packed.read(_PAGE)), opened, etag)
            for name, table in TABLES.items():
                load(database, name, table, _unpacked(packed, f"{name}.parquet", database.folder))
    except _DAMAGE as error:
        raise unreadable(str(error)) from error
    finally:
        path.unlink()
    rows = database.run(f"SELECT {columns(FILES)} FROM files ORDER BY ALL").fetchall()
    return replace(opened, files=tuple(map(LogFile._make, rows)))


def write_opened(store: Store, database: SumsDatabase, opened: Opened) -> Opened:
    """Put it in the place of what was read: this is what decides. Raises ConditionFailed where somebody else was faster."""
    _take_in(database, opened.files)
    after = replace(opened, generation=opened.generation + 1)
    path = database.folder / "opened.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(zipfile.ZipInfo(_PAGE), canonical_json(_page(after)))
        for name, table in TABLES.items():
            part = save(database, opened.guid, f"SELECT {columns(table)} FROM {name} ORDER BY ALL", database.folder / f"{name}.parquet")
            packed.write(part, part.name)
            part.unlink()
    key = layout.stats_open(opened.source)
    etag = store.put(key, path, PRIVATE, if_match=opened.etag or None, if_absent=not opened.etag)
    path.unlink()
    return replace(after, etag=etag)


def holds_still(store: Store, opened: Opened) -> bool:
    """Whether nobody has written it since."""
    there = store.head(layout.stats_open(opened.source))
    return there is not None and there.etag == opened.etag


def _take_in(database: SumsDatabase, files: tuple[LogFile, ...]) -> None:
    load(database, "files", FILES, None)
    by_column = [list(values) for values in zip(*files, strict=True)]
    if by_column:
        values = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in FILES.values())
        database.run(f"INSERT INTO files SELECT {values}", *by_column)


def _page(opened: Opened) -> dict[str, object]:
    return {
        "version": VERSION,
        "guid": opened.guid,
        "source": opened.source,
        "generation": opened.generation,
        "closed_to": opened.closed_to.isoformat() if opened.closed_to else None,
        "keys": {day.isoformat(): key for day, key in sorted(opened.keys.items())},
        "method": opened.method,
        "recordings": sorted(opened.recordings),
        "moving": [[first.isoformat(), last.isoformat()] for first, last in opened.moving],
    }


def _opened(page: object, before: Opened, etag: str) -> Opened:
    if not isinstance(page, dict) or page["version"] != VERSION:
        raise ValueError(f"it is of version {page.get('version') if isinstance(page, dict) else '?'}")
    if (page["guid"], page["source"]) != (before.guid, before.source):
        raise ValueError(f"it belongs to another show: {page['guid']}")
    day = dt.date.fromisoformat
    return replace(
        before,
        generation=int(page["generation"]),
        closed_to=day(page["closed_to"]) if page["closed_to"] else None,
        keys={day(midnight): str(key) for midnight, key in page["keys"].items()},
        method=str(page["method"]),
        recordings=frozenset(map(str, page["recordings"])),
        moving=tuple((day(first), day(last)) for first, last in page["moving"]),
        etag=etag,
    )


def _unpacked(packed: zipfile.ZipFile, name: str, folder: Path) -> Path:
    target = folder / name
    with packed.open(name) as source, target.open("wb") as file:
        while block := source.read(1 << 20):
            file.write(block)
    return target
