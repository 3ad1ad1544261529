"""What a first publish holds in memory, all processes together, and how that grows with the show.

    python -m benchmarks.memory [--sizes 300,1000] [--cues 296]

The storage is a folder. Memory is what the processes have for themselves and their share of what they have together (`Pss` of
Linux), looked at ten times a second. Above 2,000 episodes the feed is kept in documents of 500 (`[feed] limit`): one document
of more is not published.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.big_show import make_show
from benchmarks.programs import publish_command
from tests.support import ROOT


def family(process: int) -> list[int]:
    """A process, its children and theirs."""
    found = [process]
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    except OSError:
        pass
    return found


def memory(process: int) -> int:
    """kB of a process: its own, and its share of what it has with others; 0 when it is gone."""
    try:
        rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(row.split()[1]) for row in rows if row.startswith("Pss:")), 0)


def first_publish(show: Path) -> tuple[float, float, int]:
    """Seconds, MB at the most of all processes, and files that it left in the cache."""
    began, peak = time.perf_counter(), 0
    command = [*publish_command(), "--yes", "--no-verify", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=show, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(memory, family(process.pid))))
            time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"the publish ended with status {process.returncode}")
    cache = show / ".airdate-cache"
    left = sum(path.is_file() for path in cache.iterdir() if path.suffix not in (".json", ".sqlite", "") or path.name.startswith("tmp"))
    return time.perf_counter() - began, peak / 1024, left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="300,1000")
    parser.add_argument("--cues", type=int, default=296)
    given = parser.parse_args()
    print(f"{'episodes':>8} {'seconds':>8} {'MB':>6} {'kB an episode more':>20} {'left over':>10}")
    before: tuple[int, float] | None = None
    for size in map(int, given.sizes.split(",")):
        with tempfile.TemporaryDirectory() as name:
            show = Path(name) / "show"
            make_show(show, size, cues=given.cues, extra="[feed]\nlimit = 500" if size > 2000 else "")
            seconds, peak, left = first_publish(show)
        growth = f"{(peak - before[1]) * 1024 / (size - before[0]):.0f}" if before else ""
        print(f"{size:8} {seconds:8.1f} {peak:6.0f} {growth:>20} {left:10}", flush=True)
        before = size, peak


if __name__ == "__main__":
    main()
