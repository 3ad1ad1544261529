"""What action.yml installs: exactly the packages that are needed, at the versions the tests ran with, each by its hashes."""

from __future__ import annotations

import pytest

from tests.support import ROOT
from tools import lock


@pytest.mark.parametrize("part", ["build", "run"])
def test_it_names_what_is_needed_at_the_versions_of_constraints(part):
    text = (ROOT / "locked" / f"{part}.txt").read_text()
    found = lock.locked(text)
    assert {name: version for name, (version, _) in found.items()} == {name: lock.constraints()[name] for name in lock.parts()[part]}
    assert all(hashes for _, hashes in found.values())


@pytest.mark.parametrize("part", ["build", "run"])
def test_it_names_no_address(part):
    text = (ROOT / "locked" / f"{part}.txt").read_text()
    assert "://" not in text
    assert "--index" not in text
