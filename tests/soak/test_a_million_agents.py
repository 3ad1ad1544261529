"""A log of a million agents that nobody has: written to fill a memory, or to be taken for a million listeners."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support import ROOT

pytest.importorskip("duckdb")

COUNT = """
import json, resource, sys
from contextlib import closing
from pathlib import Path
from publisher.stats.agents.known_agents import classify
from publisher.stats.blocks import first_lines
from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.forms.known import forms_of
log, folder = map(Path, sys.argv[1:])
with closing(DuckCount(folder)) as count:
    count.know([("media/one-1a2b3c4d.mp3", "one", 9_000_000, 0, 480_000, 1200.0)], most=500)
    count.read("a.log", log, forms_of({"a.log": first_lines(log)})["a.log"], classify)
    count.count("rolling")
    found = {"downloads": len(list(count.downloads())), "left_out": count.left_out()}
print(json.dumps({**found, "kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


@pytest.mark.timeout(900)
def test_a_million_agents_take_bounded_memory_and_are_nobody(tmp_path):
    log, folder = tmp_path / "a.log", tmp_path / "count"
    folder.mkdir()
    with log.open("w", encoding="utf-8") as file:
        for number in range(1_000_000):
            agent = (
                f"Agent {number * 7919 % 1_000_003:x}/{number} ('; DROP TABLE requests; --" if number % 2 else f"Agent {number:x}/{number}"
            )
            file.write(
                f'203.0.{number % 250}.9 - - [01/Jun/2026:10:00:05 +0200] "GET /media/one-1a2b3c4d.mp3 HTTP/1.1" 200 9000000 "-" "{agent}" "-"\n'
            )
    done = subprocess.run([sys.executable, "-c", COUNT, str(log), str(folder)], cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["downloads"] == 0
    assert {rule: number for rule, number in found["left_out"].items() if number} == {"unrealistic": 500_000, "malformed-agent": 500_000}
    assert found["kilobytes"] < 900_000
