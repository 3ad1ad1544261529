"""A store in memory that the command opens like a bucket, with a clock of its own; and a show of two episodes that goes there."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from publisher.commands import restore
from publisher.core.errors import StorageError
from publisher.restore import from_texts
from publisher.stores import open_store as opening
from publisher.stores.protocol import ConditionFailed
from tests.support import show_factory
from tests.support.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path


def all_well(*_: Any) -> Generator[None, None, tuple[()]]:
    """Stands in for the look from outside at what nobody serves: nothing is wrong."""
    yield
    return ()


class Clock:
    """The storage's clock."""

    def __init__(self) -> None:
        self.time = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.time

    def pass_by(self, seconds: float) -> None:
        self.time += dt.timedelta(seconds=seconds)


class Bucket(MemoryStore):
    """A store whose network can go after a number of writes, and that tells of each write. `prefix` is for people."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        super().__init__(clock=self.clock, **options)
        self.writes_left: int | None = None
        self._counting = threading.Lock()
        self.written: list[str] = []
        self.watch: Callable[[str], None] = lambda _key: None
        self.refuse: Callable[[str], bool] = lambda _key: False

    @property
    def keys(self) -> list[str]:
        return sorted(self._objects)

    def bytes_of(self, key: str) -> bytes:
        return self._objects[key].body

    @property
    def contents(self) -> dict[str, bytes]:
        """Everything that lies here, claims aside: they name the run that made them."""
        return {
            key: kept.body for key, kept in sorted(self._objects.items()) if not key.startswith((".airdate/claims/", ".airdate/history/"))
        }

    def memorize(self) -> dict[str, Any]:
        return dict(self._objects)

    def go_back(self, memory: dict[str, Any]) -> None:
        self._objects = dict(memory)

    def replace(self, key: str, body: bytes) -> None:
        """As somebody else does it."""
        self._objects[key] = replace(self._objects[key], body=body, etag=self.etag_of(body))

    def _reach(self) -> None:
        if self.writes_left is not None and self.writes_left <= 0:
            raise StorageError("the network is gone", code="storage-lost")

    def _before_write(self, key: str) -> None:
        """Take one of the writes that are left; several threads write at once."""
        if self.refuse(key):
            raise StorageError(f"refused: {key}", code="storage-denied")
        with self._counting:
            self._reach()
            if self.writes_left is not None:
                self.writes_left -= 1

    def _give_back(self) -> None:
        with self._counting:
            if self.writes_left is not None:
                self.writes_left += 1

    def _after_write(self, key: str) -> None:
        self.written.append(key)
        self.watch(key)

    def lock(self, *, wait=0.0):
        return nullcontext()

    def read(self, key, *, known=""):
        self._reach()
        return super().read(key, known=known)

    def head(self, key):
        self._reach()
        return super().head(key)

    def put(self, key, body, headers, **conditions):
        self._before_write(key)
        try:
            etag = super().put(key, body, headers, **conditions)
        except ConditionFailed:
            self._give_back()
            raise
        self._after_write(key)
        return etag

    def copy(self, source, target, headers, **fenced):
        self._before_write(target)
        etag = super().copy(source, target, headers, **fenced)
        self._after_write(target)
        return etag

    def delete(self, keys, **fenced):
        keys = list(keys)
        for key in keys[:1]:  # one request takes them all away
            self._before_write(key)
        super().delete(keys, **fenced)
        for key in keys:
            self._after_write(f"-{key}")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """What `s3://memory` leads to."""
    store = Bucket()
    real = opening.open_store

    def open_store(location: opening.Location, base: Path) -> Any:
        return store if location.url == "s3://memory" else real(location, base)

    for module in (opening, restore, from_texts):  # who imports it by name has it from then on
        monkeypatch.setattr(module, "open_store", open_store)
    return store


@pytest.fixture
def show(tmp_path: Path) -> show_factory.Show:
    """A show of two episodes that goes into its folder `public`."""
    show = show_factory.make_show(tmp_path / "show")
    return two_episodes(show)


@pytest.fixture
def far(tmp_path: Path, memory: Bucket) -> show_factory.Show:
    """The same show, going to the store in memory."""
    return two_episodes(show_factory.make_show(tmp_path / "far", storage="s3://memory"))


def two_episodes(show: show_factory.Show) -> show_factory.Show:
    show.episode("2026-05-01-first")
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    return show


@pytest.fixture
def on_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A context in which commands run on a machine of this name, that sees no process of this one."""

    @contextmanager
    def on(name: str = "laptop") -> Iterator[None]:
        (tmp_path / f"tmp-{name}").mkdir(exist_ok=True)
        with monkeypatch.context() as patch:
            patch.setattr("platform.node", lambda: name)
            patch.setattr("tempfile.tempdir", str(tmp_path / f"tmp-{name}"))
            yield

    return on
