"""Two publishes at once cannot lose each other's work; one that died is finished by whoever comes next."""

from __future__ import annotations

import datetime as dt
import re
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from publisher import publish as line
from publisher.core.command_call import Options
from publisher.core.console import Console
from publisher.core.errors import AirdateError
from publisher.core.json_results import Published
from publisher.core.layout import STATE_KEY
from publisher.core.layout import claim as claim_key
from publisher.load.config_reader import read_config
from publisher.state.state import generation_of
from publisher.sync import apply
from publisher.sync import lease as holding
from publisher.sync.claims import HEADERS, LEASE, read_claim, write_claim
from publisher.workspace import Workspace
from tests.support.listeners import complaints

CLAIM = claim_key(2)


@pytest.fixture(autouse=True)
def short_patience(monkeypatch):
    monkeypatch.setattr("publisher.sync.this_run.PATIENCE", 0.3)


@pytest.fixture
def published(far, memory):
    assert far.publish().status == 0
    memory.written.clear()
    return far


def cut_after_the_claim(show, memory, monkeypatch, machine="studio"):
    """A publish of another machine that ends right after its claim."""
    show.edit("2026-05-01-first", "Some notes.", "Notes of the one that died.")
    monkeypatch.setattr("platform.node", lambda: machine)
    memory.refuse = lambda key: key.endswith((".html", ".xml", ".json")) and not key.startswith(".airdate/claims/")
    assert show.publish().status == 4
    memory.refuse = lambda _key: False
    monkeypatch.setattr("platform.node", lambda: "laptop")


def test_a_claim_holds_all_that_is_left_to_do(published, memory, monkeypatch):
    cut_after_the_claim(published, memory, monkeypatch)
    claim = read_claim(memory, 2, memory.bytes_of(CLAIM))
    assert claim.machine == "studio"
    assert {item.key for item in claim.objects} >= {"episodes/first.html", "feed.xml"}
    assert claim.state.generation == 2
    assert claim.state.episodes["first"].guid == "first-guid"


@pytest.mark.parametrize(("machine", "words"), [("studio", "from studio"), ("", "from another machine")])
def test_a_live_claim_makes_another_publish_wait_and_then_say_whose_it_is(published, memory, monkeypatch, tmp_path, machine, words):
    other = published.copy(tmp_path / "other")
    cut_after_the_claim(published, memory, monkeypatch, machine)
    before = memory.contents
    other.edit("2026-05-08-second", "Some notes.", "Other notes.")
    outcome = other.publish("--json")
    assert outcome.status == 4
    assert outcome.document["error"]["code"] == "storage-busy"
    assert words in outcome.document["error"]["message"]
    assert f"{words}; waiting for it" in outcome.stderr
    assert "--wait" in outcome.document["error"]["hint"]
    unseen = re.compile(r"\.pf_(fragment|index|meta)$|-[0-9a-f]{8}\.\w+$")  # names that nothing leads to yet
    assert {key: body for key, body in memory.contents.items() if not unseen.search(key) or key in before} == before


def test_even_a_publish_with_nothing_to_do_looks_for_one(published, memory, monkeypatch, tmp_path):
    other = published.copy(tmp_path / "other")
    cut_after_the_claim(published, memory, monkeypatch)
    assert other.publish().status == 4


def test_a_dead_claim_is_rolled_forward_by_another_machine(published, memory, monkeypatch, tmp_path):
    other = published.copy(tmp_path / "other")
    cut_after_the_claim(published, memory, monkeypatch)
    memory.clock.pass_by(LEASE + 1)
    outcome = other.publish()
    assert "An earlier publish (from studio) was cut; finishing it first." in outcome.stderr
    assert b"Notes of the one that died." in memory.bytes_of("episodes/first.html")
    assert b"Notes of the one that died." in memory.bytes_of("feed.xml")
    assert outcome.status == 5, "this checkout is older than what it has just finished"
    assert "--force older=first" in outcome.stderr
    assert complaints(memory.contents) == []
    assert generation_of(memory.bytes_of(STATE_KEY)) == 2


def test_a_claim_of_a_process_of_this_machine_that_is_gone_needs_no_waiting(published, memory):
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    memory.refuse = lambda key: key.endswith((".html", ".xml", ".json")) and not key.startswith(".airdate/claims/")
    assert published.publish().status == 4
    memory.refuse = lambda _key: False
    outcome = published.publish()
    assert outcome.status == 0
    assert "was cut; finishing it first" in outcome.stderr
    assert b"Other notes." in memory.bytes_of("feed.xml")


def test_a_claim_is_renewed_while_its_owner_works(published, memory, monkeypatch):
    monkeypatch.setattr(holding, "RENEWAL", 0.02)
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    slow = threading.Event()
    memory.watch = lambda key: slow.wait(0.2) if key == "feed.xml" else None
    assert published.publish().status == 0
    assert memory.written.count(CLAIM) > 2


def test_a_damaged_claim_is_an_error_with_words(published, memory, monkeypatch):
    cut_after_the_claim(published, memory, monkeypatch)
    for body in (b"", b"nope", memory.bytes_of(CLAIM)[:-9]):
        memory.put(CLAIM, body, HEADERS)
        memory.clock.pass_by(LEASE + 1)
        outcome = published.publish("--json")
        assert outcome.status == 4
        assert outcome.document["error"]["code"] == "claim-unreadable"


def race(*shows):
    """Publish them all at the same moment; what each ended in."""
    barrier = threading.Barrier(len(shows))
    ends: list[object] = [None] * len(shows)

    def run(number, show):
        workspace = Workspace(read_config(show.config), Console(quiet=True), dt.datetime.fromisoformat(show.now))
        options = Options(now=dt.datetime.fromisoformat(show.now), yes=True, verify=False)
        workspace.state_copies.read()
        barrier.wait()
        try:
            ends[number] = line.publish(workspace, options)
        except AirdateError as error:
            ends[number] = error.code
        except Exception as error:
            ends[number] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(shows)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr("publisher.sync.this_run.PATIENCE", 30.0)


def meet_before_the_claim():
    """Each waits at its recording until the other has come to its own."""
    gate = threading.Barrier(2)

    def wait(key):
        if key.startswith("media/"):
            with suppress(threading.BrokenBarrierError):
                gate.wait(10)

    return wait


@pytest.mark.usefixtures("patient")
def test_two_checkouts_of_one_commit_publish_it_once(published, memory, tmp_path):
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
    other = published.copy(tmp_path / "other")
    ends = race(published, other)
    assert all(isinstance(end, Published) for end in ends), ends
    assert generation_of(memory.bytes_of(STATE_KEY)) == 2
    assert memory.bytes_of("feed.xml").count(b"<item>") == 3
    assert complaints(memory.contents) == []


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("turn", range(3))
def test_two_checkouts_with_different_episodes_lose_none(published, memory, tmp_path, turn):
    other = published.copy(tmp_path / "other")
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
    other.episode("2026-05-21-fourth", date="2026-05-21T06:00:00+02:00")
    memory.watch = meet_before_the_claim()
    ends = race(published, other)
    assert sorted(type(end).__name__ for end in ends) == ["Published", "str"], ends
    assert "refused-remove" in ends, "the slower one is told that an episode is not in its folder"
    feed = memory.bytes_of("feed.xml")
    assert (b"third-guid" in feed) is isinstance(ends[0], Published)
    assert complaints(memory.contents) == []
    memory.watch = lambda _key: None
    for show in (published, other):
        show.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
        show.episode("2026-05-21-fourth", date="2026-05-21T06:00:00+02:00")
    assert published.publish().status == 0
    assert other.publish().status == 0
    feed = memory.bytes_of("feed.xml")
    assert b"third-guid" in feed
    assert b"fourth-guid" in feed


def test_an_object_that_somebody_changed_is_told_and_ours_again(published, memory):
    memory.put("episodes/first.html", b"<html>theirs", apply.STATE_HEADERS)
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    outcome = published.publish()
    assert outcome.status == 0
    assert "somebody else had changed episodes/first.html" in outcome.stderr
    assert b"Other notes." in memory.bytes_of("episodes/first.html")


def test_of_two_claims_without_conditional_writes_the_one_that_is_there_in_the_end_counts(far, memory, monkeypatch):
    monkeypatch.setattr(holding, "ADVISORY_PAUSE", 0.0)
    memory.behaviour = "ignored"
    assert far.publish().status == 0
    far.edit("2026-05-01-first", "Some notes.", "Other notes.")
    seen = []

    def overwritten(key):
        if key == CLAIM and not seen:
            seen.append(key)
            memory.put(CLAIM, write_claim(replace(read_claim(memory, 2, memory.bytes_of(CLAIM)), owner="other")), HEADERS)
            memory.written.clear()

    memory.watch = overwritten
    outcome = far.publish("--json")
    assert outcome.document["error"]["code"] == "storage-busy"
    assert read_claim(memory, 2, memory.bytes_of(CLAIM)).owner == "other"
    assert not [key for key in memory.written if key.endswith((".html", ".xml"))]


@pytest.mark.parametrize("behaviour", ["refused", "ignored"])
def test_a_service_without_conditional_writes_is_named_once(far, memory, monkeypatch, behaviour):
    monkeypatch.setattr(holding, "ADVISORY_PAUSE", 0.0)
    memory.behaviour = behaviour
    first = far.publish()
    assert first.status == 0, first.stderr
    assert "no conditional writes" in first.stderr
    far.edit("2026-05-01-first", "Some notes.", "Other notes.")
    second = far.publish()
    assert second.status == 0
    assert "no conditional writes" not in second.stderr
    assert b"Other notes." in memory.bytes_of("feed.xml")
