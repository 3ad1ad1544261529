"""A show served on this machine, by a server that can be told to misbehave."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = """<!doctype html><title>t</title><link rel="canonical" href="x"><link rel="alternate" type="application/rss+xml" href="x">
<meta property="og:title" content="x"><meta property="og:image" content="x">"""

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0"
 xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Running Water</title><link>{site}/index.html</link>
<description>{padding}</description>
<atom:link rel="self" href="{site}/feed.xml" type="application/rss+xml"/><atom:link rel="hub" href="https://hub.example/"/>
<itunes:image href="{site}/art/cover-0a1b2c3d.jpg"/>
<item><title>The bridge</title><link>{site}/episodes/bridge.html</link><guid isPermaLink="false">one</guid>
<description>&lt;a href="{site_outside}/there"&gt;x&lt;/a&gt;</description>
<enclosure url="{site}/media/bridge-0a1b2c3d.mp3" length="40000" type="audio/mpeg"/>
<podcast:transcript url="{site}/episodes/bridge/transcript-0a1b2c3d.vtt" type="text/vtt"/>
<podcast:chapters url="{site}/episodes/bridge/chapters-0a1b2c3d.json" type="application/json+chapters"/></item></channel></rss>"""

IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass
class Reply:
    """What a request is about to be answered with; a fault changes it."""

    method: str
    path: str
    asked: dict[str, str]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Site:
    """The files, and the faults: functions that see each reply before it is sent."""

    url: str = ""
    files: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)
    faults: list[Callable[[Reply], None]] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)

    @property
    def feed_url(self) -> str:
        return f"{self.url}/feed.xml"

    def feed(self, old: str = "", new: str = "") -> None:
        """Serve the feed, once more with `old` replaced."""
        text = FEED.format(site=self.url, site_outside=self.url.replace("127.0.0.1", "127.0.0.2"), padding="Rivers. " * 300)
        assert old in text
        self.files["/feed.xml"] = (
            "application/rss+xml; charset=utf-8",
            text.replace(old, new).encode() if old else text.encode(),
            "max-age=300",
        )

    def reply(self, method: str, path: str, asked: dict[str, str]) -> Reply:
        reply = Reply(method, path, asked)
        self.log.append((method, path))
        if path not in self.files:
            reply.status, reply.body = 404, b"not here"
        else:
            kind, body, cache = self.files[path]
            reply.headers = {"Content-Type": kind, "ETag": f'"{len(body)}"', "Cache-Control": cache, "Accept-Ranges": "bytes"}
            if "origin" in asked:
                reply.headers["Access-Control-Allow-Origin"] = "*"
            reply.body = body
            start, _, end = asked.get("range", "").removeprefix("bytes=").partition("-")
            if asked.get("if-none-match") == reply.headers["ETag"]:
                reply.status, reply.body = 304, b""
            elif start and int(start) >= len(body):
                reply.status, reply.body = 416, b""
            elif start:
                last = min(int(end or len(body)), len(body) - 1)
                reply.status, reply.body = 206, body[int(start) : last + 1]
                reply.headers["Content-Range"] = f"bytes {start}-{last}/{len(body)}"
            elif "gzip" in asked.get("accept-encoding", "") and kind.startswith("application/rss"):
                reply.body = gzip.compress(body, mtime=0)
                reply.headers["Content-Encoding"] = "gzip"
        for fault in self.faults:
            fault(reply)
        return reply


@pytest.fixture
def site():
    show = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self):
            reply = show.reply(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                try:
                    self.wfile.write(reply.body)
                except OSError:
                    self.close_connection = True

        do_GET = do_HEAD = answer  # noqa: N815  the library's names

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_):
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    show.url = f"http://127.0.0.1:{server.server_port}"
    show.files = {
        "/art/cover-0a1b2c3d.jpg": ("image/jpeg", b"j" * 20_000, IMMUTABLE),
        "/media/bridge-0a1b2c3d.mp3": ("audio/mpeg", b"a" * 40_000, IMMUTABLE),
        "/episodes/bridge/transcript-0a1b2c3d.vtt": ("text/vtt; charset=utf-8", b"WEBVTT\n\n", IMMUTABLE),
        "/episodes/bridge/chapters-0a1b2c3d.json": ("application/json+chapters", b"{}", IMMUTABLE),
        "/episodes/bridge.html": ("text/html; charset=utf-8", PAGE.encode(), "max-age=300"),
    }
    show.feed()
    yield show
    server.shutdown()
    server.server_close()
    thread.join()
