"""`publish status`: what it says, and how little it asks the storage."""

from __future__ import annotations

import pytest

from publisher.announce import follow_up
from tests.support.show_factory import make_show


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode()
    assert made.publish().status == 0
    return made


def requests_of(show, memory):
    before = memory.requests
    assert show.run("status").status == 0
    return memory.requests - before


def test_the_storage_is_asked_no_more_when_more_episodes_wait(tmp_path, memory):
    show = make_show(tmp_path / "show", storage="s3://memory")
    show.episode()
    assert show.publish().status == 0
    show.episode("2026-07-01-one")
    one = requests_of(show, memory)
    for day in range(2, 20):
        show.episode(f"2026-07-{day:02}-more-{day}")
    assert requests_of(show, memory) == one


def test_what_is_staged_is_said_so(show):
    show.episode("2026-07-01-ahead", date="2026-07-01T06:00:00+02:00")
    show.episode("2026-07-02-later", date="2026-07-02T06:00:00+02:00")
    assert show.run("stage", "ahead").status == 0
    rows = {row["slug"]: row["staged"] for row in show.run("status", "--json").document["waiting"]}
    assert rows == {"ahead": True, "later": False}


def test_a_publish_counts_as_looked_at_until_the_next_one(show, monkeypatch):
    def verified():
        return show.run("status", "--json").document["verified"]

    assert not verified(), "it was not looked at"
    monkeypatch.setattr(follow_up, "_verify", lambda *_: ())
    assert show.run("--yes").status == 0
    assert verified()
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert show.publish().status == 0
    assert not verified()
