"""What people, programs and spreadsheets are told of a show's downloads."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest

from publisher.core.json_results import document_of
from publisher.stats.period import Period
from publisher.stats.report.csv_rows import HEAD, as_csv
from publisher.stats.report.results import document
from publisher.stats.report.summary import first_days, shares, usual, usual_curve, weeks
from publisher.stats.report.text import as_text, week_line
from publisher.stats.report.values import DailySum, EpisodeOnce, OldTotal, ShowNumbers
from tests.support.sample_numbers import SLUGS, TODAY, sample_numbers

DAY = dt.date(2026, 6, 1)
JUNE = Period(first=DAY, last=dt.date(2026, 6, 30))


def show_of(*rows, episodes=(), **values):
    """A show with sums of (day of June, slug, downloads)."""
    sums = tuple(DailySum(date=dt.date(2026, 6, day), slug=slug, downloads=number) for day, slug, number in rows)
    values = {"guid": "g", "title": "Show", "counted": JUNE, **values}
    out = tuple(EpisodeOnce(slug=slug, title=slug, date=dt.date(2026, 6, day)) for slug, day in episodes)
    return ShowNumbers(sums=sums, episodes=out, **values)


def test_a_week_is_the_last_seven_days_that_are_over_and_have_logs():
    show = show_of()
    assert weeks([show], dt.date(2026, 6, 20)) == (Period.ending(dt.date(2026, 6, 19), 7), Period.ending(dt.date(2026, 6, 12), 7))
    assert weeks([show], dt.date(2026, 8, 1))[0] == Period(first=dt.date(2026, 6, 24), last=dt.date(2026, 6, 30))
    assert weeks([replace(show, counted=None)], DAY) is None


def test_the_day_an_episode_came_out_is_its_first_and_what_is_not_over_is_not_told():
    rows = [(day, "a", 10) for day in range(1, 31)]
    found = first_days(show_of(*rows, episodes=[("a", 1)]), dt.date(2026, 6, 8))[0]
    assert found.after == {1: 10, 7: 70, 30: None}
    assert found.curve == (10, 20, 30, 40, 50, 60, 70, 80)
    assert found.total == 300


def test_an_episode_that_came_out_before_the_logs_has_no_first_days():
    show = show_of((2, "a", 10), episodes=[("a", 1)], counted=Period(first=dt.date(2026, 6, 2), last=dt.date(2026, 6, 30)))
    found = first_days(show, dt.date(2026, 6, 30))[0]
    assert (found.after, found.curve, found.total) == ({1: None, 7: None, 30: None}, (), 10)


def test_what_is_usual_is_the_median_and_of_two_episodes_nothing_is():
    show = show_of((1, "a", 10), (2, "b", 20), (3, "c", 90), episodes=[("a", 1), ("b", 2), ("c", 3)])
    rows = first_days(show, dt.date(2026, 6, 8))
    assert usual(rows) == {1: 20, 7: None, 30: None}
    assert usual(rows[:2]) == {1: None, 7: None, 30: None}
    assert usual_curve(rows, "c") == ()
    assert usual_curve(rows, "none of them")[:2] == (20, 20)


def test_parts_add_up_to_the_whole():
    found = shares(sample_numbers().sums, lambda row: row.app)
    assert sum(row.part for row in found) == pytest.approx(1)
    assert sum(row.downloads for row in found) == sum(row.downloads for row in sample_numbers().sums)


def test_the_document_has_the_agreed_keys_and_days_add_up_to_episodes():
    made = document_of(document([sample_numbers()], JUNE, TODAY))
    assert {"episodes", "days", "unread", "method"} <= made.keys()
    assert made["unread"] == 3
    assert made["method"].startswith(
        "Counted by the rules of the Podcast Technical Measurement Guidelines 2.3 (IAB Tech Lab), in rolling windows"
    )
    assert "certified" not in str(made)
    of_days = {}
    for row in made["days"]:
        assert row.keys() == {"date", "slug", "downloads"}
        assert row["date"].startswith("2026-06-")
        of_days[row["slug"]] = of_days.get(row["slug"], 0) + row["downloads"]
    assert [(row["slug"], row["downloads"]) for row in made["episodes"]] == sorted(of_days.items(), key=lambda item: -item[1])
    assert made["downloads"] == sum(of_days.values()) == sum(row["downloads"] for row in made["apps"])
    assert made["imported"] == []


def test_old_totals_are_in_no_number_and_in_no_day():
    shown = document_of(document([sample_numbers()], None, TODAY))
    without = document_of(document([replace(sample_numbers(), old=())], None, TODAY))
    assert len(shown["imported"]) == 30
    assert {key: value for key, value in shown.items() if key != "imported"} == {
        key: value for key, value in without.items() if key != "imported"
    }


def test_of_several_shows_each_row_names_its_own():
    shows = [sample_numbers(), sample_numbers(title="Other", guid="other")]
    made = document_of(document(shows, JUNE, TODAY))
    assert {row["show"] for key in ("episodes", "days", "first_days", "usual") for row in made[key]} == {show.guid for show in shows}
    assert [row["title"] for row in made["shows"]] == ["Slow Light", "Other"]
    assert made["downloads"] == 2 * document([sample_numbers()], JUNE, TODAY).downloads


def test_people_get_this_week_beside_the_one_before_and_what_is_said_beside_it():
    lines = list(as_text([sample_numbers()], None, TODAY))
    text = "\n".join(lines)
    assert lines[0] == "Slow Light: downloads by days in UTC, logs of 2026-04-01 to 2026-06-29"
    assert any(line.split()[:4] == ["this", "week", "week", "before"] for line in lines)
    made = document([sample_numbers()], None, TODAY)
    whole = next(line for line in lines if line.startswith("All episodes"))
    assert f"{made.week.downloads:,}" in whole and f"{made.week_before.downloads:,}" in whole
    newest = next(line for line in lines[lines.index(next(x for x in lines if x.startswith("The newest"))) :] if SLUGS[-1] in line)
    assert newest.split()[1:] == ["2026-06-25", "1,530", "–", "–", newest.split()[-1]]
    assert "  usual" in text
    assert "Apple Podcasts" in text and "Countries" in text and "mobile" in text
    assert "Imported totals of the old host, 2026-03-02 to 2026-03-31: 3,465" in lines
    assert "Numbers from 2026-06-28 on may still grow: logs come late." in lines
    assert "These logs: where the log has no ranges, a part of a recording counts by its bytes." in lines
    assert "3 lines of the logs could not be read: `publish stats check` shows them." in lines
    assert lines[-4].startswith("Counted by the rules of")


def test_the_day_that_is_not_over_is_told_beside_a_week_that_does_not_have_it():
    show = show_of((TODAY.day, "a", 2), counted=Period(first=TODAY, last=TODAY))
    said = [line for line in as_text([show], None, TODAY) if line.startswith("This week")]
    assert len(said) == 1 and said[0].endswith("whole days alone; since then 2 so far.")
    assert not [line for line in as_text([show], Period(first=TODAY, last=TODAY), TODAY) if line.startswith("This week")]


def test_columns_stand_below_each_other_in_any_script():
    show = show_of((29, "a", 5), (29, "b", 12345), title="灯台の話", episodes=[("a", 20), ("b", 21)])
    shows = [show, replace(show, guid="h", title="Second")]
    table = [line for line in as_text(shows, None, TODAY) if line.startswith(("  灯台の話: ", "  Second: "))]
    from rich.cells import cell_len

    assert len({cell_len(line) for line in table[:4]}) == 1


def test_a_period_has_its_days_alone():
    lines = list(as_text([show_of((1, "a", 5), (2, "a", 7))], Period(first=DAY, last=DAY), TODAY))
    assert next(line for line in lines if line.startswith("All episodes")).split()[-1] == "5"
    assert any(line.split() == ["2026-06-01"] for line in lines)


def test_what_nobody_knows_is_not_shown_as_a_table():
    text = "\n".join(as_text([show_of((29, "a", 5))], None, TODAY))
    assert "Countries" not in text and "Apps" not in text


def test_without_logs_it_is_said_and_old_totals_still_stand():
    old = (OldTotal(date=DAY, downloads=4),)
    text = "\n".join(as_text([show_of(counted=None, old=old)], None, TODAY))
    assert "No log was read yet, so nothing is counted." in text
    assert "Imported totals of the old host, 2026-06-01: 4" in text


def test_a_title_cannot_move_the_cursor():
    assert "\x1b" not in "".join(as_text([show_of(title="a\x1b[2Jb\nc")], None, TODAY))


def test_csv_has_each_sum_and_no_formula():
    show = show_of((2, "a", 5), old=(OldTotal(date=DAY, downloads=4),))
    show = replace(show, sums=(*show.sums, DailySum(date=DAY, slug="a", app="=HYPERLINK(1)", country="DE", downloads=2)))
    rows = list(csv.reader(io.StringIO(as_csv([show], None), newline="")))
    assert rows == [
        list(HEAD),
        ["2026-06-01", "g", "a", "'=HYPERLINK(1)", "", "DE", "2", "logs"],
        ["2026-06-02", "g", "a", "", "", "", "5", "logs"],
        ["2026-06-01", "g", "", "", "", "", "4", "imported"],
    ]
    assert as_csv([show], Period(first=DAY, last=DAY)).count("\n") == 3


def test_status_says_the_last_week_in_one_line():
    line = week_line(sample_numbers(), TODAY)
    made = document([sample_numbers()], None, TODAY)
    assert line == f"{made.week.downloads:,} downloads from 2026-06-23 to 2026-06-29, {made.week_before.downloads:,} in the week before"
    assert week_line(show_of(counted=None), TODAY) == ""
    assert week_line(show_of((1, "a", 1), counted=Period(first=DAY, last=DAY)), TODAY) == "1 download from 2026-05-26 to 2026-06-01"
