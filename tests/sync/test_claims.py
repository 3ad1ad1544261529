"""A claim can be finished by anyone, however often they are cut; taken back before anything was seen; and never outlives its use."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time

import pytest

from publisher import ask_and_apply
from publisher import publish as line
from publisher.core.errors import Exit
from publisher.core.layout import STATE_KEY
from publisher.core.layout import claim as claim_key
from publisher.state.state import generation_of
from publisher.sync import apply, claims
from publisher.sync import machine_lock as alive
from publisher.sync.claims import LEASE
from tests.support.listeners import complaints
from tests.support.show_factory import recording

SEEN = (".html", ".xml")


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """A machine of our own, which nobody waits long on."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr("publisher.sync.this_run.PATIENCE", 0.3)
    monkeypatch.setattr("publisher.sync.lease.ON_ITS_WAY", -1.0)


def encrypted(body):
    """An ETag as of a service that encrypts with keys of its own: it looks like an MD5 and is none."""
    return hashlib.md5(b"encrypted" + body, usedforsecurity=False).hexdigest()


@pytest.fixture(params=[None, encrypted], ids=["md5", "encrypted"])
def any_etags(request, memory):
    """Both kinds of ETags."""
    if request.param is not None:
        memory.etag_of = request.param


@pytest.fixture
def published(far, memory):
    assert far.publish().status == 0
    memory.written.clear()
    return far


def refuse_what_is_seen(memory):
    memory.refuse = lambda key: key.endswith(SEEN) and not key.startswith(".airdate/")


def refuse_nothing(memory):
    memory.refuse = lambda _key: False


@pytest.mark.parametrize("part", [claims.PART, 2000], ids=["whole", "in parts"])
def test_a_claim_is_finished_although_those_who_began_to_finish_it_were_cut_too(published, memory, monkeypatch, part):
    monkeypatch.setattr(claims, "PART", part)
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    for machine in ("studio", "laptop", "desk"):
        monkeypatch.setattr("platform.node", lambda machine=machine: machine)
        refuse_what_is_seen(memory)
        memory.clock.pass_by(LEASE + 1)
        assert published.publish().status == 4
    assert bool([key for key in memory.keys if key.startswith(".airdate/history/")]) is (part == 2000)
    refuse_nothing(memory)
    memory.clock.pass_by(LEASE + 1)
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr
    assert b"Other notes." in memory.bytes_of("feed.xml")
    assert complaints(memory.contents) == []
    assert generation_of(memory.bytes_of(STATE_KEY)) == 2
    assert published.run("rollback", "1", "--yes").status == 0
    assert published.run("rollback", "2", "--yes").status == 0, "the record of it can still be read"
    assert b"Other notes." in memory.bytes_of("feed.xml")


def test_each_part_of_a_claim_is_put_before_the_next_is_made(published, memory, monkeypatch):
    monkeypatch.setattr(claims, "PART", 2000)
    order = []
    pack = claims._packed_rows
    monkeypatch.setattr(claims, "_packed_rows", lambda items: (order.append("made"), pack(items))[1])
    put = memory.put
    monkeypatch.setattr(
        memory, "put", lambda key, *a, **k: (order.append("put") if key.startswith(".airdate/history/") else None, put(key, *a, **k))[1]
    )
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert published.publish().status == 0
    parts = order.count("put")
    assert parts > 2
    assert order[: 2 * parts] == ["made", "put"] * parts


@pytest.mark.usefixtures("any_etags")
def test_pages_that_a_cut_publish_had_put_are_nobody_elses(published, memory):
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
    memory.refuse = lambda key: key == "feed.xml"
    assert published.publish().status == 4
    assert {"episodes/third.html", "index.html"} <= set(memory.written), "the pages are there, the feed is not"
    refuse_nothing(memory)
    memory.clock.pass_by(LEASE + 1)
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr
    assert "an earlier publish" in outcome.stderr.lower()
    assert "somebody else" not in outcome.stderr


@pytest.mark.usefixtures("any_etags")
def test_a_page_that_somebody_else_changed_meanwhile_is_told(published, memory):
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    kept = memory.bytes_of("episodes/first.html")
    memory.replace("episodes/first.html", kept.replace(b"Some", b"Evil"))
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr
    assert "somebody else had changed episodes/first.html" in outcome.stderr


@pytest.mark.usefixtures("any_etags")
def test_ctrl_c_before_anything_was_seen_takes_the_claim_and_the_new_pages_back(published, memory):
    before = memory.memorize()
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")

    def interrupt(key):
        if key == "episodes/third.html":
            raise KeyboardInterrupt

    memory.watch = interrupt
    outcome = published.publish("--json")
    assert outcome.status == Exit.INTERRUPTED
    assert (outcome.document["error"]["code"], outcome.document["status"]) == ("interrupted", 130)
    assert "run the same command again" in outcome.stderr
    assert claim_key(2) not in memory.keys
    assert "episodes/third.html" not in memory.keys
    assert {key: memory.bytes_of(key) for key in before} == {key: kept.body for key, kept in before.items()}
    memory.watch = lambda _key: None
    assert published.publish().status == 0


def test_a_claim_that_another_run_took_over_is_not_taken_back_by_the_one_that_had_it(published, memory, on_another_machine, tmp_path):
    """A laptop wakes up after an hour, finds that others finished its publish, and is stopped with Ctrl-C."""
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
    other = published.copy(tmp_path / "other")

    def taken_over(key):
        if key == "episodes/third.html":
            memory.watch = lambda _key: None
            memory.clock.pass_by(LEASE + 1)
            with on_another_machine():
                assert other.publish().status == 0
            raise KeyboardInterrupt

    memory.watch = taken_over
    assert published.publish().status == Exit.INTERRUPTED
    assert generation_of(memory.bytes_of(STATE_KEY)) == 2
    assert claim_key(2) in memory.keys
    assert complaints(memory.contents) == [], "listeners have the new episode"


def test_ctrl_c_while_the_claim_is_written_takes_it_back(published, memory):
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")

    def interrupt(key):
        if key == claim_key(2):
            memory.watch = lambda _key: None
            raise KeyboardInterrupt

    memory.watch = interrupt
    assert published.publish().status == Exit.INTERRUPTED
    assert claim_key(2) not in memory.keys


@pytest.mark.parametrize("at", ["index.html", "feed.xml", STATE_KEY])
def test_ctrl_c_after_it_leaves_the_claim_and_says_how_to_finish_or_go_back(published, memory, at):
    published.edit("2026-05-01-first", 'title = "First"', 'title = "Premier"')

    def interrupt(key):
        if key == at:
            raise KeyboardInterrupt

    memory.watch = interrupt
    outcome = published.publish()
    assert outcome.status == Exit.INTERRUPTED
    assert "`publish` finishes it, `publish rollback` then takes it back" in outcome.stderr
    assert claim_key(2) in memory.keys
    memory.watch = lambda _key: None
    assert published.publish().status == 0
    assert b"Premier" in memory.bytes_of("feed.xml")
    assert published.run("rollback", "--yes").status == 0
    assert b"Premier" not in memory.bytes_of("feed.xml")


def test_a_disk_that_is_full_before_anything_was_seen_takes_the_claim_back(published, memory):
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
    memory.refuse = lambda key: key == "episodes/third.html"
    assert published.publish().status == 4
    assert claim_key(2) not in memory.keys


@pytest.mark.parametrize("key", ["episodes/third.html", "embed/third.html", "feed-2.xml"])
def test_a_strangers_object_where_something_new_goes_is_never_overwritten_unless_told(published, memory, key):
    memory.put(key, b"<h1>My cats</h1>", apply.STATE_HEADERS)
    before = memory.memorize()
    published.configure("[storage]", "[feed]\nlimit = 1\n\n[storage]")
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
    outcome = published.publish("--json")
    assert outcome.status == 5, outcome.stderr
    assert outcome.document["error"]["code"] == "refused-overwrite"
    assert key in outcome.document["error"]["message"]
    assert outcome.document["error"]["hint"].endswith("publish --force overwrite")
    assert memory.bytes_of(key) == b"<h1>My cats</h1>"
    listeners = [name for name in memory.keys if name.endswith(SEEN) or name == STATE_KEY]
    assert {name: memory.bytes_of(name) for name in listeners} == {name: before[name].body for name in listeners if name in before}
    assert published.publish("--force", "overwrite").status == 0
    assert memory.bytes_of(key) != b"<h1>My cats</h1>"
    assert published.publish().status == 0


def test_a_lost_state_is_taken_from_the_last_record_and_nothing_goes_back_in_time(published, memory):
    for old, new in (("Some", "Other"), ("Other", "Better"), ("Better", "Best")):
        published.edit("2026-05-01-first", f"{old} notes.", f"{new} notes.")
        assert published.publish().status == 0
    before = memory.contents
    memory.delete([STATE_KEY])
    feeds = []
    memory.watch = lambda key: feeds.append(memory.bytes_of("feed.xml"))
    memory.clock.pass_by(LEASE + 1)
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr
    assert "taking it from the record of publish 4" in outcome.stderr
    assert set(feeds) == {before["feed.xml"]}
    assert {key: body for key, body in memory.contents.items() if key != STATE_KEY} == {
        key: body for key, body in before.items() if key != STATE_KEY
    }
    assert json.loads(memory.bytes_of(STATE_KEY)) == json.loads(before[STATE_KEY])


def test_state_that_was_read_long_ago_is_read_again_before_the_show_is_claimed(published, memory, monkeypatch, tmp_path):
    """A publish, a withdrawal and the scrubbing of its records happen while a recording is on its way."""
    before = memory.memorize()
    other = published.copy(tmp_path / "other")
    other.edit("2026-05-08-second", "Some notes.", "Other notes.")
    assert other.publish().status == 0
    assert other.run("withdraw", "first", "--yes", "--no-verify").status == 0
    after = memory.memorize()
    assert claim_key(2) not in after
    memory.go_back(before)
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
    clock = [1000.0]
    monkeypatch.setattr(apply, "seconds_now", lambda: clock[0])
    monkeypatch.setattr(line, "seconds_now", lambda: clock[0])

    def meanwhile(key):
        if key.startswith("media/third-") and clock[0] == 1000.0:
            clock[0] += apply.FRESH + 1
            memory.go_back({**memory.memorize(), **after})
            memory.written.clear()

    memory.watch = meanwhile
    outcome = published.publish()
    assert "Another publish was faster" in outcome.stderr
    assert claim_key(2) not in memory.written


def test_a_process_is_known_as_dead_by_its_lock_and_one_of_elsewhere_never():
    begun, go_on = threading.Event(), threading.Event()

    def live():
        with alive.shown_alive("a1"):
            begun.set()
            go_on.wait(10)

    thread = threading.Thread(target=live)
    thread.start()
    assert begun.wait(10)
    assert not alive.has_died("a1"), "it holds its lock"
    go_on.set()
    thread.join()
    assert not alive.has_died("a1"), "it ended well and left nothing"
    with pytest.raises(ZeroDivisionError), alive.shown_alive("b2"):
        _ = 1 / 0
    assert alive.has_died("b2"), "its lock is free"
    assert not alive.has_died("b2"), "it is told once"
    assert not alive.has_died("c3"), "a run of another container with this host name"
    assert not alive.has_died("../../etc/passwd")


def test_what_a_killed_run_left_goes_when_its_claim_is_old_and_what_another_system_left_after_a_week(tmp_path):
    folder = tmp_path / "tmp"
    of_here = alive._file("a1").name.removesuffix("a1.alive")
    days = {"airdate-00000000-old.alive": 8, "airdate-00000000-new.alive": 6, f"{of_here}old.alive": 0.1, f"{of_here}new.alive": 0.001}
    for name, age in {**days, "somebody-elses.alive": 99}.items():
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age * 86_400,) * 2)
    with alive.shown_alive("long"):
        os.utime(alive._file("long"), (time.time() - 86_400,) * 2)
        with alive.shown_alive("a1"):
            assert alive.process_of("long") == str(os.getpid()), "its file is held"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["airdate-00000000-new.alive", f"{of_here}new.alive", "somebody-elses.alive"]
    )


def test_a_living_publish_of_a_machine_of_the_same_name_is_waited_for(published, memory, monkeypatch, tmp_path):
    """Two containers of a CI service with one host name: neither sees the other's processes."""
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    refuse_what_is_seen(memory)
    assert published.publish().status == 4
    refuse_nothing(memory)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    outcome = published.publish("--json")
    assert outcome.document["error"]["code"] == "storage-busy"


def test_wait_makes_a_publish_wait_as_long_as_it_says(published, memory, monkeypatch):
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    refuse_what_is_seen(memory)
    monkeypatch.setattr("platform.node", lambda: "studio")
    assert published.publish().status == 4
    refuse_nothing(memory)
    monkeypatch.setattr("platform.node", lambda: "laptop")
    began = time.monotonic()
    assert published.publish("--wait", "1s").status == 4
    assert time.monotonic() - began >= 1
    threading.Timer(0.5, memory.clock.pass_by, [LEASE + 1]).start()
    outcome = published.publish("--wait", "30s")
    assert outcome.status == 0, outcome.stderr
    assert b"Other notes." in memory.bytes_of("feed.xml")


def test_a_recording_that_is_saved_again_with_as_many_bytes_is_not_published_as_the_measured_one(published, memory, monkeypatch):
    published.configure("[storage]", "[audio]\ntags = false\n\n[storage]")
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
    real = apply.apply_changes

    def saved_again(*arguments):
        published.write("episodes/2026-05-20-third/audio.mp3", recording(voice=99))
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(ask_and_apply, "apply_changes", saved_again)
        outcome = published.publish("--json")
    assert outcome.status == 4
    assert outcome.document["error"]["code"] == "file-changed"
    assert not [key for key in memory.keys if key.startswith("media/third")]
    assert published.publish().status == 0


def test_a_copy_of_state_that_was_cut_while_it_was_kept_is_never_believed(published, memory, monkeypatch):
    """kill -9 in the middle of each write to the cache."""
    from pathlib import Path

    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    real = Path.write_bytes

    def half(path, body):
        if "state" in path.parts:
            real(path, body[: len(body) // 2])
            raise OSError("killed")
        return real(path, body)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", half)
        assert published.publish().status == 0
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr
