"""Stores: places that keep objects. One narrow protocol; `open_store` picks one by the scheme of `[storage] url`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path
    from threading import Event

    from publisher.core.layout import Folder, Key

Body: TypeAlias = "bytes | Path"
"""What an object holds: bytes in memory, or a file that is streamed and never read whole."""


LARGEST_READ = 256 << 20
"""Bytes that `read` takes at most; whatever may be larger is `fetch`ed into a file."""


Fence: TypeAlias = "Callable[[], None]"
"""Asked right before a write or a delete is sent, and before each repeat of it: it raises where we may no longer send it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """What the storage answers with beside the body."""

    content_type: str
    cache_control: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object as read from a store. `etag` is opaque, without quotes; `modified` and `served` (now) are by the storage's
    own clock; `unchanged` says that it is the one the reader knows, and `body` then is empty.
    """

    body: bytes
    etag: str
    headers: Headers | None = None
    modified: datetime | None = None
    served: datetime | None = None
    unchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of a listing. `modified` is by the storage's clock, None where it tells none; `ours` whether it carries our mark,
    which only `head` sees, and only where a storage keeps marks.
    """

    key: Key
    size: int
    etag: str
    modified: datetime | None = None
    ours: bool = False


Conditions: TypeAlias = Literal["enforced", "refused", "ignored"]
"""What a service makes of If-Match and If-None-Match on a write: obeys, answers with an error, or overwrites all the same."""


class ConditionFailed(Exception):  # noqa: N818  an expected answer, handled by the caller
    """A conditional write found something else there than it was told to expect. Nothing was written."""


class Store(Protocol):
    """A place that keeps objects under keys like `episodes/a.html`, relative to the show's prefix.

    Every method may raise StorageError; a method that returns has done its work durably enough to survive kill -9 of this
    process. Methods may be called from several threads at once.
    """

    conditions: Conditions | None
    """Whether conditional writes hold here; None until `probe_conditions` asked. Where they are known to be refused,
    `put` no longer sends them."""

    is_remote: bool
    """Whether a network lies between, so that a request may be carried out after its sender has died."""

    @property
    def stopped(self) -> Event:
        """While it is set, bodies under way are given up and nothing is asked again: StorageError `storage-stopped`."""
        ...

    @property
    def requests(self) -> int:
        """How many requests this store sent so far, repeated ones too (a folder counts operations)."""
        ...

    @property
    def unanswered(self) -> int:
        """How many requests that change something are under way, or were sent and never answered: these may be carried out yet."""
        ...

    @property
    def place(self) -> str:
        """What tells this place from others, so that what was found out about it is not believed of another; "" for a folder."""
        ...

    def describe(self) -> str:
        """Where this is, for people: `folder public`, `bucket show at https://…, as profile podcast`."""
        ...

    def read(self, key: Key, *, known: str = "") -> Stored | None:
        """The object under `key`, None where there is none; not sent again when its ETag is `known`. StorageError where it is larger
        than LARGEST_READ.

        A refusal (403) is a StorageError, never None.
        """
        ...

    def head(self, key: Key) -> Listed | None:
        """Size and ETag of the object under `key`, None where there is none."""
        ...

    def fetch(self, key: Key, target: Path) -> str | None:
        """Write the object into the file `target`, streamed and whole or not at all; its ETag, None where there is none."""
        ...

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
        """Keep `body` under `key`, whole or not at all, and return its new ETag (unquoted).

        `md5` is the digest of the body (16 bytes), for callers who know it. A file that turns out to hold other bytes is a
        StorageError (`storage-changed`). `if_match`: only if the object there has this ETag. `if_absent`: only if there is
        none. Else ConditionFailed. A store whose server does not know conditions writes all the same. What `fence` raises
        passes through, and nothing more is sent then.
        """
        ...

    def copy(self, source: Key, target: Key, headers: Headers, *, fence: Fence | None = None) -> str:
        """Give `target` the bytes of `source` without sending them again; the new ETag. `fence` as for `put`."""
        ...

    def delete(self, keys: Iterable[Key], *, etags: Mapping[Key, str] | None = None, fence: Fence | None = None) -> None:
        """Take the objects away; one that is not there is no error. One that has another ETag than `etags` says stays, where the
        service can tell. `fence` as for `put`.
        """
        ...

    def list(self, prefix: Folder) -> Iterator[Listed]:
        """Every object whose key starts with `prefix`, in order of key."""
        ...

    def clear_leftovers(self, before: datetime) -> int:
        """Throw away what uploads that were cut before this moment left where nobody sees it; how many there were."""
        ...

    def flush(self) -> None:
        """Make all that was put so far survive a power cut (fsync of a folder; nothing to do for a bucket)."""
        ...

    def lock(self, *, wait: float = 0.0) -> AbstractContextManager[None]:
        """Hold the place for this process where that is possible (a folder); a bucket has claims instead and holds nothing.

        Waits up to `wait` seconds for another publish to end, then raises StorageError `storage-busy`.
        """
        ...
