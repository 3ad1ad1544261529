"""A comments service that answers what a test wants, on a port of its own as the real one; it keeps what it was sent."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.support.browsing import QuietServer

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sent(NamedTuple):
    """One request: what a page sent, and in which words."""

    method: str
    path: str
    fields: Mapping[str, list[str]]
    headers: Mapping[str, str]

    def __getitem__(self, name: str) -> str:  # type: ignore[override]
        """A field that was sent once."""
        (value,) = self.fields[name]
        return value


class ScriptedService:
    """It answers each method with the next of `answers` (status and JSON, the last again and again), and preflights as a service does."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                parts = urlsplit(self.path)
                fields = parse_qs(body if self.command != "GET" else parts.query)
                service.sent.append(Sent(self.command, parts.path, fields, dict(self.headers)))
                waiting = service.answers[self.command]
                status, answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                self._send(status, answer)

            def do_OPTIONS(self) -> None:
                self._send(204, None)

            def _send(self, status: int, answer: Any) -> None:
                said = answer.encode() if isinstance(answer, str) else b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
                self.send_header("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE")
                self.send_header("Access-Control-Allow-Headers", "authorization")
                self.send_header("Content-Type", "text/html; charset=utf-8" if isinstance(answer, str) else "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

        for method in ("GET", "POST", "PATCH", "DELETE"):
            setattr(Handler, f"do_{method}", Handler._answer)
        self.server = QuietServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.address = f"{self.origin}/comments"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.reset()

    def reset(self) -> None:
        """As at first: a nonce at once, and every comment is held."""
        self.sent.clear()
        self.answers = {
            "GET": [(200, {"nonce": "n-1", "wait": 0})],
            "POST": [(201, {"id": "mine", "token": "secret", "state": "held"})],
            "PATCH": [(200, {})],
            "DELETE": [(200, {})],
        }

    def posts(self) -> list[Sent]:
        """The comments that were sent."""
        return [sent for sent in self.sent if sent.method == "POST"]

    def close(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()
