"""Day by day, each under keys of its own, the count comes to what it comes to at once."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.kept.day_by_day import all_asked, count_days, fold, segments
from publisher.stats.kept.log_files import DAY, days_between
from publisher.stats.kept.tables import BEGUN, KEPT, SUMS, load

MONDAY = dt.datetime(2026, 6, 1)  # noqa: DTZ001  as DuckDB has it: UTC
SIZE = 2_000_000
RECORDINGS = [(f"media/{slug}.mp3", slug, SIZE, 0, 1_000_000, 120.0) for slug in ("one", "two")]


@pytest.fixture(scope="module")
def count(tmp_path_factory):
    with closing(DuckCount(tmp_path_factory.mktemp("count"), threads=1)) as found:
        found.know(RECORDINGS, most=3)
        yield found


def hashed(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:16]


def fill(count, requests, keys):
    """Requests of (who, slug, minutes since Monday, first byte, bytes), hashed as the count does."""
    load(count, "kept", KEPT, None)
    load(count, "begun", BEGUN, None)
    load(count, "counted", SUMS, None)
    count.run("DELETE FROM accepted")
    for number, (who, slug, minutes, first, size) in enumerate(requests):
        at = MONDAY + dt.timedelta(minutes=minutes)
        before, after = keys.get(at.date(), "salt"), keys.get(at.date() + DAY, "salt")
        of = hashed(f"{who} {after}")
        row = (
            "log",
            at,
            hashed(f"{number} {after}"),
            of,
            of,
            hashed(f"{who} {before}"),
            False,
            slug,
            f"media/{slug}.mp3",
            "App",
            "phone",
            "",
            first,
        )
        count.run("INSERT INTO accepted VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *row, first + size - 1, size)
    all_asked(count)


def at_once(count, window):
    count.count(window)
    return sorted(row for row in count.downloads())


def day_by_day(count, window, first, last, keys):
    count_days(count, window, first, last, keys=keys, since=first)
    return sorted(count.run("SELECT day, slug, app, device, country, downloads FROM counted").fetchall())


REQUESTS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from(["one", "two"]),
        st.integers(0, 6 * 1440 - 1) | st.sampled_from([0, 1439, 1440, 2880, 2879, 4320]),
        st.sampled_from([0, 400_000]),
        st.sampled_from([SIZE, 600_000, 400_000]),
    ),
    max_size=24,
)


@settings(max_examples=200 if "AIRDATE_SOAK" in os.environ else 12)
@given(requests=REQUESTS, keyed_from=st.integers(0, 7), window=st.sampled_from(["calendar", "rolling", "extending"]))
def test_day_by_day_is_at_once(count, requests, keyed_from, window):
    first, last = MONDAY.date(), MONDAY.date() + 6 * DAY
    fill(count, requests, {})
    whole = at_once(count, window)
    keys = {day: f"key {day}" for day in days_between(first + keyed_from * DAY, last + 2 * DAY)}
    fill(count, requests, keys)
    assert day_by_day(count, window, first, last, keys) == whole


def test_days_under_one_key_are_one_step():
    first, last = dt.date(2026, 6, 1), dt.date(2026, 6, 5)
    keys = {dt.date(2026, 6, 4): "a", dt.date(2026, 6, 5): "b"}
    assert list(segments(first, last, {})) == [(first, last)]
    assert [(begin.day, end.day) for begin, end in segments(first, last, keys)] == [(1, 2), (3, 3), (4, 4), (5, 5)]


def test_three_are_not_few_and_two_are(count):
    load(count, "counted", SUMS, None)
    for app, downloads in (("Three", 3), ("Two", 2)):
        count.run("INSERT INTO counted VALUES (DATE '2026-06-01', 'one', ?, 'phone', 'DE', ?, 'rolling')", app, downloads)
    fold(count, "counted")
    assert sorted(count.run("SELECT app, downloads FROM counted").fetchall()) == [("", 2), ("Three", 3)]


def test_what_few_had_in_common_is_folded_and_sums_stay(count):
    load(count, "counted", SUMS, None)
    rows = [
        ("one", "Pocket", "phone", "DE", 2),
        ("two", "Pocket", "phone", "DE", 2),
        ("one", "Pocket", "phone", "IS", 1),
        ("one", "Pocket", "watch", "DE", 2),
        ("one", "Rare", "phone", "DE", 1),
        ("two", "Rare", "phone", "FR", 1),
    ]
    for row in rows:
        count.run("INSERT INTO counted VALUES (DATE '2026-06-01', ?, ?, ?, ?, ?, 'rolling')", *row)
    fold(count, "counted")
    assert sorted(count.run("SELECT slug, app, device, country, downloads FROM counted").fetchall()) == [
        ("one", "", "", "", 1),
        ("one", "Pocket", "", "", 2),
        ("one", "Pocket", "phone", "", 1),
        ("one", "Pocket", "phone", "DE", 2),
        ("two", "", "", "", 1),
        ("two", "Pocket", "phone", "DE", 2),
    ]
