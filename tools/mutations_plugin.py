"""The pytest plugin of `tools/mutations.py`: notes which test runs and how long, and runs a chosen few in a chosen order.

What it is told stands in the environment: MUTATIONS_NOTES, a file to write; MUTATIONS_CHOSEN, a file with seconds by test;
MUTATIONS_ROOM, the room whose own tests go first; MUTATIONS_PATIENCE.
A test that takes far longer than it took before ends the run, with its name left as the one that was running.
"""

from __future__ import annotations

import faulthandler
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTES = Path(os.environ["MUTATIONS_NOTES"])
CHOSEN: dict[str, float] | None = None
if "MUTATIONS_CHOSEN" in os.environ:
    CHOSEN = json.loads(Path(os.environ["MUTATIONS_CHOSEN"]).read_text("utf-8"))
ROOM = os.environ.get("MUTATIONS_ROOM", "")
PATIENCE = float(os.environ.get("MUTATIONS_PATIENCE", "30"))
"""Seconds a test may take beyond five times what it took; and collecting them all."""

notes: dict[str, Any] = {"seconds": {}, "failed": [], "running": "the import"}


def _watch(test: str) -> None:
    notes["running"] = test
    NOTES.write_text(json.dumps(notes), "utf-8")
    if CHOSEN is not None:
        faulthandler.dump_traceback_later(PATIENCE + 5 * CHOSEN.get(test, 0.0), exit=True)


def pytest_configure() -> None:
    """Watch the time from the first import on."""
    _watch("the import")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs a browser; of the rest, keep the chosen ones: those of the room first, there those of quick files."""
    items[:] = [item for item in items if "browser" not in getattr(item, "fixturenames", ()) and "browser" not in item.path.parts]
    if CHOSEN is not None:
        items[:] = [item for item in items if item.nodeid in CHOSEN]
        files: dict[str, float] = {}
        for item in items:
            files[str(item.path)] = files.get(str(item.path), 0.0) + CHOSEN[item.nodeid]
        items.sort(key=lambda item: (ROOM not in item.path.parts, files[str(item.path)], str(item.path), CHOSEN[item.nodeid], item.nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Say which test what follows belongs to."""
    _watch(item.nodeid)
    measured = coverage.Coverage.current()
    if measured is not None:
        measured.switch_context(item.nodeid)
        measured.set_option("run:context", item.nodeid)
        os.environ["COVERAGE_PROCESS_CONFIG"] = measured.config.serialize()  # what processes that the test starts are measured by
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up a test's seconds; keep the names of those that fail."""
    notes["seconds"][report.nodeid] = round(notes["seconds"].get(report.nodeid, 0.0) + report.duration, 3)
    if report.failed and report.nodeid not in notes["failed"]:
        notes["failed"].append(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write what is known at the end."""
    faulthandler.cancel_dump_traceback_later()
    notes["running"] = ""
    NOTES.write_text(json.dumps(notes), "utf-8")
