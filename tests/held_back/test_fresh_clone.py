"""A fresh clone has no copies of what was published: the private side of the storage, or git, has the words of a broken episode."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support.e2e_show import bucket_show
from tests.support.show_factory import Show, make_show

FIRST, SECOND = "2026-05-01-first", "2026-05-08-second"
VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nHello there.\n\n00:05.000 --> 00:19.000\nAnd good bye.\n"


def git(show, *words):
    name = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *name, *words], cwd=show.folder, capture_output=True, timeout=60, check=True)


def two_episodes(show):
    show.write(".gitignore", ".airdate-cache/\n*.mp3\n")
    show.episode(FIRST, notes="The first notes.\n")
    show.write(f"episodes/{FIRST}/transcript.vtt", VTT)
    show.episode(SECOND)
    return show


def a_slip(show):
    text = (show.folder / f"episodes/{FIRST}/episode.md").read_text()
    show.write(f"episodes/{FIRST}/episode.md", text.replace('title = "', "title = ", 1))


def a_long_transcript(show):
    show.write(f"episodes/{FIRST}/transcript.vtt", VTT.replace("00:19.000", "00:58.000"))


def cloned(show, folder):
    subprocess.run(["git", "clone", "-q", str(show.folder), str(folder)], timeout=60, check=True)
    return Show(folder)


def item_of(feed, guid):
    return next((item for item in re.findall(rb"<item>.*?</item>", feed, re.DOTALL) if guid in item), b"")


@pytest.mark.parametrize("breaks", [a_slip, a_long_transcript])
def test_over_a_bucket_a_clone_leaves_a_broken_episode_as_it_was_and_the_daily_show_goes_on(place, warm, tmp_path, breaks):
    show = two_episodes(bucket_show(tmp_path / "show", place.name))
    show.configure("[storage]", "[publish]\nskip_faulty = true\n\n[storage]")
    git(show, "init", "-q")
    git(show, "add", "-A")
    git(show, "commit", "-qm", "The first two")
    assert warm.run(show, "-y", endpoint=place.server.endpoint).status == 0
    before = place.objects()
    breaks(show)
    git(show, "commit", "-qam", "A slip")
    clone = cloned(show, tmp_path / "clone")
    for day in (30, 31):
        clone.episode(f"2026-05-{day}-day-{day}", date=f"2026-05-{day}T06:00:00+02:00")
        done = warm.run(clone, "-y", "--json", endpoint=place.server.endpoint, now=f"2026-05-{day}T12:00:00+00:00")
        assert done.status == 7, done.stderr
        assert [(row["slug"], row["published"]) for row in done.document["held"]] == [("first", True)]
        assert item_of(place.objects()["feed.xml"], b"day-%d-guid" % day)
    after = place.objects()
    assert item_of(after["feed.xml"], b"first-guid") == item_of(before["feed.xml"], b"first-guid") != b""
    own = [key for key in before if key.startswith(("episodes/first", "media/first"))]
    assert own and {key: after.get(key) for key in own} == {key: before[key] for key in own}
    git(clone, "checkout", "-q", "HEAD~1", "--", "episodes")
    done = warm.run(clone, "-y", endpoint=place.server.endpoint, now="2026-05-31T13:00:00+00:00")
    assert done.status == 0, done.stderr


def test_without_git_the_private_side_has_its_words(tmp_path):
    show = two_episodes(make_show(tmp_path / "show", storage=str(tmp_path / "host")))
    show.configure("[storage]", f'[storage]\nprivate = "{tmp_path / "private"}"')
    assert show.publish().status == 0
    feed = (tmp_path / "host/feed.xml").read_bytes()
    clone = show.copy(tmp_path / "clone")
    a_slip(clone)
    clone.episode("2026-05-30-sixth")
    done = clone.publish("--skip-faulty")
    assert done.status == 7, done.stderr
    after = (tmp_path / "host/feed.xml").read_bytes()
    assert item_of(after, b"first-guid") == item_of(feed, b"first-guid") and item_of(after, b"sixth-guid")
