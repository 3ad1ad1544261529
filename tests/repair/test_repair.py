"""`publish --repair`: what vanished from the storage, or lies there with other bytes, is put back; what cannot be is named."""

from __future__ import annotations

import gzip
import json
import os
import time

import pytest

from tests.support.listeners import complaints
from tests.support.show_factory import make_show, picture, recording, tree

VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nHello.\n"


@pytest.fixture
def whole(tmp_path):
    """A published show with all that an episode can have; `.there` is what lay on the storage then."""
    show = make_show(tmp_path / "show")
    folder = show.episode(front='[[alternates]]\nfile = "small.mp3"\ntitle = "Small"\n')
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    (folder / "transcript.vtt").write_text(VTT)
    (folder / "chapters.txt").write_text("00:00 One\n00:05 Two\n")
    (folder / "cover.jpg").write_bytes(picture(1400, 1400, mode="L"))
    (folder / "small.mp3").write_bytes(recording(20.0, voice=91))
    assert show.publish().status == 0
    assert "Nothing changed" in show.publish().stderr
    show.there = listeners_see(show)
    return show


def listeners_see(show):
    return {key: body for key, body in tree(show.public).items() if not key.startswith("airdate-state/")}


KINDS = {
    "the feed": ("feed.xml", ""),
    "the first page": ("index.html", ""),
    "an episode's page": ("episodes/first.html", ""),
    "a transcript": ("episodes/first/transcript-", ".vtt"),
    "chapters": ("episodes/first/chapters-", ".json"),
    "the artwork": ("art/artwork-", "d8.jpg"),
    "a cover": ("art/first-640-", ".jpg"),
    "a style sheet": ("assets/", ".css"),
    "a recording": ("media/first-", ".mp3"),
    "another encoding": ("media/first-alt-small-", ".mp3"),
}


def one_of(show, kind):
    beginning, ending = KINDS[kind]
    keys = sorted(key for key in show.there if key.startswith(beginning) and key.endswith(ending if kind != "the artwork" else ""))
    return next(key for key in keys if kind != "a recording" or "-alt-" not in key)


@pytest.mark.parametrize("kind", KINDS)
def test_what_vanished_is_put_back_as_it_was(whole, kind):
    key = one_of(whole, kind)
    (whole.public / key).unlink()
    assert "Nothing changed" in whole.publish().stderr, "nobody looked"
    done = whole.publish("--repair", "--json")
    assert done.status == 0, done.stderr
    assert listeners_see(whole) == whole.there
    assert [(row["key"], row["found"], row["put_back"]) for row in done.document["repair"]["files"]] == [(key, "missing", True)]
    assert key in {row["key"] for row in done.document["changes"] if row["reason"] == "lost"}
    assert "Nothing changed" in whole.publish().stderr


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "damage", [lambda body: body[:-9], lambda body: bytes(len(body))], ids=["cut short", "overwritten in the same length"]
)
def test_what_holds_other_bytes_is_put_back_as_it_was(whole, kind, damage):
    key = one_of(whole, kind)
    (whole.public / key).write_bytes(damage(whole.there[key]))
    done = whole.publish("--repair", "--json")
    assert done.status == 0, done.stderr
    assert listeners_see(whole) == whole.there
    assert [(row["key"], row["found"], row["put_back"]) for row in done.document["repair"]["files"]] == [(key, "changed", True)]


def test_everything_at_once_is_put_back(whole):
    for key in whole.there:
        (whole.public / key).unlink()
    done = whole.publish("--repair")
    assert done.status == 0, done.stderr
    assert listeners_see(whole) == whole.there
    assert f"{len(whole.there)} files are missing" in done.stderr


def test_nothing_missing_is_said_and_nothing_is_sent(whole):
    before = tree(whole.public)
    done = whole.publish("--repair", "--json")
    assert done.status == 0
    assert "nothing is missing" in done.stderr
    assert "Nothing changed, nothing sent." in done.stderr
    assert done.document["repair"] == {"looked_at": len(whole.there), "files": []}
    assert tree(whole.public) == before
    assert "repair" not in whole.publish("--json").document, "nobody looked"


def test_a_dry_run_only_tells(whole):
    key = one_of(whole, "a transcript")
    (whole.public / key).unlink()
    before = tree(whole.public)
    done = whole.publish("--dry-run", "--repair", "--json")
    assert done.status == 0
    assert [(row["key"], row["put_back"]) for row in done.document["repair"]["files"]] == [(key, False)]
    assert "1 file is missing" in done.stderr
    assert tree(whole.public) == before


def test_a_recording_whose_source_is_another_one_now_is_named_and_all_else_is_put_back(whole):
    lost = one_of(whole, "a recording")
    for key in (lost, "episodes/first.html", "episodes/second.html"):
        (whole.public / key).unlink()
    whole.write("episodes/2026-05-01-first/audio.mp3", recording(21.0, voice=5))
    done = whole.publish("--repair", "--json")
    assert done.status == 6
    assert f"{lost}: " in done.stderr
    assert "audio_revision = 2" in done.stderr
    assert "--repair" in done.stderr
    assert listeners_see(whole).keys() == whole.there.keys() - {lost}
    assert done.document["error"]["code"] == "not-restored"
    rows = {row["key"]: row["put_back"] for row in done.document["repair"]["files"]}
    assert rows == {lost: False, "episodes/first.html": True, "episodes/second.html": True}
    whole.edit("2026-05-01-first", "[[alternates]]", "audio_revision = 2\n[[alternates]]")
    assert whole.publish().status == 0
    assert complaints(listeners_see(whole)) == []
    assert (whole.public / lost).exists(), "apps that pinned the old address get the new recording"


def test_a_lost_recording_excuses_no_other_fault_of_its_episode(whole, tmp_path):
    lost = one_of(whole, "a recording")
    (whole.public / lost).unlink()
    audio = whole.folder / "episodes/2026-05-01-first/audio.mp3"
    outside = tmp_path / "elsewhere.mp3"
    audio.rename(outside)
    audio.symlink_to(outside)
    done = whole.publish("--repair", "--json")
    assert done.status == 3, done.stderr
    assert done.findings("path-outside")
    assert not (whole.public / lost).exists()


def test_a_recording_whose_copy_would_be_another_one_is_named_and_the_published_file_does(whole):
    lost = one_of(whole, "a recording")
    (whole.public / lost).unlink()
    whole.edit("2026-05-01-first", 'title = "First"', 'title = "Another title"')
    done = whole.publish("--repair")
    assert done.status == 6
    assert f"{lost}: " in done.stderr
    assert b"Another title" in (whole.public / "feed.xml").read_bytes(), "the rest is published"
    again = whole.publish("--repair")
    assert again.status == 6, "it is still missing"
    whole.write("episodes/2026-05-01-first/audio.mp3", whole.there[lost])
    assert whole.publish("--repair").status == 0
    assert (whole.public / lost).read_bytes() == whole.there[lost]


@pytest.mark.parametrize(("kind", "file"), [("a recording", "audio.mp3"), ("another encoding", "small.mp3")])
def test_what_was_made_of_a_file_that_is_not_here_is_named(whole, kind, file):
    lost = one_of(whole, kind)
    (whole.public / lost).unlink()
    (whole.public / "feed.xml").unlink()
    (whole.folder / "episodes/2026-05-01-first" / file).unlink()
    done = whole.publish("--repair")
    assert done.status == 6
    assert f"{lost}: " in done.stderr
    assert listeners_see(whole).keys() == whole.there.keys() - {lost}
    assert f"{lost}: " in whole.publish("--dry-run", "--repair").stderr


def test_the_address_of_a_replaced_recording_is_put_back_from_the_new_one(whole):
    old = one_of(whole, "a recording")
    whole.write("episodes/2026-05-01-first/audio.mp3", recording(21.0, voice=5))
    whole.edit("2026-05-01-first", "[[alternates]]", "audio_revision = 2\n[[alternates]]")
    assert whole.publish().status == 0
    there = listeners_see(whole)
    (whole.public / old).unlink()
    assert whole.publish("--repair").status == 0
    assert listeners_see(whole) == there


def test_what_nothing_names_any_more_is_forgotten_and_comes_back_when_something_does(whole):
    picture_before = one_of(whole, "the artwork")
    before = (whole.folder / "artwork.jpg").read_bytes()
    whole.write("artwork.jpg", picture(1400, 1400, mode="L"))
    assert whole.publish().status == 0
    (whole.public / picture_before).unlink()
    done = whole.publish("--repair")
    assert done.status == 0, done.stderr
    assert not (whole.public / picture_before).exists()
    whole.write("artwork.jpg", before)
    assert whole.publish().status == 0
    assert complaints(listeners_see(whole)) == []
    assert (whole.public / picture_before).exists()


def test_a_tripwire_holds_in_a_repair(whole):
    (whole.public / "feed.xml").unlink()
    whole.remove("2026-05-08-second")
    done = whole.publish("--repair")
    assert done.status == 5
    assert not (whole.public / "feed.xml").exists()
    assert whole.publish("--repair", "--force", "remove=second").status == 0
    assert complaints(listeners_see(whole)) == []


def test_a_part_of_what_is_remembered_is_put_back_from_this_machines_copy(whole):
    (part,) = (whole.public / "airdate-state").glob("state-2026-*.json.gz")
    body = part.read_bytes()
    for damage in (part.unlink, lambda: part.write_bytes(gzip.compress(b"{}"))):
        damage()
        done = whole.publish("--repair", "--json")
        assert done.status == 0, done.stderr
        assert part.read_bytes() == body
        assert [row["put_back"] for row in done.document["repair"]["files"]] == [True]


def test_another_machine_reads_a_lost_part_of_what_is_remembered_from_the_records(whole, tmp_path):
    (part,) = (whole.public / "airdate-state").glob("state-2026-*.json.gz")
    body = part.read_bytes()
    part.unlink()
    other = whole.copy(tmp_path / "other")
    other.configure('url = "public"', f'url = "{whole.public}"')
    done = other.publish("--repair")
    assert done.status == 0, done.stderr
    assert "Nothing changed" in done.stderr
    (again,) = (whole.public / "airdate-state").glob("state-2026-*.json.gz")
    assert without_etags(again.read_bytes()) == without_etags(body)
    assert other.publish("--repair", "--json").document["repair"]["files"] == []
    assert "Nothing changed" in whole.publish().stderr


def without_etags(part):
    """A part of State, but for what the storage called its objects."""
    content = json.loads(gzip.decompress(part))
    return content | {"objects": {key: [*row[:2], *row[3:]] for key, row in content["objects"].items()}}


def test_repair_of_what_was_never_published_is_a_first_publish(tmp_path):
    show = make_show(tmp_path / "new")
    show.episode()
    done = show.publish("--repair")
    assert done.status == 0
    assert (show.public / "feed.xml").exists()


def test_repair_goes_with_publish_alone(whole):
    assert whole.run("--repair", "status").status == 2


# what a look from outside found


def test_the_next_publish_puts_back_what_verify_did_not_find(whole):
    key = one_of(whole, "a transcript")
    (whole.public / key).unlink()
    looked = whole.run("verify")
    assert looked.status == 6
    assert "publish --repair" in looked.stdout + looked.stderr
    done = whole.publish("--json")
    assert done.status == 0, done.stderr
    assert listeners_see(whole) == whole.there
    assert [row["key"] for row in done.document["repair"]["files"]] == [key]
    assert "repair" not in whole.publish("--json").document


def test_the_next_publish_puts_back_the_feed_that_verify_did_not_find(whole):
    (whole.public / "feed.xml").unlink()
    assert whole.run("verify").status == 6
    assert whole.publish().status == 0
    assert listeners_see(whole) == whole.there


def test_a_recording_that_verify_did_not_find_and_that_cannot_be_made_is_named_until_it_is_back(whole):
    lost = one_of(whole, "a recording")
    (whole.public / lost).unlink()
    original = (whole.folder / "episodes/2026-05-01-first/audio.mp3").read_bytes()
    whole.write("episodes/2026-05-01-first/audio.mp3", recording(21.0, voice=5))
    assert whole.run("verify").status == 6
    for _ in range(3):
        assert f"{lost}: " in whole.publish().stderr
    whole.write("episodes/2026-05-01-first/audio.mp3", original)
    assert whole.publish().status == 0
    assert listeners_see(whole) == whole.there
    assert "Nothing changed" in whole.publish().stderr


def test_a_publish_that_reads_no_file_of_the_show_is_not_fooled(whole):
    """The shortest way asks only for State: it must not swallow what verify missed, nor tell of a look that it did not take."""
    then = time.time() - 3600
    for path in whole.folder.rglob("*"):
        os.utime(path, (then, then))
    assert whole.publish("--repair", "--json").document["repair"]["files"] == []
    assert "repair" not in whole.publish("--json").document
    key = one_of(whole, "a transcript")
    (whole.public / key).unlink()
    assert "Nothing changed" in whole.publish().stderr
    assert whole.run("verify").status == 6
    assert whole.publish().status == 0
    assert listeners_see(whole) == whole.there


def test_a_dry_run_tells_what_verify_did_not_find_and_forgets_nothing(whole):
    key = one_of(whole, "a transcript")
    (whole.public / key).unlink()
    whole.run("verify")
    assert key in whole.publish("--dry-run").stdout
    assert whole.publish().status == 0
    assert listeners_see(whole) == whole.there


def test_what_was_remembered_may_be_lost_or_damaged(whole):
    (whole.public / one_of(whole, "a transcript")).unlink()
    whole.run("verify")
    memory = whole.folder / ".airdate-cache/missing.json"
    assert json.loads(memory.read_bytes())
    memory.write_text('{"version": "1", "content": {"addresses": [3, null, "https://small.example/%00", "x"]}}')
    assert whole.publish().status == 0


@pytest.fixture
def kept_apart(tmp_path):
    """A published show whose private side keeps texts and files for whoever loses their folder, and that side."""
    show = make_show(tmp_path / "show")
    show.configure("[storage]", f'[storage]\nprivate = "{tmp_path / "private"}"')
    folder = show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    (folder / "transcript.vtt").write_text(VTT)
    show.write("pages/about.md", "# About\n\nUs.\n")
    assert show.publish().status == 0
    return show, tmp_path / "private" / "airdate-state"


def kept_files(private):
    return {path: path.read_bytes() for part in ("texts", "files") for path in sorted((private / part).iterdir())}


@pytest.mark.parametrize("damage", ["deleted", "cut", "emptied"])
def test_what_is_kept_for_a_lost_folder_is_put_back_from_the_one_that_is_there(kept_apart, damage):
    show, private = kept_apart
    there = kept_files(private)
    assert len(there) > 4
    for path, body in there.items():
        path.unlink() if damage == "deleted" else path.write_bytes(body[:20] if damage == "cut" else b"")
    told = show.publish("--repair", "--dry-run", "--json")
    assert [row["put_back"] for row in told.document["repair"]["files"]] == [False] * len(told.document["repair"]["files"])
    outcome = show.publish("--repair", "--json")
    assert outcome.status == 0, outcome.stderr
    assert ("missing" if damage == "deleted" else "other bytes") in outcome.stderr
    first = outcome.document["repair"]["files"]
    assert first
    again = show.publish("--repair", "--json")  # a list that was lost tells of the files that it names once it is there
    assert again.status == 0, again.stderr
    assert all(row["put_back"] for row in (*first, *again.document["repair"]["files"]))
    assert kept_files(private) == there
    assert "nothing is missing" in show.publish("--repair").stderr


def test_what_was_kept_of_words_that_are_others_now_is_named_and_kept_anew_with_them(kept_apart):
    show, private = kept_apart
    there = kept_files(private)
    [path] = (path for path in there if path.name.startswith("first-"))
    path.unlink()
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    outcome = show.publish("--repair", "--json")
    assert outcome.status == 0, outcome.stderr
    (row,) = outcome.document["repair"]["files"]
    assert (row["found"], row["put_back"]) == ("missing", False)
    assert row["reason"]
    assert "cannot be put back" in outcome.stderr
    assert len([path for path in kept_files(private) if path.name.startswith("first-")]) == 1
    assert "nothing is missing" in show.publish("--repair").stderr
