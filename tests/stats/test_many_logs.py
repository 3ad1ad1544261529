"""Services write thousands of small logs: they are read together, and each keeps its own account."""

from __future__ import annotations

import resource
from contextlib import closing

from publisher.stats.agents.known_agents import classify
from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.forms.combined import COMBINED


def line(second: int, ip: int, path: str = "/media/a.mp3") -> str:
    return f'10.0.0.{ip} - - [01/Jun/2026:00:00:{second:02} +0000] "GET {path} HTTP/1.1" 200 999 "-" "AntennaPod/3.4.0" "-"\n'


def test_each_log_keeps_its_own_account_though_they_are_read_together(tmp_path):
    logs = [line(1, 1) + "torn\n" + line(5, 2), "", line(2, 3, "/feed.xml") + line(9, 3, "/feed.xml"), "torn\ntorn\n", line(3, 4)]
    private = tmp_path / "a folder [with] *"  # as TMPDIR may be called
    private.mkdir()
    with closing(DuckCount(private)) as count:
        count.know([("media/a.mp3", "a", 999, 0, 0, 0.0)], most=500)
        told = []
        for number, text in enumerate(logs):
            (tmp_path / f"{number}.log").write_text(text)
            told.append(count.read(f"{number}.log", tmp_path / f"{number}.log", COMBINED, classify))
        by_log = count.run("SELECT source, count(*) FROM accepted GROUP BY source ORDER BY source").fetchall()
        assert by_log == [("0.log", 2), ("4.log", 1)]
        assert [(one.lines, one.unread) for one in told] == [(3, 1), (0, 0), (2, 0), (2, 2), (1, 0)]
        assert [(one.first and one.first.second, one.last and one.last.second) for one in told] == [
            (1, 5), (None, None), (2, 9), (None, None), (3, 3),
        ]  # fmt: skip
        assert [(source, number) for source, number, _ in count.unread] == [("0.log", 2), ("3.log", 1)]
        count.count("rolling")
        assert count.lines == 8
        assert sum(count.left_out().values()) + 3 == 8


def test_a_thousand_small_logs_take_little_more_than_one_large_one(tmp_path):
    def processor() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    with closing(DuckCount(tmp_path)) as count:
        count.know([("media/a.mp3", "a", 999, 0, 0, 0.0)], most=500)
        (tmp_path / "small.log").write_text(line(1, 1))
        before = processor()
        for number in range(1000):
            count.read(f"{number}.log", tmp_path / "small.log", COMBINED, classify)
        count.finish()
        assert processor() - before < 10  # one by one they took a minute
        assert count.lines == 1000
