"""A store in memory: the protocol and nothing else."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.stores.atomic_writes import md5_of
from publisher.stores.protocol import ConditionFailed, Listed, Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from publisher.core.layout import Folder, Key
    from publisher.stores.protocol import Body, Conditions, Fence, Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    body: bytes
    etag: str
    headers: Headers
    modified: datetime


class MemoryStore:
    """Keeps objects in a dictionary. `behaviour` is how it meets conditions, `clock` what it stamps objects with, `etag_of` how it
    names bytes.
    """

    def __init__(
        self,
        *,
        behaviour: Conditions = "enforced",
        clock: Callable[[], datetime] | None = None,
        etag_of: Callable[[bytes], str] = lambda body: md5_of(body).hex(),
    ) -> None:
        self.behaviour = behaviour
        self.etag_of = etag_of
        self.conditions: Conditions | None = None
        self.requests = 0
        self.unanswered = 0
        self.is_remote = True
        self.stopped = threading.Event()
        self._clock = clock or (lambda: datetime.now(UTC))
        self._objects: dict[Key, _Kept] = {}
        self._guard = threading.Lock()
        self._held = threading.Lock()

    @property
    def place(self) -> str:
        """See Store."""
        return ""

    def describe(self) -> str:
        """See Store."""
        return "memory"

    def read(self, key: Key, *, known: str = "") -> Stored | None:
        """See Store."""
        kept = self._get(key)
        if kept is None:
            return None
        unchanged = kept.etag == known
        body = b"" if unchanged else kept.body
        return Stored(body=body, etag=kept.etag, headers=kept.headers, modified=kept.modified, served=self._clock(), unchanged=unchanged)

    def head(self, key: Key) -> Listed | None:
        """See Store."""
        kept = self._get(key)
        return None if kept is None else Listed(key=key, size=len(kept.body), etag=kept.etag, modified=kept.modified)

    def fetch(self, key: Key, target: Path) -> str | None:
        """See Store."""
        kept = self._get(key)
        if kept is None:
            return None
        target.write_bytes(kept.body)
        return kept.etag

    def put(
        self,
        key: Key,
        body: Body,
        headers: Headers,
        *,
        md5: bytes | None = None,
        if_match: str | None = None,
        if_absent: bool = False,
        fence: Fence | None = None,
    ) -> str:
        """See Store."""
        layout.key_of(key)
        data = body if isinstance(body, bytes) else body.read_bytes()
        digest = md5_of(data)
        if md5 is not None and md5 != digest:
            raise StorageError(f"the file changed while it was sent: {key}", code="storage-changed")
        if fence is not None:
            fence()
        conditional = (if_match is not None or if_absent) and self.conditions != "refused"
        with self._guard:
            self.requests += 1
            if conditional and self.behaviour == "refused":
                raise StorageError("the storage refuses conditional writes", code="storage-conditions")
            if conditional and self.behaviour == "enforced":
                there = self._objects.get(key)
                if (if_absent and there is not None) or (if_match is not None and (there is None or there.etag != if_match.strip('"'))):
                    raise ConditionFailed(key)
            etag = self.etag_of(data)
            self._objects[key] = _Kept(body=data, etag=etag, headers=headers, modified=self._clock())
        return etag

    def copy(self, source: Key, target: Key, headers: Headers, *, fence: Fence | None = None) -> str:
        """See Store."""
        kept = self._get(source)
        if kept is None:
            raise StorageError(f"the storage has no {source} to copy", code="storage-missing")
        layout.key_of(target)
        if fence is not None:
            fence()
        with self._guard:
            self._objects[target] = _Kept(body=kept.body, etag=kept.etag, headers=headers, modified=self._clock())
        return kept.etag

    def delete(self, keys: Iterable[Key], *, etags: Mapping[Key, str] | None = None, fence: Fence | None = None) -> None:
        """See Store."""
        doomed = [layout.key_of(key) for key in keys]
        if fence is not None and doomed:
            fence()
        with self._guard:
            self.requests += 1
            for key in doomed:
                there = self._objects.get(key)
                known = (etags or {}).get(key)
                if there is not None and (known in (None, there.etag) or self.behaviour != "enforced"):
                    del self._objects[key]

    def list(self, prefix: Folder) -> Iterator[Listed]:
        """See Store."""
        with self._guard:
            self.requests += 1
            found = sorted(key for key in self._objects if key.startswith(prefix))
            kept = [(key, self._objects[key]) for key in found]
            lines = [Listed(key=key, size=len(item.body), etag=item.etag, modified=item.modified) for key, item in kept]
        return iter(lines)

    def clear_leftovers(self, before: datetime) -> int:
        """Nothing is ever left."""
        return 0

    def flush(self) -> None:
        """Nothing outlives this process anyway."""

    @contextmanager
    def lock(self, *, wait: float = 0.0) -> Iterator[None]:
        """See Store."""
        if not self._held.acquire(timeout=max(wait, 0.0)):
            raise StorageError("another publish is running", code="storage-busy")
        try:
            yield
        finally:
            self._held.release()

    def _get(self, key: Key) -> _Kept | None:
        layout.key_of(key)
        with self._guard:
            self.requests += 1
            return self._objects.get(key)
