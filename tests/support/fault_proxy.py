"""A proxy in front of an HTTP server that does to requests what networks and overloaded services do."""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import struct
import threading
import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, BinaryIO, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PIECE = 1 << 16


class Fault(Enum):
    """What happens to one request."""

    NONE = auto()
    CUT_REQUEST = auto()
    """Half of the body reaches the server, then the connection is reset."""
    LOSE_ANSWER = auto()
    """The server does its work, but its answer never arrives."""
    CUT_ANSWER = auto()
    """Half of the answer's body arrives."""
    SLOW_DOWN = auto()
    """The server does nothing and asks to come back later (503 SlowDown)."""
    SERVER_ERROR = auto()
    """The server does nothing and answers 500 InternalError."""
    UNKNOWN = auto()
    """The server says that it knows no such request (501 NotImplemented)."""
    GONE = auto()
    """The server says that there is no such upload (404 NoSuchUpload)."""
    FORBIDDEN = auto()
    """The server says that these keys may not do that (403 AccessDenied)."""
    FAIL_AFTER = auto()
    """The server does its work, and a 500 is answered all the same."""
    STALL = auto()
    """The body is not taken for one second; then all goes well."""
    HANG = auto()
    """Nothing comes back, and nothing ends."""


REFUSALS = {
    Fault.SLOW_DOWN: ("503 Slow Down", "SlowDown"),
    Fault.SERVER_ERROR: ("500 Internal Server Error", "InternalError"),
    Fault.GONE: ("404 Not Found", "NoSuchUpload"),
    Fault.FORBIDDEN: ("403 Forbidden", "AccessDenied"),
    Fault.UNKNOWN: ("501 Not Implemented", "NotImplemented"),
}
"""Answered without asking the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrives. `number` counts from 0; names of headers are in lower case."""

    number: int
    method: str
    path: str
    length: int
    headers: dict[str, str]


def seeded(seed: int, share: float, kinds: Sequence[Fault]) -> Callable[[Request], Fault]:
    """Hit this share of all requests, by a fixed sequence of dice."""
    dice = random.Random(seed)  # noqa: S311  a test wants the same dice each time
    guard = threading.Lock()

    def decide(_: Request) -> Fault:
        with guard:
            return dice.choice(kinds) if dice.random() < share else Fault.NONE

    return decide


def once(fault: Fault, method: str, part: str = "", *, times: int = 1) -> Callable[[Request], Fault]:
    """Hit the first `times` requests of this method whose path holds `part`."""
    left = [times]
    guard = threading.Lock()

    def decide(request: Request) -> Fault:
        with guard:
            if left[0] and request.method == method and part in request.path:
                left[0] -= 1
                return fault
        return Fault.NONE

    return decide


class FaultProxy:
    """Listens on a port of its own and passes everything on to 127.0.0.1:`upstream`, except as `decide` says.

    `latency` seconds go by before each answer. `seen` holds each request with its fault, in order of arrival; `posted` what a POST
    brought, by the request's number.
    """

    def __init__(self, upstream: int, decide: Callable[[Request], Fault] = lambda _: Fault.NONE, *, latency: float = 0.0) -> None:
        self.upstream = upstream
        self.decide = decide
        self.latency = latency
        self.seen: list[tuple[Request, Fault]] = []
        self.posted: dict[int, bytes] = {}
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and cut every connection."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._guard:
            still = list(self._open)
        for one in still:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with self._guard:
            self._open.add(client)
        try:
            with client, client.makefile("rb") as reader, contextlib.suppress(OSError, http.client.HTTPException):
                while self._exchange(client, reader):
                    pass
        finally:
            with self._guard:
                self._open.discard(client)

    def _exchange(self, client: socket.socket, reader: BinaryIO) -> bool:  # noqa: C901, PLR0911, PLR0912, PLR0915  each fault where it happens
        """One request and its answer; whether the connection stays open."""
        line = reader.readline(65_536).decode("latin-1").split()
        if len(line) != 3:
            return False
        headers = []
        while (raw := reader.readline(65_536)) not in (b"\r\n", b"\n", b""):
            name, _, value = raw.decode("latin-1").partition(":")
            headers.append((name, value.strip()))
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        with self._guard:
            number = len(self.seen)
            request = Request(
                number=number, method=line[0], path=line[1], length=length, headers={name.lower(): value for name, value in headers}
            )
            fault = self.decide(request)
            self.seen.append((request, fault))
        if fault is Fault.HANG:
            self._ended.wait(60)
            return False
        if fault in REFUSALS:
            for _ in _pieces(reader, length):
                pass
            self._ended.wait(self.latency)
            client.sendall(_error(*REFUSALS[fault]))
            return True
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        try:
            upstream.putrequest(line[0], line[1], skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                upstream.putheader(name, value)
            upstream.endheaders()
            sent = 0
            if fault is Fault.STALL:
                self._ended.wait(1)
            for piece in _pieces(reader, length):
                if fault is Fault.CUT_REQUEST and sent + len(piece) > length // 2:
                    upstream.send(piece[: length // 2 - sent])
                    _reset(client)
                    return False
                upstream.send(piece)
                sent += len(piece)
                if request.method == "POST":
                    self.posted[number] = self.posted.get(number, b"") + piece
            if fault is Fault.CUT_REQUEST:
                _reset(client)
                return False
            answer = upstream.getresponse()
            body = answer.read()
        finally:
            upstream.close()
        time.sleep(self.latency)
        if fault is Fault.LOSE_ANSWER:
            _reset(client)
            return False
        if fault is Fault.FAIL_AFTER:
            client.sendall(_error("500 Internal Server Error", "InternalError"))
            return True
        kept = [
            (name, value)
            for name, value in answer.getheaders()
            if name.lower() not in ("transfer-encoding", "connection", "content-length")
        ]
        size = answer.getheader("content-length", "0") if line[0] == "HEAD" else str(len(body))
        head = f"HTTP/1.1 {answer.status} {answer.reason}\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in [*kept, ("Content-Length", size)]
        )
        if fault is Fault.CUT_ANSWER:
            client.sendall(head.encode("latin-1") + b"\r\n" + body[: len(body) // 2])
            return False
        client.sendall(head.encode("latin-1") + b"\r\n" + body)
        return True


def _pieces(reader: BinaryIO, length: int) -> Iterator[bytes]:
    while length:
        piece = reader.read(min(length, PIECE))
        if not piece:
            raise ConnectionError
        length -= len(piece)
        yield piece


def _error(status: str, code: str) -> bytes:
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>made by the proxy</Message></Error>'.encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _reset(client: socket.socket) -> None:
    """End with RST, as a router that forgot the connection does."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.shutdown(socket.SHUT_RD)
