"""What happens to shows over the years: machines come and go, people change their minds, others touch the bucket."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import threading
import time

import pytest

from tests.support.e2e_show import SITE, Listener, bucket_show
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.show_factory import recording

DUE = "2026-06-10T06:00:00+02:00"


@pytest.fixture
def show(place, tmp_path):
    """A show with two episodes in its folder, nothing published."""
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00", notes="The second one.\n")
    return show


@pytest.fixture
def run(place, warm):
    """`publish ARGUMENTS` on a machine, with the status it must end with."""

    def call(show, *arguments, status=0, machine="desk", now="", endpoint=""):
        outcome = warm.run(show, *arguments, endpoint=endpoint or place.server.endpoint, machine=machine, now=now)
        assert outcome.status == status, outcome.stderr
        return outcome

    return call


def enclosure(place, slug: str) -> tuple[str, int]:
    """Key and length of an episode's recording as the feed has them."""
    item = next(text for text in re.findall(rb"<item>.*?</item>", place.get("feed.xml"), re.DOTALL) if f"/{slug}.html".encode() in text)
    tag = re.search(rb"<enclosure [^>]*>", item)[0].decode()
    return re.search(r'url="([^"]+)"', tag)[1].removeprefix(f"{SITE}/"), int(re.search(r'length="(\d+)"', tag)[1])


def test_a_staged_episode_is_released_on_the_minute_by_a_machine_without_it_and_no_recording_is_sent(place, show, run, tmp_path):
    run(show, "--yes")
    show.episode("2026-06-10-third", date=DUE)
    run(show, "stage", "third", machine="laptop")
    runner = show.copy(tmp_path / "runner", audio=False)
    for path in (runner.folder / "episodes").rglob("audio.*"):
        path.unlink()
    before = place.objects()
    run(runner, "--yes", machine="cron", now="2026-06-10T03:59:59+00:00")
    assert place.objects() == before
    assert [key for key, body in before.items() if b"third-guid" in body or b"/third." in body if not key.startswith("staged/")] == []
    with FaultProxy(place.server.port) as proxy:
        outcome = run(runner, "--yes", "--json", machine="cron", now="2026-06-10T04:00:00+00:00", endpoint=proxy.endpoint)
    key, length = enclosure(place, "third")
    body = place.get(key)
    assert len(body) == length > len(show_recording(show)) - 10_000
    assert all(request.length < len(body) / 2 for request, _ in proxy.seen), "the storage copies, nobody sends"
    assert outcome.document["bytes_sent"] <= sum(request.length for request, _ in proxy.seen)
    run(runner, "pull", machine="cron")
    assert (runner.folder / "episodes/2026-06-10-third/audio.mp3").read_bytes() == body


def show_recording(show) -> bytes:
    return (show.folder / "episodes/2026-06-10-third/audio.mp3").read_bytes()


def test_a_rollback_holds_until_somebody_resumes(place, show, run):
    run(show, "--yes")
    good = place.outcome()
    show.edit("2026-05-01-first", "Some notes.", "A terrible mistake.")
    run(show, "--yes")
    assert b"terrible" in place.get("feed.xml")
    with Listener(place) as listener:
        run(show, "rollback", "--yes")
        seen = {key: body for key, body in place.outcome().items() if not key.startswith(".airdate/")}
        assert all(seen[key] == body for key, body in good.items() if not key.startswith(".airdate/"))
        cron = run(show, "--yes", "--json", status=5, machine="cron")
        assert cron.document["error"]["hint"].endswith("--force resume")
        assert b"terrible" not in place.get("feed.xml")
        show.edit("2026-05-01-first", "A terrible mistake.", "Mended.")
        run(show, "--yes", "--force", "resume")
    listener.assert_content()
    assert b"Mended." in place.get("feed.xml")
    run(show, "--yes", machine="cron")


def test_a_withdrawn_and_pruned_episode_leaves_nothing_of_itself_but_its_title_on_its_page(place, show, run):
    show.edit("2026-05-01-first", "Some notes.", "Unspeakable words.")
    show.write("episodes/2026-05-01-first/transcript.vtt", "WEBVTT\n\n00:00.000 --> 00:05.000\nUnspeakable words again.\n")
    show.write("episodes/2026-05-01-first/chapters.txt", "00:00:00.000 Start\n00:00:09.000 Unspeakable chapter\n")
    run(show, "--yes")
    show.edit("2026-05-08-second", "The second one.", "The second one, better.")
    run(show, "--yes")
    run(show, "withdraw", "first", "--yes")
    assert b"/first.html" not in place.get("feed.xml")
    assert b"first.html" not in place.get("index.html")
    page = place.get("episodes/first.html")
    assert b"Unspeakable" not in page and b"audio" not in page.replace(b"audio.js", b"")
    run(show, "prune", "--yes")
    left = place.objects()
    assert [key for key in left if key.startswith("media/first")] == []
    assert [key for key, body in left.items() if b"Unspeakable" in unpacked(key, body)] == []
    run(show, "--yes", machine="cron", now="2026-07-01T12:00:00+00:00")
    assert b"/first.html" not in place.get("feed.xml")


def unpacked(key: str, body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def test_a_stale_clone_is_told_when_and_from_which_machine_the_newer_text_came(place, show, run, tmp_path):
    run(show, "--yes")
    stale = show.copy(tmp_path / "stale")
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    run(show, "--yes", machine="kitchen-laptop", now="2026-06-03T08:30:00+00:00")
    outcome = run(stale, "--yes", status=5, machine="cron", now="2026-06-04T12:00:00+00:00")
    assert "kitchen-laptop" in outcome.stderr and "2026-06-03 at 10:30" in outcome.stderr
    assert "--force older=first" in outcome.stderr
    assert b"Better notes." in place.get("feed.xml")
    run(stale, "--yes", "--force", "older=first", now="2026-06-04T12:00:00+00:00")
    assert b"Some notes." in place.get("feed.xml")


def test_two_laptops_with_two_new_episodes_of_one_name_do_not_mix_them(place, show, run, warm, tmp_path):
    run(show, "--yes")
    one, two = show.copy(tmp_path / "one"), show.copy(tmp_path / "two")
    for clone, voice in ((one, 11), (two, 22)):
        clone.episode("2026-05-20-hello", date="2026-05-20T06:00:00+02:00", audio=recording(20.0, voice), notes=f"Voice {voice}.\n")
        clone.edit("2026-05-20-hello", 'guid = "hello-guid"', f'guid = "hello-{voice}"')
    with Listener(place) as listener:
        running = [warm.start(clone, "--yes", endpoint=place.server.endpoint, machine=clone.folder.name) for clone in (one, two)]
        outcomes = [process.wait() for process in running]
    assert sorted(outcome.status for outcome in outcomes) == [0, 5], [outcome.stderr for outcome in outcomes]
    winner = (11, 22)[[outcome.status for outcome in outcomes].index(0)]
    loser = next(outcome for outcome in outcomes if outcome.status)
    assert "“hello”" in loser.stderr and f"hello-{winner}" in loser.stderr
    listener.assert_content()
    feed = place.get("feed.xml")
    assert f"hello-{winner}".encode() in feed and f"Voice {winner}.".encode() in feed and f"Voice {33 - winner}.".encode() not in feed
    key, length = enclosure(place, "hello")
    assert len(place.get(key)) == length


def test_a_lost_state_beside_a_live_feed_is_adopted_only_when_told_and_keeps_every_guid(place, show, run):
    run(show, "--yes")
    feed = place.get("feed.xml")
    place.delete(*[key for key in place.listed() if key.startswith(".airdate/")])
    show.configure("Machines one can reach from a chair.", "Machines one can reach from a bed.")
    outcome = run(show, "--yes", status=5)
    assert "--force adopt" in outcome.stderr
    assert place.get("feed.xml") == feed
    run(show, "--yes", "--force", "adopt")
    guids = re.compile(rb"<guid[^>]*>([^<]+)")
    assert guids.findall(place.get("feed.xml")) == guids.findall(feed)
    assert b"from a bed" in place.get("feed.xml")
    assert [enclosure(place, slug)[0] for slug in ("first", "second")] == [
        re.search(rb"media/%s-\w+\.mp3" % slug, feed)[0].decode() for slug in (b"first", b"second")
    ]
    before = place.objects()
    run(show, "--yes")
    assert place.objects() == before


@pytest.mark.parametrize("key", ["index.html", "episodes/first.html"])
def test_a_strangers_page_is_not_overwritten_unless_told(place, show, run, key):
    place.put(key, b"<h1>My cats</h1>", "text/html")
    outcome = run(show, "--yes", status=5)
    assert f"{key}" in outcome.stderr and "--force overwrite" in outcome.stderr
    assert place.get(key) == b"<h1>My cats</h1>"
    assert place.get("feed.xml") is None
    assert run(show, "--dry-run", status=5)
    run(show, "--yes", "--force", "overwrite")
    assert b"My cats" not in place.get(key)


def test_a_strangers_other_files_are_nobodys_business(place, show, run):
    place.put("cats.html", b"<h1>My cats</h1>", "text/html")
    run(show, "--yes")
    assert place.get("cats.html") == b"<h1>My cats</h1>"


def test_a_second_revision_has_an_address_of_its_own_and_the_old_one_serves_the_new_bytes(place, show, run):
    run(show, "--yes")
    old, _ = enclosure(place, "first")
    show.write("episodes/2026-05-01-first/audio.mp3", recording(25.0, 5))
    assert "audio_revision = 2" in run(show, "--yes", status=3).stderr
    show.edit("2026-05-01-first", 'title = "First"', 'title = "First"\naudio_revision = 2')
    with Listener(place) as listener:
        run(show, "--yes")
    listener.assert_content()
    new, length = enclosure(place, "first")
    assert new != old
    assert place.get(old) == place.get(new) and len(place.get(new)) == length
    before = place.objects()
    run(show, "--yes", machine="cron")
    assert place.objects() == before


def test_a_renamed_folder_and_title_keep_the_address_while_the_guid_stays(place, show, run):
    run(show, "--yes")
    media = enclosure(place, "first")
    show.rename("2026-05-01-first", "2026-05-01-a-better-name")
    show.edit("2026-05-01-a-better-name", 'title = "First"', 'title = "A Better Name"')
    run(show, "--yes")
    assert enclosure(place, "first") == media
    assert b"A Better Name" in place.get("feed.xml") and b"first-guid" in place.get("feed.xml")
    assert b"A Better Name" in place.get("episodes/first.html")
    assert place.get("episodes/a-better-name.html") is None


def test_a_renamed_folder_that_lost_its_guid_is_refused(place, show, run):
    run(show, "--yes")
    show.rename("2026-05-01-first", "2026-05-01-a-better-name")
    show.edit("2026-05-01-a-better-name", 'guid = "first-guid"\n', "")
    outcome = run(show, "--yes", status=5)
    assert "--force remove=first" in outcome.stderr


def test_what_somebody_edited_or_deleted_is_reported_and_put_right_by_the_next_change(place, show, run):
    run(show, "--yes")
    place.put("feed.xml", b"<rss/>", "application/rss+xml")
    place.delete("index.html")
    show.edit("2026-05-01-first", 'title = "First"', 'title = "First Again"')
    outcome = run(show, "--yes")
    assert "feed.xml" in outcome.stderr and "changed" in outcome.stderr
    assert b"First Again" in place.get("feed.xml")
    assert b"First Again" in place.get("index.html")


def test_verify_tells_what_somebody_deleted(place, tmp_path, run):
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    show.episode()
    run(show, "--yes")
    run(show, "verify")
    place.delete(*[key for key in place.listed() if key.startswith("media/")])
    assert "media/first" in run(show, "verify", status=6).stdout


def test_a_publish_is_not_disturbed_by_another_machine_that_notes_its_look_from_outside(place, show, run):
    run(show, "--yes")
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    noted = []

    def decide(request):
        if request.method == "PUT" and request.path.endswith("/state.json") and not noted:
            noted.append({**place.state(), "verified": 1})
            place.put(".airdate/state.json", json.dumps(noted[0]).encode(), "application/json")
        return Fault.NONE

    with FaultProxy(place.server.port, decide) as proxy:
        outcome = run(show, "--yes", endpoint=proxy.endpoint)
    assert noted
    assert "waiting" not in outcome.stderr and "faster" not in outcome.stderr
    assert place.state()["generation"] == 2


@pytest.mark.parametrize(("command", "status", "generation"), [(["rollback"], 4, 4), (["prune"], 0, 5)])
def test_who_meets_a_faster_publish_starts_again_and_a_rollback_asks_first(place, show, run, warm, *, command, status, generation):
    run(show, "--yes")
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    run(show, "--yes")
    run(show, "--yes", *(["withdraw", "second"] if command == ["prune"] else ["rollback"]))
    other = show.copy(show.folder.parent / "other")
    other.edit("2026-05-01-first", "Better notes.", "Best notes.")
    met = []

    def decide(request):
        if request.method == "PUT" and "/claims/" in request.path and not met:
            met.append(warm.run(other, "--yes", "--force", "resume", endpoint=place.server.endpoint, machine="other"))
        return Fault.NONE

    with FaultProxy(place.server.port, decide) as proxy:
        run(show, *command, "--yes", status=status, endpoint=proxy.endpoint)
    assert met[0].status == 0, met[0].stderr
    assert place.state()["generation"] == generation
    assert b"Best notes." in place.get("feed.xml")


def test_a_reader_who_polls_through_three_publishes_never_meets_a_missing_file(place, show, run):
    show.episode("2026-05-15-third", date="2026-05-15T06:00:00+02:00")
    for name in ("2026-05-01-first", "2026-05-08-second", "2026-05-15-third"):
        show.write(f"episodes/{name}/chapters.txt", "00:00:00.000 Start\n00:00:10.000 Middle\n")
        show.write(f"episodes/{name}/transcript.vtt", f"WEBVTT\n\n00:00.000 --> 00:09.000\nSaid in {name}.\n")
    run(show, "--yes")
    with Listener(place) as listener:
        show.edit("2026-05-01-first", "Some notes.", "Better notes.")
        show.write("episodes/2026-05-08-second/transcript.vtt", "WEBVTT\n\n00:00.000 --> 00:09.000\nSaid differently.\n")
        run(show, "--yes")
        show.episode("2026-05-20-fourth", date="2026-05-20T06:00:00+02:00")
        show.write("episodes/2026-05-15-third/chapters.txt", "00:00:00.000 Begin\n00:00:12.000 Go on\n")
        run(show, "--yes")
        show.remove("2026-05-08-second")
        run(show, "--yes", status=5)
        run(show, "--yes", "--force", "remove=second")
    listener.assert_content()
    assert len(listener.feeds) == 4
    assert listener.looked > 6


def test_a_strangers_page_where_a_new_one_goes_is_not_overwritten_by_a_later_publish_either(place, show, run):
    run(show, "--yes")
    before = place.objects()
    place.put("episodes/third.html", b"<h1>My cats</h1>", "text/html")
    show.episode("2026-05-15-third", date="2026-05-15T06:00:00+02:00")
    with FaultProxy(place.server.port) as proxy:
        outcome = run(show, "--yes", "--json", status=5, endpoint=proxy.endpoint)
    assert outcome.document["error"]["code"] == "refused-overwrite"
    assert "episodes/third.html" in outcome.document["error"]["message"]
    after = place.objects()
    assert after["episodes/third.html"] == b"<h1>My cats</h1>"
    assert {key: after[key] for key in before} == before
    assert [key for key in after if key.startswith(".airdate/claims/")] == [key for key in before if key.startswith(".airdate/claims/")]
    run(show, "--yes", "--force", "overwrite")
    assert b"My cats" not in place.get("episodes/third.html")


def test_what_a_cut_publish_of_ours_left_where_a_new_page_goes_is_overwritten_without_a_word(place, show, run):
    run(show, "--yes")
    client = place.server.client()
    client.put_object(Bucket=place.name, Key="episodes/third.html", Body=b"<h1>Ours</h1>", Metadata={"airdate": "1"})
    show.episode("2026-05-15-third", date="2026-05-15T06:00:00+02:00")
    assert "somebody else" not in run(show, "--yes").stderr
    assert b"Ours" not in place.get("episodes/third.html")


def test_after_a_lost_state_an_edited_episode_keeps_the_address_that_apps_have_pinned(place, show, run):
    run(show, "--yes")
    old = {slug: enclosure(place, slug) for slug in ("first", "second")}
    place.delete(*[key for key in place.listed() if key.startswith(".airdate/")])
    show.edit("2026-05-01-first", 'title = "First"', 'title = "First, Edited"')
    show.write("episodes/2026-05-08-second/audio.mp3", recording(31.0, 7))
    run(show, "--yes", "--force", "adopt")
    assert b"First, Edited" in place.get("feed.xml")
    assert enclosure(place, "first") == old["first"], "the same recording, other tags"
    key, length = enclosure(place, "second")
    assert key != old["second"][0], "another recording"
    assert len(place.get(key)) == length
    before = place.objects()
    run(show, "--yes")
    assert place.objects() == before


def test_ctrl_c_in_the_middle_of_a_large_recording_ends_at_once_and_what_arrived_is_not_sent_again(place, show, run, warm):
    run(show, "--yes")
    before = place.outcome()
    show.episode("2026-05-15-third", date="2026-05-15T06:00:00+02:00", audio=recording(9000.0, 3))
    stuck = threading.Event()

    def decide(request):
        if request.method != "PUT" or "partNumber=" not in request.path or "partNumber=1&" in request.path:
            return Fault.NONE
        if "partNumber=3&" in request.path:
            stuck.set()
        return Fault.HANG

    with FaultProxy(place.server.port, decide) as proxy:
        running = warm.start(show, "--yes", endpoint=proxy.endpoint)
        assert stuck.wait(60)
        time.sleep(1)
        running.interrupt()
        began = time.monotonic()
        outcome = running.wait()
    assert outcome.status == 130, outcome.stderr
    assert time.monotonic() - began < 15
    after = place.outcome()
    assert {key: after[key] for key in before} == before
    assert not [key for key in after.keys() - before.keys() if key.endswith((".html", ".xml"))]
    with FaultProxy(place.server.port) as proxy:
        run(show, "--yes", endpoint=proxy.endpoint)
        sent = [request.path for request, _ in proxy.seen if "partNumber=" in request.path and request.method == "PUT"]
    assert sent
    assert not [path for path in sent if "partNumber=1&" in path]
    key, length = enclosure(place, "third")
    assert len(place.get(key)) == length > 64 << 20


def test_prune_deletes_what_carries_our_mark_and_nobody_names_and_leaves_others_alone(place, show, run):
    run(show, "--yes")
    client = place.server.client()
    for name, mark in (("media/never-published-01234567.mp3", {"airdate": "1"}), ("media/cats.mp3", {})):
        client.put_object(Bucket=place.name, Key=name, Body=b"sound", Metadata=mark)
    assert run(show, "prune", "--yes", "--json").document["strays"] == [], "too young"
    outcome = run(show, "prune", "--yes", "--json", now="2028-01-01T12:00:00+00:00")
    assert outcome.document["strays"] == ["media/never-published-01234567.mp3"]
    assert place.get("media/never-published-01234567.mp3") is None
    assert place.get("media/cats.mp3") == b"sound"


def test_status_tells_what_is_staged_due_held_and_under_way_and_whether_anything_fresh_is_served(place, tmp_path, run, warm):
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    show.episode()
    run(show, "--yes")
    show.episode("2026-06-10-third", date=DUE)
    show.episode("2026-06-11-draft", date="2026-06-11T06:00:00+02:00", front="draft = true")
    run(show, "stage", "third")
    assert run(show, "--yes", "--json").document["next_due"] == DUE
    known = run(show, "status", "--json").document
    waiting = {row["slug"]: row for row in known["waiting"]}
    assert (waiting["third"]["due"], waiting["third"]["staged"]) == (DUE, True)
    assert waiting["draft"]["held_back"]
    assert (known["held"], known["running"], known["generation"]) == (0, None, 1)
    assert run(show, "status", "--fresh", "26h", now="2026-05-01T20:00:00+00:00").status == 0
    stale = run(show, "status", "--fresh", "26h", status=6, now="2026-05-03T20:00:00+00:00")
    assert "nothing newer than 26 hours is served" in stale.stderr
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    run(show, "--yes")
    run(show, "rollback", "--yes")
    assert run(show, "status", "--json").document["held"] == 1
    with killed_after_the_claim(place, warm, show):
        assert run(show, "status", "--json").document["running"]


@contextlib.contextmanager
def killed_after_the_claim(place, warm, show):
    """A publish that is killed with its first page."""
    running = []

    def decide(request):
        if running and request.method == "PUT" and request.path.endswith(".html"):
            running[0].kill()
            return Fault.SERVER_ERROR
        return Fault.NONE

    with FaultProxy(place.server.port, decide) as proxy:
        running.append(warm.start(show, "--yes", "--force", "resume", endpoint=proxy.endpoint))
        assert running[0].wait().status == -9
        yield
