"""Many readers at once, each from an address of its own and none giving up: what a service for comments has to stand."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

GONE = (OSError, EOFError, asyncio.IncompleteReadError, asyncio.TimeoutError)
"""What a client sees of a server that was killed."""
PATIENCE = 120
"""Seconds after which it is given up that a server comes back."""


@dataclass
class Answer:
    """What one request was answered, and how long it took, in seconds."""

    status: int
    body: bytes
    seconds: float

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One connection that stays open, HTTP/1.1."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One request. Raises one of GONE where the server is."""
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(30):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(self._host, self._port)
                reader, writer = self._streams
                head = {"Host": f"{self._host}:{self._port}", "Content-Length": str(len(body)), **headers}
                lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
                writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
                await writer.drain()
                status = int((await reader.readuntil(b"\r\n")).split()[1])
                length, closes = 0, False
                while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
                    name, _, value = line.decode("latin-1").partition(":")
                    length = int(value) if name.lower() == "content-length" else length
                    closes = closes or (name.lower() == "connection" and value.strip().lower() == "close")
                answer = Answer(status, await reader.readexactly(length), time.perf_counter() - begun)
        except GONE:
            self.close()
            raise
        if closes:
            self.close()
        return answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass
class Load:
    """`posts` by their number, sent by `at_once` readers; `post` sends one and is called again until it is answered."""

    url: str
    post: Callable[[Connection, int], Awaitable[Answer]]
    posts: int
    at_once: int = 50
    answered: Callable[[int], None] = lambda _count: None
    answers: dict[int, Answer] = field(default_factory=dict)
    again: int = 0

    def run(self) -> float:
        """Send them all; the seconds it took."""
        begun = time.perf_counter()
        asyncio.run(self._run())
        return time.perf_counter() - begun

    async def _run(self) -> None:
        waiting = deque(range(self.posts))
        await asyncio.gather(*(self._reader(waiting) for _ in range(self.at_once)))

    async def _reader(self, waiting: deque[int]) -> None:
        connection = Connection(self.url)
        while waiting:
            number = waiting.popleft()
            end = time.monotonic() + PATIENCE
            while True:
                try:
                    answer = await self.post(connection, number)
                except GONE:
                    if time.monotonic() > end:
                        raise
                    self.again += 1
                    await asyncio.sleep(0.05)
                else:
                    break
            self.answers[number] = answer
            self.answered(len(self.answers))
        connection.close()


class Commenters:
    """Readers of one episode of a show: each asks for a nonce, keeps it, and sends its comment with it until it is answered."""

    def __init__(self, origin: str, consent: str, addresses: int = 200) -> None:
        self._origin, self._consent, self._addresses = origin, consent, addresses
        self._nonces: dict[int, str] = {}

    def text(self, number: int) -> str:
        return f"Comment {number}: the hinge, the chair and the field."

    async def post(self, connection: Connection, number: int) -> Answer:
        place = number % self._addresses
        headers = {
            "Origin": self._origin,
            "Accept": "application/json",
            "X-Forwarded-For": f"10.{place // 100}.{place % 100}.{number % 250 + 1}",
        }
        if number not in self._nonces:
            given = await connection.ask("GET", "/nonce?episode=first", headers)
            self._nonces[number] = given.document["nonce"]
        fields = {
            "episode": "first",
            "name": f"Reader {place}",
            "text": self.text(number),
            "consent": self._consent,
            "nonce": self._nonces[number],
        }
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return await connection.ask("POST", "/comments", headers | kind, urlencode(fields).encode())
