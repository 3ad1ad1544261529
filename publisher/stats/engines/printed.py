"""`publish stats sql`: the count as statements for an engine that somebody has, one named piece after the other, with the tables it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from publisher.core.json_results import Result
from publisher.stats.counting import tables
from publisher.stats.counting.requests import ACCEPTED, JUDGING
from publisher.stats.counting.windows import DOWNLOADS, WINDOWS
from publisher.stats.engines.spark_engine import SESSION
from publisher.stats.engines.transpiling import in_dialect
from publisher.stats.report.methods import method_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from publisher.stats.agents.agent import Agent
    from publisher.stats.counting.windows import Window
    from publisher.stats.engines.transpiling import Dialect
    from publisher.stats.forms.form import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements(Result):
    """The count as SQL."""

    dialect: str
    """The engine that it is for: spark, trino or athena."""
    statements: tuple[str, ...]
    """In their order, each with a semicolon at its end; the last one gives the downloads."""


_TABLES: Final = ("accepted", "sessions", "steps", "starts", "told")
"""Pieces that are looked at more than once: tables, not views."""
_AT_ONCE: Final = 200
"""Rows of an INSERT: Athena takes 262,144 bytes of a statement."""
_LINES: Final = {
    "spark": "CREATE OR REPLACE VIEW lines AS SELECT _metadata.file_name AS source, CAST(0 AS BIGINT) AS number, value AS line "
    "FROM text.`s3a://your-logs/2026-06/*`;",
    "trino": 'CREATE OR REPLACE VIEW lines AS SELECT "$path" AS source, CAST(0 AS BIGINT) AS number, line FROM your_logs;',
}
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
) -> Iterator[str]:
    """The statements, in their order, each with a remark above it and a semicolon at its end. `known` are the rows of the tables that say what
    the show has, `agents` what is known of each agent; `days` is how many the logs are of: so many windows of a listener may follow each
    other.
    """
    tried = "Spark in local mode gives the numbers of DuckDB." if dialect == "spark" else "This text was parsed again, and not run there."
    yield f"-- {method_of(window)}\n-- For {dialect}, in a schema of its own: statements in their order. {tried}"
    if dialect == "spark":
        yield "-- What the count goes by.\n" + "\n".join(f"SET {name} = {value};" for name, value in SESSION.items())
    yield f"-- Your logs, a row for each line, of the form `{form.name}`: put yours in the place of\n-- {_LINES['spark' if dialect == 'spark' else 'trino']}"
    for name, (columns, remark) in _KNOWN.items():
        yield f"-- {name}: {remark}.\n{in_dialect(_view_of(name, columns, known.get(name, ())), dialect)};"
    keys = _view_of("keys", tables.KEYS, ())
    yield f"-- keys: secrets of single days; where all is counted at once there are none.\n{in_dialect(keys, dialect)};"
    places = in_dialect(_view_of("places", tables.PLACES, ()), dialect)
    yield f"-- places: the country of each address, for logs that tell none; yours, if you have such a table.\n{places};"
    yield from _agents(dialect, agents)
    yield f"-- requests: each line, taken apart.\n{_piece('requests', form.sql, dialect)}"
    for name, piece in {**JUDGING, "accepted": ACCEPTED, **WINDOWS[window]}.items():
        yield from _starts(piece, dialect, days) if name == "starts" else (_piece(name, piece, dialect),)
    yield f"-- The count: a row for each day (UTC), episode, app, kind of device and country.\n{in_dialect(DOWNLOADS, dialect)};"


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
