"""A storage that remembers nothing, while listeners have the show already: a fresh checkout, a new bucket, another machine."""

from __future__ import annotations

import functools
import re
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.support.service_servers import Answering
from tests.support.show_factory import recording, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.show_factory import Show

FIRST, SECOND = "2026-05-01-first", "2026-05-08-second"
OTHER_SHOW = "58c5d453-ce41-5f39-9af8-1792af28cfa4"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder as a web host does, without a word."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def online(show: Show, tmp_path: Path) -> Iterator[Show]:
    """The show of two episodes, published into its folder, which was uploaded to a web host."""
    host = tmp_path / "host"
    host.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(host))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        show.configure("https://small.example", f"http://127.0.0.1:{server.server_port}")
        assert show.publish().status == 0
        upload(show, host)
        yield show
        server.shutdown()
        thread.join()


def upload(show: Show, host: Path) -> None:
    """What a job does with the published folder; what the show remembers is not uploaded."""
    shutil.copytree(show.public, host, dirs_exist_ok=True, ignore=shutil.ignore_patterns("airdate-state"))


@pytest.fixture
def fresh(online: Show, tmp_path: Path) -> Show:
    """A fresh checkout of the show: nothing of what was published is in it."""
    return online.copy(tmp_path / "fresh")


def told(show: Show) -> list[tuple[str, str, str]]:
    """Guid, enclosure and length of each item in the published feed."""
    feed = (show.public / "feed.xml").read_text()
    found = [
        (re.search(r"<guid[^>]*>([^<]+)", item), re.search(r'<enclosure[^>]*url="([^"]+)"', item), re.search(r'length="(\d+)"', item))
        for item in feed.split("<item>")[1:]
    ]
    return [tuple(match[1] for match in row if match) for row in found]  # type: ignore[misc]


def test_an_unchanged_show_is_taken_over_from_the_served_feed(online, fresh):
    outcome = fresh.publish()
    assert outcome.status == 0, outcome.stderr
    assert "taken over from http://127.0.0.1:" in outcome.stderr and "2 episodes" in outcome.stderr
    assert told(fresh) == told(online)
    assert "Nothing changed" in fresh.publish().stderr


def test_a_changed_guid_is_refused_as_it_is_with_memory(fresh):
    fresh.edit(FIRST, 'guid = "first-guid"', 'guid = "another"')
    outcome = fresh.publish()
    assert outcome.status == 5, outcome.stderr
    assert "the guid of “first” changed" in outcome.stderr and "publish --force guid=first" in outcome.stderr
    assert not fresh.public.exists() or not list(fresh.public.glob("*.xml"))
    assert fresh.publish("--force", "guid=first").status == 0


@pytest.mark.parametrize("length", [20.0, 30.0])
def test_a_changed_recording_is_refused_as_frozen(online, fresh, length):
    fresh.write(f"episodes/{FIRST}/audio.mp3", recording(length, 200))
    outcome = fresh.publish("--json")
    assert outcome.status == 3, outcome.stderr
    (finding,) = outcome.findings("audio-frozen")
    assert finding["file"] == f"episodes/{FIRST}/audio.mp3"
    assert not list(fresh.public.glob("*.xml"))
    old = next(url for guid, url, _ in told(online) if guid == "first-guid").rpartition("/media/")[2]
    assert fresh.publish("--force", "adopt").status == 0
    new = next(url for guid, url, _ in told(fresh) if guid == "first-guid").rpartition("/media/")[2]
    assert new != old
    assert (fresh.public / "media" / old).read_bytes() == (fresh.public / "media" / new).read_bytes(), "what apps have pinned goes on"


def test_an_edited_title_leaves_the_recording_that_apps_have_pinned(online, fresh):
    fresh.edit(FIRST, 'title = "First"', 'title = "First, Edited"')
    outcome = fresh.publish()
    assert outcome.status == 0, outcome.stderr
    assert "First, Edited" in (fresh.public / "feed.xml").read_text()
    assert told(fresh) == told(online)
    name = told(online)[1][1].rpartition("/media/")[2]
    assert (fresh.public / "media" / name).read_bytes() == (online.public / "media" / name).read_bytes()


def test_an_episode_that_is_missing_is_refused_and_each_line_that_is_told_does_it(fresh):
    fresh.remove(FIRST)
    outcome = fresh.publish()
    assert outcome.status == 5
    assert "publish --force remove=first" in outcome.stderr and "`publish withdraw first`" in outcome.stderr
    for line in (("withdraw", "first", "--yes"), ("--force", "remove=first")):
        shutil.rmtree(fresh.public, ignore_errors=True)
        done = fresh.run(*line)
        assert done.status == 0, done.stderr
        feed = (fresh.public / "feed.xml").read_text()
        assert "first-guid" not in feed and "second-guid" in feed
    assert fresh.run("withdraw", "nobody", "--yes").status == 2


def test_status_tells_what_listeners_have(fresh):
    done = fresh.run("status", "--json")
    assert [row["slug"] for row in done.document["published"]] == ["second", "first"] and done.document["waiting"] == []
    assert "nothing is remembered on folder" in done.stderr and "`publish` takes it over" in done.stderr
    assert fresh.run("status", "--json", "--no-verify").document["published"] == []


def test_another_show_at_that_address_is_refused(fresh):
    fresh.configure("0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", OTHER_SHOW)
    outcome = fresh.publish()
    assert outcome.status == 5
    assert "another show is published here: “A Small Show”" in outcome.stderr and "publish --force show" in outcome.stderr
    assert "is [site] url the right one?" in outcome.stderr
    assert fresh.publish("--force", "show").status == 0


def test_a_feed_that_airdate_did_not_write_is_adopted_only_when_told(fresh, tmp_path):
    (tmp_path / "host" / "feed.xml").write_text(
        '<rss version="2.0"><channel><title>Old</title><item><guid>lost</guid></item><item><guid>first-guid</guid></item></channel></rss>'
    )
    outcome = fresh.publish()
    assert outcome.status == 5
    assert "guids lost" in outcome.stderr and "publish --force adopt" in outcome.stderr
    assert fresh.publish("--force", "adopt").status == 0


def test_a_dry_run_says_the_same(fresh):
    before = tree(fresh.folder)
    assert "taken over from" in fresh.publish("--dry-run").stderr
    assert not [
        name for name in tree(fresh.folder).keys() - before.keys() if not name.startswith((".airdate-cache", "public/airdate-state"))
    ]
    fresh.edit(FIRST, 'guid = "first-guid"', 'guid = "another"')
    assert fresh.publish("--dry-run").status == 5


def test_a_plan_says_nothing_of_what_is_as_listeners_have_it(online, fresh):
    fresh.edit(FIRST, "Some notes.", "Other notes.")
    done = fresh.publish("--dry-run", "--json")
    assert done.status == 0, done.stderr
    assert done.document["episodes"] == [] and "recording" not in done.stdout + done.stderr.replace("recordings", "")
    fresh.write(f"episodes/{SECOND}/audio.mp3", recording(30.0, 200))
    done = fresh.publish("--dry-run", "--json", "--force", "adopt")
    assert [(row["slug"], row["parts"]) for row in done.document["episodes"]] == [("second", ["recording"])], done.stderr


def test_a_check_says_the_same(fresh):
    assert fresh.run("check", "--json").findings("I004", "audio-frozen") == []
    fresh.edit(FIRST, 'guid = "first-guid"', 'guid = "another"')
    fresh.write(f"episodes/{SECOND}/audio.mp3", recording(30.0, 200))
    outcome = fresh.run("check", "--json")
    assert outcome.status == 3
    assert {row["code"] for row in outcome.findings("I004", "audio-frozen")} == {"I004", "audio-frozen"}


def test_no_hint_drops_an_old_episode_whose_recording_is_not_here(online, tmp_path):
    clone = online.copy(tmp_path / "without", audio=False)
    outcome = clone.publish()
    assert outcome.status == 3
    assert "audio-missing" in outcome.stderr and "draft = true" not in outcome.stderr
    assert re.search(r"http://127\.0\.0\.1:\d+/media/first-[0-9a-f]{8}\.mp3", outcome.stderr), "where the recording is"


def test_no_hint_drops_an_episode_that_another_programs_feed_holds(fresh, tmp_path):
    (tmp_path / "host" / "feed.xml").write_text(
        '<rss version="2.0"><channel><title>Old</title><item><guid>first-guid</guid></item></channel></rss>'
    )
    (fresh.folder / f"episodes/{FIRST}/audio.mp3").unlink()
    outcome = fresh.publish()
    assert outcome.status == 3, outcome.stderr
    assert "draft = true" not in outcome.stderr and "listeners have it: put the one of http" in outcome.stderr


def test_a_new_storage_is_compared_as_well(online, memory, tmp_path):
    moved = online.copy(tmp_path / "moved")
    moved.configure('url = "public"', 'url = "s3://memory"')
    moved.edit(FIRST, 'guid = "first-guid"', 'guid = "another"')
    assert moved.publish().status == 5
    moved.edit(FIRST, 'guid = "another"', 'guid = "first-guid"')
    assert moved.publish().status == 0
    assert b"first-guid" in memory.bytes_of("feed.xml")


def test_pull_from_an_empty_storage_says_that_it_is_empty(fresh):
    outcome = fresh.run("pull")
    assert (outcome.status, "Every published recording is here" in outcome.stderr) == (0, False)
    assert "is empty" in outcome.stderr
    outcome = fresh.run("pull", "first")
    assert outcome.status == 2 and "is empty" in outcome.stderr


# what is answered: the status of the command, a part of what is said
ANSWERS = {
    "not there": ((404, b"nothing", {}), 0, ""),
    "gone": ((410, b"nothing", {}), 0, ""),
    "not open to listeners yet": ((403, b"<Error/>", {}), 0, ""),
    "a page for whatever is asked": ((200, b"<!doctype html><title>Parked</title><p>Soon.", {}), 0, ""),
    "an error of the host": ((500, b"oops", {}), 4, "answers 500"),
    "a host under repair": ((503, b"later", {"Retry-After": "3600"}), 4, "answers 503"),
    "a question for robots": ((403, b"", {"cf-mitigated": "challenge"}), 4, "prove that they are people"),
    "a feed that is cut": ((200, b'<rss version="2.0"><channel><title>A Sm', {}), 5, "--force adopt"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_the_address_answers_decides_whether_this_is_a_first_publish(show, name):
    answer, status, said = ANSWERS[name]
    with Answering(answers=[answer]) as server:
        show.configure("https://small.example", server.address)
        outcome = show.publish()
        assert len(server.asked) == 1, "asked once"
        assert (outcome.status, said in outcome.stderr) == (status, True), outcome.stderr
        if status == 4:
            assert "publish explain served-unreachable" in outcome.stderr and "publish --force adopt" in outcome.stderr
            assert not list(show.public.glob("*.xml"))
            assert show.run("check").status == 0, "a check compares with what it can"
            assert show.publish("--force", "adopt").status == 0


def test_a_host_that_does_not_answer_in_time_stops_a_publish(show, monkeypatch):
    from publisher.adoption import served_feed as served

    monkeypatch.setattr(served, "LIMITS", served.Limits(step=0.2, answer=0.5, pauses=()))
    silent = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)  # listens, and never accepts
    show.configure("https://small.example", f"http://127.0.0.1:{silent.server_port}")
    outcome = show.publish()
    silent.server_close()
    assert outcome.status == 4
    assert "in time" in outcome.stderr or "timed out" in outcome.stderr


@pytest.mark.parametrize("address", ["https://podcast.example.org", "https://no-such-host.invalid", "http://127.0.0.1:1"])
def test_an_address_where_nobody_is_makes_a_first_publish(show, address):
    show.configure("https://small.example", address)
    assert show.publish().status == 0


def test_addresses_that_stand_for_others_are_never_asked(show, monkeypatch):
    from publisher.adoption import served_feed as served

    monkeypatch.setattr(served, "get", lambda *_asked: pytest.fail("asked"))
    assert show.publish().status == 0


def test_whoever_remembers_asks_nobody(online, monkeypatch):
    from publisher.adoption import served_feed as served

    monkeypatch.setattr(served, "get", lambda *_asked: pytest.fail("asked"))
    online.edit(FIRST, "Some notes.", "New notes.")
    assert online.publish().status == 0


@pytest.fixture
def published(show):
    """The show of two episodes, published from this machine into a folder that nobody serves."""
    assert show.publish().status == 0
    return show


def emptied(show):
    """The published folder was deleted."""
    shutil.rmtree(show.public)


def moved(show):
    """Another storage is written into the config."""
    show.configure('url = "public"', 'url = "elsewhere"')


@pytest.mark.parametrize("lost", [emptied, moved])
def test_what_this_machine_last_saw_stands_in_for_a_storage_that_remembers_nothing(published, lost):
    before = tree(published.public)
    lost(published)
    outcome = published.publish()
    assert outcome.status == 0, outcome.stderr
    assert "taken over from what this machine last saw of it, 2 episodes" in outcome.stderr
    after = tree(published.folder / ("public" if lost is emptied else "elsewhere"))
    assert {name: body for name, body in after.items() if "airdate-state" not in name} == {
        name: body for name, body in before.items() if "airdate-state" not in name
    }


@pytest.mark.parametrize("lost", [emptied, moved])
def test_an_old_episode_is_not_lost_with_the_storage(published, lost):
    lost(published)
    text = (published.folder / f"episodes/{FIRST}/episode.md").read_text()
    published.edit(FIRST, 'guid = "first-guid"', 'guid = "another"')
    outcome = published.publish()
    assert outcome.status == 5 and "the guid of “first” changed" in outcome.stderr
    published.write(f"episodes/{FIRST}/episode.md", text)
    published.edit(FIRST, 'title = "First"', 'title = "First, Edited"')
    (published.folder / f"episodes/{FIRST}/audio.mp3").rename(published.folder / "kept.mp3")
    outcome = published.publish()
    assert outcome.status == 3 and "draft = true" not in outcome.stderr and "listeners have it" in outcome.stderr
    published.write(f"episodes/{FIRST}/audio.mp3", recording(30.0, 200))
    outcome = published.publish()
    assert outcome.status == 3 and "audio-frozen" in outcome.stderr
    (published.folder / "kept.mp3").replace(published.folder / f"episodes/{FIRST}/audio.mp3")
    assert published.publish().status == 0
    published.remove(SECOND)
    lost_again = published.folder / ("public" if lost is emptied else "elsewhere")
    shutil.rmtree(lost_again)
    outcome = published.publish()
    assert outcome.status == 5 and "“second” is published, and not in this folder any more" in outcome.stderr


def test_another_show_in_the_same_folder_is_a_first_publish(published):
    emptied(published)
    published.configure("0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", OTHER_SHOW)
    published.edit(FIRST, 'guid = "first-guid"', 'guid = "another"')
    assert published.publish().status == 0
