"""Rollback and prune over time: what a rollback needs is kept, what it cannot have is said, strays of ours go and others' stay."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest

from publisher import publish as line
from publisher.announce import follow_up
from publisher.core.command_call import Options
from publisher.core.console import Console
from publisher.core.errors import StorageError
from publisher.core.layout import STATE_KEY, history_part, shard
from publisher.core.layout import claim as claim_key
from publisher.load.config_reader import read_config
from publisher.sync import apply, claims
from publisher.sync import machine_lock as alive
from publisher.workspace import Workspace
from tests.support.listeners import complaints
from tests.support.memory_bucket import all_well
from tests.support.show_factory import recording

LATER = "2026-09-01T12:00:00+00:00"
MUCH_LATER = "2026-09-02T12:00:00+00:00"


@pytest.fixture
def published(far, memory):
    """Published in June, with a page of its own that the next publishes leave alone."""
    assert far.publish().status == 0
    return far


def withdraw(show, slug: str) -> int:
    return show.run("withdraw", slug, "--yes", "--no-verify").status


def pass_months(memory) -> None:
    memory.clock.pass_by(92 * 86_400)


@pytest.mark.parametrize(("changed", "number"), [("2026-05-08-second", 1), ("2026-05-01-first", 2)])
def test_prune_keeps_the_old_record_of_a_page_that_was_changed_lately(published, memory, changed, number):
    """The page was put by publish `number`, in June, and replaced in September: no page is of that publish any more."""
    published.edit(changed, "Some notes.", "Some notes, with more in them.")
    assert published.publish().status == 0
    pass_months(memory)
    good = memory.bytes_of("episodes/first.html")
    published.edit("2026-05-08-second", "Some notes", "Better notes")
    assert published.publish(now=LATER).status == 0
    published.edit("2026-05-01-first", "Some notes", "A mistake")
    assert published.publish(now=LATER).status == 0
    assert published.run("prune", "--yes", now=LATER).status == 0
    assert claim_key(number) in memory.keys
    outcome = published.run("rollback", "3", "--yes", now=MUCH_LATER)
    assert outcome.status == 0, outcome.stderr
    assert memory.bytes_of("episodes/first.html") == good


@pytest.mark.parametrize("looked_at", [True, False])
def test_after_prune_a_show_counts_as_looked_at_where_it_was(published, memory, monkeypatch, looked_at):
    published.remove("2026-05-08-second")
    monkeypatch.setattr(follow_up, "_verify", all_well)
    assert published.run("--yes", "--force", "remove=second", *(() if looked_at else ("--no-verify",))).status == 0
    pass_months(memory)
    assert published.run("prune", "--yes", now=LATER).status == 0
    assert not [key for key in memory.keys if key.startswith("media/second-")]
    assert published.run("status", "--json", now=LATER).document["verified"] == looked_at


def test_a_show_that_was_published_once_has_nothing_to_go_back_to_and_status_offers_nothing(published):
    done = published.run("rollback")
    assert done.status == 2
    assert "there is no earlier publish to go back to" in done.stderr
    assert "publish withdraw SLUG" in done.stderr and "none" not in done.stderr
    assert "go back to" not in published.run("status").stdout


def test_an_episode_that_is_published_is_not_staged_and_the_line_for_another_recording_is_said(published):
    done = published.run("stage", "first")
    assert done.status == 2
    assert "audio_revision = 2 into its episode.md" in done.stderr


def test_a_rollback_past_what_was_scrubbed_is_refused_and_names_it(published, memory):
    published.episode("2026-05-10-third", date="2026-05-10T06:00:00+02:00")
    assert published.publish().status == 0
    assert withdraw(published, "third") == 0
    published.edit("2026-05-01-first", "Some notes.", "A mistake.")
    assert published.publish().status == 0
    before = memory.contents
    outcome = published.run("rollback", "3", "--yes")
    assert outcome.status == 5, outcome.stderr
    assert "first.html" in outcome.stderr
    assert memory.contents == before


def test_a_rollback_goes_to_an_earlier_publish_and_no_further_back_than_a_withdrawal(published, memory):
    published.edit("2026-05-08-second", "Some notes.", "Other notes.")
    assert published.publish().status == 0
    assert published.run("rollback", "2", "--yes").status == 2, "it is as it was then"
    assert withdraw(published, "first") == 0
    published.edit("2026-05-08-second", "Other notes.", "A mistake.")
    assert published.publish().status == 0
    outcome = published.run("rollback", "2", "--yes")
    assert (outcome.status, "cannot go back before publish 3" in outcome.stderr) == (5, True)
    outcome = published.run("rollback", "3", "--yes")
    assert (outcome.status, "nothing is left of embed/second.html as it was then" in outcome.stderr) == (5, True), (
        "it was not sent anew then"
    )
    published.edit("2026-05-08-second", "A mistake.", "A worse mistake.")
    assert published.publish().status == 0
    assert published.run("rollback", "4", "--yes").status == 0
    assert b"A mistake." in memory.bytes_of("feed.xml")


def test_a_rollback_leaves_what_is_newer_than_it_where_nothing_leads_to_it(published, memory):
    feed = memory.bytes_of("feed.xml")
    published.episode("2026-05-10-third", date="2026-05-10T06:00:00+02:00")
    assert published.publish().status == 0
    assert published.run("rollback", "1", "--yes").status == 0
    assert memory.bytes_of("feed.xml") == feed
    assert "episodes/third.html" in memory.keys


def test_prune_takes_the_history_parts_of_the_records_it_takes(published, memory, monkeypatch):
    monkeypatch.setattr(claims, "PART", 2000)
    for old, new in (("Some", "Other"), ("Other", "Better")):
        published.edit("2026-05-01-first", f"{old} notes.", f"{new} notes.")
        assert published.publish().status == 0
    assert [key for key in memory.keys if key.startswith(".airdate/history/00000002-")]
    pass_months(memory)
    for new in ("Best", "Last"):
        published.edit("2026-05-01-first", " notes.", f" {new} notes.")
        assert published.publish(now=LATER).status == 0
    assert published.run("prune", "--yes", now=LATER).status == 0
    assert claim_key(2) not in memory.keys
    assert not [key for key in memory.keys if key.startswith(".airdate/history/00000002-")]
    assert [key for key in memory.keys if key.startswith(".airdate/history/00000004-")], "a rollback needs it"


def test_prune_leaves_what_another_publish_wrote_before_its_claim_until_nobody_can_want_it(published, memory):
    """Parts of a record, and of State, are put before what names them."""
    pass_months(memory)
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert published.publish(now=LATER).status == 0
    old, part = history_part(1, 0, "cut"), history_part(9, 0, "running")
    memory.delete([claim_key(1)])
    shard_key = shard("2026", "0" * 64)
    for key in (old, part, shard_key):
        memory.put(key, b"bytes", apply.STATE_HEADERS)
    assert published.run("prune", "--yes", now=LATER).status == 0
    assert old not in memory.keys, "nothing names it"
    assert {part, shard_key} <= set(memory.keys)
    pass_months(memory)
    assert published.run("prune", "--yes", now="2026-12-09T12:00:00+00:00").status == 0
    assert shard_key not in memory.keys


def test_prune_scrubs_what_a_cut_withdrawal_left(published, memory, monkeypatch):
    published.edit("2026-05-01-first", "Some notes.", "Unspeakable.")
    assert published.publish().status == 0
    with monkeypatch.context() as patch:
        patch.setattr("publisher.commands.withdraw.scrub", lambda *_: 0)
        assert withdraw(published, "first") == 0
    assert claim_key(2) in memory.keys
    assert published.run("prune", "--yes").status == 0
    assert [key for key in memory.keys if key.startswith(".airdate/claims/")] == [claim_key(3), claim_key(4)]


def test_a_publish_that_finishes_a_cut_prune_deletes_what_that_was_to_delete(published, memory, monkeypatch):
    """Nothing remembers it afterwards, and a file that is young would stay for listeners."""
    assert withdraw(published, "first") == 0
    assert any(key.startswith("media/first-") for key in memory.keys)

    def cut(*_, **__):
        raise StorageError("the network is gone", code="storage-lost")

    with monkeypatch.context() as patch:
        patch.setattr(memory, "delete", cut)
        assert published.run("prune", "--yes").status == 4
    memory.clock.pass_by(120)
    assert published.publish().status == 0
    assert not [key for key in memory.keys if key.startswith(("media/first-", "episodes/first/"))]
    assert complaints(memory.contents) == []


def test_a_withdrawn_episode_is_scrubbed_although_the_look_from_outside_found_a_fault(published, memory):
    published.edit("2026-05-01-first", "Some notes.", "Unspeakable.")
    assert published.publish().status == 0
    assert published.run("withdraw", "first", "--yes").status == 6, "nobody serves this site"
    assert [key for key in memory.keys if key.startswith(".airdate/claims/")] == [claim_key(3)]


def test_nothing_of_a_run_that_ended_well_is_left_on_this_machine(published, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert published.publish().status == 0
    assert list(tmp_path.glob("airdate-*")) == []
    assert alive.has_died("nobody") is False
    assert apply.FRESH == 600


def test_a_publish_that_wants_again_what_prune_is_about_to_delete_waits_and_puts_it_anew(published, memory, monkeypatch, tmp_path):
    """An episode comes back months after it was taken away, in the very moment in which its recording goes."""
    monkeypatch.setattr("publisher.sync.this_run.PATIENCE", 30.0)
    published.remove("2026-05-08-second")
    assert published.publish("--force", "remove=second").status == 0
    pass_months(memory)
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert published.publish(now=LATER).status == 0
    back = published.copy(tmp_path / "back")
    back.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    media = next(key for key in memory.keys if key.startswith("media/second-"))
    running = []

    def come_back(key):
        if key == STATE_KEY and not running:
            running.append(subprocess_like(back))
            time.sleep(2)

    def subprocess_like(show):
        workspace = Workspace(read_config(show.config), Console(quiet=True), dt.datetime.fromisoformat(LATER))
        options = Options(now=dt.datetime.fromisoformat(LATER), yes=True, verify=False)
        thread = threading.Thread(target=line.publish, args=(workspace, options))
        thread.start()
        return thread

    memory.watch = come_back
    assert published.run("prune", "--yes", now=LATER).status == 0
    assert f"-{media}" in memory.written
    running[0].join(60)
    assert media in memory.bytes_of("feed.xml").decode()
    assert complaints(memory.contents) == []


def test_an_episode_that_comes_back_after_prune_brings_its_recording_again_and_its_old_address_too(published, memory, tmp_path):
    media = next(key for key in memory.keys if key.startswith("media/second-"))
    whole = published.copy(tmp_path / "whole")
    published.remove("2026-05-08-second")
    assert published.publish("--force", "remove=second").status == 0
    pass_months(memory)
    published.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert published.publish(now=LATER).status == 0
    assert published.run("prune", "--yes", now=LATER).status == 0
    assert media not in memory.keys
    whole.edit("2026-05-01-first", "Some notes.", "Other notes.")
    whole.edit("2026-05-08-second", 'title = "Second"', 'title = "Second, Again"')
    outcome = whole.publish(now=MUCH_LATER)
    assert outcome.status == 0, outcome.stderr
    assert complaints(memory.contents) == []
    new = next(key for key in memory.keys if key.startswith("media/second-") and key != media)
    assert memory.bytes_of(media) == memory.bytes_of(new)
    assert whole.publish("--json", now=MUCH_LATER).document["changes"] == []


@pytest.fixture(params=["", "https://op3.dev/e/"], ids=["plain", "measured"])
def measured(far, request):
    """Published with another encoding, with and without a measurement service before its recordings."""
    if request.param:
        far.write("config.toml", f'{far.config.read_text()}\n[feed]\nenclosure_prefix = "{request.param}"\n')
    far.episode("2026-05-09-both", date="2026-05-09T06:00:00+02:00", front='[[alternates]]\nfile = "small.mp3"')
    far.write("episodes/2026-05-09-both/small.mp3", recording(12))
    far.episode("2026-05-10-quiet", date="2026-05-10T06:00:00+02:00", front="unlisted = true")
    assert far.publish().status == 0
    return far


def refused(show, memory, number: str, *words: str, now: str = LATER) -> None:
    before = memory.contents
    outcome = show.run("rollback", number, "--yes", now=now)
    assert outcome.status == 5, outcome.stderr
    for word in words:
        assert word in outcome.stderr
    assert memory.contents == before


def replace(show, name: str) -> None:
    show.edit(name, "+++\ntitle", "+++\naudio_revision = 2\ntitle")
    show.write(f"episodes/{name}/audio.mp3", recording(25, 7))
    assert show.publish().status == 0


def test_a_rollback_past_a_replaced_recording_is_refused(measured, memory):
    replace(measured, "2026-05-01-first")
    refused(measured, memory, "1", "media/first-", "was replaced")


def test_a_rollback_past_a_replaced_recording_that_only_its_own_page_names_is_refused(measured, memory):
    replace(measured, "2026-05-10-quiet")
    refused(measured, memory, "1", "media/quiet-", "was replaced")


def removed_and_pruned(show, memory, monkeypatch, key: str) -> None:
    """What only the oldest record names is deleted, and that record kept, as where a page of it is still served."""
    monkeypatch.setattr("publisher.commands.prune._old_records", lambda *_: iter(()))
    pass_months(memory)
    assert show.publish(now=LATER).status == 0
    assert show.run("prune", "--yes", now=LATER).status == 0
    assert key not in memory.keys


def test_a_rollback_past_a_pruned_recording_is_refused(measured, memory, monkeypatch):
    key = next(key for key in memory.keys if key.startswith("media/second-"))
    measured.remove("2026-05-08-second")
    assert measured.publish("--force", "remove=second").status == 0
    removed_and_pruned(measured, memory, monkeypatch, key)
    refused(measured, memory, "1", key, "was deleted by `publish prune`")


def test_a_rollback_past_another_encoding_that_was_pruned_is_refused(measured, memory, monkeypatch):
    key = next(key for key in memory.keys if key.startswith("media/both-alt-"))
    measured.edit("2026-05-09-both", '[[alternates]]\nfile = "small.mp3"', "")
    assert measured.publish().status == 0
    removed_and_pruned(measured, memory, monkeypatch, key)
    refused(measured, memory, "1", key, "was deleted by `publish prune`")


def test_a_rollback_past_a_transcript_that_was_pruned_is_refused(measured, memory, monkeypatch):
    measured.write("episodes/2026-05-01-first/transcript.vtt", "WEBVTT\n\n00:00.000 --> 00:04.000\nHello there.\n")
    assert measured.publish().status == 0
    key = next(key for key in memory.keys if key.endswith(".vtt"))
    measured.write("episodes/2026-05-01-first/transcript.vtt", "WEBVTT\n\n00:00.000 --> 00:04.000\nHello, you.\n")
    assert measured.publish().status == 0
    removed_and_pruned(measured, memory, monkeypatch, key)
    refused(measured, memory, "2", "episodes/first/transcript-", "was deleted by `publish prune`")


def test_a_rollback_past_an_encoding_that_is_there_still_goes_through(measured, memory):
    key = next(key for key in memory.keys if key.startswith("media/both-alt-"))
    measured.edit("2026-05-09-both", '[[alternates]]\nfile = "small.mp3"', "")
    assert measured.publish().status == 0
    assert key not in memory.bytes_of("feed.xml").decode()
    outcome = measured.run("rollback", "1", "--yes")
    assert outcome.status == 0, outcome.stderr
    assert key in memory.bytes_of("feed.xml").decode()
    assert key in memory.keys
