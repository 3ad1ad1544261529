"""Bodies of requests: bytes, or stretches of files that are never held in memory whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.core.errors import StorageError
from publisher.stores.atomic_writes import PIECE, md5_of, new_md5

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A stretch of a file, sent as a body without being read whole."""

    path: Path
    offset: int
    length: int

    def __len__(self) -> int:
        return self.length


class Reader:
    """A file's stretch as urllib3 reads bodies: in pieces, never beyond its end."""

    def __init__(self, part: Slice, stopped: Event | None = None) -> None:
        self._part = part
        self._stopped = stopped
        self._left = part.length

    def __enter__(self) -> Reader:  # noqa: PYI034  nobody derives from it
        try:
            self._file = self._part.path.open("rb", buffering=0)
            self._file.seek(self._part.offset)
        except OSError as error:
            raise _unreadable(self._part.path, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._left

    def seek(self, offset: int) -> None:
        """Begin again, `offset` bytes into the stretch."""
        self._file.seek(self._part.offset + offset)
        self._left = self._part.length - offset

    def read(self, size: int = -1) -> bytes:
        """The next bytes, empty at the end of the stretch; StorageError `storage-changed` where the file ends before it."""
        if self._stopped is not None and self._stopped.is_set():
            raise gave_up()
        wanted = self._left if size < 0 else min(size, self._left)
        if not wanted:
            return b""
        try:
            piece = self._file.read(wanted)
        except OSError as error:
            raise _unreadable(self._part.path, error) from error
        if not piece:
            raise StorageError(
                f"the file became shorter while it was sent: {self._part.path}",
                hint="is it still being written or synced? Publish again when it is done.",
                code="storage-changed",
            )
        self._left -= len(piece)
        return piece


def gave_up() -> StorageError:
    """What a request under way ends in after Ctrl-C."""
    return StorageError("stopped while it was sent", hint="run the same command again to go on", code="storage-stopped")


def file_size(path: Path) -> int:
    """Bytes of a file that is to be sent; StorageError `storage-source` where it cannot be read."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from error


def digest_of(body: bytes | Slice) -> bytes:
    """The MD5 of what is to be sent, 16 bytes."""
    if isinstance(body, bytes):
        return md5_of(body)
    digest = new_md5()
    left = body.length
    try:
        with body.path.open("rb") as file:
            file.seek(body.offset)
            while left and (piece := file.read(min(left, PIECE))):
                digest.update(piece)
                left -= len(piece)
    except OSError as error:
        raise _unreadable(body.path, error) from error
    return digest.digest()


def _unreadable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the file cannot be read: {path}", cause=error.strerror or str(error), hint="is it still there?", code="storage-source"
    )
