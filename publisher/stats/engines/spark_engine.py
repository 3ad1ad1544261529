"""The two halves of the count on Spark, by the same text as on DuckDB: lines become accepted requests, and requests become windows.

Spark reads logs where they lie. What its own reader of text would take in another way than `publisher.stats.blocks` (letters that are no UTF-8,
control characters) goes through the function of that module, line by line, in the processes that Spark has for Python. Parquet
files in a private folder lie between the halves.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from publisher.core import layout
from publisher.core.errors import UsageError
from publisher.stats import blocks
from publisher.stats.counting import tables
from publisher.stats.counting.count import with_pieces
from publisher.stats.counting.requests import ACCEPTED, ASKED_BY_ANYBODY, JUDGING, UNPLACED
from publisher.stats.counting.windows import WINDOWS
from publisher.stats.engines.transpiling import in_dialect

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

    from publisher.stats.agents.agent import Agent
    from publisher.stats.agents.countries import CountryOf
    from publisher.stats.counting.windows import Window

NEEDS: Final = "pip install pyspark (4.1 or newer), and Java 17 or newer from your system"
_AGAIN: Final = ("sessions", "steps", "starts")
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
_BOUND: Final = ("mapreduce.input.linerecordreader.line.maxlength", str(16 << 20))
"""Bytes of a line that Spark keeps in memory; longer ones are in no log that was looked at before (`Holding.plain`)."""
UNTIDY: Final = r"[\x00-\x08\x0b-\x1f\x7f]"
"""Control characters, as `blocks` has them."""
_NEEDLE: Final = layout.MEDIA.rstrip("/")
"""What each line about a recording holds, however its form writes paths; of all others nothing but their moment is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRead:
    """What a log told: its lines, how many of them could be read, and the first and the last moment in it (UTC)."""

    lines: int
    read: int
    first: dt.datetime | None
    last: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkRead:
    """What logs told, by their places. `names` are the places as the table of `accepted` requests has them in its column `source`; that lies
    in a folder of Parquet files. `judged` are rows of rule, day, episode and requests; the rule is None for those that are accepted.
    """

    places: dict[str, PlaceRead]
    names: dict[str, str]
    accepted: Path
    judged: list[tuple[str | None, dt.date, str, int]]


class SparkHalves:
    """Both halves. `folder` is a private one; `known` are rows for the tables of `publisher.stats.counting.tables`."""

    def __init__(self, spark: SparkSession, folder: Path, known: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
        self._spark, self._folder = spark, folder
        for name, value in SESSION.items():
            spark.conf.set(name, value)
        self._judging = JUDGING if known["networks"] or known["included"] else {**JUDGING, "asked": ASKED_BY_ANYBODY}
        for name, columns in TABLES.items():
            self._table(name, columns, known[name])
        self._sql(JUDGING["measured"]).createOrReplaceTempView("measured")

    def read(self, logs: Mapping[str, Sequence[str]], classify: Callable[[str], Agent], country_of: CountryOf | None) -> SparkRead:
        """Read logs where they lie, and judge each request by itself. `logs` are their places by the SELECT of their form; `country_of` tells the
        country of an address whose log does not.
        """
        read = self._requests(logs)
        for name in ("of_recordings", "addressed"):
            self._sql(self._judging[name]).createOrReplaceTempView(name)
        agents = [row[0] for row in self._sql("SELECT DISTINCT coalesce(agent, '') FROM of_recordings").collect()]
        known = ((agent, classify(agent)) for agent in agents)
        self._table("agents", tables.AGENTS, [(agent, of.kind, of.app, of.device) for agent, of in known])
        self._sql(self._judging["asked"]).createOrReplaceTempView("asked")
        self._written("judged", self._sql(self._judging["judged"]))
        self._table("places", tables.PLACES, [])
        if country_of is not None:
            self._table("places", tables.PLACES, [(row[0], country_of(row[0])) for row in self._sql(UNPLACED).collect()])
        accepted = self._written("accepted", self._sql(ACCEPTED))
        by_rule = 'SELECT rule, CAST("at" AS DATE), slug, count(*) FROM judged GROUP BY ALL'
        return SparkRead(
            places={_plain(name): place for name, place in read.items()},
            names={_plain(name): name for name in read},
            accepted=accepted,
            judged=[tuple(row) for row in self._sql(by_rule).collect()],
        )

    def tell(self, window: Window, accepted: Path) -> Path:
        """Count the requests of a Parquet file, which has the columns of `tables.ACCEPTED` that windows need: the folder of `told` as Parquet."""
        self._spark.read.parquet(_uri(accepted)).createOrReplaceTempView("accepted")
        again = []
        for name, piece in WINDOWS[window].items():
            found = self._sql(with_pieces({name: piece}, f"SELECT * FROM {name}") if name == "starts" else piece)
            if name in _AGAIN:
                again.append(found.persist())
            found.createOrReplaceTempView(name)
        told = self._written("told", self._spark.table("told"))
        for found in again:
            found.unpersist()
        return told

    def _requests(self, logs: Mapping[str, Sequence[str]]) -> dict[str, PlaceRead]:
        """What remains of the logs is the view `requests`; gives what each log told, by its place as Spark writes it."""
        from pyspark import cloudpickle
        from pyspark.sql import Observation
        from pyspark.sql import functions as f

        texts, odd = {}, []
        for sql, places in logs.items():
            value, line, told = f.col("value"), f.col("line"), Observation()
            text = (
                self._spark.read.option(*_BOUND)
                .text(list(places), lineSep="\n")
                .select("value", f.col("_metadata.file_path").alias("source"))
            )
            text = text.withColumn("line", f.when(value.endswith("\r"), f.expr("left(value, length(value) - 1)")).otherwise(value))
            text = text.withColumn("odd", ~f.is_valid_utf8(value) | line.rlike(UNTIDY))
            text = text.withColumn("line", f.when(f.octet_length(line) > blocks.LONGEST, f.lit("(a long line)")).otherwise(line))
            texts[sql] = text.observe(told, f.sum(f.col("odd").cast("long")).alias("odd"))
            odd.append((sql, told))
        self._written("requests", self._read_by_form({sql: text.where("NOT odd") for sql, text in texts.items()}))
        odd_ones = [sql for sql, told in odd if told.get["odd"]]
        if odd_ones:
            cloudpickle.register_pickle_by_value(blocks)  # type: ignore[no-untyped-call]  # Spark's processes need Python alone
            cleaned = f.udf(lambda line: blocks.clean_line(bytes(line)), "string", useArrow=False)(f.col("value").cast("binary"))
            self._written(
                "requests", self._read_by_form({sql: texts[sql].where("odd").withColumn("line", cleaned) for sql in odd_ones}), "append"
            )
        told_by_log = 'SELECT source, count(*), count("at"), min("at"), max("at") FROM requests GROUP BY source'
        rows = self._sql(told_by_log).collect()
        self._spark.table("requests").where("number = 1").createOrReplaceTempView("requests")
        return {row[0]: PlaceRead(lines=row[1], read=row[2], first=row[3], last=row[4]) for row in rows}

    def _read_by_form(self, lines: Mapping[str, DataFrame]) -> DataFrame:
        """Lines taken apart by the SELECTs of their forms: as a whole those about recordings (1 in the column `number`), of others their moment."""
        from pyspark.sql import functions as f

        every: DataFrame | None = None
        for sql, text in lines.items():
            about = f.when(f.col("line").contains(_NEEDLE), 1).otherwise(0).cast("bigint").alias("number")
            text.select("source", about, "line").createOrReplaceTempView("lines")
            shown = ", ".join(
                name if name in ("source", "number", '"at"') else f"CASE WHEN number = 1 THEN {name} END AS {name}" for name in _COLUMNS
            )
            found = self._sql(f"SELECT {shown} FROM ({sql})")
            every = found if every is None else every.unionByName(found)
        return every if every is not None else self._spark.createDataFrame([], _types(tables.REQUESTS))

    def _table(self, name: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
        self._spark.createDataFrame(rows, _types(columns)).createOrReplaceTempView(name)

    def _written(self, name: str, found: DataFrame, mode: str = "overwrite") -> Path:
        """A table on the disk, so that nothing before it is computed twice."""
        place = self._folder / name
        found.write.mode(mode).parquet(_uri(place))
        self._spark.read.parquet(_uri(place)).createOrReplaceTempView(name)
        return place

    def _sql(self, sql: str) -> DataFrame:
        return self._spark.sql(in_dialect(sql, "spark"))


def reads_s3(spark: SparkSession) -> bool:
    """Whether Spark knows `s3a://`: it does where hadoop-aws is among its packages."""
    from py4j.protocol import Py4JJavaError

    context = spark.sparkContext
    java: Any = context._jvm  # noqa: SLF001  there is no other way to Hadoop's configuration
    try:
        java.org.apache.hadoop.fs.FileSystem.getFileSystemClass("s3a", context._jsc.hadoopConfiguration())  # noqa: SLF001
    except Py4JJavaError:
        return False
    return True


def local(path: Path) -> str:
    """A file of this machine as the place of a log."""
    return _uri(path.absolute())


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
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
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


TABLES: Final = {
    "recordings": tables.RECORDINGS,
    "networks": tables.NETWORKS,
    "included": tables.INCLUDED,
    "keys": tables.KEYS,
    "settings": tables.SETTINGS,
}
"""What is known before a log is read."""
_COLUMNS: Final = tuple('"at"' if name == "at" else name for name in tables.REQUESTS)


def _uri(path: Path) -> str:
    """A path as Hadoop takes it, whatever its default file system is; nothing in it is escaped."""
    return f"file://{path}"


def _plain(place: str) -> str:
    """A place as it was given, of one as Spark tells it: escaped, and with one slash after `file:`."""
    parts = urlsplit(place)
    return f"{parts.scheme}://{parts.netloc}{unquote(parts.path)}"


def _types(columns: Mapping[str, str]) -> str:
    """Columns as Spark writes them."""
    spark = {"VARCHAR": "STRING", "INTEGER": "INT", "TIMESTAMP": "TIMESTAMP_NTZ"}
    return ", ".join(f"`{name}` {spark.get(kind, kind)}" for name, kind in columns.items())
