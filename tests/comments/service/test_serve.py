"""`publish comments serve` as a process: it answers, ends gently, and says plainly why it does not start."""

from __future__ import annotations

import shlex
import signal
import socket
import sys
import tomllib

import httpx

from tests.support import ROOT
from tests.support.comment_service import Service
from tests.support.show_factory import make_show


def test_it_answers_and_ends_with_0_when_it_is_told_to(published, database_address):
    for number in (signal.SIGTERM, signal.SIGINT):
        with Service([published.config], database_address) as service:
            assert httpx.get(f"{service.url}/healthz").json() == {"status": "ok"}
            assert service.end(number) == 0


def test_a_port_that_is_taken_is_told(published, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = published.run(
            "comments", "serve", "--json", "--port", str(taken.getsockname()[1]), "--database", f"sqlite:///{tmp_path}/c.sqlite"
        )
    assert said.status == 2
    assert said.document["error"]["code"] == "comments-port"


def test_without_a_database_it_says_how_to_name_one(published):
    said = published.run("comments", "serve", "--json")
    assert said.status == 2
    assert said.document["error"]["code"] == "comments-no-database"
    assert "--database" in said.document["error"]["hint"]


def test_a_show_that_does_not_say_where_its_pages_or_its_service_are_is_told(tmp_path):
    show = make_show(tmp_path / "show")
    for address, hint in ((show.config.read_text("utf-8"), "[site.comments]"), ("", "[site]")):
        show.write("config.toml", address or show.config.read_text("utf-8").replace('url = "https://small.example"\n', ""))
        said = show.run("comments", "serve", "--json", "--database", "sqlite:///c.sqlite")
        assert (said.status, said.document["error"]["code"]) == (3, "comments-site")
        assert hint in said.document["error"]["hint"]


def test_a_show_that_is_given_twice_is_told(published, tmp_path):
    said = published.run("comments", "serve", "--json", "-c", str(published.config), "--database", f"sqlite:///{tmp_path}/c.sqlite")
    assert (said.status, said.document["error"]["code"]) == (3, "comments-site")


def test_without_the_packages_it_says_which_command_brings_them(published, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    said = published.run("comments", "serve", "--json", "--database", f"sqlite:///{tmp_path}/c.sqlite")
    assert (said.status, said.document["error"]["code"]) == (4, "comments-extra")
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["comments"]
    hint = said.document["error"]["hint"]
    assert shlex.split(hint) == ["pip", "install", *(line.partition(">")[0] for line in extra)], "it is typed as it stands"
