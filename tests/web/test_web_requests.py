"""Requests to the web: how much of an answer is read, and where a redirect may lead."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import certifi
import pytest

from publisher.commands.status import newest_served
from publisher.core import addresses, console
from publisher.core.console import listen
from publisher.core.errors import StorageError
from publisher.web import connections
from publisher.web import web_requests as web
from publisher.web.bounded_fetch import Fetcher
from publisher.web.web_requests import Limits, WebClient, get, get_feed, open_client
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


INSIDE = [
    "http://127.0.0.1/",
    "http://192.168.0.1/feed.xml",
    "http://localhost:1/",
    "http://a.localhost/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://[::1]/",
    "http://[::]/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://0177.0.0.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://127.0.0.1./",
    "http://me@127.0.0.1/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[::ffff:0:7f00:1]/",
    "http://[fec0::1]/",
    "http://192.0.0.8/",
    "http://%31%32%37.0.0.1/",
    "http://127\u30020\u30020\u30021/",
    "http://127\uff610\uff610\uff611/",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://LOCALHO\u017fT/",
    "http://loc%61lhost/",
    "http://localhost%2E/",
]


@pytest.mark.parametrize("inside", INSIDE)
def test_from_outside_nothing_leads_into_this_network(inside):
    limits = Limits(pauses=())
    with open_client(limits) as client:
        assert WebClient(client, limits, typed="https://feeds.example/").ask("GET", inside).fault == web.OWN_NETWORK


@pytest.mark.parametrize(
    "outside", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "::ffff:0:808:808", "64:ff9b::808:808", "2002:808:808::"]
)
def test_what_is_of_the_public_web_is_asked(outside):
    assert not web.is_own(outside)


class Names:
    """The system's resolver, with names of its own; how often each was asked for."""

    def __init__(self, monkeypatch, **names):
        self.asked: list[str] = []
        real = socket.getaddrinfo

        def getaddrinfo(host, port, *args, **options):
            self.asked.append(host)
            numbers = names.get(str(host).replace(".", "_"), [host])
            return [row for number in numbers for row in real(number, port, *args, **options)]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture
def one_is_outside(monkeypatch):
    """127.0.0.1 stands for the public web; everything else of this machine stays its own."""
    real = web.is_own
    for module in (web, addresses):
        monkeypatch.setattr(module, "is_own", lambda number: number != "127.0.0.1" and real(number))


def ask(address, typed="https://feeds.example/", **limits):
    limits = Limits(**{"pauses": (), **limits})
    with open_client(limits) as client:
        return WebClient(client, limits, typed=typed).ask("GET", address, keep=True)


def test_a_name_that_leads_inside_is_found_out_where_it_is_connected_to(monkeypatch):
    names = Names(monkeypatch, evil_example=["127.0.0.1"], own_name=["127.0.1.1"])
    with Answering() as server:
        port = server.address.rpartition(":")[2]
        assert ask(f"http://evil.example:{port}/").fault == web.OWN_NETWORK
        assert ask(f"http://own.name:{port}/").fault == web.OWN_NETWORK
        assert not server.asked
        assert names.asked.count("evil.example") == 1


def test_a_name_with_two_addresses_is_asked_at_the_outer_one(monkeypatch, one_is_outside):
    Names(monkeypatch, both_example=["127.0.0.3", "127.0.0.1"])
    with Answering(answers=[(200, b"outer", {})]) as server:
        answer = ask(f"http://both.example:{server.address.rpartition(':')[2]}/")
    assert (answer.status, answer.body, answer.inside) == (200, b"outer", False)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2:{}/", "http://[::1]:{}/", "http://localhost:{}/", "http://inner.example:{}/", "//127.2:{}/"]
)
def test_a_redirect_from_outside_leads_nowhere_inside(monkeypatch, one_is_outside, target):
    Names(monkeypatch, inner_example=["127.0.0.2"])
    with Answering() as server:
        server.routes["/old"] = (302, b"", {"Location": target.format(server.address.rpartition(":")[2])})
        answer = ask(f"{server.address}/old")
        assert (answer.status, answer.fault, len(answer.hops)) == (0, web.OWN_NETWORK, 1)
        typed = ask(f"{server.address}/old", typed=f"{server.address}/old")
        assert (typed.status, typed.fault) == (0, web.OWN_NETWORK), "nor where a person typed the outer address"
        assert len(server.asked) == 2


def test_what_a_person_types_may_be_inside_and_what_it_leads_to_as_well(monkeypatch):
    Names(monkeypatch, studio_example=["127.0.0.1"])
    with Answering() as server:
        server.routes["/feed"] = (302, b"", {"Location": "/other"})
        port = server.address.rpartition(":")[2]
        limits = Limits(pauses=())
        with open_client(limits) as client:
            crawler = WebClient(client, limits, typed=f"http://studio.example:{port}/feed")
            assert crawler.ask("GET", f"{server.address}/early").fault == web.OWN_NETWORK, "not known yet"
            assert crawler.ask("GET", f"http://studio.example:{port}/feed").status == 200
            assert crawler.ask("GET", f"{server.address}/audio.mp3").status == 200
    assert [asked.path for asked in server.asked] == ["/feed", "/other", "/audio.mp3"]


def test_a_connection_that_is_open_already_is_judged_too(monkeypatch):
    Names(monkeypatch, studio_example=["127.0.0.1"])
    with Answering() as server:
        port = server.address.rpartition(":")[2]
        limits = Limits(pauses=())
        with open_client(limits) as client:
            web.request(client, "GET", f"http://studio.example:{port}/", limits, keep=(200,))
            assert WebClient(client, limits).ask("GET", f"http://studio.example:{port}/", keep=True).fault == web.OWN_NETWORK


def test_through_a_proxy_names_cannot_be_judged_and_that_is_said_once(monkeypatch):
    said = []
    listen(said.append)
    with Answering(answers=[(200, b"by the proxy", {})]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        answers = [ask(f"http://any{number}.example/") for number in range(2)]
        assert ask("http://127.0.0.1:1/").fault == web.OWN_NETWORK, "a number tells by itself"
    assert [answer.body for answer in answers] == [b"by the proxy"] * 2
    assert len(said) == 1
    assert "proxy" in said[0]


@pytest.mark.parametrize(
    "proxy", ["http://me:SECRET@[", "nonsense://me:SECRET@host", "socks5://me:SECRET@host:1", "http://me:SECRET@host:port"]
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    fault = ask("http://feeds.example/").fault
    assert "proxy" in fault
    assert "SECRET" not in fault


def test_the_longer_a_body_may_be_the_longer_it_may_take_and_not_for_ever(monkeypatch):
    seen = []
    real = web.request
    monkeypatch.setattr(
        web,
        "request",
        lambda client, method, address, limits, **options: (seen.append(limits.answer), real(client, method, address, limits, **options))[
            1
        ],
    )
    with Answering() as server, Fetcher(server.address) as fetcher:
        fetcher.get(server.address, 8 << 20)
        fetcher.get(server.address, 4 << 30)
    assert seen == [60.0 + 256, 60.0 + 131_072]


def test_a_key_goes_to_the_host_it_is_for_and_no_further():
    given = {"Authorization": "SECRET", "X-Auth-Key": "SECRET", "Range": "bytes=0-1"}
    with Answering() as first, Answering() as other:
        first.routes["/old"] = (302, b"", {"Location": "/here"})
        first.routes["/here"] = (302, b"", {"Location": f"{other.address}/there"})
        assert get(f"{first.address}/old", Limits(pauses=()), given).status == 200
    assert [asked.headers.get("authorization") for asked in first.asked] == ["SECRET", "SECRET"]
    assert other.asked[0].headers["range"] == "bytes=0-1"
    assert "SECRET" not in str(other.asked[0].headers)


def test_who_is_waited_for_is_said(monkeypatch):
    said = []
    listen(said.append)
    monkeypatch.setattr(console, "PATIENCE", 0.05)
    with Answering() as server:
        ask(server.address, typed=server.address)
        assert said == []
        real = server.answer
        server.answer = lambda asked: (time.sleep(0.4), real(asked))[1]
        ask(server.address, typed=server.address)
    assert said == ["still waiting for 127.0.0.1"]


def test_an_answer_that_takes_too_long_is_given_up():
    with Answering() as server:
        server.routes["/slow"] = (200, b"x" * 1000, {})
        answer = get(f"{server.address}/slow", Limits(answer=-1.0, pauses=()))
    assert (answer.status, answer.fault) == (0, "the answer takes too long")


def test_the_list_of_authorities_is_read_once_and_again_where_the_environment_names_another(monkeypatch):
    made = []
    real = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda *given, **named: made.append(named) or real(*given, **named))
    connections._trusted.cache_clear()
    for _ in range(2):
        open_client(Limits()).close()
    assert len(made) == 1
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    open_client(Limits()).close()
    assert len(made) == 2


def test_who_asks_for_the_list_of_authorities_while_another_reads_it_waits_for_that(monkeypatch):
    made = []
    real = ssl.create_default_context

    def slow(*given, **named):
        made.append(named)
        time.sleep(0.2)
        return real(*given, **named)

    monkeypatch.setattr(ssl, "create_default_context", slow)
    connections._trusted.cache_clear()
    asking = [threading.Thread(target=connections.trusted_authorities) for _ in range(3)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert len(made) == 1
