"""How cost grows with the number of episodes: a publish with nothing to do, from a warm cache and from a fresh clone, and one new episode.

    python -m benchmarks.curves [--sizes 100,1000,10000] [--rounds 3] [--cues 30] [--plot docs/curves.svg] [--keep FOLDER]

The feed is kept in documents of 500 episodes (`[feed] limit`): one document of 10,000 is more than `publish check` lets through.
The storage is a folder, so that no server's time is in it; transfer comes on top. Whole processes are timed, start and all.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import big_show
from benchmarks.programs import publish_command
from tests.support import ROOT

CURVES = ("nothing changed", "fresh clone", "one new episode")
COLOURS = ("#1f6f8b", "#b4632d", "#4b7a3a")
TOLD = """
import resource, subprocess, sys, time
began = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(status)
"""


def timed(show: Path) -> tuple[float, float, float]:
    """Seconds of wall, of the processor, and MB at the most, of one publish."""
    command = [sys.executable, "-c", TOLD, *publish_command(), "--yes", "--no-verify", "--quiet"]
    done = subprocess.run(command, check=True, cwd=show, stdout=subprocess.PIPE, text=True)
    wall, cpu, peak = map(float, done.stdout.split())
    return wall, cpu, peak


def measure(base: Path, episodes: int, given: argparse.Namespace) -> dict[str, tuple[float, float, float]]:
    """The medians of each curve at one size."""
    show = base / f"show-{episodes}"
    storage = base / f"storage-{episodes}"
    if not show.exists():
        big_show.make_show(show, episodes, cues=given.cues, storage=str(storage), extra="[feed]\nlimit = 500")
    timed(show)
    time.sleep(2.1)  # what is younger than that is read again to be sure
    timed(show)
    objects = sum(path.is_file() for path in storage.rglob("*") if not path.name.startswith("."))
    print(f"{episodes} episodes, {objects} objects", flush=True)
    rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in CURVES}
    tone = (base / "tone.mp3").read_bytes()
    for number in range(given.rounds):
        rows["nothing changed"].append(timed(show))
        shutil.rmtree(show / ".airdate-cache")
        rows["fresh clone"].append(timed(show))
        time.sleep(2.1)
        timed(show)
        day = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=2)
        big_show.add_episode(show, int(time.time()) * 10 + number, day, tone, given.cues)
        rows["one new episode"].append(timed(show))
        time.sleep(2.1)
        timed(show)
    return {name: tuple(statistics.median(column) for column in zip(*found, strict=True)) for name, found in rows.items()}


def plot(found: dict[int, dict[str, tuple[float, float, float]]]) -> str:
    """The curves as SVG, both axes by powers of ten."""
    width, height, left, bottom, top, right = 720, 420, 64, 48, 24, 150
    sizes = sorted(found)
    seconds = [row[0] for by in found.values() for row in by.values()]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))

    def across(size: float) -> float:
        span = math.log10(sizes[-1] / sizes[0]) or 1
        return left + (width - left - right) * math.log10(size / sizes[0]) / span

    def up(value: float) -> float:
        return height - bottom - (height - bottom - top) * (math.log10(value) - low) / ((high - low) or 1)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
        "<title>Seconds of a publish by the number of episodes</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for power in range(low, high + 1):
        at = up(10**power)
        lines.append(f'<path d="M{left} {at:.1f}H{width - right}" stroke="#dddddd"/>')
        lines.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#444444">{10**power:g} s</text>')
    for size in sizes:
        at = across(size)
        lines.append(f'<path d="M{at:.1f} {top}V{height - bottom}" stroke="#dddddd"/>')
        lines.append(f'<text x="{at:.1f}" y="{height - bottom + 20}" text-anchor="middle" fill="#444444">{size:,}</text>')
    lines.append(f'<text x="{(left + width - right) / 2:.0f}" y="{height - 8}" text-anchor="middle" fill="#444444">episodes</text>')
    labels: list[float] = []
    for name, colour in sorted(zip(CURVES, COLOURS, strict=True), key=lambda one: found[sizes[-1]][one[0]][0], reverse=True):
        points = " ".join(f"{across(size):.1f},{up(found[size][name][0]):.1f}" for size in sizes)
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{across(size):.1f}" cy="{up(found[size][name][0]):.1f}" r="3" fill="{colour}"/>' for size in sizes]
        at = max([up(found[sizes[-1]][name][0]), *(label + 16 for label in labels)])
        labels.append(at)
        lines.append(f'<text x="{width - right + 10}" y="{at + 4:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cues", type=int, default=30)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--keep", type=Path, help="a folder to work in, kept for the next run")
    given = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        base = given.keep or Path(name)
        base.mkdir(exist_ok=True)
        print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {given.rounds} rounds, {given.cues} cues an episode; medians")
        for size in (int(part) for part in given.sizes.split(",")):
            found[size] = measure(base, size, given)
            for curve, (wall, cpu, peak) in found[size].items():
                print(f"  {curve:16} {wall:7.2f} s wall {cpu:7.2f} s CPU {peak:6.0f} MB", flush=True)
    if given.plot:
        given.plot.write_text(plot(found))
    print(json.dumps(found), file=sys.stderr)


if __name__ == "__main__":
    main()
