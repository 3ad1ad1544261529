"""Writing files so that they are whole: copied in pieces, digested on the way, reaching the disk when asked to."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from publisher.stores.protocol import Body

PIECE = 1 << 20
"""Bytes read at a time; all the memory a recording needs."""

CLONE = 0x40049409
"""FICLONE of linux/fs.h: both files share their blocks until one of them is written to."""


def write_new(temporary: Path, body: Body) -> bytes:
    """Write `body` into a new file; its MD5. The mode is what the umask says: a web server must be able to read it."""
    with temporary.open("xb") as file:
        if isinstance(body, bytes):
            file.write(body)
            return md5_of(body)
        with body.open("rb") as source:
            return copy_open(source, file)


def copy_open(source: BinaryIO, target: BinaryIO) -> bytes:
    """Copy a file and return its MD5; blocks are shared where the file system can, yet a later edit of one spares the other."""
    if _clone(source.fileno(), target.fileno()):
        with open(target.name, "rb") as copied:  # noqa: PTH123  the name of an open file
            digest = hashlib.file_digest(copied, new_md5).digest()
        target.seek(0, os.SEEK_END)
        return digest
    running = new_md5()
    buffer = memoryview(bytearray(PIECE))
    while count := source.readinto(buffer):  # type: ignore[attr-defined]  # every file opened "rb" has it
        running.update(buffer[:count])
        target.write(buffer[:count])
    return running.digest()


def _clone(source: int, target: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import fcntl

    try:
        fcntl.ioctl(target, CLONE, source)
    except OSError:
        return False
    return True


def sync(path: Path) -> None:
    """Fsync a file or a folder (Windows knows none for folders)."""
    if sys.platform == "win32":  # pragma: no cover
        if path.is_dir():
            return
        descriptor = os.open(path, os.O_RDWR | os.O_BINARY)
    else:
        descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def new_md5() -> hashlib._Hash:
    """An MD5 to check copies with; it protects nothing."""
    return hashlib.md5(usedforsecurity=False)


def md5_of(data: bytes) -> bytes:
    """The MD5 of bytes, 16 bytes."""
    return hashlib.md5(data, usedforsecurity=False).digest()


def digests_of(path: Path) -> tuple[bytes, str]:
    """The MD5 (16 bytes) and the sha256 (hex) of a file, both in one reading."""
    md5, sha256 = new_md5(), hashlib.sha256()
    buffer = memoryview(bytearray(PIECE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            md5.update(buffer[:count])
            sha256.update(buffer[:count])
    return md5.digest(), sha256.hexdigest()


@contextmanager
def removed_on_failure(path: Path) -> Iterator[None]:
    """Take the file away where what follows fails, Ctrl-C included."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
