"""HTTP/1.1 over kept connections, against a server that answers by the byte."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from publisher.web.kept_connections import CutOff, KeptConnections, NotReached

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"


class Scripted:
    """Answers request after request with what the script holds; `b""` hangs up. Notes what was asked, by connection."""

    def __init__(self, *script: bytes) -> None:
        self._script = list(script)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked: list[list[bytes]] = []
        self.hung_up = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while self._script:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.asked.append([])
            with connection:
                while self._script:
                    if self._script[0] == b"":
                        self._script.pop(0)
                        break
                    asked = _whole_request(connection)
                    if not asked:
                        break
                    self.asked[-1].append(asked)
                    connection.sendall(self._script.pop(0))
            self.hung_up.set()

    def close(self) -> None:
        self._listener.close()
        self._thread.join(10)


def _whole_request(connection: socket.socket) -> bytes:
    asked = b""
    while b"\r\n\r\n" not in asked or (b"Content-Length: 4" in asked and not asked.endswith(b"body")):
        more = connection.recv(65536)
        if not more:
            return b""
        asked += more
    return asked


@contextmanager
def scripted(*script: bytes) -> Iterator[Scripted]:
    server = Scripted(*script)
    try:
        yield server
    finally:
        server.close()


def kept(limit: int = 2, waiting: float = 5.0) -> KeptConnections:
    return KeptConnections(limit, 5.0, waiting, ssl.create_default_context, 1 << 16)


def ask(connections: KeptConnections, address: str, method: str = "GET", body: bytes | None = None) -> bytes:
    with connections.ask(method, address, {}, body, lambda: None) as response:
        return b"".join(iter(lambda: response.read(3), b""))


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n"


@pytest.mark.parametrize("first", [WHOLE, CHUNKED, b"HTTP/1.1 204 No Content\r\n\r\n"], ids=["length", "chunked", "empty"])
def test_a_connection_is_used_again_once_an_answer_was_read_to_its_end(first: bytes) -> None:
    with scripted(first, WHOLE) as server:
        connections = kept()
        assert ask(connections, f"{server.address}/a?b=c") == (b"" if b"204" in first else b"whole")
        assert ask(connections, f"{server.address}/b", "PUT", b"body") == b"whole"
    assert len(server.asked) == 1
    first_asked, second = server.asked[0]
    host = server.address.removeprefix("http://").encode()
    assert first_asked.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert b"\r\nHost: " + host + b"\r\n" in first_asked
    assert second.startswith(b"PUT /b HTTP/1.1\r\n")
    assert b"Content-Length: 4\r\n" in second
    assert second.endswith(b"\r\n\r\nbody")


def test_what_the_other_side_ended_meanwhile_is_not_used_again() -> None:
    with scripted(WHOLE, b"", WHOLE) as server:
        connections = kept()
        ask(connections, server.address)
        assert server.hung_up.wait(10)
        assert ask(connections, server.address) == b"whole"
    assert [len(asked) for asked in server.asked] == [1, 1]


def test_an_answer_that_wants_the_connection_closed_is_heeded() -> None:
    closing = WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with scripted(closing, b"", WHOLE) as server:
        connections = kept()
        assert [ask(connections, server.address), ask(connections, server.address)] == [b"whole", b"whole"]


@pytest.mark.parametrize(
    "cut",
    [
        WHOLE[:-1],
        CHUNKED[:-8],
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        b"no HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        b"-",
    ],
    ids=["body", "chunk", "no body", "no HTTP", "no chunk", "a byte"],
)
def test_an_answer_that_is_cut_is_no_answer_and_its_connection_goes(cut: bytes) -> None:
    with scripted(cut, b"", WHOLE) as server:
        connections = kept()
        with pytest.raises(CutOff):
            ask(connections, server.address)
        assert ask(connections, server.address) == b"whole"


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with pytest.raises(CutOff) as told:
            ask(kept(waiting=0.1), f"http://127.0.0.1:{listener.getsockname()[1]}/")
        assert isinstance(told.value.__cause__, TimeoutError)


def test_what_was_not_read_to_its_end_is_not_the_next_answer() -> None:
    with scripted(WHOLE, WHOLE) as server:
        connections = kept(limit=1)
        with connections.ask("GET", server.address, {}, None, lambda: None) as response:
            assert response.read(2) == b"wh"
        assert ask(connections, server.address) == b"whole"
    assert [len(asked) for asked in server.asked] == [1, 1]


def test_who_asks_is_told_of_a_new_connection_before_anything_goes_over_it() -> None:
    class NotNowError(Exception):
        pass

    def refuse() -> None:
        raise NotNowError

    with scripted(WHOLE) as server:
        connections = kept(limit=1)
        with pytest.raises(NotNowError), connections.ask("PUT", server.address, {}, b"body", refuse):
            pass
        assert server.hung_up.wait(10)
        assert server.asked == [[]]
        assert ask(connections, server.address) == b"whole"


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("http://127.0.0.1:1/", ConnectionRefusedError),
        ("http://nobody.invalid/", socket.gaierror),
        (f"http://{'a' * 64}.example/", UnicodeError),
    ],
)
def test_where_no_connection_comes_about_nothing_was_sent(address: str, cause: type[Exception]) -> None:
    with pytest.raises(NotReached) as told:
        ask(kept(), address)
    assert isinstance(told.value.__cause__, (cause, socket.gaierror))


def test_no_more_connections_are_open_at_once_than_allowed() -> None:
    with scripted(WHOLE, WHOLE) as server:
        connections, order = kept(limit=1), []

        def second() -> None:
            order.append(ask(connections, server.address))

        with connections.ask("GET", server.address, {}, None, lambda: None) as response:
            thread = threading.Thread(target=second)
            thread.start()
            thread.join(0.2)
            assert order == []
            while response.read(10):
                pass
        thread.join(10)
        assert order == [b"whole"]
    assert len(server.asked) == 1
