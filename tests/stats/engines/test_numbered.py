"""With numbers in the place of words the windows are the same, word for word."""

from __future__ import annotations

import datetime as dt
import random
from contextlib import closing

import pytest

from publisher.stats.counting.count import told_sql
from publisher.stats.counting.tables import ACCEPTED
from publisher.stats.engines.duckdb_engine import DuckCount

TOLD = "listener, slug, start, day, requests, doubled, enough, included, app, device, country, rule"
ODD = ("", "DE", "de", "é", "z", "Z", "-", "𐌰", "\uffff")
"""Words whose order is another one with capitals folded, by letters, or in UTF-16."""


def some_requests(seed: int) -> list[tuple[object, ...]]:
    """Few listeners, who come back for a week, each under several names."""
    chance = random.Random(seed)  # noqa: S311  # the same each time
    rows: list[tuple[object, ...]] = []
    for _ in range(1500):
        when = dt.datetime(2026, 6, 1) + dt.timedelta(hours=chance.randrange(170), minutes=chance.choice([0, 0, 30]))  # noqa: DTZ001  # as the table has it
        slug, first = chance.choice(ODD[1:4]), chance.choice([None, 0, 500, 1000])
        address = chance.choice([None, *(f"{n:016x}" for n in (0, 1, 2**63, 2**64 - 1))])
        words = [chance.choice(ODD) for _ in range(3)]
        listener, line = f"{chance.randrange(30) * 0x0888888888888889 % 2**64:016x}", f"{chance.randrange(400):016x}"
        path, last, sent = (
            f"media/{slug}{chance.choice('ab')}",
            None if first is None else first + chance.choice([9, 700]),
            chance.randrange(900),
        )
        rows.append(("log", when, line, address, listener, listener, chance.random() < 0.002, slug, path, *words, first, last, sent))
    return rows + chance.sample(rows, 100)


@pytest.mark.parametrize("window", ["rolling", "calendar", "extending"])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_windows_are_what_the_text_of_the_count_says_of_words(tmp_path, window, seed):
    with closing(DuckCount(tmp_path)) as count:
        count.know([(f"media/{slug}{part}", slug, 1200, 100, 500, 120.0) for slug in ODD[1:4] for part in "ab"], most=1)
        rows = [] if seed is None else some_requests(seed)
        by_column = [list(values) for values in zip(*rows, strict=True)]
        if rows:
            values = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in ACCEPTED.values())
            count.run(f"INSERT INTO accepted SELECT {values}", *by_column)
        for _ in range(2):  # nothing stays in the way of the next
            count.tell(window)
        found = count.run(f"SELECT {TOLD} FROM told ORDER BY ALL").fetchall()  # noqa: S608
        assert found == count.run(f"SELECT {TOLD} FROM ({told_sql(window, 'accepted')}) ORDER BY ALL").fetchall()  # noqa: S608
        assert {row[-1] for row in found} == (set() if seed is None else {None, "below-a-minute", "unrealistic"})
        if seed is not None:
            assert any(row[5] for row in found)
