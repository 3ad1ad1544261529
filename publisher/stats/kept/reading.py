"""Logs that nobody has read yet become accepted requests, and what is known of each file."""

from __future__ import annotations

import datetime as dt
import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from publisher.core.errors import ContentError
from publisher.stats.blocks import first_lines
from publisher.stats.engines.duckdb_engine import FileRead
from publisher.stats.kept.identity import holding
from publisher.stats.kept.log_files import DAY, LogFile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from publisher.stats.agents.agent import Agent
    from publisher.stats.engines.duckdb_engine import DuckCount
    from publisher.stats.forms.form import Form
    from publisher.stats.sources import FoundLog, LogSource


class LogReader:
    """Reads logs into a count. `files` are all that were ever read, by hash; `here` those that can be read now; `new` those read now;
    `rewritten` are the days of logs that were written anew, and are forgotten as they were.

    What is dated after `last` has a wrong date, and counts as not read. `form` tells a log's form by its name, its first lines and the form of
    another log of the show ("" for none); None for one without lines, ContentError where nobody can tell.
    """

    def __init__(
        self,
        count: DuckCount,
        files: Iterable[LogFile],
        *,
        last: dt.date,
        form: Callable[[str, Sequence[str], str], Form | None],
        classify: Callable[[str], Agent],
    ) -> None:
        self.files = {file.sha256: file for file in files}
        self.here: dict[str, FoundLog] = {}
        self.new: set[str] = set()
        self.rewritten: set[dt.date] = set()
        self._count = count
        self._last = last
        self._form = form
        self._classify = classify
        self._forms = [file.form for file in self.files.values() if file.form]
        self._grown: set[str] = set()
        self._by_begin: dict[str, list[str]] = {}
        for file in self.files.values():
            self._by_begin.setdefault(file.begins, []).append(file.sha256)
        self._told: dict[str, list[FileRead]] = {}

    @property
    def _folder(self) -> Path:
        return self._count.folder / "fetched"

    def read_new(self, source: LogSource) -> None:
        """Read each log that nobody has read yet, and what others have grown by. Raises what the source and the forms raise."""
        marked = {(file.name, file.mark): file.sha256 for file in self.files.values() if file.mark}
        unknown = []
        for log in source.found():
            sha256 = marked.get((log.name, log.mark))
            if sha256 is None:
                unknown.append(log)
            else:
                self.here[sha256] = log
        there = self._there(source, unknown)
        for log, form in there.items():
            self._add(_of_mark(log, form), self._count.read_there(log.name, source.address(log), form, self._classify), None, log)
        unknown = [log for log in unknown if log not in there]
        odd = [log for log, path in source.taken(unknown, self._folder) if not self._read(log, path, wait=True)]
        for log, path in source.taken(odd, self._folder):
            self._read(log, path, wait=False)
        wrong = self._drop_wrong_dates()
        for sha256, told in self._told.items():
            file = self.files[sha256]
            self.files[sha256] = self._with(file._replace(unread=file.unread + wrong.get(file.name, 0)), told)
        self._forget_rewritten()

    def read_again(self, source: LogSource, wanted: Collection[str]) -> None:
        """Read logs whole that were read by others, or in part."""
        again = sorted(self.here[sha256] for sha256 in wanted if sha256 not in self.new or sha256 in self._grown)
        there = self._there(source, again)
        for log, form in there.items():
            self._count.read_there(log.name, source.address(log), form, self._classify)
        for log, path in source.taken([log for log in again if log not in there], self._folder):
            self._take_in(log.name, path, (0, 0), plain=True)
        self._drop_wrong_dates()

    def late(self, closed_to: dt.date) -> dict[str, dict[dt.date, int]]:
        """The accepted requests of days before this one, by the hash of the new file and the day."""
        by_name = {self.files[sha256].name: sha256 for sha256 in self.new}
        found: dict[str, dict[dt.date, int]] = {}
        asked = 'SELECT source, CAST("at" AS DATE) AS day, count(*) FROM accepted WHERE "at" < ? GROUP BY ALL'
        for name, day, requests in self._count.run(asked, closed_to).fetchall():
            found.setdefault(by_name[name], {})[day] = requests
        return found

    def _there(self, source: LogSource, logs: Iterable[FoundLog]) -> dict[FoundLog, Form]:
        """Those of the logs that the count reads where they lie, with the form they are taken for: it is told by the first of them, which is
        fetched for that. A log of no form, and one whose form is told by its beginning alone, is fetched.
        """
        there = [log for log in logs if self._count.reads_there(source.address(log))]
        for first in there:
            for log, path in source.taken([first], self._folder):
                with suppress(ContentError):
                    form = self._form(log.name, first_lines(path), "")
                    if form is not None:
                        return {log: form for log in there if self._count.reads_there(source.address(log), form)}
        return {}

    def _read(self, log: FoundLog, path: Path, *, wait: bool) -> bool:
        """Read a log; False where nobody can tell its form before another one is read, and that may be waited for."""
        held = holding(path, self._beginning)
        known = self.files.get(held.sha256)
        if known is not None:
            self.here[held.sha256] = log
            if held.sha256 not in self.new:
                self.files[held.sha256] = known._replace(name=log.name, mark=log.mark)
            return True
        skip = (held.grown.bytes, held.grown.lines) if held.grown else (0, 0)
        taken = self._take_in(log.name, path, skip, wait=wait, plain=held.plain)
        if taken is None:
            return False
        file, told = taken
        file = file._replace(mark=log.mark, sha256=held.sha256, stem=held.stem, bytes=held.bytes, begins=held.begins, lines=held.lines)
        self._add(file, told, held.grown, log)
        return True

    def _beginning(self, begins: str) -> Iterator[LogFile]:
        """The logs that were read and have this first line."""
        return (self.files[sha256] for sha256 in self._by_begin.get(begins, ()) if sha256 in self.files)

    def _add(self, file: LogFile, told: FileRead, before: LogFile | None, log: FoundLog) -> None:
        self._told[file.sha256] = [told]
        if before is not None:
            del self.files[before.sha256]
            self._told[file.sha256] += self._told.pop(before.sha256, [])
            self.here.pop(before.sha256, None)
            self.new.discard(before.sha256)
            self._grown.add(file.sha256)
            file = file._replace(unread=before.unread, late=before.late, first=before.first, last=before.last)
        self.files[file.sha256] = file
        self._by_begin.setdefault(file.begins, []).append(file.sha256)
        self.here[file.sha256] = log
        self.new.add(file.sha256)

    def _with(self, file: LogFile, told: Iterable[FileRead]) -> LogFile:
        """A file with what was told of it in this run."""
        end = dt.datetime.combine(self._last, dt.time.max)
        ends = [min(at, end) for one in told for at in (one.first, one.last) if at is not None]
        ends += [at for at in (file.first, file.last) if at is not None]
        unread = file.unread + sum(one.unread for one in told)
        return file._replace(unread=unread, first=min(ends, default=None), last=max(ends, default=None))

    def _forget_rewritten(self) -> None:
        new = {file.name: file for file in map(self.files.__getitem__, self.new)}
        for file in list(self.files.values()):
            if file.sha256 not in self.here and file.name in new and new[file.name].replaces(file):
                del self.files[file.sha256]
                self.rewritten.update(file.days)

    def _take_in(self, name: str, path: Path, skip: tuple[int, int], *, plain: bool, wait: bool = False) -> tuple[LogFile, FileRead] | None:
        empty = LogFile(name=name, mark="", form="", sha256="", stem="", bytes=0, begins="")
        try:
            form = self._form(name, first_lines(path), self._forms[-1] if self._forms else "")
        except ContentError:
            if wait:
                return None
            raise
        if form is None:
            return empty, FileRead()
        self._forms.append(form.name)
        return empty._replace(form=form.name), self._count.read(name, path, form, self._classify, skip=skip, plain=plain)

    def _drop_wrong_dates(self) -> dict[str, int]:
        end = self._last + DAY
        found = dict(self._count.run('SELECT source, count(*) FROM accepted WHERE "at" >= ? GROUP BY source', end).fetchall())
        self._count.run('DELETE FROM accepted WHERE "at" >= ?', end)
        return found


def _of_mark(log: FoundLog, form: Form) -> LogFile:
    """A log that is not here: known by its name and mark alone."""
    digest = hashlib.sha256(f"{log.name}\n{log.mark}".encode()).hexdigest()
    return LogFile(name=log.name, mark=log.mark, form=form.name, sha256=digest, stem="", bytes=0, begins="")
