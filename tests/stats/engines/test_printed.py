"""What `publish stats sql` prints: statements that the engines' own grammar takes, in which nothing of a log is more than a text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot

from publisher.core.errors import Exit
from publisher.stats.agents.known_agents import classify
from publisher.stats.counting.windows import WINDOWS
from publisher.stats.engines.printed import Places, place_of
from publisher.stats.engines.printed import statements as printed
from publisher.stats.engines.transpiling import in_dialect
from publisher.stats.forms.known import FORMS

DIALECTS = ("spark", "trino", "athena")
KNOWN = {"recordings": [("media/a-00000000.mp3", "a", 9, 0, 0, 20.0)], "settings": [("secret", 500)]}
PLACES = Places(logs="s3://logs/'a'/", months="s3://private/months/", guid="guid-1")


def statements(*arguments, **options):
    return printed(*arguments, places=PLACES, **options)


EVIL = "x'); DROP TABLE agents; -- \\"


def parsed(dialect, texts):
    """Statements, each parsed by itself: Athena has Hive's words for tables that it reads, and Trino's for all else."""
    return [statement for text in texts for statement in sqlglot.parse(text, read=dialect) if statement]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_form_is_a_statement_of_the_engine(dialect, form):
    text = in_dialect(form.sql, dialect)
    assert sqlglot.parse_one(text, read=dialect).named_selects == sqlglot.parse_one(form.sql, read="duckdb").named_selects


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_window_is_a_list_of_statements_that_are_parsed_again(dialect):
    for window, pieces in WINDOWS.items():
        made = parsed(dialect, statements(dialect, KNOWN, {}, FORMS[0], window, days=3))
        names = [statement.find(sqlglot.exp.Table).name for statement in made if isinstance(statement, sqlglot.exp.Create)]
        assert names == [*dict.fromkeys(names)]
        assert {
            "logs",
            "lines",
            "recordings",
            "agents",
            "requests",
            "judged",
            "accepted",
            *pieces,
            "downloads",
            "monthly",
            "months",
        } <= set(names)
        inserted = [statement for statement in made if isinstance(statement, sqlglot.exp.Insert)]
        assert len(inserted) == (3 if window == "rolling" and dialect != "spark" else 0)
        assert isinstance(made[-1], sqlglot.exp.Select)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_an_agent_says_of_itself_is_a_text(dialect):
    agents = {EVIL: classify(EVIL), **{f"App/{number}": classify("") for number in range(450)}}
    made = parsed(dialect, statements(dialect, KNOWN, agents, FORMS[0], "calendar", days=1))
    assert not [statement for statement in made if isinstance(statement, sqlglot.exp.Drop)]
    texts = {literal.name for statement in made for literal in statement.find_all(sqlglot.exp.Literal) if literal.is_string}
    assert EVIL in texts
    assert {f"App/{number}" for number in range(450)} <= texts


FUNCTIONS = frozenset(
    (
        *("COALESCE", "NULLIF", "TRY", "CAST", "TRY_CAST"),  # functions/conditional, functions/conversion
        *("CONCAT", "LENGTH", "LOWER", "LPAD", "REPLACE", "REVERSE", "SPLIT", "SPLIT_PART", "STARTS_WITH", "STRPOS", "SUBSTR", "TO_UTF8"),
        *("TRIM", "UPPER", "URL_DECODE", "JSON_EXTRACT_SCALAR", "MD5", "TO_HEX"),  # functions/string, url, json, binary
        *("REGEXP_EXTRACT", "REGEXP_LIKE", "REGEXP_REPLACE", "ARRAY_JOIN", "CARDINALITY", "ELEMENT_AT", "REPEAT"),  # regexp, array
        *(
            "DATE_TRUNC",
            "GREATEST",
            "LEAST",
            "BOOL_OR",
            "COUNT",
            "MAX",
            "MIN",
            "SUM",
            "LAG",
            "LEAD",
        ),  # datetime, comparison, aggregate, window
    )
)
"""What Trino's manual has at trino.io/docs/current/functions/list.html; Athena's engine version 3 has those of Trino (docs.aws.amazon.com,
“Functions in Amazon Athena”).
"""
WORDS = {
    "AND",
    "ARRAY",
    "AS",
    "CASE",
    "ELSE",
    "EXISTS",
    "FROM",
    "GIVEN",
    "IN",
    "JOIN",
    "LOGS",
    "NOT",
    "OR",
    "OVER",
    "SERDEPROPERTIES",
    "THEN",
    "VALUES",
    "WHEN",
    "WITH",
}
"""Words that may stand before a bracket and are no functions."""
PROPERTIES = {"format", "external_location", "partitioned_by", "bucketed_by", "bucket_count"}
"""Of tables: trino.io/docs/current/connector/hive.html, “Table properties”; docs.aws.amazon.com, “CREATE TABLE AS”."""


@pytest.mark.parametrize("dialect", ["trino", "athena"])
def test_trino_and_athena_have_each_function_and_property_that_is_printed(dialect):
    known = {**KNOWN, "networks": [("203000", "203000113000", "203000113255")]}
    for form in FORMS:
        for window in WINDOWS:
            text = "\n".join(statements(dialect, known, {"x": classify("x")}, form, window, days=2))
            text = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", text))
            called = {name.upper() for name in re.findall(r"\b([A-Za-z_]\w*)\s*\(", re.sub(r'"[^"]*"', "q", text))}
            assert called <= FUNCTIONS | WORDS
            described = "".join(re.findall(r"TABLE \w+ WITH \(([^)]*)", text))
            assert set(re.findall(r"([a-z_]+) =", described)) <= PROPERTIES
            assert "external_location" in described


@pytest.mark.parametrize(
    ("address", "dialect", "expected"),
    [
        ("s3://logs/2026/*.gz", "spark", "s3a://logs/2026/*.gz"),
        ("s3://logs/2026/*.gz", "trino", "s3://logs/2026/"),
        ("s3://logs/2026/", "athena", "s3://logs/2026/"),
        ("logs/*", "spark", "/show/logs/*"),
        ("logs/a?.log", "trino", "/show/logs/"),
        ("/var/log/nginx", "spark", "/var/log/nginx"),
    ],
)
def test_an_address_is_written_as_the_engine_names_it(address, dialect, expected):
    assert place_of(address, dialect, Path("/show")) == expected


def test_spark_is_told_what_the_count_goes_by():
    text = "\n".join(statements("spark", KNOWN, {}, FORMS[0], "rolling", days=1))
    assert "SET spark.sql.ansi.enabled = false;" in text
    assert "SET spark.sql.session.timeZone = UTC;" in text


def test_trino_is_not_asked_for_what_it_does_not_have():
    text = "\n".join(statements("trino", KNOWN, {}, FORMS[0], "rolling", days=1))
    assert not re.search(r"ENDS_?WITH|RECURSIVE|\bCONTAINS\(|MD5\((?!\s*TO_UTF8)|\w\[\d+\]", text)


def test_the_command_prints_it_for_the_show(logged, tmp_path):
    agents = tmp_path / "agents.txt"
    agents.write_text("AntennaPod/3.4.0\n")
    outcome = logged.show.run("stats", "sql", "--for", "trino", "--form", "nginx", "--agents", str(agents))
    assert outcome.status == Exit.OK, outcome.stderr
    assert logged.paths["long"][1:] in outcome.stdout
    assert "'AntennaPod/3.4.0'" in outcome.stdout
    assert "and not run there" in outcome.stdout
    refused = logged.show.run("stats", "sql", "--for", "spark")
    assert refused.status == Exit.CONTENT
    assert "nobody says which form of log it is" in refused.stderr
