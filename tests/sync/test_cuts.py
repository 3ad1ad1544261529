"""A publish cut after any of its writes: listeners have a whole show meanwhile, and the next run ends as if nothing had happened."""

from __future__ import annotations

import pytest

from publisher.sync import uploads as putting
from tests.support.listeners import complaints
from tests.support.show_factory import picture, recording


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch):
    """So that the order of writes is the same in every run."""
    monkeypatch.setattr(putting, "CONNECTIONS", 1)


def change_everything(show):
    """A new episode, a text, a recording replaced, a cover, an episode taken away."""
    show.episode("2026-05-20-fourth", date="2026-05-20T06:00:00+02:00")
    show.edit("2026-05-08-second", "Some notes.", "Other notes.")
    show.edit("2026-05-01-first", "+++\n\n", "audio_revision = 2\n+++\n\n")
    show.write("episodes/2026-05-01-first/audio.mp3", recording(30.0, voice=77))
    show.write("episodes/2026-05-08-second/cover.jpg", picture(1400, 1400, mode="L"))
    show.remove("2026-05-09-third")


FORCE = ("--force", "remove=third")


@pytest.fixture
def before(far, memory):
    """Three episodes published, and a change of everything waiting in the folder."""
    far.episode("2026-05-09-third", date="2026-05-09T06:00:00+02:00")
    assert far.publish().status == 0
    change_everything(far)
    memory.written.clear()
    return memory.memorize()


def test_a_publish_cut_after_any_write_and_run_again_ends_like_one_that_was_not_cut(far, memory, before):
    assert far.publish(*FORCE).status == 0
    whole, writes = memory.contents, len(memory.written)
    assert complaints(whole) == []
    assert 20 < writes < 60
    faults = {}
    for allowed in range(writes):
        memory.go_back(before)
        memory.written.clear()
        memory.writes_left = allowed
        outcome = far.publish(*FORCE)
        assert outcome.status == 4, (allowed, outcome.stderr)
        assert len(memory.written) == allowed
        memory.writes_left = None
        if whats_wrong := complaints(memory.contents):
            faults[f"cut after {allowed}: {memory.written[-1]}"] = whats_wrong
        memory.clock.pass_by(120)
        outcome = far.publish(*FORCE)
        if outcome.status != 0:
            faults[f"again after {allowed}"] = outcome.stderr
        elif memory.contents != whole:
            now = memory.contents
            faults[f"differs after {allowed}"] = [key for key in {**whole, **now} if whole.get(key) != now.get(key)]
    assert faults == {}


def test_a_first_publish_cut_after_any_write_and_run_again_is_the_same(tmp_path, far, memory):
    assert far.publish().status == 0
    whole, writes = memory.contents, len(memory.written)
    for allowed in range(0, writes, 3):
        memory.go_back({})
        memory.writes_left = allowed
        assert far.publish().status == 4
        memory.writes_left = None
        memory.clock.pass_by(120)
        outcome = far.publish("--force", "adopt")
        assert outcome.status == 0, (allowed, outcome.stderr)
        assert memory.contents == whole, allowed


def test_a_reader_finds_all_that_feed_and_pages_name_after_every_write(far, memory, before):
    found = {}
    memory.watch = lambda key: found.update({key: wrong} if (wrong := complaints(memory.contents)) else {})
    assert far.publish(*FORCE).status == 0
    assert found == {}


def test_the_reader_would_have_seen_the_phases_in_another_order(far, memory, before):
    assert far.publish(*FORCE).status == 0
    after, order = memory.contents, [key for key in memory.written if not key.startswith(".airdate/")]
    memory.go_back(before)
    now = memory.contents
    found = []
    for key in reversed(order):
        now[key] = after[key]
        found += complaints(now)
    assert any("feed.xml names media/" in words for words in found)
    assert any(words.startswith("index.html names ") for words in found)


def test_a_cut_publish_leaves_the_feed_of_before_or_after_and_nothing_between(far, memory, before):
    old = before["feed.xml"].body
    assert far.publish(*FORCE).status == 0
    new, writes = memory.contents["feed.xml"], len(memory.written)
    for allowed in range(0, writes, 4):
        memory.go_back(before)
        memory.writes_left = allowed
        far.publish(*FORCE)
        memory.writes_left = None
        assert memory.contents["feed.xml"] in (old, new)
