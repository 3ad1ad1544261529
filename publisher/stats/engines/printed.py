"""`publish stats sql`: the count as statements for an engine that somebody has, one named piece after the other, with the tables it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from publisher.core.json_results import Result
from publisher.core.layout import stats_month
from publisher.stats.counting import tables
from publisher.stats.counting.requests import ACCEPTED, JUDGING
from publisher.stats.counting.windows import DOWNLOADS, WINDOWS
from publisher.stats.engines.spark_engine import SESSION, UNTIDY
from publisher.stats.engines.transpiling import in_dialect
from publisher.stats.kept.day_by_day import FOLDED, folded_sql
from publisher.stats.kept.tables import SUMS, columns
from publisher.stats.report.methods import method_of
from publisher.stores.directory import STATE_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from publisher.stats.agents.agent import Agent
    from publisher.stats.counting.windows import Window
    from publisher.stats.engines.transpiling import Dialect
    from publisher.stats.forms.form import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the logs lie and the months are to be written, as the engine names it; and the show's podcast:guid."""

    logs: str
    months: str
    guid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements(Result):
    """The count as SQL."""

    dialect: str
    """The engine that it is for: spark, trino or athena."""
    statements: tuple[str, ...]
    """In their order, each with a semicolon at its end; the last one gives the downloads."""


_TABLES: Final = ("accepted", "sessions", "steps", "starts", "told", "downloads")
"""Pieces that are looked at more than once: tables, not views."""
_AT_ONCE: Final = 200
"""Rows of an INSERT: Athena takes 262,144 bytes of a statement."""
_LOGS: Final = {
    "spark": "CREATE TABLE logs (value STRING) USING text OPTIONS (path {logs}, lineSep '\\n')",
    "trino": "CREATE TABLE logs (line VARCHAR) WITH (format = 'TEXTFILE', external_location = {logs})",
    "athena": "CREATE EXTERNAL TABLE logs (line STRING) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' "
    "WITH SERDEPROPERTIES ('input.regex' = '^(.*)$') LOCATION {logs}",
}
"""The logs where they lie, a row for each line; all three read gzip, bzip2 and zstd by the ends of names."""
_CUT: Final = {
    "spark": "make_valid_utf8(CASE WHEN endswith(value, '\\r') THEN left(value, length(value) - 1) ELSE value END)",
    "trino": r"REGEXP_REPLACE(line, '\r$', '')",
}
_UNTIDY: Final = {"spark": f"r'{UNTIDY}'", "trino": f"'{UNTIDY}'"}
_LINES: Final = {
    "spark": "CREATE OR REPLACE VIEW lines AS SELECT _metadata.file_path AS source, CAST(0 AS BIGINT) AS number, {line} AS line FROM logs",
    "trino": 'CREATE OR REPLACE VIEW lines AS SELECT "$path" AS source, CAST(0 AS BIGINT) AS number, {line} AS line FROM logs',
}
"""Cleaned lines: control characters are question marks, as `publisher.stats.blocks` has it."""
_MONTHS: Final = {
    "spark": "CREATE TABLE months USING parquet PARTITIONED BY (month) LOCATION {months} AS SELECT /*+ REPARTITION(1) */ * FROM monthly",
    "trino": "CREATE TABLE months WITH (format = 'PARQUET', external_location = {months}, partitioned_by = ARRAY['month'], "
    "bucketed_by = ARRAY['guid'], bucket_count = 1) AS SELECT * FROM monthly",
}
"""One Parquet file for each month; the month itself is the name of its folder."""
UNKNOWN_AGENTS: Final = "SELECT DISTINCT coalesce(r.agent, '') AS agent FROM requests AS r LEFT JOIN agents AS a ON a.agent = coalesce(r.agent, '') WHERE a.agent IS NULL"
_KNOWN: Final = {
    "recordings": (tables.RECORDINGS, "the recordings of the show, as they were ever published"),
    "networks": (tables.NETWORKS, "networks of data centres: `[stats] datacentres`"),
    "included": (tables.INCLUDED, "networks that are counted whatever they do: `[stats] include`"),
    "settings": (tables.SETTINGS, "the secret of hashes, and the downloads that one address can have in a day"),
}


def statements(
    dialect: Dialect,
    known: Mapping[str, Iterable[Sequence[Any]]],
    agents: Mapping[str, Agent],
    form: Form,
    window: Window,
    *,
    days: int,
    places: Places,
) -> Iterator[str]:
    """The statements, in their order, each with a remark above it and a semicolon at its end. `known` are the rows of the tables that say what
    the show has, `agents` what is known of each agent; `days` is how many the logs are of: so many windows of a listener may follow each
    other.
    """
    tried = "Spark in local mode gives the numbers of DuckDB." if dialect == "spark" else "This text was parsed again, and not run there."
    yield f"-- {method_of(window)}\n-- For {dialect}, in a schema of its own: statements in their order. {tried}\n{_first(dialect, form, places)}"
    if dialect == "spark":
        yield from (f"-- What the count goes by.\nSET {name} = {value};" for name, value in SESSION.items())
    like = "spark" if dialect == "spark" else "trino"
    cut = f"REGEXP_REPLACE({_CUT[like]}, {_UNTIDY[like]}, '?')"
    yield f"-- lines: without what no log has.\n{_LINES[like].format(line=cut)};"
    for name, (described, remark) in _KNOWN.items():
        yield f"-- {name}: {remark}.\n{in_dialect(_view_of(name, described, known.get(name, ())), dialect)};"
    keys = _view_of("keys", tables.KEYS, ())
    yield f"-- keys: secrets of single days; where all is counted at once there are none.\n{in_dialect(keys, dialect)};"
    located = in_dialect(_view_of("places", tables.PLACES, ()), dialect)
    yield f"-- places: the country of each address, for logs that tell none; yours, if you have such a table.\n{located};"
    yield from _agents(dialect, agents)
    yield f"-- requests: each line, taken apart.\n{_piece('requests', form.sql, dialect)}"
    yield f"-- Agents that are not known yet: where this gives a row, its requests would be left out.\n{in_dialect(UNKNOWN_AGENTS, dialect)};"
    for name, piece in {**JUDGING, "accepted": ACCEPTED, **WINDOWS[window]}.items():
        yield from _starts(piece, dialect, days) if name == "starts" else (_piece(name, piece, dialect),)
    counted = f"SELECT d.*, '{window}' AS \"window\" FROM ({DOWNLOADS}) AS d"
    yield _piece("downloads", counted, dialect)
    yield from _months(dialect, places)
    last = in_dialect("SELECT day, slug, app, device, country, downloads FROM downloads", dialect)
    yield f"-- The count: a row for each day (UTC), episode, app, kind of device and country.\n{last};"


def _first(dialect: Dialect, form: Form, places: Places) -> str:
    remark = f"-- logs: your logs where they lie, of the form `{form.name}`"
    if form.name == "cloudfront-json":
        remark += " (rows of Parquet: have your engine write them as JSON lines first)"
    return f"{remark}.\n{_LOGS[dialect].format(logs=_quoted(places.logs, backslash=dialect != 'trino'))};"


def _months(dialect: Dialect, places: Places) -> Iterator[str]:
    """What `publish stats` keeps of a month: sums in which few listeners are folded, as Parquet."""
    table = "downloads"
    for folded in FOLDED:
        yield _piece(f"folded_{folded}", folded_sql(table, folded), dialect)
        table = f"folded_{folded}"
    shown = f"SELECT {_literal(places.guid)} AS guid, {columns(SUMS)}, substr(CAST(day AS VARCHAR), 1, 7) AS month FROM {table}"
    yield _piece("monthly", shown, dialect)
    key = stats_month("2026-06", "logs")
    remark = (
        "-- months: a Parquet file for each month. Of a month whose logs were here from the day before it to the day after it, put the file of\n"
        f"-- month=2026-06 (an example) onto the private side of the storage ({key};\n-- of a folder: {STATE_FOLDER}/…): `publish stats` reads it."
    )
    yield f"{remark}\n{_MONTHS['spark' if dialect == 'spark' else 'trino'].format(months=_quoted(places.months, backslash=dialect == 'spark'))};"


def _piece(name: str, piece: str, dialect: Dialect) -> str:
    made = f"CREATE TABLE {name}" if name in _TABLES else f"CREATE OR REPLACE VIEW {name}"
    return f"{in_dialect(f'{made} AS {piece}', dialect)};"


def _starts(piece: str, dialect: Dialect, days: int) -> Iterator[str]:
    """Where a table refers to itself, Spark goes on until nothing is added; Trino and Athena stop after ten steps, so each is a statement."""
    first, steps, following = piece.partition("UNION ALL")
    if not steps:
        yield _piece("starts", piece, dialect)
        return
    if dialect == "spark":
        yield _piece("starts", f"WITH RECURSIVE starts AS ({piece}) SELECT * FROM starts", dialect)
        return
    yield _piece("starts", first, dialect)
    known = "EXISTS (SELECT 1 FROM starts AS k WHERE k.listener = n.listener AND k.slug = n.slug AND k.start = n.following)"
    step = in_dialect(f"INSERT INTO starts {following.rstrip()} AND NOT {known}", dialect)
    yield f"-- The next window of each listener, {days} times: at most one begins on a day.\n{step};"
    yield from (f"{step};" for _ in range(days - 1))


def _agents(dialect: Dialect, agents: Mapping[str, Agent]) -> Iterator[str]:
    rows = [(agent, of.kind, of.app, of.device) for agent, of in agents.items()]
    named = "what is known of each agent of the logs. `publish stats sql --agents FILE` writes the rows; FILE has a line for each of\n-- "
    named += in_dialect("SELECT DISTINCT coalesce(agent, '') FROM requests", dialect).replace("\n", " ")
    yield f"-- agents: {named}\n{in_dialect(f'CREATE TABLE agents AS {_rows(tables.AGENTS, rows[:_AT_ONCE])}', dialect)};"
    for place in range(_AT_ONCE, len(rows), _AT_ONCE):
        yield f"{in_dialect(f'INSERT INTO agents {_rows(tables.AGENTS, rows[place : place + _AT_ONCE])}', dialect)};"


def _view_of(name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> str:
    return f"CREATE OR REPLACE VIEW {name} AS {_rows(columns, list(rows))}"


def _rows(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> str:
    """A SELECT that gives these rows; without rows none, with the columns all the same."""
    if not rows:
        return f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name}' for name, kind in columns.items())} WHERE 1 = 0"
    shown = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in columns.items())
    values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
    return f"SELECT {shown} FROM (VALUES {values}) AS given ({', '.join(columns)})"


def _literal(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _quoted(value: str, *, backslash: bool) -> str:
    """A text in Spark's and Hive's words (Athena's, where it makes tables), or in Trino's."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" if backslash else _literal(value)


def place_of(address: str, dialect: Dialect, folder: Path) -> str:
    """An address as the engine names it: Spark reads S3 by s3a:// and takes patterns, the others take folders alone; a path is of this machine."""
    where = address if "://" in address else str((folder / address).absolute())
    if dialect == "spark":
        return f"s3a://{where.removeprefix('s3://')}" if where.startswith("s3://") else where
    plain = re.split(r"[*?\[]", where)[0]
    return where if plain == where else f"{plain.rpartition('/')[0]}/"
