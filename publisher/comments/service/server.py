"""The server under the service: bounded in connections and time, and ended gently."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from publisher.core.errors import UsageError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

HEAD_SECONDS = 10
"""Whoever has not sent the head of a request in this time is sent away."""
REST_SECONDS = 3
"""So long a body may go on that was answered already: time to read the answer."""
ANSWER_SECONDS = 90
"""So long an answer may take to make and to be read: longer than a database that hangs is waited for."""
LARGEST_HEAD = 16_384
CONNECTIONS = 512
ENDING_SECONDS = 10
"""So long requests under way may take when the service ends."""


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 for those that say what they want in time, with every request of a connection, and read what they are answered."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's signature
        """Somebody came."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS, self._send_away)

    def connection_lost(self, exc: Exception | None) -> None:
        """They went."""
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """They were answered: what is still to come of a body, or the head of the next request, has its time, too."""
        super().on_response_complete()
        self._wait(REST_SECONDS if self.conn.their_state is h11.SEND_BODY else HEAD_SECONDS, self._send_away)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience = self.loop.call_later(seconds, then)

    def _send_away(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait(ANSWER_SECONDS, self.transport.abort)
        else:
            self.transport.abort()  # a gentle end would wait for whoever reads nothing


class Server(uvicorn.Server):
    """A server that SIGTERM and Ctrl-C end: what is under way is answered first, and the command ends with 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Heed both while it serves."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(application: ASGIApp, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; `ready` gets the address once connections are taken (port 0 picks a free one).

    Raises UsageError where the address is taken.
    """
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        application,
        http=BoundedProtocol,
        ws="none",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,  # it would keep addresses
        lifespan="off",
        proxy_headers=False,  # who is believed is judged by the service
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=ENDING_SECONDS,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
    with contextlib.closing(listener):
        ready(f"http://{shown}:{listener.getsockname()[1]}/")
        Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        cause = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"the service cannot listen on {host}, port {port}", cause=cause, hint="--port takes another one", code="comments-port"
        ) from error
    listener.listen(256)
    return listener
