"""Lines read by a form, with DuckDB, as the count reads them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.stats.forms.form import Form


@cache
def database() -> duckdb.DuckDBPyConnection:
    """One database for all tests of a process; an engine's own zone must not move anything."""
    opened = duckdb.connect()
    opened.execute("SET TimeZone = 'Pacific/Chatham'; SET threads = 1")
    return opened


def requests_of(form: Form, lines: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each line that is no header, in order."""
    with database().cursor() as reading:
        reading.execute("CREATE OR REPLACE TEMP TABLE lines (source VARCHAR, number BIGINT, line VARCHAR)")
        if lines:
            reading.executemany("INSERT INTO lines VALUES (?, ?, ?)", [["a.log", number, line] for number, line in enumerate(lines, 1)])
        found = reading.execute(f"SELECT * FROM ({form.sql}) ORDER BY source, number")  # noqa: S608  our own text
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
