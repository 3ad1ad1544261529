"""A folder as the storage: what lies in it is the site, ready for any web server or for `git push`."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.core.local_cache import Stamp, stamp_of
from publisher.stores.atomic_writes import copy_open, md5_of, new_md5, removed_on_failure, sync, write_new
from publisher.stores.directory_errors import explained
from publisher.stores.file_lock import LockHeld, hold
from publisher.stores.protocol import LARGEST_READ, Body, ConditionFailed, Conditions, Fence, Headers, Listed, Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from io import BufferedReader

    from publisher.core.layout import Folder, Key

STATE_FOLDER = "airdate-state"
"""Where the program's own keys lie: web hosts and artifact uploads drop folders that begin with a dot."""

STALE = 86_400
"""Seconds after which a temporary file is a leftover of a publish that was killed."""

LARGE = 256 << 10
"""Bytes from which on a file's ETag is remembered: to read a smaller one again costs less than to hold it in mind, and there are very many."""

NOTHING = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
"""What a file system says where there is no object; a folder is none either."""


class DirectoryStore:
    """Keys are paths below `root`; `.airdate/…` lies in `root/airdate-state/…`.

    A file appears whole or not at all: it is written in `airdate-state/.tmp` and renamed. ETags are the MD5 of the bytes,
    remembered of what is large, per (size, mtime, inode), for the life of this object, so that a recording is read once. Conditions are checked
    under a lock file, so they hold between processes of one machine. A folder keeps no headers; types follow from names.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.conditions: Conditions | None = "enforced"
        self.requests = 0
        self.unanswered = 0
        self.is_remote = False
        self.stopped = threading.Event()
        self._resolved = Path(os.path.realpath(root))
        self._state = self._resolved / STATE_FOLDER
        self._temporary = self._state / ".tmp"
        self._guard = threading.Lock()
        self._etags: dict[Path, tuple[Stamp, str]] = {}
        self._unflushed: dict[str, None] = {}

    @property
    def place(self) -> str:
        """See Store."""
        return ""

    def describe(self) -> str:
        """See Store."""
        return f"folder {self.root}"

    def read(self, key: Key, *, known: str = "") -> Stored | None:
        """See Store. The clock is this machine's, as it is for the files' times."""
        self._count()
        path = self._path(key)
        with explained(key):
            try:
                with _regular(path) as file:
                    body = file.read(LARGEST_READ + 1)
                    modified = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            except NOTHING:
                return None
        if len(body) > LARGEST_READ:
            raise StorageError(f"this is larger than {LARGEST_READ:,} bytes: {path}", hint="what put it there?", code="storage-answer")
        etag = md5_of(body).hex()
        unchanged = etag == known
        return Stored(body=b"" if unchanged else body, etag=etag, modified=modified, served=datetime.now(UTC), unchanged=unchanged)

    def head(self, key: Key) -> Listed | None:
        """See Store."""
        self._count()
        path = self._path(key)
        with explained(key):
            try:
                return self._listed(key, path)
            except NOTHING:
                return None

    def fetch(self, key: Key, target: Path) -> str | None:
        """See Store."""
        self._count()
        path = self._path(key)
        with explained(key):
            try:
                source = _regular(path)
            except NOTHING:
                return None
            partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
            with source, removed_on_failure(partial):
                with partial.open("xb") as file:
                    digest = copy_open(source, file)
                partial.replace(target)
        return digest.hex()

    def put(
        self,
        key: Key,
        body: Body,
        headers: Headers,  # noqa: ARG002  a folder keeps none
        *,
        md5: bytes | None = None,
        if_match: str | None = None,
        if_absent: bool = False,
        fence: Fence | None = None,
    ) -> str:
        """See Store. The file's digest is taken while it is copied and compared with `md5`."""
        self._count()
        path = self._path(key)
        with explained(key):
            self._temporary.mkdir(parents=True, exist_ok=True)
            temporary = self._temporary / secrets.token_hex(8)
            with removed_on_failure(temporary):
                digest = write_new(temporary, body)
                if md5 is not None and md5 != digest:
                    raise StorageError(
                        f"the file changed while it was copied: {body if isinstance(body, Path) else key}",
                        cause="it no longer holds the bytes that were measured",
                        hint="is the file still being written or synced? Publish again when it is done.",
                        code="storage-changed",
                    )
                if if_match is None and not if_absent:
                    if fence is not None:
                        fence()
                    self._rename(temporary, path)
                else:
                    with ExitStack() as held:
                        self._hold_conditions(held, fence)
                        there = None
                        with suppress(FileNotFoundError, NotADirectoryError):
                            there = self._etag(path)
                        if (if_absent and there is not None) or (if_match is not None and there != if_match.strip('"')):
                            raise ConditionFailed(key)
                        self._rename(temporary, path)
            with suppress(FileNotFoundError):
                self._remember(path, stamp_of(path.stat()), digest.hex())
        with self._guard:
            self._unflushed[str(path)] = None
        return digest.hex()

    def copy(self, source: Key, target: Key, headers: Headers, *, fence: Fence | None = None) -> str:
        """See Store."""
        path = self._path(source)
        if not path.is_file():
            raise StorageError(f"the folder has no {source} to copy", hint="publish again", code="storage-missing")
        return self.put(target, path, headers, fence=fence)

    def delete(self, keys: Iterable[Key], *, etags: Mapping[Key, str] | None = None, fence: Fence | None = None) -> None:
        """See Store. Folders that become empty go as well."""
        for key in keys:
            self._count()
            path = self._path(key)
            with explained(key), suppress(FileNotFoundError, NotADirectoryError), ExitStack() as held:
                if etags and key in etags:
                    self._hold_conditions(held, fence)
                    if self._etag(path) != etags[key]:
                        continue
                elif fence is not None:
                    fence()
                path.unlink()
                with self._guard:
                    self._etags.pop(path, None)
                    self._unflushed[str(path)] = None
            for folder in path.parents:
                if folder in (self._resolved, self._state):
                    break
                try:
                    folder.rmdir()
                except OSError:
                    break

    def list(self, prefix: Folder) -> Iterator[Listed]:
        """See Store. Reads each file once for its ETag, unless this object wrote or read it before."""
        self._count()
        with explained(prefix or str(self.root)):
            found = sorted(self._walk(prefix))
        for key, path in found:
            with explained(key), suppress(FileNotFoundError):  # taken away while we read the list
                yield self._listed(key, path)

    def clear_leftovers(self, before: datetime) -> int:  # noqa: ARG002  they have no age here
        """Nothing to do: `lock` clears them."""
        return 0

    def flush(self) -> None:
        """Make what was written since the last call survive a power cut: files first, then the folders that name them."""
        with self._guard:
            paths = list(self._unflushed)
            self._unflushed.clear()
        folders: dict[Path, None] = {}
        for path in map(Path, paths):
            with explained(str(path)), suppress(FileNotFoundError):
                sync(path)
            for folder in path.parents:
                folders[folder] = None
                if folder == self._resolved:
                    break
        for folder in sorted(folders, key=lambda folder: -len(folder.parts)):
            with explained(str(folder)), suppress(FileNotFoundError):
                sync(folder)

    @contextmanager
    def lock(self, *, wait: float = 0.0) -> Iterator[None]:
        """See Store. Also clears leftovers of publishes that were killed a day ago or longer."""
        with explained(STATE_FOLDER):
            self._state.mkdir(parents=True, exist_ok=True)
        try:
            with hold(self._state / ".lock", wait=wait):
                self._clear_leftovers()
                yield
        except LockHeld:
            raise StorageError(
                f"another publish is running in {self.describe()}",
                hint="wait for it to end, or give this one time to wait with --wait 5m",
                code="storage-busy",
            ) from None

    def _path(self, key: Key) -> Path:
        """The file of `key`; StorageError for a key whose file would lie elsewhere, by name or by a symlink."""
        parts = layout.key_of(key).split("/")
        ours = parts[0] == layout.STATE and len(parts) > 1
        if (ours and any(part.startswith(".") for part in parts[1:])) or (not ours and parts[0] in (layout.STATE, STATE_FOLDER)):
            raise StorageError(f"this name is the program's own: {key}", hint="rename the file or the slug", code="storage-key")
        path = self._state.joinpath(*parts[1:]) if ours else self._resolved.joinpath(*parts)
        with explained(key):
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

    def _walk(self, prefix: str) -> Iterator[tuple[Key, Path]]:
        """Keys and files below the deepest folder that `prefix` names. Links that lead out of the folder are passed over."""
        inner = prefix.startswith(f"{layout.STATE}/")
        starts = [(f"{layout.STATE}/", self._state)]
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
                    if here == self._resolved and entry.name in (layout.STATE, STATE_FOLDER):
                        continue
                    if name and entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if (key + "/").startswith(prefix) or prefix.startswith(key + "/"):
                            pending.append((key + "/", Path(entry.path)))
                    elif key.startswith(prefix) and entry.is_file() and self._is_inside(entry):
                        yield layout.key_of(key), Path(entry.path)

    def _is_inside(self, entry: os.DirEntry[str]) -> bool:
        return not entry.is_symlink() or Path(os.path.realpath(entry.path)).is_relative_to(self._resolved)

    def _hold_conditions(self, held: ExitStack, fence: Fence | None) -> None:
        """Hold the lock under which conditions are checked. The fence is asked without it, for it may renew a claim on a condition, and
        asked again where the lock was waited for.
        """
        while True:
            if fence is not None:
                fence()
            with suppress(LockHeld):
                held.enter_context(hold(self._state / ".conditions", wait=None if fence is None else 1.0))
                return

    def _rename(self, temporary: Path, path: Path) -> None:
        for _ in range(10):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.replace(path)
            except FileNotFoundError:  # another thread removed the folder that had just become empty
                continue
            return
        temporary.replace(path)

    def _listed(self, key: Key, path: Path) -> Listed:
        status = path.stat()
        return Listed(key=key, size=status.st_size, etag=self._etag(path), modified=datetime.fromtimestamp(status.st_mtime, UTC))

    def _etag(self, path: Path) -> str:
        with _regular(path) as file:
            stamp = stamp_of(os.fstat(file.fileno()))
            with self._guard:
                known = self._etags.get(path)
            if known is not None and known[0] == stamp:
                return known[1]
            digest = hashlib.file_digest(file, new_md5).hexdigest()
        self._remember(path, stamp, digest)
        return digest

    def _remember(self, path: Path, stamp: Stamp, etag: str) -> None:
        if stamp[0] >= LARGE:
            with self._guard:
                self._etags[path] = (stamp, etag)

    def _count(self) -> None:
        with self._guard:
            self.requests += 1

    def _clear_leftovers(self) -> None:
        with suppress(OSError):
            for entry in os.scandir(self._temporary):
                with suppress(OSError):
                    if entry.stat().st_mtime < time.time() - STALE:
                        Path(entry.path).unlink()


def _regular(path: Path) -> BufferedReader:
    """A file, open for reading. Raises OSError, and StorageError for a pipe or device, whose opening could wait for ever."""
    if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
        raise StorageError(f"this is no regular file: {path}", hint="move it away", code="storage-path")
    return path.open("rb")
