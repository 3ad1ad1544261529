"""Published texts are kept on the private side of the storage alone, and come back into another checkout with `publish pull --texts`."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.support.e2e_show import bucket_show
from tests.support.show_factory import Show, make_show, tree

BEFORE, MEANWHILE, NOW, LATER = (f"2026-06-0{day}T12:00:00+00:00" for day in (1, 2, 3, 4))
MUCH_LATER = "2026-09-01T12:00:00+00:00"
FIRST, SECOND = "2026-05-01-first", "2026-05-08-second"
VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nHello there.\n\n00:05.000 --> 00:19.000\nAnd good bye.\n"


@pytest.fixture
def ann(tmp_path):
    """A show in a folder with a private side, published once."""
    show = make_show(tmp_path / "ann", storage=str(tmp_path / "host"))
    show.configure("[storage]", f'[storage]\nprivate = "{tmp_path / "private"}"')
    show.episode(FIRST)
    show.episode(SECOND)
    show.write(f"episodes/{FIRST}/transcript.vtt", VTT)
    assert show.publish(now=BEFORE).status == 0
    return show


@pytest.fixture
def bob(ann, tmp_path):
    """Another checkout, which has published, too."""
    other = ann.copy(tmp_path / "bob")
    assert other.publish(now=BEFORE).status == 0
    return other


def kept(tmp_path):
    return {path.name: json.loads(gzip.decompress(path.read_bytes())) for path in (tmp_path / "private/airdate-state/texts").iterdir()}


def feed(tmp_path):
    return (tmp_path / "host/feed.xml").read_text("utf-8")


def test_what_is_published_is_kept_on_the_private_side_and_a_draft_is_not(ann, tmp_path):
    ann.episode("2026-05-15-third", date=None, front="draft = true")
    ann.episode("2026-12-15-fourth", date="2026-12-15T06:00:00Z")
    ann.edit(SECOND, "Some notes.", "Other notes.")
    assert ann.publish(now=NOW).status == 0
    names = sorted(name.rpartition("-")[0] for name in kept(tmp_path))
    assert names == ["config.toml", "first", "second", "second"], "one object for each version"
    (first,) = (files for name, files in kept(tmp_path).items() if name.startswith("first"))
    assert first == {"episode.md": (ann.folder / f"episodes/{FIRST}/episode.md").read_text(), "transcript.vtt": VTT}
    assert not any("texts" in name for name in tree(tmp_path / "host"))


def test_two_checkouts_meet_and_both_texts_are_in_what_is_published(ann, bob, tmp_path):
    bob.edit(FIRST, "Some notes.", "Bob: the right name.")
    assert bob.publish(now=MEANWHILE).status == 0
    ann.edit(FIRST, "Some notes.", "Ann: a longer end.")
    own = (ann.folder / f"episodes/{FIRST}/episode.md").read_text()
    refused = ann.publish(now=NOW)
    assert refused.status == 5 and "`publish pull --texts first`" in refused.stderr and "--force older=first" in refused.stderr
    pulled = ann.run("pull", "--texts", "first")
    assert pulled.status == 0, pulled.stderr
    assert f"theirs/episodes/{FIRST}/episode.md" in pulled.stdout and "words of your own, which stay" in pulled.stderr
    assert (ann.folder / f"episodes/{FIRST}/episode.md").read_text() == own
    assert "Bob: the right name." in (ann.folder / f"theirs/episodes/{FIRST}/episode.md").read_text()
    assert ann.publish(now=NOW).status == 5, "nothing was taken over yet"
    assert "Bob: the right name." in feed(tmp_path)
    ann.edit(FIRST, "Ann: a longer end.", "Bob: the right name. Ann: a longer end.")
    assert ann.publish(now=LATER).status == 0
    assert "Bob: the right name. Ann: a longer end." in feed(tmp_path)


def test_a_text_that_only_grew_old_is_replaced_in_place(ann, bob, tmp_path):
    bob.edit(FIRST, "Some notes.", "Bob: the right name.")
    (bob.folder / f"episodes/{FIRST}/transcript.vtt").rename(bob.folder / f"episodes/{FIRST}/transcript.en.vtt")
    bob.episode("2026-05-22-new", date="2026-05-22T06:00:00+02:00")
    assert bob.publish(now=MEANWHILE).status == 0
    done = ann.run("pull", "--texts", "--json")
    assert done.status == 0, done.stderr
    rows = {(row["file"], row["beside"]) for row in done.document["texts"]}
    assert rows == {
        (f"episodes/{FIRST}/episode.md", False),
        (f"episodes/{FIRST}/transcript.en.vtt", False),
        ("episodes/2026-05-22-new/episode.md", False),
    }
    assert not (ann.folder / f"episodes/{FIRST}/transcript.vtt").exists()
    assert ann.publish("--json", now=NOW).document["episodes"] == []
    again = ann.run("pull", "--texts")
    assert again.status == 0 and "Every text here is as it was last published" in again.stderr


def test_an_old_config_is_never_written_over(ann, bob, tmp_path):
    bob.configure('description = "', 'description = "Better: ')
    assert bob.publish(now=MEANWHILE).status == 0
    own = ann.config.read_text()
    ann.edit(FIRST, "Some notes.", "More notes.")
    refused = ann.publish(now=NOW)
    assert refused.status == 5 and "`publish pull --texts`" in refused.stderr
    assert ann.run("pull", "--texts").status == 0
    assert ann.config.read_text() == own
    ann.config.write_text((ann.folder / "theirs/config.toml").read_text())
    assert ann.publish(now=LATER).status == 0
    assert "Better: " in feed(tmp_path)


def test_one_text_is_pulled_by_its_name(ann, bob, tmp_path):
    bob.configure('description = "', 'description = "Better: ')
    bob.edit(FIRST, "Some notes.", "Bob: first.")
    bob.edit(SECOND, "Some notes.", "Bob: second.")
    assert bob.publish(now=MEANWHILE).status == 0
    for name, file in (
        ("first", f"episodes/{FIRST}/episode.md"),
        ("config.toml", "theirs/config.toml"),
        ("second", f"episodes/{SECOND}/episode.md"),
    ):
        done = ann.run("pull", "--texts", name, "--json")
        assert {row["file"] for row in done.document["texts"]} - {f"episodes/{FIRST}/transcript.vtt"} == {file}, done.stderr
    unknown = ann.run("pull", "--texts", "secnod")
    assert unknown.status == 2 and "second" in unknown.stderr


def test_a_file_that_the_newer_text_has_too_stays_with_its_new_words(ann, bob, tmp_path):
    bob.write(f"episodes/{FIRST}/transcript.vtt", VTT.replace("Hello", "Welcome"))
    assert bob.publish(now=MEANWHILE).status == 0
    assert ann.run("pull", "--texts").status == 0
    assert "Welcome there." in (ann.folder / f"episodes/{FIRST}/transcript.vtt").read_text()


def test_only_what_changed_is_sent_one_object_for_each_text(ann, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "private/airdate-state/texts").iterdir()}
    ann.edit(SECOND, "Some notes.", "Other notes.")
    assert ann.publish(now=NOW).status == 0
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "private/airdate-state/texts").iterdir()}
    assert len(after) == len(before) + 1 and all(after[path] == at for path, at in before.items())


def test_a_storage_without_a_private_side_keeps_none_and_says_so(tmp_path):
    show = make_show(tmp_path / "show", storage=str(tmp_path / "host"))
    show.episode()
    assert show.publish(now=BEFORE).status == 0
    assert not any("texts" in name for name in tree(tmp_path / "host"))
    done = show.run("pull", "--texts")
    assert done.status == 2 and "git pull" in done.stderr and "private = " in done.stderr


def test_what_was_kept_of_a_withdrawn_episode_goes_and_prune_takes_old_versions(ann, tmp_path):
    import os

    ann.edit(SECOND, "Some notes.", "Other notes.")
    assert ann.publish(now=NOW).status == 0
    assert ann.run("withdraw", "first", "--yes", now=LATER).status == 0
    assert sorted(name.rpartition("-")[0] for name in kept(tmp_path)) == ["config.toml", "second", "second"]
    for path in (tmp_path / "private/airdate-state/texts").iterdir():
        os.utime(path, (1_780_000_000, 1_780_000_000))  # 28 May 2026
    assert ann.run("prune", "--yes", now=MUCH_LATER).status == 0
    assert [files["episode.md"].count("Other notes.") for name, files in kept(tmp_path).items() if name.startswith("second")] == [1]
    assert ann.run("pull", "--texts").status == 0


@pytest.mark.parametrize("place", ["../../../outside.md", ".hidden", "a/b.md", "c:d.md"])
def test_a_kept_text_that_leaves_its_place_writes_nothing(ann, bob, tmp_path, place):
    bob.edit(FIRST, "Some notes.", "Bob: the right name.")
    assert bob.publish(now=MEANWHILE).status == 0
    newest = max((tmp_path / "private/airdate-state/texts").glob("first-*"), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(gzip.compress(json.dumps({place: "gotcha"}).encode()))
    before = tree(ann.folder)
    done = ann.run("pull", "--texts")
    assert done.status == 4 and "cannot be read" in done.stderr
    assert {name: body for name, body in tree(ann.folder).items() if ".airdate-cache" not in name} == {
        name: body for name, body in before.items() if ".airdate-cache" not in name
    }


def test_over_a_bucket_with_a_private_one(tmp_path, s3_server, bucket, aws_environment):
    private = s3_server.make_bucket()
    ann = bucket_show(tmp_path / "ann", bucket)
    ann.configure("[storage]", f'[storage]\nprivate = "s3://{private}"\nendpoint = "{s3_server.endpoint}"')
    ann.episode(FIRST)
    try:
        assert ann.publish("--no-verify", now=BEFORE).status == 0
        bob = ann.copy(tmp_path / "bob")
        assert bob.publish("--no-verify", now=BEFORE).status == 0
        bob.edit(FIRST, "Some notes.", "Bob: the right name.")
        sent = bob.publish("--no-verify", "--json", now=MEANWHILE)
        assert sent.status == 0, sent.stderr
        ann.edit(FIRST, "Some notes.", "Ann: a longer end.")
        assert ann.publish("--no-verify", now=NOW).status == 5
        pulled = ann.run("pull", "--texts")
        assert pulled.status == 0, pulled.stderr
        ann.write(
            f"episodes/{FIRST}/episode.md", (ann.folder / f"theirs/episodes/{FIRST}/episode.md").read_text() + "\nAnn: a longer end.\n"
        )
        done = ann.publish("--no-verify", now=LATER)
        assert done.status == 0, done.stderr
    finally:
        s3_server.drop_bucket(private)


def test_a_lost_machine_comes_back_from_the_storage_alone(ann, tmp_path):
    before = feed(tmp_path)
    show = Show(tmp_path / "new")
    start = '[show]\ntitle = "X"\ndescription = "X"\nauthor = "X"\nlanguage = "en"\ncategories = ["Comedy"]\nexplicit = false\n'
    places = f'[storage]\nurl = "{tmp_path / "host"}"\nprivate = "{tmp_path / "private"}"\n'
    show.write("config.toml", f'{start}[site]\nurl = "https://podcast.example.org"\n{places}')
    pulled = show.run("pull", "--texts")
    assert pulled.status == 0, pulled.stderr
    (show.folder / "theirs/config.toml").replace(show.config)
    assert show.config.read_bytes() == ann.config.read_bytes()
    assert show.run("pull").status == 0
    [artwork] = (tmp_path / "host/art").glob("artwork-????????.jpg")
    show.write("artwork.jpg", artwork.read_bytes())
    outcome = show.publish("--json", now=NOW)
    assert outcome.status == 0, outcome.stderr
    assert feed(tmp_path) == before


@pytest.mark.parametrize("there", [True, False])
def test_nothing_of_theirs_goes_where_a_link_leads(ann, bob, tmp_path, there):
    bob.edit(FIRST, "Some notes.", "Bob: the right name.")
    assert bob.publish(now=MEANWHILE).status == 0
    ann.edit(FIRST, "Some notes.", "Ann: a longer end.")
    if there:
        (tmp_path / "elsewhere").mkdir()
    (ann.folder / "theirs").symlink_to(tmp_path / "elsewhere")
    done = ann.run("pull", "--texts")
    assert done.status == 2 and "nothing is written there: theirs" in done.stderr, done.stderr
    assert not there or list((tmp_path / "elsewhere").iterdir()) == []
