"""What a file system refuses, as errors that say what to do about it."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTS = {
    errno.ENOSPC: ("the disk is full", "make room, then publish again: what was written so far stays", "storage-full"),
    errno.EDQUOT: ("the quota of this disk is used up", "make room, then publish again", "storage-full"),
    errno.EFBIG: ("the file is larger than this disk can hold", "choose another disk (FAT keeps no file above 4 GiB)", "storage-full"),
    errno.EROFS: ("the file system is read-only", "mount it writable, or choose another folder in `[storage] url`", "storage-readonly"),
    errno.EACCES: ("no permission", "give your user the right to write there: ls -ld shows who has it", "storage-denied"),
    errno.EPERM: ("no permission", "is the file or folder locked or immutable?", "storage-denied"),
    errno.EISDIR: ("a folder lies where a file has to go", "move that folder away", "storage-path"),
    errno.ENOTDIR: ("a file lies where a folder has to go", "move that file away", "storage-path"),
    errno.EEXIST: ("a file lies where a folder has to go", "move that file away", "storage-path"),
    errno.ENAMETOOLONG: ("the name is longer than this file system allows", "shorten the slug", "storage-path"),
    errno.ELOOP: ("links that point at each other", "remove them", "storage-path"),
    errno.ENOENT: ("it is not there", "was it moved while publishing?", "storage-missing"),
}


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what the file system says into a StorageError. A condition that failed passes through."""
    try:
        yield
    except OSError as error:
        cause, hint, code = FAULTS.get(
            error.errno or 0, (error.strerror or str(error), "is the disk healthy and mounted?", "storage-failed")
        )
        where = str(error.filename2 or error.filename or name)
        raise StorageError(f"the folder cannot keep or give {name}", cause=f"{cause}: {where}", hint=hint, code=code) from error
