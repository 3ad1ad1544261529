"""An import that is run again: new episodes come in, what a person wrote stays, and nothing comes twice."""

from __future__ import annotations

import tomllib

import pytest

from publisher.load.episode_text import read_episode_text
from tests.support.imported_feeds import DAYS, USUAL, imported, item, published
from tests.support.show_factory import Show, picture, recording

PERSON = '<podcast:person role="{}" img="{}">{}</podcast:person>'


def front(folder, name):
    return read_episode_text((folder / "episodes" / name / "episode.md").read_bytes())[0]


def names(folder):
    return sorted(path.name for path in (folder / "episodes").iterdir())


def test_an_episode_that_was_renamed_at_the_old_host_is_known_by_its_guid(host, tmp_path):
    imported(host, tmp_path, [item(host, "One", DAYS[2], "g1")])
    done = imported(host, tmp_path, [item(host, "Three", DAYS[0], "g3"), item(host, "One, and only", DAYS[1], "g1")])
    assert names(tmp_path) == ["2026-05-06-one", "2026-05-20-three"]
    assert [line for line in done.document["warnings"] if line.startswith("2026-05-06-one: what is written here stays") and "title" in line]
    assert published(tmp_path) == [("g3", "2026-05-20T06:00:00+00:00"), ("g1", "2026-05-06T06:00:00+00:00")]


@pytest.mark.parametrize("place", ["episodes/2026-05-06-one/chapters.txt", "episodes/2026-05-13-two", "IMPORTED.md", "artwork.jpg"])
def test_nothing_is_written_through_a_link_that_lies_in_the_folder(host, tmp_path, place):
    folder, outside = tmp_path / "show", tmp_path / "outside"
    imported(host, folder, [item(host, "One", DAYS[2], "g1")])
    path = folder / place
    path.unlink(missing_ok=True)
    path.symlink_to(outside)
    done = Show(folder).run("import", f"{host.address}/feed.xml", str(folder), "--yes", "--json")
    assert done.status == 2
    assert place in done.document["error"]["message"]
    assert not outside.exists()


def test_recordings_may_be_links_into_a_library(host, tmp_path):
    folder = tmp_path / "show"
    imported(host, folder, [item(host, "One", DAYS[2], "g1")])
    (path,) = folder.glob("episodes/*/audio.mp3")
    path.rename(tmp_path / "one.mp3")
    path.symlink_to(tmp_path / "one.mp3")
    imported(host, folder, [item(host, "One", DAYS[2], "g1")])
    assert path.is_symlink()


def test_what_a_person_changed_stays_and_is_named(host, tmp_path):
    rows = [item(host, f"Ep {n}", date, f"g{n}") for n, date in enumerate(DAYS)]
    imported(host, tmp_path, rows)
    quiet = imported(host, tmp_path, rows)
    assert quiet.document["warnings"] == []
    show = Show(tmp_path)
    show.edit("2026-05-20-ep-0", 'title = "Ep 0"', 'title = "Mine"')
    show.edit("2026-05-13-ep-1", "Words.", "Words of mine.")
    show.rename("2026-05-06-ep-2", "the-last-one")
    show.configure('description = "All of it."', 'description = "Mine."')
    done = imported(host, tmp_path, rows)
    assert names(tmp_path) == ["2026-05-13-ep-1", "2026-05-20-ep-0", "the-last-one"]
    assert front(tmp_path, "2026-05-20-ep-0")["title"] == "Mine"
    said = "what is written here stays; the old feed has another"
    assert sorted(done.document["warnings"]) == [
        f"2026-05-13-ep-1: {said} notes",
        f"2026-05-20-ep-0: {said} title",
        f"config.toml: {said} description",
    ]
    assert 'description = "Mine."' in (tmp_path / "config.toml").read_text("utf-8")


def test_a_guid_that_was_deleted_here_is_named_with_the_line_to_write(host, tmp_path):
    imported(host, tmp_path, [item(host, "One", DAYS[2], "g 1")])
    note = tmp_path / "episodes" / "2026-05-06-one" / "episode.md"
    note.write_text(note.read_text("utf-8").replace('guid = "g 1"    # the episode\'s identity for life\n', ""), "utf-8")
    done = imported(host, tmp_path, [item(host, "One", DAYS[2], "g 1")])
    assert names(tmp_path) == ["2026-05-06-one"]
    assert [line for line in done.document["warnings"] if 'write guid = "g 1"' in line and "twice" in line]


def test_another_episode_of_the_same_name_and_day_gets_a_folder_of_its_own(host, tmp_path):
    imported(host, tmp_path, [item(host, "One", DAYS[2], "g1")])
    imported(host, tmp_path, [item(host, "One", DAYS[2], "g2"), item(host, "One", DAYS[2], "g1")])
    assert [front(tmp_path, name)["guid"] for name in names(tmp_path)] == ["g1", "g2"]
    assert {row[0] for row in published(tmp_path)} == {"g1", "g2"}


def test_people_and_seasons_of_new_episodes_come_into_the_config(host, tmp_path):
    host.routes["/ada.png"] = host.routes["/eve.png"] = (200, picture(400, 400, "PNG"), {})
    first = item(host, "One", DAYS[2], "g1", PERSON.format("host", f"{host.address}/ada.png", "Ada"))
    imported(host, tmp_path, [first])
    config = tmp_path / "config.toml"
    config.write_text(config.read_text("utf-8") + "\n# mine", "utf-8")
    before = config.read_text("utf-8")
    more = PERSON.format("host", f"{host.address}/ada.png", "Ada") + PERSON.format("Narrator", f"{host.address}/eve.png", "Eve")
    more += '<podcast:season name="Bells">2</podcast:season>'
    done = imported(host, tmp_path, [item(host, "Two", DAYS[0], "g2", more), first])
    text = config.read_text("utf-8")
    assert text.startswith(before)
    assert tomllib.loads(text)["people"]["eve"] == {"name": "Eve", "role": "narrator", "image": "people/eve.png"}
    assert tomllib.loads(text)["seasons"] == {"2": {"name": "Bells"}}
    assert [line for line in done.document["warnings"] if "config.toml: added" in line and "people.eve" in line]
    two = front(tmp_path, "2026-05-20-two")
    assert (two["hosts"], two["guests"]) == (["ada"], ["eve"])
    assert len(published(tmp_path)) == 2


PAGES = {
    "html": (b"<!DOCTYPE html><html><title>Sign in</title></html>", "HTML"),
    "json": (b'{"error": "gone"}', "JSON"),
    "xml": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML"),
    "text": (b"Not found\n", "text"),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_recording_that_is_a_page_is_none_and_is_had_by_a_later_import(host, tmp_path, page):
    body, word = PAGES[page]
    rows = [item(host, "One", DAYS[2], "g1")]
    host.routes["/One.mp3"] = (200, body, {"Content-Type": "audio/mpeg"})
    done = imported(host, tmp_path, rows)
    assert done.document["missing"] == 1
    assert [line for line in done.document["warnings"] if word in line and f"{host.address}/One.mp3" in line]
    folder = tmp_path / "episodes" / "2026-05-06-one"
    assert not list(folder.glob("audio*"))
    (folder / "audio.mp3").write_bytes(body)  # as an older version left it
    host.routes["/One.mp3"] = (200, recording(voice=1), {})
    assert imported(host, tmp_path, rows).document["missing"] == 0
    assert (folder / "audio.mp3").read_bytes() == recording(voice=1)


def test_an_empty_recording_leaves_nothing(host, tmp_path):
    host.routes["/One.mp3"] = (200, b"", {})
    assert imported(host, tmp_path, [item(host, "One", DAYS[2], "g1")]).document["missing"] == 1
    assert not list((tmp_path / "episodes" / "2026-05-06-one").glob("audio*"))


def test_two_episodes_with_one_recording_are_both_taken_and_named(host, tmp_path):
    rows = [item(host, "One", DAYS[0], "g1"), item(host, "One", DAYS[1], "g2"), item(host, "Two", DAYS[2], "g3")]
    done = imported(host, tmp_path, rows)
    assert [line for line in done.document["warnings"] if "the same recording" in line and f"{host.address}/One.mp3" in line]
    assert [row[0] for row in published(tmp_path)] == ["g1", "g2", "g3"]


def test_a_date_in_the_future_is_named(host, tmp_path):
    done = imported(host, tmp_path, [item(host, "Soon", "Wed, 20 May 2099 06:00:00 GMT", "g2"), item(host, "One", DAYS[2], "g1")])
    assert [line for line in done.document["warnings"] if "“Soon”" in line and "future" in line]
    assert [row[0] for row in published(tmp_path)] == ["g1"]


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_artwork_that_directories_do_not_take_becomes_a_picture_that_they_do(host, tmp_path, form):
    host.routes["/art.png"] = (200, picture(form=form), {})
    done = imported(host, tmp_path, [item(host, "One", DAYS[2], "g1")])
    assert (tmp_path / "artwork.png").read_bytes().startswith(b"\x89PNG")
    assert [line for line in done.document["warnings"] if "artwork" in line and form in line.upper()]
    assert len(published(tmp_path)) == 1


def test_a_show_of_a_language_without_two_letters_is_taken_and_begun(host, tmp_path):
    imported(host, tmp_path, [item(host, "One", DAYS[2], "g1")], "--language", "fil", head=USUAL.replace("<language>en</language>", ""))
    assert 'language = "fil"' in (tmp_path / "config.toml").read_text("utf-8")
    assert len(published(tmp_path)) == 1
