"""What `publish stats sql` prints: statements that the engines' own grammar takes, in which nothing of a log is more than a text."""

from __future__ import annotations

import re

import pytest
import sqlglot

from publisher.core.errors import Exit
from publisher.stats.agents.known_agents import classify
from publisher.stats.counting.windows import WINDOWS
from publisher.stats.engines.printed import statements
from publisher.stats.engines.transpiling import in_dialect
from publisher.stats.forms.known import FORMS

DIALECTS = ("spark", "trino", "athena")
KNOWN = {"recordings": [("media/a-00000000.mp3", "a", 9, 0, 0, 20.0)], "settings": [("secret", 500)]}
EVIL = "x'); DROP TABLE agents; -- \\"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_form_is_a_statement_of_the_engine(dialect, form):
    text = in_dialect(form.sql, dialect)
    assert sqlglot.parse_one(text, read=dialect).named_selects == sqlglot.parse_one(form.sql, read="duckdb").named_selects


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_window_is_a_list_of_statements_that_are_parsed_again(dialect):
    for window, pieces in WINDOWS.items():
        text = "\n".join(statements(dialect, KNOWN, {}, FORMS[0], window, days=3))
        made = sqlglot.parse(text, read=dialect)
        names = [statement.find(sqlglot.exp.Table).name for statement in made if isinstance(statement, sqlglot.exp.Create)]
        assert names == [*dict.fromkeys(names)]
        assert {"recordings", "agents", "requests", "judged", "accepted", *pieces} <= set(names)
        inserted = [statement for statement in made if isinstance(statement, sqlglot.exp.Insert)]
        assert len(inserted) == (3 if window == "rolling" and dialect != "spark" else 0)
        assert isinstance(made[-1], sqlglot.exp.Select)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_an_agent_says_of_itself_is_a_text(dialect):
    agents = {EVIL: classify(EVIL), **{f"App/{number}": classify("") for number in range(450)}}
    made = sqlglot.parse("\n".join(statements(dialect, KNOWN, agents, FORMS[0], "calendar", days=1)), read=dialect)
    assert not [statement for statement in made if isinstance(statement, sqlglot.exp.Drop)]
    texts = {literal.name for statement in made for literal in statement.find_all(sqlglot.exp.Literal) if literal.is_string}
    assert EVIL in texts
    assert {f"App/{number}" for number in range(450)} <= texts


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
