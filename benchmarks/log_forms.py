"""What a line of each form of log costs to take apart: microseconds of all cores, of the same traffic in each form.

Run it from the top folder: python -m benchmarks.log_forms [--lines 200000]. Lines are plain text on the disk; the best of three.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import duckdb

from publisher.stats.forms.known import forms_of
from tests.support.log_traffic import SERVICES, Service, Traffic

PATHS = {"long": "/media/long-1a2b3c4d.mp3", "short": "/media/short-1a2b3c4d.mp3"}
SIZES = {"long": 9_000_000, "short": 90_000}


def measure(service: Service, traffic: Traffic, wanted: int, folder: Path) -> tuple[str, float, int]:
    """The name of the form, microseconds a line, and bytes a line."""
    lines = [line for one in traffic.asked() if (line := service.line(one)) is not None]
    form = forms_of({"log": [*service.header.splitlines(), *lines[:50]]})["log"]
    file = folder / "log"
    file.write_text(service.header + ("\n".join(lines) + "\n") * (wanted // len(lines) + 1), "utf-8")
    read = "read_csv(?, columns = {'line': 'VARCHAR'}, delim = '', quote = '', escape = '', header = false, auto_detect = false)"
    columns = ", ".join(f'max("{name}")' for name in ("at", "ip", "agent", "method", "path", "status", "sent", "first", "last", "line_id"))
    lines_sql = f"lines AS (SELECT 'log' AS source, CAST(0 AS BIGINT) AS number, line FROM {read})"
    asked = f'WITH {lines_sql}, requests AS ({form.sql}) SELECT count(*), count("at"), {columns} FROM requests'
    taken = []
    with duckdb.connect() as database:
        database.execute("SET enable_progress_bar = false; SET preserve_insertion_order = false")
        for _ in range(3):
            began = time.process_time()
            every, told, *_ = database.execute(asked, [str(file)]).fetchone() or (0, 0)
            taken.append(time.process_time() - began)
            assert every == told >= wanted, form.name
    return form.name, min(taken) / every * 1e6, file.stat().st_size // every


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=200_000)
    wanted = parser.parse_args().lines
    traffic = Traffic(PATHS, SIZES, listeners=300)
    print("log                          form               µs a line   bytes a line")
    with tempfile.TemporaryDirectory() as folder:
        for name, service in SERVICES.items():
            if service.document or service.ending == ".parquet":
                continue  # both become JSON lines before they are read
            form, microseconds, size = measure(service, traffic, wanted, Path(folder))
            print(f"{name:28} {form:18} {microseconds:9.2f} {size:14}")


if __name__ == "__main__":
    main()
