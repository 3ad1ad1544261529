"""Logs as blocks of clean lines: bounded whatever a file holds, and ready to be read as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from publisher.core.errors import StorageError
from publisher.stats.unpacking import BrokenOff, chunks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK: Final = 1 << 20
"""Bytes that are cleaned at once: few enough that a processor still has them at hand from one look at them to the next."""
LONGEST: Final = 1 << 16
"""Bytes of a line; a longer one cannot be read, and its first hundred bytes are shown."""
_FIRST: Final = 100
_UNTIDY: Final = bytes([*range(9), *range(11, 32), 127])
"""Control characters, but for tab and line feed: a log has none, and a carriage return would end a line."""
_TIDY: Final = bytes.maketrans(_UNTIDY, b"?" * len(_UNTIDY))


def blocks(path: Path, *, skip: int = 0) -> Iterator[bytes]:
    """The lines of a log, in blocks of whole ones in UTF-8, each ended by a line feed; without the first `skip` bytes of what it holds.
    Where it cannot be read on, the last line says why, in brackets, and no form reads it. Raises StorageError for a file that cannot be
    opened.
    """
    rest, held = b"", 0
    parts: list[bytes] = []
    try:
        for found_next in _chunks(path):
            chunk = found_next[skip:]
            skip -= len(found_next) - len(chunk)
            parts.append(chunk)
            held += len(chunk)
            if held >= BLOCK:
                head, found, tail = b"".join([rest, *parts]).rpartition(b"\n")
                parts, held = [], 0
                if found:
                    yield _clean(head)
                rest = tail[: LONGEST + 1]
    except OSError as error:
        raise _broken(path, error) from error
    if rest or held:
        yield _clean(b"".join([rest, *parts]).removesuffix(b"\n"))


def unpacked(path: Path, broken: list[str]) -> Iterator[bytes]:
    """What a log holds, piece by piece, as far as it can be read; where that is not to its end, why comes into `broken`. Raises StorageError
    for a file that cannot be opened.
    """
    try:
        yield from chunks(path)
    except BrokenOff as error:
        broken.append(str(error))
    except OSError as error:
        raise _broken(path, error) from error


def clean_line(line: bytes) -> str:
    """One line of a log, without its end, as `blocks` would give it."""
    return _clean(line).decode().removesuffix("\n")


def first_lines(path: Path) -> list[str]:
    """The first lines of a log, by which its form is told. Raises StorageError."""
    try:
        first = next(iter(_chunks(path)), b"")[:LONGEST]
    except OSError as error:
        raise _broken(path, error) from error
    return [line.decode("utf-8", "backslashreplace") for line in first.splitlines()[:_FIRST]]


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        yield from chunks(path)
    except BrokenOff as error:
        yield f"\n({path.name} breaks off here: {error})\n".encode("utf-8", "backslashreplace")


def _broken(path: Path, error: Exception) -> StorageError:
    return StorageError(f"the log cannot be read: {path.name}", cause=str(error), hint="may your user read it?", code="stats-log")


def _clean(block: bytes) -> bytes:
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").removesuffix(b"\r")  # the last line's end is off already
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
            shown = block[at : at + 100].decode("utf-8", "ignore").encode()  # no half of a letter
            parts.append(block[start:at] + b"(a line of more than %d bytes) %s" % (LONGEST, shown))
            start = at = following
            if at < len(block):
                start, at = at, at + 1
        else:
            at = end + 1
    return b"".join([*parts, block[start:]]) if parts else block
