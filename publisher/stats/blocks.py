"""Logs as blocks of clean lines: bounded whatever a file holds, and ready to be read as data."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Final

from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

BLOCK: Final = 32 << 20
"""Bytes that are read at once."""
LONGEST: Final = 1 << 16
"""Bytes of a line; a longer one cannot be read, and its first hundred bytes are shown."""
_FIRST: Final = 100
_UNTIDY: Final = bytes([*range(9), *range(11, 32), 127])
"""Control characters, but for tab and line feed: a log has none, and a carriage return would end a line."""
_TIDY: Final = bytes.maketrans(_UNTIDY, b" " * len(_UNTIDY))


def blocks(path: Path, *, skip: int = 0) -> Iterator[bytes]:
    """The lines of a log, in blocks of whole ones in UTF-8, each ended by a line feed; without the first `skip` bytes of what it holds.
    Raises StorageError for a file that cannot be read.
    """
    rest = b""
    try:
        with _opened(path) as file:
            while skip and (passed := len(file.read(min(skip, BLOCK)))):
                skip -= passed
            while block := file.read(BLOCK):
                head, found, tail = block.rpartition(b"\n")
                if found:
                    yield _clean(rest + head)
                    rest = tail
                else:
                    rest = (rest + tail)[: LONGEST + 1]
    except (OSError, EOFError, zlib.error) as error:
        raise _broken(path, error) from error
    if rest:
        yield _clean(rest)


def first_lines(path: Path) -> list[str]:
    """The first lines of a log, by which its form is told. Raises StorageError."""
    try:
        with _opened(path) as file:
            return [line.decode("utf-8", "backslashreplace") for line in file.read(LONGEST).splitlines()[:_FIRST]]
    except (OSError, EOFError, zlib.error) as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: Exception) -> StorageError:
    return StorageError(f"the log cannot be read: {path.name}", cause=str(error), hint="is it whole?", code="stats-log")


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


def _clean(block: bytes) -> bytes:
    block = block.replace(b"\r\n", b"\n")
    if not block.isascii():
        block = block.decode("utf-8", "backslashreplace").encode()
    return _cut(block.translate(_TIDY)) + b"\n"


def _cut(block: bytes) -> bytes:
    """The same, with no line longer than LONGEST."""
    at, start = 0, 0
    parts = []
    while len(block) - at > LONGEST:
        end = block.rfind(b"\n", at, at + LONGEST)
        if end < 0:
            following = block.find(b"\n", at)
            following = len(block) if following < 0 else following
            parts.append(block[start:at] + b"(a line of more than %d bytes) %s" % (LONGEST, block[at : at + 100]))
            start = at = following
            if at < len(block):
                start, at = at, at + 1
        else:
            at = end + 1
    return b"".join([*parts, block[start:]]) if parts else block
