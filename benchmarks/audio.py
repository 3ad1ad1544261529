"""How long recordings take to measure and to copy, beside what cannot be avoided: reading the file and its checksum.

Run it from the top folder: python -m benchmarks.audio. It needs ffmpeg. Ratios are what counts; seconds depend on the machine.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
import time
import tracemalloc
from pathlib import Path

from publisher.media.measure import measure_audio
from publisher.media.mpeg_frames import FrameCounter
from publisher.media.recordings import FactsCache
from publisher.media.tag_values import AudioTags
from publisher.media.tagged_copy import write_copy

MEGABYTES = 100
RECORDINGS = 1000


def best(call, times=3):
    def once():
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return min(once() for _ in range(times))


def checksum(path: Path) -> None:
    with path.open("rb") as handle:
        hashlib.file_digest(handle, "sha256")


def count(path: Path) -> None:
    counter = FrameCounter()
    with path.open("rb") as handle:
        while data := handle.read(1 << 20):
            counter.feed(data)
    counter.finish()


def recording(folder: Path, bitrate: int, rate: int, channels: int) -> Path:
    piece = folder / "piece.mp3"
    options = ["-ac", str(channels), "-ar", str(rate), "-b:a", f"{bitrate}k", "-write_xing", "0", "-id3v2_version", "0"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "sine=d=60", *options, str(piece)], check=True)
    path = folder / f"{bitrate}.mp3"
    audio = piece.read_bytes()
    with path.open("wb") as handle:
        while handle.tell() < MEGABYTES * 1_000_000:
            handle.write(audio)
    return path


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{MEGABYTES} MB each; seconds, and times the checksum alone")
        for bitrate, rate, channels in ((24, 22050, 1), (64, 44100, 1), (128, 44100, 2), (320, 48000, 2)):
            compare(recording(folder, bitrate, rate, channels), bitrate)
        remembered(folder)
        for megabytes in (10, 100):
            print(f"memory to measure {megabytes} MB: {memory(folder, megabytes) / 1e6:.1f} MB")


def compare(path: Path, bitrate: int) -> None:
    tags = AudioTags(title="Title", show="Show", artist="Host", description="Notes " * 100)
    facts = measure_audio(path)
    floor = best(lambda: checksum(path))
    figures = {"count": best(lambda: count(path)), "measure": best(lambda: measure_audio(path))}
    figures["copy"] = best(lambda: write_copy(path, path.with_name("copy.mp3"), tags, facts=facts))
    row = "  ".join(f"{what} {seconds:.2f} s ({seconds / floor:.1f} x)" for what, seconds in figures.items())
    print(f"{bitrate:3} kbit/s, {facts.duration / 3600:4.1f} h: checksum {floor:.2f} s  {row}")
    path.unlink()


def remembered(folder: Path) -> None:
    piece = (folder / "piece.mp3").read_bytes()[:200_000]
    paths = [folder / f"{number}-audio.mp3" for number in range(RECORDINGS)]
    for path in paths:
        path.write_bytes(piece)
        os.utime(path, (1, 1))

    def everything() -> None:
        cache = FactsCache(folder / "cache.json")
        for path in paths:
            cache.facts(path)
        cache.save()

    first = best(everything, 1)
    again = best(everything)
    print(f"{RECORDINGS} recordings of 0.2 MB: measured {first:.2f} s, unchanged {again:.3f} s ({first / again:.0f} times less)")


def memory(folder: Path, megabytes: int) -> int:
    path = folder / "memory.mp3"
    audio = (folder / "piece.mp3").read_bytes()
    with path.open("wb") as handle:
        while handle.tell() < megabytes * 1_000_000:
            handle.write(audio)
    tracemalloc.start()
    measure_audio(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    main()
