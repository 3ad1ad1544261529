"""Whether the run that holds a claim is alive, as far as this machine can tell by a lock: nobody waits for the lease of a dead one.

A run that changes the show holds a lock on a file of its own in the machine's temporary folder; the system lets go of it when the
process dies, however it dies. A file that is held is a proof of life, one that is there and not held a proof of death; no file proves
nothing, so that another container with the same host name, or another machine, is waited for.
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

STALE = 600.0
"""Seconds after which the file of a dead run of this boot goes: by then its claim is known as dead without it."""
ELSEWHERE = 7 * 86_400.0
"""Seconds after which a file of another boot goes: it may be of another kernel, whose locks we cannot see."""


def _file(owner: str) -> Path:
    """The file of a run. It carries the boot's number, so that a folder shared with another kernel, whose locks we cannot see,
    proves nothing either.
    """
    return Path(tempfile.gettempdir()) / f"airdate-{_boot()}-{owner}.alive"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii")[:8]
    except (OSError, ValueError):
        return "here"


@contextmanager
def shown_alive(owner: str) -> Iterator[None]:
    """Show other processes of this machine that this run is alive. The file goes when all went well; after a failure it stays and
    tells the next run that nobody is at work, unless that `forget`s it.
    """
    file = _file(owner)
    _clear_stale(file.parent)
    with ExitStack() as held:
        with suppress(OSError, LockHeld):
            held.enter_context(hold(file))
            file.write_text(str(os.getpid()), "ascii")
        yield
    forget(owner)


def forget(owner: str) -> None:
    """Take the file of a run away that leaves no claim: nobody will ask for it."""
    with suppress(OSError):
        _file(owner).unlink()


def _clear_stale(folder: Path) -> None:
    """Take away what killed runs left, which nobody came to ask for."""
    for old in folder.glob("airdate-*.alive"):
        with suppress(OSError, LockHeld):
            here = old.name.startswith(f"airdate-{_boot()}-")
            if old.stat().st_mtime < time.time() - (STALE if here else ELSEWHERE):
                with hold(old):
                    old.unlink()


def has_died(owner: str) -> bool:
    """Whether `owner` was a run of this machine and user that is over. Its file goes: it has told what it had to tell."""
    if not _is_of_us(owner):
        return False
    try:
        with hold(_file(owner)):
            pass
    except (OSError, LockHeld):
        return False
    forget(owner)
    return True


def process_of(owner: str) -> str:
    """The number of the process that `owner` is, where it is a run of this machine and user, and alive; else ""."""
    if not _is_of_us(owner):
        return ""
    try:
        with hold(_file(owner)):
            return ""
    except LockHeld:
        with suppress(OSError, ValueError):
            return str(int(_file(owner).read_text("ascii")))
        return "?"
    except OSError:
        return ""


def _is_of_us(owner: str) -> bool:
    """Whether there is a file of this run, made by this user: anybody may make files there."""
    if not owner.isalnum():
        return False
    try:
        return _file(owner).lstat().st_uid == getattr(os, "getuid", lambda: 0)()
    except OSError:
        return False
