from __future__ import annotations

import gc
import queue
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest

from publisher.preview.application import Preview
from publisher.preview.served_files import Sources
from publisher.preview.server import Changes, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SITE = "https://latch.example/show"
PAGE = """<!doctype html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; script-src 'sha256-abc='; upgrade-insecure-requests">
<title>Zip</title></head><body><a href="https://latch.example/show/episodes/zip.html">zip</a>
<a href="https://latch.example/shows/other.html">not ours</a></body></html>
"""
AUDIO = bytes(range(256)) * 4096


@dataclass
class Served:
    """A preview that answers."""

    url: str
    folder: Path
    source: Path
    stop: threading.Event
    rebuilds: list[float] = field(default_factory=list)

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        return httpx.request(
            method, self.url + path.lstrip("/"), headers={name.replace("_", "-"): value for name, value in headers.items()}
        )


@pytest.fixture(scope="module", autouse=True)
def _a_process_of_its_own() -> Iterator[None]:
    """A preview looks through what its process holds after each build: here that is what thousands of tests before left."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = tmp_path / "public"
    (built / "episodes").mkdir(parents=True)
    (built / "media").mkdir()
    (built / "index.html").write_text(PAGE)
    (built / "404.html").write_text("<html><head></head><body>Nothing here</body></html>")
    (built / "episodes" / "zip.html").write_text(PAGE)
    (built / "feed.xml").write_text("<rss><link>https://latch.example/show/index.html</link></rss>")
    (built / "chapters.json").write_text(r'{"url": "https://latch.example/show/a.html", "other": "https:\/\/latch.example\/show\/b.html"}')
    (built / "media" / "zip.mp3").write_bytes(AUDIO)
    return built


@pytest.fixture
def previewed(folder: Path, tmp_path: Path) -> Callable:
    """Start a preview of `folder`; `with previewed() as served:` ends it again."""
    source = tmp_path / "source"
    source.mkdir()

    @contextmanager
    def start(rebuild: Callable[[], None] | None = None, *, watch: list[Path] | None = None, pretty_urls: bool = False) -> Iterator[Served]:
        ready: queue.Queue[str] = queue.Queue()
        stop = threading.Event()
        preview = Preview(folder=folder, site_url=SITE, sources=Sources(tmp_path), pretty_urls=pretty_urls)
        changes = Changes(rebuild=rebuild, watch=[source] if watch is None else watch) if rebuild is not None else None
        thread = threading.Thread(target=serve, args=(preview, changes), kwargs={"port": 0, "ready": ready.put, "stop": stop})
        thread.start()
        try:
            yield Served(url=ready.get(timeout=10), folder=folder, source=source, stop=stop)
        finally:
            stop.set()
            thread.join(timeout=10)
            assert not thread.is_alive()

    return start
