"""`publish submit`: what directories ask for is held against the feed that is served, and those that can be asked are."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import urlsplit

import pytest

from publisher.commands.submit import NEEDS, submit
from publisher.core.console import Console
from publisher.directories import listed
from publisher.directories.entries import DIRECTORIES
from tests.support.service_servers import Answering
from tests.support.show_factory import make_show

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
TITLE = "A small show"


@pytest.fixture
def web(monkeypatch):
    """The web: a feed, Apple's search and the Podcast Index, on one server."""
    with Answering() as server:
        monkeypatch.setattr(
            listed, "SERVICES", listed.DirectoryServices(apple=f"{server.address}/search", podcast_index=f"{server.address}/byfeedurl")
        )
        for name in (listed.KEY, listed.SECRET, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        server.answers = [(404, b"", {})]
        yield server


def serve(web, tmp_path, *, owner_in_feed=False):
    """A published show whose feed is served; gives its address."""
    show = make_show(tmp_path)
    if owner_in_feed:
        config = show.config.read_text()
        assert "[show.owner]" in config
        show.config.write_text(config.replace("[show.owner]", "[show.owner]\npublic = true"))
    show.episode()
    assert show.publish().status == 0
    web.routes["/feed.xml"] = (200, (show.folder / "public/feed.xml").read_bytes(), {"Content-Type": "application/rss+xml"})
    return f"{web.address}/feed.xml"


def rows(result):
    return {row.name: row for row in result.directories}


def test_a_feed_without_an_owner_is_ready_for_apple_and_not_for_spotify(web, tmp_path, capsys):
    web.routes["/search"] = (200, b'{"results": []}', {})
    found = rows(submit(Console(), serve(web, tmp_path), TITLE, NOW))
    assert (found["Apple Podcasts"].ready, found["Apple Podcasts"].listed) == (True, False)
    assert (found["Spotify"].ready, found["Spotify"].missing, found["Spotify"].listed) == (False, ("owner",), None)
    said = capsys.readouterr().out
    assert "public = true" in said and "https://podcastsconnect.apple.com" in said and "read 2026-" in said


def test_with_the_owner_in_the_feed_all_are_ready(web, tmp_path):
    result = submit(Console(quiet=True), serve(web, tmp_path, owner_in_feed=True), TITLE, NOW)
    assert [row.name for row in result.directories if not row.ready] == []


def test_a_show_that_apple_lists_is_found_by_its_feed_and_not_by_its_name(web, tmp_path):
    address = serve(web, tmp_path)
    other = {"feedUrl": "https://other.example/feed.xml", "collectionViewUrl": "https://podcasts.apple.com/podcast/id1"}
    ours = {"feedUrl": address.replace("http://", "https://"), "collectionViewUrl": "https://podcasts.apple.com/podcast/id2"}
    for answer, expected in (([other], (False, "its search finds")), ([other, ours], (True, "https://podcasts.apple.com/podcast/id2"))):
        web.routes["/search"] = (200, json.dumps({"results": answer}).encode(), {})
        apple = rows(submit(Console(quiet=True), address, TITLE, NOW))["Apple Podcasts"]
        assert apple.listed is expected[0] and apple.said.startswith(expected[1])


def test_what_a_directory_says_stands_beside_its_name_and_nothing_where_it_says_nothing(web, tmp_path, capsys):
    address = serve(web, tmp_path)
    web.routes["/search"] = (200, b'{"results": []}', {})
    found = rows(submit(Console(), address, TITLE, NOW))
    shown = capsys.readouterr().out
    assert f"({found['Apple Podcasts'].said})" in shown
    assert "()" not in shown and any(not row.said for row in found.values())


def test_the_podcast_index_is_asked_with_a_signed_request(web, tmp_path, monkeypatch):
    address = serve(web, tmp_path)
    assert listed.KEY in rows(submit(Console(quiet=True), address, TITLE, NOW))["Podcast Index"].said
    monkeypatch.setenv(listed.KEY, "KEYONE")
    monkeypatch.setenv(listed.SECRET, "s3cret\n")
    web.routes["/byfeedurl"] = (200, b'{"status": "true", "feed": {"id": 75075}}', {})
    found = rows(submit(Console(quiet=True), address, TITLE, NOW))["Podcast Index"]
    assert (found.listed, found.said) == (True, "https://podcastindex.org/podcast/75075")
    asked = next(request for request in web.asked if request.path == "/byfeedurl")
    assert asked.query == {"url": address} and asked.headers["x-auth-key"] == "KEYONE"
    assert asked.headers["authorization"] == "fa155e1450b94b97e33c90dd35fc82afaf77c58d"
    web.routes["/byfeedurl"] = (400, b'{"status": "false"}', {})
    assert rows(submit(Console(quiet=True), address, TITLE, NOW))["Podcast Index"].listed is False


@pytest.mark.parametrize("answer", [(500, b"", {}), (200, b"<html>", {}), (200, b"[]", {}), (200, b'{"results": 7}', {}), (429, b"", {})])
def test_what_a_service_does_not_say_is_not_known_or_not_listed_and_never_a_fault(web, tmp_path, answer, monkeypatch):
    monkeypatch.setattr(listed, "LIMITS", listed.Limits(threads=1, pauses=()))
    web.routes["/search"] = answer
    assert rows(submit(Console(quiet=True), serve(web, tmp_path), TITLE, NOW))["Apple Podcasts"].listed is not True


def test_a_feed_that_is_not_online_is_said_first_and_nobody_is_asked(web, capsys):
    result = submit(Console(), f"{web.address}/feed.xml", TITLE, NOW)
    assert [row.met for row in result.needs] == [False, None, None, None, None]
    assert all(row.listed is None and not row.ready for row in result.directories)
    assert {request.path for request in web.asked} == {"/feed.xml"}
    assert "publish verify --online" in capsys.readouterr().out


def test_the_command_itself_ends_well_without_a_network(tmp_path):
    show = make_show(tmp_path)
    done = show.run("submit", "--json")
    assert done.status == 0
    assert [row["name"] for row in json.loads(done.stdout)["directories"]] == [entry.name for entry in DIRECTORIES]


@pytest.mark.parametrize("entry", DIRECTORIES, ids=lambda entry: entry.name)
def test_every_row_names_its_source_and_the_day_it_was_read(entry):
    for address in (entry.address, entry.source):
        parts = urlsplit(address)
        assert parts.scheme == "https" and parts.hostname
    assert dt.date.fromisoformat(entry.checked) >= dt.date(2026, 1, 1)
    assert entry.note and set(entry.needs) <= set(NEEDS) and "online" in entry.needs
