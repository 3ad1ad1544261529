#!/usr/bin/env python3
"""Make today's episode and publish it: by cron, as often as you like. `daily.py 2026-05-01` makes up for a day that was missed.

Needs `publish`, and espeak-ng and ffmpeg for the voice; put your own text and voice in place of `words` and `speak`.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

SHOW = Path(__file__).resolve().parent


def words(day: dt.date) -> str:
    """What is said on this day."""
    left = (dt.date(day.year, 12, 31) - day).days
    return f"Good morning. It is {day:%A}, {day:%B} {day.day}. Of the year {day.year}, {left} days are left."


def speak(text: str, target: Path) -> None:
    """Record the text as an MP3."""
    voice = subprocess.run(["espeak-ng", "--stdout", text], check=True, capture_output=True)
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-y", "-i", "-", "-ar", "44100", "-b:a", "64k", str(target)], input=voice.stdout, check=True
    )


def make_episode(day: dt.date) -> None:
    """Write the day's folder; one that is there already stays as it is."""
    folder = SHOW / "episodes" / f"{day}-{day:%A}".lower()
    if (folder / "episode.md").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    speak(words(day), folder / "audio.mp3")
    front = [f'title = "{day:%A}, {day:%B} {day.day}"', f"date = {day}", f'slug = "{day}"', f'guid = "what-day-it-is-{day}"']
    (folder / "episode.md").write_text("\n".join(["+++", *front, "+++", "", words(day), ""]), "utf-8")  # last: now it counts


def main() -> int:
    """The episode, then a publish; its exit status."""
    make_episode(dt.date.fromisoformat(sys.argv[1]) if len(sys.argv) > 1 else dt.datetime.now(dt.UTC).date())
    return subprocess.run(["publish", "--yes", "--wait", "10m"], cwd=SHOW, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
