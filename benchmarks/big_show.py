"""A show of any size for the benchmarks: N episodes, each with notes, chapters, a transcript and a tiny recording of its own."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

WORDS = ["the", "a", "quiet", "machine", "listens", "while", "two", "people", "talk", "about", "small", "things", "that", "turn", "and"]
WORDS += ["click", "never", "quite", "stop", "soon"]


def sentence(seed: int, length: int = 9) -> str:
    """A line of speech; the same seed gives the same words."""
    return " ".join(WORDS[(seed * 7 + place * 5 + seed // 11) % len(WORDS)] for place in range(length)).capitalize() + "."


def make_tone(path: Path) -> bytes:
    """Half a minute of sound as a small MP3, made once."""
    if not path.exists():
        command = [
            "ffmpeg",
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=31",
            "-ac",
            "1",
            "-ar",
            "8000",
            "-b:a",
            "8k",
        ]
        subprocess.run([*command, "-map_metadata", "-1", str(path)], check=True)
    return path.read_bytes()


def make_artwork(path: Path) -> None:
    """A plain square."""
    from PIL import Image

    Image.new("RGB", (1400, 1400), "#204060").save(path, quality=80)


def make_show(
    folder: Path, episodes: int, *, cues: int = 300, site: str = "https://big.example", storage: str = "public", extra: str = ""
) -> None:
    """Write the show. The recordings differ in their last bytes, so that no two share a hash."""
    folder.mkdir(parents=True, exist_ok=True)
    tone = make_tone(folder.parent / "tone.mp3")
    make_artwork(folder / "artwork.jpg")
    (folder / "config.toml").write_text(f"""[show]
title = "A big show"
description = "Many episodes about small things."
author = "Nobody"
language = "en"
categories = ["Technology"]
explicit = false
timezone = "UTC"
guid = "7f3c1f0e-6f0a-5d0f-9f1e-2d6a0f6f4c99"
hosts = ["ann"]
[people.ann]
name = "Ann"
[site]
url = "{site}"
search = false
social_images = false
[storage]
url = "{storage}"
{extra}
[audio]
tags = false
""")
    start = dt.datetime(2010, 1, 1, 6, tzinfo=dt.UTC)
    for number in range(episodes):
        add_episode(folder, number, start + dt.timedelta(hours=12 * number), tone, cues)


def add_episode(folder: Path, number: int, date: dt.datetime, tone: bytes, cues: int = 300) -> Path:
    """One episode more."""
    path = folder / "episodes" / f"{date.date().isoformat()}-episode-{number}"
    path.mkdir(parents=True, exist_ok=True)
    notes = "\n\n".join(" ".join(sentence(number * 31 + line * 3 + part) for part in range(5)) for line in range(6))
    head = f'+++\ntitle = "{sentence(number, 4)[:-1]} ({number})"\ndate = {date.isoformat()}\nguid = "{uuid.UUID(int=number + 1)}"\n+++\n\n'
    (path / "episode.md").write_text(head + notes + "\n")
    (path / "chapters.txt").write_text("".join(f"00:{place * 6:02} Part {place + 1}\n" for place in range(5)))
    step = 30_000 // cues
    edges = [place * step + (number * 37 + place * 53) % max(step - 10, 1) for place in range(cues)] + [30_500]
    times = [f"00:{edge // 1000:02}.{edge % 1000:03}" for edge in edges]
    lines = [f"{times[place]} --> {times[place + 1]}\n<v Ann>{sentence(number + place)}\n" for place in range(cues)]
    (path / "transcript.vtt").write_text("WEBVTT\n\n" + "\n".join(lines))
    (path / "audio.mp3").write_bytes(tone[:-8] + number.to_bytes(8, "big"))
    before = time.time() - 3600
    os.utime(path / "audio.mp3", (before, before))
    return path


if __name__ == "__main__":
    make_show(Path(sys.argv[1]), int(sys.argv[2]), cues=int(sys.argv[3]) if len(sys.argv) > 3 else 300)
