"""The order of the tests: a folder for each room, and all of them run by `make test`."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support import ROOT

ACROSS = {"feed", "whole", "e2e", "clients", "docs", "house", "soak"}
"""What is no room of publisher/."""


def folders() -> set[str]:
    """The folders of tests/ that hold tests; a module beside them stands under its own name."""
    return {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}


def test_make_test_runs_every_folder_once():
    done = subprocess.run(["make", "--dry-run", "test"], cwd=ROOT, capture_output=True, text=True, check=True)
    command = next(line for line in done.stdout.splitlines() if "-m pytest" in line)
    assert sorted(Path(word).name for word in command.split() if word.startswith("tests/")) == sorted(folders() - {"soak"})


def test_every_folder_is_a_room_or_goes_through_several():
    rooms = {path.stem for path in (ROOT / "publisher").iterdir()}
    assert folders() - rooms - ACROSS == set()
    feed = {path.stem for path in (ROOT / "feed").iterdir()}
    assert {path.parent.name for path in (ROOT / "tests" / "feed").rglob("*/test_*.py")} - feed == set()
