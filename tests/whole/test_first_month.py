"""The first month of a show, walked with the real command: what is typed, and every word that is answered, kept as `first_month.txt`.

The file may be read aloud: `AIRDATE_WRITE=1 pytest tests/whole/test_first_month.py` writes it anew, and the difference is what changes for
somebody at midnight.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT
from tests.support.show_factory import picture, recording

STORY = Path(__file__).with_name("first_month.txt")
PUBLISH = str(Path(sys.executable).with_name("publish"))


class Walk:
    """Somebody at a shell: what is typed and answered is written down, without what differs from run to run."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.lines: list[str] = []

    def tell(self, words: str) -> None:
        """A line of the story itself."""
        self.lines += ["", f"# {words}"]

    def run(self, who: str, folder: str, now: str, line: str, status: int = 0) -> str:
        """Type a line at a moment of 2026; what is answered. It must end with this status."""
        environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "AIRDATE_BY": who}
        call = [PUBLISH, "--now", f"2026-{now}:00+02:00", *shlex.split(line)[1:]]
        done = subprocess.run(
            call,
            cwd=self.home / folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        answer = done.stderr + done.stdout
        assert done.returncode == status, f"{line}\n{answer}"
        shown = "" if status == 0 else f"   (ends with {status})"
        self.lines += ["", f"{who}, {now.replace('T', ' ')}$ {line}{shown}", *self._steady(answer).splitlines()]
        return answer

    def _steady(self, text: str) -> str:
        text = text.replace(str(self.home), "~")
        text = re.sub(r"&& \S+/publish ", "&& ~/.venv/bin/publish ", text)  # wherever it is installed
        text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "GUID", text)
        text = re.sub(r"in \d+\.\d s", "in 1.0 s", text)
        text = re.sub(r"\b\d+(\.\d)? (bytes|kB|MB)\b", "SIZE", text)
        return "\n".join(line.rstrip() for line in text.splitlines())


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, (old, text)
    path.write_text(text.replace(old, new, 1), "utf-8")


def episode(folder: Path, word: str) -> Path:
    """The episode with this word in its name."""
    return next(path for path in sorted((folder / "episodes").iterdir()) if word in path.name)


def walk(home: Path) -> list[str]:
    """The month, step by step; what was typed and answered."""
    at = Walk(home)
    begin(at, home / "show")
    go_on(at, home / "show")
    be_two(at, home / "show", home / "bobs")
    move(at, home / "show", home / "bobs")
    return at.lines


def begin(at: Walk, ann: Path) -> None:
    home = at.home
    for number in (1, 2, 3):
        (home / f"rec{number}.mp3").write_bytes(recording(voice=number))
    (home / "cover.jpg").write_bytes(picture(3000, 3000))

    at.tell("A new show")
    init = (
        'publish init show -y --title "Kitchen Tables" --author "Ann and Bob" --description "Two people at a table." --language en'
        " --category Arts --timezone Europe/Berlin --url https://tables.invalid --storage ../www --artwork cover.jpg"
    )
    at.run("Ann", ".", "06-01T20:00", init)
    at.run("Ann", "show", "06-01T20:01", 'publish new "The first table" --audio ../rec1.mp3')
    first = episode(ann, "first")
    change(first / "episode.md", "What is this episode about?", "We talk abuot the first table.")
    at.run("Ann", "show", "06-01T20:05", "publish", 5)
    at.run("Ann", "show", "06-01T20:06", "publish release the-first-table")
    at.run("Ann", "show", "06-01T20:07", "publish")
    at.run("Ann", "show", "06-01T20:08", "publish")

    at.tell("A typo")
    change(first / "episode.md", "abuot", "about")
    at.run("Ann", "show", "06-02T08:00", "publish --dry-run")
    at.run("Ann", "show", "06-02T08:01", "publish")


def go_on(at: Walk, ann: Path) -> None:
    first = episode(ann, "first")
    at.tell("A second episode, and a third that is to come out on its own day")
    at.run("Ann", "show", "06-08T20:00", 'publish new "The second table" --audio ../rec2.mp3')
    second = episode(ann, "second")
    change(second / "episode.md", "What is this episode about?", "The second one has three legs.")
    at.run("Ann", "show", "06-08T20:01", "publish release the-second-table")
    at.run("Ann", "show", "06-08T20:02", 'publish new "The third table" --audio ../rec3.mp3')
    third = episode(ann, "third")
    change(third / "episode.md", "What is this episode about?", "A table for one.")
    at.run("Ann", "show", "06-08T20:03", "publish release the-third-table --at 2026-06-15T06:00")
    at.run("Ann", "show", "06-08T20:04", "publish")
    at.run("Ann", "show", "06-08T20:05", "publish status")
    at.run("Ann", "show", "06-15T06:00", "publish")

    at.tell("A better recording of the first one, and another cover")
    (first / "audio.mp3").write_bytes(recording(voice=9))
    at.run("Ann", "show", "06-16T20:00", "publish", 3)
    change(first / "episode.md", "guid =", "audio_revision = 2\nguid =")
    at.run("Ann", "show", "06-16T20:01", "publish")
    (ann / "artwork.jpg").write_bytes(picture(3000, 3000, mode="L"))
    at.run("Ann", "show", "06-16T20:05", "publish")


def be_two(at: Walk, ann: Path, bob: Path) -> None:
    second, third = episode(ann, "second"), episode(ann, "third")
    at.tell("Bob has a clone, and corrects the second one; Ann had begun to change it, too")
    shutil.copytree(ann, bob, ignore=shutil.ignore_patterns(".airdate-cache", "*.mp3"))
    there = bob / "episodes" / second.name / "episode.md"
    change(there, "three legs", "four legs")
    at.run("Bob", "bobs", "06-17T21:00", "publish")
    change(second / "episode.md", "three legs", "five legs")
    at.run("Ann", "show", "06-18T09:00", "publish", 5)
    shutil.copyfile(there, second / "episode.md")
    at.run("Ann", "show", "06-18T09:05", "publish")

    at.tell("One has to go")
    at.run("Ann", "show", "06-20T10:00", "publish withdraw the-third-table --yes")
    at.run("Ann", "show", "06-20T10:05", "publish")
    change(third / "episode.md", "date =", "draft = true\ndate =")
    at.run("Ann", "show", "06-20T10:06", "publish")


def move(at: Walk, ann: Path, bob: Path) -> None:
    home = at.home
    at.tell("The show moves to another storage: its files are copied there first, then config.toml says so")
    shutil.copytree(home / "www", home / "www2")
    change(ann / "config.toml", '"../www"', '"../www2"')
    at.run("Ann", "show", "06-25T10:00", "publish")

    at.tell("Ann's laptop is lost: Bob has the texts, and the storage the recordings")
    shutil.rmtree(ann)
    change(bob / "config.toml", '"../www"', '"../www2"')
    change(episode(bob, "third") / "episode.md", "date =", "draft = true\ndate =")
    at.run("Bob", "bobs", "06-28T10:00", "publish")
    at.run("Bob", "bobs", "06-28T10:01", "publish pull")
    feed = (home / "www2/feed.xml").read_text("utf-8")
    assert feed.count("<item>") == 2 and "four legs" in feed and "A table for one" not in feed


def test_every_word_of_the_first_month_is_the_one_that_was_read(tmp_path):
    told = "\n".join(walk(tmp_path)).strip() + "\n"
    if os.environ.get("AIRDATE_WRITE"):
        STORY.write_text(told, "utf-8")
    assert told == STORY.read_text("utf-8")
