"""The order of the tests: a folder for each room, all of them run by `make test`, each with one name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import ROOT

if TYPE_CHECKING:
    import pytest

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


def test_a_test_has_the_same_name_on_another_day(request: pytest.FixtureRequest, tmp_path: Path):
    """Each process of a run collects for itself: a clock or the order of a set in a name ends the run."""
    (tmp_path / "another_day.py").write_text("import time\n\nnow = time.time\ntime.time = lambda: now() + 100_000_000\n")
    path = os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "another_day", "-p", "no:cacheprovider", "--collect-only", "-q", *request.config.args],
        cwd=request.config.invocation_params.dir, env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "7"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert {item.nodeid for item in request.session.items} - set(done.stdout.splitlines()) == set()
