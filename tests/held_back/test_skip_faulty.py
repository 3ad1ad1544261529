"""`--skip-faulty`: one faulty episode does not keep the others off the air, and a published one stays as it was last published."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.support.show_factory import FRAME, FRAME_BYTES, make_show, recording, tree

FIRST, SECOND, FIFTH = "2026-05-01-first", "2026-05-08-second", "2026-05-29-fifth"
VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nHello there.\n\n00:05.000 --> {end}.000\nAnd good bye.\n"


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode(FIRST, notes="The first notes.\n")
    made.write(f"episodes/{FIRST}/transcript.vtt", VTT.format(end="00:19"))
    made.episode(SECOND)
    assert made.publish().status == 0
    return made


def too_long(show, name):
    """A transcript that goes on when the recording has ended."""
    show.write(f"episodes/{name}/transcript.vtt", VTT.format(end="00:58"))
    return "T003", f"episodes/{name}/transcript.vtt"


def truncated(show, name):
    """A download that was cut off in the middle."""
    whole = recording(20.0, voice=7)
    frames = (len(whole) // FRAME_BYTES).to_bytes(4, "big")
    head = (FRAME + bytes(17) + b"Info" + bytes([0, 0, 0, 3]) + frames + len(whole).to_bytes(4, "big")).ljust(FRAME_BYTES, b"\0")
    show.write(f"episodes/{name}/audio.mp3", (head + whole)[: len(whole) // 2])
    return "audio-truncated", f"episodes/{name}/audio.mp3"


def a_slip(show, name):
    """A quotation mark that is missing."""
    path = show.folder / f"episodes/{name}/episode.md"
    path.write_text(path.read_text().replace('title = "', "title = ", 1))
    return "syntax", f"episodes/{name}/episode.md"


def no_recording(show, name):
    (show.folder / f"episodes/{name}/audio.mp3").unlink()
    return "audio-missing", f"episodes/{name}/episode.md"


def another_recording(show, name):
    show.write(f"episodes/{name}/audio.mp3", recording(voice=99))
    return "audio-frozen", f"episodes/{name}/audio.mp3"


def a_cover_that_is_gone(show, name):
    show.edit(name, "guid =", 'cover = "nowhere.jpg"\nguid =')
    return "file-missing", f"episodes/{name}/episode.md"


def no_text(show, name):
    (show.folder / f"episodes/{name}/episode.md").unlink()
    return "episode-missing", f"episodes/{name}"


def a_text_of_no_letters(show, name):
    (show.folder / f"episodes/{name}/episode.md").write_bytes(b"\xff\xfe\xff")
    return "not-utf8", f"episodes/{name}/episode.md"


def item_of(show, guid):
    """The item in the feed, byte for byte."""
    found = [item for item in re.findall(rb"<item>.*?</item>", (show.public / "feed.xml").read_bytes(), re.DOTALL) if guid.encode() in item]
    return found[0] if found else b""


@pytest.mark.parametrize("fault", [too_long, truncated, a_slip, no_recording])
def test_a_faulty_new_episode_waits_and_the_others_go_on_the_air(show, fault):
    show.episode(FIFTH)
    code, file = fault(show, FIFTH)
    show.episode("2026-05-30-sixth")
    refused = show.publish()
    assert refused.status == 3 and "sixth" not in (show.public / "feed.xml").read_text(), "without it, nothing is published"
    outcome = show.publish("--skip-faulty", "--json")
    assert outcome.status == 7, outcome.stderr
    (held,) = outcome.document["held"]
    assert (held["slug"], held["published"]) == ("fifth", False)
    assert held["findings"][0]["code"].startswith(code) and held["findings"][0]["file"] == file and held["findings"][0]["line"] >= 0
    assert f"“fifth” is held back, until this is mended:\n  {file}" in outcome.stderr
    assert item_of(show, "sixth-guid") and not item_of(show, "fifth-guid")
    assert not (show.public / "episodes/fifth.html").exists()
    again = show.publish("--skip-faulty", "--quiet")
    assert again.status == 7 and file in again.stderr, "it is said until it is mended"
    shutil.rmtree(show.folder / f"episodes/{FIFTH}")
    show.episode(FIFTH)
    mended = show.publish("--skip-faulty", "--json")
    assert mended.status == 0 and mended.document["held"] == [], mended.stderr
    assert item_of(show, "fifth-guid")


def test_a_daily_show_goes_on_by_its_config(show):
    show.configure("[storage]", "[publish]\nskip_faulty = true\n\n[storage]")
    show.episode(FIFTH)
    too_long(show, FIFTH)
    for day in (30, 31):
        show.episode(f"2026-05-{day}-day-{day}")
        outcome = show.publish("--json", now=f"2026-05-{day}T12:00:00+00:00")
        assert outcome.status == 7, outcome.stderr
        assert item_of(show, f"day-{day}-guid")
    too_long_before = item_of(show, "fifth-guid")
    assert not too_long_before


@pytest.mark.parametrize("fault", [too_long, another_recording, a_slip, a_cover_that_is_gone, a_text_of_no_letters, no_text])
def test_a_published_episode_that_is_broken_afterwards_stays_as_it_was(show, fault):
    before, item = tree(show.public), item_of(show, "first-guid")
    code, file = fault(show, FIRST)
    show.episode("2026-05-30-sixth")
    assert show.publish().status in (3, 5)
    outcome = show.publish("--skip-faulty", "--json")
    assert outcome.status == 7, outcome.stderr
    (held,) = outcome.document["held"]
    assert (held["slug"], held["published"]) == ("first", True)
    assert held["findings"][0]["code"].startswith(code) and held["findings"][0]["file"] == file
    assert "“first” stays as it was last published" in outcome.stderr
    after = tree(show.public)
    assert item and item_of(show, "first-guid") == item
    own = [name for name in before if "/first" in name or name.startswith(("episodes/first", "media/first"))]
    assert {name: after.get(name) for name in own} == {name: before[name] for name in own}
    assert item_of(show, "sixth-guid")
    assert b"episodes/first.html" in after["index.html"] and b"episodes/first.html" in after["sitemap.xml"]
    assert [change["slug"] for change in outcome.document["episodes"]] == ["sixth"]
    state = show.run("status", "--json").document
    assert not any(row["removed"] for row in state["published"])


def test_a_published_recording_that_is_cut_off_afterwards_holds_nothing_back(show):
    item = item_of(show, "first-guid")
    truncated(show, FIRST)
    outcome = show.publish("--skip-faulty")
    assert outcome.status == 0, outcome.stderr
    assert "audio-truncated" in outcome.stderr and item_of(show, "first-guid") == item


def test_an_unlisted_episode_stays_as_it_was_under_its_own_address(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode(FIRST, front="unlisted = true")
    show.write(f"episodes/{FIRST}/transcript.vtt", VTT.format(end="00:19"))
    show.episode(SECOND)
    assert show.publish().status == 0
    (page,) = (show.public / "episodes").glob("first-*.html")
    before = page.read_bytes()
    too_long(show, FIRST)
    show.episode("2026-05-30-sixth")
    outcome = show.publish("--skip-faulty", "--json")
    assert outcome.status == 7, outcome.stderr
    assert [row["published"] for row in outcome.document["held"]] == [True]
    assert page.read_bytes() == before and item_of(show, "sixth-guid")


def test_a_published_episode_is_kept_even_when_all_pages_are_made_anew(show):
    a_slip(show, FIRST)
    show.configure("Machines one can reach from a chair.", "Machines within reach.")
    item = item_of(show, "first-guid")
    outcome = show.publish("--skip-faulty")
    assert outcome.status == 7, outcome.stderr
    assert item_of(show, "first-guid") == item
    assert "Hello there." in (show.public / "episodes/first.html").read_text()
    assert "The first notes." in (show.public / "episodes/first.html").read_text()


def test_a_mended_episode_is_published_with_its_new_words(show):
    text = (show.folder / f"episodes/{FIRST}/episode.md").read_text()
    a_slip(show, FIRST)
    assert show.publish("--skip-faulty").status == 7
    show.write(f"episodes/{FIRST}/episode.md", text.replace("The first notes.", "Better notes."))
    outcome = show.publish("--skip-faulty")
    assert outcome.status == 0, outcome.stderr
    assert "Better notes." in (show.public / "episodes/first.html").read_text()


def test_a_renamed_address_is_known_by_the_folder_it_was_published_from(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode(FIRST, front='slug = "another-name"')
    show.episode(SECOND)
    assert show.publish().status == 0
    item = item_of(show, "first-guid")
    a_slip(show, FIRST)
    outcome = show.publish("--skip-faulty", "--json")
    assert outcome.status == 7, outcome.stderr
    assert [(row["slug"], row["published"]) for row in outcome.document["held"]] == [("another-name", True)]
    assert item_of(show, "first-guid") == item


@pytest.mark.parametrize("slug", ["", 'slug = "another-name"'])
def test_where_neither_machine_nor_storage_has_what_was_published_it_is_refused_and_said(tmp_path, slug):
    show = make_show(tmp_path / "show", storage=str(tmp_path / "host"))
    show.episode(FIRST, front=slug)
    show.episode(SECOND)
    assert show.publish().status == 0
    feed = tmp_path / "host/feed.xml"
    feed.write_bytes(feed.read_bytes().replace(b"Some notes", b"Somebody's notes"))
    before = tree(tmp_path / "host")
    clone = show.copy(tmp_path / "clone")
    a_slip(clone, FIRST)
    clone.episode("2026-05-30-sixth")
    outcome = clone.publish("--skip-faulty", "--json")
    assert outcome.status == 3, outcome.stderr
    assert "this machine does not have it as it was published" in outcome.stderr
    assert f"episodes/{FIRST}/episode.md" in outcome.stderr
    assert tree(tmp_path / "host") == before
    checked = clone.run("check", "--skip-faulty", "--json")
    assert checked.status == 3 and checked.findings("syntax"), checked.stdout


def test_a_machine_without_copies_keeps_an_episode_whose_words_are_as_published(tmp_path):
    show = make_show(tmp_path / "show", storage=str(tmp_path / "host"))
    show.episode(FIRST)
    show.episode(SECOND)
    assert show.publish().status == 0
    clone = show.copy(tmp_path / "clone")
    clone.write(f"episodes/{FIRST}/audio.mp3", recording(voice=99))
    clone.episode("2026-05-30-sixth")
    outcome = clone.publish("--skip-faulty", "--json")
    assert outcome.status == 7, outcome.stderr
    assert [(row["slug"], row["findings"][0]["code"]) for row in outcome.document["held"]] == [("first", "audio-frozen")]
    assert "sixth-guid" in (tmp_path / "host/feed.xml").read_text()


@pytest.mark.parametrize(
    ("old", "new"), [('language = "en"', 'language = "english!"'), ('artwork = "artwork.jpg"', 'artwork = "nowhere.jpg"')]
)
def test_faults_of_the_show_itself_stop_all_the_same(show, old, new):
    show.configure(old, new)
    show.episode("2026-05-30-sixth")
    assert show.publish("--skip-faulty").status == 3
    assert not item_of(show, "sixth-guid")


def test_a_copy_of_a_published_folder_is_held_back_and_the_original_stays(show):
    shutil.copytree(show.folder / f"episodes/{FIRST}", show.folder / "episodes/2026-05-30-copy")
    outcome = show.publish("--skip-faulty", "--json")
    assert outcome.status == 7, outcome.stderr
    assert [(row["folder"], row["published"]) for row in outcome.document["held"]] == [("episodes/2026-05-30-copy/episode.md", False)]
    assert item_of(show, "first-guid")


def test_a_check_says_the_same(show):
    show.episode(FIFTH)
    code, file = too_long(show, FIFTH)
    a_slip(show, FIRST)
    assert show.run("check").status == 3
    outcome = show.run("check", "--skip-faulty", "--json")
    assert outcome.status == 7, outcome.stderr
    assert {(row["code"], row["file"]) for row in outcome.findings(code, "syntax")} == {
        (code, file),
        ("syntax", f"episodes/{FIRST}/episode.md"),
    }
    assert "“fifth” is held back" in outcome.stderr and "“first” stays as it was last published" in outcome.stderr
    show.configure('artwork = "artwork.jpg"', 'artwork = "nowhere.jpg"')
    assert show.run("check", "--skip-faulty").status == 3


def test_a_strict_check_stops_for_a_warning_and_not_for_what_is_held_back(show):
    show.episode(FIFTH)
    too_long(show, FIFTH)
    warnings = {row["code"] for row in show.run("check", "--skip-faulty", "--json").findings() if row["severity"] == "warning"}
    assert warnings
    assert show.run("check", "--skip-faulty", "--strict").status == 3
    ignored = [word for code in sorted(warnings) for word in ("--ignore", code)]
    assert show.run("check", "--skip-faulty", "--strict", *ignored).status == 7


def test_a_dry_run_says_what_would_be_held_back(show):
    show.episode(FIFTH)
    a_slip(show, FIFTH)
    before = tree(show.public)
    outcome = show.publish("--skip-faulty", "--dry-run", "--json")
    assert outcome.status == 7, outcome.stderr
    assert [row["slug"] for row in outcome.document["held"]] == ["fifth"]
    assert tree(show.public) == before
