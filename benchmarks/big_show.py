"""A show of any size for the benchmarks: N episodes, each with notes, chapters, a transcript and a tiny recording of its own."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

TALK = """the a quiet machine listens while two people talk about small things that turn and click never quite stop soon because somebody
remembered yesterday's recording before breakfast in an ordinary kitchen with enough coffee for everyone"""
WORDS = TALK.split()
LENGTHS = (16, 62, 34, 9, 78, 45, 27, 118, 55, 38, 20, 96, 66, 30, 48, 140)
"""Characters of a line of speech, one after another: as speech recognition writes them, half of them too long for one line of a caption."""


def sentence(seed: int, length: int = 9) -> str:
    """Words in a row; the same seed gives the same ones."""
    return " ".join(WORDS[(seed * 7 + place * 5 + seed // 11) % len(WORDS)] for place in range(length)).capitalize() + "."


def speech(number: int, cues: int) -> list[tuple[float, float, str]]:
    """What is said in an episode, each line with its first and last second.

    Some are as speech recognition leaves them: one in fifty begins with the one before, one in twenty has two stops too few of
    an ellipsis, one in fifty a character that is not ASCII, and the first is empty.
    """
    step = 30_000 // cues
    edges = [place * step + (number * 37 + place * 53) % max(step - 10, 1) for place in range(cues)] + [30_500]
    lines = []
    for place in range(cues):
        words = sentence(number + place, 30)[: LENGTHS[(place + number) % len(LENGTHS)]].strip(" .")
        words += "" if not place else ".." if place % 20 == 7 else " – yes." if place % 50 == 11 else "." if place % 5 else ""
        start = edges[place - 1] if place % 50 == 23 else edges[place]
        lines.append((start / 1000, edges[place + 1] / 1000, words if place else ""))
    return lines


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
    folder: Path, episodes: int, *, cues: int = 296, site: str = "https://big.example", storage: str = "public", extra: str = ""
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


def add_episode(folder: Path, number: int, date: dt.datetime, tone: bytes, cues: int = 296) -> Path:
    """One episode more."""
    path = folder / "episodes" / f"{date.date().isoformat()}-episode-{number}"
    path.mkdir(parents=True, exist_ok=True)
    notes = "\n\n".join(" ".join(sentence(number * 31 + line * 3 + part) for part in range(5)) for line in range(6))
    head = f'+++\ntitle = "{sentence(number, 4)[:-1]} ({number})"\ndate = {date.isoformat()}\nguid = "{uuid.UUID(int=number + 1)}"\n+++\n\n'
    (path / "episode.md").write_text(head + notes + "\n")
    (path / "chapters.txt").write_text("".join(f"00:{place * 6:02} Part {place + 1}\n" for place in range(5)))
    stamped = [f"00:{int(start // 60):02}:{start % 60:06.3f}: {words}".rstrip() + "\n" for start, _, words in speech(number, cues)]
    (path / "transcript.txt").write_text("".join(stamped))
    (path / "audio.mp3").write_bytes(tone[:-8] + number.to_bytes(8, "big"))
    before = time.time() - 3600
    os.utime(path / "audio.mp3", (before, before))
    return path


if __name__ == "__main__":
    make_show(Path(sys.argv[1]), int(sys.argv[2]), cues=int(sys.argv[3]) if len(sys.argv) > 3 else 296)
