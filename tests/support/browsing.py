"""A folder served as object storage serves it, and a browser to look at it."""

from __future__ import annotations

import contextlib
import functools
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--mute-audio", "--autoplay-policy=no-user-gesture-required"),
)


class RangeHandler(SimpleHTTPRequestHandler):
    """Files as object storage serves them: `Range` is answered with 206, so that a player can seek."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            super().do_GET()
            return
        body = path.read_bytes()
        first, last = int(asked[1]), min(int(asked[2] or len(body)), len(body) - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(body[first : last + 1])

    def copyfile(self, source, outputfile):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # a browser that has heard enough
            super().copyfile(source, outputfile)


class QuietServer(ThreadingHTTPServer):
    """A browser that closes a connection early is no news."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class Site:
    """A folder of pages and where it is served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = QuietServer(("127.0.0.1", 0), functools.partial(RangeHandler, directory=folder))
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")  # not longer: two of playwright's drivers cannot run in one process
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    import shutil

    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        yield running
        running.close()


def watch(page: Page, origin: str, troubles: list[str]) -> None:
    """Note every error the page logs and everything it asks of another origin."""
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(origin) else troubles.append(f"asked {request.url}"))


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in a context of its own; the test fails when it logs an error or asks another origin for anything."""
    contexts = []
    troubles: list[str] = []

    def open_(url: str, *, context=None, **options) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        if context is None:
            context = browser.new_context(**options)
            contexts.append(context)
        page = context.new_page()
        watch(page, re.match(r"https?://[^/]+", url)[0], troubles)
        page.goto(url)
        page.troubles = troubles
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []
