"""Podcast parsers of the Node world, and axe: what do they understand of a feed, and of a page?

`make test` installs them into .venv/node; without npm the tests that need them are skipped by name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.needs import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Mapping

PARSERS = Path(__file__).resolve().parent / "parsers"
INSTALLED = Path(sys.prefix) / "node"

RUN_AXE = """(contrast) => axe.run(document, { resultTypes: ["violations"], rules: {
        "label-content-name-mismatch": { enabled: true }, "color-contrast": { enabled: contrast } } })
    .then((found) => found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3).join("; ")}`))"""
"""What axe has against a page; the colours are the same in each language, and take most of the time."""


def install() -> None:
    """Install the parsers where they are missing and AIRDATE_REQUIRE asks for them; else skip the test, naming what is missing."""
    names = list(json.loads((PARSERS / "package.json").read_text())["dependencies"])
    if shutil.which("node") and all((INSTALLED / "node_modules" / name).is_dir() for name in names):
        return
    if "node" not in REQUIRED:
        pytest.skip(f"node: {', '.join(names)} not installed")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    shutil.copy(PARSERS / "package.json", INSTALLED)
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error"]
    subprocess.run(command, cwd=INSTALLED, check=True, timeout=300)


def source_of(script: str) -> str:
    """The text of a script that is installed with them, as `axe-core/axe.min.js`."""
    install()
    return (INSTALLED / "node_modules" / script).read_text("utf-8")


def understood(feed: Path) -> Mapping[str, Any]:
    """`{"feedsmith": …, "partytime": …}`."""
    install()
    done = subprocess.run(
        ["node", str(PARSERS / "read.mjs"), str(feed)],
        cwd=INSTALLED,
        env={"PATH": os.environ["PATH"], "HOME": str(INSTALLED)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: Mapping[str, Any] = json.loads(done.stdout)
    return document
