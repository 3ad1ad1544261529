"""What a log holds, by which it is known again wherever it lies, however it is packed, and when it has grown."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from publisher.stats.blocks import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from publisher.stats.kept.log_files import LogFile

LONGEST: Final = 1 << 16
"""Bytes of a line by which a log is known."""


class Holding(NamedTuple):
    """The sha256 of what a log holds; sha256, bytes and lines of the same up to the end of its last whole line; the sha256 of its first line;
    the log that it was when it was read last, where it has grown since; whether it is `plain`: read to its end, and no line of a megabyte in it.
    """

    sha256: str
    stem: str
    bytes: int
    lines: int
    begins: str
    grown: LogFile | None
    plain: bool


def holding(path: Path, known: Callable[[str], Iterable[LogFile]]) -> Holding:
    """Read a log for what it holds; `known` gives those that were read before and begin so. Raises StorageError for one that cannot be opened."""
    digest, size, lines, rest = hashlib.sha256(), 0, 0, b""
    begins = ""
    grown: LogFile | None = None
    waiting: list[LogFile] = []
    broken: list[str] = []
    for chunk in unpacked(path, broken):
        head, found, rest = (rest + chunk).rpartition(b"\n")
        whole = head + found
        if not found and len(rest) > LONGEST:
            whole, rest = rest, b""
            broken.append("a line is very long")
        if whole and not begins:
            begins = _digest(whole)
            waiting = sorted((file for file in known(begins) if file.bytes), key=lambda file: -file.bytes)
        at = 0
        while waiting and waiting[-1].bytes <= size + len(whole):
            file = waiting.pop()
            digest.update(whole[at : file.bytes - size])
            at = file.bytes - size
            if digest.hexdigest() == file.stem:
                grown = file
        digest.update(whole[at:])
        size += len(whole)
        lines += whole.count(b"\n")
    stem = digest.hexdigest()
    digest.update(rest)
    return Holding(
        sha256=digest.hexdigest(), stem=stem, bytes=size, lines=lines, begins=begins or _digest(rest), grown=grown, plain=not broken
    )


def _digest(text: bytes) -> str:
    """The sha256 of the first line that is no heading: those are the same in many logs."""
    first = next((line for line in text[: 4 * LONGEST].split(b"\n") if not line.startswith(b"#")), text)
    return hashlib.sha256(first[:LONGEST]).hexdigest()
