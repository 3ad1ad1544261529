"""A count that has Spark do what is long: lines are read and judged there, and windows made there where they are many. What is kept of them lies
in DuckDB's tables as ever, so that the room of what is kept knows nothing of it, and any machine goes on with any engine.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from publisher.core.console import count_words
from publisher.core.errors import StorageError
from publisher.stats.blocks import blocks
from publisher.stats.counting.rules import OTHER_FILES, UNREAD
from publisher.stats.engines.duckdb_engine import LEFT_OUT_COLUMNS, MUCH, PIECES, DuckCount, FileRead
from publisher.stats.engines.spark_engine import TABLES, SparkHalves, local, reads_s3, spark_session
from publisher.stats.kept.private_folder import private_folder
from publisher.stats.unpacking import holds_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

    from publisher.core.console import Console
    from publisher.stats.agents.agent import Agent
    from publisher.stats.counting.windows import Window
    from publisher.stats.engines.spark_engine import SparkRead
    from publisher.stats.forms.form import Form

PACKED: Final = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\x28\xb5\x2f\xfd": ".zst"}
"""What Spark's reader of text unpacks, how it begins, and the name by which it knows it."""
_OTHERWISE: Final = (*PACKED.values(), ".deflate", ".lz4", ".snappy", ".zstd", ".gzip", ".parquet", ".xz")
"""How names of files end that Spark takes for packed, or that hold no text."""
_HIDDEN: Final = ("_", ".")
_PATTERN: Final = frozenset("{}[]*?\\\n")
DOCUMENTS: Final = ("bunny-json", "r2")
"""Forms that a service may hand out as one JSON document, which is no text of lines."""


class _Waiting(NamedTuple):
    """A log that waits to be read: its name, its form, where Spark finds it, and what is to be told of it."""

    source: str
    form: Form
    place: str
    path: Path | None
    told: FileRead


class SparkCount(DuckCount):
    """One count. `spark` gives the session, asked only when there is something to read; `say` tells people what Spark cannot read as it lies;
    `many` are the requests from which on windows are made there as well.
    """

    def __init__(self, folder: Path, spark: Callable[[], SparkSession], say: Callable[[str], None], *, many: int) -> None:
        super().__init__(folder)
        self._spark, self._say, self._many = spark, say, many
        self._for_spark: list[_Waiting] = []
        self._rounds = 0
        self._halves: SparkHalves | None = None
        self._unpacked: list[str] = []

    def reads_there(self, address: str, form: Form | None = None) -> bool:
        """See DuckCount: objects of S3, where Spark has what reads them and they are text, as far as name and form tell."""
        if not address.startswith("s3a://") or _odd_name(address) or (form is not None and form.name in DOCUMENTS):
            return False
        name = PurePosixPath(address).name
        return self._has_s3a and (name.endswith(tuple(PACKED.values())) or not name.endswith(_OTHERWISE))

    @cached_property
    def _has_s3a(self) -> bool:
        found = reads_s3(self._spark())
        if not found:
            self._say("This Spark has nothing that reads s3a:// (hadoop-aws): logs are fetched and unpacked on this machine.")
        return found

    def read_there(self, source: str, address: str, form: Form, classify: Callable[[str], Agent]) -> FileRead:
        """See DuckCount."""
        self._classify = classify
        told = FileRead()
        self._for_spark.append(_Waiting(source, form, address, None, told))
        return told

    def read(
        self, source: str, path: Path, form: Form, classify: Callable[[str], Agent], *, skip: tuple[int, int] = (0, 0), plain: bool = False
    ) -> FileRead:
        """See DuckCount: a log that is here stays where it is until `finish`, and Spark reads it there if it can."""
        self._classify = classify
        told = FileRead()
        fetched = path.is_relative_to(self.folder)
        why = "it could not be read to its end" if not plain else "its other lines are counted already" if skip[0] else _why_not(path)
        if fetched or why:
            if not fetched:
                self._unpacked.append(f"{source} ({why})")
            self._for_spark.append(self._unpack(source, path, form, told, skip[0]))
        else:
            self._for_spark.append(_Waiting(source, form, local(path), path, told))
        return told

    def finish(self) -> None:
        """Read what waits."""
        waiting, self._for_spark = self._for_spark, []
        if not waiting:
            return
        if self._unpacked:
            named = ", ".join(self._unpacked[:3]) + (", …" if len(self._unpacked) > 3 else "")
            self._say(
                f"{count_words(len(self._unpacked), 'log')} {'is' if len(self._unpacked) == 1 else 'are'} unpacked on this machine first: {named}"
            )
            self._unpacked = []
        try:
            found = self._read_on_spark(waiting)
        except _failures() as error:
            if all(log.path is None for log in waiting):
                raise _not_read(error) from error
            self._say(f"Spark cannot read the logs as they lie, so they are unpacked on this machine first: {_first_line(error)}")
            waiting = [log if log.path is None else self._unpack(log.source, log.path, log.form, log.told, 0) for log in waiting]
            try:
                found = self._read_on_spark(waiting)
            except _failures() as again:
                raise _not_read(again) from again
        self._take(waiting, found)

    def tell(self, window: Window, accepted: str = "accepted") -> None:
        """See DuckCount."""
        if self._number(f"SELECT count(*) FROM {accepted}") < self._many:
            super().tell(window, accepted)
            return
        rows = self.folder / "rows.parquet"
        quoted = str(rows).replace("'", "''")
        self._run(f"COPY {accepted} TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
        told = self._on_spark(self.folder).tell(window, rows)
        self._run("CREATE OR REPLACE TEMP TABLE told AS SELECT * FROM read_parquet(?)", f"{told}/*.parquet")
        rows.unlink()
        shutil.rmtree(told)

    def _unpack(self, source: str, path: Path, form: Form, told: FileRead, skip: int) -> _Waiting:
        folder = self.folder / "lines"
        folder.mkdir(exist_ok=True)
        file = folder / f"{self._rounds}-{len(list(folder.iterdir()))}.txt"
        with file.open("wb") as out:
            out.writelines(blocks(path, skip=skip))
        return _Waiting(source, form, local(file), None, told)

    def _on_spark(self, folder: Path) -> SparkHalves:
        known = {name: self._run(f"SELECT * FROM {name}").fetchall() for name in TABLES}
        return SparkHalves(self._spark(), folder, known)

    def _read_on_spark(self, waiting: list[_Waiting]) -> SparkRead:
        self._rounds += 1
        folder = self.folder / f"round-{self._rounds}"
        folder.mkdir()
        by_form: dict[str, list[str]] = {}
        for log in waiting:
            by_form.setdefault(log.form.sql, []).append(log.place)
        return self._on_spark(folder).read(by_form, self._classify, self._country_of)

    def _take(self, waiting: list[_Waiting], found: SparkRead) -> None:
        """What Spark found becomes accepted requests here."""
        named = []
        for log in waiting:
            told = found.places.get(log.place)
            if told is not None:
                log.told.lines = told.lines
                log.told.add(told.lines - told.read, told.first, told.last)
                named.append((found.names[log.place], log.source))
        self._run("DELETE FROM pieces")
        self._insert("pieces", PIECES, named)
        rows = "SELECT a.* REPLACE (p.source AS source) FROM read_parquet(?) AS a JOIN pieces AS p ON p.file = a.source"
        self._run(f"INSERT INTO accepted BY NAME {rows}", f"{found.accepted}/*.parquet")
        every, read = sum(log.told.lines for log in waiting), sum(log.told.lines - log.told.unread for log in waiting)
        kept = sum(row[-1] for row in found.judged)
        left_out: list[tuple[Any, ...]] = [row for row in found.judged if row[0] is not None]
        left_out += [(UNREAD.name, None, "", every - read), (OTHER_FILES.name, None, "", read - kept)]
        self._insert("left_out", LEFT_OUT_COLUMNS, left_out)
        self.lines += every
        self._make_room()
        shutil.rmtree(found.accepted.parent)
        shutil.rmtree(self.folder / "lines", ignore_errors=True)


@contextmanager
def spark_counts(console: Console) -> Iterator[Callable[[Path], SparkCount]]:
    """What begins a count on Spark in a private folder; Spark starts when the first of them has something to read, and ends with this."""
    with ExitStack() as stack:
        started: list[SparkSession] = []

        def session() -> SparkSession:
            if not started:
                started.append(stack.enter_context(spark_session(stack.enter_context(private_folder()))))
            return started[0]

        # what DuckDB sorts without asking for more memory is counted sooner than Spark has understood what it is asked
        yield lambda folder: SparkCount(folder, session, console.say, many=MUCH)


def _why_not(path: Path) -> str:
    """Why Spark does not read a file as it lies; "" where it does."""
    if _odd_name(str(path.absolute())):
        return "Spark passes over files of such names"
    with path.open("rb") as file:
        begins = file.read(4096)
    packed = next((ending for mark, ending in PACKED.items() if begins.startswith(mark)), "")
    if packed and not path.name.endswith(packed):
        return f"its name does not end in {packed}"
    if not packed and (b"\0" in begins or path.name.endswith(_OTHERWISE)):
        return "it is no text"
    return "" if holds_lines(path) else "it is no text of lines"


def _odd_name(path: str) -> bool:
    return bool(_PATTERN & set(path)) or PurePosixPath(path).name.startswith(_HIDDEN) or path.endswith("._COPYING_")


def _failures() -> tuple[type[Exception], ...]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return PySparkException, Py4JError


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]


def _not_read(error: Exception) -> StorageError:
    hint = "may your Spark read them? `publish stats` without --engine counts the same"
    return StorageError("Spark cannot read the logs", cause=_first_line(error), hint=hint, code="stats-log")
