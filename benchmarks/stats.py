"""How long downloads take to count, and with how much memory: 3 million lines of nginx, beside what merely reads them.

Run it from the top folder: python -m benchmarks.stats [--lines 3000000] [--log FILE] [--alone]. The log is made, the same each time: listeners of a show of
100 episodes who fetch whole files, ask in ranges, come back, load ahead; bots; pages and feeds. Beside the count stand

- `zcat | wc -l`: what it costs to unpack and look at each byte;
- GoAccess (Debian's package goaccess), which counts hits and visitors of the same log and knows nothing of podcasts;
- the rules of OP3 as its page of methods has them (a download is an address with an agent, an episode and a day by UTC, no range below two
  bytes, no bots), in plain Python over the same lines: https://op3.dev/download-calculation.

Each runs in a process of its own; its time is that of the clock, its processor time is that of all cores, memory the most it held.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

EPISODES = 100
SIZE = 24_000_000
DURATION = 1500.0
HEADER = 300_000
START = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
APPS = (
    "AppleCoreMedia/1.0.0.21{0}F90 (iPhone; U; CPU OS 17_{1} like Mac OS X; en_us)",
    "Overcast/3.{0} (+http://overcast.fm/; iOS podcast app)",
    "AntennaPod/3.{0}.{1}",
    "Podcasts/1600.{0} CFNetwork/1496.0.{1} Darwin/23.5.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{0}.0.{1}.0 Safari/537.36",
    "PocketCasts/1.0 (Pocket Casts Feed Parser; +http://pocketcasts.com/)",
    "Spotify/8.9.{0} Android/33 (SM-A{1}5F)",
)
BOTS = ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "python-requests/2.31.0", "curl/8.5.0")
OTHERS = ("/feed.xml", "/index.html", "/episodes/episode-3.html", "/assets/style-0123abcd.css", "/art/show-0123abcd.jpg")


def lines(wanted: int) -> Iterator[str]:
    """So many lines, about one month."""
    chance = random.Random(1)
    agents = [app.format(chance.randrange(300), chance.randrange(9)) for app in APPS for _ in range(200)]
    listeners = [(_address(chance), agents[int(chance.random() ** 3 * len(agents))]) for _ in range(max(10, wanted // 40))]
    made = 0
    while made < wanted:
        moment = START + dt.timedelta(seconds=made * 30 * 86_400 // wanted)
        ip, agent = chance.choice(listeners)
        episode = int(chance.expovariate(0.08)) % EPISODES
        for part in _session(chance):
            when, status, sent, asked, who = part
            at = moment + dt.timedelta(seconds=when)
            request = f"GET /media/episode-{episode}-0123abcd.mp3 HTTP/1.1" if status else f"GET {chance.choice(OTHERS)} HTTP/1.1"
            yield f'{ip} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "{request}" {status or 200} {sent} "-" "{who or agent}" "{asked}"\n'
            made += 1


def _address(chance: random.Random) -> str:
    if chance.random() < 0.3:
        return f"2001:db8:{chance.randrange(65536):x}:{chance.randrange(65536):x}::{chance.randrange(65536):x}"
    return f"{chance.randrange(1, 224)}.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"


def _session(chance: random.Random) -> Iterator[tuple[int, int, int, str, str]]:
    """What one listener asks for at a time: seconds later, status (0: another file), bytes, range, another agent."""
    draw = chance.random()
    for _ in range(chance.choice((1, 1, 2, 3))):
        yield 0, 0, 5000, "-", ""
    if draw < 0.4:
        yield 1, 200, SIZE, "-", ""
    elif draw < 0.75:
        yield 1, 206, 2, "bytes=0-1", ""
        for part in range(chance.randrange(3, 9)):
            yield 2 + part * 40, 206, 1 << 20, f"bytes={part << 20}-{(part + 1 << 20) - 1}", ""
    elif draw < 0.85:
        yield 1, 206, 65_536, "bytes=0-65535", ""
    elif draw < 0.93:
        yield 1, 206, 4 << 20, f"bytes=0-{(4 << 20) - 1}", ""
        yield 20_000, 206, SIZE - (4 << 20), f"bytes={4 << 20}-", ""
    else:
        yield 1, 200, SIZE, "-", chance.choice(BOTS)


def count(log: Path) -> str:
    """Ours, as `publish stats` does it."""
    from publisher.stats.agents.known_agents import classify
    from publisher.stats.engines.duckdb_engine import DuckCount
    from publisher.stats.forms.combined import COMBINED

    recordings = [
        (f"media/episode-{number}-0123abcd.mp3", f"episode-{number}", SIZE, HEADER, round((SIZE - HEADER) * 60 / DURATION), DURATION)
        for number in range(EPISODES)
    ]
    with tempfile.TemporaryDirectory() as folder, closing(DuckCount(Path(folder))) as counting:
        counting.know(recordings, most=500)
        counting.read(log.name, log, COMBINED, classify)
        counting.count("rolling")
        return f"{sum(row[-1] for row in counting.downloads()):,} downloads"


def op3(log: Path) -> str:
    """OP3's rules, line by line."""
    from publisher.stats.agents.known_agents import classify

    form = re.compile(r'(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) (\S+) "([^"]*)" "([^"]*)" "([^"]*)"')
    bots: dict[str, bool] = {}
    found = set()
    with gzip.open(log, "rt") as file:
        for line in file:
            parsed = form.match(line)
            if parsed is None:
                continue
            ip, moment, method, path, _status, _sent, referrer, agent, asked = parsed.groups()
            if method != "GET" or not path.startswith("/media/") or agent in ("", "-"):
                continue
            if agent not in bots:
                bots[agent] = classify(agent).kind == "bot"
            small = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
            if bots[agent] or (small and int(small[2]) - int(small[1]) + 1 < 2):
                continue
            listener = hashlib.sha256(f"{ip} {agent} {referrer}".encode()).hexdigest()
            found.add((moment[:11], path, listener))
    return f"{len(found):,} downloads"


class Measured(NamedTuple):
    """One row: seconds of the clock, of the processor, and megabytes."""

    clock: float
    processor: float
    memory: int
    said: str


def measure(call: list[str]) -> Measured:
    """Run a program."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        child = subprocess.Popen(call, stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        clock = time.monotonic() - start
        child.returncode = status
        out.seek(0)
        said = out.read().decode(errors="replace").strip().splitlines()[-1:] if status == 0 else ["failed"]
    return Measured(clock, used.ru_utime + used.ru_stime, used.ru_maxrss >> 10, said[0][:40] if said else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=3_000_000)
    parser.add_argument("--log", type=Path, help="A log to keep and to use again.")
    parser.add_argument("--alone", action="store_true", help="Ours, with nothing beside it: for very long logs.")
    parser.add_argument("--only", choices=("count", "op3"), help="One of ours, without a table.")
    given = parser.parse_args()
    if given.only:
        print({"count": count, "op3": op3}[given.only](given.log))
        return
    with tempfile.TemporaryDirectory() as folder:
        log = given.log or Path(folder) / "access.log.gz"
        if not log.exists():
            with gzip.open(log, "wt", compresslevel=6) as file:
                file.writelines(lines(given.lines))
        ours = [sys.executable, "-m", "benchmarks.stats", "--log", str(log), "--only"]
        rows = {"publish stats": [*ours, "count"]}
        if not given.alone:
            rows["zcat | wc -l"] = ["sh", "-c", f"zcat '{log}' | wc -l"]
            rows["OP3's rules in Python"] = [*ours, "op3"]
        if not given.alone and shutil.which("goaccess"):
            form = ["--log-format=COMBINED", "--no-progress", "--no-global-config"]
            rows["GoAccess"] = ["sh", "-c", f"zcat '{log}' | goaccess - {' '.join(form)} -o '{folder}/report.json'"]
        print(f"{log.stat().st_size >> 20} MB packed; {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}")
        print(f"{'':24}{'clock':>9}{'processor':>11}{'memory':>9}")
        for name, call in rows.items():
            found = measure(call)
            print(f"{name:24}{found.clock:8.1f}s{found.processor:10.1f}s{found.memory:6} MB  {found.said}")


if __name__ == "__main__":
    main()
