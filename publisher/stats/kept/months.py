"""The months: sums of closed days, moved there from the object that decides, and read from both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.stats.kept.open_object import holds_still
from publisher.stats.kept.private_side import PRIVATE
from publisher.stats.kept.tables import IMPORTED, SUMS, columns, load, save
from publisher.stores.protocol import ConditionFailed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from publisher.stats.kept.open_object import Opened, Span
    from publisher.stats.kept.tables import SumsDatabase
    from publisher.stores.protocol import Store

ATTEMPTS: Final = 8
"""How often a month is read again because somebody else wrote it."""


def months_there(store: Store, source: str) -> list[str]:
    """The months that have sums of closed days, as `2026-06`, in order."""
    found = (layout.month_in(item.key) for item in store.list(layout.STATS))
    return sorted(month for month, of in found if of == source)


def move(store: Store, database: SumsDatabase, opened: Opened) -> None:
    """Put the sums of closed days into their months. Done twice, it changes nothing. Raises ConditionFailed where what is moved holds no
    longer, since somebody else has written `opened` anew.
    """
    if not opened.moving:
        return
    chosen, values = _within(opened.moving)
    rows = database.run(f"SELECT DISTINCT strftime(day, '%Y-%m') FROM sums WHERE {chosen}", *values).fetchall()
    touched = {month for month in months_there(store, opened.source) if any(_meet(month, span) for span in opened.moving)}
    for month in sorted(touched.union(month for (month,) in rows)):
        _move_month(store, database, opened, month)


def _move_month(store: Store, database: SumsDatabase, opened: Opened, month: str) -> None:
    chosen, values = _within(opened.moving)
    for _ in range(ATTEMPTS):
        etag = _read_month(store, database, opened.source, month)
        database.run(
            f"CREATE OR REPLACE TEMP TABLE moved AS SELECT * FROM month WHERE NOT ({chosen}) "
            f"UNION ALL SELECT {columns(SUMS)} FROM sums WHERE ({chosen}) AND strftime(day, '%Y-%m') = ?",
            *values,
            *values,
            month,
        )
        differs = database.run("(FROM month EXCEPT ALL FROM moved) UNION ALL (FROM moved EXCEPT ALL FROM month) LIMIT 1").fetchone()
        if differs is None:
            return
        path = database.folder / "month.parquet"
        save(database, opened.guid, "SELECT * FROM moved ORDER BY ALL", path, told={"generation": str(opened.generation)})
        if not holds_still(store, opened):
            raise ConditionFailed(month)
        try:
            store.put(layout.stats_month(month, opened.source), path, PRIVATE, if_match=etag, if_absent=etag is None)
        except ConditionFailed:
            continue
        return
    raise StorageError("others write the same numbers all the time", hint="run this again when they are done", code="storage-busy")


def all_sums(store: Store, database: SumsDatabase, opened: Opened) -> None:
    """Make the table `all_sums` of every day that was ever counted, closed or open, from the months and from `opened`."""
    load(database, "all_sums", SUMS, None)
    for month in months_there(store, opened.source):
        _read_month(store, database, opened.source, month)
        chosen, values = _within(opened.moving)
        database.run(f"INSERT INTO all_sums SELECT * FROM month WHERE NOT ({chosen})", *values)
    database.run(f"INSERT INTO all_sums SELECT {columns(SUMS)} FROM sums")


def imported(store: Store, database: SumsDatabase) -> list[tuple[Any, ...]]:
    """What old hosts told, as `tables.IMPORTED` has it."""
    path = database.folder / "imported.parquet"
    rows: list[tuple[Any, ...]] = []
    for key in [item.key for item in store.list(layout.STATS) if layout.imported_host(item.key)]:
        if store.fetch(key, path) is not None:
            load(database, "imported", IMPORTED, path)
            rows += database.run(f"SELECT {columns(IMPORTED)} FROM imported ORDER BY ALL").fetchall()
    return rows


def keep_imported(store: Store, database: SumsDatabase, guid: str, host: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep what an old host told, in the place of what it told before."""
    load(database, "imported", IMPORTED, None)
    by_column = [list(values) for values in zip(*rows, strict=True)]
    if by_column:
        values = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in IMPORTED.values())
        database.run(f"INSERT INTO imported SELECT {values}", *by_column)
    path = save(database, guid, "SELECT * FROM imported ORDER BY ALL", database.folder / "imported.parquet")
    store.put(layout.stats_imported(host), path, PRIVATE)


def _read_month(store: Store, database: SumsDatabase, source: str, month: str) -> str | None:
    """Its rows into the table `month`; its ETag, None where there is none."""
    path = database.folder / "month.parquet"
    etag = store.fetch(layout.stats_month(month, source), path)
    load(database, "month", SUMS, path if etag is not None else None)
    path.unlink(missing_ok=True)
    return etag


def _within(spans: Collection[Span]) -> tuple[str, list[object]]:
    """The condition that a day is in one of the spans, and its values."""
    return " OR ".join(["day BETWEEN ? AND ?"] * len(spans)) or "false", [end for span in spans for end in span]


def _meet(month: str, span: Iterable[object]) -> bool:
    first, last = (str(day)[:7] for day in span)
    return first <= month <= last
