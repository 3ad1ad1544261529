"""Who publishes, by name: so that two people see whose words they would replace."""

from __future__ import annotations

import os
import platform
import subprocess
from typing import TYPE_CHECKING

from feed.text_cleaning import printable_line

if TYPE_CHECKING:
    from pathlib import Path

_VARIABLES = ("AIRDATE_BY", "GITHUB_ACTOR", "GITLAB_USER_LOGIN")


def who_publishes(folder: Path) -> str:
    """AIRDATE_BY, else who started the CI's job, else git's user.name as seen from `folder`, else this machine's name."""
    named = (os.environ.get(name, "") for name in _VARIABLES)
    name = next((text for text in map(printable_line, named) if text), "") or _in_git(folder) or platform.node()
    return name[:80]


def _in_git(folder: Path) -> str:
    try:
        done = subprocess.run(
            ["git", "config", "user.name"], cwd=folder, capture_output=True, text=True, errors="replace", timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return printable_line(done.stdout)
