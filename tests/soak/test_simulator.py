"""Very many seeds of the simulator, on every processor."""

from __future__ import annotations

import pytest

from tests.support.e2e_show import SOAK
from tests.support.simulator.table import PROCESSORS, Table

pytestmark = pytest.mark.skipif(not SOAK, reason="long; AIRDATE_SOAK=1 runs it")


@pytest.mark.parametrize(
    ("kind", "theme", "seeds"),
    [
        ("enforced", "", 20_000),
        ("enforced", "cut", 2_000),
        ("ignored", "", 5_000),
        ("refused", "", 5_000),
        ("dateless", "", 2_000),
        ("two-clocks", "", 2_000),
        ("folder", "", 2_000),
    ],
)
def test_no_seed_does_harm_that_nothing_excuses(kind, theme, seeds, capsys):
    table = Table.of(range(seeds), kind, theme, processes=PROCESSORS)
    with capsys.disabled():
        print(f"\n{table}")
    assert not table.unexcused, f"see one: python -m tests.support.simulator {table.unexcused[0]} {kind} {theme}"
