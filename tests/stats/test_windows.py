"""The three windows, by the guideline's own table: Podcast Technical Measurement Guidelines 2.3, §5.5.1, “Example”."""

from __future__ import annotations

import pytest

from tests.stats.logged_show import at

REQUESTS = [at(0, 22), at(1, 3), at(1, 22, 15), at(2, 23, 15)]
"""10:00 PM Monday, 3:00 AM Tuesday, 10:15 PM Tuesday, 11:15 PM Wednesday."""
COUNTED = {"calendar": [1, 1, 0, 1], "rolling": [1, 0, 1, 1], "extending": [1, 0, 0, 1]}


@pytest.mark.parametrize("window", COUNTED)
def test_the_table_of_the_guideline_number_for_number(logged, window):
    logged.window(window)
    added, before = [], 0
    for last in range(len(REQUESTS)):
        logged.log(*(logged.line(when) for when in REQUESTS[: last + 1]))
        now = logged.downloads().get("long", 0)
        added.append(now - before)
        before = now
    assert added == COUNTED[window]


def test_rolling_is_what_is_counted_by_when_nothing_is_said(logged):
    logged.log(*(logged.line(when) for when in REQUESTS))
    document = logged.stats()
    assert document["downloads"] == sum(COUNTED["rolling"])
    assert "rolling" in document["method"]


@pytest.mark.parametrize(("window", "days"), {"calendar": [1, 2, 3], "rolling": [1, 2, 3], "extending": [1, 3]}.items())
def test_a_download_belongs_to_the_day_its_window_began(logged, window, days):
    logged.window(window)
    logged.log(*(logged.line(when) for when in REQUESTS))
    assert [row["date"] for row in logged.stats()["days"]] == [f"2026-06-0{day}" for day in days]


def test_days_that_were_counted_in_another_window_and_whose_logs_are_gone_are_named(logged):
    logged.log(*(logged.line(when) for when in REQUESTS))
    logged.stats()
    (logged.show.folder / "logs" / "access.log").unlink()
    logged.log(logged.line(at(20)), name="later.log")
    logged.window("calendar")
    document = logged.stats()
    assert "days from 2026-06-01 to 2026-06-03 were counted in rolling windows, and are gone from the logs" in document["limits"]
    assert document["downloads"] == sum(COUNTED["rolling"]) + 1
