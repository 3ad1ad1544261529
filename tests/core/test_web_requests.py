"""Requests to the web: how much of an answer is read, and where a redirect may lead."""

from __future__ import annotations

import datetime as dt
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from publisher.commands.status import newest_served
from publisher.core import web_requests as web
from publisher.core.errors import StorageError
from publisher.core.web_requests import Limits, WebClient, get, get_feed, open_client
from tests.support.service_servers import Answering

MIB = 1 << 20


@pytest.fixture
def endless():
    """A server whose answers do not end; how many bytes it could send."""
    sent = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                while len(sent) < 256:
                    self.wfile.write(b"x" * MIB)
                    sent.append(MIB)
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/feed.xml", sent
    server.shutdown()
    server.server_close()


def test_what_is_newest_is_not_read_beyond_the_limit(endless, monkeypatch):
    address, sent = endless
    monkeypatch.setattr(web, "LARGEST_FEED", MIB)
    with pytest.raises(StorageError) as caught:
        newest_served(address)
    assert caught.value.code == "feed-unreachable"
    assert "it is larger than 1,048,576 bytes" in caught.value.cause
    assert sum(sent) < 32 * MIB


def test_the_newest_date_of_a_served_feed_is_found():
    items = "".join(
        f"<item><pubDate>{day} May 2026 06:00:00 {zone}</pubDate></item>" for day, zone in ((1, "-0000"), (3, "+0200"), (2, ""))
    )
    with Answering() as server:
        server.routes["/feed.xml"] = (200, f"<rss><channel>{items}<item/></channel></rss>".encode(), {})
        assert newest_served(f"{server.address}/feed.xml") == dt.datetime(2026, 5, 3, 4, tzinfo=dt.UTC)
        server.routes["/feed.xml"] = (200, b"<rss><channel/></rss>", {})
        assert newest_served(f"{server.address}/feed.xml") is None


@pytest.mark.parametrize(
    ("status", "body", "words"), [(404, b"", "answers 404"), (503, b"", "answers 503"), (200, b"no feed", "is no feed")]
)
def test_what_is_no_feed_is_said_so(status, body, words, monkeypatch):
    monkeypatch.setattr(web, "Limits", lambda **limits: Limits(pauses=(), **limits))
    with Answering(answers=[(status, body, {})]) as server, pytest.raises(StorageError) as caught:
        newest_served(f"{server.address}/feed.xml")
    assert caught.value.code == "feed-unreachable"
    assert words in caught.value.message


def test_a_redirect_is_followed_and_says_where_it_led():
    with Answering() as server:
        server.routes["/old.xml"] = (301, b"", {"Location": "/feed.xml"})
        server.routes["/feed.xml"] = (200, b"<rss/>", {})
        answer = get_feed(f"{server.address}/old.xml")
    assert (answer.address, answer.body) == (f"{server.address}/feed.xml", b"<rss/>")


@pytest.mark.parametrize(
    "inside", ["http://127.0.0.1/", "http://192.168.0.1/feed.xml", "http://localhost:1/", "http://[::1]/", "http://2130706433/"]
)
def test_from_outside_nothing_leads_into_this_network(inside):
    limits = Limits(pauses=())
    with open_client(limits) as client:
        assert WebClient(client, limits).ask("GET", inside).fault == "an address of this machine's own network"


def test_an_answer_that_takes_too_long_is_given_up():
    with Answering() as server:
        server.routes["/slow"] = (200, b"x" * 1000, {})
        answer = get(f"{server.address}/slow", Limits(answer=-1.0, pauses=()))
    assert (answer.status, answer.fault) == (0, "the answer takes too long")
