"""The page about listeners says the numbers that hold."""

from __future__ import annotations

import pytest

from publisher.bucket.log_steps import DAYS
from tests.support import ROOT

PAGE = (ROOT / "docs" / "explanation" / "privacy.md").read_text("utf-8")
WORDS = {2: "two", 3: "three", 4: "four", 5: "five"}


def test_its_numbers_are_those_of_the_code():
    pytest.importorskip("duckdb")
    from publisher.stats.kept.day_by_day import FEW

    assert f"What fewer than {WORDS[FEW]} downloads of a day have in common" in PAGE
    assert f"throws each file away after {DAYS} days" in PAGE
    assert f"for [{DAYS}] days" in PAGE


def test_it_never_says_that_the_count_is_certified():
    pages = ["docs/explanation/statistics.md", "docs/explanation/privacy.md", "docs/how-to/statistics.md", "README.md", "CHANGELOG.md"]
    said = [line for page in pages for line in (ROOT / page).read_text("utf-8").splitlines() if "certified" in line]
    assert all("Nobody has certified it" in line for line in said)
