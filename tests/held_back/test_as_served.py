"""Without its words anywhere (one public place, a clone of the newest commit), a broken episode stays as listeners have it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.held_back.test_fresh_clone import FIRST, SECOND, a_long_transcript, a_slip, git, item_of, two_episodes
from tests.support.e2e_show import bucket_show
from tests.support.show_factory import Show, make_show, picture, recording, tree

CHAPTERS = '{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "In the beginning"}, {"startTime": 9, "title": "The end"}]}'
OWN = ("episodes/first", "media/first", "transcripts/first", "chapters/first", "art/first", "art/social-first")


def broken_chapters(show):
    show.write(f"episodes/{FIRST}/chapters.json", CHAPTERS[:-9])


def no_words(show):
    (show.folder / f"episodes/{FIRST}/episode.md").unlink()


def another_recording(show):
    show.write(f"episodes/{FIRST}/audio.mp3", recording(voice=99))


def a_pointer_and_a_slip(show):
    show.write(f"episodes/{FIRST}/audio.mp3", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 160000\n")
    a_slip(show)


def with_chapters(show):
    show.write(f"episodes/{FIRST}/chapters.json", CHAPTERS)
    return two_episodes(show)


def published_show(tmp_path, **settings):
    show = with_chapters(make_show(tmp_path / "show", storage=str(tmp_path / "host"), **settings))
    assert show.publish().status == 0
    return show


def clone_of(show, folder):
    """What a runner gets: the folder, and nothing that was remembered of it."""
    clone = show.copy(folder)
    shutil.rmtree(folder / ".airdate-cache", ignore_errors=True)
    return clone


def own(files):
    return {name: body for name, body in files.items() if name.startswith(OWN)}


@pytest.mark.parametrize("breaks", [a_slip, a_long_transcript, broken_chapters, no_words, another_recording, a_pointer_and_a_slip])
def test_it_stays_byte_for_byte_and_the_others_go_on_the_air(tmp_path, breaks):
    show = published_show(tmp_path)
    before = tree(tmp_path / "host")
    clone = clone_of(show, tmp_path / "clone")
    breaks(clone)
    clone.episode("2026-05-30-sixth")
    assert clone.publish().status in (3, 5)
    done = clone.publish("--skip-faulty", "--json")
    assert done.status == 7, done.stderr
    assert [(row["slug"], row["published"]) for row in done.document["held"]] == [("first", True)]
    assert "“first” stays as it was last published" in done.stderr
    assert [row["slug"] for row in done.document["episodes"]] == ["sixth"]
    after = tree(tmp_path / "host")
    assert item_of(after["feed.xml"], b"first-guid") == item_of(before["feed.xml"], b"first-guid") != b""
    assert item_of(after["feed.xml"], b"sixth-guid")
    assert own(after) == own(before) != {}
    for page in ("index.html", "archive.html", "sitemap.xml"):
        assert page not in after or b"episodes/first.html" in after[page], page
    assert b"The first notes." in after["index.html"]
    again = clone.publish("--skip-faulty")
    assert again.status == 7 and "Nothing changed" in again.stderr, again.stderr
    shutil.copytree(show.folder / f"episodes/{FIRST}", clone.folder / f"episodes/{FIRST}", dirs_exist_ok=True)
    mended = clone.publish("--json")
    assert mended.status == 0, mended.stderr
    assert mended.document["episodes"] == [] and own(tree(tmp_path / "host")).items() >= own(before).items() - {
        item for item in own(before).items() if item[0].endswith(".html")
    }


def test_a_folder_that_does_not_tell_which_episode_it_is_leaves_what_is_missing_as_it_is(tmp_path):
    show = make_show(tmp_path / "show", storage=str(tmp_path / "host"))
    show.edit(show.episode(FIRST).name, "guid =", 'slug = "another-name"\nguid =')
    show.episode(SECOND)
    assert show.publish().status == 0
    before = tree(tmp_path / "host")
    clone = clone_of(show, tmp_path / "clone")
    a_slip(clone)
    done = clone.publish("--skip-faulty", "--json")
    assert done.status == 7, done.stderr
    assert ("another-name", True) in [(row["slug"], row["published"]) for row in done.document["held"]]
    assert tree(tmp_path / "host")["feed.xml"] == before["feed.xml"]


def test_over_one_public_bucket_a_clone_of_the_newest_commit_leaves_it_and_goes_on(place, warm, tmp_path):
    show = two_episodes(bucket_show(tmp_path / "show", place.name))
    show.configure("[storage]", "[publish]\nskip_faulty = true\n\n[storage]")
    git(show, "init", "-q")
    git(show, "add", "-A")
    git(show, "commit", "-qm", "The first two")
    assert warm.run(show, "-y", endpoint=place.server.endpoint).status == 0
    before = place.objects()
    whole = (show.folder / f"episodes/{FIRST}/episode.md").read_bytes()
    a_slip(show)
    git(show, "commit", "-qam", "A slip")
    for day in (30, 31):
        folder = tmp_path / f"clone-{day}"
        subprocess.run(["git", "clone", "-q", "--depth", "1", show.folder.as_uri(), str(folder)], timeout=60, check=True)
        clone = Show(folder)
        clone.episode("2026-05-30-day-30", date="2026-05-30T06:00:00+02:00")
        clone.episode(f"2026-05-{day}-day-{day}", date=f"2026-05-{day}T06:00:00+02:00")
        done = warm.run(clone, "-y", "--json", endpoint=place.server.endpoint, now=f"2026-05-{day}T12:00:00+00:00")
        assert done.status == 7, done.stderr
        assert [(row["slug"], row["published"]) for row in done.document["held"]] == [("first", True)]
        after = place.objects()
        assert item_of(after["feed.xml"], b"day-%d-guid" % day)
        assert item_of(after["feed.xml"], b"first-guid") == item_of(before["feed.xml"], b"first-guid") != b""
        assert own(after) == own(before) != {}
    clone.write(f"episodes/{FIRST}/episode.md", whole)
    done = warm.run(clone, "-y", endpoint=place.server.endpoint, now="2026-05-31T13:00:00+00:00")
    assert done.status == 0, done.stderr


@pytest.fixture
def rich(tmp_path):
    """A long feed in pages, with a season, a guest of the directory, a cover, another encoding and an unlisted episode."""
    show = make_show(tmp_path / "show", storage=str(tmp_path / "host"))
    show.configure(
        "[site]", '[people.eve]\nname = "Eve Moneypenny"\nrole = "guest"\n\n[seasons.1]\nname = "The first"\n\n[feed]\nlimit = 2\n\n[site]'
    )
    show.configure("search = false", "search = true")
    show.configure("social_images = false", "social_images = true")
    show.write(
        "config.toml", (show.folder / "config.toml").read_text() + '\n[[check.exceptions]]\nrule = "feed-limit"\nreason = "it is meant"\n'
    )
    with_chapters(show)
    keys = 'season = 1\nepisode = 3.5\nguests = ["eve", "Bob"]\ntags = ["one"]\ncover = "cover.png"\n'
    show.edit(FIRST, "guid =", f'{keys}alternates = [{{ file = "small.mp3" }}]\nguid =')
    show.write(f"episodes/{FIRST}/cover.png", picture())
    show.write(f"episodes/{FIRST}/small.mp3", recording(voice=3))
    show.episode("2026-05-15-third")
    show.edit(show.episode("2026-05-16-hidden").name, "guid =", "unlisted = true\nguid =")
    done = show.publish()
    assert done.status == 0, done.stderr
    return show


def test_on_an_older_page_of_the_feed_with_all_an_episode_can_have(rich, tmp_path):
    before = tree(tmp_path / "host")
    clone = clone_of(rich, tmp_path / "clone")
    a_slip(clone)
    (hidden,) = (clone.folder / "episodes").glob("*hidden/episode.md")
    hidden.write_text(hidden.read_text().replace('title = "', "title = ", 1))
    clone.episode("2026-05-30-sixth")
    done = clone.publish("--skip-faulty", "--json")
    assert done.status == 7, done.stderr
    after = tree(tmp_path / "host")
    assert after["feed-1.xml"] == before["feed-1.xml"] and b"first-guid" in after["feed-1.xml"]
    assert own(after) == own(before)
    secret = [name for name in before if "hidden" in name]
    assert secret and {name: after.get(name) for name in secret} == {name: before[name] for name in secret}
    assert b"sixth" in after["feed.xml"] and b"Eve Moneypenny" in after["people.html"]
    assert b"first.html" in next(body for name, body in after.items() if name.startswith("season"))
    state = clone.run("status", "--json").document
    assert not any(row["removed"] for row in state["published"])
    shutil.copytree(rich.folder / "episodes", clone.folder / "episodes", dirs_exist_ok=True)
    mended = clone.publish("--json")
    assert mended.status == 0, mended.stderr
    assert mended.document["episodes"] == []


def test_what_changes_of_the_show_meanwhile_is_told_and_what_its_page_shows_is_not_pruned(tmp_path):
    show = published_show(tmp_path)
    before = tree(tmp_path / "host")
    clone = clone_of(show, tmp_path / "clone")
    a_slip(clone)
    clone.write("artwork.jpg", picture(1500, 1500))
    clone.configure('title = "', 'title = "Another ')
    done = clone.publish("--skip-faulty")
    assert done.status == 7, done.stderr
    assert "its page and its item of the feed are left as they are" in done.stderr
    after = tree(tmp_path / "host")
    assert own(after) == own(before) and b"Another" in after["index.html"]
    assert clone.run("prune", "--yes", "--skip-faulty", now="2027-06-01T12:00:00+00:00").status == 0
    named = {name for name in before if name.startswith(("art/", "assets/")) and name.encode() in before["episodes/first.html"]}
    assert any("artwork" in name or "show" in name for name in named) and named <= set(tree(tmp_path / "host"))
    shutil.copytree(show.folder / f"episodes/{FIRST}", clone.folder / f"episodes/{FIRST}", dirs_exist_ok=True)
    assert clone.publish().status == 0
    assert b"Another" in tree(tmp_path / "host")["episodes/first.html"]


@pytest.mark.parametrize("how", ["the feed is another one", "its page is lost", "the show moved"])
def test_what_cannot_stay_as_it_is_served_is_refused_and_nothing_is_changed(tmp_path, how):
    show = published_show(tmp_path)
    host = tmp_path / "host"
    clone = clone_of(show, tmp_path / "clone")
    a_slip(clone)
    forced = []
    if how == "the feed is another one":
        (host / "feed.xml").write_bytes((host / "feed.xml").read_bytes().replace(b"The first notes", b"Somebody's notes"))
    elif how == "its page is lost":
        (host / "episodes/first.html").unlink()
        forced = ["--repair"]
    else:
        clone.configure("https://", "https://new.")
        forced = ["--force", "feed-address", "--force", "links"]
    before = tree(host)
    done = clone.publish("--skip-faulty", *forced)
    assert done.status == 3, done.stderr
    assert "cannot be left so" in done.stderr and ("with the show's address" in done.stderr) is (how == "the show moved")
    assert tree(host) == before


def test_a_check_of_it_tells_the_fault_and_goes_on(tmp_path):
    show = published_show(tmp_path)
    clone = clone_of(show, tmp_path / "clone")
    a_slip(clone)
    done = clone.run("check", "--skip-faulty") if "--skip-faulty" in clone.run("check", "--help").stdout else clone.run("check")
    assert "syntax" in done.stdout + done.stderr and done.status in (3, 7)
