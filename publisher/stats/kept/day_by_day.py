"""The count, day by day: each step counts days whose listeners are hashed under one key, and hands the starts of its windows to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from publisher.stats.counting.windows import DOWNLOADS
from publisher.stats.kept.log_files import DAY, days_between
from publisher.stats.kept.tables import BEGUN, KEPT, columns, load, unreadable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from publisher.stats.counting.windows import Window
    from publisher.stats.kept.tables import SumsDatabase

FEW: Final = 3
"""Downloads of a day that are too few to be told apart by what the listeners had in common."""

FOLDED: Final = {"country": "app, device, country", "device": "app, device", "app": "app"}
"""What is folded, in this order, and what too few listeners must not have had in common."""

_STEP: Final = {name: kind for name, kind in KEPT.items() if name not in ("day", "listener_before")}

_CARRIED: Final = """
CREATE OR REPLACE TEMP TABLE carried AS
SELECT DISTINCT r.listener, b.slug, b."at"
FROM begun AS b JOIN all_asked AS r ON r.day = ? AND r.listener_before = b.listener AND r.slug = b.slug
"""
"""The starts that the day before left, under the key of the day after: who asked on this day is hashed under both."""

_ROWS: Final = f"""
CREATE OR REPLACE TEMP TABLE step AS
SELECT {columns(_STEP)} FROM all_asked WHERE day BETWEEN ? AND ?
UNION ALL
SELECT {", ".join({"address": "NULL", "listener": "listener_before"}.get(name, f'"{name}"') for name in _STEP)} FROM all_asked WHERE day = ?
"""
"""The days' requests, and those of the day after, with which their windows may fill."""

_OVER: Final[dict[Window, str]] = {
    "calendar": "",
    "rolling": """
DELETE FROM step USING carried AS c
WHERE step.listener = c.listener AND step.slug = c.slug AND step."at" < c."at" + INTERVAL 24 HOURS
""",
    "extending": """
DELETE FROM step USING (
  SELECT listener, slug, min(CASE WHEN begins THEN "at" END) AS until
  FROM (
    SELECT s.listener, s.slug, s."at",
      s."at" >= coalesce(lag(s."at") OVER (PARTITION BY s.listener, s.slug ORDER BY s."at"), c."at") + INTERVAL 24 HOURS AS begins
    FROM step AS s JOIN carried AS c ON c.listener = s.listener AND c.slug = s.slug
  )
  GROUP BY listener, slug
) AS c
WHERE step.listener = c.listener AND step.slug = c.slug AND (c.until IS NULL OR step."at" < c.until)
""",
}
"""Takes away what belongs to windows that began before: it was counted with them."""

_LEFT: Final[dict[Window, str]] = {
    "calendar": "SELECT listener, slug, start FROM told WHERE false AND day = ?",
    "rolling": "SELECT listener, slug, max(start) FROM told WHERE day = ? GROUP BY listener, slug",
    "extending": 'SELECT listener, slug, max("at") FROM all_asked WHERE day = ? GROUP BY listener, slug',
}
"""What the last day leaves to the next: see `BEGUN`."""


def all_asked(database: SumsDatabase) -> None:
    """Make the view `all_asked` of the requests that are kept, and of those that were read now."""
    read = ", ".join('CAST("at" AS DATE) AS day' if name == "day" else f'"{name}"' for name in KEPT)
    database.run(f"CREATE OR REPLACE TEMP VIEW all_asked AS SELECT {columns(KEPT)} FROM kept UNION ALL SELECT {read} FROM accepted")


def segments(first: dt.date, last: dt.date, keys: Mapping[dt.date, str]) -> Iterator[tuple[dt.date, dt.date]]:
    """Days that are counted in one step: those whose midnights after have one key. Midnights that `keys` does not name share one."""
    begun = first
    for day in days_between(first, last):
        if day == last or keys.get(day + DAY) != keys.get(day + DAY + DAY):
            yield begun, day
            begun = day + DAY


def count_days(
    database: SumsDatabase, window: Window, first: dt.date, last: dt.date, *, keys: Mapping[dt.date, str], since: dt.date
) -> None:
    """Count these days, of which the table `begun` tells how the day before ended; their sums go into the table `counted`, from `since`
    on, and `begun` then tells how the last one ended. Raises StorageError `stats-unreadable` for kept hashes that are none.
    """
    asked = {day for (day,) in database.run("SELECT DISTINCT day FROM all_asked WHERE day BETWEEN ? AND ?", first, last).fetchall()}
    for begin, end in segments(first, last, keys):
        if not any(begin <= day <= end for day in asked):
            load(database, "begun", BEGUN, None)
            continue
        database.run(_CARRIED, begin)
        database.run(_ROWS, begin, end, None if window == "calendar" else end + DAY)
        if _OVER[window]:
            database.run(_OVER[window])
        _tell(database, window)
        database.run(f"INSERT INTO counted SELECT *, '{window}' FROM ({DOWNLOADS}) WHERE day BETWEEN ? AND ?", max(begin, since), end)
        load(database, "begun", BEGUN, None)
        database.run(f"INSERT INTO begun {_LEFT[window]}", end)


def _tell(database: SumsDatabase, window: Window) -> None:
    import duckdb

    try:
        database.tell(window, "step")
    except duckdb.ConversionException as error:
        raise unreadable(str(error).partition("\n")[0]) from error


def fold(database: SumsDatabase, table: str) -> None:
    """Fold what few listeners of a day had in common: their country, then the kind of their device, then their app become "". Sums of days and
    episodes stay what they are.
    """
    for folded in FOLDED:
        database.run(f"CREATE OR REPLACE TEMP TABLE folding AS {folded_sql(table, folded)}")
        database.run(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM folding")


def folded_sql(table: str, folded: str) -> str:
    """The SELECT that folds one column of such sums, in words that other engines have, too."""
    few = f"CASE WHEN sum(downloads) OVER (PARTITION BY day, {FOLDED[folded]}) < {FEW} THEN '' ELSE {folded} END AS {folded}"
    shown = ", ".join(few if name == folded else name for name in ("app", "device", "country"))
    return (
        'SELECT day, slug, app, device, country, CAST(sum(downloads) AS BIGINT) AS downloads, "window" '
        f'FROM (SELECT day, slug, {shown}, downloads, "window" FROM {table}) GROUP BY day, slug, app, device, country, "window"'
    )
