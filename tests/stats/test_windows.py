"""The three windows, by the guideline's own table: Podcast Technical Measurement Guidelines 2.3, §5.5.1, “Example”."""

from __future__ import annotations

import pytest

from tests.stats.logged_show import LATER, at

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


def test_requests_that_came_too_late_are_named_beside_the_numbers_ever_after(logged):
    logged.log(logged.line(at(0)), logged.line(at(3)))
    logged.stats()
    (logged.show.folder / "logs" / "access.log").unlink()
    logged.log(logged.line(at(1), ip="198.51.100.1"), logged.line(at(9)), name="later.log")
    for _ in range(2):  # the run that reads them, and the next
        document = logged.stats()
        assert "1 request of days that are closed left out: they came when the logs of these days were gone" in document["limits"]
    assert document["downloads"] == 3
    assert "1 request of days that are closed left out" in logged.show.run("stats", now=LATER).stdout
