"""From a reader's form to the page, with nothing but real parts: the service, a mail server, SeaweedFS, and what a moderator clicks."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
import urllib.error
import urllib.request

import pytest

from publisher.comments.database import open_database
from publisher.comments.database.values import StoredComment
from publisher.comments.moderation.desk import link_secret
from publisher.comments.moderation.signed_links import Link, sign
from tests.support import servers
from tests.support.comment_service import Service, send_comment
from tests.support.e2e_show import bucket_show
from tests.support.mail_sink import MailSink

SHOW = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"
SITE = "https://small.example"


class Place:
    """A show in a bucket, a service over its comments and a mail server; who reads and who moderates."""

    def __init__(self, show, bucket, sink, database: str) -> None:
        self.show, self.bucket, self.sink, self.database = show, bucket, sink, database
        environment = {
            "AWS_ENDPOINT_URL_S3": bucket.server.endpoint,
            "AWS_ACCESS_KEY_ID": servers.KEY,
            "AWS_SECRET_ACCESS_KEY": servers.SECRET,
        }
        self.service = Service([show.config], database, port=servers.free_ports(1)[0], environment=environment)
        show.write(
            "config.toml",
            show.config.read_text("utf-8")
            + f"""
[site.comments]
url = "http://127.0.0.1:{self.service.port}/comments"

[comments]
database = "{database}"
least_seconds = 0
per_hour = 1000

[comments.mail]
to = ["ada@small.example"]
from = "comments@small.example"
host = "127.0.0.1"
port = {sink.port}
""",
        )

    def post(self, text: str, **fields: str) -> dict:
        """Send the form of an episode's page."""
        return send_comment(self.service.url, SITE, text, **fields)

    def click(self, link: str) -> str:
        """Open a link of a mail, and press the button."""
        status, page = self._ask(link)
        assert status == 200
        seen = re.search(r'name="seen" value="(\w+)"', page)
        status, page = self._ask(link, f"seen={seen[1]}".encode())
        assert status in (200, 202)
        return page

    def _ask(self, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
        request = urllib.request.Request(url, body, headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def on_storage(self) -> list[str]:
        return [row["id"] for row in json.loads(self.bucket.get("comments/first.json") or b'{"comments": []}')["comments"]]


@pytest.fixture
def place_of_comments(place, warm, tmp_path, database_address):
    show = bucket_show(tmp_path / "show", place.name, site=SITE)
    show.episode("2026-05-01-first")
    assert warm.start(show, "--yes", "--no-verify", endpoint=place.server.endpoint).wait().status == 0
    sink = MailSink()
    found = Place(show, place, sink, database_address)
    yield found
    if found.service.process is not None and found.service.process.poll() is None:
        found.service.stop()
    sink.stop()


def links_in(mail) -> dict[str, str]:
    lines = [line.strip().partition(": ") for line in mail.get_content().splitlines()]
    return {name: link for name, _, link in lines if "/moderate/" in link}


def test_a_comment_is_mailed_approved_by_its_link_and_stands_on_the_storage_and_after_a_publish_on_the_page(place_of_comments, warm):
    at = place_of_comments
    at.service.start()
    said = at.post("The hinge creaks!", at="754")
    assert said["state"] == "held"
    [mail] = at.sink.wait(1)
    text = mail.get_content()
    assert "Tilda on “First”, at 12:34" in text and "The hinge creaks!" in text and f"{SITE}/episodes/first.html#t=754" in text
    assert at.on_storage() == []
    at.click(links_in(mail)["Approve"])
    rows = json.loads(at.bucket.get("comments/first.json"))["comments"]
    assert [(row["id"], row["name"], row["text"], row["at"]) for row in rows] == [(said["id"], "Tilda", "The hinge creaks!", 754)]
    head = at.bucket.server.client().head_object(Bucket=at.bucket.name, Key="comments/first.json")
    assert (head["ContentType"], head["CacheControl"]) == ("application/json", "public, max-age=300")
    for arguments in (("comments", "pull"), ("--yes", "--no-verify")):
        assert warm.start(at.show, *arguments, endpoint=at.bucket.server.endpoint).wait().status == 0
    assert "The hinge creaks!" in at.bucket.get("episodes/first.html").decode()
    assert ".airdate/state.json" in at.bucket.listed() and "comments/" not in at.bucket.get(".airdate/state.json").decode()


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_service_whose_keys_may_only_read_takes_comments_and_a_moderator_with_others_approves_them(place_of_comments, warm):
    at = place_of_comments
    at.service.environment = dict(at.service.environment) | {
        "AWS_ACCESS_KEY_ID": servers.READ_KEY,
        "AWS_SECRET_ACCESS_KEY": servers.READ_SECRET,
    }
    at.service.start()
    said = at.post("The hinge creaks!")
    [mail] = at.sink.wait(1)
    at.click(links_in(mail)["Reject"])
    assert at.on_storage() == []
    done = warm.start(at.show, "comments", "approve", said["id"], endpoint=at.bucket.server.endpoint).wait()
    assert done.status == 0, done.stderr
    assert at.on_storage() == [said["id"]]


def test_mails_that_wait_when_the_service_is_killed_are_sent_once_after_it_starts_again(place_of_comments):
    at = place_of_comments
    at.sink.stop()
    at.service.start()
    ids = {at.post(f"Comment number {number}")["id"] for number in range(3)}
    at.service.kill()
    at.sink.start()
    at.service.start()
    [mail] = at.sink.wait(1)
    assert {found for found in ids if found in mail.get_content()} == ids
    at.service.stop()
    at.service.start()
    at.post("A fourth one here")
    database = open_database(at.database)
    with database.access.read() as connection:
        waiting = connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE kind = 'mail'").scalar_one()
    database.close()
    assert (waiting, len(at.sink.mails)) == (1, 1), "the next mail waits its ten minutes, over a restart too"


def test_ten_publishes_and_a_hundred_approvals_at_once_lose_no_comment(place_of_comments, warm):
    at = place_of_comments
    endpoint = at.bucket.server.endpoint
    came = dt.datetime(2026, 5, 30, tzinfo=dt.UTC)
    ids = [f"c{number:03}" for number in range(100)]
    database = open_database(at.database)
    database.add(
        StoredComment(
            id=name, show=SHOW, episode="first", name="Tilda", text=f"Comment {name}", created=came + dt.timedelta(seconds=number)
        )
        for number, name in enumerate(ids)
    )
    at.service.start()
    faults: list[str] = []

    def by_command(names: list[str]) -> None:
        for first in range(0, len(names), 2):
            done = warm.start(at.show, "comments", "approve", *names[first : first + 2], endpoint=endpoint).wait()
            if done.status:
                faults.append(done.stderr)

    def by_link(names: list[str]) -> None:
        secret = link_secret(database)
        for name in names:
            link = Link(action="approve", show=SHOW, comment=name, made=dt.datetime.now(dt.UTC))
            try:
                at.click(f"{at.service.url}/moderate/{sign(secret, link)}")
            except AssertionError as fault:
                faults.append(repr(fault))

    threads = [threading.Thread(target=by_command, args=(ids[begin:20:2],)) for begin in range(2)]
    threads += [threading.Thread(target=by_link, args=(ids[20 + begin :: 2],)) for begin in range(2)]
    for thread in threads:
        thread.start()
    for number in range(10):
        at.show.edit("2026-05-01-first", "Some notes." if number == 0 else f"Notes {number - 1}.", f"Notes {number}.")
        for arguments in (("comments", "pull"), ("--yes", "--no-verify")):
            done = warm.start(at.show, *arguments, endpoint=endpoint).wait()
            assert done.status == 0, done.stderr
    for thread in threads:
        thread.join(240)
    database.close()
    assert faults == []
    assert at.on_storage() == ids
    for arguments in (("comments", "pull"), ("--yes", "--no-verify")):
        assert warm.start(at.show, *arguments, endpoint=endpoint).wait().status == 0
    page = at.bucket.get("episodes/first.html").decode()
    assert [name for name in ids if f"Comment {name}" not in page] == []
