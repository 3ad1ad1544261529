"""What a long show spares itself: full pages of the feed stay, and notes once rendered are read back."""

from __future__ import annotations

import dataclasses
import sqlite3

import pytest
from show_factory import make_show, tree

import feed.notes
from feed.model import Chapter, Notes
from publisher.render.notes_cache import NotesCache
from publisher.state import state

NOTES = Notes(page="<p>Hello</p>", apps="<p>Hello</p>", text="Hello", summary="Hello")
CHAPTERS = (Chapter(start=0.0, title="One"), Chapter(start=9.5, title="Two", toc=False))


@pytest.fixture
def long_show(tmp_path):
    show = make_show(tmp_path / "long")
    show.config.write_text(show.config.read_text() + "\n[feed]\nlimit = 2\n")
    for day in range(1, 6):
        show.episode(f"2026-05-0{day}-part-{day}", date=f"2026-05-0{day}T06:00:00+02:00")
    assert show.publish("--yes").status == 0
    return show


def test_a_new_episode_sends_no_full_page_of_the_feed_again(long_show):
    before = tree(long_show.public)
    long_show.episode("2026-05-06-part-6", date="2026-05-06T06:00:00+02:00")
    sent = {change["key"] for change in long_show.publish("--yes", "--json").document["changes"]}
    assert {"feed.xml", "feed-3.xml"} <= sent
    assert not {"feed-1.xml", "feed-2.xml"} & sent
    after = tree(long_show.public)
    assert [after[f"feed-{page}.xml"].count(b"<item>") for page in (1, 2, 3)] == [2, 2, 2]
    assert after["feed-1.xml"] == before["feed-1.xml"]


def test_an_old_episode_changed_sends_its_page_of_the_feed(long_show):
    path = long_show.folder / "episodes" / "2026-05-01-part-1" / "episode.md"
    path.write_text(path.read_text() + "\nMore to read.\n")
    sent = {change["key"] for change in long_show.publish("--yes", "--json").document["changes"]}
    assert "feed-1.xml" in sent
    assert "feed-2.xml" not in sent


def test_findings_on_older_pages_of_the_feed_are_told_by_each_check(long_show):
    first = long_show.run("check", "--format", "json").stdout
    assert first == long_show.run("check", "--format", "json").stdout


def test_notes_of_other_episodes_are_not_rendered_again(long_show, monkeypatch):
    rendered = []
    real = feed.notes.render_notes
    monkeypatch.setattr(feed.notes, "render_notes", lambda text, **given: (rendered.append(given["link"]), real(text, **given))[1])
    long_show.episode("2026-05-06-part-6", date="2026-05-06T06:00:00+02:00")
    with_memory = long_show.publish("--yes", "--json")
    assert with_memory.status == 0, with_memory.stderr
    assert not any("part-1" in link or "part-2" in link for link in rendered)
    recalled = tree(long_show.public)
    (long_show.folder / ".airdate-cache" / "notes.sqlite").write_bytes(b"not a database")
    assert long_show.run("build", "--standalone", "--out", str(long_show.folder / "out")).status == 0
    assert tree(long_show.folder / "out")["feed.xml"] == recalled["feed.xml"]


def test_notes_come_back_as_they_were_kept(tmp_path):
    NotesCache(tmp_path / "notes").keep({"one": ("f1", NOTES, CHAPTERS)}, ["one"])
    assert NotesCache(tmp_path / "notes").get("one", "f1") == {"notes": NOTES, "chapters": CHAPTERS}


def test_notes_made_from_something_else_do_not_come_back(tmp_path):
    NotesCache(tmp_path / "notes").keep({"one": ("f1", NOTES, ())}, ["one"])
    assert NotesCache(tmp_path / "notes").get("one", "f2") == {}
    assert NotesCache(tmp_path / "notes").get("two", "f1") == {}
    assert NotesCache(tmp_path / "nothing").get("one", "f1") == {}


def test_notes_of_an_episode_that_is_gone_are_forgotten(tmp_path):
    NotesCache(tmp_path / "notes").keep({"one": ("f1", NOTES, ())}, ["one"])
    NotesCache(tmp_path / "notes").keep({"two": ("f2", NOTES, ())}, ["two"])
    assert NotesCache(tmp_path / "notes").get("one", "f1") == {}
    assert NotesCache(tmp_path / "notes").get("two", "f2")


def test_a_damaged_memory_of_notes_is_made_anew(tmp_path):
    path = tmp_path / "notes"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    assert NotesCache(path).get("one", "f1") == {}
    NotesCache(path).keep({"one": ("f1", NOTES, ())}, ["one"])
    assert NotesCache(path).get("one", "f1")["notes"] == NOTES
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE notes SET packed = x'00'")
    connection.close()
    assert NotesCache(path).get("one", "f1") == {}


def test_a_part_of_state_is_packed_once_and_read_back(monkeypatch):
    monkeypatch.setattr(state, "_packed", {})
    before = state.State(generation=1, episodes={"a": state.PublishedEpisode(slug="a", guid="g", date="2026-01-01T00:00:00+00:00")})
    index, shards = state.write_state(before)
    monkeypatch.setattr(state.gzip, "compress", lambda *_given, **_named: pytest.fail("packed again"))
    assert state.write_state(dataclasses.replace(before, generation=2))[1] == shards
    assert state.read_state(index, "e", shards.get).episodes == before.episodes
