"""`publish pull`: published recordings come back into a folder that has none, each held against its hash."""

from __future__ import annotations

import hashlib

import pytest

from tests.support.show_factory import make_show, recording

FIRST, SECOND = "2026-05-01-first", "2026-05-08-second"


@pytest.fixture
def show(tmp_path):
    """Published, with two recordings."""
    made = make_show(tmp_path / "show", storage=str(tmp_path / "host"))
    made.episode(FIRST)
    made.episode(SECOND, date="2026-05-08T06:00:00+02:00")
    assert made.publish().status == 0
    return made


@pytest.fixture
def clone(show, tmp_path):
    """A checkout as git gives it: no recordings."""
    return show.copy(tmp_path / "clone", audio=False)


def pulled(show, *arguments):
    done = show.run("pull", *arguments, "--json")
    assert done.status == 0, done.stderr
    return [(row["slug"], row["file"]) for row in done.document["pulled"]]


def recordings(show):
    return {path.parent.name: path.read_bytes() for path in show.folder.glob("episodes/*/audio.*")}


def voice(slug):
    return recording(voice=sum(slug.encode()))


def published(tmp_path, slug):
    """The recording as listeners have it, with its tags."""
    (found,) = [data for path in (tmp_path / "host/media").rglob("*.mp3") if (data := path.read_bytes()).endswith(voice(slug))]
    return found


def test_what_is_published_comes_back_and_nothing_is_fetched_twice(clone, tmp_path):
    assert pulled(clone) == [("first", f"episodes/{FIRST}/audio.mp3"), ("second", f"episodes/{SECOND}/audio.mp3")]
    assert recordings(clone) == {FIRST: published(tmp_path, "first"), SECOND: published(tmp_path, "second")}
    assert clone.publish("--json").document["changes"] == []
    again = clone.run("pull")
    assert again.status == 0 and "Every published recording is here." in again.stderr


def test_one_episode_is_asked_for_by_its_slug(clone):
    assert pulled(clone, "second") == [("second", f"episodes/{SECOND}/audio.mp3")]
    assert set(recordings(clone)) == {SECOND}
    said = clone.run("pull", "second")
    assert said.status == 0 and "second has its recording here already" in said.stderr
    assert "already" not in clone.run("pull").stderr, "only what was asked for by name"
    unknown = clone.run("pull", "secnod")
    assert unknown.status == 2 and "“secnod” is not published" in unknown.stderr


def test_a_withdrawn_recording_stays_away(show, clone):
    assert show.run("withdraw", "first", "--yes", "--no-verify").status == 0
    assert pulled(clone) == [("second", f"episodes/{SECOND}/audio.mp3")]
    assert pulled(clone, "first") == []


def test_a_draft_and_what_is_scheduled_have_nothing_to_pull(clone):
    clone.episode("2026-05-15-third", date=None, front="draft = true", audio=None)
    clone.episode("2026-12-24-fourth", date="2026-12-24T06:00:00+02:00", audio=None)
    assert [slug for slug, _ in pulled(clone)] == ["first", "second"]


def test_the_recording_takes_the_name_that_the_episode_gives_it(show, tmp_path):
    show.episode("2026-05-15-third", date="2026-05-15T06:00:00+02:00", front='audio = "take-2.mp3"', audio=None)
    show.write("episodes/2026-05-15-third/take-2.mp3", voice("third"))
    assert show.publish().status == 0
    clone = show.copy(tmp_path / "clone", audio=False)
    (clone.folder / "episodes/2026-05-15-third/take-2.mp3").unlink()
    assert pulled(clone, "third") == [("third", "episodes/2026-05-15-third/take-2.mp3")]
    assert (clone.folder / "episodes/2026-05-15-third/take-2.mp3").read_bytes() == published(tmp_path, "third")


def test_an_address_in_its_place_gives_the_recording_no_name(clone):
    clone.edit(FIRST, "date =", 'audio = "https://old.example/one.mp3"\naudio_unmeasured = { length = 9, type = "audio/mpeg" }\ndate =')
    assert pulled(clone, "first") == [("first", f"episodes/{FIRST}/audio.mp3")]


def test_another_recording_in_its_place_is_refused_and_leaves_nothing(clone, tmp_path):
    for path in (tmp_path / "host/media").rglob("*.mp3"):
        path.write_bytes(recording(voice=99))
    done = clone.run("pull", "first", "--json")
    assert (done.status, done.document["error"]["code"]) == (4, "recording-differs")
    assert [path.name for path in (clone.folder / "episodes" / FIRST).iterdir()] == ["episode.md"]


def test_a_recording_that_is_not_on_the_storage_any_more_is_named(clone, tmp_path):
    for path in (tmp_path / "host/media").rglob("*.mp3"):
        path.unlink()
    done = clone.run("pull", "first", "--json")
    assert (done.status, done.document["error"]["code"]) == (4, "recording-gone")
    assert "publish --repair" in done.document["error"]["hint"]
    assert recordings(clone) == {}


def test_each_row_tells_the_length_and_the_hash(clone, tmp_path):
    (row,) = clone.run("pull", "first", "--json").document["pulled"]
    data = published(tmp_path, "first")
    assert (row["bytes"], row["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
