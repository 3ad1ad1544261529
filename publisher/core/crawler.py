"""Requests as a directory's crawler makes them: few redirects, bounded bodies, time-outs, only addresses that are the show's."""

from __future__ import annotations

import socket
import time
import zlib
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from feed.rules.addresses import is_loopback, split

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

AGENT = "Airdate-verify (podcast feed checker)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far a look may go: requests at once, seconds per step and per answer, bytes kept of a body, redirects, addresses.

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
    after the `hops`. `nobody`: there is no such host, or this very machine has no server there.
    """

    address: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hops: tuple[Hop, ...] = ()
    fault: str = ""
    nobody: bool = False

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
        """The body as it was before it was compressed; some hosts compress although we ask for identity."""
        if self.header("content-encoding").lower() != "gzip":
            return self.body
        try:
            return zlib.decompressobj(wbits=31).decompress(self.body, 64_000_000)
        except zlib.error:
            return self.body

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


class Crawler:
    """Asks. `hosts` (None: any) are those it may ask, redirects included; this very machine only where `loopback` is set."""

    def __init__(self, client: httpx.Client, limits: Limits, *, hosts: frozenset[str] | None = None, loopback: bool = False) -> None:
        self._client = client
        self._limits = limits
        self._hosts = hosts
        self._loopback = loopback
        self._resting_until: dict[str, float] = {}
        self._given_up: set[str] = set()

    def ask(self, method: str, address: str, headers: Mapping[str, str] | None = None, *, keep: bool = False) -> Answer:
        """The answer at the end of the redirects; its body only where it is to be `keep`t. Never raises for what a server does."""
        import httpx

        hops: list[Hop] = []
        while True:
            fault = self._refusal(address)
            if fault:
                return Answer(address=address, hops=tuple(hops), fault=fault)
            try:
                answer = self._patiently(method, address, headers or {}, keep=keep)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
                return Answer(address=address, hops=tuple(hops), fault=_reason(error), nobody=_nobody(error, address))
            if answer.status not in _REDIRECTS or not answer.header("location"):
                return Answer(
                    address=address, status=answer.status, headers=answer.headers, body=answer.body, hops=tuple(hops), fault=answer.fault
                )
            hops.append(Hop(address=address, status=answer.status))
            if len(hops) > self._limits.redirects:
                return Answer(address=address, hops=tuple(hops), fault=f"more than {self._limits.redirects} redirects")
            try:
                address = urljoin(address, answer.header("location"))
            except ValueError:
                return Answer(address=address, hops=tuple(hops), fault="a redirect to no address")

    def _refusal(self, address: str) -> str:
        parts = split(address)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            return "not an address of the web"
        if is_loopback(parts.hostname) and not self._loopback:
            return "an address of this very machine"
        if self._hosts is not None and parts.hostname not in self._hosts:
            return f"{parts.hostname} is not a host of this show"
        return ""

    def _patiently(self, method: str, address: str, headers: Mapping[str, str], *, keep: bool) -> Answer:
        """As `_once`. A host that is busy or hangs up is left alone for a while, by all requests, and asked again; not for ever."""
        import httpx

        host = urlsplit(address).netloc
        pauses = [] if host in self._given_up else list(self._limits.pauses)
        while True:
            time.sleep(max(0.0, self._resting_until.get(host, 0.0) - time.monotonic()))
            wanted = 0.0
            try:
                answer = self._once(method, address, headers, keep=keep)
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

    def _once(self, method: str, address: str, headers: Mapping[str, str], *, keep: bool) -> Answer:
        limits = self._limits
        end = time.monotonic() + limits.answer
        with self._client.stream(method, address, headers={"Accept-Encoding": "identity", **headers}) as response:
            received = {name.lower(): value for name, value in response.headers.items()}
            body, fault = bytearray(), ""
            if keep and response.status_code == 200:
                for block in response.iter_raw():
                    body += block
                    if len(body) > limits.body or time.monotonic() > end:
                        fault = "the answer is too large" if len(body) > limits.body else "the answer takes too long"
                        break
            status = 0 if fault else response.status_code
            return Answer(address=address, status=status, headers=received, body=bytes(body), fault=fault)


def open_client(limits: Limits) -> httpx.Client:
    """A client without redirects of its own and without cookies from earlier answers."""
    import httpx

    return httpx.Client(
        follow_redirects=False,
        timeout=httpx.Timeout(limits.step),
        limits=httpx.Limits(max_connections=limits.threads, max_keepalive_connections=limits.threads),
        headers={"User-Agent": AGENT},
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
    text = " ".join(str(error).split())
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"its certificate is not valid ({text.rpartition(': ')[2][:120]})"
    return text[:200] or {"ReadTimeout": "no answer in time", "ConnectTimeout": "no connection in time"}.get(
        type(error).__name__, type(error).__name__
    )
