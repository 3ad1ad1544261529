"""A published show with a service over it, in this process, with a clock that tests set."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import itertools

import pytest

from publisher.comments.database import open_database
from publisher.comments.service.application import make_application
from publisher.comments.service.shows import Shows, served_show
from publisher.comments.service.taking import Taking
from publisher.core.console import Console
from publisher.load.config_reader import read_config
from publisher.workspace import Workspace
from tests.support.show_factory import make_show

SERVICE = "https://comments.small.example"
SITE = "https://small.example"


def published_show(folder, *, guid="", site=SITE, language="en", service=SERVICE):
    """A show with two episodes that are out, a draft, one without comments and one that was withdrawn."""
    show = make_show(folder)
    show.configure('url = "https://small.example"', f'url = "{site}"')
    show.configure('language = "en"', f'language = "{language}"')
    if guid:
        show.configure("0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", guid)
    show.write("config.toml", show.config.read_text("utf-8") + f'\n[site.comments]\nurl = "{service}/comments"\n')
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    show.episode("2026-05-09-silent", date="2026-05-09T06:00:00+02:00", front="comments = false")
    show.episode("2026-05-10-gone", date="2026-05-10T06:00:00+02:00")
    show.episode("idea", date=None, front="draft = true")
    assert show.publish("--yes").status == 0
    assert show.run("withdraw", "gone", "--yes", "--no-verify").status == 0
    return show


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    return published_show(tmp_path_factory.mktemp("published") / "show")


@pytest.fixture(scope="session")
def german(tmp_path_factory):
    guid, site = "1f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", "https://klein.example/sendung"
    return published_show(tmp_path_factory.mktemp("published") / "german", guid=guid, site=site, language="de")


@pytest.fixture(scope="session")
def neighbour(tmp_path_factory):
    """On the same host as the German one."""
    guid, site = "2f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", "https://klein.example/andere"
    return published_show(tmp_path_factory.mktemp("published") / "neighbour", guid=guid, site=site, language="ar")


class Client:
    """Requests to an application in this process, over a loop of their own."""

    def __init__(self, application, base):
        import httpx

        self._loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(application, client=("127.0.0.1", 4000))
        self._client = httpx.AsyncClient(transport=transport, base_url=base)

    def request(self, method, path, **given):
        return self._loop.run_until_complete(self._client.request(method, path, **given))

    def __getattr__(self, method):
        return functools.partial(self.request, method.upper())

    def close(self):
        self._loop.run_until_complete(self._client.aclose())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


class Reader:
    """Somebody at a page of a show: `post` opens it, waits and sends the form."""

    address = itertools.count(1)

    def __init__(self, client, taking, show, clock):
        self.client, self.taking, self.show, self.clock = client, taking, show, clock
        self.headers = {"origin": show.origin, "accept": "application/json"}

    def nonce(self, episode="first", **headers):
        return self.client.get("/nonce", params={"episode": episode}, headers=self.headers | headers)

    def fields(self, **other):
        """A form as the page has it."""
        fields = {
            "episode": "first", "guid": "first-guid", "page": f"{self.show.site}/episodes/first.html", "language": self.show.language, "name": "Ada",
            "text": f"The hinge of number {next(self.address)}!", "consent": self.show.consent, "website": "",
        }  # fmt: skip
        return {name: value for name, value in (fields | other).items() if value is not None}

    def send(self, fields, **headers):
        """From a network of its own, when none is named."""
        number = next(self.address)
        headers = self.headers | {"x-forwarded-for": f"10.{number >> 8 & 255}.{number & 255}.7"} | headers
        return self.client.post(
            "/comments", data=fields, headers={name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        )

    def post(self, wait=5.0, headers=None, **other):
        fields = self.fields(**other)
        if "nonce" not in fields:
            given = self.nonce(fields.get("episode", "first"))
            fields["nonce"] = given.json().get("nonce", "")
        self.clock.now += dt.timedelta(seconds=wait)
        return self.send(fields, **(headers or {}))

    def stored(self, *states):
        """What the database has of the show."""
        return self.taking.database.list(self.show.guid, states or ("held",))


class Clock:
    now = dt.datetime(2026, 11, 29, 12, 0, 0, 1, tzinfo=dt.UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def service(database_address, clock):
    """Makes a service of some shows; `settings` are lines of their [comments]."""
    opened = []

    def make(*shows, settings="", base=SERVICE):
        database = open_database(database_address)
        opened.append(database)
        served = []
        for show in shows:
            file = read_config(show.config)
            config = file.config.model_copy(update={"comments": file.config.comments.model_copy(update=settings or {})})
            served.append(served_show(config, Workspace(file, Console()).state_copies.read, opened.append))
        taking = Taking(database, Shows(served), clock)
        client = Client(make_application(taking, opened.append), base)
        opened.append(client)
        return [Reader(client, taking, show, clock) for show in taking.shows.all]

    yield make
    for one in opened:
        if hasattr(one, "close"):
            one.close()


@pytest.fixture
def reader(service, published):
    """At the page of the English show's first episode."""
    return service(published)[0]
