from __future__ import annotations

import datetime as dt

from publisher.stats.kept.log_files import LogFile, Recount, Wholeness

CLOSED_TO = dt.date(2026, 6, 20)


def day(number):
    return dt.date(2026, 6, number)


def noon(number):
    return dt.datetime(2026, 6, number, 12)  # noqa: DTZ001  as DuckDB has it: UTC


def log(name, *days):
    return LogFile(name=name, mark="", form="", sha256=name, stem=name, bytes=1, begins="", first=noon(min(days)), last=noon(max(days)))


def known(files, gone=()):
    return Wholeness(files=files, here={file.sha256 for file in files} - set(gone), closed_to=CLOSED_TO)


WEEK = [log("a", 1, 2, 3), log("b", 3, 4, 5), log("c", 6, 7)]


def test_a_day_is_whole_where_all_its_logs_are_here_or_it_has_none():
    found = known(WEEK, gone=["b"])
    assert [number for number in range(1, 9) if found.is_whole(day(number))] == [1, 2, 6, 7, 8]


def test_open_days_are_whole_whatever_became_of_their_logs():
    found = known([log("z", 19, 20, 21)], gone=["z"])
    assert [found.is_whole(day(number)) for number in (19, 20, 21)] == [False, True, True]


def test_a_late_line_has_its_day_and_the_one_before_counted_anew_and_all_after_them():
    assert known(WEEK).runs([day(4)]) == (Recount(lead=day(1), first=day(3), last=day(19)),)


def test_a_day_is_left_as_it_was_where_logs_of_a_neighbour_are_gone():
    assert known(WEEK, gone=["c"]).runs([day(4)]) == (Recount(lead=day(1), first=day(3), last=day(4)),)
    assert known(WEEK, gone=["c"]).runs([day(5), day(6)]) == (Recount(lead=day(1), first=day(4), last=day(4)),)
    assert known(WEEK, gone=["a"]).runs([day(3)]) == ()


def test_days_after_a_gap_of_what_is_here_are_not_touched():
    far = [*WEEK, log("d", 12), log("e", 14)]
    assert known(far, gone=["d"]).runs([day(2)]) == (Recount(lead=day(1), first=day(1), last=day(10)),)


def test_only_the_logs_of_what_is_counted_anew_are_read_again():
    found = known(WEEK, gone=["a"])
    runs = found.runs([day(7)])
    assert runs == (Recount(lead=day(4), first=day(6), last=day(19)),)
    assert found.to_read(runs) == {"b", "c"}


def test_the_day_after_the_last_closed_one_needs_no_log():
    found = known([log("a", 18, 19), log("b", 20)], gone=["b"])
    assert found.runs([day(19)]) == (Recount(lead=day(18), first=day(18), last=day(19)),)


def test_a_log_of_the_same_name_and_time_is_one_that_was_written_anew():
    before, again, after = log("a", 1, 5), log("a", 2, 5), log("a", 5, 9)
    assert again.replaces(before)
    assert not after.replaces(before)
    assert not log("b", 1, 5).replaces(before)
