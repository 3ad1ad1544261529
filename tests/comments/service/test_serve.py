"""`publish comments serve` as a process: it answers, ends gently, and says plainly why it does not start."""

from __future__ import annotations

import signal
import socket

import httpx
import pytest

from tests.support.comment_service import Service
from tests.support.show_factory import make_show


@pytest.fixture
def show(tmp_path):
    return make_show(tmp_path / "show")


def test_it_answers_and_ends_with_0_when_it_is_told_to(show, database_address):
    for number in (signal.SIGTERM, signal.SIGINT):
        with Service([show.config], database_address) as service:
            assert httpx.get(f"{service.url}/healthz").json() == {"status": "ok"}
            assert service.end(number) == 0


def test_a_port_that_is_taken_is_told(show):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = show.run("comments", "serve", "--json", "--port", str(taken.getsockname()[1]), "--database", "sqlite:///c.sqlite")
    assert said.status == 2
    assert said.document["error"]["code"] == "comments-port"


def test_without_a_database_it_says_how_to_name_one(show):
    said = show.run("comments", "serve", "--json")
    assert said.status == 2
    assert said.document["error"]["code"] == "comments-no-database"
    assert "--database" in said.document["error"]["hint"]
