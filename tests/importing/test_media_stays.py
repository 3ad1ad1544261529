"""Recordings that stay at the old host for a while: feed and pages lead there, until each is brought here, once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from feed.reader import read_feed
from publisher.stores.directory import DirectoryStore
from publisher.sync.state_copies import StateCopies
from publisher.sync.storage import Storage
from tests.support import ROOT
from tests.support.browsing import Site, browser  # noqa: F401
from tests.support.listening import heard
from tests.support.needs import needs
from tests.support.service_servers import Answering
from tests.support.show_factory import Show, picture, recording

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">'
    "<channel><title>Old</title><description>All of it.</description><language>en</language><itunes:author>Ada</itunes:author>"
    '<itunes:explicit>no</itunes:explicit><itunes:category text="Science"/>'
)
SOUNDS = {"Two": recording(voice=2), "One": recording(voice=1)}


class OldHost:
    """The host that a show leaves: its feed, a detour before each recording, and recordings with hashes, ranges and HEAD. `slow` stops
    in the middle of what it sends until it is let go on.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {f"/{name}.mp3": sound for name, sound in SOUNDS.items()}
        self.files["/art.png"] = picture(form="PNG")
        self.asked: list[tuple[str, str, str]] = []
        self.slow = threading.Event()
        self.go_on = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                asked = self.headers.get("Range", "")
                outer.asked.append((self.command, path, asked))
                if path.startswith("/count/"):
                    return self._head(302, Location=path.removeprefix("/count"))
                if path.startswith("/away/"):
                    return self._head(302, Location=f"{outer.address}{path.removeprefix('/away')}")
                body = outer.files.get(path)
                if body is None:
                    return self._head(404)
                tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                first = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
                if first is not None and self.headers.get("If-Range", tag) == tag:
                    start, end = int(first[1]), int(first[2] or len(body) - 1)
                    self._head(206, len(body[start : end + 1]), ETag=tag, Content_Range=f"bytes {start}-{end}/{len(body)}")
                    body = body[start : end + 1]
                else:
                    self._head(200, len(body), ETag=tag, Accept_Ranges="bytes")
                if self.command == "HEAD":
                    return None
                with contextlib.suppress(ConnectionError):
                    half = len(body) // 2
                    self.wfile.write(body[:half])
                    if outer.slow.is_set():
                        self.wfile.flush()
                        outer.go_on.wait(30)
                    self.wfile.write(body[half:])
                return None

            do_HEAD = do_GET  # noqa: N815

            def _head(self, status: int, length: int = 0, **headers: str) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Type", "audio/mpeg")
                self.send_header("Content-Length", str(length))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def host(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    made = OldHost()
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title.lower()}</guid><pubDate>{day} May 2026 06:00:00 +0000</pubDate>"
        f'<description>Words.</description><enclosure url="{made.address}/{title}.mp3" length="{length}" type="audio/mpeg"/>'
        f"<itunes:duration>00:20</itunes:duration></item>"
        for title, day, length in (("Two", 20, len(SOUNDS["Two"])), ("One", 13, 9))
    )
    made.files["/feed.xml"] = f'{HEAD}<itunes:image href="{made.address}/art.png"/>{items}</channel></rss>'.encode()
    yield made
    made.close()


def imported(host, folder, *options, url="https://new.example"):
    done = Show(folder).run("import", f"{host.address}/feed.xml", str(folder), "--json", "--url", url, "--media", "stays", *options)
    assert done.status == 0, done.stderr
    return done


def enclosures(folder):
    """(address, length, type, duration) by guid, as the feed has them."""
    done = Show(folder).publish()
    assert done.status == 0, done.stderr
    items = read_feed((folder / "public" / "feed.xml").read_bytes()).items
    return {
        row.value("guid"): (*(row.attribute("enclosure", name) for name in ("url", "length", "type")), row.value("itunes:duration"))
        for row in items
    }


def front(folder, name):
    return tomllib.loads((folder / "episodes" / name / "episode.md").read_text("utf-8").split("+++")[1])


def test_recordings_that_stay_are_named_in_the_feed_as_the_old_one_has_them(host, tmp_path):
    imported(host, tmp_path)
    assert not list(tmp_path.rglob("audio.*"))
    assert {method for method, path, _ in host.asked if path.endswith(".mp3")} == {"HEAD"}
    assert enclosures(tmp_path) == {
        "two": (f"{host.address}/Two.mp3", str(len(SOUNDS["Two"])), "audio/mpeg", "20"),
        "one": (f"{host.address}/One.mp3", "9", "audio/mpeg", "20"),
    }
    said = Show(tmp_path).run("check", "--json").findings("audio-elsewhere")
    assert [row["severity"] for row in said] == ["warning"]
    assert "2 recordings" in said[0]["message"]
    assert "not measured" in said[0]["message"]
    assert urlsplit(host.address).netloc in said[0]["message"]
    again = Show(tmp_path).publish("--json")
    assert (again.status, again.document["episodes"]) == (0, [])


def test_a_measurement_prefix_of_this_show_is_not_put_before_an_address_of_the_old_host(host, tmp_path):
    imported(host, tmp_path)
    show = Show(tmp_path)
    show.configure("[feed]", '[feed]\nenclosure_prefix = "https://op3.dev/e/"')
    assert enclosures(tmp_path)["one"][0] == f"{host.address}/One.mp3"


def test_the_page_lets_the_player_load_from_the_old_host_and_nothing_else(host, tmp_path):
    host.files["/feed.xml"] = host.files["/feed.xml"].replace(b"/One.mp3", b"/count/One.mp3")
    imported(host, tmp_path)
    enclosures(tmp_path)
    before = {name: (tmp_path / "public" / "episodes" / f"{name}.html").read_text("utf-8") for name in ("one", "two")}
    Show(tmp_path).run("pull", "--from-host")
    enclosures(tmp_path)
    for name, page in before.items():
        policies = re.findall(r'Content-Security-Policy" content="([^"]*)"', page.replace("&#39;", "'"))
        after = (tmp_path / "public" / "episodes" / f"{name}.html").read_text("utf-8").replace("&#39;", "'")
        assert f"media-src 'self' {host.address};" in policies[0]
        assert [one.replace(f" {host.address}", "") for one in policies] == re.findall(r'Content-Security-Policy" content="([^"]*)"', after)


def test_hosts_that_an_address_leads_on_to_are_named_for_the_player(host, tmp_path):
    outer = host.address.replace("127.0.0.1", "localhost")
    host.files["/feed.xml"] = host.files["/feed.xml"].replace(f"{host.address}/One.mp3".encode(), f"{outer}/away/One.mp3".encode())
    imported(host, tmp_path)
    assert front(tmp_path, "2026-05-13-one")["audio_unmeasured"]["hosts"] == [host.address]
    enclosures(tmp_path)
    assert f"media-src &#39;self&#39; {outer} {host.address};" in (tmp_path / "public" / "episodes" / "one.html").read_text("utf-8")


def test_what_is_brought_here_is_measured_noted_and_moves_once(host, tmp_path):
    imported(host, tmp_path)
    old = enclosures(tmp_path)
    pulled = Show(tmp_path).run("pull", "--from-host", "one", "--json")
    assert pulled.status == 0, pulled.stderr
    sha256 = hashlib.sha256(SOUNDS["One"]).hexdigest()
    [row] = pulled.document["pulled"]
    assert row == {"slug": "one", "file": "episodes/2026-05-13-one/audio.mp3", "bytes": len(SOUNDS["One"]), "sha256": sha256}
    assert "the old feed said 9" in pulled.stderr
    text = (tmp_path / "episodes" / "2026-05-13-one" / "episode.md").read_text("utf-8")
    assert f"{len(SOUNDS['One'])} bytes, sha256 {sha256}; until then {host.address}/One.mp3" in text
    assert front(tmp_path, "2026-05-13-one")["audio"] == "audio.mp3"
    assert "audio_unmeasured" not in text
    new = enclosures(tmp_path)
    assert new["two"] == old["two"]
    assert new["one"][0].startswith("https://new.example/media/")
    assert new["one"][1] == str(len(SOUNDS["One"]))
    there = tmp_path / "public" / urlsplit(new["one"][0]).path.lstrip("/")
    assert there.read_bytes() == SOUNDS["One"]
    store = DirectoryStore(tmp_path / "public")
    state = StateCopies(tmp_path / ".nothing", Storage(public=store, private=store)).read()
    assert state.episodes["one"].elsewhere.url == old["one"][0]
    assert state.episodes["one"].audio.facts.sha256 == sha256
    # back again, or to a third place: no
    show = Show(tmp_path)
    show.edit(
        "2026-05-13-one",
        'audio = "audio.mp3"',
        f'audio_unmeasured = {{ length = 9, type = "audio/mpeg" }}\naudio = "{host.address}/One.mp3"',
    )
    refused = show.publish("--json")
    assert refused.status == 3
    assert refused.findings("audio-frozen")
    show.edit("2026-05-20-two", "/Two.mp3", "/Other.mp3")
    assert len(show.publish("--json").findings("audio-frozen")) == 2


def test_an_import_again_leaves_recordings_that_stay(host, tmp_path):
    imported(host, tmp_path)
    done = Show(tmp_path).run("import", f"{host.address}/feed.xml", str(tmp_path), "--json", "--url", "https://new.example")
    assert (done.status, done.document["missing"]) == (0, 0)
    assert not list(tmp_path.rglob("audio.*"))


def test_a_recording_that_stays_is_none_to_fetch_back_from_our_storage(host, tmp_path):
    imported(host, tmp_path)
    enclosures(tmp_path)
    done = Show(tmp_path).run("pull", "--json")
    assert (done.status, done.document["pulled"]) == (0, []), done.stderr


def test_what_is_no_recording_stays_where_it_is_and_is_said(host, tmp_path):
    imported(host, tmp_path)
    host.files["/One.mp3"] = b"<html>gone</html>" * 100
    del host.files["/Two.mp3"]
    done = Show(tmp_path).run("pull", "--from-host")
    assert done.status == 4
    assert "one: what lies at" in done.stderr
    assert "404" in done.stderr
    assert not list(tmp_path.rglob("audio.*"))
    host.files |= {f"/{name}.mp3": sound for name, sound in SOUNDS.items()}
    assert Show(tmp_path).run("pull", "--from-host").status == 0
    assert len(list(tmp_path.glob("episodes/*/audio.mp3"))) == 2
    assert "No recording lies at another host" in Show(tmp_path).run("pull", "--from-host").stderr
    assert Show(tmp_path).run("pull", "--from-host", "one").status == 2


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('audio = "https://old.example/a.mp3"', "audio-elsewhere"),
        ('audio = "ftp://old.example/a.mp3"\naudio_unmeasured = { length = 9, type = "audio/mpeg" }', "audio-elsewhere"),
        ('audio = "https://"\naudio_unmeasured = { length = 9, type = "audio/mpeg" }', "audio-elsewhere"),
    ],
)
def test_an_address_that_cannot_be_published_is_refused_with_what_to_write(host, tmp_path, line, code):
    imported(host, tmp_path)
    path = tmp_path / "episodes" / "2026-05-13-one" / "episode.md"
    path.write_text(
        re.sub(r"(?m)^audio_unmeasured = .*\n", "", re.sub(r'(?m)^audio = "[^"]*".*$', lambda _: line, path.read_text("utf-8")))
    )
    done = Show(tmp_path).publish("--json")
    assert done.status == 3
    assert any(row["episode"] == "one" for row in done.findings(code))


def test_a_pull_killed_in_the_middle_goes_on_where_it_was(host, tmp_path):
    host.files["/One.mp3"] = whole = SOUNDS["One"] * 8
    imported(host, tmp_path)
    host.slow.set()
    call = ["--config", str(tmp_path / "config.toml"), "pull", "--from-host", "one"]
    script = f"import sys\nfrom publisher.cli import main\nsys.exit(main({call!r}))"
    running = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        part = tmp_path / "episodes" / "2026-05-13-one" / "audio.mp3.fetched.part"
        for _ in range(600):
            if part.exists() and part.stat().st_size:
                break
            time.sleep(0.05)
        time.sleep(0.2)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    have = part.stat().st_size
    assert 0 < have < len(whole)
    assert front(tmp_path, "2026-05-13-one")["audio"] == f"{host.address}/One.mp3"
    assert enclosures(tmp_path)["one"][0] == f"{host.address}/One.mp3"
    host.slow.clear()
    host.go_on.set()
    host.asked.clear()
    done = Show(tmp_path).run("pull", "--from-host")
    assert done.status == 0, done.stderr
    assert ("GET", "/One.mp3", f"bytes={have}-") in host.asked
    assert (tmp_path / "episodes" / "2026-05-13-one" / "audio.mp3").read_bytes() == whole
    assert not list(tmp_path.rglob("*.part")) + list(tmp_path.rglob("*.fetched"))


@needs("browser", "chromium")
def test_the_player_plays_from_the_old_host_under_the_page_s_policy(host, tmp_path, browser):  # noqa: F811
    host.files["/feed.xml"] = host.files["/feed.xml"].replace(b"/One.mp3", b"/count/One.mp3")
    (tmp_path / "show" / "public").mkdir(parents=True)
    site = Site(tmp_path / "show" / "public")
    (tmp_path / "show" / "public").rmdir()
    (tmp_path / "show").rmdir()
    try:
        imported(host, tmp_path / "show", url=site.origin)
        enclosures(tmp_path / "show")
        troubles: list[str] = []
        page = browser.new_page()
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.goto(f"{site.origin}/episodes/one.html")
        host.asked.clear()
        page.locator("[data-do=play]").click()
        heard(page, 0.1)
        page.close()
        assert troubles == []
        assert {path for _, path, _ in host.asked} == {"/count/One.mp3", "/One.mp3"}
    finally:
        site.close()


# State is lost while recordings are at the old host


@pytest.fixture
def served(host, tmp_path):
    """A show whose recordings stay at the old host, published into a folder that a server shows; its State is lost. `clone` gives another
    checkout of it.
    """
    with Answering(answers=[(404, b"", {})]) as server:
        folder = tmp_path / "show"
        imported(host, folder, url=server.address)
        Show(folder).copy(tmp_path / "before")
        yield Show(folder), server


def lose(show, server, *, everything):
    """Listeners keep what they have; the storage forgets, and with `everything` it is empty."""
    assert show.publish().status == 0
    for path in show.public.rglob("*"):
        if path.is_file() and "airdate-state" not in path.parts:
            server.routes[f"/{path.relative_to(show.public).as_posix()}"] = (200, path.read_bytes(), {})
    shutil.rmtree(show.public if everything else show.public / "airdate-state")


def feed_of(show):
    return {row.value("guid"): row.attribute("enclosure", "url") for row in read_feed((show.public / "feed.xml").read_bytes()).items}


def test_a_clone_takes_over_what_is_served_and_no_recording_moves(served, host, tmp_path):
    show, server = served
    lose(show, server, everything=True)
    clone = show.copy(tmp_path / "clone")
    done = clone.publish("--json")
    assert done.status == 0, done.stderr
    assert "taken over from" in done.stderr
    assert feed_of(clone) == {"two": f"{host.address}/Two.mp3", "one": f"{host.address}/One.mp3"}
    assert clone.run("pull", "--from-host", "one").status == 0
    assert clone.publish().status == 0
    assert feed_of(clone) == {"two": f"{host.address}/Two.mp3", "one": feed_of(clone)["one"]}
    assert feed_of(clone)["one"].startswith(f"{server.address}/media/")
    again = clone.publish("--json")
    assert (again.status, again.document["changes"]) == (0, [])


def test_a_clone_with_another_address_is_refused_by_what_is_served(served, host, tmp_path):
    show, server = served
    lose(show, server, everything=True)
    clone = show.copy(tmp_path / "clone")
    clone.edit("2026-05-20-two", "/Two.mp3", "/Other.mp3")
    done = clone.publish("--json")
    assert done.status == 3
    assert [row["episode"] for row in done.findings("audio-frozen")] == ["two"]


@pytest.mark.parametrize("everything", [True, False])
def test_an_older_clone_moves_no_recording_back(served, host, tmp_path, everything):
    show, server = served
    assert show.publish().status == 0
    assert show.run("pull", "--from-host", "one").status == 0
    lose(show, server, everything=everything)
    clone = Show(tmp_path / "before")
    if not everything:
        shutil.copytree(show.public, clone.public)
    done = clone.publish("--json", "--force", "adopt")
    assert done.status == 3, done.stderr
    assert [row["episode"] for row in done.findings("audio-frozen")] == ["one"]


def test_a_storage_that_forgot_asks_whose_feed_it_is_and_moves_nothing(served, host, tmp_path):
    show, server = served
    lose(show, server, everything=False)
    clone = show.copy(tmp_path / "clone")
    shutil.copytree(show.public, clone.public)
    assert clone.publish().status == 5
    done = clone.publish("--force", "adopt")
    assert done.status == 0, done.stderr
    assert feed_of(clone) == {"two": f"{host.address}/Two.mp3", "one": f"{host.address}/One.mp3"}
    assert "gone" not in done.stderr


# an import again


def again(host, folder, *options):
    done = Show(folder).run("import", f"{host.address}/feed.xml", str(folder), "--json", "--url", "https://new.example", *options)
    assert done.status == 0, done.stderr
    return done


def test_an_import_without_recordings_lets_them_stay_when_it_is_told_so_later(host, tmp_path):
    again(host, tmp_path, "--no-audio")
    show = Show(tmp_path)
    show.edit("2026-05-13-one", "Words.", "Words of my own.")
    path = tmp_path / "episodes/2026-05-13-one/episode.md"
    path.write_text(path.read_text().replace("+++\n\nWords", "[[soundbites]]\nstart_time = 1\nduration = 15\n+++\n\nWords"))
    before = path.read_text()
    done = again(host, tmp_path, "--media", "stays")
    assert set(before.splitlines()) <= set(path.read_text().splitlines())
    assert front(tmp_path, "2026-05-13-one")["audio"] == f"{host.address}/One.mp3"
    assert enclosures(tmp_path)["two"] == (f"{host.address}/Two.mp3", str(len(SOUNDS["Two"])), "audio/mpeg", "20")
    assert not [line for line in done.document["warnings"] if "stay" in line and "One.mp3" in line]
    texts = {item.name: item.read_text() for item in tmp_path.rglob("episode.md")}
    again(host, tmp_path, "--media", "stays")
    assert {item.name: item.read_text() for item in tmp_path.rglob("episode.md")} == texts


def test_what_is_here_stays_here_and_that_is_said(host, tmp_path):
    again(host, tmp_path)
    before = front(tmp_path, "2026-05-13-one")
    done = again(host, tmp_path, "--media", "stays")
    assert front(tmp_path, "2026-05-13-one") == before
    [line] = [line for line in done.document["warnings"] if "--media stays" in line]
    assert line.startswith("2 episodes have their recording here already")


def test_front_matter_that_cannot_be_written_into_is_left_to_a_person(host, tmp_path):
    again(host, tmp_path, "--no-audio")
    path = tmp_path / "episodes/2026-05-13-one/episode.md"
    path.write_text("---\ntitle: One\ndate: 2026-05-13T06:00:00+00:00\nguid: one\n---\n\nWords.\n")
    before = path.read_text()
    done = again(host, tmp_path, "--media", "stays")
    assert path.read_text() == before
    [line] = [line for line in done.document["warnings"] if line.startswith("2026-05-13-one: write")]
    assert f'audio = "{host.address}/One.mp3"' in line
    assert front(tmp_path, "2026-05-20-two")["audio"] == f"{host.address}/Two.mp3"
