from __future__ import annotations

from tests.support.e2e_storms import TALLY


def pytest_terminal_summary(terminalreporter) -> None:
    """How the storms ended."""
    for what, times in sorted(TALLY.items()):
        terminalreporter.write_line(f"{times:6} {what}")
