"""`publish check FILE`: feeds that other programs wrote, held against the same rules."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.show_factory import Show

OLD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/DTDs/Podcast-1.0.dtd">
<channel><title> My Cast </title><link>http://cast.example</link><description><![CDATA[<p>Hi</p>]]></description><language>en_US</language>
<itunes:explicit>no</itunes:explicit><itunes:category text="Technology"><itunes:category text="Podcasting"/></itunes:category>
<itunes:image href="cover.webp"/>
<item><title>#1 Hello</title><guid>1</guid><enclosure url="http://cast.example/a.ogg" length="None" type="audio/ogg"/>
<pubDate>Mon, 1 Jan 2026 10:00 EST</pubDate><itunes:duration>01:01.5</itunes:duration></item>
<item><title></title><enclosure url="http://cast.example/a.ogg" length="0" type="audio/mpeg"/></item>
</channel></rss>"""
FEEDS = [
    ("old.xml", OLD, {"F002", "F009", "F010", "F013", "F014", "I001", "I003", "I008", "I009", "I010", "I011", "I018"}),
    ("atom.xml", '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A</title></feed>', {"F002"}),
    ("page.html", "<html><body>Not found</body>", {"F001"}),
    ("empty.xml", "", {"F001"}),
]


@pytest.mark.parametrize(("name", "text", "codes"), FEEDS, ids=[row[0] for row in FEEDS])
def test_a_feed_of_others_breaks_these_rules(tmp_path, name, text, codes):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    outcome = Show(tmp_path).run("check", str(path), "--json")
    assert outcome.status == 3
    assert {row["code"] for row in outcome.findings() if row["severity"] == "error"} == codes
    assert {row["file"] for row in outcome.findings()} == {str(path)}


@pytest.mark.parametrize(
    ("name", "data", "message", "hint"),
    [
        (
            "page.html",
            b"<!DOCTYPE html><title>x</title><br>",
            "this is a web page, not a feed",
            "the feed's address is behind its RSS button",
        ),
        (
            "home.html",
            b"<html><head><link rel=stylesheet href=a.css><link rel='alternate' type='application/rss+xml' href='/feed.xml'><br>",
            "this is a web page, not a feed",
            "it says that its feed is at /feed.xml",
        ),
        ("feed.json", b'\xef\xbb\xbf {"version": 1}', "this is JSON, not RSS", "podcast apps"),
        ("zipped.xml", gzip.compress(OLD.encode(), mtime=0), "this is compressed (gzip)", "unpack it"),
        ("blank.xml", b" \n", "there is nothing in it", "was it written or copied whole?"),
        ("cut.xml", OLD[:300].encode(), "not well-formed XML", "it ends in the middle"),
    ],
)
def test_what_is_no_feed_is_called_by_its_name(tmp_path, name, data, message, hint):
    (tmp_path / name).write_bytes(data)
    (row,) = Show(tmp_path).run("check", str(tmp_path / name), "--json").findings()
    assert row["code"] == "F001"
    assert row["message"].startswith(message)
    assert row["hint"].startswith(hint)


def test_hints_about_a_feed_of_others_do_not_speak_of_our_files(tmp_path):
    (tmp_path / "feed.xml").write_text(OLD)
    hints = [row["hint"] for row in Show(tmp_path).run("check", str(tmp_path / "feed.xml"), "--json").findings()]
    assert any(hints)
    assert not [hint for hint in hints if "[show" in hint or "[feed" in hint or "summary =" in hint or "publish init" in hint]


def test_a_packed_feed_is_unpacked(tmp_path):
    (tmp_path / "feed.xml.gz").write_bytes(gzip.compress(OLD.encode(), mtime=0))
    (tmp_path / "feed.xml").write_bytes(OLD.encode())
    packed, plain = (Show(tmp_path).run("check", str(tmp_path / name), "--json").findings() for name in ("feed.xml.gz", "feed.xml"))
    assert [{**row, "file": ""} for row in packed] == [{**row, "file": ""} for row in plain]


@pytest.mark.parametrize(
    ("feed", "hint"),
    [
        ("nothere.xml", "give a file, or an address that begins with https://"),
        ("show.example/feed.xml", "`publish check https://show.example/feed.xml`"),
        ("ftp://show.example/feed.xml", "give a file, or an address that begins with https://"),
        ("folder", "`publish -c folder/config.toml check`"),
        ("broken.gz", "give a file"),
        ("cut.gz", "give a file"),
    ],
)
def test_what_cannot_be_read_says_what_to_type(tmp_path, monkeypatch, feed, hint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken.gz").write_bytes(b"not packed")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x" * 10_000)[:-12])
    outcome = Show(tmp_path).run("check", feed)
    assert outcome.status == 2
    assert f"the feed cannot be read: {feed}" in outcome.stderr and hint in outcome.stderr


@pytest.fixture
def host():
    """A server; paths say what it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status = int(self.path.strip("/")) if self.path.strip("/").isdigit() else 200
            headers = {301: {"Location": "/feed.xml"}, 307: {"Location": "/307"}, 429: {"Retry-After": "3600"}}.get(status, {})
            body = OLD.encode()
            if self.path == "/packed":
                headers, body = {"Content-Encoding": "gzip"}, gzip.compress(body, mtime=0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("path", ["/feed.xml", "/packed"])
def test_a_feed_of_others_is_fetched(tmp_path, host, path):
    outcome = Show(tmp_path).run("check", host + path, "--json")
    assert outcome.status == 3
    assert "F010" in {row["code"] for row in outcome.findings()}


def test_behind_a_redirect_the_feed_is_where_it_was_found(tmp_path, host):
    rows = Show(tmp_path).run("check", f"{host}/301", "--json").findings()
    assert {row["file"] for row in rows} == {f"{host}/301"}
    assert not [row for row in rows if f"{host}/301" in row["message"]]


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("/404", "the feed answers 404", "is the address right"),
        ("/429", "the feed answers 429", "try again later"),
        ("/307", "more than 5 redirects", "is the address right"),
    ],
)
def test_an_address_that_gives_no_feed_is_an_error_of_the_network(tmp_path, host, path, message, hint):
    outcome = Show(tmp_path).run("check", host + path)
    assert outcome.status == 4
    assert message in outcome.stderr and hint in outcome.stderr


def _long_feed(count: int, explicit: str) -> str:
    item = (
        "<item><title>Talk {n}</title><guid>https://cast.example/{n}</guid><itunes:explicit>{explicit}</itunes:explicit>"
        '<pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate><enclosure url="https://cast.example/{n}.mp3" length="99999" type="audio/mpeg"/></item>'
    )
    items = "".join(item.format(n=number, explicit=explicit) for number in range(count))
    return OLD[: OLD.index("<item>")] + items + "</channel></rss>"


def test_what_recurs_in_a_feed_of_others_is_told_once_with_its_count(tmp_path):
    (tmp_path / "feed.xml").write_text(_long_feed(411, "no").replace("DTDs/Podcast", "dtds/podcast"))
    show = Show(tmp_path)
    text = show.run("check", str(tmp_path / "feed.xml")).stdout
    assert text.count("I022") == 1
    assert "I022 411 episodes, the first: itunes:explicit is 'no'" in text
    assert "411 episodes, the first: the episode has no itunes:duration" in text
    assert len(text.splitlines()) < 50
    rows = show.run("check", str(tmp_path / "feed.xml"), "--json").findings()
    assert len({row["episode"] for row in rows if row["code"] == "I022"}) == 411
    assert show.run("check", str(tmp_path / "feed.xml"), "--select", "I022").stdout.count("I022 itunes:explicit") == 411


def test_what_comes_a_few_times_is_told_each_time(tmp_path):
    (tmp_path / "feed.xml").write_text(_long_feed(3, "no").replace("DTDs/Podcast", "dtds/podcast"))
    text = Show(tmp_path).run("check", str(tmp_path / "feed.xml")).stdout
    assert text.count("I022 itunes:explicit") == 3
    assert "the first" not in text
