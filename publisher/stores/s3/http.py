"""One signed request to an S3 service and its answer: signing, connections kept open, streamed bodies, repeats with patience."""

from __future__ import annotations

import hashlib
import os
import random
import re
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import urllib3

from publisher.core.errors import StorageError
from publisher.stores.atomic_writes import PIECE
from publisher.stores.s3.bodies import Reader, Slice, gave_up
from publisher.stores.s3.errors import LARGEST_ANSWER, BucketAccess, S3Answer, clock_ahead, explain_network, is_skewed, is_transient
from publisher.stores.s3.signing import UNSIGNED, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from botocore.credentials import ReadOnlyCredentials

    from publisher.stores.protocol import Fence
    from publisher.stores.s3.signing import AccessKeys

CONNECTIONS = 80
"""Connections at most, all threads together."""

SENT_AT_ONCE = 128 << 10
"""Bytes given to the system at a time; even a line shared by dozens of connections takes them within `Patience.read`."""

SLOWEST = 64 << 10
"""Bytes a second that a body may take at worst before patience begins to count."""

AGENT = "airdate"

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


class S3Http:
    """Sends requests to one bucket. Safe to use from many threads.

    `base` is the address of the bucket, without a slash at its end; `sign` gives the credentials of the moment, None for
    anonymous requests.
    """

    def __init__(
        self, base: str, place: BucketAccess, sign: Callable[[], AccessKeys | ReadOnlyCredentials | None], patience: Patience
    ) -> None:
        self.base = base
        self.place = place
        self.patience = patience
        self.requests = 0
        self.stopped = threading.Event()
        self._sign = sign
        self._secure = base.startswith("https:")
        self._fences = threading.local()
        self._pools = _pools(base, patience, self._ask_fence)
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
        url = self.base + "/" + quote(key, safe="/-_.~")
        if query:
            url += "?" + "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(query))
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
                if method not in ("GET", "HEAD"):
                    self._ask_fence()
                answer, failure = self._once(method, url, headers or {}, body, target, limit), None
            except urllib3.exceptions.HTTPError as error:
                answer, failure = None, error
                if not self._worth_repeating(error, tries):
                    break
                repeated = repeated or not _never_sent(error)
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

    def _once(self, method: str, url: str, given: Mapping[str, str], body: bytes | Slice, target: BinaryIO | None, limit: int) -> S3Answer:
        headers = {"User-Agent": AGENT, **given}
        if method in ("PUT", "POST") or len(body):
            headers["Content-Length"] = str(len(body))
        keys = self._sign()
        if keys is not None:
            payload = UNSIGNED if self._secure or isinstance(body, Slice) else hashlib.sha256(body).hexdigest()
            now = time.time() + self._ahead
            headers = signed(method, url, headers, payload=payload, keys=keys, region=self.place.region, now=now)
        _refuse_unfit(headers)
        with self._guard:
            self.requests += 1
        with ExitStack() as opened:
            sent: Any = (body or None) if isinstance(body, bytes) else opened.enter_context(Reader(body, self.stopped))
            response = self._pools.urlopen(
                method,
                url,
                body=sent,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            opened.callback(response.release_conn)
            try:
                received = _receive(response, target, limit)
            except BaseException:
                response.close()  # what is still under way must not become the next answer
                raise
            return S3Answer(
                status=response.status, headers={name.lower(): value for name, value in response.headers.items()}, body=received
            )

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

    def _ask_fence(self) -> None:
        fence = getattr(self._fences, "now", None)
        if fence is not None:
            with self.fenced(None):  # it may send something itself
                fence()

    def _worth_repeating(self, error: Exception, tries: int) -> bool:
        if isinstance(error, urllib3.exceptions.SSLError):
            return self._answered
        return self._answered or tries < FIRST_TRIES or not _never_sent(error)

    def _pause(self, tries: int, answer: S3Answer | None) -> float:
        """Seconds: doubling, with full jitter, so that many clients do not come back at once; a server's own wish is kept."""
        longest = min(self.patience.longest_pause, self.patience.first_pause * 2 ** (tries - 1))
        wish = answer.headers.get("retry-after", "") if answer else ""
        asked = min(float(wish), 30.0) if wish.isascii() and wish.isdigit() and len(wish) < 6 else 0.0
        return max(asked, self._random.uniform(longest / 2, longest))


def _receive(response: urllib3.BaseHTTPResponse, target: BinaryIO | None, limit: int) -> bytes:
    """Read the answer whole; a connection cut before its end is an error of urllib3."""
    if target is not None and 200 <= response.status < 300:
        target.seek(0)
        target.truncate()
        while piece := response.read(PIECE):
            target.write(piece)
        return b""
    limit = LARGEST_ANSWER if response.status >= 300 else limit
    pieces: list[bytes] = []
    while piece := response.read(PIECE):  # to its end: only then is a cut answer known as one
        pieces.append(piece)
        limit -= len(piece)
        if limit < 0:
            raise StorageError("the storage's answer has no end", hint="is `[storage] endpoint` an S3 service?", code="storage-answer")
    return b"".join(pieces)


def _refuse_unfit(headers: Mapping[str, str]) -> None:
    """Raise StorageError for a header that cannot be sent; by its name, for the value may be a secret."""
    for name, value in headers.items():
        if not _FIT.fullmatch(value):
            hint = "is it a value of config.toml or the environment?"
            raise StorageError(f"the header {name} would hold characters that no header can", hint=hint, code="storage-header")


_FIT = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def _never_sent(error: Exception) -> bool:
    """Whether the request cannot have reached the server."""
    return isinstance(error, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError))


def _pools(base: str, patience: Patience, connected: Callable[[], None]) -> urllib3.PoolManager:
    settings: dict[str, Any] = {
        "num_pools": 2,
        "maxsize": CONNECTIONS,
        "block": True,
        "blocksize": SENT_AT_ONCE,
        "timeout": urllib3.Timeout(connect=patience.connect, read=patience.read),
    }
    if base.startswith("https:"):
        settings["ca_certs"] = _authorities()
    proxy = _proxy(base)
    pools = urllib3.ProxyManager(proxy, **settings) if proxy else urllib3.PoolManager(**settings)
    pools.pool_classes_by_scheme = {
        "http": _patient(urllib3.HTTPConnectionPool, patience.read, connected),
        "https": _patient(urllib3.HTTPSConnectionPool, patience.read, connected),
    }
    return pools


def _patient(pool: type[urllib3.HTTPConnectionPool], seconds: float, connected: Callable[[], None]) -> Any:
    """A pool whose connections wait `seconds` while sending: urllib3 lets new ones keep the short time for connecting. Each new one
    calls `connected` before anything goes over it.
    """

    def connect(connection: urllib3.connection.HTTPConnection) -> None:
        plain.connect(connection)
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        connected()

    plain = pool.ConnectionCls
    return type(f"Patient{pool.__name__}", (pool,), {"ConnectionCls": type(f"Patient{plain.__name__}", (plain,), {"connect": connect})})


def _authorities() -> str:
    """The file of trusted certificate authorities: the one the AWS tools are told, else the one they bring."""
    named = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
    if named:
        return named
    from botocore.httpsession import get_cert_path

    return str(get_cert_path(True))


def _proxy(base: str) -> str:
    """The proxy that the environment asks for, empty for none."""
    if not any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in os.environ):
        return ""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(base)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy or proxy_bypass(parts.hostname or ""):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"
