"""A publish that finds folder, storage and clock as the last one left them: it reads nothing, and is not fooled."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from publisher.core.layout import STATE_KEY
from publisher.core.layout import claim as claim_key
from publisher.nothing_to_do import FolderSnapshot
from publisher.stores.directory import DirectoryStore
from publisher.sync.claims import HEADERS
from tests.support.show_factory import make_show, picture, recording


def age(show):
    """Make every file an hour older: times that young are not trusted."""
    then = time.time() - 3600
    for path in show.folder.rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))


@pytest.fixture
def quiet(tmp_path, monkeypatch):
    """A published show with a picture out of the way, of which a second publish found nothing to do; `.closely()` tells
    whether a publish looked at it closely.
    """
    import publisher.publish as line

    code = tmp_path / "code"
    code.mkdir()
    monkeypatch.setattr("publisher.nothing_to_do.CODE", (code,))
    show = make_show(tmp_path / "show")
    show.configure('name = "Ada Field"\n\n[site]', 'name = "Ada Field"\nimage = "pictures/ada.jpg"\n\n[site]')
    show.write("pictures/ada.jpg", picture(600, 600))
    show.episode()
    show.episode("2026-06-10-second", date="2026-06-10T06:00:00+02:00")
    age(show)
    assert show.publish().status == 0
    for _ in range(2):  # the first of them learns where to look
        assert "Nothing changed" in show.publish().stderr
    looks: list[str] = []
    real = line.publish

    def publish(*arguments, **options):
        looks.append("closely")
        return real(*arguments, **options)

    monkeypatch.setattr(line, "publish", publish)
    show.closely = lambda *arguments, **options: (looks.clear(), show.publish(*arguments, **options), len(looks))[2] == 1
    return show


def test_nothing_is_read_and_the_same_is_said(quiet):
    assert not quiet.closely()
    short = quiet.publish("--json").document
    quiet.folder.joinpath(".airdate-cache/unchanged.json").unlink()
    close = quiet.publish("--json").document
    assert {**short, "seconds": 0, "requests": 0} == {**close, "seconds": 0, "requests": 0}
    assert short["next_due"] == "2026-06-10T06:00:00+02:00"


CHANGES = {
    "a file was edited": lambda show: show.write("episodes/2026-05-01-first/episode.md", "+++\n"),
    "a file has another time": lambda show: os.utime(show.folder / "episodes/2026-05-01-first/episode.md", (1, 1)),
    "a recording has other bytes": lambda show: show.write("episodes/2026-05-01-first/audio.mp3", recording(voice=3)),
    "a file is new": lambda show: show.write("episodes/2026-05-01-first/chapters.txt", "00:00 One\n"),
    "a file is gone": lambda show: (show.folder / "episodes/2026-06-10-second/audio.mp3").unlink(),
    "an episode is new": lambda show: show.episode("2026-05-02-new"),
    "an episode is gone": lambda show: shutil.rmtree(show.folder / "episodes/2026-05-01-first"),
    "a page is new": lambda show: show.write("pages/about.md", "# About\n"),
    "a comment is new": lambda show: show.write("comments/first.json", "[]"),
    "a template is new": lambda show: show.write("theme/footer.html", "x"),
    "the config was edited": lambda show: show.configure("A Small Show", "Another Show"),
    "a file with a name in the config was changed": lambda show: show.write("pictures/ada.jpg", picture(700, 700)),
    "a folder is a link now": lambda show: (
        shutil.move(show.folder / "episodes/2026-05-01-first", show.folder / "elsewhere"),
        (show.folder / "episodes/2026-05-01-first").symlink_to(show.folder / "elsewhere"),
    ),
    "what was remembered is damaged": lambda show: show.write(
        ".airdate-cache/unchanged.json", '{"version": "config.toml", "content": {"quiet": 3}}'
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_is_looked_at_closely_when(quiet, change):
    CHANGES[change](quiet)
    assert quiet.closely()


def test_whatever_a_publish_opens_is_looked_at(quiet):
    """A file or folder of the show that a publish reads, and the snapshot does not see, could change unnoticed."""
    quiet.write("pages/about.md", '+++\ntitle = "About"\n+++\n\nUs.\n')
    quiet.write("comments/first.json", "[]")
    quiet.write("theme/footer.html", "Us.")
    quiet.write("shared/second.mp3", recording(voice=9))
    quiet.write("episodes/2026-05-01-first/chapters.txt", "00:00 One\n00:05 Two\n")
    quiet.write("episodes/2026-05-01-first/transcript.vtt", "WEBVTT\n\n00:00.000 --> 00:04.000\nHello.\n")
    quiet.write("episodes/2026-05-01-first/cover.jpg", picture())
    quiet.episode("2026-05-03-third", front='audio = "../../shared/second.mp3"', audio=None)
    quiet.configure("social_images = false", 'social_images = true\naccent = "#234567"')
    with opened() as paths:
        assert quiet.publish().status == 0
    age(quiet)
    quiet.publish()  # learns where to look
    mine = {path for path in map(Path, paths) if path.is_relative_to(quiet.folder)}
    mine = {path for path in mine if not {".airdate-cache", "public"} & set(path.relative_to(quiet.folder).parts)}
    assert {path.name for path in mine} >= {"about.md", "first.json", "second.mp3", "ada.jpg", "cover.jpg", "comments"}
    unseen = []
    for path in sorted(mine):
        before = FolderSnapshot(quiet.config).digest
        if path.is_dir():
            path = path / "new.txt"  # noqa: PLW2901
            path.write_text("new")
        os.utime(path, (2, 2))
        unseen += [path] if FolderSnapshot(quiet.config).digest == before else []
    assert not unseen


@contextmanager
def opened():
    """The files that are opened and the folders that are listed meanwhile."""
    paths: list[str] = []
    watching = [True]

    def hook(event, arguments):
        if watching and event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str | os.PathLike):
            paths.append(os.fspath(arguments[0]))

    sys.addaudithook(hook)
    try:
        yield paths
    finally:
        watching.clear()


def test_an_episode_that_fell_due_is_seen(quiet):
    assert not quiet.closely(now="2026-06-10T03:59:59+00:00")
    assert quiet.closely(now="2026-06-10T04:00:00+00:00")


def test_a_clock_that_went_back_is_seen(quiet):
    assert quiet.closely(now="2026-04-01T00:00:00+00:00")


def test_a_force_is_heard(quiet):
    assert quiet.closely("--force", "resume")


def test_warnings_stop_a_strict_publish_as_before(quiet):
    quiet.write("episodes/2026-06-10-second/episode.md", "+++\ntitle = 3\ndate = 2026-06-10T06:00:00+02:00\n+++\n")
    age(quiet)
    quiet.publish()
    assert not quiet.closely()
    assert "2 warnings" in quiet.publish().stderr  # that of the artwork, too: what stays wrong is said each time
    assert quiet.closely("--strict")


def test_a_file_changed_a_moment_ago_is_not_trusted(quiet):
    path = quiet.folder / "artwork.jpg"
    os.utime(path)
    assert quiet.closely()
    assert quiet.closely()


def test_a_publish_of_somebody_else_is_seen(quiet, tmp_path):
    other = quiet.copy(tmp_path / "other")
    other.configure('url = "public"', f'url = "{quiet.public}"')
    other.episode("2026-05-03-theirs")
    assert other.publish().status == 0
    assert quiet.closely()


def test_new_code_of_ours_is_seen(quiet, tmp_path):
    path = tmp_path / "code/rss.py"
    path.write_text("x = 1\n")
    os.utime(path, (1, 1))
    assert quiet.closely()


def test_a_publish_that_was_cut_is_seen(quiet, monkeypatch):
    looks = []
    monkeypatch.setattr("publisher.publish.publish", lambda *_arguments, **_options: looks.append("closely") or {})
    store = DirectoryStore(quiet.public)
    generation = json.loads(store.read(STATE_KEY).body)["generation"]
    store.put(claim_key(generation + 1), store.read(claim_key(generation)).body, HEADERS)
    quiet.publish()
    assert looks


def test_a_missing_storage_is_seen(quiet):
    shutil.rmtree(quiet.public)
    assert quiet.closely()
