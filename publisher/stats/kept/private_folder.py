"""A folder for one count, with logs and addresses in it: nobody else reads it, and what a killed count left of one is taken away."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from publisher.stores.file_lock import LockHeld, hold

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX: Final = "airdate-stats-"
_LOCK: Final = "in-use"


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder that is gone afterwards, also when this process was killed: the next count takes it away."""
    _clear_leftovers()
    with ExitStack() as stack:
        while True:
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX))  # 0700
            lock = stack.enter_context(hold(folder / _LOCK, wait=None))
            if (folder / _LOCK).exists():  # nobody took it for a leftover before it was held
                break
            del lock
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _clear_leftovers() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(LockHeld, OSError):
            if (folder / _LOCK).is_file() and not folder.is_symlink():
                with hold(folder / _LOCK):
                    shutil.rmtree(folder, ignore_errors=True)
