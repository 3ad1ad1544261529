"""Findings as people and programs read them: text, JSON, annotations and SARIF."""

from __future__ import annotations

import json

import pytest

from feed.findings import Finding, Severity
from publisher.core.console import painted
from publisher.core.finding_formats import as_github, as_json, as_sarif, as_text, counts

FINDINGS = [
    Finding(code="C006", severity=Severity.HINT, message="a long title", file="episodes/b/chapters.txt"),
    Finding(code="I011", severity=Severity.ERROR, message="no date", file="episodes/b/episode.md", line=3, hint="add one", episode="b"),
    Finding(code="F025", severity=Severity.WARNING, message="a year: 100 %,\nreally", file="config.toml", line=9),
    Finding(code="F023", severity=Severity.HINT, message="no owner", file="config.toml"),
    Finding(code="I001", severity=Severity.ERROR, message="no title", file="episodes/b/episode.md", line=2, episode="b"),
    Finding(code="H001", severity=Severity.HINT, message="no file to blame"),
]


def test_text_groups_by_severity_and_file_and_counts_at_the_end():
    assert (
        as_text(FINDINGS)
        == """\
errors in episodes/b/episode.md
  episodes/b/episode.md:2: I001 no title
  episodes/b/episode.md:3: I011 no date
      add one

warnings in config.toml
  config.toml:9: F025 a year: 100 %, really

hints
  H001 no file to blame

hints in config.toml
  config.toml: F023 no owner

hints in episodes/b/chapters.txt
  episodes/b/chapters.txt: C006 a long title

2 errors, 1 warning, 3 hints
"""
    )


def many(number, code="U004", severity=Severity.WARNING):
    return [Finding(code=code, severity=severity, message="8 kbit/s", file=f"episodes/{n:03}/audio.mp3") for n in range(number)]


def test_what_is_found_in_every_episode_is_shown_a_few_times():
    text = as_text([*many(60), FINDINGS[1]])
    assert text.count(" U004 8 kbit/s") == 5
    assert "\nU004: 55 more, which --select U004 shows\n" in text
    assert text.endswith("1 error, 60 warnings\n")


@pytest.mark.parametrize(
    "findings",
    [
        many(60),
        [*many(50), FINDINGS[1]],
        [*many(60, severity=Severity.ERROR), FINDINGS[0]],
    ],
)
def test_all_are_shown_where_they_are_few_or_errors_or_all_there_is(findings):
    text = as_text(findings)
    assert text.count(" U004 8 kbit/s") == len(many(60)) - (10 if len(findings) == 51 else 0)
    assert "more" not in text


def test_nothing_found_is_one_line():
    assert as_text([]) == "nothing found\n"
    assert counts(FINDINGS[1:2]) == "1 error"


def test_control_characters_of_a_feed_never_reach_the_terminal():
    hostile = Finding(code="I002", severity=Severity.WARNING, message="a\x1b[2Jb\x07\x9bc", file="x\x1b.xml", hint="\x1bh")
    assert not set("\x1b\x07\x9b") & set(as_text([hostile]))


def test_colours_are_there_when_asked_for():
    assert painted("I001", "1;31") in as_text(FINDINGS, colour=True)
    assert "\x1b" not in as_text(FINDINGS)


def test_json_holds_the_documented_fields():
    rows = json.loads(as_json(FINDINGS))
    assert rows[1] == {
        "code": "I011",
        "severity": "error",
        "file": "episodes/b/episode.md",
        "line": 3,
        "message": "no date",
        "hint": "add one",
        "episode": "b",
    }
    assert len(rows) == 6


def test_github_commands_are_escaped():
    lines = as_github([*FINDINGS, Finding(code="X,1:2", severity=Severity.ERROR, message="m", file="a,b:c%.md")]).splitlines()
    assert "::warning file=config.toml,line=9,title=F025::a year: 100 %25,%0Areally" in lines
    assert "::error file=episodes/b/episode.md,line=3,title=I011::no date (add one)" in lines
    assert "::notice title=H001::no file to blame" in lines
    assert "::error file=a%2Cb%3Ac%25.md,title=X%2C1%3A2::m" in lines


def test_sarif_names_rules_levels_and_places():
    document = json.loads(as_sarif(FINDINGS, titles={"I011": "every episode has a date"}))
    run = document["runs"][0]
    assert document["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["C006", "F023", "F025", "H001", "I001", "I011"]
    dated = run["results"][1]
    assert (dated["ruleId"], dated["ruleIndex"], dated["level"]) == ("I011", 5, "error")
    assert dated["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "episodes/b/episode.md"}, "region": {"startLine": 3}}}]
    assert "locations" not in next(result for result in run["results"] if result["ruleId"] == "H001")
