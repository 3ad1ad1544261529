"""Notes that were rendered once are read back, and never taken for others."""

from __future__ import annotations

import sqlite3

from feed.model import Chapter, Notes
from publisher.render.episode_sources import EpisodeText
from publisher.render.notes_cache import NotesCache
from publisher.render.packed_text import packed, unpacked

NOTES = Notes(page="<p>Hello</p>", apps="<p>Hello</p>", text="Hello", summary="Hello")
CHAPTERS = (Chapter(start=0.0, title="One"), Chapter(start=9.5, title="Two", toc=False))
TEXT = packed(EpisodeText(notes=NOTES, chapters=CHAPTERS))


def test_notes_come_back_as_they_were_kept(tmp_path):
    NotesCache(tmp_path / "notes").keep({"one": ("f1", TEXT)}, ["one"])
    assert unpacked(NotesCache(tmp_path / "notes").get("one", "f1")) == EpisodeText(notes=NOTES, chapters=CHAPTERS)


def test_notes_made_from_something_else_do_not_come_back(tmp_path):
    NotesCache(tmp_path / "notes").keep({"one": ("f1", TEXT)}, ["one"])
    assert not NotesCache(tmp_path / "notes").get("one", "f2")
    assert not NotesCache(tmp_path / "notes").get("two", "f1")
    assert not NotesCache(tmp_path / "nothing").get("one", "f1")


def test_notes_of_an_episode_that_is_gone_are_forgotten(tmp_path):
    NotesCache(tmp_path / "notes").keep({"one": ("f1", TEXT)}, ["one"])
    NotesCache(tmp_path / "notes").keep({"two": ("f2", TEXT)}, ["two"])
    assert not NotesCache(tmp_path / "notes").get("one", "f1")
    assert NotesCache(tmp_path / "notes").get("two", "f2")


def test_a_damaged_memory_of_notes_is_made_anew(tmp_path):
    path = tmp_path / "notes"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    assert not NotesCache(path).get("one", "f1")
    NotesCache(path).keep({"one": ("f1", TEXT)}, ["one"])
    assert NotesCache(path).get("one", "f1") == TEXT
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE notes SET packed = x'00'")
    connection.close()
    assert unpacked(NotesCache(path).get("one", "f1")) is None
