"""From nothing to an episode that is heard: six lines are typed and four things decided, and gPodder has the recording."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT
from tests.support.needs import needs
from tests.support.podcast_clients import gpodder, gpodder_download
from tests.support.show_factory import picture, recording

TYPED = (
    "pip install {airdate}",
    "publish init show --title {title} --url {address} --artwork {cover} --storage {folder}",
    "cd show",
    "publish new {episode} --audio {recording}",
    "publish release the-first-table",
    "publish",
)
"""`{…}` is what somebody has to decide, but for what they came with: Airdate, a recording, and the folder that their host serves."""


@needs("clients", "gpo")
def test_six_typed_lines_and_four_decisions_until_an_episode_is_heard(served, tmp_path):
    folder, address = served
    sound, cover = tmp_path / "table.mp3", tmp_path / "cover.jpg"
    sound.write_bytes(recording(20.0))
    cover.write_bytes(picture(3000, 3000))
    decided = {"title": "Kitchen Tables", "address": address.rstrip("/"), "cover": str(cover), "episode": "The first table"}
    brought = {"recording": str(sound), "folder": str(folder)}
    assert len(TYPED) <= 6 and len(decided) <= 4
    here = tmp_path / "home"
    here.mkdir()
    environment = {"HOME": str(here), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    for line in TYPED[1:]:  # installing is what `make test` did
        typed = line.format(**{name: shlex.quote(value) for name, value in {**decided, **brought}.items()})
        if typed.startswith("cd "):
            here /= typed.removeprefix("cd ")
            continue
        done = subprocess.run(
            shlex.split(typed),
            cwd=here,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{typed}\n{done.stdout}{done.stderr}"
    feed = f"{address}feed.xml"
    (heard,) = gpodder(tmp_path / "listener", feed)
    assert heard.title == "The first table"
    file = gpodder_download(tmp_path / "listener", feed, heard.guid)
    assert file.stat().st_size > 100_000 and os.fspath(file).endswith(".mp3")
    assert file.read_bytes() == next((folder / "media").glob("*.mp3")).read_bytes()
