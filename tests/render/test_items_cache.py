"""The feed with one new episode: the other items are those that were written before, in the same bytes."""

from __future__ import annotations

import shutil

import pytest

from feed import rss
from publisher.render.items_cache import ItemsCache
from tests.support.every_tag_show import make_every_tag
from tests.support.show_factory import Show, make_show

CACHED = ".airdate-cache/feed-items.xml"


@pytest.fixture
def items(monkeypatch):
    """The slugs of the items that were written, not taken from what was written before."""
    made = []
    real = rss._Entry.written
    monkeypatch.setattr(rss._Entry, "written", lambda self, episode, *, full: made.append(episode.slug) or real(self, episode, full=full))
    return made


@pytest.fixture
def show(tmp_path):
    show = make_show(tmp_path / "show")
    for day in range(1, 5):
        show.episode(f"2026-05-{day:02}-part-{day}")
    assert show.publish().status == 0
    return show


def feed_made_anew(show):
    """What the same folder gives where nothing is remembered."""
    shutil.rmtree(show.folder / ".airdate-cache")
    assert show.run("build", "--out", str(show.folder / "anew")).status == 0
    return (show.folder / "anew/feed.xml").read_bytes()


@pytest.mark.parametrize(
    ("change", "written"),
    [
        (lambda show: show.episode("2026-05-06-part-6"), ["part-6"]),
        (lambda show: show.edit("2026-05-02-part-2", "Some notes.", "Other ]]> notes."), ["part-2"]),
        (lambda show: show.configure("Machines one", "Places one"), ["part-4", "part-3", "part-2", "part-1"]),
    ],
)
def test_what_did_not_change_is_not_written_again_and_the_feed_has_the_same_bytes(show, items, change, written):
    items.clear()
    change(show)
    outcome = show.publish()
    assert outcome.status == 0, outcome.stderr
    assert items == written
    assert (show.folder / "public/feed.xml").read_bytes() == feed_made_anew(show)


@pytest.mark.parametrize("damage", [lambda body: body[:-40], lambda body: body.replace(b"Some notes", b"Sore notes")])
def test_what_was_remembered_and_is_damaged_counts_as_nothing(show, items, damage):
    path = show.folder / CACHED
    path.write_bytes(damage(path.read_bytes()))
    assert ItemsCache(path).read() == {}
    items.clear()
    show.edit("2026-05-02-part-2", "Some notes.", "Other notes.")
    assert show.publish().status == 0
    assert items == ["part-4", "part-3", "part-2", "part-1"]
    assert b"Sore notes" not in (show.folder / "public/feed.xml").read_bytes()


def test_a_feed_with_every_tag_is_the_same_when_each_item_was_written_before(tmp_path, items):
    make_every_tag(tmp_path)
    show = Show(tmp_path)
    assert show.run("build", "--standalone", "--out", str(tmp_path / "one")).status == 0
    assert items
    items.clear()
    assert show.run("build", "--standalone", "--out", str(tmp_path / "two")).status == 0
    assert items == []
    assert (tmp_path / "one/feed.xml").read_bytes() == (tmp_path / "two/feed.xml").read_bytes()
