"""The count on DuckDB, in this process: logs are read block by block, what remains of them lies in a file that is thrown away.

Nothing is fetched, nothing outside of one folder is read, and no text of a log becomes a part of a statement.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from publisher.core import layout
from publisher.core.errors import UsageError
from publisher.stats.blocks import blocks
from publisher.stats.counting import tables
from publisher.stats.counting.count import told_sql, with_pieces
from publisher.stats.counting.requests import ACCEPTED, ASKED_BY_ANYBODY, JUDGING
from publisher.stats.counting.rules import OTHER_FILES, RULES, TWICE, UNREAD
from publisher.stats.counting.windows import DOWNLOADS, LEFT_OUT

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from publisher.stats.agents.agent import Agent
    from publisher.stats.counting.windows import Window
    from publisher.stats.forms.form import Form

NEEDS: Final = "pip install duckdb maxminddb sqlglot"
"""What the extra `stats` brings, as a line to type beside whatever Airdate was installed from."""
MEMORY: Final = "240MB"
"""What DuckDB may take; what is more goes to the disk."""
SHOWN: Final = 5
"""Lines that cannot be read and are shown."""
_LINES: Final = (
    "SELECT CAST(? AS VARCHAR) AS source, CAST(0 AS BIGINT) AS number, line FROM read_csv(?, columns = {'line': 'VARCHAR'}, delim = '', "
    "quote = '', escape = '', header = false, auto_detect = false, strict_mode = false, nullstr = '\x02', buffer_size = 4194304)"
)
"""The lines of a block. Which number a line has is found where one is shown: to number all takes the order of the file."""
_NEEDLE: Final = layout.MEDIA.rstrip("/")
"""What each line about a recording holds, however its form writes paths."""
_NOTHING: Final = (0, 0, None, None)


class FileRead(NamedTuple):
    """What a log told: its lines, how many of them could not be read, and the first and the last moment in it (UTC)."""

    lines: int
    unread: int
    first: dt.datetime | None
    last: dt.datetime | None


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
        self._run("SET allowed_directories = [?]", str(folder))
        self._run("SET enable_external_access = false")
        self._run("SET lock_configuration = true")
        for name, columns in _TABLES.items():
            self._run(tables.create(name, columns))
        self._run("CREATE TABLE left_out (rule VARCHAR, requests BIGINT)")
        self.unread: list[tuple[str, int, str]] = []
        """The first lines that cannot be read: file, number, text."""
        self.lines = 0
        """Lines that were read."""

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

    def keys(self, rows: Iterable[tuple[dt.date, str, str]]) -> None:
        """The secrets of days that have others than `salt`, as `tables.KEYS` has them."""
        self._insert("keys", tables.KEYS, rows)

    def read(self, source: str, path: Path, form: Form, classify: Callable[[str], Agent], *, skip: tuple[int, int] = (0, 0)) -> FileRead:
        """Read a log but for what is known of it: so many bytes, which are so many lines. Raises StorageError."""
        self._judging = (
            JUDGING
            if self._number("SELECT count(*) FROM (FROM networks UNION ALL FROM included)")
            else {**JUDGING, "asked": ASKED_BY_ANYBODY}
        )
        with ThreadPoolExecutor(1) as beside:  # the next block is unpacked while this one is counted
            coming = blocks(path, skip=skip[0])
            waiting = beside.submit(next, coming, None)
            number, found = skip[1], []
            while (block := waiting.result()) is not None:
                waiting = beside.submit(next, coming, None)
                found.append(self._read_block(source, number, block, form, classify))
                number += block.count(b"\n")  # headers are lines, too
        return FileRead(
            lines=number - skip[1],
            unread=sum(one.unread for one in found),
            first=min((one.first for one in found if one.first), default=None),
            last=max((one.last for one in found if one.last), default=None),
        )

    def _read_block(self, source: str, before: int, block: bytes, form: Form, classify: Callable[[str], Agent]) -> FileRead:
        (self._folder / "block").write_bytes(block)
        lines = {"lines": f"{_LINES} WHERE contains(line, '{_NEEDLE}')", "requests": form.sql}
        self._on_block(f"CREATE OR REPLACE TEMP TABLE requests AS {with_pieces(lines, f'SELECT {_COLUMNS} FROM requests')}", source)
        told = 'SELECT count(*), count("at"), min("at"), max("at") FROM requests'
        near = self._run(told).fetchone() or _NOTHING
        # Of all other lines nothing but their moment is looked for.
        lines["lines"] = f"{_LINES} WHERE NOT contains(line, '{_NEEDLE}')"
        far = self._on_block(with_pieces(lines, told), source).fetchone() or _NOTHING
        every, read = near[0] + far[0], near[1] + far[1]
        if read < every and len(self.unread) < SHOWN:
            self._show_unread(source, before, block, form)
        self._classify(classify)
        self._run(f"CREATE OR REPLACE TEMP TABLE judged AS {with_pieces(self._judging, f'SELECT {_JUDGED} FROM judged')}")
        self._run(f"INSERT INTO accepted BY NAME {ACCEPTED}")
        self._run("INSERT INTO left_out SELECT rule, count(*) FROM judged WHERE rule IS NOT NULL GROUP BY rule")
        kept = self._number("SELECT count(*) FROM judged")
        self._insert("left_out", _LEFT_OUT, [(UNREAD.name, every - read), (OTHER_FILES.name, read - kept)])
        self.lines += every
        return FileRead(
            lines=every,
            unread=every - read,
            first=min((at for at in (near[2], far[2]) if at), default=None),
            last=max((at for at in (near[3], far[3]) if at), default=None),
        )

    def _show_unread(self, source: str, before: int, block: bytes, form: Form) -> None:
        pieces = {"lines": _LINES, "requests": form.sql}
        unread = "SELECT DISTINCT line FROM lines JOIN requests ON md5(line) = line_id WHERE requests.at IS NULL LIMIT 100"
        found = [line.encode() for (line,) in self._on_block(with_pieces(pieces, unread), source).fetchall()]
        places = sorted((_place(block, line), line) for line in found)
        for place, line in places[: SHOWN - len(self.unread)]:
            self.unread.append((source, before + block.count(b"\n", 0, place) + 1, line[:200].decode("utf-8", "ignore")))

    def _on_block(self, sql: str, source: str) -> DuckDBPyConnection:
        return self._run(sql, *[source, str(self._folder / "block")] * sql.count(_LINES))

    def _classify(self, classify: Callable[[str], Agent]) -> None:
        """Each distinct agent once, whatever the block it is in."""
        new = self._run("SELECT coalesce(agent, '') FROM requests EXCEPT SELECT agent FROM agents").fetchall()
        known = ((agent, classify(agent)) for (agent,) in new)
        self._insert("agents", tables.AGENTS, ((agent, of.kind, of.app, of.device) for agent, of in known))

    def count(self, window: Window) -> None:
        """Count what was read; `downloads` and `left_out` tell it then."""
        self._run(f"CREATE OR REPLACE TEMP TABLE told AS {told_sql(window)}")

    def downloads(self) -> Iterator[tuple[dt.date, str, str, str, str, int]]:
        """Rows as `tables.DOWNLOADS` has them."""
        yield from self._run(f"{DOWNLOADS} ORDER BY ALL").fetchall()

    def left_out(self) -> dict[str, int]:
        """How many lines each rule left out, by its name; with the downloads they are all lines."""
        rows = self._run(f"SELECT rule, sum(requests) FROM (FROM left_out UNION ALL ({LEFT_OUT})) GROUP BY rule").fetchall()
        found = {rule: int(requests or 0) for rule, requests in rows}
        once = self._number("SELECT coalesce(sum(requests), 0) FROM told")
        found[TWICE.name] = self._number("SELECT count(*) FROM accepted") - once
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
        """Run a statement; its values are never part of its text."""
        return self._run(sql, *values)

    def _run(self, sql: str, *values: Any) -> DuckDBPyConnection:
        return self._db.execute(sql, list(values))


_COLUMNS: Final = ", ".join(f'"{column}"' for column in tables.REQUESTS)
_JUDGED: Final = (
    'source, "at", line_id, address, agent, status, sent, "first", "last", country, path_end, slug, size, app, device, included, rule'
)
"""What is looked at of a request once it is judged."""
_LEFT_OUT: Final = {"rule": "VARCHAR", "requests": "BIGINT"}
_TABLES: Final = {
    "recordings": tables.RECORDINGS,
    "agents": tables.AGENTS,
    "networks": tables.NETWORKS,
    "included": tables.INCLUDED,
    "settings": tables.SETTINGS,
    "keys": tables.KEYS,
    "accepted": tables.ACCEPTED,
}


def _place(block: bytes, line: bytes) -> int:
    """Where a line begins in a block."""
    return 0 if block.startswith(line + b"\n") else block.find(b"\n" + line + b"\n") + 1
