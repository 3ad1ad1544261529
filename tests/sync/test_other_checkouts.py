"""Two checkouts of one show: what one published is not replaced by another that never saw it, unless that is said."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.support.show_factory import LIVE, picture, recording

BEFORE, MEANWHILE, NOW, LATER = (f"2026-06-0{day}T12:00:00+00:00" for day in (1, 2, 3, 4))


@pytest.fixture
def two(far, tmp_path):
    """Two checkouts of a published show; each has published from its folder."""
    assert far.publish(now=BEFORE).status == 0
    other = far.copy(tmp_path / "other")
    assert other.publish(now=BEFORE).status == 0
    return far, other


def test_words_that_another_checkout_published_meanwhile_are_not_replaced_unless_it_is_said(two, memory):
    here, other = two
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    assert other.publish(now=MEANWHILE).status == 0
    here.edit("2026-05-01-first", "Some notes.", "Words from here.")
    for arguments in (("--dry-run",), ()):
        refused = here.publish(*arguments, now=NOW)
        assert refused.status == 5
        assert "2026-06-02 at 14:00" in refused.stderr and "--force older=first" in refused.stderr
        assert "copy episodes/2026-05-01-first from the folder" in refused.stderr and "git" not in refused.stderr, "there is no git here"
    assert b"Words from the other desk." in memory.bytes_of("feed.xml")
    assert here.publish("--force", "older=first", now=NOW).status == 0
    assert b"Words from here." in memory.bytes_of("feed.xml")
    assert here.publish(now=LATER).status == 0


def test_words_that_were_never_published_do_not_replace_theirs_when_another_thing_is_published(two, memory):
    here, other = two
    here.edit("2026-05-01-first", "Some notes.", "A wrong name, not published.")
    other.edit("2026-05-01-first", "Some notes.", "The right name.")
    assert other.publish(now=MEANWHILE).status == 0
    here.configure('description = "', 'description = "Now: ')
    assert here.publish(now=NOW).status == 5
    assert b"The right name." in memory.bytes_of("feed.xml")


def test_an_old_config_does_not_take_settings_back(two, memory):
    here, other = two
    other.configure('description = "', 'description = "Better: ')
    assert other.publish(now=MEANWHILE).status == 0
    here.edit("2026-05-08-second", "Some notes.", "Words from here.")
    refused = here.publish(now=NOW)
    assert refused.status == 5
    assert "the description of the show changed" in refused.stderr and "--force older=config.toml" in refused.stderr
    assert b"Better: " in memory.bytes_of("feed.xml")
    here.configure('description = "', 'description = "Better: ')
    assert here.publish(now=NOW).status == 0
    assert b"Better: " in memory.bytes_of("feed.xml") and b"Words from here." in memory.bytes_of("feed.xml")


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ('[feed]\nenclosure_prefix = "https://op3.dev/e/"', "settings"),
        ("[feed]\nfull_notes = 1", "settings"),
        ('[transcript.replace]\nnotes = "words"', "settings"),
        ("[chapters]\nin_notes = false", "settings"),
        ("[audio]\ntags = false", "settings"),
        ('[announce]\nheartbeat = "http://127.0.0.1:9/alive"', "settings"),
        ('[cdn]\npurge = "http://127.0.0.1:9/purge"', "settings"),
        (LIVE, "live streams"),
        ("", "pictures"),
    ],
)
def test_no_setting_of_any_table_is_taken_back_by_an_old_config(two, memory, table, word):
    here, other = two
    for show in two:
        show.write("episodes/2026-05-01-first/transcript.txt", "00:00:00: Some notes, spoken.\n")
        show.write("ada.png", picture())
        show.configure("[people.ada]", '[people.ada]\nimage = "ada.png"')
        assert show.publish(now=BEFORE).status == 0
    if table:
        other.configure("[storage]", f"{table}\n\n[storage]")
    else:
        other.write("ada.png", picture(1600, 1600))
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    other.publish(now=MEANWHILE)  # what is told afterwards answers nobody in some
    before = memory.bytes_of("feed.xml")
    assert b"Words from the other desk." in before
    here.edit("2026-05-08-second", "Some notes.", "Words from here.")
    refused = here.publish(now=NOW)
    assert refused.status == 5, refused.stderr
    assert f"the {word} of the show changed on the storage since" in refused.stderr and "--force older=config.toml" in refused.stderr
    assert memory.bytes_of("feed.xml") == before


def test_ones_own_setting_that_changes_nothing_yet_is_no_conflict(two):
    here, _ = two
    here.configure("[storage]", "[audio]\ntags = false\n\n[storage]")
    assert "Nothing changed" in here.publish(now=MEANWHILE).stderr
    here.edit("2026-05-08-second", "Some notes.", "Words from here.")
    done = here.publish(now=NOW)
    assert done.status == 0, done.stderr


def test_what_an_earlier_version_did_not_remember_is_no_conflict(two, memory):
    here, other = two
    for show in two:
        seen = show.folder / ".airdate-cache/last-publish.json"
        seen.write_text(seen.read_text().replace('"settings"', '"was-not-there"'))
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    assert other.publish(now=MEANWHILE).status == 0
    shutil.copytree(other.folder / "episodes", here.folder / "episodes", dirs_exist_ok=True)
    here.configure("[storage]", "[feed]\nfull_notes = 1\n\n[storage]")
    done = here.publish(now=NOW)
    assert done.status == 0, done.stderr


def test_a_show_that_was_rolled_back_is_resumed_with_one_force(two):
    here, _ = two
    here.configure('description = "', 'description = "Better: ')
    assert here.publish(now=MEANWHILE).status == 0
    assert here.run("rollback", "--yes", "--no-verify", now=NOW).status == 0
    assert here.publish("--force", "resume", now=LATER).status == 0


def test_ones_own_words_that_a_runner_published_are_no_conflict(two, tmp_path):
    here, _ = two
    here.edit("2026-05-01-first", "Some notes.", "Version two.")
    runner = here.copy(tmp_path / "runner")
    assert here.publish(now=MEANWHILE).status == 0
    assert runner.publish(now=NOW).status == 0
    here.edit("2026-05-01-first", "Version two.", "Version three.")
    assert here.publish(now=LATER).status == 0


def test_what_was_taken_over_is_no_conflict(two):
    here, other = two
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    assert other.publish(now=MEANWHILE).status == 0
    shutil.copytree(other.folder / "episodes", here.folder / "episodes", dirs_exist_ok=True)
    assert here.publish(now=NOW).status == 0
    here.edit("2026-05-01-first", "other desk", "other desk, and more")
    assert here.publish(now=LATER).status == 0


def test_words_that_came_by_git_and_were_edited_before_any_command_ran_go_on_from_them(two, tmp_path, memory):
    here, other = two

    def git(show, *words):
        name = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false", "-c", "pull.rebase=false")
        subprocess.run(["git", *name, *words], cwd=show.folder, capture_output=True, timeout=60, check=True)

    git(other, "init", "-q")
    git(other, "add", "episodes", "config.toml")
    git(other, "commit", "-qm", "The show")
    git(here, "init", "-q")
    git(here, "fetch", "-q", str(other.folder))
    git(here, "reset", "-q", "FETCH_HEAD")
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    git(other, "commit", "-qam", "Other words")
    assert other.publish(now=MEANWHILE).status == 0
    here.edit("2026-05-01-first", "Some notes.", "Words from here.")
    refused = here.publish(now=NOW)
    assert refused.status == 5, "theirs was not pulled"
    assert "take theirs over first (`git pull`)" in refused.stderr
    git(here, "checkout", "-q", "--", "episodes/2026-05-01-first/episode.md")
    git(here, "pull", "-q", str(other.folder))
    here.edit("2026-05-01-first", "other desk", "other desk, and more from here")
    outcome = here.publish(now=NOW)
    assert outcome.status == 0, outcome.stderr
    assert b"other desk, and more from here" in memory.bytes_of("feed.xml")


def test_another_episode_that_was_edited_elsewhere_is_a_matter_for_the_older_text(two):
    here, other = two
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    assert other.publish(now=MEANWHILE).status == 0
    here.edit("2026-05-08-second", "Some notes.", "Words from here.")
    done = here.publish(now=NOW)
    assert done.status == 5
    assert "--force older=first" in done.stderr


def test_a_checkout_that_never_published_is_refused_nothing_it_cannot_know(two, tmp_path):
    here, other = two
    other.edit("2026-05-01-first", "Some notes.", "Words from the other desk.")
    assert other.publish(now=MEANWHILE).status == 0
    fresh = here.copy(tmp_path / "fresh")
    fresh.edit("2026-05-01-first", "Some notes.", "Words of a runner.")
    assert fresh.publish(now=NOW).status == 0


def test_a_new_show_that_somebody_else_published_first_is_not_replaced(tmp_path):
    import sys
    from pathlib import Path

    publish = str(Path(sys.executable).with_name("publish"))
    answers = ["--title", "T", "--author", "A", "--description", "D", "--language", "en", "--category", "Comedy", "--timezone", "UTC"]

    def run(folder, *arguments):
        return subprocess.run([publish, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False)

    ann, bob = tmp_path / "ann", tmp_path / "bob"
    sound, cover = tmp_path / "audio.mp3", tmp_path / "cover.jpg"
    sound.write_bytes(recording())
    cover.write_bytes(picture())
    made = run(tmp_path, "init", "ann", "-y", *answers, "--url", "https://x.example", "--storage", "../pub", "--artwork", str(cover))
    assert made.returncode == 0, made.stderr
    assert run(ann, "new", "one", "--audio", str(sound)).returncode == run(ann, "release", "one").returncode == 0
    (text,) = ann.glob("episodes/*/episode.md")
    text.write_text(text.read_text() + "\nAnn: a wrong name.\n")
    shutil.copytree(ann, bob)
    (text,) = bob.glob("episodes/*/episode.md")
    text.write_text(text.read_text().replace("Ann: a wrong name.", "Bob: the right name."))
    assert run(bob, "-y", "--no-verify").returncode == 0
    refused = run(ann, "-y", "--no-verify")
    assert refused.returncode == 5 and "--force older=one" in refused.stderr
    assert "the right name" in (tmp_path / "pub/feed.xml").read_text()
