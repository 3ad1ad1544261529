"""Three million lines: Spark and DuckDB give the same rows."""

from __future__ import annotations

import pytest

from benchmarks.stats import lines
from benchmarks.stats_engines import by_duckdb, by_spark
from tests.support.e2e_show import SOAK
from tests.support.needs import needs

pytestmark = [pytest.mark.skipif(not SOAK, reason="long; AIRDATE_SOAK=1 runs it"), needs("spark", "java")]


def test_both_engines_count_three_million_lines_alike(tmp_path):
    log = tmp_path / "access.log"
    with log.open("w", encoding="utf-8") as out:
        out.writelines(lines(3_000_000))
    for name in ("duckdb", "spark"):
        (tmp_path / name).mkdir()
    found = by_spark(log, tmp_path / "spark")
    assert found == by_duckdb(log, tmp_path / "duckdb")
    assert len(found) > 1000
