"""A show that was published by the version before: what the storage remembers of it lies in `earlier_version/`, as that version wrote it."""

from __future__ import annotations

import shutil

import pytest

from tests.support.show_factory import ROOT, Show, make_show

REMEMBERED = ROOT / "tests/publish/earlier_version"


@pytest.fixture
def earlier(tmp_path) -> Show:
    """Two episodes on the air, remembered by the version before."""
    show = make_show(tmp_path / "show")
    show.episode("2026-05-01-first")
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert show.publish("--no-verify").status == 0
    shutil.rmtree(show.public / "airdate-state")
    shutil.rmtree(show.folder / ".airdate-cache")
    shutil.copytree(REMEMBERED, show.public / "airdate-state")
    return show


def test_nothing_changes_for_listeners(earlier):
    feed = (earlier.public / "feed.xml").read_bytes()
    outcome = earlier.publish()
    assert outcome.status == 0
    assert (earlier.public / "feed.xml").read_bytes() == feed


def test_its_promises_hold(earlier):
    earlier.edit("2026-05-01-first", 'guid = "first-guid"', 'guid = "another"')
    assert earlier.publish().status == 5
    earlier.edit("2026-05-01-first", 'guid = "another"', 'guid = "first-guid"')
    shutil.rmtree(earlier.folder / "episodes/2026-05-08-second")
    assert earlier.publish("--force", "remove=second").status == 0
    assert earlier.run("withdraw", "second", "--yes").status == 0
    assert earlier.run("prune", "--yes").status == 0
    assert not list(earlier.public.glob("media/second-*"))
    assert list(earlier.public.glob("media/first-*"))


def test_a_publish_of_it_that_was_cut_is_finished_from_its_claim(earlier):
    for file in (earlier.public / "airdate-state").glob("state*"):
        file.unlink()
    (earlier.public / "feed.xml").unlink()
    outcome = earlier.publish("--wait", "90s")
    assert outcome.status == 0
    assert b"second-guid" in (earlier.public / "feed.xml").read_bytes()
