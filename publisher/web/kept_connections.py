"""HTTP/1.1 on connections that are kept open and used again: Python's own `http.client`, and what it leaves to whoever calls it.

Other libraries do the same and more, and take longer to load than a publish with nothing to do needs for all of its work.
"""

from __future__ import annotations

import selectors
import socket
import weakref
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

    from _typeshed import SupportsRead

USUAL_PORTS = {"http": 80, "https": 443}


class NotReached(Exception):  # noqa: N818  what comes of it is decided by who asked
    """No connection came about, so nothing was sent; its cause says why."""


class CutOff(Exception):  # noqa: N818  the same
    """The connection ended, or was silent for too long, before the answer was whole; its cause says why."""


class Response:
    """An answer, its body not read yet."""

    def __init__(self, answer: HTTPResponse) -> None:
        self.status = answer.status
        self.headers = answer.headers.items()
        self.is_whole = False
        self._answer = answer
        self._left = answer.length

    def read(self, size: int) -> bytes:
        """The next bytes of the body, as many as are here and at most `size`; empty at its end. Raises CutOff."""
        if self._left == 0:
            self.is_whole = True
            return b""
        try:
            piece = self._answer.read1(size if self._left is None else min(size, self._left))
        except (OSError, HTTPException) as error:
            raise CutOff(str(error)) from error
        if self._left is not None:
            if not piece:
                raise CutOff(f"the answer ended {self._left} bytes too early")
            self._left -= len(piece)
        self.is_whole = not piece
        return piece


class KeptConnections:
    """Connections, at most `limit` in use at once, by all threads together; whoever needs one more waits.

    `connecting` and `waiting` are seconds: until there is a connection, and until something arrives or the other side takes what is
    sent. `trusted` gives whom https trusts, asked when it is first needed; bodies that are files are read in pieces of `piece` bytes.
    """

    def __init__(self, limit: int, connecting: float, waiting: float, trusted: Callable[[], ssl.SSLContext], piece: int) -> None:
        self._free = BoundedSemaphore(limit)
        self._connecting = connecting
        self._waiting = waiting
        self._trusted = trusted
        self._piece = piece
        self._guard = Lock()
        self._context: ssl.SSLContext | None = None
        self._idle: dict[tuple[str, str], list[HTTPConnection]] = {}
        weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | SupportsRead[bytes] | None, connected: Callable[[], None]
    ) -> Iterator[Response]:
        """The answer to one request, while its body is read; a redirect is not followed. `connected` is called when a connection had to be
        made for it, before anything goes over it. Raises NotReached and CutOff.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or USUAL_PORTS[parts.scheme]
        name = f"[{host}]" if ":" in host else host
        sent = {"Host": name if port == USUAL_PORTS[parts.scheme] else f"{name}:{port}", **headers}
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with self._free:
            connection = self._idle_one(parts.scheme, parts.netloc)
            response = None
            try:
                if connection is None:
                    connection = HTTPConnection(host, port, timeout=self._connecting, blocksize=self._piece)
                    self._connect(connection, host, port, secure=parts.scheme == "https")
                    connected()
                answer = _answer(connection, method, target, sent, body)
                response = Response(answer)
                yield response
                answer.close()
            finally:  # what is still under way must not become the next answer
                if connection is not None and (response is None or not response.is_whole or answer.will_close):
                    connection.close()
                elif connection is not None:
                    with self._guard:
                        self._idle.setdefault((parts.scheme, parts.netloc), []).append(connection)

    def _idle_one(self, scheme: str, place: str) -> HTTPConnection | None:
        """The connection that was used last, if the other side has not ended it meanwhile."""
        while True:
            with self._guard:
                idle = self._idle.get((scheme, place))
                connection = idle.pop() if idle else None
            if connection is None or not _is_over(connection):
                return connection
            connection.close()

    def _connect(self, connection: HTTPConnection, host: str, port: int, *, secure: bool) -> None:
        try:
            # a name in bytes is looked up as it is: for one in characters the tables of international names would be loaded
            plain = socket.create_connection((host.encode() if host.isascii() else host, port), self._connecting)  # type: ignore[arg-type]
            connection.sock = plain
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure:
                connection.sock = self._whom_to_trust().wrap_socket(plain, server_hostname=host)
            connection.sock.settimeout(self._waiting)
        except (OSError, UnicodeError) as error:
            raise NotReached(str(error)) from error

    def _whom_to_trust(self) -> ssl.SSLContext:
        """The list of authorities is long: it is read once, when the first asks for it."""
        with self._guard:
            if self._context is None:
                self._context = self._trusted()
            return self._context


def _answer(
    connection: HTTPConnection, method: str, target: str, headers: Mapping[str, str], body: bytes | SupportsRead[bytes] | None
) -> HTTPResponse:
    try:
        with suppress(BrokenPipeError):  # it may have answered before it had all
            connection.request(method, target, body, headers)
        return connection.getresponse()
    except (OSError, HTTPException) as error:
        raise CutOff(str(error)) from error


def _is_over(connection: HTTPConnection) -> bool:
    """Whether something came over a connection of which nothing is wanted: that is its end."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return bool(selector.select(0))


def _close_all(idle: dict[tuple[str, str], list[HTTPConnection]]) -> None:
    for connections in idle.values():
        for connection in connections:
            connection.close()
