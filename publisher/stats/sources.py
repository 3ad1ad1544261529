"""Where logs come from: files that a pattern names, or objects of a bucket, fetched by the store's own client a few at a time."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from functools import cached_property
from glob import glob
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from publisher.core import layout
from publisher.core.console import size_words
from publisher.core.errors import StorageError, UsageError
from publisher.core.local_cache import may_still_change
from publisher.core.show_files import Refused, named_by_config, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from publisher.stores.protocol import Store
    from publisher.workspace import Workspace

AT_ONCE: Final = 256
"""Objects that lie here at once."""
BYTES_AT_ONCE: Final = 512 << 20
"""Bytes of objects that lie here at once, but for one that is larger by itself."""
LARGEST: Final = 16 << 30
"""Bytes of one object."""
_FETCHERS: Final = 8
_WILD: Final = re.compile(r"[*?\[]")


class FoundLog(NamedTuple):
    """A log that is there: its name, what changes with its bytes ("" where that is not sure), and its size in bytes as it lies there."""

    name: str
    mark: str
    size: int


class LogSource(Protocol):
    """Where logs lie."""

    def found(self) -> list[FoundLog]:
        """All logs that are there now, in order of name. Raises UsageError `stats-logs` where there are none, StorageError."""
        ...

    def address(self, log: FoundLog) -> str:
        """Where a log lies, as an engine names it: a path, or `s3a://bucket/key`."""
        ...

    def taken(self, logs: Iterable[FoundLog], folder: Path) -> Iterator[tuple[FoundLog, Path]]:
        """Each of these logs as a file, some at a time below `folder`; a file is there until the next one is asked for. One that has gone
        since is left out. Raises StorageError.
        """
        ...


def log_source(workspace: Workspace) -> LogSource:
    """What `[stats] logs` names. Raises UsageError `stats-logs` where it names nothing, and what opening a store raises."""
    logs = workspace.config.stats.logs
    if not logs:
        hint = 'say where the logs are: logs = "logs/*" under [stats]; no logs are kept yet? `publish bucket --logs`: numbers begin then'
        raise UsageError("config.toml names no logs", hint=hint, code="stats-logs")
    if not logs.startswith("s3://"):
        return LocalLogs(workspace.file.folder, logs)
    from publisher.stores.open_store import open_store

    bucket, _, pattern = logs.removeprefix("s3://").partition("/")
    plain = _WILD.split(pattern)[0]
    above = plain.rpartition("/")[0] if plain != pattern else plain.strip("/")
    pattern = pattern[len(above) :].lstrip("/") if plain != pattern else ""
    place = f"{bucket}/{above}".rstrip("/")
    return BucketLogs(open_store(workspace.location(f"s3://{place}"), workspace.file.folder), place, pattern, logs)


class LocalLogs:
    """Files that a pattern names; pipes and devices are passed over, and links are followed that stay in the show's folder, unless the
    pattern itself leads out of it: git keeps links, and lines that cannot be read are shown.
    """

    def __init__(self, folder: Path, pattern: str) -> None:
        self._folder = folder
        self._pattern = pattern

    def found(self) -> list[FoundLog]:
        """See LogSource; UsageError for a link out, too. The mark is size, time and inode, "" while the file may change without another time."""
        now = time.time_ns()
        logs, (_, root) = [], named_by_config(self._folder, self._pattern)
        for name in sorted(glob(self._pattern, root_dir=self._folder, recursive=True)):  # noqa: PTH207  a path may be absolute
            path = self._folder / name
            if path.is_file():
                self._inside(path, root)
                status = path.stat()
                stamp = f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"
                logs.append(FoundLog(name, "" if may_still_change(status.st_mtime_ns, now) else stamp, status.st_size))
        if not logs:
            raise _none(self._pattern, f"looked from {self._folder.resolve()} on")
        return logs

    def address(self, log: FoundLog) -> str:
        """See LogSource."""
        return str(self._folder / log.name)

    def taken(self, logs: Iterable[FoundLog], folder: Path) -> Iterator[tuple[FoundLog, Path]]:  # noqa: ARG002  they are here
        """See LogSource."""
        _, root = named_by_config(self._folder, self._pattern)
        for log in logs:
            path = self._folder / log.name
            if path.is_file():
                self._inside(path, root)
                yield log, path

    def _inside(self, path: Path, root: Path) -> None:
        try:
            place_of(path, root)
        except Refused as error:
            hint = 'name the folder where it lies, under [stats]: logs = "/var/log/nginx/*"'
            raise UsageError(f"this log {error.reason}: {path}", hint=hint, code="stats-logs") from error
        except OSError:
            return  # it has gone since


class BucketLogs:
    """Objects below a folder of a bucket, those alone that a pattern names where there is one."""

    def __init__(self, store: Store, above: str, pattern: str, address: str) -> None:
        self._store = store
        self._above = above
        self._pattern = pattern
        self._address = address

    @cached_property
    def _found(self) -> list[FoundLog]:
        return [
            FoundLog(item.key, item.etag, item.size)
            for item in self._store.list(layout.ROOT)
            if item.size and (not self._pattern or fnmatchcase(item.key, self._pattern)) and not layout.is_unseen(item.key)
        ]

    def found(self) -> list[FoundLog]:
        """See LogSource. The mark is the ETag; the bucket is listed once."""
        if not self._found:
            raise _none(self._address, f"looked in the {self._store.describe()}")
        return self._found

    def address(self, log: FoundLog) -> str:
        """See LogSource."""
        return f"s3a://{self._above}/{log.name}"

    def taken(self, logs: Iterable[FoundLog], folder: Path) -> Iterator[tuple[FoundLog, Path]]:
        """See LogSource."""
        folder.mkdir(exist_ok=True)
        with ThreadPoolExecutor(_FETCHERS) as fetchers:
            for step in in_steps(logs):
                places = [folder / f"{number}.log" for number in range(len(step))]
                try:
                    for log, path, etag in zip(step, places, fetchers.map(self._fetch, step, places), strict=True):
                        if etag is not None:
                            yield log._replace(mark=etag), path
                finally:
                    for path in places:
                        path.unlink(missing_ok=True)

    def _fetch(self, log: FoundLog, path: Path) -> str | None:
        if log.size > LARGEST:
            message = f"this log is larger than {size_words(LARGEST)}: {log.name}"
            raise StorageError(message, hint="let the service write a file each hour or day", code="stats-log")
        return self._store.fetch(layout.key_of(log.name), path)


def in_steps(logs: Iterable[FoundLog]) -> Iterator[list[FoundLog]]:
    """As many logs at a time as may lie here at once."""
    step: list[FoundLog] = []
    held = 0
    for log in logs:
        if step and (len(step) == AT_ONCE or held + log.size > BYTES_AT_ONCE):
            yield step
            step, held = [], 0
        step.append(log)
        held += log.size
    if step:
        yield step


def _none(place: str, cause: str) -> UsageError:
    return UsageError(f"there is no log: {place}", cause=cause, hint="is the pattern right?", code="stats-logs")
