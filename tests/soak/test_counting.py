"""Three million lines of a log: counted in bounded memory, at a cost that grows with the log alone."""

from __future__ import annotations

import gzip
import sys

import pytest

from benchmarks.stats import lines, measure
from tests.support.e2e_show import SOAK

pytestmark = pytest.mark.skipif(not SOAK, reason="long; AIRDATE_SOAK=1 runs it")


def counted(folder, how_many: int):
    log = folder / f"{how_many}.log.gz"
    with gzip.open(log, "wt", compresslevel=1) as file:
        file.writelines(lines(how_many))
    found = measure([sys.executable, "-m", "benchmarks.stats", "--log", str(log), "--only", "count"])
    assert found.said.endswith("downloads"), found
    return found


@pytest.mark.alone
def test_three_million_lines_take_less_than_500_mb_and_no_more_for_each_line_than_a_few(tmp_path):
    few, many = counted(tmp_path, 300_000), counted(tmp_path, 3_000_000)
    assert many.memory < 500
    assert many.processor < 12 * few.processor
    assert many.processor < 60  # two processors of a quiet machine take a quarter of it on the clock
