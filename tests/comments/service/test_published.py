"""What can be commented on is what the bucket says is published, asked with a key that may only read."""

from __future__ import annotations

import datetime as dt

import pytest

from publisher.comments.service import shows
from publisher.comments.service.shows import served_show
from publisher.core.console import Console
from publisher.load.config_reader import read_config
from publisher.workspace import Workspace
from tests.support import servers
from tests.support.e2e_show import bucket_show

NOW = dt.datetime(2026, 11, 29, 12, 0, tzinfo=dt.UTC)
TABLES = '\n[site.comments]\nurl = "https://comments.small.example/comments"\n[comments]\nclose_after = 250\n'


@pytest.fixture
def show(tmp_path, bucket, s3_server):
    made = bucket_show(tmp_path / "show", bucket)
    text = made.config.read_text("utf-8").replace("[storage]\n", f'[storage]\nendpoint = "{s3_server.endpoint}"\n')
    made.write("config.toml", text + TABLES)
    made.episode()
    made.episode("2026-01-08-old", date="2026-01-08T06:00:00+02:00")
    made.episode("2026-05-09-silent", date="2026-05-09T06:00:00+02:00", front="comments = false")
    made.episode("2026-05-10-shut", date="2026-05-10T06:00:00+02:00", front='comment_form = "closed"')
    made.episode("2026-05-11-quiet", date="2026-05-11T06:00:00+02:00", front='comment_form = "none"')
    assert made.publish("--yes").status == 0
    return made


def test_it_follows_the_bucket_with_a_key_that_may_only_read(show, aws_environment, monkeypatch, s3_server):
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.READ_KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.READ_SECRET)
    said = []
    workspace = Workspace(read_config(show.config), Console())
    served = served_show(workspace.config, workspace.state_copies.read, said.append)
    threads = served.threads
    assert threads.find("first").guid == "first-guid"
    assert threads.find("second") is None
    closed = {slug: served.is_closed(threads.find(slug), NOW) for slug in ("first", "old", "silent", "shut", "quiet")}
    assert closed == {"first": False, "old": True, "silent": True, "shut": True, "quiet": True}
    assert {slug: threads.find(slug).form for slug in ("silent", "shut", "quiet")} == {"silent": "none", "shut": "closed", "quiet": "none"}

    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    show.episode("2026-05-12-second", date="2026-05-12T06:00:00+02:00")
    show.edit("2026-05-10-shut", 'comment_form = "closed"', 'comment_form = "open"')
    assert show.publish("--yes").status == 0
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.READ_KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.READ_SECRET)
    monkeypatch.setattr(shows, "AGAIN", 0.0)
    monkeypatch.setattr(shows, "REFRESH", 0.0)
    assert threads.find("second").form == "open"
    assert threads.find("shut").form == "open"
    assert said == []


def test_while_the_storage_is_away_what_was_seen_last_is_commented_on(show, monkeypatch):
    said = []
    workspace = Workspace(read_config(show.config), Console())
    state = workspace.state_copies.read()
    away = []

    def read():
        if away:
            raise away[0]
        return state

    threads = served_show(workspace.config, read, said.append).threads
    assert threads.find("first") is not None
    monkeypatch.setattr(shows, "REFRESH", 0.0)
    monkeypatch.setattr(shows, "AGAIN", 0.0)
    from publisher.core.errors import StorageError

    away.append(StorageError("the storage does not answer"))
    for _ in range(3):
        assert threads.find("first") is not None
        assert threads.find("second") is None
    assert said == ["what is published could not be asked for: the storage does not answer"]


def test_a_storage_that_hangs_keeps_nobody_who_wants_what_is_known(show, monkeypatch):
    import threading

    workspace = Workspace(read_config(show.config), Console())
    state = workspace.state_copies.read()
    hangs, asked, inside = threading.Event(), threading.Event(), threading.Event()

    def read():
        if asked.is_set():
            inside.set()
            hangs.wait(60)
        return state

    threads = served_show(workspace.config, read, print).threads
    assert threads.find("first") is not None
    asked.set()
    monkeypatch.setattr(shows, "REFRESH", 0.0)
    monkeypatch.setattr(shows, "AGAIN", 0.0)
    waiting = threading.Thread(target=threads.find, args=("first",))
    waiting.start()
    assert inside.wait(30)
    try:
        assert threads.find("first") is not None
        assert threads.find("unknown") is None
        assert waiting.is_alive()
    finally:
        hangs.set()
        waiting.join(30)
