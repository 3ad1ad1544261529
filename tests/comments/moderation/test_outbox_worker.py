"""The outbox: every comment is told once, in bundles, whatever fails on the way; on SQLite and PostgreSQL alike."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import threading
from dataclasses import replace
from typing import ClassVar

import pytest
from sqlalchemy import select

from publisher.comments.database import open_database
from publisher.comments.database.comments import setting
from publisher.comments.database.outbox import put_out
from publisher.comments.database.tables import ANSWERED_NONCE, LIMIT_COUNT, SETTING
from publisher.comments.database.values import StoredComment
from publisher.comments.moderation import outbox_worker
from publisher.comments.moderation.desk import Desk
from publisher.comments.moderation.outbox_worker import Teller, ways
from publisher.comments.moderation.signed_links import read_link
from publisher.core.console import Console
from publisher.core.errors import StorageError
from publisher.load.config_reader import read_config
from publisher.state.published_episodes import PublishedEpisode
from publisher.state.state import State
from publisher.workspace import Workspace
from tests.support.changed_comments import decide, erase
from tests.support.mail_sink import MailSink

SHOW = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"
BEGAN = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += dt.timedelta(**span)


class Room:
    """A show whose moderators are told by mail, its database and its clock."""

    def __init__(self, show, address: str, told: str) -> None:
        show.configure("[storage]", f'[comments]\nurl = "https://comments.example"\n{told}\n\n[storage]')
        self.clock = Clock()
        self.database = open_database(address)
        self.said: list[str] = []
        self.episodes: dict[str, PublishedEpisode] = {}
        workspace = Workspace(read_config(show.config), Console())
        self.desk = Desk(workspace=workspace, database=self.database, show=SHOW, state=lambda: State(episodes=self.episodes))
        self.teller = Teller([self.desk], self.clock, self.said.append)
        self._number = 0

    def post(self, **values) -> StoredComment:
        """A comment is taken, as the service does it."""
        self._number += 1
        given = {"id": f"c{self._number}", "show": SHOW, "episode": "first", "name": "Tilda", "text": f"Comment {self._number}"}
        comment = StoredComment(**(given | {"created": self.clock.now} | values))
        self.database.add([comment])
        with self.database.access.write() as connection:
            for kind in ways(self.desk):
                put_out(connection, SHOW, kind, comment.id, self.clock.now)
        return comment


@pytest.fixture
def sink():
    found = MailSink()
    yield found
    found.stop()


@pytest.fixture
def room(far, database_address, sink):
    mail = f'mail = {{ to = ["ada@small.example"], from = "comments@small.example", host = "127.0.0.1", port = {sink.port} }}'
    found = Room(far, database_address, mail)
    yield found
    found.database.close()


def test_the_first_is_told_at_once_and_the_next_ten_minutes_in_one_mail(room, sink):
    room.post()
    room.teller.tell()
    assert len(sink.mails) == 1
    for _ in range(3):
        room.post()
        room.clock.pass_by(minutes=3)
        room.teller.tell()
    assert len(sink.mails) == 1
    room.clock.pass_by(minutes=1)
    room.teller.tell()
    assert [mail["Subject"] for mail in sink.mails][1:] == ["A Small Show: 3 new comments"]
    room.clock.pass_by(hours=1)
    room.teller.tell()
    assert len(sink.mails) == 2
    assert room.desk.outbox.waiting(SHOW) == 0


def test_what_is_kept_for_a_day_goes_with_it_though_nobody_writes(room, tmp_path):
    """A salt that stays would tell, of every address, whether it wrote that day."""
    access = room.database.access
    for days, salt in ((3, "5a17ed0a"), (1, "5a17ed0b"), (0, "5a17ed0c")):
        moment = BEGAN - dt.timedelta(days=days, hours=1)
        with access.write() as connection:
            setting(connection, f"salt {moment.date()}", salt)
            connection.execute(LIMIT_COUNT.insert().values(network=f"network {days}", began=moment, count=1))
            connection.execute(ANSWERED_NONCE.insert().values(nonce=f"nonce {days}", sent="", comment="", answered=moment))
    secret = room.database.setting("secret", "kept")
    room.teller.tell()
    with access.read() as connection:
        names = connection.execute(select(SETTING.c.name).where(SETTING.c.name.like("salt %"))).scalars().all()
        assert names == [f"salt {BEGAN.date()}"]
        assert connection.execute(select(LIMIT_COUNT.c.network)).scalars().all() == ["network 0"]
        assert connection.execute(select(ANSWERED_NONCE.c.nonce)).scalars().all() == ["nonce 0"]
    assert room.database.setting("secret", "new") == secret
    files = [file.read_bytes() for file in tmp_path.rglob("*.sqlite*")]
    assert not any(b"5a17ed0a" in body or b"5a17ed0b" in body for body in files)
    assert any(b"5a17ed0c" in body for body in files) or not access.is_sqlite
    room.clock.pass_by(hours=13)
    room.teller.tell()
    with access.read() as connection:
        assert connection.execute(select(SETTING.c.name).where(SETTING.c.name.like("salt %"))).scalars().all() == []


def test_a_flood_is_one_mail_that_can_be_read(room, sink):
    for _ in range(70):
        room.post()
    room.teller.tell()
    [mail] = sink.mails
    assert mail["Subject"] == "A Small Show: 70 new comments"
    assert (mail.get_content().count("Approve: "), "And 20 more" in mail.get_content()) == (50, True)
    assert room.desk.outbox.waiting(SHOW) == 0


def test_a_message_that_cannot_be_made_ends_nothing_else(room, sink, monkeypatch):
    room.post()

    def broken(*_given, **_named):
        raise ValueError("nobody thought of this")

    with monkeypatch.context() as patch:
        patch.setattr(outbox_worker, "mail_of", broken)
        room.teller.tell()
    assert "ValueError: nobody thought of this" in room.said[0]
    room.clock.pass_by(minutes=1)
    room.teller.tell()
    assert len(sink.mails) == 1


def test_what_was_decided_meanwhile_is_not_told(room, sink):
    comments = [room.post() for _ in range(3)]
    decide(room.database, SHOW, comments[0].id, "spam", room.clock.now)
    erase(room.database, SHOW, comments[1].id, room.clock.now)
    room.teller.tell()
    assert [mail.get_content().count("Comment ") for mail in sink.mails] == [1]
    room.clock.pass_by(hours=1)
    decide(room.database, SHOW, room.post().id, "rejected", room.clock.now)
    room.teller.tell()
    assert len(sink.mails) == 1


def test_one_that_was_approved_by_itself_is_told_as_such(room, sink):
    room.post(state="approved", decided=room.clock.now)
    room.teller.tell()
    assert "It stands on the page already" in sink.mails[0].get_content()


def test_a_mail_that_was_not_taken_is_sent_again_and_again_later_and_once(room, sink):
    room.post()
    sink.refuse = "451 come later"
    for _ in range(6):
        room.teller.tell()
        room.clock.pass_by(minutes=5)
    [said] = room.said
    assert said.startswith(f"the moderators of A Small Show were not told by mail: 127.0.0.1:{sink.port}: (451, ")
    sink.refuse = ""
    room.clock.pass_by(hours=1)
    room.teller.tell()
    room.clock.pass_by(hours=1)
    room.teller.tell()
    assert len(sink.mails) == 1


def test_a_mail_waits_longer_after_each_failure_and_a_restart_sends_it_at_once(room, sink):
    room.post()
    sink.stop()
    for pause in (15, 30, 60):
        room.teller.tell()
        room.clock.pass_by(seconds=pause - 1)
        assert room.desk.outbox.claim(SHOW, "mail", room.clock.now, room.clock.now) == []
        room.clock.pass_by(seconds=1)
    room.teller.tell()
    sink.start()
    room.teller.tell()
    assert sink.mails == []
    room.desk.outbox.hurry(SHOW, room.clock.now)
    room.teller.tell()
    assert len(sink.mails) == 1


def test_what_one_process_sends_no_other_sends_meanwhile(room, sink):
    room.post()
    assert len(room.desk.outbox.claim(SHOW, "mail", room.clock.now, room.clock.now + dt.timedelta(minutes=3))) == 1
    room.teller.tell()
    assert sink.mails == []
    room.clock.pass_by(minutes=3)  # the other one has died
    room.teller.tell()
    assert len(sink.mails) == 1


def test_two_processes_at_once_send_one_mail(room, sink):
    for _ in range(5):
        room.post()
    others = [threading.Thread(target=Teller([room.desk], room.clock, room.said.append).tell) for _ in range(4)]
    for other in others:
        other.start()
    for other in others:
        other.join(30)
    assert [mail["Subject"] for mail in sink.mails] == ["A Small Show: 5 new comments"]


def test_the_links_in_a_mail_are_signed_by_this_database(room, sink):
    comment = room.post()
    room.teller.tell()
    lines = [line.strip() for line in sink.mails[0].get_content().splitlines()]
    links = {line.partition(": ")[0]: line.rpartition("/")[2] for line in lines if "/moderate/" in line}
    secret = room.database.setting("link-secret", "never")
    assert list(links) == ["Approve", "Reject", "Spam"]
    for action, signed in links.items():
        link = read_link(secret, signed)
        assert (link.action, link.comment, link.show, link.made) == (action.lower(), comment.id, SHOW, BEGAN)


def test_a_file_that_was_not_written_is_written_when_the_storage_answers(room, memory, monkeypatch):
    comment = room.post()

    def away(*_given, **_named):
        raise StorageError("the storage does not answer", code="storage-unreachable")

    with monkeypatch.context() as patch:
        patch.setattr(memory, "put", away)
        with pytest.raises(StorageError):
            room.desk.decide([comment.id], "approved", room.clock.now)
        room.teller.tell()
        assert "comments/first.json" not in memory.keys
        room.clock.pass_by(minutes=1)
        room.teller.tell()
    assert room.said[-1] == "the comments on “first” could not be written: the storage does not answer; it is tried again"
    room.clock.pass_by(hours=1)
    room.teller.tell()
    assert json.loads(memory.bytes_of("comments/first.json"))["comments"][0]["text"] == "Comment 1"
    assert room.desk.outbox.claim(SHOW, "page", room.clock.now, room.clock.now) == []


def test_each_episode_has_a_file_before_anybody_comments(room, memory):
    for slug in ("first", "second"):
        room.episodes[slug] = PublishedEpisode(slug=slug, guid=slug, date="2026-05-01T06:00:00+00:00", withdrawn=slug == "second")
    room.teller.tell()
    assert json.loads(memory.bytes_of("comments/first.json"))["comments"] == []
    assert "comments/second.json" not in memory.keys
    asked = memory.requests
    room.teller.tell()
    assert memory.requests == asked, "nothing is asked again at once"
    room.episodes["third"] = PublishedEpisode(slug="third", guid="third", date="2026-05-01T06:00:00+00:00")
    room.clock.pass_by(minutes=1)
    room.teller.tell()
    assert "comments/third.json" in memory.keys


def test_an_episode_that_comes_out_under_the_name_of_a_file_of_older_comments_gets_one_of_its_own(room, memory):
    room.episodes["first"] = PublishedEpisode(slug="first", guid="first", date="2026-05-01T06:00:00+00:00")
    room.database.add(
        [
            StoredComment(id=f"o{number}", show=SHOW, episode="first", name="A", text=f"{number}", created=BEGAN, state="approved")
            for number in range(501)
        ]
    )
    room.teller.tell()
    assert json.loads(memory.bytes_of("comments/first.json"))["older"] == "first-2.json"
    room.episodes["first-2"] = PublishedEpisode(slug="first-2", guid="first-2", date="2026-05-02T06:00:00+00:00")
    room.clock.pass_by(minutes=1)
    room.teller.tell()
    assert json.loads(memory.bytes_of("comments/first-2.json")) == {"episode": "first-2", "comments": [], "total": 0}
    assert json.loads(memory.bytes_of("comments/first.json"))["older"] == "first-3.json"
    assert len(json.loads(memory.bytes_of("comments/first-3.json"))["comments"]) == 1


def test_of_an_episode_that_was_withdrawn_no_comment_is_shown(room, memory):
    room.episodes["first"] = episode = PublishedEpisode(slug="first", guid="first", date="2026-05-01T06:00:00+00:00")
    room.desk.decide([room.post().id], "approved", room.clock.now)
    room.teller.tell()
    assert json.loads(memory.bytes_of("comments/first.json"))["total"] == 1
    room.episodes["first"] = replace(episode, withdrawn=True)
    room.clock.pass_by(minutes=1)
    room.teller.tell()
    assert json.loads(memory.bytes_of("comments/first.json")) == {"episode": "first", "comments": [], "total": 0}
    room.desk.decide([room.post().id], "approved", room.clock.now)
    assert json.loads(memory.bytes_of("comments/first.json"))["comments"] == []


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what is sent to it."""

    came: ClassVar[list[tuple[str, str, dict]]] = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.came.append((self.path, self.headers.get("Authorization", ""), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_given):
        pass


def test_a_webhook_and_ntfy_are_told_too(far, tmp_path, monkeypatch):
    monkeypatch.setattr(Receiver, "came", [])
    monkeypatch.setenv("AIRDATE_COMMENTS_TOKEN", "for-the-hook")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    room = Room(far, f"sqlite:///{tmp_path}/c.sqlite", f'webhook = "{base}/hook"\nntfy = "{base}/below/topic-1"')
    try:
        room.post(at=754)
        room.teller.tell()
        (path, signed, hook), (ntfy_path, unsigned, ntfy) = Receiver.came
        assert (path, signed, ntfy_path, unsigned) == ("/hook", "Bearer for-the-hook", "/below/", "")
        assert hook["comments"][0]["page"].endswith("/episodes/first.html#t=754") and set(hook["comments"][0]["links"]) == {
            "approve",
            "reject",
            "spam",
        }
        assert (ntfy["topic"], ntfy["message"], [one["label"] for one in ntfy["actions"]]) == (
            "topic-1",
            "Comment 1",
            ["Approve", "Reject", "Spam"],
        )
        room.clock.pass_by(minutes=1)
        room.post()
        room.teller.tell()
        assert len(Receiver.came) == 2, "these are bundled, too"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        room.database.close()
