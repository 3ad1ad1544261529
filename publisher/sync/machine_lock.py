"""Whether the run that holds a claim is alive, as far as this machine can tell by a lock: nobody waits for the lease of a dead one.

A run that changes the show holds a lock on a file of its own in the machine's temporary folder; the system lets go of it when the
process dies, however it dies. A file that is there and not held is a proof of death; no file proves nothing, so that another
container with the same host name, or another machine, is waited for.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.stores.file_lock import LockHeld, hold

if TYPE_CHECKING:
    from collections.abc import Iterator

STALE = 7 * 86_400
"""Seconds after which a file that told nobody anything goes: no run takes a week."""


def _file(owner: str) -> Path:
    """The file of a run. It carries the boot's number, so that a folder shared with another kernel, whose locks we cannot see,
    proves nothing either.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")[:8]
    except (OSError, ValueError):
        boot = "here"
    return Path(tempfile.gettempdir()) / f"airdate-{boot}-{owner}.alive"


@contextmanager
def shown_alive(owner: str) -> Iterator[None]:
    """Show other processes of this machine that this run is alive. The file goes when all went well; after a failure it stays and
    tells the next run that nobody is at work.
    """
    file = _file(owner)
    for old in file.parent.glob("airdate-*.alive"):
        with suppress(OSError):
            if old.stat().st_mtime < time.time() - STALE:
                old.unlink()
    with ExitStack() as held:
        with suppress(OSError, LockHeld):
            held.enter_context(hold(file))
        yield
    with suppress(OSError):
        file.unlink()


def has_died(owner: str) -> bool:
    """Whether `owner` was a run of this machine and user that is over. Its file goes: it has told what it had to tell."""
    if not owner.isalnum():
        return False
    file = _file(owner)
    try:
        if file.lstat().st_uid != getattr(os, "getuid", lambda: 0)():
            return False
        with hold(file):
            pass
        file.unlink()
    except (OSError, LockHeld):
        return False
    return True
