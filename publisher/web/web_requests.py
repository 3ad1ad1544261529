"""Requests to the web: bounded in time, size and redirects, and only to addresses that may be asked.

One module, because a request, its limits and what its answer says are read together.
"""

from __future__ import annotations

import io
import re
import socket
import time
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from feed.reader import LARGEST_FEED
from feed.rules.addresses import is_loopback, split
from publisher.core.addresses import OWN_NETWORK, is_inside, is_own
from publisher.core.console import waiting_for
from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    import httpx

AGENT = "Airdate (podcast publisher)"
SLOWEST = 32 << 10
"""Bytes a second below which a body that may be long is given up: some hosts send one byte a minute, for ever."""
SLOWEST_OF_ALL = 1 << 10
"""Bytes a second since the answer began, after its first minute, below which any body is given up."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_ANYBODY = frozenset({"accept", "accept-encoding", "origin", "range", "if-range", "if-none-match", "if-modified-since"})
"""Headers that go along to another host."""
_UNREADABLE = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})
_PACKED = _UNREADABLE | {"gzip", "x-gzip", "deflate"}
_BUSY = frozenset({429, 503})
_NUMBER = re.compile(r"^\[Errno -?\d+\] ")
_NO_NAME = (
    "Name or service not known",
    "Temporary failure in name resolution",
    "nodename nor servname",
    "No address associated",
    "getaddrinfo failed",
)
"""What systems say of a host that they cannot find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far requests may go: how many at once, seconds per step and per answer, bytes kept of a body, redirects, addresses.

    `pauses` are the seconds before a busy host is asked again; one that wants more than `patience` is not.
    """

    threads: int = 8
    step: float = 10.0
    answer: float = 60.0
    body: int = 64_000_000
    redirects: int = 5
    addresses: int = 50
    pauses: tuple[float, ...] = (1.0, 4.0)
    patience: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect: the address that answered, and with which status."""

    address: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back in the end. `status` is 0 when nothing did, and `fault` says why.

    `headers` are in lower case, `body` is as sent (still compressed, cut at the limit), `address` the one that answered
    after the `hops`. `nobody`: there is no such host, or this very machine has no server there; `inside`: this machine's own network
    answered.
    """

    address: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hops: tuple[Hop, ...] = ()
    fault: str = ""
    nobody: bool = False
    inside: bool = False

    def header(self, name: str) -> str:
        """A header's value, "" where it was not sent."""
        return self.headers.get(name, "")

    @property
    def length(self) -> int | None:
        """Content-Length, None where it is missing or no number."""
        text = self.header("content-length")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None

    @property
    def kind(self) -> str:
        """Content-Type without parameters, lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def challenged(self) -> bool:
        """A content network asked to prove that we are no robot."""
        return "challenge" in self.header("cf-mitigated")

    @property
    def content(self) -> bytes:
        """The body as it was before it was compressed, at most one byte more than the largest feed; some hosts compress although we ask
        for identity.
        """
        packed = self.header("content-encoding").strip().lower()
        for wbits in {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(packed, ()):  # some send deflate without its head
            try:
                return zlib.decompressobj(wbits=wbits).decompress(self.body, LARGEST_FEED + 1)
            except zlib.error:
                continue
        return self.body

    @property
    def unreadable(self) -> str:
        """Why the body cannot be read: it is compressed in a way that nobody asked for; "" where it can be."""
        packed = [name.strip().lower() for name in self.header("content-encoding").split(",")]
        readable = len(packed) == 1 or not _PACKED.intersection(packed)
        if readable and packed[-1] not in _UNREADABLE:
            return ""
        return f"it is sent compressed (Content-Encoding: {', '.join(packed)[:60]}), which it was not asked for, and nothing here reads it"

    @property
    def busy(self) -> bool:
        """The host wants to be asked later; of the file itself it said nothing."""
        return self.status in _BUSY and not self.challenged

    @property
    def outcome(self) -> str:
        """What came back, for people."""
        if self.challenged:
            return "asks robots to prove that they are people (cf-mitigated: challenge)"
        return f"answers {self.status}" if self.status else f"does not answer: {self.fault}"


class WebClient:
    """Asks. `typed` is the address that a person gave: it may be of this machine's own network, and where it is, what it leads to may
    be, too. What a document from outside leads to may not.
    """

    def __init__(self, client: httpx.Client, limits: Limits, *, typed: str = "") -> None:
        self._client = client
        self._limits = limits
        self._typed = typed
        self._inside = is_inside(typed)
        self._resting_until: dict[str, float] = {}
        self._given_up: set[str] = set()

    def ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        *,
        keep: bool = False,
        into: Callable[[Answer], IO[bytes] | None] | None = None,
        progress: Callable[[int], None] | None = None,
        limit: int = 0,
    ) -> Answer:
        """The answer at the end of the redirects; its body only where it is to be `keep`t, or goes `into` a file (see `request`), and at
        most `limit` bytes of it (0: as the client's limits say).

        Never raises for what a server does; OSError where the file cannot be written.
        """
        import httpx

        hops: list[Hop] = []
        limits = replace(self._limits, body=limit, answer=min(self._limits.answer, 60.0 + limit / SLOWEST)) if limit else self._limits
        typed = address == self._typed
        may_be_inside = self._inside or typed
        while True:
            fault = _refusal(address, inside=may_be_inside)
            if fault:
                return Answer(address=address, hops=tuple(hops), fault=fault)
            ask = partial(
                request,
                self._client,
                method,
                address,
                limits,
                headers=headers,
                keep=(200,) if keep else (),
                into=into,
                progress=progress,
            )
            try:
                with judged(wanted=not may_be_inside):
                    answer = self._patiently(address, ask)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
                if into is not None and isinstance(error, OSError):
                    raise
                return Answer(address=address, hops=tuple(hops), fault=_reason(error), nobody=_nobody(error, address))
            if answer.inside and not may_be_inside:  # over a connection that was open already
                return Answer(address=address, hops=tuple(hops), fault=OWN_NETWORK)
            may_be_inside = may_be_inside and answer.inside
            if answer.fault:
                return replace(answer, status=0, hops=tuple(hops))
            if answer.status not in _REDIRECTS or not answer.header("location"):
                self._inside = self._inside or (typed and answer.inside)
                return replace(answer, hops=tuple(hops))
            hops.append(Hop(address=address, status=answer.status))
            if len(hops) > self._limits.redirects:
                return Answer(address=address, hops=tuple(hops), fault=f"more than {self._limits.redirects} redirects")
            try:
                before, address = address, urljoin(address, answer.header("location"))
            except ValueError:
                return Answer(address=address, hops=tuple(hops), fault="a redirect to no address")
            if urlsplit(before)[:2] != urlsplit(address)[:2]:  # a key is for the host that it was given
                headers = {name: value for name, value in (headers or {}).items() if name.lower() in _FOR_ANYBODY}

    def _patiently(self, address: str, ask: Callable[[], Answer]) -> Answer:
        """A host that is busy or hangs up is left alone for a while, by all requests, and asked again; not for ever."""
        import httpx

        host = urlsplit(address).netloc
        pauses = [] if host in self._given_up else list(self._limits.pauses)
        while True:
            time.sleep(max(0.0, self._resting_until.get(host, 0.0) - time.monotonic()))
            wanted = 0.0
            try:
                answer = ask()
                if not answer.busy:
                    return answer
                wanted = _retry_after(answer)
                if not pauses or wanted > self._limits.patience:
                    self._given_up.add(host)
                    return answer
            except (httpx.ReadError, httpx.RemoteProtocolError):
                if not pauses:
                    self._given_up.add(host)
                    raise
            self._resting_until[host] = time.monotonic() + max(wanted, pauses.pop(0))


def _refusal(address: str, *, inside: bool) -> str:
    parts = split(address)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return "not an address of the web"
    return OWN_NETWORK if is_inside(address) and not inside else ""


def request(
    client: httpx.Client,
    method: str,
    address: str,
    limits: Limits,
    *,
    keep: Container[int] = (),
    into: Callable[[Answer], IO[bytes] | None] | None = None,
    progress: Callable[[int], None] | None = None,
    **content: Any,
) -> Answer:
    """One request; a redirect is not followed. `content` is sent as httpx takes it: headers, json, data, params.

    The body of an answer with a status in `keep` is kept. `into` is told of the answer before its body and gives the file that
    it goes to; `progress` hears of its bytes. Where the body is cut, `fault` says why. Raises httpx's errors.
    """
    headers = {"Accept-Encoding": "identity", **(content.pop("headers", None) or {})}
    begun = time.monotonic()
    end = begun + limits.answer
    with (
        waiting_for(urlsplit(address).hostname or "the host") as answered,
        client.stream(method, address, headers=headers, **content) as response,
    ):
        answered()
        received = {name.lower(): value for name, value in response.headers.items()}
        answer = Answer(address=address, status=response.status_code, headers=received, inside=led_inside(response))
        file = into(answer) if into is not None else io.BytesIO() if answer.status in keep else None
        if file is None:
            return answer
        fault = ""
        with file:
            had = size = file.tell()
            for block in response.iter_raw():
                size += len(block)
                if size > limits.body or time.monotonic() > min(end, begun + 60 + (size - had) / SLOWEST_OF_ALL):
                    fault = f"it is larger than {limits.body:,} bytes" if size > limits.body else "the answer takes too long"
                    block = block[: max(0, limits.body - size + len(block))]  # noqa: PLW2901  what is left of it
                file.write(block)
                if fault:
                    break
                if progress is not None:
                    progress(len(block))
            return replace(answer, body=file.getvalue() if isinstance(file, io.BytesIO) else b"", fault=fault)


def open_client(limits: Limits) -> httpx.Client:
    """A client without redirects of its own and without cookies from earlier answers."""
    import httpx

    from publisher.web.connections import JudgingTransport

    return httpx.Client(
        follow_redirects=False,
        timeout=httpx.Timeout(limits.step),
        transport=JudgingTransport(httpx.Limits(max_connections=limits.threads, max_keepalive_connections=limits.threads), _refused),
        headers={"User-Agent": AGENT},
    )


_judged: ContextVar[bool] = ContextVar("judged", default=False)


@contextmanager
def judged(*, wanted: bool) -> Iterator[None]:
    """Meanwhile, in this thread, no connection leads into this machine's own network, where that is `wanted`."""
    token = _judged.set(wanted)
    try:
        yield
    finally:
        _judged.reset(token)


def led_inside(response: httpx.Response) -> bool:
    """Whether an answer came from this machine's own network; behind a proxy as far as the name tells."""
    if response.extensions.get("proxied"):
        return is_inside(str(response.request.url))
    try:
        peer = response.extensions["network_stream"].get_extra_info("server_addr")
        return is_own(str(peer[0]))
    except (KeyError, TypeError, OSError):  # it has hung up already
        return is_inside(str(response.request.url))


def _refused(number: str) -> str:
    """Why an IP address is not connected to now; "" where it may be."""
    return OWN_NETWORK if _judged.get() and is_own(number) else ""


def get(address: str, limits: Limits, headers: Mapping[str, str] | None = None) -> Answer:
    """The file at an address that the show's own people gave; only from there on may it lead into this machine's own network."""
    with open_client(limits) as client:
        return WebClient(client, limits, typed=address).ask("GET", address, headers, keep=True)


def get_feed(url: str) -> Answer:
    """The feed at `url`. Raises StorageError."""
    answer = get(url, Limits(threads=1, body=LARGEST_FEED), {"Accept-Encoding": "gzip"})
    if answer.status == 200 and not answer.unreadable:
        return answer
    if answer.status == 200:
        hint = "the host has to send it plain, or as gzip, to whoever does not ask for more"
        raise StorageError(f"the feed cannot be read: {url}", cause=answer.unreadable, hint=hint, code="feed-unreachable")
    if answer.status:
        hint = "the host wants fewer requests: try again later" if answer.busy else "is the address right, and open to anyone?"
        raise StorageError(f"the feed {answer.outcome}: {url}", hint=hint, code="feed-unreachable")
    raise StorageError(
        f"the feed cannot be fetched: {url}", cause=answer.fault, hint="is the address right, and the network up?", code="feed-unreachable"
    )


def _retry_after(answer: Answer) -> float:
    """Seconds the host asks for; a date counts from the answer's own."""
    text = answer.header("retry-after")
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return (parsedate_to_datetime(text) - parsedate_to_datetime(answer.header("date"))).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _nobody(error: BaseException | None, address: str) -> bool:
    """Whether an error says that nobody is there; elsewhere a refused connection may be a server that starts again."""
    while error is not None:
        if isinstance(error, socket.gaierror):
            return True
        if isinstance(error, ConnectionRefusedError):
            return is_loopback(urlsplit(address).hostname or "")
        error = error.__cause__ or error.__context__
    return False


def _reason(error: Exception) -> str:
    text = _NUMBER.sub("", " ".join(str(error).split()))
    if text.startswith(_NO_NAME):
        return "there is no host of this name, or no network"
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"its certificate is not valid ({text.rpartition(': ')[2][:120]})"
    return text[:200] or {"ReadTimeout": "no answer in time", "ConnectTimeout": "no connection in time"}.get(
        type(error).__name__, type(error).__name__
    )
