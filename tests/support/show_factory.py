"""A small complete show in a folder, and the command run on it: what tests of the whole line begin with."""

from __future__ import annotations

import functools
import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOW = "2026-06-01T12:00:00+00:00"
CONFIG = """\
[show]
title = "A Small Show"
description = "Machines one can reach from a chair."
author = "Ada Field"
language = "en"
categories = ["Science"]
artwork = "artwork.jpg"
artwork_alt = "A plain field of blue."
explicit = false
timezone = "Europe/Berlin"
guid = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"
hosts = ["ada"]

[show.owner]
name = "Ada Field"
email = "ada@small.example"

[people.ada]
name = "Ada Field"

[site]
url = "https://small.example"
search = false
social_images = false

[storage]
url = "public"
"""
LIVE = """
[[live]]
title = "From the tower"
status = "pending"
start = 2026-07-01T19:00:00
end = 2026-07-01T20:00:00
guid = "live-1"
url = "https://small.example/live.mp3"
content_links = [{href = "https://small.example/live", label = "Watch"}]
"""
"""A live stream, for the end of CONFIG."""
HUMBLE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
"""Root without the right to pass over permissions: a folder's owner like any other."""
FRAME = bytes([0xFF, 0xFB, 0x50, 0xC4])
"""An MPEG-1 layer III frame's header: 64 kbit/s, 44.1 kHz, mono; what follows it may be silence."""
FRAME_BYTES = 208
FRAMES_A_SECOND = 44_100 / 1152


@functools.cache
def recording(seconds: float = 20.0, voice: int = 0) -> bytes:
    """An MP3 of silence; another `voice` gives other bytes of the same length."""
    silent = FRAME + bytes(FRAME_BYTES - 4)
    last = FRAME + bytes(FRAME_BYTES - 5) + bytes([voice % 256])
    return silent * (round(seconds * FRAMES_A_SECOND) - 1) + last


@functools.cache
def long_recording(seconds: float, voice: int = 0) -> bytes:
    """The same with a byte more in each frame, as encoders keep to their bit rate: programs that go by it tell the right length."""
    header = FRAME[:2] + bytes((FRAME[2] | 2, FRAME[3]))
    silent = header + bytes(FRAME_BYTES - 3)
    return silent * (round(seconds * FRAMES_A_SECOND) - 1) + silent[:-1] + bytes([voice % 256])


@functools.cache
def picture(width: int = 1400, height: int = 1400, form: str = "JPEG", mode: str = "RGB") -> bytes:
    """A picture of one colour."""
    from PIL import Image

    stream = io.BytesIO()
    Image.new(mode, (width, height), 0 if mode in ("L", "1") else (30, 90, 120, 0)[: len(mode)]).save(stream, form)
    return stream.getvalue()


@dataclass
class Outcome:
    """What one run of the command said and how it ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.stdout)

    def findings(self, *codes: str) -> list[dict[str, Any]]:
        """The findings in the JSON document, of these codes only where some are given."""
        document = self.document
        rows = document if isinstance(document, list) else document["findings"]
        return [row for row in rows if not codes or row["code"] in codes]


@dataclass
class Show:
    """A show's folder, with hands to write in it."""

    folder: Path
    now: str = NOW
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def public(self) -> Path:
        return self.folder / "public"

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def configure(self, old: str, new: str) -> None:
        """Replace a part of config.toml, which must be there."""
        self._replace(self.config, old, new)

    def episode(
        self,
        name: str = "2026-05-01-first",
        *,
        title: str | None = None,
        date: str | None = "2026-05-01T06:00:00+02:00",
        front: str = "",
        notes: str = "Some notes.\n",
        audio: bytes | None = b"",
        guid: bool = True,
    ) -> Path:
        """Add an episode; `audio` b"" is a recording of its own, None is none."""
        slug = name[11:] if name[:4].isdecimal() else name
        lines = [f'title = "{title or slug.replace("-", " ").title()}"']
        lines += [f"date = {date}"] if date else []
        lines += [f'guid = "{slug}-guid"'] if guid else []
        lines += [front.rstrip("\n")] if front else []
        self.write(f"episodes/{name}/episode.md", "\n".join(["+++", *lines, "+++", "", notes]))
        if audio is not None:
            self.write(f"episodes/{name}/audio.mp3", audio or recording(voice=sum(slug.encode())))
        return self.folder / "episodes" / name

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a part of an episode.md, which must be there."""
        self._replace(self.folder / "episodes" / name / "episode.md", old, new)

    def remove(self, name: str) -> None:
        shutil.rmtree(self.folder / "episodes" / name)

    def rename(self, old: str, new: str) -> None:
        (self.folder / "episodes" / old).rename(self.folder / "episodes" / new)

    def copy(self, target: Path, *, audio: bool = True) -> Show:
        """Another clone of the same show, as git gives it (the folder storage and the cache stay behind)."""
        skipped = shutil.ignore_patterns("public", ".airdate-cache", *(() if audio else ("audio.*",)))
        shutil.copytree(self.folder, target, ignore=skipped)
        return Show(target, now=self.now, environment=dict(self.environment))

    def run(self, *arguments: str, now: str | None = None) -> Outcome:
        """`publish ARGUMENTS` in this process."""
        from publisher.cli.command_line import main

        stdout, stderr = io.StringIO(), io.StringIO()
        with redirect_stdout(stdout), redirect_stderr(stderr):
            status = main(["--config", str(self.config), "--now", now or self.now, *arguments])
        return Outcome(int(status), stdout.getvalue(), stderr.getvalue())

    def publish(self, *arguments: str, now: str | None = None) -> Outcome:
        """`publish --no-verify ARGUMENTS`, in this process."""
        return self.run("--no-verify", *arguments, now=now)

    def program(
        self, *arguments: str, now: str | None = None, code: str = "", env: Mapping[str, str] | None = None, humble: bool = False
    ) -> Outcome:
        """`publish ARGUMENTS` in a process of its own; `code` is Python that runs after it. `humble`: permissions hold, for root too."""
        call = ["--config", str(self.config), "--now", now or self.now, *arguments]
        script = f"import sys\nfrom publisher.cli import main\nstatus = main({call!r})\n{code}\nsys.exit(status)"
        done = subprocess.run(
            [*(HUMBLE if humble and os.geteuid() == 0 else ()), sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, **self.environment, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    @staticmethod
    def _replace(path: Path, old: str, new: str) -> None:
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new, 1), "utf-8")


def make_show(folder: Path, *, storage: str = "public") -> Show:
    """A new show without episodes in `folder`."""
    show = Show(folder)
    show.write("config.toml", CONFIG.replace('url = "public"', f'url = "{storage}"'))
    show.write("artwork.jpg", picture())
    return show


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, locks and leftovers aside."""
    names = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if "/." not in name}
