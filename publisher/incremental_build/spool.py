"""Where bodies that were made wait to be sent: in memory while they are few, then in a file, so that a large show needs no more memory."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary, finalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from publisher.incremental_build.artifacts import Artifact

HELD = 4 << 20
"""Bytes that stay in memory; what is made after them goes to the file."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A body in the file of `spool`: `size` bytes from `at` on."""

    spool: Spool
    at: int
    size: int

    def read(self) -> bytes:
        """The bytes."""
        return self.spool.read(self.at, self.size)


class Spool:
    """A file without a name in `folder`, which forked processes share; the system takes it away with the last of them, killed or not."""

    def __init__(self, folder: Path) -> None:
        self._room = HELD
        self._lock = Lock()
        with tempfile.TemporaryFile(dir=folder) as file:
            self._file = os.dup(file.fileno())
        finalize(self, os.close, self._file)  # a body in it keeps it open
        _SPOOLS[self._file] = self

    def __reduce__(self) -> tuple[Callable[[int], Spool], tuple[int]]:
        """What one process sends another is in the file they share."""
        return _spool, (self._file,)

    def keep(self, item: Artifact) -> Artifact:
        """The artifact, its body in the file once there is no room in memory."""
        if not isinstance(item.body, bytes):
            return item
        self._room -= item.size
        if self._room >= 0:
            return item
        try:
            return replace(item, body=Spooled(self, self._append(item.body), item.size))
        except OSError:  # the disk is full
            return item

    def read(self, at: int, size: int) -> bytes:
        """What was put at `at`."""
        with self._alone():
            os.lseek(self._file, at, os.SEEK_SET)
            return os.read(self._file, size)

    def _append(self, body: bytes) -> int:
        with self._alone():
            at = os.lseek(self._file, 0, os.SEEK_END)
            left = memoryview(body)
            while left:
                left = left[os.write(self._file, left) :]
            return at

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else moves the file's position: no thread, and no forked process, for it is theirs, too."""
        with self._lock:
            if sys.platform != "linux":
                yield
                return
            import fcntl

            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def _spool(descriptor: int) -> Spool:
    return _SPOOLS[descriptor]


_SPOOLS: WeakValueDictionary[int, Spool] = WeakValueDictionary()
