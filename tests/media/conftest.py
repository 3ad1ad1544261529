"""Recordings made by ffmpeg and espeak-ng once per run; the damage is done by the fixtures below."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SINE = ("-f", "lavfi", "-i", "sine=440:d=20")
LOUDER = ("-f", "lavfi", "-i", "anoisesrc=d=20:a=0.5:seed=1,volume='if(lt(t,10),0,1)':eval=frame")
CHAPTERS = """;FFMETADATA1
title=A title
artist=Someone
album=The show
[CHAPTER]
TIMEBASE=1/1000
START=0
END=8000
title=Opening
[CHAPTER]
TIMEBASE=1/1000
START=8000
END=20000
title=Süßes
"""


class Sounds:
    """Recordings by name, made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def encode(self, name: str, *arguments: str) -> Path:
        path = self.folder / name
        if not path.exists():
            subprocess.run(["ffmpeg", "-v", "error", "-bitexact", *arguments, str(path)], check=True)
        return path

    def built(self, name: str, content: Callable[[], bytes]) -> Path:
        path = self.folder / name
        if not path.exists():
            path.write_bytes(content())
        return path

    @property
    def constant(self) -> Path:
        """20 s, stereo, 128 kbit/s, with an Info header."""
        return self.encode("constant.mp3", *SINE, "-ac", "2", "-b:a", "128k")

    @property
    def variable(self) -> Path:
        """20 s that begin in silence, with a Xing header."""
        return self.encode("variable.mp3", *LOUDER, "-q:a", "4")

    @property
    def variable_without_header(self) -> Path:
        return self.encode("headless.mp3", *LOUDER, "-q:a", "4", "-write_xing", "0", "-id3v2_version", "0")

    @property
    def wrong_header(self) -> Path:
        """The Xing header counts three times the frames; its bytes are right."""

        def patched() -> bytes:
            data = bytearray(self.variable.read_bytes())
            at = data.index(b"Xing") + 8
            data[at : at + 4] = (int.from_bytes(data[at : at + 4], "big") * 3).to_bytes(4, "big")
            return bytes(data)

        return self.built("wrong-header.mp3", patched)

    @property
    def joined(self) -> Path:
        return self.built("joined.mp3", lambda: self.constant.read_bytes() * 2)

    @property
    def truncated(self) -> Path:
        return self.built("truncated.mp3", lambda: self.constant.read_bytes()[: self.constant.stat().st_size // 2])

    @property
    def free_format(self) -> Path:
        """Frames of 320 kbit/s whose headers say "free" instead."""

        def freed() -> bytes:
            plain = self.encode("loud.mp3", *SINE, "-t", "3", "-ar", "48000", "-b:a", "320k", "-write_xing", "0", "-id3v2_version", "0")
            data = bytearray(plain.read_bytes())
            for at in range(0, len(data), 960):
                assert data[at] == 0xFF
                data[at + 2] &= 0x0F
            return bytes(data)

        return self.built("free.mp3", freed)

    @property
    def spoken(self) -> Path:
        """Speech as espeak-ng makes it: MPEG 2, 22.05 kHz, mono."""
        wav = self.folder / "spoken.wav"
        if not wav.exists():
            subprocess.run(["espeak-ng", "-w", str(wav), "Good morning. This is the show, and this is what happened today."], check=True)
        return self.encode("spoken.mp3", "-i", str(wav), "-b:a", "48k")

    @property
    def chaptered(self) -> Path:
        return self.encode("chaptered.mp3", *self._with_chapters(), "-b:a", "64k")

    @property
    def m4a(self) -> Path:
        """With chapters; its index stands at the end."""
        return self.encode("plain.m4a", *self._with_chapters(), "-c:a", "aac", "-b:a", "64k")

    @property
    def m4a_faststart(self) -> Path:
        return self.encode("fast.m4a", "-i", str(self.m4a), "-c", "copy", "-movflags", "+faststart")

    @property
    def video(self) -> Path:
        picture = ("-f", "lavfi", "-i", "testsrc=d=3:s=64x64")
        return self.encode("video.mp4", *picture, *SINE, "-t", "3", "-c:v", "mpeg4", "-c:a", "aac")

    def _with_chapters(self) -> tuple[str, ...]:
        meta = self.built("chapters.ffmeta", CHAPTERS.encode)
        return (*SINE, "-i", str(meta), "-map_metadata", "1", "-map_chapters", "1")


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Sounds:
    return Sounds(tmp_path_factory.mktemp("sounds"))


@pytest.fixture(scope="session")
def heard():
    """How long a file plays, in seconds, by another program's count of its packets."""

    def measure(path: Path) -> float:
        command = ["ffprobe", "-v", "quiet", "-select_streams", "a:0", "-show_entries", "packet=duration_time", "-of", "csv=p=0", str(path)]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        return sum(float(line.strip(",")) for line in lines)

    return measure
