"""The order of lines, cutting a log into files and reading lines twice change nothing; and the count is what a plain loop over the definition
of each window gives.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import NamedTuple

import pytest

from tests.stats.logged_show import at

DAY = dt.timedelta(days=1)


class Asked(NamedTuple):
    """A request; `last` is None for all that follows, `sent` None for all that was asked."""

    when: dt.datetime
    slug: str
    ip: str
    first: int
    last: int | None
    sent: int | None

    def line(self, logged) -> str:
        part = f"{self.first}-{'' if self.last is None else self.last}" if self.first or self.last else None
        return logged.line(self.when, self.slug, ip=self.ip, asked=part, sent=self.sent)


def some_requests(sizes: dict[str, int], seed: int) -> list[Asked]:
    """A few listeners who come back at awkward times, in parts, broken off, twice."""
    chance = random.Random(seed)  # noqa: S311  # the same each time
    found = []
    for _ in range(200):
        when = at(chance.randrange(7), chance.choice([0, 3, 6, 23]), chance.choice([0, 15, 59]))
        slug, ip = chance.choice(["long", "short"]), f"203.0.113.{chance.randrange(6)}"
        first, last = chance.choice([(0, None), (0, 1), *((part * sizes[slug] // 7, (part + 2) * sizes[slug] // 7) for part in range(5))])
        found.append(Asked(when, slug, ip, first, last, chance.choice([None, None, None, sizes[slug] // 9])))
    return found + chance.sample(found, 30)


def by_definition(logged, asked: list[Asked], window: str) -> Counter[tuple[str, str]]:
    """Downloads by day and episode: a loop over each listener's requests, in order."""
    enough = {"long": logged.enough("long"), "short": logged.sizes["short"]}
    opened: dict[tuple[str, str], tuple[dt.datetime, dt.datetime]] = {}
    parts: dict[tuple[str, str, dt.datetime], list[tuple[int, int]]] = {}
    for one in sorted(asked, key=lambda one: one.when):
        if (one.first, one.last) == (0, 1):
            continue
        start, before = opened.get((one.ip, one.slug), (None, None))
        ends = (
            start
            and {
                "calendar": start.replace(hour=0, minute=0) + DAY,
                "rolling": start + DAY,
                "extending": before + DAY,
            }[window]
        )
        if ends is None or one.when >= ends:
            start = one.when
        opened[one.ip, one.slug] = start, one.when
        size = logged.sizes[one.slug]
        end = min(size, size if one.last is None else one.last + 1, size if one.sent is None else one.first + one.sent)
        if one.when < start.replace(hour=0, minute=0) + 2 * DAY:  # what fills a window comes on its day or the next
            parts.setdefault((one.ip, one.slug, start), []).append((one.first, end))
    return Counter((start.date().isoformat(), slug) for (_, slug, start), found in parts.items() if joined(found) >= enough[slug])


def joined(parts: list[tuple[int, int]]) -> int:
    """Bytes that the parts have together."""
    found = reached = 0
    for first, end in sorted(parts):
        found += max(0, end - max(first, reached))
        reached = max(reached, end)
    return found


def told(logged) -> dict[tuple[str, str], int]:
    return {(row["date"], row["slug"]): row["downloads"] for row in logged.stats()["days"]}


@pytest.mark.parametrize("window", ["rolling", "calendar", "extending"])
def test_the_count_is_what_a_loop_over_the_definition_gives(logged, window):
    logged.window(window)
    for seed in range(3):
        asked = some_requests(logged.sizes, seed)
        logged.log(*(one.line(logged) for one in asked))
        assert told(logged) == by_definition(logged, asked, window)


@pytest.mark.parametrize(("seed", "window"), [(1, "rolling"), (2, "calendar"), (3, "extending")])
def test_order_files_and_lines_that_come_twice_change_nothing(logged, seed, window):
    logged.window(window)
    lines = [one.line(logged) for one in some_requests(logged.sizes, seed)]
    logged.log(*lines)
    expected = told(logged)
    assert len(expected) > 5
    chance = random.Random(seed)  # noqa: S311  # the same each time
    chance.shuffle(lines)
    cuts = sorted(chance.sample(range(len(lines)), 3))
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(lines)], strict=True)):
        logged.log(*lines[start:end], name=f"access.log{f'.{number}' if number else ''}")
    assert told(logged) == expected
    assert told(logged) == expected
    logged.log(*lines[:30], name="late.log")
    assert told(logged) == expected
