"""A folder in place of a service: the real store on a real disk, whose files bear the scheduler's time, and its locks."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from publisher.stores.directory import DirectoryStore
from publisher.stores.protocol import ConditionFailed
from tests.support.simulator.cloud import Line
from tests.support.simulator.standins import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from publisher.stores.protocol import Listed
    from tests.support.simulator.cloud import Fence, Weather
    from tests.support.simulator.scheduler import Process, Scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    body: bytes
    etag: str


class SharedFolder:
    """What several processes publish into. `objects` is what lies there, as it was read after each change."""

    behaviour = "enforced"

    def __init__(self, root: Path, scheduler: Scheduler) -> None:
        self.root = root
        self.requests = 0
        self.objects: dict[str, Any] = {}
        self.holder: Process | None = None
        self._scheduler = scheduler

    def now(self, _zone: Any = None) -> dt.datetime:
        """See datetime: the clock of the machine the folder lies on."""
        return self.fromtimestamp(EPOCH + self._scheduler.now)

    @staticmethod
    def fromtimestamp(seconds: float, _zone: Any = None) -> dt.datetime:
        """See datetime."""
        return dt.datetime.fromtimestamp(seconds, dt.UTC)


class Disk(DirectoryStore):
    """The folder as one process opens it; others have their turn before a file appears, while its locks are held."""

    def __init__(self, shared: SharedFolder, scheduler: Scheduler) -> None:
        super().__init__(shared.root)
        self._shared = shared
        self._scheduler = scheduler

    def head(self, key: Any) -> Listed | None:
        """See Store."""
        return super().head(key)

    def put(self, key: Any, body: Any, headers: Any, **conditions: Any) -> str:
        """See Store."""
        etag = super().put(key, body, headers, **conditions)
        path = self._path(key)
        os.utime(path, (EPOCH + self._scheduler.now,) * 2)
        self._shared.objects[key] = _File(body=path.read_bytes(), etag=etag)
        return etag

    def delete(self, keys: Any, *, etags: Mapping[Any, str] | None = None, fence: Fence = None) -> None:
        """See Store."""
        doomed = list(keys)
        super().delete(doomed, etags=etags, fence=fence)
        for key in doomed:
            if not self._path(key).exists():
                self._shared.objects.pop(key, None)

    def _rename(self, temporary: Path, path: Path) -> None:
        self._scheduler.wait(seconds=self._scheduler.dice.uniform(0.0, 0.05))
        super()._rename(temporary, path)


class FolderLine(Line):
    """A process's store: each call is done at once when its turn has come, and nothing of it comes late."""

    def __init__(self, shared: SharedFolder, scheduler: Scheduler, process: Process, weather: Weather, watch: Any) -> None:
        self._disk = Disk(shared, scheduler)
        super().__init__(self._disk, scheduler, process, weather, watch)
        self.conditions = "enforced"
        self.is_remote = False
        self._shared = shared

    def put(self, key: Any, body: Any, headers: Any, *, fence: Fence = None, **conditions: Any) -> str:
        """See Store."""
        words = f"write {key}{' if absent' if conditions.get('if_absent') else ' if as known' if conditions.get('if_match') else ''}"
        return self._ask(words, lambda: self._disk.put(key, body, headers, fence=fence, **conditions), changes=True)

    def copy(self, source: Any, target: Any, headers: Any, *, fence: Fence = None) -> str:
        """See Store."""
        return self._ask(f"copy {source} to {target}", lambda: self._disk.copy(source, target, headers, fence=fence), changes=True)

    def delete(self, keys: Any, *, fence: Fence = None, **conditions: Any) -> None:
        """See Store."""
        doomed = list(keys)
        if doomed:
            self._ask(f"delete {' '.join(doomed)}", lambda: self._disk.delete(doomed, fence=fence, **conditions), changes=True)

    def list(self, prefix: Any) -> Iterator[Listed]:
        """See Store."""
        return iter(self._ask(f"list {prefix}", lambda: list(self._disk.list(prefix))))

    @contextmanager
    def lock(self, *, wait: float = 0.0) -> Iterator[None]:
        """See Store. Never held by two."""
        with self._disk.lock(wait=wait):
            shared, process = self._shared, self._process
            if shared.holder is not None and shared.holder.alive:
                self._watch.fault("two-hold", f"{process.name} holds the lock beside {shared.holder.name}")
            shared.holder = process
            try:
                yield
            finally:
                shared.holder = None

    def _ask(self, words: str, carry_out: Callable[[], Any], *, changes: bool = False, fence: Fence = None) -> Any:
        self._stop_if_told()
        self.before(words)
        self._scheduler.wait(seconds=self._pace * self.dice.uniform(0.0, 0.05))
        self._stop_if_told()
        self.requests += 1
        self._shared.requests += 1
        sent = self._sent(words)
        try:
            outcome = carry_out()
        except ConditionFailed:
            self._watch.note(self._process, f"{words}: not so, nothing written")
            raise
        sent.arrived = self._scheduler.now
        self._watch.arrived(sent, outcome, changes=changes)
        self._watch.note(self._process, f"{words}{': nothing there' if outcome is None and not changes else ''}")
        return outcome
