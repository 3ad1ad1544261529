"""The pages behind the links of a mail: looking changes nothing, the button decides, and only about what was seen."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re

import httpx
import pytest
from starlette.applications import Starlette

from publisher.comments.database import open_database
from publisher.comments.database.values import StoredComment
from publisher.comments.moderation.desk import Desk, link_secret
from publisher.comments.moderation.routes import moderation_routes
from publisher.comments.moderation.signed_links import Link, sign
from publisher.core.console import Console
from publisher.core.errors import StorageError
from publisher.load.config_reader import read_config
from publisher.state.state import State
from publisher.workspace import Workspace
from tests.support.changed_comments import edit, erase

SHOW = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"
NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


class Asking:
    """Asks an application, one request after the other."""

    def __init__(self, application) -> None:
        self._transport = httpx.ASGITransport(application)

    def __call__(self, method: str, path: str, **content) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="https://comments.example") as client:
                return await client.request(method, path, **content)

        return asyncio.run(ask())

    def get(self, path: str) -> httpx.Response:
        return self("GET", path)

    def post(self, path: str, **content) -> httpx.Response:
        return self("POST", path, **content)


class Site:
    """The routes of one show whose comments are in a database."""

    def __init__(self, show, address) -> None:
        self.database = open_database(address)
        show.configure("[storage]", '[comments]\nurl = "https://comments.example"\n\n[storage]')
        workspace = Workspace(read_config(show.config), Console())
        self.desk = Desk(workspace=workspace, database=self.database, show=SHOW, state=State)
        self.now = NOW
        routes = moderation_routes({SHOW: self.desk}, self.database, lambda: self.now)
        self.client = Asking(Starlette(routes=routes))
        self.database.add([comment("c1", "The <b>hinge</b> & more"), comment("c2", "Buy")])

    def link(self, action: str = "approve", name: str = "c1", show: str = SHOW) -> str:
        return f"/moderate/{sign(link_secret(self.database), Link(action=action, show=show, comment=name, made=NOW))}"

    def state(self, name: str = "c1") -> str:
        return self.database.find(SHOW, name).state


def comment(name: str, text: str) -> StoredComment:
    return StoredComment(id=name, show=SHOW, episode="first", name="Til<da>", text=text, at=754, created=NOW)


def seen_in(page: str) -> dict[str, str]:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    return {"seen": found[1]}


@pytest.fixture
def site(far, database_address):
    found = Site(far, database_address)
    yield found
    found.database.close()


def test_a_link_that_is_opened_shows_and_changes_nothing(site, memory):
    for _ in range(3):
        answer = site.client.get(site.link())
        assert answer.status_code == 200
        assert site.client("HEAD", site.link()).status_code == 200
    assert "The &lt;b&gt;hinge&lt;/b&gt; &amp; more" in answer.text and "Til&lt;da&gt;" in answer.text and "12:34" in answer.text
    assert site.state() == "held" and memory.keys == []


@pytest.mark.parametrize(("action", "state"), [("approve", "approved"), ("reject", "rejected"), ("spam", "spam")])
def test_the_button_decides_and_the_storage_has_it(site, memory, action, state):
    page = site.client.get(site.link(action))
    done = site.client.post(site.link(action), data=seen_in(page.text))
    assert (done.status_code, site.state()) == (200, state)
    rows = json.loads(memory.bytes_of("comments/first.json"))["comments"]
    assert [row["id"] for row in rows] == (["c1"] if state == "approved" else [])
    assert site.state("c2") == "held"
    again = site.client.post(site.link(action), data=seen_in(page.text))
    assert (again.status_code, site.state()) == (200, state)


def test_a_post_without_having_seen_decides_nothing(site):
    for data in ({}, {"seen": "0" * 16}, {"seen": ""}):
        answer = site.client.post(site.link(), data=data)
        assert "<form" in answer.text
        assert site.state() == "held"


def test_a_post_to_a_link_decides_about_the_words_that_stood_beside_it(site, memory):
    links = site.desk.notice(site.database.find(SHOW, "c1"), NOW).links
    path = links["approve"].removeprefix("https://comments.example")
    assert site.client.get(path).status_code == 200 and site.state() == "held"
    assert site.client.post(path).status_code == 200
    assert site.state() == "approved" and json.loads(memory.bytes_of("comments/first.json"))["comments"][0]["id"] == "c1"
    path = site.desk.notice(site.database.find(SHOW, "c2"), NOW).links["approve"].removeprefix("https://comments.example")
    edit(site.database, SHOW, "c2", text="Buy this now", now=NOW)
    answer = site.client.post(path)
    assert (answer.status_code, site.state("c2")) == (409, "held")
    assert "It was changed since you saw it" in answer.text and "Buy this now" in answer.text
    assert site.client.post(path, data=seen_in(answer.text)).status_code == 200
    assert site.state("c2") == "approved"


def test_words_that_changed_after_they_were_seen_are_shown_again(site):
    page = site.client.get(site.link())
    edit(site.database, SHOW, "c1", text="Buy this now", now=NOW)
    answer = site.client.post(site.link(), data=seen_in(page.text))
    assert (answer.status_code, site.state()) == (409, "held")
    assert "It was changed since you saw it" in answer.text and "Buy this now" in answer.text
    assert site.client.post(site.link(), data=seen_in(answer.text)).status_code == 200
    assert site.state() == "approved"


def test_a_moderator_may_think_better_of_it(site, memory):
    for action in ("approve", "reject"):
        site.client.post(site.link(action), data=seen_in(site.client.get(site.link(action)).text))
    assert site.state() == "rejected" and json.loads(memory.bytes_of("comments/first.json"))["comments"] == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_links_that_are_not_ours_too_old_or_of_what_is_gone(site, method):
    ask = getattr(site.client, method)
    good = site.link()
    for forged in (f"{good}x", good.replace("moderate/", "moderate/x"), "/moderate/a.b", "/moderate/" + "a" * 5000):
        assert ask(forged).status_code == 404
    assert ask(site.link(show="another")).status_code == 404
    assert ask(site.link(name="nobody")).status_code == 410
    erase(site.database, SHOW, "c2", NOW)
    assert ask(site.link(name="c2")).status_code == 410
    site.now = NOW + dt.timedelta(days=31)
    assert ask(good).status_code == 410
    assert site.state() == "held"


def test_a_body_that_is_too_large_is_not_read(site):
    assert site.client.post(site.link(), content=b"seen=" + b"a" * 100_000).status_code == 413


def test_no_page_is_kept_framed_or_told_of(site):
    for answer in (site.client.get(site.link()), site.client.get("/moderate/x")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_decision_stands_where_the_storage_does_not_answer(site, memory, monkeypatch):
    def away(*_given, **_named):
        raise StorageError("the storage does not answer", code="storage-unreachable")

    monkeypatch.setattr(memory, "put", away)
    answer = site.client.post(site.link(), data=seen_in(site.client.get(site.link()).text))
    assert (answer.status_code, site.state()) == (202, "approved")
    assert site.desk.outbox.waiting(SHOW) == 1
