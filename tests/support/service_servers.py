"""Small real servers on 127.0.0.1 that remember what they were asked: services around a publish, and a bucket that is all settings."""

from __future__ import annotations

import json
import ssl
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from pathlib import Path


class HungUpError(Exception):
    """Raised in place of an answer: the connection ends, and nothing is said."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked may be gone by now: publishes are killed in tests."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class Answering:
    """A server: `answers` are given in turn, the last one for ever; `routes` by path come first. With `secure`, a certificate for
    localhost and its key, it speaks TLS alone."""

    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=lambda: [(200, b"", {})])
    routes: dict[str, tuple[int, bytes, dict[str, str]]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    address: str = ""
    secure: tuple[Path, Path] | None = None

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                asked = Asked(self.command, parts.path, query, {name.lower(): value for name, value in self.headers.items()}, body)
                outer.asked.append(asked)
                try:
                    status, content, headers = outer.answer(asked)
                except HungUpError:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_POST = do_PUT = do_PATCH = do_HEAD = do_DELETE = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        if self.secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.secure)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        port = self._server.server_port
        self.address = f"https://localhost:{port}" if self.secure else f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        if asked.path in self.routes:
            return self.routes[asked.path]
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


MISSING = {
    "publicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "policy": "NoSuchBucketPolicy",
    "cors": "NoSuchCORSConfiguration",
    "lifecycle": "NoSuchLifecycleConfiguration",
    "website": "NoSuchWebsiteConfiguration",
}
PUBLIC_GRANT = (
    b'<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">'
    b"<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant>"
)


@dataclass
class SettingsBucket(Answering):
    """A bucket that keeps settings, as Amazon and Backblaze answer; `unknown` are those it does not know, `refused` those it forbids."""

    exists: bool = True
    settings: dict[str, bytes] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    forgets: set[str] = field(default_factory=set)
    acl: str = "private"

    def written(self) -> list[str]:
        """Which settings were written, in order; the bucket itself is ""."""
        return [next((name for name in asked.query if name in (*MISSING, "acl")), "") for asked in self.asked if asked.method == "PUT"]

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        name = next((name for name in asked.query if name in (*MISSING, "acl")), "")
        if asked.headers.get("x-amz-sdk-checksum-algorithm") or any(header.startswith("x-amz-checksum") for header in asked.headers):
            return self._error(400, "InvalidArgument", asked)
        if name in self.refused:
            return self._error(403, "AccessDenied", asked)
        if name in self.unknown:
            return self._error(501, "NotImplemented", asked)
        if asked.method == "HEAD":
            return (200 if self.exists else 404), b"", {}
        if asked.method == "PUT":
            if not name:
                self.exists = True
            elif name == "acl":
                self.acl = asked.headers["x-amz-acl"]
            elif name not in self.forgets:
                self.settings[name] = asked.body
            return 200, b"", {}
        if name == "acl":
            grant = PUBLIC_GRANT if self.acl == "public-read" else b""
            return (
                200,
                b"<AccessControlPolicy><Owner><ID>me</ID></Owner><AccessControlList>"
                + grant
                + b"</AccessControlList></AccessControlPolicy>",
                {},
            )
        if name in self.settings:
            return 200, self.settings[name], {}
        return self._error(404, MISSING.get(name, "NoSuchKey"), asked)

    @staticmethod
    def _error(status: int, code: str, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        return status, b"" if asked.method == "HEAD" else f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode(), {}
