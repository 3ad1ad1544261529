"""A lock between processes on one file, released by the system when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAUSE = 0.05
"""Seconds between two attempts while waiting."""


class LockHeld(Exception):  # noqa: N818  an expected answer, handled by the caller
    """Somebody else holds the lock, and still did when the wait was over."""


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _try(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def hold(path: Path, *, wait: float | None = 0.0) -> Iterator[None]:
    """Hold the lock file `path` (made where missing), between processes and between threads of one.

    Waits up to `wait` seconds, None for as long as it takes, then raises LockHeld. The file stays: removing it would let two
    holders in.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    try:
        end = None if wait is None else time.monotonic() + wait
        pause = PAUSE / 50
        while not _try(descriptor):
            if end is not None and time.monotonic() >= end:
                raise LockHeld(str(path))
            time.sleep(pause)
            pause = min(pause * 2, PAUSE)
        try:
            yield
        finally:
            _release(descriptor)
    finally:
        os.close(descriptor)
