"""Links in a show's folder: what leads out of it, or is no regular file, is named and never opened; what stays inside works."""

from __future__ import annotations

import os
import shutil
import threading
from typing import TYPE_CHECKING

import pytest

from tests.support.show_factory import make_show, picture, recording, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.show_factory import Outcome, Show

SECRET = "hunter2-is-the-password"
FIRST = "episodes/2026-05-01-first"
TEXTS = {
    "episode.md": f'+++\ntitle = "x"\ndate = 2026-05-01\nguid = "first-guid"\n+++\n\n{SECRET}\n',
    "vtt": f"WEBVTT\n\n00:00.000 --> 00:05.000\n{SECRET}\n",
    "srt": f"1\n00:00:00,000 --> 00:00:05,000\n{SECRET}\n",
    "json": f'{{"version": "1.0.0", "segments": [{{"startTime": 0, "endTime": 5, "body": "{SECRET}"}}]}}',
    "chapters.json": f'{{"version": "1.2.0", "chapters": [{{"startTime": 0, "title": "{SECRET}"}}]}}',
    "chapters.txt": f"00:00 {SECRET}\n00:10 other\n",
    "comments": f'{{"comments": [{{"name": "x", "text": "{SECRET}"}}]}}',
    "key": f"AWS_SECRET_ACCESS_KEY={SECRET}\n",
    "footer": f"<footer>{SECRET}</footer>",
    "css": f"/* {SECRET} */",
}
FILES = {  # file of the show: what lies outside behind its link, and what is written to name it
    f"{FIRST}/episode.md": ("episode.md", ""),
    f"{FIRST}/transcript.vtt": ("vtt", ""),
    f"{FIRST}/transcript.de.srt": ("srt", ""),
    f"{FIRST}/transcript.json": ("json", ""),
    f"{FIRST}/transcript.html": ("footer", ""),
    f"{FIRST}/transcript.txt": ("key", ""),
    f"{FIRST}/chapters.json": ("chapters.json", ""),
    f"{FIRST}/chapters.txt": ("chapters.txt", ""),
    f"{FIRST}/cover.jpg": ("picture", ""),
    f"{FIRST}/named.png": ("picture", 'cover = "named.png"'),
    f"{FIRST}/notes.png": ("picture", "![a plain field](notes.png)"),
    f"{FIRST}/shown.png": ("picture", 'images = [{ href = "shown.png" }]'),
    f"{FIRST}/chapter.png": ("picture", 'chapters = [{ start = 0, title = "one", image = "chapter.png" }]'),
    f"{FIRST}/audio.mp3": ("recording", ""),
    f"{FIRST}/other.mp3": ("recording", '[[alternates]]\nfile = "other.mp3"'),
    f"{FIRST}/other.opus": ("key", '[[alternates]]\nfile = "other.opus"'),
    "pages/about.md": ("key", ""),
    "comments/first.json": ("comments", ""),
    "theme/footer.html": ("footer", ""),
    "theme/site.css": ("css", ""),
    "theme/extra.js": ("key", ""),
    "theme/parts/deep.html": ("footer", ""),
    "artwork.jpg": ("picture", ""),
    "pictures/ada.jpg": ("picture", '[people.ada]\nimage = "pictures/ada.jpg"'),
    "season.jpg": ("picture", '[seasons.1]\nname = "x"\nartwork = "season.jpg"'),
    "banner.png": ("picture", 'images = [{ href = "banner.png" }]'),
    "config.toml": ("key", ""),
}
FOLDERS = ("episodes", FIRST, "pages", "comments", "theme", "theme/parts")


@pytest.fixture
def show(tmp_path: Path) -> Show:
    made = make_show(tmp_path / "show")
    made.episode()
    made.write("pages/help.md", "# Help\n\nWrite to us.\n")
    made.write("comments/none.json", '{"comments": []}')
    made.write("theme/own.css", "p{}")
    made.write("theme/parts/deeper.html", "x")
    return made


def body_of(kind: str) -> bytes:
    if kind == "picture":
        return picture(1500, 1500)
    return recording(voice=99) if kind == "recording" else TEXTS[kind].encode()


def name_it(show: Show, file: str, written: str) -> None:
    """Write what names a file into the config, or into the front matter or notes of its episode."""
    if not written:
        return
    if written.startswith("!"):
        show.edit(FIRST.partition("/")[2], "Some notes.", written)
    elif file.startswith("episodes/"):
        show.edit(FIRST.partition("/")[2], "\n+++\n\n", f"\n{written}\n+++\n\n")
    elif written.startswith("[people.ada]"):
        show.configure("[people.ada]", written)
    elif written.startswith("["):
        show.config.write_text(f"{show.config.read_text()}\n{written}\n")
    else:
        show.configure("[show]", f"[show]\n{written}")


def put(show: Show, file: str, make: Callable[[Path], None]) -> None:
    """`make` a file in the place of one of the show."""
    path = show.folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    make(path)


def is_refused(outcome: Outcome, show: Show, *names: str) -> None:
    """The command ends in a content error that names the file and says what to do, and nothing is in the output folder."""
    assert outcome.status == 3, outcome.stdout + outcome.stderr
    said = outcome.stdout + outcome.stderr
    assert any(name in said for name in names), said
    assert SECRET not in said
    assert not tree(show.public) if show.public.is_dir() else True


@pytest.mark.parametrize("file", FILES)
def test_a_link_out_of_the_folder_is_refused_whatever_it_stands_for(show, tmp_path, file):
    kind, written = FILES[file]
    (tmp_path / "outside").write_bytes(body_of(kind))
    name_it(show, file, written)
    put(show, file, lambda path: path.symlink_to(tmp_path / "outside"))
    outcome = show.publish("--json")
    is_refused(outcome, show, file, file.rpartition("/")[2])
    if file != "config.toml":
        (found,) = outcome.findings("path-outside")
        assert (found["severity"], bool(found["file"]), bool(found["hint"])) == ("error", True, True)
        assert "leads out of the" in found["message"] or "lies outside the" in found["message"]
        assert not written or written.startswith("[") or found["line"] > 0


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_that_is_a_link_out_is_refused_as_a_whole(show, tmp_path, folder):
    shutil.move(show.folder / folder, tmp_path / "outside")
    (show.folder / folder).symlink_to(tmp_path / "outside")
    outcome = show.publish("--json")
    is_refused(outcome, show, folder)
    assert [found["file"] for found in outcome.findings("path-outside")] == [folder]


ODD = {  # what is no regular file of a sensible size, and the code it is refused with
    "a pipe": (os.mkfifo, "not-a-file"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "path-outside"),
    "an environment": (lambda path: path.symlink_to("/proc/self/environ"), "path-outside"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "link-broken"),
    "a link to nothing": (lambda path: path.symlink_to("nothing-of-the-kind"), "link-broken"),
    "a link to nothing outside": (lambda path: path.symlink_to("/nothing-of-the-kind"), "path-outside"),
    "a link to a folder": (lambda path: path.symlink_to(path.parent), "not-a-file"),
    "a folder": (lambda path: path.mkdir(), "not-a-file"),
    "far too large": (lambda path: (path.touch(), os.truncate(path, 1 << 30)), "file-too-large"),
}
PLACES = (
    *(f"{FIRST}/{name}" for name in ("episode.md", "transcript.vtt", "chapters.json", "cover.jpg")),
    *("pages/about.md", "comments/first.json", "theme/site.css", "theme/footer.html", "artwork.jpg"),
)


ODD_FILES = [(odd, file) for file in PLACES for odd in ODD if "folder" not in odd or not file.startswith("theme/")]


@pytest.mark.parametrize(("odd", "file"), ODD_FILES)
def test_what_is_no_regular_file_of_a_sensible_size_is_refused_unopened(show, odd, file):
    make, code = ODD[odd]
    put(show, file, make)
    outcomes: list[Outcome] = []
    running = threading.Thread(target=lambda: outcomes.append(show.publish("--json")), daemon=True)
    running.start()
    running.join(30)
    assert outcomes, "the command hangs"
    is_refused(outcomes[0], show, file)
    codes = {found["code"] for found in outcomes[0].findings() if found["severity"] == "error"}
    assert code in codes or (file.endswith("episode.md") and codes == {"notes-too-large"}), codes


@pytest.mark.parametrize("odd", ["a pipe", "a device", "far too large"])
def test_a_config_that_is_no_file_is_refused_unopened(show, odd):
    put(show, "config.toml", ODD[odd][0])
    is_refused(show.program("--no-verify"), show, "config.toml")


def test_a_draft_is_no_way_around(show, tmp_path):
    (tmp_path / "outside").write_text(TEXTS["vtt"])
    show.episode("later", date=None, front="draft = true")
    (show.folder / "episodes/later/transcript.vtt").symlink_to(tmp_path / "outside")
    outcome = show.publish("--json")
    assert outcome.status == 0
    (found,) = outcome.findings("path-outside")
    assert (found["severity"], found["file"]) == ("warning", "episodes/later/transcript.vtt")
    assert show.run("build", "--out", str(show.folder / "out")).status == 0
    assert not [name for folder in (show.public, show.folder / "out") for name, body in tree(folder).items() if SECRET.encode() in body]


def test_links_that_stay_in_the_folder_work(show):
    show.write("shared/words.vtt", TEXTS["vtt"].replace(SECRET, "kept words"))
    show.write("shared/about.md", "# About\n\nkept page\n")
    show.write("shared/cover.jpg", picture(1500, 1500))
    (show.folder / FIRST / "transcript.vtt").symlink_to("../../shared/words.vtt")
    (show.folder / FIRST / "cover.jpg").symlink_to("../../shared/cover.jpg")
    (show.folder / "pages/about.md").symlink_to("../shared/about.md")
    (show.folder / "episodes/2026-05-08-second").symlink_to("../shared/second")
    show.episode("2026-05-08-second-real", date="2026-05-08T06:00:00Z")
    (show.folder / "episodes/2026-05-08-second-real").rename(show.folder / "shared/second")
    assert show.publish("--json").status == 0
    assert b"kept words" in tree(show.public)["episodes/first.html"]
    assert b"kept page" in tree(show.public)["about.html"]
    assert "episodes/second.html" in tree(show.public)
    show.write("shared/words.vtt", TEXTS["vtt"].replace(SECRET, "other words"))
    assert show.publish("--json").status == 0
    assert b"other words" in tree(show.public)["episodes/first.html"]


@pytest.mark.parametrize("file", [f"{FIRST}/transcript.vtt", f"{FIRST}/episode.md", f"{FIRST}/cover.jpg", "pages/help.md", "artwork.jpg"])
def test_no_cache_lets_a_link_to_the_very_same_file_outside_slip_through(show, tmp_path, file):
    show.write(f"{FIRST}/transcript.vtt", TEXTS["vtt"].replace(SECRET, "words"))
    show.write(f"{FIRST}/cover.jpg", picture(1500, 1500))
    for path in show.folder.rglob("*"):
        if path.is_file():
            os.utime(path, (1_700_000_000, 1_700_000_000))
    assert [show.publish().status for _ in range(3)] == [0, 0, 0]
    (show.folder / file).rename(tmp_path / "outside")  # same bytes, size, time and inode
    (show.folder / file).symlink_to(tmp_path / "outside")
    outcome = show.publish("--json")
    assert outcome.status == 3
    assert outcome.findings("path-outside")


OPUS = b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01" + bytes(300)


def library(show: Show, tmp_path: Path, *, named: bool = True) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    if named:
        show.configure("[storage]", f'[load]\nlinked = ["{folder}"]\n\n[storage]')
    (folder / "one.mp3").write_bytes(recording(voice=7))
    return folder


def test_a_recording_may_lie_in_a_library_that_the_config_names(show, tmp_path):
    folder = library(show, tmp_path)
    put(show, f"{FIRST}/audio.mp3", lambda path: path.symlink_to(folder / "one.mp3"))
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00Z", audio=None, front=f'audio = "{folder}/one.mp3"')
    assert show.publish("--json").status == 0
    assert {"episodes/first.html", "episodes/second.html"} <= tree(show.public).keys()


def test_a_library_may_be_named_from_the_folder(show, tmp_path):
    folder = library(show, tmp_path, named=False)
    show.configure("[storage]", '[load]\nlinked = ["../recordings"]\n\n[storage]')
    put(show, f"{FIRST}/audio.mp3", lambda path: path.symlink_to(folder / "one.mp3"))
    assert show.publish("--json").status == 0


@pytest.mark.parametrize("named", ["audio.mp3", "other.opus", "other.mp3"])
def test_only_what_is_audio_by_content_is_taken_from_a_library(show, tmp_path, named):
    folder = library(show, tmp_path)
    (folder / "notes.mp3").write_text(TEXTS["key"] * 50)
    if named != "audio.mp3":
        name_it(show, FIRST + "/x", f'[[alternates]]\nfile = "{named}"')
    put(show, f"{FIRST}/{named}", lambda path: path.symlink_to(folder / "notes.mp3"))
    outcome = show.publish("--json")
    is_refused(outcome, show, named)
    assert outcome.findings("audio-not-audio")


@pytest.mark.parametrize(("kept", "sound"), [("library", OPUS), ("episode", OPUS), ("episode", b"#!SILK_V3, which nobody here knows" * 50)])
def test_another_encoding_whose_length_nobody_measures_is_taken(show, tmp_path, kept, sound):
    folder = library(show, tmp_path)
    name_it(show, FIRST + "/x", '[[alternates]]\nfile = "other.opus"')
    if kept == "library":
        (folder / "other.opus").write_bytes(sound)
        put(show, f"{FIRST}/other.opus", lambda path: path.symlink_to(folder / "other.opus"))
    else:
        show.write(f"{FIRST}/other.opus", sound)
    done = show.publish("--json")
    assert done.status == 0, done.stderr
    assert sound in tree(show.public).values()


def test_nothing_but_recordings_is_taken_from_a_library(show, tmp_path):
    folder = library(show, tmp_path)
    (folder / "words.vtt").write_text(TEXTS["vtt"])
    put(show, f"{FIRST}/transcript.vtt", lambda path: path.symlink_to(folder / "words.vtt"))
    is_refused(show.publish("--json"), show, "transcript.vtt")


def test_a_recording_in_another_place_than_the_library_is_refused(show, tmp_path):
    library(show, tmp_path)
    (tmp_path / "elsewhere.mp3").write_bytes(recording(voice=8))
    put(show, f"{FIRST}/audio.mp3", lambda path: path.symlink_to(tmp_path / "elsewhere.mp3"))
    outcome = show.publish("--json")
    is_refused(outcome, show, "audio.mp3")
    assert "[load] linked" in outcome.findings("path-outside")[0]["hint"]


def test_a_cache_that_is_a_link_out_of_the_folder_is_not_written(show, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (show.folder / ".airdate-cache").symlink_to(tmp_path / "elsewhere")
    assert show.publish().status == 0
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_draft_is_not_begun_where_a_link_leads(show, tmp_path):
    shutil.rmtree(show.folder / "episodes")
    (tmp_path / "elsewhere").mkdir()
    (show.folder / "episodes").symlink_to(tmp_path / "elsewhere")
    outcome = show.run("new", "A title")
    assert outcome.status == 2 and "leads out of the show's folder" in outcome.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []
