"""Requests to an S3 service and their answers: repeats with patience, fences, bodies read to an end. How one request is made, a client knows."""

from __future__ import annotations

import random
import re
import threading
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol
from weakref import WeakMethod

from publisher.core.console import waiting_for
from publisher.core.errors import StorageError
from publisher.stores.atomic_writes import PIECE
from publisher.stores.providers import AMAZON, Dialect
from publisher.stores.s3.bodies import Slice, gave_up
from publisher.stores.s3.errors import LARGEST_ANSWER, BucketAccess, S3Answer, clock_ahead, explain_network, is_skewed, is_transient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from publisher.stores.protocol import Fence

CONNECTIONS = 80
"""Connections at most, all threads together."""

SENT_AT_ONCE = 128 << 10
"""Bytes given to the system at a time; even a line shared by dozens of connections takes them within `Patience.read`."""

SLOWEST = 64 << 10
"""Bytes a second that a body may take at worst before patience begins to count."""

AGENT = "airdate"

GATEWAY_GAVE_UP = (502, 504)
"""Answers of what stands in front of the service, which may carry the request out all the same."""

FIRST_TRIES = 3
"""Attempts to reach a server that has not answered yet: a wrong address should not keep anyone waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds, and how often to ask again."""

    connect: float = 10.0
    read: float = 60.0
    """Until something arrives, or the other side takes SENT_AT_ONCE bytes."""
    total: float = 180.0
    """No new attempt after this time, plus a second for each 64 KiB of the body; an attempt under way may end."""
    attempts: int = 10
    first_pause: float = 0.1
    longest_pause: float = 10.0


STANDARD = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Request:
    """One request, unsigned. `key` is the whole key, empty for the bucket itself; a 2xx body goes into `target` where given, else into the
    answer, `limit` bytes at most.
    """

    method: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | Slice
    target: BinaryIO | None
    limit: int


class Lost(Exception):  # noqa: N818  what comes of it is decided by who asked
    """No answer to a request: its cause says why; whether it may have reached the service, and whether TLS was the matter."""

    def __init__(self, cause: Exception, *, sent: bool, tls: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.sent = sent
        self.tls = tls


class S3Http(ABC):
    """Sends requests to one bucket until there is an answer worth having. Safe to use from many threads. Whoever asks writes Amazon's
    headers; `dialect` is what goes over the line.
    """

    dialect: Dialect = AMAZON

    def __init__(self, place: BucketAccess, patience: Patience) -> None:
        self.place = place
        self.patience = patience
        self.requests = 0
        self.unanswered = 0
        self.stopped = threading.Event()
        self._fences = threading.local()
        self._guard = threading.Lock()
        self._answered = False
        self._ahead = 0.0
        self._random = random.Random()  # noqa: S311  pauses are no secret

    def send(
        self,
        method: str,
        key: str,
        *,
        doing: str,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | Slice = b"",
        target: BinaryIO | None = None,
        limit: int = LARGEST_ANSWER,
    ) -> S3Answer:
        """Send until there is an answer worth having: any but a transient failure. A signature whose time was refused is made once more
        with the service's own time. StorageError when patience ends.

        `key` is the whole key, empty for the bucket itself. The body of a 2xx answer goes into `target` where given
        (rewound for each attempt), else into the answer, `limit` bytes at most.
        """
        request = S3Request(method=method, key=key, query=dict(sorted(query)), headers=headers or {}, body=body, target=target, limit=limit)
        end = time.monotonic() + self.patience.total + len(body) / SLOWEST
        repeated = skewed = False
        failure: Exception | None = None
        answer: S3Answer | None = None
        tries = 0
        while tries < self.patience.attempts:
            tries += 1
            if self.stopped.is_set():
                raise gave_up()
            try:
                answer, failure = self._send_once(request), None
            except Lost as lost:
                answer, failure = None, lost.cause
                if not self._worth_repeating(lost, tries):
                    break
                repeated = repeated or lost.sent
            else:
                self._answered = True
                answer = replace(answer, repeated=repeated)
                if is_skewed(answer) and not skewed and tries < self.patience.attempts:
                    skewed, self._ahead = True, clock_ahead(answer)
                    continue
                if not is_transient(answer):
                    return answer
                repeated = repeated or answer.status >= 500
            pause = self._pause(tries, answer)
            if tries == self.patience.attempts or time.monotonic() + pause >= end:
                break
            self.stopped.wait(pause)
        if failure is not None:
            raise explain_network(failure, doing=doing, place=self.place, tries=tries) from failure
        assert answer is not None  # noqa: S101  the loop ran at least once
        return answer

    def _attempt(self, request: S3Request) -> S3Answer:
        """One attempt; whoever lets a small one wait is named."""
        if request.target is not None or len(request.body) > SENT_AT_ONCE:
            return self._once(request)
        with waiting_for(self.place.endpoint.split("//", 1)[-1]):
            return self._once(request)

    @abstractmethod
    def _once(self, request: S3Request) -> S3Answer:
        """One attempt. Raises Lost where no answer came of it."""

    @contextmanager
    def fenced(self, fence: Fence | None) -> Iterator[None]:
        """Meanwhile `fence` is asked before each attempt of this thread to change something, and once more when a connection had to be
        made for it, which takes time.
        """
        before, self._fences.now = getattr(self._fences, "now", None), fence
        try:
            yield
        finally:
            self._fences.now = before

    def _send_once(self, request: S3Request) -> S3Answer:
        """One attempt; one that changes something counts as unanswered until its answer is here, or it surely was not sent."""
        if request.method in ("GET", "HEAD"):
            return self._attempt(request)
        self._ask_fence()
        self._count_unanswered(1)
        try:
            answer = self._attempt(request)
        except Lost as lost:
            self._count_unanswered(0 if lost.sent else -1)
            raise
        self._count_unanswered(0 if answer.status in GATEWAY_GAVE_UP else -1)
        return answer

    def _count_unanswered(self, more: int) -> None:
        with self._guard:
            self.unanswered += more

    def _ask_fence(self) -> None:
        fence = getattr(self._fences, "now", None)
        if fence is not None:
            with self.fenced(None):  # it may send something itself
                fence()

    def _worth_repeating(self, lost: Lost, tries: int) -> bool:
        return self._answered or (not lost.tls and (tries < FIRST_TRIES or lost.sent))

    def _count(self) -> None:
        with self._guard:
            self.requests += 1

    def _pause(self, tries: int, answer: S3Answer | None) -> float:
        """Seconds: doubling, with full jitter, so that many clients do not come back at once; a server's own wish is kept."""
        longest = min(self.patience.longest_pause, self.patience.first_pause * 2 ** (tries - 1))
        wish = answer.headers.get("retry-after", "") if answer else ""
        asked = min(float(wish), 30.0) if wish.isascii() and wish.isdigit() and len(wish) < 6 else 0.0
        return max(asked, self._random.uniform(longest / 2, longest))


class Readable(Protocol):
    """The body of an answer."""

    def read(self, amt: int, /) -> bytes:
        """The next bytes, empty at the end."""
        ...


def receive(response: Readable, status: int, target: BinaryIO | None, limit: int) -> bytes:
    """Read the answer whole; a connection cut before its end is an error of whoever reads it."""
    if target is not None and 200 <= status < 300:
        target.seek(0)
        target.truncate()
        while piece := response.read(PIECE):
            target.write(piece)
        return b""
    limit = LARGEST_ANSWER if status >= 300 else limit
    pieces: list[bytes] = []
    while piece := response.read(PIECE):  # to its end: only then is a cut answer known as one
        pieces.append(piece)
        limit -= len(piece)
        if limit < 0:
            raise StorageError("the storage's answer has no end", hint="is `[storage] endpoint` an S3 service?", code="storage-answer")
    return b"".join(pieces)


def refuse_unfit(headers: Mapping[str, str]) -> None:
    """Raise StorageError for a header that cannot be sent; by its name, for the value may be a secret."""
    for name, value in headers.items():
        if not _FIT.fullmatch(value):
            hint = "is it a value of config.toml or the environment?"
            raise StorageError(f"the header {name} would hold characters that no header can", hint=hint, code="storage-header")


_FIT = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def patient(pool: Any, seconds: float, connected: Callable[[], None]) -> Any:
    """A pool whose connections wait `seconds` while sending: urllib3 lets new ones keep the short time for connecting. Each new one
    calls `connected`, a method, before anything goes over it.
    """
    told = WeakMethod(connected)  # urllib3 keeps connections until their pool goes: what they hold must not hold the pool

    def connect(connection: Any) -> None:
        plain.connect(connection)
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        connection.blocksize = SENT_AT_ONCE
        if (call := told()) is not None:
            call()

    plain = pool.ConnectionCls
    return type(f"Patient{pool.__name__}", (pool,), {"ConnectionCls": type(f"Patient{plain.__name__}", (plain,), {"connect": connect})})
