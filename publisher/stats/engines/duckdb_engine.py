"""The count on DuckDB, in this process: logs are read block by block, what remains of them lies in a file that is thrown away.

Nothing is fetched, nothing outside of one folder is read, and no text of a log becomes a part of a statement.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from publisher.core import layout
from publisher.core.errors import UsageError
from publisher.stats.blocks import blocks
from publisher.stats.counting import tables
from publisher.stats.counting.count import with_pieces
from publisher.stats.counting.requests import ACCEPTED, ASKED_BY_ANYBODY, JUDGING, UNPLACED
from publisher.stats.counting.rules import OTHER_FILES, RULES, UNREAD
from publisher.stats.counting.windows import DOWNLOADS, LEFT_OUT
from publisher.stats.engines.numbered import telling

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    from duckdb import DuckDBPyConnection

    from publisher.stats.agents.agent import Agent
    from publisher.stats.agents.countries import CountryOf
    from publisher.stats.counting.windows import Window
    from publisher.stats.forms.form import Form
    from publisher.stats.period import Period

NEEDS: Final = "pip install duckdb maxminddb sqlglot"
"""What the extra `stats` brings, as a line to type beside whatever Airdate was installed from."""
MEMORY: Final = "240MB"
"""What DuckDB may take; what is more goes to the disk."""
MUCH: Final = 2_500_000
"""Accepted requests from which on that would be too little to sort in: it may take `MORE`, however many there are."""
MORE: Final = "1GB"
_PIECE: Final = 64 << 20
"""Bytes of lines that are read at once."""
_TOGETHER: Final = 2000
"""Small logs that are read at once: S3 and CloudFront write thousands a day."""
SHOWN: Final = 5
"""Lines that cannot be read and are shown."""
_LINES: Final = (
    "SELECT filename AS source, CAST(0 AS BIGINT) AS number, line FROM read_csv(?, filename = true, columns = {'line': 'VARCHAR'}, delim = '', "
    "quote = '', escape = '', header = false, auto_detect = false, strict_mode = false, nullstr = '\x02', buffer_size = 4194304)"
)
"""The lines of the pieces of logs. Which number a line has is found where one is shown: to number all takes the order of the file."""
_NEEDLE: Final = layout.MEDIA.rstrip("/")
"""What each line about a recording holds, however its form writes paths."""


@dataclass(slots=True, kw_only=True)
class FileRead:
    """What a log told: its lines, and once `finish` was called how many of them could not be read, and the first and the last moment in it
    (UTC).
    """

    lines: int = 0
    unread: int = 0
    first: dt.datetime | None = None
    last: dt.datetime | None = None

    def add(self, unread: int, first: dt.datetime | None, last: dt.datetime | None) -> None:
        """Take in what a part of the log told."""
        self.unread += unread
        self.first = min((at for at in (self.first, first) if at is not None), default=None)
        self.last = max((at for at in (self.last, last) if at is not None), default=None)


class _Piece(NamedTuple):
    """Lines of a log that wait in a file to be read: `bytes` and `lines` of them, `before` are the lines before them."""

    file: str
    source: str
    before: int
    lines: int
    bytes: int
    told: FileRead


class DuckCount:
    """One count. `folder` is a private one for this count alone."""

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        try:
            import duckdb
        except ImportError as error:
            message = "what counts downloads is not installed"
            raise UsageError(message, cause=str(error), hint=NEEDS, code="stats-extra") from error
        self._folder = folder
        config: dict[str, Any] = {
            "memory_limit": MEMORY,
            "temp_directory": str(folder / "spilled"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
            **({"threads": threads} if threads else {}),
        }
        self._db: DuckDBPyConnection = duckdb.connect(":memory:", config=config)
        self._run("SET enable_progress_bar = false")  # it goes to stdout, into what --json says
        self._run("SET allowed_directories = [?]", str(folder))
        self._run("SET enable_external_access = false")
        for name, columns in _TABLES.items():
            self._run(tables.create(name, columns))
        self._run(tables.create("left_out", LEFT_OUT_COLUMNS))
        self._run(tables.create("pieces", PIECES))
        self._country_of: CountryOf | None = None
        self.unread: list[tuple[str, int, str]] = []
        """The first lines that cannot be read: file, number, text."""
        self.lines = 0
        """Lines that were read."""
        self._waiting: list[_Piece] = []
        self._numbers = count()
        self._form: Form | None = None
        self._classify: Callable[[str], Agent]

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def know(self, recordings: Iterable[tuple[Any, ...]], *, most: int, salt: str = "") -> None:
        """The show's recordings, as `tables.RECORDINGS` has them; the downloads that one address may have in a day; the secret of hashes."""
        self._insert("recordings", tables.RECORDINGS, recordings)
        self._insert("settings", tables.SETTINGS, [(salt or secrets.token_hex(16), most)])

    def networks(self, name: str, ranges: Iterable[tuple[str, str, str]]) -> None:
        """Ranges of addresses: `networks` of data centres, or `included`."""
        self._insert(name, tables.NETWORKS, ranges)

    def countries(self, country_of: CountryOf) -> None:
        """What tells the country of an address whose log does not."""
        self._country_of = country_of

    def keys(self, rows: Iterable[tuple[dt.date, str, str]]) -> None:
        """The secrets of days that have others than `salt`, as `tables.KEYS` has them."""
        self._insert("keys", tables.KEYS, rows)

    def reads_there(self, address: str, form: Form | None = None) -> bool:  # noqa: ARG002  another engine may
        """Whether a log is read where it lies by its address, and need not be fetched; `form` where that is known."""
        return False

    def read_there(self, source: str, address: str, form: Form, classify: Callable[[str], Agent]) -> FileRead:
        """Read a log where it lies."""
        raise NotImplementedError

    def read(
        self,
        source: str,
        path: Path,
        form: Form,
        classify: Callable[[str], Agent],
        *,
        skip: tuple[int, int] = (0, 0),
        plain: bool = False,  # noqa: ARG002  another engine has to know
    ) -> FileRead:
        """Read a log but for what is known of it: so many bytes, which are so many lines. Small ones wait for others of their form, until
        `finish`. `plain` says that it is known to have an end, and no endless line. Raises StorageError.
        """
        if self._waiting and form is not self._form:
            self.finish()
        self._form, self._classify = form, classify
        told = FileRead()
        with ThreadPoolExecutor(1) as beside:  # the next piece is unpacked while this one is counted
            coming = self._pieces(source, path, skip, told)
            waiting = beside.submit(next, coming, None)
            while (piece := waiting.result()) is not None:
                waiting = beside.submit(next, coming, None)
                self._waiting.append(piece)
                told.lines += piece.lines
                if len(self._waiting) >= _TOGETHER or sum(piece.bytes for piece in self._waiting) >= _PIECE // 2:
                    self.finish()
        return told

    def _pieces(self, source: str, path: Path, skip: tuple[int, int], told: FileRead) -> Iterator[_Piece]:
        """The lines of a log, cut into files."""
        coming, before = blocks(path, skip=skip[0]), skip[1]
        for first in coming:
            file = self._folder / f"piece-{next(self._numbers)}"
            lines, size = 0, 0
            with file.open("wb") as out:
                for block in chain([first], coming):
                    out.write(block)
                    size += len(block)
                    lines += block.count(b"\n")  # headers are lines, too
                    if size >= _PIECE:
                        break
            yield _Piece(str(file), source, before, lines, size, told)
            before += lines

    def finish(self) -> None:
        """Read what waits."""
        pieces = {piece.file: piece for piece in self._waiting}
        self._waiting = []
        if pieces and self._form is not None:
            self._read_pieces(pieces, self._form)
        for file in pieces:
            Path(file).unlink()

    def _read_pieces(self, pieces: dict[str, _Piece], form: Form) -> None:
        lines = {"lines": f"{_LINES} WHERE contains(line, '{_NEEDLE}')", "requests": form.sql}
        self._on_pieces(f"CREATE OR REPLACE TEMP TABLE requests AS {with_pieces(lines, f'SELECT {_COLUMNS} FROM requests')}", pieces)
        told = 'SELECT source, count(*), count("at"), min("at"), max("at") FROM requests GROUP BY source'
        rows = self._run(told).fetchall()
        # Of all other lines nothing but their moment is looked for.
        lines["lines"] = f"{_LINES} WHERE NOT contains(line, '{_NEEDLE}')"
        rows += self._on_pieces(with_pieces(lines, told), pieces).fetchall()
        for file, every, read, first, last in rows:
            pieces[file].told.add(every - read, first, last)
        every, read = sum(row[1] for row in rows), sum(row[2] for row in rows)
        if read < every and len(self.unread) < SHOWN:
            self._show_unread(pieces, form)
        self._classify_new()
        self._run(f"CREATE OR REPLACE TEMP TABLE judged AS {with_pieces(self._judging, f'SELECT {_JUDGED} FROM judged')}")
        if self._country_of is not None:
            new = [address for (address,) in self._run(UNPLACED).fetchall()]
            self._insert("places", tables.PLACES, ((address, self._country_of(address)) for address in new))
        self._run("DELETE FROM pieces")
        self._insert("pieces", PIECES, ((file, piece.source) for file, piece in pieces.items()))
        named = f"SELECT a.* REPLACE (p.source AS source) FROM ({ACCEPTED}) AS a JOIN pieces AS p ON p.file = a.source"
        self._run(f"INSERT INTO accepted BY NAME {named}")
        by_day = 'SELECT rule, CAST("at" AS DATE) AS day, slug, count(*) FROM judged WHERE rule IS NOT NULL GROUP BY ALL'
        self._run(f"INSERT INTO left_out {by_day}")
        kept = self._number("SELECT count(*) FROM judged")
        self._insert("left_out", LEFT_OUT_COLUMNS, [(UNREAD.name, None, "", every - read), (OTHER_FILES.name, None, "", read - kept)])
        self.lines += every
        self._make_room()

    def _make_room(self) -> None:
        if self._number("SELECT count(*) FROM accepted") > MUCH:
            self._run(f"SET memory_limit = '{MORE}'")

    def _show_unread(self, pieces: dict[str, _Piece], form: Form) -> None:
        unread = """
            SELECT DISTINCT lines.source, line FROM lines JOIN requests ON requests.source = lines.source AND md5(line) = line_id
            WHERE requests.at IS NULL ORDER BY length(lines.source), lines.source LIMIT 100
        """
        found = self._on_pieces(with_pieces({"lines": _LINES, "requests": form.sql}, unread), pieces).fetchall()
        order = list(pieces)
        texts = {file: Path(file).read_bytes() for file in {file for file, _ in found}}
        places = sorted((order.index(file), _place(texts[file], line.encode()), line) for file, line in found)
        for number, place, line in places[: SHOWN - len(self.unread)]:
            piece = pieces[order[number]]
            self.unread.append((piece.source, piece.before + texts[piece.file].count(b"\n", 0, place) + 1, line[:200]))

    def _on_pieces(self, sql: str, pieces: dict[str, _Piece]) -> DuckDBPyConnection:
        return self._run(sql, *[list(pieces)] * sql.count(_LINES))

    @property
    def _judging(self) -> dict[str, str]:
        named = self._number("SELECT count(*) FROM (FROM networks UNION ALL FROM included)")
        return JUDGING if named else {**JUDGING, "asked": ASKED_BY_ANYBODY}

    def _classify_new(self) -> None:
        """Each distinct agent once, whatever the log it is in."""
        new = self._run("SELECT coalesce(agent, '') FROM requests EXCEPT SELECT agent FROM agents").fetchall()
        known = ((agent, self._classify(agent)) for (agent,) in new)
        self._insert("agents", tables.AGENTS, ((agent, of.kind, of.app, of.device) for agent, of in known))

    def count(self, window: Window) -> None:
        """Count what was read; `downloads` and `left_out` tell it then."""
        self.finish()
        self._make_room()
        self.tell(window)

    def tell(self, window: Window, accepted: str = "accepted") -> None:
        """Make the table `told` of these accepted requests: a row for each window."""
        for statement in telling(window, accepted):
            self._run(statement)

    def downloads(self) -> Iterator[tuple[dt.date, str, str, str, str, int]]:
        """The count: rows of day (UTC, on which the window began), episode, app, kind of device, country and downloads."""
        yield from self._run(f"{DOWNLOADS} ORDER BY ALL").fetchall()

    def left_out(self, period: Period | None = None, slug: str = "") -> dict[str, int]:
        """How many lines each rule left out, by its name; with the downloads they are all lines. Of a period or an episode alone, those that
        are about a recording: by the day they are of, or on which their window began.
        """
        every = f"SELECT rule, sum(requests) FROM (FROM left_out UNION ALL ({LEFT_OUT})) WHERE {{}} GROUP BY rule"
        days, of = ("day BETWEEN ? AND ?", [period.first, period.last]) if period else ("TRUE", [])
        of_episode, name = ("slug = ?", [slug]) if slug else ("TRUE", [])
        found = {rule: int(requests or 0) for rule, requests in self._run(every.format(f"{days} AND {of_episode}"), *of, *name).fetchall()}
        return {rule.name: found.get(rule.name, 0) for rule in RULES}

    def _insert(self, name: str, columns: dict[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
        by_column = [list(values) for values in zip(*rows, strict=True)]
        if by_column:
            values = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in columns.values())
            self._run(f"INSERT INTO {name} SELECT {values}", *by_column)

    def _number(self, sql: str) -> int:
        row = self._run(sql).fetchone()
        return int(row[0]) if row else 0

    @property
    def folder(self) -> Path:
        """The private folder: no file elsewhere is read or written."""
        return self._folder

    def run(self, sql: str, *values: Any) -> DuckDBPyConnection:
        """Run a statement on all that was read; its values are never part of its text."""
        self.finish()
        return self._run(sql, *values)

    def _run(self, sql: str, *values: Any) -> DuckDBPyConnection:
        return self._db.execute(sql, list(values))


_COLUMNS: Final = ", ".join(f'"{column}"' for column in tables.REQUESTS)
_JUDGED: Final = (
    'source, "at", line_id, address, agent, status, sent, "first", "last", country, path_end, slug, size, app, device, included, rule'
)
"""What is looked at of a request once it is judged."""
PIECES: Final = {"file": "VARCHAR", "source": "VARCHAR"}
LEFT_OUT_COLUMNS: Final = {"rule": "VARCHAR", "day": "DATE", "slug": "VARCHAR", "requests": "BIGINT"}
_TABLES: Final = {
    "recordings": tables.RECORDINGS,
    "agents": tables.AGENTS,
    "networks": tables.NETWORKS,
    "included": tables.INCLUDED,
    "places": tables.PLACES,
    "settings": tables.SETTINGS,
    "keys": tables.KEYS,
    "accepted": tables.ACCEPTED,
}


def _place(block: bytes, line: bytes) -> int:
    """Where a line begins in a block."""
    return 0 if block.startswith(line + b"\n") else block.find(b"\n" + line + b"\n") + 1
