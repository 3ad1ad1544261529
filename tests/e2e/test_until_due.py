"""`publish --until-due`: on the air at the second it is due, on a real bucket; nothing before, nothing lost, nobody kept out."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from tests.support.e2e_show import Bucket, Running, Warm, bucket_show
from tests.support.show_factory import Show, recording

DUE = dt.datetime.fromisoformat("2026-06-01T12:00:00+00:00")
SECOND = "2026-06-01-second"


def before(seconds: float) -> str:
    """A time so many seconds before it is due."""
    return (DUE - dt.timedelta(seconds=seconds)).isoformat()


@pytest.fixture
def show(place: Bucket, warm: Warm, tmp_path) -> Show:
    """A show on the air, and an episode that is due."""
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    show.episode()
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    show.episode(SECOND, date=DUE.isoformat())
    return show


def waits(running: Running) -> None:
    """Return when the command says that it waits."""
    for _ in range(600):
        if "Waiting." in (running._folder / "stderr").read_text():
            return
        time.sleep(0.05)
    raise AssertionError("it does not wait")


def test_the_first_change_that_listeners_see_comes_at_the_due_time_and_all_else_is_there_before(show, place, warm):
    served, media = place.get("feed.xml"), {key for key in place.listed() if key.startswith("media/")}
    began = time.monotonic()
    running = warm.start(show, "--yes", "--json", "--until-due", "30m", endpoint=place.server.endpoint, now=before(6))
    waits(running)
    [sent] = {key for key in place.listed() if key.startswith("media/")} - media
    assert sent.startswith("media/second-")
    assert not any(key.endswith("claims/2.json") for key in place.listed())
    seen = 0.0
    while not seen:
        assert time.monotonic() - began < 20
        if place.get("feed.xml") != served or "episodes/second.html" in place.listed():
            seen = time.monotonic() - began
        time.sleep(0.02)
    done = running.wait()
    assert done.status == 0, done.stderr
    assert 5.9 <= seen <= 8.0
    assert [(row["slug"], row["change"]) for row in done.document["episodes"]] == [("second", "new")]
    assert place.state()["published"]["2"] == DUE.isoformat(timespec="seconds")
    again = warm.run(show, "--yes", "--json", "--until-due", "30m", endpoint=place.server.endpoint)
    assert again.document["changes"] == []


def test_where_nothing_is_due_in_time_it_publishes_at_once_and_says_so(show, place, warm):
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    done = warm.run(show, "--yes", "--json", "--until-due", "30m", endpoint=place.server.endpoint, now=before(3600))
    assert done.status == 0, done.stderr
    assert "Nothing is due before" in done.stderr
    assert b"Better notes." in (place.get("feed.xml") or b"")
    assert done.document["next_due"] == DUE.isoformat()


def test_ctrl_c_while_it_waits_ends_with_130_and_loses_nothing(show, place, warm):
    served = place.get("feed.xml")
    running = warm.start(show, "--yes", "--json", "--until-due", "30m", endpoint=place.server.endpoint, now=before(600))
    waits(running)
    sent = place.listed()
    running.interrupt()
    done = running.wait(20)
    assert (done.status, done.document["error"]["code"]) == (130, "interrupted")
    assert "nothing is lost" in done.stderr
    assert (place.get("feed.xml"), place.listed()) == (served, sent)
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    assert b"second-guid" in (place.get("feed.xml") or b"")


def test_somebody_else_publishes_while_it_waits_and_both_are_there(show, place, warm, tmp_path):
    other = show.copy(tmp_path / "other", audio=True)
    other.remove(SECOND)
    other.episode("2026-05-08-third", date="2026-05-08T06:00:00+02:00", audio=recording(12.0))
    running = warm.start(show, "--yes", "--until-due", "30m", endpoint=place.server.endpoint, now=before(5), machine="early")
    waits(running)
    show.episode("2026-05-08-third", date="2026-05-08T06:00:00+02:00", audio=recording(12.0))
    there = warm.run(other, "--yes", endpoint=place.server.endpoint, now=before(4), machine="late")
    assert there.status == 0, there.stderr
    done = running.wait()
    assert done.status == 0, done.stderr
    feed = place.get("feed.xml") or b""
    assert b"second-guid" in feed
    assert b"third-guid" in feed


def test_what_is_late_is_published_first_and_the_rest_when_each_is_due(show, place, warm):
    show.episode("2026-05-31-late", date="2026-05-31T06:00:00+02:00", audio=recording(11.0))
    show.episode("2026-06-01-after", date=(DUE + dt.timedelta(seconds=2)).isoformat(), audio=recording(13.0))
    done = warm.run(show, "--yes", "--json", "--until-due", "30m", endpoint=place.server.endpoint, now=before(3))
    assert done.status == 0, done.stderr
    assert {row["slug"] for row in done.document["episodes"]} == {"late", "second", "after"}
    published = place.state()["published"]
    assert [published[number] for number in ("3", "4")] == [
        (DUE + dt.timedelta(seconds=later)).isoformat(timespec="seconds") for later in (0, 2)
    ]


def test_a_fault_is_told_before_it_waits(show, place, warm):
    (show.folder / "episodes" / SECOND / "audio.mp3").unlink()
    done = warm.run(show, "--yes", "--until-due", "30m", endpoint=place.server.endpoint, now=before(1200))
    assert done.status == 3
    assert "audio.mp3" in done.stderr


def test_a_dry_run_plans_for_the_due_time_waits_for_nothing_and_writes_nothing(show, place, warm):
    there = place.objects()
    done = warm.run(show, "--dry-run", "--json", "--until-due", "30m", endpoint=place.server.endpoint, now=before(1200))
    assert done.status == 0
    assert [row["slug"] for row in done.document["episodes"]] == ["second"]
    assert place.objects() == there


def test_a_folder_is_not_held_while_it_waits(warm, tmp_path):
    show = bucket_show(tmp_path / "desk", "unused")
    show.configure("s3://unused", "public")
    show.episode()
    show.episode(SECOND, date=DUE.isoformat())
    running = warm.start(show, "--yes", "--until-due", "30m", endpoint="", now=before(4))
    waits(running)
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    between = warm.run(show, "--yes", endpoint="", now=before(3))
    assert between.status == 0, between.stderr
    assert running.wait().status == 0
    assert b"second-guid" in (show.public / "feed.xml").read_bytes()


def test_until_due_goes_with_publish_alone(show, place, warm):
    assert warm.run(show, "--until-due", "30m", "check", endpoint=place.server.endpoint).status == 2
