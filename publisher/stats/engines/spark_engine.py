"""The count on Spark: the same text as on DuckDB, for more logs than one machine is for. What is counted is the same, number for number.

Lines are cleaned as for DuckDB (`publisher.stats.blocks`) and lie unpacked in a private folder meanwhile, as do Parquet files between the halves
of the count. It counts all that it is given at once and keeps nothing.
"""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from publisher.core.errors import UsageError
from publisher.stats.blocks import blocks
from publisher.stats.counting import tables
from publisher.stats.counting.count import with_pieces
from publisher.stats.counting.requests import ACCEPTED, ASKED_BY_ANYBODY, JUDGING, MEASURED, UNPLACED
from publisher.stats.counting.rules import OTHER_FILES, RULES, UNREAD
from publisher.stats.counting.windows import DOWNLOADS, LEFT_OUT, WINDOWS
from publisher.stats.engines.transpiling import in_dialect
from publisher.stats.period import Period

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

    from publisher.stats.agents.agent import Agent
    from publisher.stats.agents.countries import CountryOf
    from publisher.stats.counting.windows import Window
    from publisher.stats.forms.form import Form

NEEDS: Final = "pip install pyspark (4.1 or newer), and Java 17 or newer from your system"
_KEPT: Final = ("sessions", "steps", "starts")
"""Pieces that others look at again and again: computed once."""
_SETTINGS: Final = {
    "spark.master": "local[*]",
    "spark.app.name": "airdate",
    "spark.driver.memory": "2g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "16",
}
"""Where neither spark-defaults.conf nor the environment says otherwise: on this machine, reached by nobody."""
SESSION: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # beyond the end of an array is NULL, as in DuckDB
    "spark.sql.cteRecursionLevelLimit": "-1",
    "spark.sql.cteRecursionRowLimit": "-1",
}
"""What the count goes by, whatever is set elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkCounted:
    """What was counted: rows of day, episode, app, device, country and downloads; lines by the rule that left them out, and all of them; the days
    that the logs tell of.
    """

    sums: tuple[tuple[dt.date, str, str, str, str, int], ...]
    left_out: dict[str, int]
    lines: int
    days: Period | None


class SparkCount:
    """One count. `folder` is a private one for this count alone; `known` are rows for the tables of `publisher.stats.counting.tables`."""

    def __init__(self, spark: SparkSession, folder: Path, known: Mapping[str, Iterable[tuple[Any, ...]]], *, most: int) -> None:
        self._spark, self._folder = spark, folder
        self._files: dict[str, list[str]] = {}
        self._lines_in = folder / "lines"
        self._lines_in.mkdir()
        for name, value in SESSION.items():
            spark.conf.set(name, value)
        rows = {name: list(known.get(name, ())) for name in ("recordings", "networks", "included", "keys")}
        self._judging = JUDGING if rows["networks"] or rows["included"] else {**JUDGING, "asked": ASKED_BY_ANYBODY}
        for name, columns in _TABLES.items():
            self._table(name, columns, rows[name])
        self._table("settings", tables.SETTINGS, [(secrets.token_hex(16), most)])

    def take(self, path: Path, form: Form) -> None:
        """Take a log of this form; its lines are here from now on. Raises StorageError where it cannot be opened."""
        file = self._lines_in / f"{sum(map(len, self._files.values()))}.txt"
        with file.open("wb") as out:
            out.writelines(blocks(path))
        self._files.setdefault(form.sql, []).append(str(file))

    def read(self, classify: Callable[[str], Agent], country_of: CountryOf | None = None) -> None:
        """Read what was taken, and judge each request by itself; `country_of` tells the country of an address whose log does not."""
        every, read, self._days = self._read()
        kept = self._spark.table("of_recordings").count()
        agents = [row[0] for row in self._sql("SELECT DISTINCT coalesce(agent, '') FROM of_recordings").collect()]
        known = ((agent, classify(agent)) for agent in agents)
        self._table("agents", tables.AGENTS, [(agent, of.kind, of.app, of.device) for agent, of in known])
        for name in ("addressed", "asked"):
            self._sql(self._judging[name]).createOrReplaceTempView(name)
        self._written("judged", self._sql(self._judging["judged"]))
        self._table("places", tables.PLACES, [])
        if country_of is not None:
            self._table("places", tables.PLACES, [(row[0], country_of(row[0])) for row in self._sql(UNPLACED).collect()])
        self._written("accepted", self._sql(ACCEPTED))
        judged = self._sql("SELECT rule, count(*) FROM judged WHERE rule IS NOT NULL GROUP BY rule").collect()
        self._lines = every
        self._left_out = {**{row[0]: row[1] for row in judged}, UNREAD.name: every - read, OTHER_FILES.name: read - kept}

    def count(self, window: Window) -> SparkCounted:
        """Count what was read."""
        kept = []
        for name, piece in WINDOWS[window].items():
            found = self._sql(with_pieces({name: piece}, f"SELECT * FROM {name}") if name == "starts" else piece)
            if name in _KEPT:
                kept.append(found.persist())
            found.createOrReplaceTempView(name)
        self._written("told", self._spark.table("told"))
        for found in kept:
            found.unpersist()
        left_out = dict(self._left_out)
        for rule, _day, _slug, requests in self._sql(LEFT_OUT).collect():
            left_out[rule] = left_out.get(rule, 0) + int(requests or 0)
        return SparkCounted(
            sums=tuple(sorted(tuple(row) for row in self._sql(DOWNLOADS).collect())),
            left_out={rule.name: left_out.get(rule.name, 0) for rule in RULES},
            lines=self._lines,
            days=self._days,
        )

    def _read(self) -> tuple[int, int, Period | None]:
        """What remains of the logs is the table `of_recordings`; gives how many lines there are, how many could be read, and their days."""
        from pyspark.sql import Observation
        from pyspark.sql import functions as f

        every: DataFrame | None = None
        for sql, files in self._files.items():
            text = self._spark.read.text(files, lineSep="\n")
            text.selectExpr("'' AS source", "CAST(0 AS BIGINT) AS number", "value AS line").createOrReplaceTempView("lines")
            found = self._sql(sql)
            every = found if every is None else every.unionByName(found)
        if every is None:
            every = self._spark.createDataFrame([], _types(tables.REQUESTS))
        told, at = Observation(), f.col("at")
        every = every.observe(
            told, f.count(f.lit(1)).alias("lines"), f.count(at).alias("read"), f.min(at).alias("first"), f.max(at).alias("last")
        )
        every.createOrReplaceTempView("requests")
        self._sql(MEASURED).createOrReplaceTempView("measured")
        self._written("of_recordings", self._sql(JUDGING["of_recordings"]))
        found_then = told.get
        first, last = found_then["first"], found_then["last"]
        days = Period(first=first.date(), last=last.date()) if first and last else None
        return found_then["lines"], found_then["read"], days

    def _table(self, name: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
        self._spark.createDataFrame(rows, _types(columns)).createOrReplaceTempView(name)

    def _written(self, name: str, found: DataFrame) -> None:
        """A table on the disk, so that nothing before it is computed twice."""
        place = str(self._folder / name)
        found.write.mode("overwrite").parquet(place)
        self._spark.read.parquet(place).createOrReplaceTempView(name)

    def _sql(self, sql: str) -> DataFrame:
        return self._spark.sql(in_dialect(sql, "spark"))


@contextmanager
def spark_session(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """A session of Spark for this command, with further `settings`; what the Java machine says goes into a file in `folder`. Raises UsageError
    where there is none.
    """
    try:
        from pyspark import SparkConf
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError("Spark is not installed", cause=str(error), hint=NEEDS, code="stats-spark") from error
    conf = SparkConf()
    for name, value in {
        **_SETTINGS,
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        **(settings or {}),
    }.items():
        conf.setIfMissing(name, value)
    said = folder / "spark.log"
    try:
        with _errors_into(said):
            session = SparkSession.builder.config(conf=conf).getOrCreate()
            session.sparkContext.setLogLevel("OFF")
    except Exception as error:
        cause = next((line for line in reversed(said.read_text("utf-8", "replace").splitlines()) if line.strip()), str(error))
        raise UsageError("Spark does not start", cause=cause[:300], hint=NEEDS, code="stats-spark") from error
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def _errors_into(path: Path) -> Iterator[None]:
    """The second stream of this process and of those that it starts now goes into a file."""
    sys.stderr.flush()
    kept = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


_TABLES: Final = {"recordings": tables.RECORDINGS, "networks": tables.NETWORKS, "included": tables.INCLUDED, "keys": tables.KEYS}


def _types(columns: Mapping[str, str]) -> str:
    """Columns as Spark writes them."""
    spark = {"VARCHAR": "STRING", "INTEGER": "INT", "TIMESTAMP": "TIMESTAMP_NTZ"}
    return ", ".join(f"`{name}` {spark.get(kind, kind)}" for name, kind in columns.items())
