"""Make the sample show's media again: recordings, transcripts, chapters and pictures, from the texts in tools/scripts.

    python tools/make_media.py [SLUG …] [--pictures]

Needs the programs espeak-ng and ffmpeg, and Pillow. Without arguments everything is made; with slugs only their
recordings, with --pictures only the pictures. The same programs make the same bytes.
The times of transcripts and chapters are exact: every line is spoken by itself and measured before the next.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(__file__).resolve().parent / "scripts"
SHOW = "Click, Said the Latch"
VOICES = {"TILDA": ("en-gb-x-rp+f3", 158, 56), "OSWIN": ("en-gb-scotland+m3", 152, 38)}
"""Speaker -> espeak-ng voice, words a minute, pitch."""
RATE = 22050
PAUSE_BETWEEN_TURNS = 0.42
PAUSE_WITHIN_TURN = 0.18
PAUSE_BEFORE_CHAPTER = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One recording of the sample show, and the forms in which its texts are written beside it."""

    slug: str
    folder: str
    title: str
    date: str
    track: int = 0
    audio: str = "audio.mp3"
    transcript: str = "transcript.vtt"
    chapters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it was spoken: from `start` to `end`, in seconds."""

    start: float
    end: float
    speaker: str
    text: str
    turn: bool


TAKES = (
    Take(
        slug="a-very-small-beginning",
        folder="2026-04-26-a-very-small-beginning",
        title="A very small beginning",
        date="2026-04-26",
        transcript="transcript.json",
    ),
    Take(
        slug="the-zip-that-unbites-itself",
        folder="2026-05-03-the-zip-that-unbites-itself",
        title="The zip that unbites itself",
        date="2026-05-03",
        track=1,
        transcript="transcript.srt",
        chapters="chapters.txt",
    ),
    Take(
        slug="why-the-kettle-knows",
        folder="2026-05-10-why-the-kettle-knows",
        title="Why the kettle knows",
        date="2026-05-10",
        track=2,
        transcript="transcript.vtt",
    ),
    Take(
        slug="one-millimetre-of-ballpoint",
        folder="2026-05-17-one-millimetre-of-ballpoint",
        title="One millimetre of ballpoint",
        date="2026-05-17",
        track=3,
        audio="audio.m4a",
        transcript="transcript.txt",
    ),
    Take(
        slug="a-letter-to-the-toaster",
        folder="2031-03-02-a-letter-to-the-toaster",
        title="A letter to the toaster",
        date="2031-03-02",
        track=4,
    ),
)


def read_script(text: str) -> list[tuple[str, str, str]]:
    """(kind, speaker, text) per line: `# Title` opens a chapter, `NAME: …` a turn, a line without a name goes on with it."""
    parts: list[tuple[str, str, str]] = []
    speaker = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("# "):
            parts.append(("chapter", "", line[2:]))
            continue
        turn = re.match(r"([A-Z]+): ", line)
        speaker = turn[1] if turn else speaker
        parts.append(("turn" if turn else "line", speaker, line[turn.end() :] if turn else line))
    return parts


def speak(text: str, speaker: str, folder: Path) -> bytes:
    """The samples of one spoken line (16 bit, mono, RATE), silence cut at both ends."""
    voice, speed, pitch = VOICES[speaker]
    target = folder / "line.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(target), text], check=True)
    with wave.open(str(target)) as spoken:
        if (spoken.getframerate(), spoken.getnchannels(), spoken.getsampwidth()) != (RATE, 1, 2):
            raise SystemExit("espeak-ng no longer writes 22050 Hz, 16 bit, mono")
        samples: bytes = spoken.readframes(spoken.getnframes())
    first = next((at for at in range(0, len(samples), 2) if samples[at : at + 2] != b"\0\0"), 0)
    kept = samples[first:].rstrip(b"\0")
    return kept + b"\0" * (len(kept) % 2)  # the last sample's high byte may have been a zero


def record(take: Take, folder: Path) -> tuple[Path, list[Line], list[tuple[float, str]]]:
    """Speak a whole script: the sound as WAV, its lines and its chapters (start, title), which start on whole seconds."""
    whole_turns = take.transcript == "transcript.txt"  # that form knows no fractions
    sound = io.BytesIO()
    lines: list[Line] = []
    chapters: list[tuple[float, str]] = []

    def now() -> float:
        return sound.tell() / 2 / RATE

    def rest(seconds: float, *, whole: bool = False) -> None:
        until = now() + seconds
        until = math.ceil(until) if whole else until
        sound.write(b"\0\0" * round((until - now()) * RATE))

    for kind, speaker, text in read_script((SCRIPTS / f"{take.slug}.txt").read_text(encoding="utf-8")):
        if kind == "chapter":
            if lines:
                rest(PAUSE_BEFORE_CHAPTER, whole=True)
            chapters.append((round(now(), 3), text))
            continue
        if lines and chapters[-1][0] != round(now(), 3):
            rest(PAUSE_BETWEEN_TURNS if kind == "turn" else PAUSE_WITHIN_TURN, whole=whole_turns and kind == "turn")
        start = now()
        sound.write(speak(text, speaker, folder))
        lines.append(Line(start=start, end=now(), speaker=speaker.title(), text=text, turn=kind == "turn"))
    rest(0.6)
    target = folder / "episode.wav"
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(sound.getvalue())
    return target, lines, chapters


def encode(sound: Path, target: Path, take: Take) -> None:
    """MP3 (64 kbps) or M4A (80 kbps), mono, 44.1 kHz, -16 LUFS, with tags and nothing that tells when it was made."""
    goal = "acompressor=threshold=-26dB:ratio=4:attack=4:release=90,loudnorm=I=-16:TP=-2.5:LRA=7"
    heard = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-i", str(sound), "-af", f"{goal}:print_format=json", "-f", "null", "-"],
        check=True,
        capture_output=True,
        text=True,
    ).stderr
    measured = json.loads(heard[heard.rindex("{") :])
    names = {"I": "i", "TP": "tp", "LRA": "lra", "thresh": "thresh"}
    known = ":".join(f"measured_{name}={measured[f'input_{key}']}" for name, key in names.items())
    tags = {
        "title": take.title,
        "artist": "Tilda and Oswin",
        "album": SHOW,
        "genre": "Podcast",
        "date": take.date,
        "track": str(take.track or ""),
    }
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(sound), "-af", f"{goal}:{known}", "-ar", "44100", "-ac", "1"]
    command += ["-threads", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    command += [part for name, value in tags.items() for part in ("-metadata", f"{name}={value}")]
    forms = {
        ".mp3": ["-c:a", "libmp3lame", "-b:a", "64k", "-id3v2_version", "3"],
        ".m4a": ["-c:a", "aac", "-b:a", "80k", "-movflags", "+faststart"],
    }
    subprocess.run([*command, *forms[target.suffix], str(target)], check=True)


def stamp(seconds: float, separator: str = ".") -> str:
    """`HH:MM:SS.mmm`."""
    millis = round(seconds * 1000)
    return f"{millis // 3600000:02}:{millis // 60000 % 60:02}:{millis // 1000 % 60:02}{separator}{millis % 1000:03}"


def wrap(text: str, width: int) -> list[str]:
    """Lines of about the same length, none longer than `width`."""
    count = math.ceil(len(text) / width)
    while True:
        lines, goal = [""], len(text) / count
        for word in text.split():
            if lines[-1] and (len(lines[-1]) + 1 + len(word) > width or (len(lines[-1]) >= goal - 4 and len(lines) < count)):
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        if len(lines) <= count:
            return lines
        count += 1


def cards(shown: str, line: Line, width: int, lines_each: int) -> list[tuple[float, float, str]]:
    """(start, end, text) of the cards that show one spoken line as `shown`, its time shared by length."""
    rows = wrap(shown, width)
    texts = ["\n".join(rows[at : at + lines_each]) for at in range(0, len(rows), lines_each)]
    spans, start, length = [], line.start, sum(map(len, texts))
    for text in texts:
        end = start + (line.end - line.start) * len(text) / length
        spans.append((start, end, text))
        start = end
    return spans


def write_vtt(lines: Sequence[Line]) -> str:
    """WebVTT, the speaker on every cue."""
    cues = [
        f"{stamp(start)} --> {stamp(end)}\n<v {line.speaker}>{text}\n"
        for line in lines
        for start, end, text in cards(line.text, line, 54, 2)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def write_srt(lines: Sequence[Line]) -> str:
    """SubRip, two lines of 32 characters, the speaker where it changes."""
    cues: list[str] = []
    for line in lines:
        named = f"{line.speaker}: {line.text}" if line.turn else line.text
        for start, end, text in cards(named, line, 32, 2):
            cues.append(f"{len(cues) + 1}\n{stamp(start, ',')} --> {stamp(end, ',')}\n{text}\n")
    return "\n".join(cues)


def write_json(lines: Sequence[Line]) -> str:
    """Podcasting 2.0's JSON transcript."""
    segments = [
        {"speaker": line.speaker, "startTime": round(line.start, 3), "endTime": round(line.end, 3), "body": line.text} for line in lines
    ]
    return json.dumps({"version": "1.0.0", "segments": segments}, ensure_ascii=False, indent=1) + "\n"


def write_plain(lines: Sequence[Line]) -> str:
    """`00:00:08: text`, a line for each turn."""
    turns: list[tuple[int, list[str]]] = []
    for line in lines:
        if line.turn:
            turns.append((round(line.start), []))
        turns[-1][1].append(line.text)
    return "".join(f"{stamp(start)[:8]}: {' '.join(texts)}\n" for start, texts in turns)


WRITERS: dict[str, Callable[[Sequence[Line]], str]] = {".vtt": write_vtt, ".srt": write_srt, ".json": write_json, ".txt": write_plain}


def make(take: Take) -> None:
    """Recording, transcript and, where the episode keeps them in a file, chapters; the chapters are printed too."""
    home = ROOT / "episodes" / take.folder
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        sound, lines, chapters = record(take, Path(scratch))
        encode(sound, home / take.audio, take)
    transcript = home / take.transcript
    transcript.write_text(WRITERS[transcript.suffix](lines), encoding="utf-8")
    if take.chapters:
        (home / take.chapters).write_text("".join(f"{stamp(start)} {title}\n" for start, title in chapters), encoding="utf-8")
    print(f"{take.folder}: {lines[-1].end:.1f} s, {(home / take.audio).stat().st_size} bytes")
    for start, title in chapters:
        print(f"  {stamp(start)[:8]} {title}")


INK, PAPER, SPARK, BRASS, SEA = "#16302f", "#f4ead5", "#e4572e", "#e9b44c", "#2f6f6b"


def draw_artwork(side: int) -> Image.Image:
    """A bolt meets its strike plate, and the click spreads out."""
    unit = side / 1000
    picture = Image.new("RGB", (side, side), INK)
    pen = ImageDraw.Draw(picture)

    def box(left: float, top: float, right: float, bottom: float) -> list[float]:
        return [left * unit, top * unit, right * unit, bottom * unit]

    centre = (640, 500)
    for radius, colour in ((620, "#1b3a39"), (500, "#22494a"), (385, SEA), (275, BRASS), (170, SPARK)):
        pen.ellipse(box(centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fill=colour)
    pen.rectangle(box(700, 0, 1000, 1000), fill=PAPER)  # the frame of the door
    pen.rounded_rectangle(box(640, 385, 780, 615), radius=26 * unit, fill=PAPER)
    pen.rounded_rectangle(box(688, 425, 900, 575), radius=20 * unit, fill=INK)  # the hole the bolt goes into
    pen.rounded_rectangle(box(-60, 440, 760, 560), radius=60 * unit, fill=PAPER)  # the bolt
    pen.rounded_rectangle(box(-60, 440, 620, 560), radius=0, fill=PAPER)
    pen.ellipse(box(235, 340, 355, 460), fill=SPARK)  # its knob
    pen.rectangle(box(280, 440, 310, 500), fill=SPARK)
    for row in range(6):  # rivets
        top = 95 + row * 162
        if row not in (2, 3):
            pen.ellipse(box(836, top - 24, 884, top + 24), fill=INK)
    for left in (70, 455):  # the guides it slides in
        pen.rounded_rectangle(box(left, 405, left + 54, 595), radius=14 * unit, fill=INK)
    return picture


def draw_ballpoint(side: int) -> Image.Image:
    """A ball in its socket, and the line it leaves."""
    unit = side / 1000
    picture = Image.new("RGB", (side, side), PAPER)
    pen = ImageDraw.Draw(picture)
    for step in range(-80, 2001):  # a line of ink, dot by dot
        x, y = step / 4, 735 + 60 * math.sin(step / 312)
        pen.ellipse([(x - 23) * unit, (y - 23) * unit, (x + 23) * unit, (y + 23) * unit], fill=SEA)
    pen.polygon([(x * unit, y * unit) for x, y in ((250, -40), (750, -40), (660, 420), (340, 420))], fill=INK)
    pen.polygon([(x * unit, y * unit) for x, y in ((340, 420), (660, 420), (610, 560), (390, 560))], fill=BRASS)
    pen.polygon([(x * unit, y * unit) for x, y in ((455, -40), (545, -40), (530, 470), (470, 470))], fill=SEA)
    pen.ellipse([375 * unit, 480 * unit, 625 * unit, 730 * unit], fill=SPARK)
    pen.ellipse([430 * unit, 530 * unit, 490 * unit, 590 * unit], fill=PAPER)
    return picture


def make_pictures() -> None:
    """The show's artwork and one episode's cover: 3000 by 3000, drawn twice as large for smooth edges."""
    for draw, target in (
        (draw_artwork, ROOT / "artwork.jpg"),
        (draw_ballpoint, ROOT / "episodes" / "2026-05-17-one-millimetre-of-ballpoint" / "cover.jpg"),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        picture = draw(6000).resize((3000, 3000), Image.Resampling.LANCZOS)
        picture.save(target, quality=84, optimize=True, progressive=True, dpi=(72, 72))
        print(f"{target.relative_to(ROOT)}: {target.stat().st_size} bytes")


def main() -> None:
    """Make what the arguments ask for."""
    parser = argparse.ArgumentParser(description="Make the sample show's media again.")
    parser.add_argument("slugs", nargs="*", help="only these recordings")
    parser.add_argument("--pictures", action="store_true", help="only the pictures")
    wanted = parser.parse_args()
    unknown = set(wanted.slugs) - {take.slug for take in TAKES}
    if unknown:
        parser.error(f"no such script: {', '.join(sorted(unknown))}")
    if wanted.pictures or not wanted.slugs:
        make_pictures()
    if wanted.pictures:
        return
    missing = [program for program in ("espeak-ng", "ffmpeg") if shutil.which(program) is None]
    if missing:
        sys.exit(f"needs {' and '.join(missing)} (apt-get install {' '.join(missing)})")
    for take in TAKES:
        if not wanted.slugs or take.slug in wanted.slugs:
            make(take)


if __name__ == "__main__":
    main()
