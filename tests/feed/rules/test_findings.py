"""From a broken rule to a finding: where it stands, which are chosen, and what an exception makes of it."""

from __future__ import annotations

import pytest

from feed.findings import Finding, Severity
from feed.rules import EditedFile, Exemption, apply_exceptions, filter_findings, to_finding
from feed.rules.rulebook import Violation

FINDINGS = [
    Finding(code="C006", severity=Severity.HINT, message="a long title", file="episodes/b/chapters.txt"),
    Finding(code="I011", severity=Severity.ERROR, message="no date", file="episodes/b/episode.md", line=3, hint="add one", episode="b"),
    Finding(code="F025", severity=Severity.WARNING, message="a year", file="config.toml", line=9),
    Finding(code="F023", severity=Severity.HINT, message="no owner", file="config.toml"),
    Finding(code="I001", severity=Severity.ERROR, message="no title", file="episodes/b/episode.md", line=2, episode="b"),
    Finding(code="H001", severity=Severity.HINT, message="no file to blame"),
]
EPISODE = EditedFile(file="episodes/b/episode.md", slug="b", lines={"date": 4}, files={"transcript": "episodes/b/transcript.vtt"})
SOURCES = {None: EditedFile(file="config.toml", lines={"show.title": 2}), "g": EPISODE}


def places(item, name):
    return SOURCES[item].place(name) if item in SOURCES else None


@pytest.mark.parametrize(
    ("item", "field", "expected"),
    [
        (None, "show.title", ("config.toml", 2, "")),
        (None, "show.link", ("config.toml", 0, "")),
        ("g", "episode.date", ("episodes/b/episode.md", 4, "b")),
        ("g", "transcript", ("episodes/b/transcript.vtt", 0, "b")),
        ("unknown", "episode.date", ("feed.xml", 77, "")),
    ],
)
def test_a_finding_stands_where_a_person_can_mend_it(item, field, expected):
    finding = to_finding(Violation(field, "m", item=item, line=77, code="X1", severity=Severity.HINT), places)
    assert (finding.file, finding.line, finding.episode) == expected
    assert (finding.code, finding.severity) == ("X1", Severity.HINT)


def test_a_foreign_feed_is_blamed_by_its_own_lines():
    finding = to_finding(Violation("show.title", "m", line=7, code="F003"), file="https://a.example/feed")
    assert (finding.place, finding.severity) == ("https://a.example/feed:7", Severity.ERROR)


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({}, ["C006", "I011", "F025", "F023", "I001", "H001"]),
        ({"select": ["I"]}, ["I011", "I001"]),
        ({"ignore": ["F", "C"]}, ["I011", "I001", "H001"]),
        ({"ignore": ["F"], "select": ["F025"]}, ["F025"]),
        ({"select": ["I"], "ignore": ["I011"]}, ["I001"]),
        ({"select": ["I"], "ignore": ["I"]}, []),
    ],
)
def test_findings_are_chosen_by_the_beginning_of_their_code(options, left):
    assert [finding.code for finding in filter_findings(FINDINGS, **options)] == left


@pytest.mark.parametrize(
    ("exception", "codes"),
    [
        (Exemption(rule="I011", episode="b", reason="old"), {"I011"}),
        (Exemption(rule="I011", episode="c", reason="old"), set()),
        (Exemption(rule="F023", reason="old"), {"F023"}),
        (Exemption(rule="file-missing", reason="old"), set()),
    ],
)
def test_what_is_broken_on_purpose_is_a_hint_that_gives_the_reason_and_keeps_its_place(exception, codes):
    lost = Finding(code="file-missing", severity=Severity.ERROR, message="not here", file="a")
    found = [*FINDINGS, lost]
    for before, after in zip(found, apply_exceptions(found, [exception]), strict=True):
        if before.code in codes:
            assert (after.severity, after.message, after.hint) == (Severity.HINT, "old", "")
            assert (after.code, after.place, after.episode) == (before.code, before.place, before.episode)
        else:
            assert after is before
