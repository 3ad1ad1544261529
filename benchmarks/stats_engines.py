"""The same log counted by DuckDB and by Spark, larger and larger: where does the one overtake the other?

Run it from the top folder: python -m benchmarks.stats_engines [--lines 300000 1000000 3000000]. Logs are those of benchmarks/stats.py; Spark runs on
this machine alone, on all of its processors. Each count runs in a process of its own, and both have to give the same rows. Beside the clock
stands the processor time of all cores; Spark's start is in it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.stats import DURATION, EPISODES, HEADER, SIZE, lines

Row = tuple[dt.date, str, str, str, str, int]
RECORDINGS = [
    (f"media/episode-{number}-0123abcd.mp3", f"episode-{number}", SIZE, HEADER, round((SIZE - HEADER) * 60 / DURATION), DURATION)
    for number in range(EPISODES)
]


def by_duckdb(log: Path, folder: Path) -> tuple[Row, ...]:
    """Rows of the count."""
    from publisher.stats.agents.known_agents import classify
    from publisher.stats.engines.duckdb_engine import DuckCount
    from publisher.stats.forms.combined import COMBINED

    with closing(DuckCount(folder)) as count:
        count.know(RECORDINGS, most=500)
        count.read(log.name, log, COMBINED, classify)
        count.count("rolling")
        return tuple(count.downloads())


def by_spark(log: Path, folder: Path) -> tuple[Row, ...]:
    """Rows of the count."""
    from pyspark import SparkContext

    from publisher.stats.agents.known_agents import classify
    from publisher.stats.engines.spark_counts import SparkCount
    from publisher.stats.engines.spark_engine import spark_session
    from publisher.stats.forms.combined import COMBINED

    with spark_session(folder) as session, closing(SparkCount(folder, lambda: session, print, many=0)) as count:
        count.know(RECORDINGS, most=500)
        count.read(log.name, log, COMBINED, classify, plain=True)
        count.count("rolling")
        found = tuple(count.downloads())
    java = SparkContext._gateway  # noqa: SLF001  its processor time is known when it has ended
    java.shutdown()
    java.proc.stdin.close()
    java.proc.wait()
    return found


ENGINES = {"duckdb": by_duckdb, "spark": by_spark}


def measured(engine: str, log: Path) -> tuple[float, float, str]:
    """Seconds by the clock, of all processors, and a digest of the rows."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    call = [sys.executable, "-m", "benchmarks.stats_engines", "--count", engine, str(log)]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    clock, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout.strip()


def main() -> None:
    """Print the table, or count once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, nargs="*", default=[300_000, 1_000_000, 3_000_000])
    parser.add_argument("--count", nargs=2, metavar=("ENGINE", "LOG"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.count:
            engine, log = given.count
            rows = ENGINES[engine](Path(log), Path(folder))
            print(len(rows), sum(row[-1] for row in rows), hashlib.sha256(repr(rows).encode()).hexdigest())
            return
        print(f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors\n")
        print("| lines | DuckDB, clock | CPU | Spark, clock | CPU |\n|---|---|---|---|---|")
        for wanted in given.lines:
            log = Path(folder, f"{wanted}.log")
            with log.open("w", encoding="utf-8") as out:
                out.writelines(lines(wanted))
            (duck, duck_cpu, one), (spark, spark_cpu, other) = measured("duckdb", log), measured("spark", log)
            if one != other:
                raise SystemExit(f"the engines differ: {one} and {other}")
            print(f"| {wanted:,} | {duck:.0f} s | {duck_cpu:.0f} s | {spark:.0f} s | {spark_cpu:.0f} s |", flush=True)
            log.unlink()


if __name__ == "__main__":
    main()
