"""An episode's folder as it was once, in the versions that git keeps of it: a fresh clone has no copies of its own."""

from __future__ import annotations

import subprocess
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from publisher.core.media_types import content_type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMITS = 50
"""Commits that are looked through, newest first."""


def earlier_versions(folder: Path) -> Iterator[dict[str, bytes]]:
    """The files that lay directly in a folder after each commit that changed it, by name and without recordings; none without git."""
    for commit in _git(folder, "rev-list", f"--max-count={COMMITS}", "HEAD", "--", ".").decode("ascii", "replace").split():
        names = _git(folder, "ls-tree", "-z", "--name-only", commit, "./").decode("utf-8", "replace").split("\0")
        plain = [name for name in names if name and PurePosixPath(name).name == name and not _is_recording(name)]
        files = {name: _git(folder, "cat-file", "blob", f"{commit}:./{name}") for name in plain}
        if "episode.md" in files:
            yield files


def _is_recording(name: str) -> bool:
    return content_type(name).startswith(("audio/", "video/"))


def _git(folder: Path, *words: str) -> bytes:
    """What git says in a folder, nothing where there is no git, no repository or no such thing in it. Only plumbing is asked: what else
    there is runs programs that a repository's own settings name.
    """
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return b""
    return done.stdout if done.returncode == 0 else b""
