"""Two processes share the tests; those marked `alone` measure time, and run while the other process waits between two tests."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_configure(config: pytest.Config) -> None:
    """Take turns where this process is one of several."""
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Turns(Path(config.option.basetemp).parent))


class Turns:
    """Each test holds the machine, shared or alone; who waits for it holds the gate, so that nobody overtakes."""

    def __init__(self, folder: Path) -> None:
        self.gate = (folder / "gate.lock").open("w")
        self.machine = (folder / "machine.lock").open("w")
        self.alone = False

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        wanted = item.get_closest_marker("alone") is not None
        if not self.alone:
            fcntl.flock(self.gate, fcntl.LOCK_EX)
            fcntl.flock(self.machine, fcntl.LOCK_EX if wanted else fcntl.LOCK_SH)
            fcntl.flock(self.gate, fcntl.LOCK_UN)
        try:
            return (yield)
        finally:
            self.alone = wanted and nextitem is not None and nextitem.get_closest_marker("alone") is not None
            if not self.alone:
                fcntl.flock(self.machine, fcntl.LOCK_UN)

    def pytest_unconfigure(self) -> None:
        self.gate.close()
        self.machine.close()
