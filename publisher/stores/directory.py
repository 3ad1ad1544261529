"""A folder as the storage: what lies in it is the site, ready for any web server or for `git push`."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.errors import StorageError
from publisher.stores import ConditionFailed, Listed, Stored
from publisher.stores.keys import STATE, check_key
from publisher.stores.locking import Held, hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from publisher.stores import Body, Conditions, Headers

STATE_FOLDER = "airdate-state"
"""Where keys under `.airdate/` lie: web hosts and artifact uploads drop folders that begin with a dot."""

PIECE = 1 << 20
"""Bytes read at a time; all the memory a recording needs."""

STALE = 86_400
"""Seconds after which a temporary file is a leftover of a publish that was killed."""

CLONE = 0x40049409
"""FICLONE of linux/fs.h: both files share their blocks until one of them is written to."""


class DirectoryStore:
    """Keys are paths below `root`; `.airdate/…` lies in `root/airdate-state/…`.

    A file appears whole or not at all: it is written in `airdate-state/.tmp` and renamed. ETags are the MD5 of the bytes,
    remembered per (size, mtime, inode) for the life of this object, so that a recording is read once. Conditions are checked
    under a lock file, so they hold between processes of one machine. A folder keeps no headers; types follow from names.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.conditions: Conditions | None = "enforced"
        self.requests = 0
        self.bytes_sent = 0
        self._resolved = Path(os.path.realpath(root))
        self._state = self._resolved / STATE_FOLDER
        self._temporary = self._state / ".tmp"
        self._guard = threading.Lock()
        self._etags: dict[Path, tuple[tuple[int, int, int], str]] = {}
        self._unflushed: dict[Path, None] = {}

    def describe(self) -> str:
        """See Store."""
        return f"folder {self.root}"

    def read(self, key: str, *, known: str = "") -> Stored | None:
        """See Store. The clock is this machine's, as it is for the files' times."""
        self._count()
        path = self._path(key)
        with _explained(key):
            try:
                with path.open("rb") as file:
                    body = file.read()
                    modified = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            except (FileNotFoundError, NotADirectoryError):
                return None
        etag = _md5(body).hex()
        unchanged = etag == known
        return Stored(body=b"" if unchanged else body, etag=etag, modified=modified, served=datetime.now(UTC), unchanged=unchanged)

    def head(self, key: str) -> Listed | None:
        """See Store."""
        self._count()
        path = self._path(key)
        with _explained(key):
            try:
                return Listed(key=key, size=path.stat().st_size, etag=self._etag(path))
            except (FileNotFoundError, NotADirectoryError):
                return None

    def fetch(self, key: str, target: Path) -> str | None:
        """See Store."""
        self._count()
        path = self._path(key)
        with _explained(key):
            try:
                source = path.open("rb")
            except (FileNotFoundError, NotADirectoryError):
                return None
            partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
            with source, _removed_on_failure(partial):
                with partial.open("xb") as file:
                    digest = _copy(source, file)
                partial.replace(target)
        return digest.hex()

    def put(
        self,
        key: str,
        body: Body,
        headers: Headers,  # noqa: ARG002  a folder keeps none
        *,
        md5: bytes | None = None,
        if_match: str | None = None,
        if_absent: bool = False,
    ) -> str:
        """See Store. The file's digest is taken while it is copied and compared with `md5`."""
        self._count()
        path = self._path(key)
        with _explained(key):
            self._temporary.mkdir(parents=True, exist_ok=True)
            temporary = self._temporary / secrets.token_hex(8)
            with _removed_on_failure(temporary):
                digest, size = _write(temporary, body)
                if md5 is not None and md5 != digest:
                    raise StorageError(
                        f"the file changed while it was copied: {body if isinstance(body, Path) else key}",
                        cause="it no longer holds the bytes that were measured",
                        hint="is the file still being written or synced? Publish again when it is done.",
                        code="storage-changed",
                    )
                if if_match is None and not if_absent:
                    self._rename(temporary, path)
                else:
                    with hold(self._state / ".conditions", wait=None):
                        there = self._etag_or_none(path)
                        if (if_absent and there is not None) or (if_match is not None and there != if_match.strip('"')):
                            raise ConditionFailed(key)
                        self._rename(temporary, path)
            self._remember(path, digest.hex())
        with self._guard:
            self.bytes_sent += size
            self._unflushed[path] = None
        return digest.hex()

    def copy(self, source: str, target: str, headers: Headers) -> str:
        """See Store."""
        path = self._path(source)
        if not path.is_file():
            raise StorageError(f"the folder has no {source} to copy", hint="publish again", code="storage-missing")
        return self.put(target, path, headers)

    def delete(self, keys: Iterable[str]) -> None:
        """See Store. Folders that become empty go as well."""
        for key in keys:
            self._count()
            path = self._path(key)
            with _explained(key), suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()
                with self._guard:
                    self._etags.pop(path, None)
                    self._unflushed[path] = None
            for folder in path.parents:
                if folder in (self._resolved, self._state):
                    break
                try:
                    folder.rmdir()
                except OSError:
                    break

    def list(self, prefix: str) -> Iterator[Listed]:
        """See Store. Reads each file once for its ETag, unless this object wrote or read it before."""
        self._count()
        with _explained(prefix or str(self.root)):
            found = sorted(self._walk(prefix))
        for key, path in found:
            with _explained(key), suppress(FileNotFoundError):  # taken away while we read the list
                yield Listed(key=key, size=path.stat().st_size, etag=self._etag(path))

    def flush(self) -> None:
        """Make what was written since the last call survive a power cut: files first, then the folders that name them."""
        with self._guard:
            paths = list(self._unflushed)
            self._unflushed.clear()
        folders: dict[Path, None] = {}
        for path in paths:
            with _explained(str(path)), suppress(FileNotFoundError):
                _sync(path)
            for folder in path.parents:
                folders[folder] = None
                if folder == self._resolved:
                    break
        for folder in sorted(folders, key=lambda folder: -len(folder.parts)):
            with _explained(str(folder)), suppress(FileNotFoundError):
                _sync(folder)

    @contextmanager
    def lock(self, *, wait: float = 0.0) -> Iterator[None]:
        """See Store. Also clears leftovers of publishes that were killed a day ago or longer."""
        with _explained(STATE_FOLDER):
            self._state.mkdir(parents=True, exist_ok=True)
        try:
            with hold(self._state / ".lock", wait=wait):
                self._clear_leftovers()
                yield
        except Held:
            raise StorageError(
                f"another publish is running in {self.describe()}",
                hint="wait for it to end, or give this one time to wait with --wait 5m",
                code="storage-busy",
            ) from None

    def _path(self, key: str) -> Path:
        """The file of `key`; StorageError for a key whose file would lie elsewhere, by name or by a symlink."""
        parts = check_key(key).split("/")
        ours = parts[0] == STATE and len(parts) > 1
        if (ours and any(part.startswith(".") for part in parts[1:])) or (not ours and parts[0] in (STATE, STATE_FOLDER)):
            raise StorageError(f"this name is the program's own: {key}", hint="rename the file or the slug", code="storage-key")
        path = self._state.joinpath(*parts[1:]) if ours else self._resolved.joinpath(*parts)
        with _explained(key):
            folder = Path(os.path.realpath(path.parent))
            actual = folder / path.name
            inside = folder.is_relative_to(self._resolved) and (
                not actual.is_symlink() or Path(os.path.realpath(actual)).is_relative_to(self._resolved)
            )
        if not inside:
            raise StorageError(
                f"a link leads out of the folder: {key}",
                cause=f"it points to {os.path.realpath(path)}",
                hint=f"remove the link in {self.root}, or publish to where it points",
                code="storage-path",
            )
        return actual

    def _walk(self, prefix: str) -> Iterator[tuple[str, Path]]:
        """Keys and files below the deepest folder that `prefix` names. Links that lead out of the folder are passed over."""
        inner = prefix.startswith(STATE + "/")
        starts = [(STATE + "/", self._state)]
        if not inner:
            starts.append(("", self._resolved))
        for name, folder in starts:
            pending = [(name, folder)]
            while pending:
                above, here = pending.pop()
                try:
                    entries = list(os.scandir(here))
                except FileNotFoundError:
                    continue
                for entry in entries:
                    key = above + entry.name
                    if here == self._resolved and entry.name in (STATE, STATE_FOLDER):
                        continue
                    if name and entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if (key + "/").startswith(prefix) or prefix.startswith(key + "/"):
                            pending.append((key + "/", Path(entry.path)))
                    elif key.startswith(prefix) and entry.is_file() and self._is_inside(entry):
                        yield key, Path(entry.path)

    def _is_inside(self, entry: os.DirEntry[str]) -> bool:
        return not entry.is_symlink() or Path(os.path.realpath(entry.path)).is_relative_to(self._resolved)

    def _rename(self, temporary: Path, path: Path) -> None:
        for _ in range(10):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.replace(path)
            except FileNotFoundError:  # another thread removed the folder that had just become empty
                continue
            return
        temporary.replace(path)

    def _etag(self, path: Path) -> str:
        with path.open("rb") as file:
            mark = _mark(os.fstat(file.fileno()))
            with self._guard:
                known = self._etags.get(path)
            if known is not None and known[0] == mark:
                return known[1]
            digest = hashlib.file_digest(file, _new_md5).hexdigest()
        with self._guard:
            self._etags[path] = (mark, digest)
        return digest

    def _etag_or_none(self, path: Path) -> str | None:
        try:
            return self._etag(path)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _remember(self, path: Path, etag: str) -> None:
        with suppress(FileNotFoundError):
            mark = _mark(path.stat())
            with self._guard:
                self._etags[path] = (mark, etag)

    def _count(self) -> None:
        with self._guard:
            self.requests += 1

    def _clear_leftovers(self) -> None:
        with suppress(OSError):
            for entry in os.scandir(self._temporary):
                with suppress(OSError):
                    if entry.stat().st_mtime < time.time() - STALE:
                        Path(entry.path).unlink()


def _write(temporary: Path, body: Body) -> tuple[bytes, int]:
    """Write `body` into a new file; its MD5 and size. The mode is what the umask says: a web server must be able to read it."""
    with temporary.open("xb") as file:
        if isinstance(body, bytes):
            file.write(body)
            return _md5(body), len(body)
        with body.open("rb") as source:
            digest = _copy(source, file)
        return digest, file.tell()


def _copy(source: BinaryIO, target: BinaryIO) -> bytes:
    """Copy a file and return its MD5; blocks are shared where the file system can, yet a later edit of one spares the other."""
    if _clone(source.fileno(), target.fileno()):
        with open(target.name, "rb") as copied:  # noqa: PTH123  the name of an open file
            digest = hashlib.file_digest(copied, _new_md5).digest()
        target.seek(0, os.SEEK_END)
        return digest
    running = _new_md5()
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


def _sync(path: Path) -> None:
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


def _mark(status: os.stat_result) -> tuple[int, int, int]:
    return (status.st_size, status.st_mtime_ns, status.st_ino)


def _new_md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


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
def _explained(name: str) -> Iterator[None]:
    """Turn what the file system says into a StorageError. A condition that failed passes through."""
    try:
        yield
    except OSError as error:
        cause, hint, code = FAULTS.get(
            error.errno or 0, (error.strerror or str(error), "is the disk healthy and mounted?", "storage-failed")
        )
        where = str(error.filename2 or error.filename or name)
        raise StorageError(f"the folder cannot keep or give {name}", cause=f"{cause}: {where}", hint=hint, code=code) from error
