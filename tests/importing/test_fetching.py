"""All that an import and a comparison fetch goes through the one bounded request, and what it cannot read is said."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from publisher.core.errors import StorageError
from publisher.web.bounded_fetch import Fetcher
from publisher.web.web_requests import get_feed
from tests.support.service_servers import Answering
from tests.support.show_factory import Show, picture, recording
from tests.support.two_hosts import HEAD, item


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def host():
    """A show with one of each thing that is fetched."""
    with Answering(answers=[(404, b"", {})]) as server:
        at = server.address
        more = (
            f'<itunes:image href="{at}/cover.jpg"/><podcast:transcript url="{at}/t.vtt" type="text/vtt"/>'
            f'<podcast:chapters url="{at}/c.json" type="application/json+chapters"/>'
        )
        head = f'<itunes:image href="{at}/art.jpg"/><atom:link rel="next" href="/feed-2.xml"/><language>en</language>'
        first, second = item(2, enclosure=f"{at}/2.mp3", more=more), item(1, enclosure=f"{at}/1.mp3")
        server.routes = {
            "/feed.xml": (200, f"{HEAD}{head}{first.xml()}</channel></rss>".encode(), {}),
            "/feed-2.xml": (200, f"{HEAD}{second.xml()}</channel></rss>".encode(), {}),
            "/art.jpg": (200, picture(), {}),
            "/cover.jpg": (200, picture(1500, 1500), {}),
            "/t.vtt": (200, b"WEBVTT\n\n00:00.000 --> 00:02.000\nHallo\n", {}),
            "/c.json": (200, b'{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "A"}]}', {}),
            "/1.mp3": (200, recording(voice=1), {}),
            "/2.mp3": (200, recording(voice=2), {}),
        }
        yield server


def bounded(frame):
    """Whether this call was made by the backend that judges where connections lead."""
    while frame is not None:
        if frame.f_code.co_name == "connect_tcp" and frame.f_code.co_filename.endswith("publisher/web/connections.py"):
            return True
        frame = frame.f_back
    return False


def test_every_connection_is_that_of_the_bounded_request(host, tmp_path, monkeypatch):
    seen = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connected(self, address):
        seen.append(("connect", bounded(sys._getframe())))
        return connect(self, address)

    def looked_up(*args, **more):
        seen.append(("getaddrinfo", bounded(sys._getframe())))
        return look_up(*args, **more)

    monkeypatch.setattr(socket.socket, "connect", connected)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    feed = f"{host.address}/feed.xml"
    assert Show(tmp_path).run("import", feed, str(tmp_path / "show"), "--yes", "--url", "https://new.example").status == 0
    assert {asked.path for asked in host.asked} == set(host.routes)
    Show(tmp_path).run("compare", feed, feed)
    assert any(what == "connect" for what, _ in seen)
    assert all(through for _, through in seen)


def test_nothing_is_asked_for_that_cannot_be_read(host, tmp_path):
    feed = f"{host.address}/feed.xml"
    Show(tmp_path).run("import", feed, str(tmp_path / "show"), "--yes", "--url", "https://new.example")
    Show(tmp_path).run("compare", feed, feed)
    Show(tmp_path).run("check", feed)
    assert {asked.headers["accept-encoding"] for asked in host.asked} <= {"identity", "gzip"}


@pytest.mark.parametrize("name", ["br", "zstd", "BR ", "gzip, br", "compress"])
def test_what_comes_compressed_in_another_way_is_said(host, tmp_path, name):
    for path in ("/2.mp3", "/t.vtt"):
        host.routes[path] = (200, b"\x1b\x00\x00", {"Content-Encoding": name})
    done = Show(tmp_path).run("import", f"{host.address}/feed.xml", str(tmp_path / "show"), "--json", "--url", "https://new.example")
    said = [line for line in done.document["warnings"] if f"Content-Encoding: {name.strip().lower()}" in line]
    assert len(said) == 2
    assert not list((tmp_path / "show").rglob("transcript.vtt"))
    assert not list((tmp_path / "show").glob("episodes/*2/audio.mp3"))


def test_a_feed_that_comes_compressed_in_another_way_is_said(host, tmp_path):
    host.routes["/feed.xml"] = (200, b"\x1b\x00\x00", {"Content-Encoding": "br"})
    feed = f"{host.address}/feed.xml"
    done = Show(tmp_path).run("import", feed, str(tmp_path / "show"))
    assert done.status == 4
    assert "Content-Encoding: br" in done.stderr
    with pytest.raises(StorageError) as raised:
        get_feed(feed)
    assert "Content-Encoding: br" in raised.value.cause


@pytest.mark.parametrize("name", ["audio.mp3.part", "audio.mp3.part.etag"])
@pytest.mark.parametrize("odd", ["link", "pipe"])
def test_nothing_is_written_through_what_lies_where_a_download_begins(host, tmp_path, name, odd):
    folder, precious = tmp_path / "show", tmp_path / "precious"
    folder.mkdir()
    precious.write_bytes(b"kept")
    for place in ("audio.mp3.part", "audio.mp3.part.etag"):
        (folder / place).write_bytes(b'"e"')
    (folder / name).unlink()
    (folder / name).symlink_to(precious) if odd == "link" else os.mkfifo(folder / name)
    host.routes["/1.mp3"] = (200, recording(voice=1), {"ETag": '"e"'})
    with Fetcher(host.address) as fetcher:
        fetcher.download(f"{host.address}/1.mp3", folder / "audio.mp3", 1 << 20)
    assert precious.read_bytes() == b"kept"
    assert (folder / "audio.mp3").read_bytes() == recording(voice=1)
    assert [path.name for path in folder.iterdir()] == ["audio.mp3"]
