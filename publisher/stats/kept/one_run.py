"""One run: what is new in the logs is read and counted, days are closed, and what is kept changes in one write."""

from __future__ import annotations

import datetime as dt
import secrets
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from publisher.core.errors import StorageError
from publisher.stats.kept.day_by_day import all_asked, count_days, fold
from publisher.stats.kept.log_files import DAY, Wholeness, days_between, together
from publisher.stats.kept.months import all_sums, imported, move
from publisher.stats.kept.open_object import read_opened, write_opened
from publisher.stats.kept.private_folder import private_folder
from publisher.stats.kept.reading import LogReader
from publisher.stats.kept.tables import BEGUN, KEPT, SUMS, columns, load
from publisher.stores.protocol import ConditionFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from publisher.stats.agents.agent import Agent
    from publisher.stats.counting.windows import Window
    from publisher.stats.engines.duckdb_engine import DuckCount
    from publisher.stats.forms.form import Form
    from publisher.stats.kept.log_files import LogFile, Recount
    from publisher.stats.kept.open_object import Opened, Span
    from publisher.stats.sources import LogSource
    from publisher.stores.protocol import Store

OPEN: Final = dt.timedelta(hours=72)
"""How long a day is open, from its beginning on."""
SOURCE: Final = "logs"
"""What the sums of `[stats] logs` are called where they lie, whatever form the logs have: a show has one source at a time."""
ATTEMPTS: Final = 5
"""How often a run starts over because another one was faster."""

SumRow = tuple[dt.date, str, str, str, str, int, str]
"""As `tables.SUMS` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """What a run works with. `method` stands for the settings that the count goes by, `recordings` are the ends of their paths with the days they
    came out. `counting` begins a count in a private folder, with this secret for its hashes; `form` and `classify` are as in `LogReader`;
    `refuse` raises where logs of these forms, by name, tell of the same days and must not.
    """

    store: Store
    guid: str
    window: Window
    method: str
    recordings: Mapping[str, dt.date]
    now: dt.datetime
    source: LogSource | None
    counting: Callable[[Path, str], DuckCount]
    classify: Callable[[str], Agent]
    form: Callable[[str, Sequence[str], str], Form | None]
    refuse: Callable[[Mapping[str, str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept after a run: `sums` of all days, and all `files` that were ever read; days from `closed_to` on may still grow.

    `old` is what old hosts told, as `tables.IMPORTED` has it. Of this run alone: the names of the files that were `read`, and how many
    requests of closed days were `late` and left out.
    """

    sums: tuple[SumRow, ...]
    files: tuple[LogFile, ...]
    old: tuple[tuple[Any, ...], ...]
    closed_to: dt.date | None
    read: tuple[str, ...]
    late: int


def keep(keeper: Keeper) -> Kept:
    """Read what is new, count it, keep it. Raises StorageError, ContentError, UsageError."""
    for _ in range(ATTEMPTS):
        salt = secrets.token_hex(16)
        with private_folder() as folder, closing(keeper.counting(folder, salt)) as count:
            try:
                return _Run(keeper, count, salt).done()
            except ConditionFailed:
                continue
    raise StorageError("other runs were faster each time", hint="run this again when they are done", code="storage-busy")


class _Run:
    """One attempt, with a count of its own."""

    def __init__(self, keeper: Keeper, count: DuckCount, salt: str) -> None:
        self._keeper = keeper
        self._count = count
        self._opened = read_opened(keeper.store, count, SOURCE, keeper.guid)
        now = keeper.now.astimezone(dt.UTC)
        due = (now - OPEN).date() + DAY
        self._close_to = max(due, self._opened.closed_to or due)
        self._last = now.date() + DAY
        first = self._opened.closed_to or self._close_to
        self._keys = {day: self._opened.keys.get(day) or secrets.token_hex(16) for day in days_between(first, self._last + DAY)}
        count.keys((day, self._keys.get(day, salt), self._keys.get(day + DAY, salt)) for day in days_between(first - DAY, self._last))
        self._reader = LogReader(count, self._opened.files, last=self._last, form=keeper.form, classify=keeper.classify)

    def done(self) -> Kept:
        """Everything, in order."""
        keeper, count, reader = self._keeper, self._count, self._reader
        move(keeper.store, count, self._opened)
        if keeper.source is not None:
            reader.read_new(keeper.source)
        self._refuse_sides()
        runs, late = self._read_again()
        opened = self._opened
        if reader.new or self._close_to != opened.closed_to or self._is_other:
            opened = self._decide(runs)
            move(keeper.store, count, opened)
        all_sums(keeper.store, count, opened)
        return Kept(
            sums=tuple(count.run(f"SELECT {columns(SUMS)} FROM all_sums ORDER BY ALL").fetchall()),
            files=opened.files,
            old=tuple(imported(keeper.store, count)),
            closed_to=opened.closed_to,
            read=tuple(sorted(reader.files[sha256].name for sha256 in reader.new)),
            late=late,
        )

    @property
    def _is_other(self) -> bool:
        """Whether what was kept was counted by other settings, or without recordings that may have been asked for already."""
        opened, closed_to = self._opened, self._opened.closed_to
        new = [day for path_end, day in self._keeper.recordings.items() if path_end not in opened.recordings]
        return closed_to is not None and (opened.method != self._keeper.method or any(day < closed_to for day in new))

    def _refuse_sides(self) -> None:
        """Logs that tell of the same days are looked at together, those of open days whenever they were read."""
        reader, closed_to = self._reader, self._opened.closed_to or self._close_to
        near = [one for one in reader.files.values() if one.sha256 in reader.here or (one.last and one.last.date() >= closed_to)]
        for forms in together(near):
            self._keeper.refuse(forms)

    def _read_again(self) -> tuple[tuple[Recount, ...], int]:
        """The closed days that are counted anew, whose logs are read once more; and how many requests of other closed days are left out."""
        reader, keeper, closed_to = self._reader, self._keeper, self._opened.closed_to
        if closed_to is None or keeper.source is None:
            return (), 0
        asked = reader.late(closed_to)
        known = Wholeness(files=reader.files.values(), here=reader.here, closed_to=closed_to)
        changed = {day for days in asked.values() for day in days} | {day for day in reader.rewritten if day < closed_to}
        if self._is_other:
            changed |= known.closed_here()
        runs = known.runs(changed)
        whole = known.open_here() if self._is_other else known.open_here() & reader.rewritten
        reader.read_again(keeper.source, set(reader.here) if self._is_other else known.to_read(runs) | known.telling(whole))
        if whole:
            self._count.run("DELETE FROM kept WHERE list_contains(?, day)", sorted(whole))
        anew = {day for run in runs for day in run.days}
        late = {sha256: sum(requests for day, requests in days.items() if day not in anew) for sha256, days in asked.items()}
        for file in reader.files.values():
            if file.late and set(file.days) <= {*anew, *(day for day in file.days if day >= closed_to)}:
                reader.files[file.sha256] = file._replace(late=0)  # they were counted now
        for sha256, requests in late.items():
            reader.files[sha256] = reader.files[sha256]._replace(late=reader.files[sha256].late + requests)
        return runs, sum(late.values())

    def _decide(self, runs: tuple[Recount, ...]) -> Opened:
        """Count every day that may have changed, close those whose time is over, and write what is open now."""
        count, close_to, before = self._count, self._close_to, self._opened.closed_to
        all_asked(count)
        load(count, "counted", SUMS, None)
        count.run("CREATE OR REPLACE TEMP TABLE left_before AS FROM begun")
        moving: list[Span] = []
        for run in runs:
            load(count, "begun", BEGUN, None)
            self._count_days(run.lead, run.last, since=run.first)
            moving.append((run.first, run.last))
            if run.last + DAY == before:
                count.run("CREATE OR REPLACE TEMP TABLE left_before AS FROM begun")
        first, last = count.run("SELECT min(day), max(day) FROM all_asked").fetchone() or (None, None)
        first, last = before or first or close_to, last or close_to
        count.run("CREATE OR REPLACE TEMP TABLE begun AS FROM left_before")
        if first < close_to:
            self._count_days(first, close_to - DAY, since=first)
            moving.append((first, close_to - DAY))
        count.run("CREATE OR REPLACE TEMP TABLE left_before AS FROM begun")
        self._count_days(max(first, close_to), last, since=close_to)
        fold(count, "counted")
        count.run("CREATE OR REPLACE TEMP TABLE sums AS FROM counted")
        count.run("CREATE OR REPLACE TEMP TABLE begun AS FROM left_before")
        count.run(f"CREATE OR REPLACE TEMP TABLE still_open AS SELECT DISTINCT {columns(KEPT)} FROM all_asked WHERE day >= ?", close_to)
        count.run("DROP VIEW all_asked")
        count.run("CREATE OR REPLACE TEMP TABLE kept AS FROM still_open")
        opened = replace(
            self._opened,
            closed_to=close_to,
            method=self._keeper.method,
            recordings=frozenset(self._keeper.recordings),
            keys={day: key for day, key in self._keys.items() if day >= close_to},
            files=tuple(sorted(self._reader.files.values(), key=lambda file: (file.name, file.sha256))),
            moving=tuple(moving),
        )
        return write_opened(self._keeper.store, count, opened)

    def _count_days(self, first: dt.date, last: dt.date, *, since: dt.date) -> None:
        count_days(self._count, self._keeper.window, first, last, keys=self._keys, since=since)
