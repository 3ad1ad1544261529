"""What wakes up too late deletes nothing, and where no condition guards a write, looks at the claim first."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import os
import time
from contextlib import nullcontext
from dataclasses import replace

import pytest

from publisher.core.errors import Exit, StorageError
from publisher.core.layout import STATE_KEY
from publisher.core.layout import claim as claim_key
from publisher.state.staged import read_staged
from publisher.state.state import generation_of
from publisher.stores.directory import DirectoryStore
from publisher.stores.protocol import ConditionFailed
from publisher.sync import apply, lease, missing_objects, other_publishes
from publisher.sync.claims import HEADERS, LEASE, Claim, read_claim, write_claim
from publisher.sync.lease import Lease
from publisher.sync.other_publishes import finish
from publisher.sync.state_copies import StateCopies
from publisher.sync.storage import Storage
from publisher.sync.this_run import Run
from tests.support.listeners import complaints
from tests.support.memory_bucket import all_well
from tests.support.show_factory import picture, recording


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """A machine of our own, which nobody waits long on."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr("publisher.sync.this_run.PATIENCE", 0.3)
    monkeypatch.setattr(lease, "ADVISORY_PAUSE", 0.0)
    monkeypatch.setattr("publisher.sync.uploads.CONNECTIONS", 1)  # all of a machine sleeps, not one of its threads


@pytest.fixture
def sleep(memory, monkeypatch):
    """Some time goes by, on the storage's clock and on ours, while our threads stand still."""
    slept = [0.0]
    for module in (lease, apply):
        monkeypatch.setattr(module, "seconds_now", lambda: time.monotonic() + slept[0])

    def sleep(seconds=LEASE + 1):
        slept[0] += seconds
        memory.clock.pass_by(seconds)

    return sleep


@pytest.fixture
def published(far, memory):
    assert far.publish().status == 0
    memory.written.clear()
    return far


def new_episode(show):
    show.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")


def interrupted_at(memory, key):
    def interrupt(written):
        if written == key:
            memory.watch = lambda _key: None
            raise KeyboardInterrupt

    memory.watch = interrupt


def before_delete_of(memory, key, act):
    """Do something when a request to delete `key` is about to be sent, once."""
    real, done = memory.delete, []

    def delete(keys, **fenced):
        keys = list(keys)
        if key in keys and not done:
            done.append(key)
            act()
        real(keys, **fenced)

    memory.delete = delete
    return done


def test_a_withdrawal_that_stalls_deletes_nothing_that_another_machine_published_meanwhile(
    published, memory, sleep, on_another_machine, tmp_path
):
    """Ctrl-C, then the line stalls; the claim is taken over and finished; then the line is back."""
    new_episode(published)
    other = published.copy(tmp_path / "other")

    def meanwhile():
        sleep()
        with on_another_machine():
            assert other.publish().status == 0

    interrupted_at(memory, "episodes/third.html")
    stalled = before_delete_of(memory, "episodes/third.html", meanwhile)
    assert published.publish().status == Exit.INTERRUPTED
    assert stalled
    assert generation_of(memory.bytes_of(STATE_KEY)) == 2
    assert {"episodes/third.html", claim_key(2)} <= set(memory.keys)
    assert complaints(memory.contents) == []


def cut_off():
    raise StorageError("the network is gone", code="storage-lost")


def test_a_publish_that_slept_before_its_last_write_leaves_it_to_who_took_its_claim_over(
    published, memory, sleep, on_another_machine, tmp_path
):
    """State by the first, while pages of the second are on their way, lets a third begin, whose pages those then replace."""
    new_episode(published)
    other = published.copy(tmp_path / "other")

    def meanwhile(written):
        if written == "feed.xml":
            memory.watch = cut
            sleep()
            with on_another_machine():
                assert other.publish("--json").document["error"]["code"] == "storage-lost"

    def cut(written):
        if written == claim_key(2):
            memory.watch = lambda _key: None
            cut_off()

    memory.watch = meanwhile
    assert published.publish("--json").document["error"]["code"] == "storage-busy", "the other one may be at it"
    assert generation_of(memory.bytes_of(STATE_KEY)) == 1
    sleep()
    assert published.publish().status == 0
    assert generation_of(memory.bytes_of(STATE_KEY)) == 2
    assert complaints(memory.contents) == []


def test_a_claim_says_that_it_is_taken_back_before_a_page_of_it_goes(published, memory):
    new_episode(published)
    interrupted_at(memory, "episodes/third.html")
    seen = []
    before_delete_of(memory, "episodes/third.html", lambda: seen.append(read_claim(memory, 2, memory.bytes_of(claim_key(2)))))
    assert published.publish().status == Exit.INTERRUPTED
    assert "episodes/third.html" in seen[0].withdrawn
    assert not [key for key in memory.keys if "third" in key and key.endswith(".html")]
    assert claim_key(2) not in memory.keys


@pytest.mark.parametrize("elsewhere", [True, False], ids=["another machine", "this machine"])
def test_a_claim_that_was_being_taken_back_is_taken_back_by_whoever_comes_next(
    published, memory, sleep, on_another_machine, tmp_path, elsewhere, monkeypatch
):
    other = published.copy(tmp_path / "other")
    new_episode(published)
    interrupted_at(memory, "episodes/third.html")
    before_delete_of(memory, "episodes/third.html", cut_off)
    assert published.publish().status == Exit.INTERRUPTED
    assert "episodes/third.html" in memory.keys, "it could not be deleted"
    assert other.run("status").status == 0
    with on_another_machine() if elsewhere else nullcontext():
        assert other.publish("--json").document["error"]["code"] == "storage-busy", "a delete of it may come yet"
    sleep()
    purged: list[str] = []
    monkeypatch.setattr("publisher.publish.purge_cdn", lambda _workspace, keys: purged.extend(keys))
    with on_another_machine() if elsewhere else nullcontext():
        outcome = other.publish()
    assert outcome.status == 0, outcome.stderr
    assert "taken back" in outcome.stderr
    assert purged == [], "no cache has what nobody saw, and all else is as it was"
    assert not [key for key in memory.keys if "third" in key and key.endswith(".html")]
    assert claim_key(2) not in memory.keys
    assert published.publish().status == 0
    assert b"third-guid" in memory.bytes_of("feed.xml")


def test_a_claim_that_is_taken_back_deletes_nothing_of_earlier_publishes(published, memory, sleep, monkeypatch):
    """What an episode had that was removed stays for its days of grace, and nobody is to ask for it anew."""
    published.remove("2026-05-08-second")
    assert published.publish("--force", "remove=second").status == 0
    kept = [key for key in memory.keys if key.startswith("media/second-")]
    new_episode(published)
    interrupted_at(memory, "episodes/third.html")
    before_delete_of(memory, "episodes/third.html", cut_off)
    assert published.publish().status == Exit.INTERRUPTED
    sleep()
    purged: list[str] = []
    monkeypatch.setattr("publisher.publish.purge_cdn", lambda _workspace, keys: purged.extend(keys))
    outcome = published.publish()
    assert outcome.status == 0 and "taken back" in outcome.stderr, outcome.stderr
    assert kept and set(kept) <= set(memory.keys)
    assert purged == []


@pytest.fixture
def two_pictures(far, memory, tmp_path):
    """A show whose first artwork may be pruned, as `doomed`; another checkout still has it."""

    def begin(behaviour):
        memory.behaviour = behaviour
        assert far.publish().status == 0
        before = {key for key in memory.keys if key.startswith("art/artwork-")}
        other = far.copy(tmp_path / "other")
        far.write("artwork.jpg", picture(1500, 1500))
        assert far.publish().status == 0
        memory.clock.pass_by(40 * 86_400)
        later = dt.datetime.fromisoformat(far.now) + dt.timedelta(days=40)
        far.now = other.now = later.isoformat()
        return other, max(before, key=lambda key: len(memory.bytes_of(key)))

    return begin


@pytest.mark.parametrize("scrubbed", [False, True], ids=["its claim is there", "its claim is scrubbed"])
@pytest.mark.parametrize("behaviour", ["enforced", "ignored", "refused"])
def test_a_prune_that_sleeps_before_its_deletes_takes_nothing_that_was_brought_back(
    far, memory, sleep, on_another_machine, two_pictures, behaviour, scrubbed
):
    other, doomed = two_pictures(behaviour)

    def meanwhile():
        sleep()
        with on_another_machine():
            outcome = other.publish("--force", "older")
            assert outcome.status == 0, outcome.stderr
            if scrubbed:  # whatever was claimed before it goes
                assert other.run("withdraw", "second", "--yes", "--no-verify").status == 0

    stalled = before_delete_of(memory, doomed, meanwhile)
    outcome = far.run("prune", "--yes")
    assert stalled, outcome.stderr
    assert complaints(memory.contents) == []
    assert doomed in memory.keys, "it is the show's again"


@pytest.mark.parametrize("behaviour", ["ignored", "refused"])
def test_what_a_prune_took_while_another_machine_brought_it_back_is_put_back_by_the_next_publish_where_no_condition_guards_it(
    far, memory, sleep, on_another_machine, two_pictures, behaviour
):
    """The delete was held back on its way, or the two looked at the claim in the same second: no fence keeps it from being carried out."""
    other, doomed = two_pictures(behaviour)
    real, late = memory.delete, []

    def delete(keys, *, fence=None, **etags):
        keys = list(keys)
        if fence is not None:
            fence()
        if doomed in keys and not late:
            late.append(doomed)
            sleep()
            with on_another_machine():
                outcome = other.publish("--force", "older")
                assert outcome.status == 0, outcome.stderr
        real(keys, **etags)

    memory.delete = delete
    far.run("prune", "--yes")
    memory.delete = real
    assert late and doomed not in memory.keys
    outcome = other.publish()
    assert outcome.status == 0, outcome.stderr
    assert "missing" in outcome.stderr
    assert complaints(memory.contents) == []
    assert doomed in memory.keys
    assert "Nothing changed" in other.publish().stderr


@pytest.mark.parametrize("behaviour", ["ignored", "refused"])
@pytest.mark.parametrize("at", ["episodes/first.html", "feed.xml"])
def test_a_publisher_that_slept_puts_nothing_over_what_is_newer_where_no_condition_guards_it(
    far, memory, sleep, on_another_machine, tmp_path, behaviour, at
):
    memory.behaviour = behaviour
    assert far.publish().status == 0
    other = far.copy(tmp_path / "other")
    far.edit("2026-05-01-first", "Some notes.", "Older notes.")
    other.edit("2026-05-01-first", "Some notes.", "Newer notes.")
    feeds = []

    def asleep(key):
        if key == at and not feeds:
            feeds.append(b"")
            sleep()
            with on_another_machine():
                other.publish("--force", "older=first")
                assert b"Newer notes." in memory.bytes_of("feed.xml")
        return False

    memory.refuse = asleep
    memory.watch = lambda key: feeds.append(memory.bytes_of("feed.xml")) if key == "feed.xml" and feeds else None
    outcome = far.publish()
    assert feeds, outcome.stderr
    shown = [b"Newer" in feed for feed in feeds[1:]]
    assert shown == sorted(shown), "an older feed was seen after a newer one"
    assert b"Newer notes." in memory.bytes_of("feed.xml"), outcome.stderr
    assert b"Newer notes." in memory.bytes_of("episodes/first.html")
    assert generation_of(memory.bytes_of(STATE_KEY)) == 3


@pytest.mark.parametrize("behaviour", ["enforced", "ignored"])
def test_a_process_of_this_machine_that_is_alive_is_never_taken_over(far, memory, sleep, tmp_path, behaviour):
    """Ctrl-Z, and then the timer starts another publish."""
    memory.behaviour = behaviour
    assert far.publish().status == 0
    other = far.copy(tmp_path / "other")
    far.edit("2026-05-01-first", "Some notes.", "Older notes.")
    outcomes = []

    def stopped(key):
        if key == "feed.xml" and not outcomes:
            sleep(10 * LEASE)
            outcomes.append(other.publish("--json"))
        return False

    memory.refuse = stopped
    assert far.publish().status == 0
    error = outcomes[0].document["error"]
    assert error["code"] == "storage-busy"
    assert f"process {os.getpid()} of this machine" in error["cause"]
    assert f"kill {os.getpid()}" in error["hint"]
    assert b"Older notes." in memory.bytes_of("feed.xml")


def test_that_somebody_looked_is_not_noted_over_a_newer_publish_where_no_condition_guards_it(far, memory, monkeypatch, tmp_path):
    memory.behaviour = "ignored"
    assert far.publish().status == 0
    other = far.copy(tmp_path / "other")
    other.edit("2026-05-01-first", "Some notes.", "Other notes.")
    far.edit("2026-05-08-second", "Some notes.", "Better notes.")

    def slow_look(*_arguments, **_options):
        yield
        with monkeypatch.context() as patch:
            patch.setattr("publisher.announce.follow_up._verify", all_well)
            assert other.publish("--force", "older=second").status == 0
        return ()

    monkeypatch.setattr("publisher.announce.follow_up._verify", slow_look)
    assert far.run("--yes").status == 0
    assert generation_of(memory.bytes_of(STATE_KEY)) == 3


@pytest.mark.parametrize("behaviour", ["ignored", "refused"])
def test_who_slept_before_noting_that_somebody_looked_looks_again_where_no_condition_guards_it(
    far, memory, sleep, on_another_machine, monkeypatch, tmp_path, behaviour
):
    memory.behaviour = behaviour
    assert far.publish().status == 0
    other = far.copy(tmp_path / "other")
    other.edit("2026-05-01-first", "Some notes.", "Other notes.")
    far.edit("2026-05-08-second", "Some notes.", "Better notes.")
    monkeypatch.setattr("publisher.announce.follow_up._verify", all_well)
    writes = []

    def asleep(key):
        if key == STATE_KEY:
            writes.append(key)
            if len(writes) == 2:
                sleep()
                with on_another_machine():
                    assert other.publish("--force", "older=second").status == 0
        return False

    memory.refuse = asleep
    assert far.run("--yes").status == 0
    assert len(writes) > 2
    assert generation_of(memory.bytes_of(STATE_KEY)) == 3


def denied(_prefix):
    raise StorageError("the key may not list", code="storage-denied")


@pytest.mark.parametrize("behaviour", ["ignored", "refused"])
def test_a_page_that_the_loser_of_a_race_put_goes_with_the_next_publish_however_old_it_is(far, memory, behaviour):
    """State never heard of it, so that nothing says it was put lately."""
    memory.behaviour = behaviour
    for words in ("Some", "Other", "Better", "Newer"):
        far.edit("2026-05-01-first", "otes.", f"otes. {words} notes.")
        assert far.publish().status == 0
    memory.replace("episodes/second.html", b"<p>of the one that lost</p>")
    assert far.publish().status == 0
    assert b"of the one that lost" not in memory.bytes_of("episodes/second.html")


@pytest.mark.parametrize("behaviour", ["ignored", "refused"])
def test_a_service_that_names_bytes_in_another_way_than_it_did_is_not_read_whole_by_each_publish(far, memory, behaviour, monkeypatch):
    memory.behaviour = behaviour
    assert far.publish().status == 0
    memory.etag_of = lambda body: f"new-{len(body)}"
    for key in memory.keys:
        if key.startswith("media/"):
            memory.replace(key, memory.bytes_of(key))
    read = []
    monkeypatch.setattr(memory, "fetch", lambda key, _target: read.append(key))
    monkeypatch.setattr(missing_objects, "DOUBTS", 1)
    outcome = far.publish()
    assert outcome.status == 0, outcome.stderr
    assert "Nothing changed" in outcome.stderr
    assert read == []


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not to be listed"])
@pytest.mark.parametrize("behaviour", ["ignored", "refused"])
def test_an_older_feed_that_came_late_where_no_condition_guards_it_goes_with_the_next_publish(far, memory, behaviour, listed):
    """A request that the network held back: nobody can keep it from being written."""
    memory.behaviour = behaviour
    assert far.publish().status == 0
    if not listed:
        memory.list = denied
    older = memory.bytes_of("feed.xml")
    far.edit("2026-05-01-first", "Some notes.", "Newer notes.")
    assert far.publish().status == 0
    assert far.publish().status == 0, "which has nothing to do"
    memory.replace("feed.xml", older)
    outcome = far.publish()
    assert outcome.status == 0, outcome.stderr
    assert b"Newer notes." in memory.bytes_of("feed.xml")


# what a dead one sent


@pytest.fixture
def late(published, memory):
    """A publish that died here while its write of a page was on its way; gives the page's write, to be carried out later."""
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    real, held = memory.put, []

    def put(key, *body, fence=None, **conditions):
        if key == "episodes/first.html":
            memory.refuse = lambda key: key == "feed.xml"
            held.append(lambda: real(key, *body, **conditions))
            raise StorageError("no answer", code="storage-lost")
        return real(key, *body, fence=fence, **conditions)

    memory.put = put
    assert published.publish().status == 4
    memory.put, memory.refuse = real, lambda _key: False
    return held[0]


@pytest.fixture
def waited(memory, monkeypatch):
    """How long a publish waited each time, and what happens at the end of it."""
    seconds = []

    def sleep(time):
        if time > 1.0:
            seconds.append(time)
            memory.clock.pass_by(time)
            memory.meanwhile()

    memory.meanwhile = lambda: None
    monkeypatch.setattr(lease.time, "sleep", sleep)
    return seconds


def put_back(show):
    show.edit("2026-05-01-first", "Other notes.", "Some notes.")
    return show.publish("--force", "older")


def test_what_a_dead_one_sent_is_waited_for_before_the_bytes_that_it_asks_for_come_back(published, memory, late, waited):
    outcome = published.publish()
    assert "was cut; finishing it first" in outcome.stderr
    assert not waited, "what its claim says is put at once"
    memory.clock.pass_by(10)
    arrived = []

    def arrive():
        with pytest.raises(ConditionFailed):
            late()
        arrived.append(True)

    memory.meanwhile = arrive
    outcome = put_back(published)
    assert outcome.status == 0, outcome.stderr
    assert waited == [pytest.approx(21.0)]
    assert "Waiting for 21 s: what the publish that was cut had sent may still arrive." in outcome.stderr
    assert arrived
    assert b"Some notes." in memory.bytes_of("episodes/first.html")
    published.edit("2026-05-08-second", "Some notes.", "Other notes.")
    assert published.publish("--force", "older").status == 0
    assert len(waited) == 1, "only the publish after it waits"


def test_nothing_is_waited_for_that_can_no_longer_be_on_its_way(published, memory, late, waited):
    assert late
    assert published.publish().status == 0
    memory.clock.pass_by(32)
    assert put_back(published).status == 0
    assert not waited


def test_nobody_waits_after_one_that_died_long_ago(published, memory, late, waited):
    assert late
    memory.clock.pass_by(LEASE + 1)
    assert "was cut; finishing it first" in published.publish().stderr
    assert put_back(published).status == 0
    assert not waited


def test_nothing_is_on_its_way_to_a_folder(show, waited, monkeypatch):
    assert show.publish().status == 0
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    real = DirectoryStore.put

    def full(store, key, body, headers, **conditions):
        if key == "feed.xml":
            raise OSError(28, "full")
        return real(store, key, body, headers, **conditions)

    with monkeypatch.context() as patch:
        patch.setattr(DirectoryStore, "put", full)
        assert show.publish().status != 0
    show.edit("2026-05-01-first", "Other notes.", "Some notes.")
    outcome = show.publish("--force", "older")
    assert outcome.status == 0, outcome.stderr
    assert "was cut; finishing it first" in outcome.stderr
    assert not waited


@pytest.mark.parametrize("at", ["recording", "note"])
def test_of_two_machines_that_stage_an_episode_at_once_recording_and_note_are_of_one(published, memory, on_another_machine, tmp_path, at):
    published.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00", front="draft = true")
    other = published.copy(tmp_path / "other")
    other.write("episodes/2026-05-20-third/audio.mp3", recording(24.0, voice=99))
    ends = (".json",) if at == "note" else (".mp3",)
    done = []

    def meanwhile(key):
        if key.startswith("staged/") and key.endswith(ends) and not done:
            done.append(key)
            with on_another_machine():
                assert other.run("stage").status == 0
        return False

    memory.refuse = meanwhile
    outcome = published.run("stage")
    assert outcome.status == 0, outcome.stderr
    assert done
    note = read_staged(memory, "third-guid")
    assert hashlib.sha256(memory.bytes_of(note.key)).hexdigest() == note.facts.sha256


# clocks


@pytest.fixture
def short_lease(monkeypatch):
    """A waiter who has seen enough after a moment."""
    monkeypatch.setattr(other_publishes, "LEASE", 0.4)
    monkeypatch.setattr("publisher.sync.this_run.PATIENCE", 1.5)


def left_by_a_dead_one(show, memory, on_another_machine):
    """A claim whose owner died on another machine a moment ago."""
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    memory.refuse = lambda key: key.endswith((".html", ".xml")) and not key.startswith(".airdate/")
    with on_another_machine("studio"):
        assert show.publish().status == 4
    memory.refuse = lambda _key: False


def served(memory, change):
    """The storage says of now what `change` makes of it."""
    real = memory.read

    def read(key, **known):
        stored = real(key, **known)
        return stored and replace(stored, served=change(stored.served))

    memory.read = read


@pytest.mark.usefixtures("short_lease")
@pytest.mark.parametrize(
    "change",
    [lambda _now: None, lambda now: now - dt.timedelta(hours=2), lambda now: now + dt.timedelta(hours=2)],
    ids=["no date", "behind", "ahead"],
)
def test_a_claim_that_is_not_renewed_while_we_look_is_a_dead_ones_whatever_the_storage_says_of_time(
    published, memory, on_another_machine, change
):
    left_by_a_dead_one(published, memory, on_another_machine)
    served(memory, change)
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr
    assert "was cut; finishing it first" in outcome.stderr


@pytest.mark.usefixtures("short_lease")
@pytest.mark.parametrize("beats", [True, False], ids=["by this version", "by an earlier one"])
def test_a_claim_that_is_renewed_is_nobody_elses_whatever_the_storage_says_of_time(published, memory, on_another_machine, beats):
    left_by_a_dead_one(published, memory, on_another_machine)
    served(memory, lambda now: now + dt.timedelta(minutes=2))
    claim, read, beat = read_claim(memory, 2, memory.bytes_of(claim_key(2))), memory.read, itertools.count(1)

    def renewed_before_each_look(key, **known):
        if key == claim_key(2):
            memory.clock.pass_by(1)
            memory.put(key, write_claim(replace(claim, beat=next(beat) if beats else 0)), HEADERS)
        return read(key, **known)

    memory.read = renewed_before_each_look
    outcome = published.publish("--json")
    assert outcome.document["error"]["code"] == "storage-busy"
    assert read_claim(memory, 2, memory.bytes_of(claim_key(2))).owner == claim.owner


@pytest.mark.usefixtures("short_lease")
def test_a_claim_in_a_folder_with_a_time_in_the_future_is_not_waited_for_for_ever(show, on_another_machine):
    assert show.publish().status == 0
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    real = DirectoryStore.put

    def full(store, key, body, headers, **conditions):
        if key == "feed.xml":
            raise OSError(28, "full")
        return real(store, key, body, headers, **conditions)

    with on_another_machine("studio"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(DirectoryStore, "put", full)
        assert show.publish().status != 0
    file = show.public / "airdate-state" / claim_key(2).removeprefix(".airdate/")
    os.utime(file, (time.time() + 7200,) * 2)
    outcome = show.publish()
    assert outcome.status == 0, outcome.stderr
    assert "was cut; finishing it first" in outcome.stderr


# the lease itself


def test_a_renewal_whose_answer_was_lost_is_still_ours(published, memory):
    first = read_claim(memory, 1, memory.bytes_of(claim_key(1)))
    claim = replace(first, generation=7, owner="me", state=replace(first.state, generation=7))
    ours = Lease(Storage(public=memory, private=memory), claim)
    ours.take(first.state)

    def lost(_key):
        raise StorageError("the answer is lost", code="storage-lost")

    memory.watch = lost
    with pytest.raises(StorageError):
        ours.renew()
    memory.watch = lambda _key: None
    ours.renew()
    ours.fence()
    assert read_claim(memory, 7, memory.bytes_of(claim_key(7))).owner == "me"


def test_a_renewal_after_one_whose_answer_was_lost_is_noticed_by_whoever_looked_in_between(published, memory):
    """Where it had the same bytes as the one that arrived, a condition would let them take what had just been renewed."""
    first = read_claim(memory, 1, memory.bytes_of(claim_key(1)))
    ours = Lease(Storage(public=memory, private=memory), replace(first, generation=7, owner="me", state=replace(first.state, generation=7)))
    ours.take(first.state)

    def lost(_key):
        raise StorageError("the answer is lost", code="storage-lost")

    seen = []
    for _ in range(3):
        memory.watch = lost
        with pytest.raises(StorageError):
            ours.renew()
        memory.watch = lambda _key: None
        seen.append(memory.read(claim_key(7)).etag)
        ours.renew()
        seen.append(memory.read(claim_key(7)).etag)
    assert len(set(seen)) == len(seen)


def test_a_claim_that_its_owner_finished_while_we_slept_over_the_look_is_not_written_once_more(published, memory):
    """And its pages were put back since, to the very bytes that a condition asks for."""
    storage = Storage(public=memory, private=memory)
    storage.use_remembered("enforced")
    before = StateCopies(published.folder / "copies", storage).read()
    for old, new in (("Some notes.", "Other notes."), ("Other notes.", "Some notes.")):
        published.edit("2026-05-01-first", old, new)
        assert published.publish("--force", "older").status == 0
    kept = memory.contents
    stored = memory.read(claim_key(2))
    run = Run(owner="me", machine="laptop")
    assert finish(storage, before, read_claim(memory, 2, stored.body), stored.etag, run) is None
    assert memory.contents == kept


def test_who_finishes_a_prune_deletes_nothing_that_still_counts(published, memory):
    """Whatever a claim says: what is named now was not to be pruned."""
    storage = Storage(public=memory, private=memory)
    storage.use_remembered("enforced")
    before = StateCopies(published.folder / "copies", storage).read()
    objects = {key: stored for key, stored in before.objects.items() if key != "feed.xml"}
    state = replace(before, objects=objects, generation=2, shards={})
    claim = Claim(generation=2, owner="dead", machine="desk", state=state, objects=())
    etag = memory.put(claim_key(2), write_claim(claim), HEADERS)
    assert finish(storage, before, read_claim(memory, 2, write_claim(claim)), etag, Run(owner="me", machine="laptop")) is not None
    assert "feed.xml" in memory.keys
