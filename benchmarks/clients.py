"""The two clients that speak to a bucket, compared by whole commands, by memory and by lines: boto3's to the lean one's.

    python -m benchmarks.clients [--episodes 100] [--rounds 5]

One SeaweedFS on this machine serves both; they take turns, and who is first changes. Ratios are medians of boto3's to the lean client's in the
same round. The look from outside is left out: it goes by neither. The cases:

unchanged   a publish with nothing to do
episode     one more episode
first       a first publish into an empty bucket, recordings measured and transcripts made before
large       the same show with one recording of 72 MiB, in parts more, which goes in parts
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import big_show
from benchmarks.programs import publish_command
from tests.support import ROOT, servers

CLIENTS = ("lean", "boto3")
STORES = ROOT / "publisher" / "stores"
ONLY = {"lean": ("s3/lean.py", "s3/signing.py", "s3/credentials.py"), "boto3": ("boto3_store.py",)}
"""What each of them needs and the other does not; boto3 also takes the keys of the environment from `s3/credentials.py`."""
CUES = 60
LARGE = 20 << 20


class Show:
    """One of two equal shows, each published by its own client."""

    def __init__(self, base: Path, client: str, server: servers.SeaweedServer, episodes: int) -> None:
        self.folder, self.client, self.server, self.episodes = base / client, client, server, episodes
        self.bucket = server.make_bucket()
        extra = f'endpoint = "{server.endpoint}"\nclient = "{client}"'
        big_show.make_show(self.folder, episodes, cues=CUES, storage=f"s3://{self.bucket}", extra=extra)

    def empty(self) -> None:
        """Another bucket, with nothing in it."""
        config = self.folder / "config.toml"
        before, self.bucket = self.bucket, self.server.make_bucket()
        config.write_text(config.read_text().replace(f"s3://{before}", f"s3://{self.bucket}"))
        self.server.drop_bucket(before)

    def add_episode(self, *, size: int = 0) -> None:
        """One more, newer than all; its recording `size` bytes longer, by what no player minds."""
        tone = (self.folder.parent / "tone.mp3").read_bytes()
        date = dt.datetime(2024, 1, 1, 6, tzinfo=dt.UTC) + dt.timedelta(days=self.episodes)
        big_show.add_episode(self.folder, self.episodes, date, tone * max(1, size // len(tone)), CUES)
        self.episodes += 1

    def publish(self) -> tuple[float, float, float]:
        """Seconds of wall, seconds of the processor, and megabytes at the most."""
        began = time.perf_counter()
        command = [*publish_command(), "--yes", "--quiet", "--no-verify"]
        peak = 0
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=said)
            while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
                peak = max(peak, _peak_of(process.pid))
                time.sleep(0.005)
            process.returncode = os.waitstatus_to_exitcode(ended[1])
            said.seek(0)
            words = said.read().decode()
        if process.returncode:
            raise SystemExit(f"{self.client} ended with {process.returncode}: {words[-2000:]}")
        return time.perf_counter() - began, ended[2].ru_utime + ended[2].ru_stime, peak / 1024


def _peak_of(pid: int) -> int:
    """Kilobytes that a process had at the most so far: what wait4 tells begins with the size of whoever started it."""
    with contextlib.suppress(OSError):
        if found := re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()):
            return int(found[1])
    return 0


def measure(title: str, shows: list[Show], rounds: int, prepare: str = "") -> None:
    """Print a row of the table."""
    rows: dict[str, list[tuple[float, float, float]]] = {client: [] for client in CLIENTS}
    for number in range(rounds):
        for show in shows:
            if prepare == "first":
                show.empty()
            elif prepare:
                show.add_episode(size=LARGE if prepare == "large" else 0)
        for show in shows if number % 2 else reversed(shows):
            rows[show.client].append(show.publish())
    lean, boto3 = ([statistics.median(column) for column in zip(*rows[client], strict=True)] for client in CLIENTS)
    ratios = [statistics.median(b[at] / a[at] for a, b in zip(rows["lean"], rows["boto3"], strict=True)) for at in range(3)]
    cells = [
        f"{lean[0]:.2f} s",
        f"{boto3[0]:.2f} s",
        f"**{ratios[0]:.2f}**",
        f"{lean[1]:.2f} s",
        f"{boto3[1]:.2f} s",
        f"**{ratios[1]:.2f}**",
    ]
    cells += [f"{lean[2]:.0f} MB", f"{boto3[2]:.0f} MB", f"**{ratios[2]:.2f}**"]
    print(f"| {title} | {' | '.join(cells)} |", flush=True)


def lines(*names: str) -> int:
    """Lines of these files of publisher/stores."""
    return sum(len((STORES / name).read_text().splitlines()) for name in names)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--episodes", type=int, default=100)
    reader.add_argument("--rounds", type=int, default=5)
    given = reader.parse_args()
    os.environ.update(AWS_ACCESS_KEY_ID=servers.KEY, AWS_SECRET_ACCESS_KEY=servers.SECRET, PYTHONPATH=str(ROOT))
    with tempfile.TemporaryDirectory(prefix="airdate-clients-") as folder:
        base = Path(folder)
        server = servers.SeaweedServer(base / "server", servers.need("weed", "s3"))
        try:
            shows = [Show(base, client, server, given.episodes) for client in CLIENTS]
            for show in shows:
                show.publish()
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {given.episodes} episodes, {given.rounds} rounds\n")
            print("| case | wall, lean | boto3 | ratio | CPU, lean | boto3 | ratio | memory, lean | boto3 | ratio |")
            print("|---|---|---|---|---|---|---|---|---|---|")
            measure("nothing changed", shows, given.rounds)
            measure("one more episode", shows, given.rounds, "episode")
            measure("first publish", shows, given.rounds, "first")
            measure("one more, of 20 MB", shows, given.rounds, "large")
        finally:
            server.stop()
    shared = sorted(path.relative_to(STORES).as_posix() for path in (STORES / "s3").glob("*.py"))
    shared = [name for name in shared if name not in ONLY["lean"]]
    print(f"\nlines: lean alone {lines(*ONLY['lean'])}, boto3 alone {lines(*ONLY['boto3'])}, what both share {lines(*shared)}")


if __name__ == "__main__":
    sys.exit(main())
