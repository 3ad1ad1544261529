"""What is printed for Trino and Athena, turned back by sqlglot and run on DuckDB, counts what DuckDB counts: as far as it goes without a Trino."""

from __future__ import annotations

from contextlib import closing

import duckdb
import pytest
import sqlglot

from publisher.stats.agents.known_agents import classify
from publisher.stats.blocks import blocks, first_lines
from publisher.stats.engines.duckdb_engine import DuckCount
from publisher.stats.engines.printed import Places, statements
from publisher.stats.forms.known import forms_of
from tests.support.log_traffic import APPS, BOTS, SERVICES, WATCHES, Traffic, write_logs

SIZES = {"long": 1_900_000, "short": 300_000}
PATHS = {slug: f"/media/{slug}-00000000.mp3" for slug in SIZES}
RECORDINGS = [(PATHS[slug][1:], slug, size, 1000, 900_000, 120.0 if slug == "long" else 20.0) for slug, size in SIZES.items()]
PLACES = Places(logs="s3://logs/", months="s3://months/", guid="guid-1")
ELSEWHERE = {"logs", "lines", "months"}
"""What an engine reads and writes where it lies."""
AGENTS = {agent: classify(agent) for agent in ("", *APPS, *BOTS, *WATCHES)}


def turned_back(statement):
    """In DuckDB's words. A text that is repeated is an array in Trino alone, so joining it falls away."""
    for joined in list(statement.find_all(sqlglot.exp.ArrayToString)):
        joined.replace(joined.this)
    return statement.sql("duckdb")


def count_back(log, form, window, dialect):
    """The rows that the printed statements give, run in their order."""
    with duckdb.connect() as database:
        database.execute("CREATE MACRO json_extract_scalar(line, path) AS json_extract_string(line, path)")
        text = b"".join(blocks(log)).decode()
        database.execute("CREATE TABLE lines AS SELECT '' AS source, 0 AS number, unnest(?::VARCHAR[]) AS line", [text.split("\n")[:-1]])
        known = {"recordings": RECORDINGS, "settings": [("secret", 500)]}
        for printed in statements(dialect, known, AGENTS, form, window, days=9, places=PLACES):
            for statement in filter(None, sqlglot.parse(printed, read=dialect)):
                if isinstance(statement, sqlglot.exp.Create) and statement.find(sqlglot.exp.Table).name in ELSEWHERE:
                    continue
                found = database.execute(turned_back(statement))
        rows = tuple(sorted(found.fetchall()))
        assert database.execute("SELECT sum(downloads) FROM monthly").fetchone() == (sum(row[-1] for row in rows),)
        return rows


@pytest.mark.parametrize(
    ("service", "window", "dialect"),
    [
        ("nginx", "rolling", "trino"),
        ("nginx", "extending", "athena"),
        ("cloudfront", "rolling", "athena"),
        ("caddy", "rolling", "trino"),
    ],
)
def test_the_text_for_trino_counts_the_same_when_it_is_turned_back(tmp_path, service, window, dialect):
    write_logs(Traffic(PATHS, SIZES, seed=3, listeners=6), SERVICES[service], tmp_path / "logs", files=1)
    (log,) = (tmp_path / "logs").iterdir()
    form = forms_of({"log": first_lines(log)})["log"]
    (tmp_path / "count").mkdir()
    with closing(DuckCount(tmp_path / "count")) as count:
        count.know(RECORDINGS, most=500)
        count.read("log", log, form, classify)
        count.count(window)
        expected = tuple(count.downloads())
    assert len(expected) > 10
    assert count_back(log, form, window, dialect) == expected
