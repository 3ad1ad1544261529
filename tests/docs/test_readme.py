"""The README does what it says: what a reader would type is typed, in a home of their own, and what it promises is there."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from lxml import etree

from publisher.load.config_tables import StorageTable
from tests.support import ROOT

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
TRIED, OWN = ([line for line in text.replace("\\\n", " ").splitlines() if line] for kind, text in BLOCKS if kind == "sh")
"""The commands of "Try it", and of "Your own show, in five minutes"."""
[BUCKET] = (text for kind, text in BLOCKS if kind == "toml")
RECORDING = ROOT / "episodes" / "2026-05-03-the-zip-that-unbites-itself" / "audio.mp3"


def bare(line: str) -> str:
    """A command without the comment behind it."""
    return re.sub(r"\s+#.*", "", line)


def recipe(target: str) -> list[str]:
    """What `make TARGET` does once everything is installed, line by line."""
    lines = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1].splitlines()
    return [line.strip().removeprefix("@").replace("$(BIN)", ".venv/bin") for line in lines]


class Reader:
    """Somebody at a shell."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self.folder = home
        programs = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        self.environment = {"HOME": str(home), "PATH": programs, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}

    def type(self, line: str) -> str:
        """Run one line, which must end well; what it says."""
        done = subprocess.run(
            ["bash", "-ec", f"{line}\npwd >&2"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        self.folder = Path(done.stderr.splitlines()[-1])
        return done.stdout + done.stderr

    def look(self, line: str) -> str:
        """Run a preview, on any port that is free, until its first page is there; end it with Ctrl-C."""
        with subprocess.Popen(
            ["bash", "-c", f"exec {line} --port 0"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            limit = threading.Timer(60, process.kill)
            limit.start()
            try:
                address = next((found[0] for said in process.stdout if (found := re.search(r"http://\S+", said))), None)
                assert address, "it ended without a word about its address"
                page = httpx.get(address, timeout=30, follow_redirects=True).raise_for_status().text
            finally:
                limit.cancel()
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=30)
        return page


def is_published(public: Path, episodes: int) -> None:
    """So many episodes are out, if not more by now: the feed can be read; what it names lies there, each recording with its length."""
    items = etree.parse(public / "feed.xml").findall("channel/item")
    assert len(items) >= episodes
    for item in items:
        page, recording = (
            public / unquote(urlsplit(address).path).lstrip("/") for address in (item.findtext("link"), item.find("enclosure").get("url"))
        )
        assert item.findtext("title") in page.read_text("utf-8")
        assert recording.stat().st_size == int(item.find("enclosure").get("length"))


def test_the_sample_show_is_published_and_previewed_as_it_says(tmp_path):
    reader = Reader(tmp_path / "home")
    shutil.copytree(ROOT / "episodes", reader.folder / "episodes")
    for file in ("config.toml", "artwork.jpg"):
        shutil.copy(ROOT / file, reader.folder)
    (reader.folder / ".venv").symlink_to(sys.prefix)
    assert [bare(line) for line in TRIED] == ["make publish", "make test"], "the second runs this very test"
    for line in recipe("publish"):
        reader.type(line)
    is_published(reader.folder / "public", episodes=4)
    for name in re.findall(r"^  (\S+?)/?(?=\s)", next(text for _, text in BLOCKS if text.startswith("public/")), re.MULTILINE):
        found = list((reader.folder / "public").glob(name.replace("a-title", "*").replace("1a2b3c4d", "*").replace("…", "*")))
        assert found, f"{name} is not there"
    assert "`.venv/bin/publish preview`" in README
    assert "A letter to the toaster" in reader.look(".venv/bin/publish preview"), "it is due in 2031"


def test_a_show_of_ones_own_in_five_minutes(tmp_path):
    reader = Reader(tmp_path / "home")
    shutil.copy(ROOT / "artwork.jpg", reader.folder / "cover.jpg")
    (reader.folder / "recordings").mkdir()
    shutil.copy(RECORDING, reader.folder / "recordings" / "first.mp3")
    install, *commands = map(bare, OWN)
    assert install == "pip install .", "it is installed already"
    for command in commands:
        if command == "publish preview":
            assert "The first one" in reader.look(command)
        else:
            reader.type(command)
    is_published(reader.folder / "public", episodes=1)
    assert "0 files to send" in reader.type("publish --dry-run")


@pytest.mark.parametrize("row", re.findall(r"^# .*?: +(provider = .*)$", BUCKET, re.MULTILINE))
def test_each_service_is_one_that_the_config_knows(row):
    storage = tomllib.loads(BUCKET)["storage"] | tomllib.loads(row.replace(",", "\n"))
    StorageTable.model_validate(storage)
