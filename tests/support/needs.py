"""Tests that need a program: skipped by name where it is missing, and failing there when AIRDATE_REQUIRE says they must run.

AIRDATE_REQUIRE lists parts, separated by commas: s3, ceph, nginx, browser, clients, media, node, postgres, spark.
"""

from __future__ import annotations

import os
import shutil

import pytest

REQUIRED = {part.strip() for part in os.environ.get("AIRDATE_REQUIRE", "").split(",") if part.strip()}


def needs(part: str, *programs: str) -> pytest.MarkDecorator:
    """A mark for tests of `part` that run `programs`: `pytestmark = needs("browser", "chromium")`."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing) and part not in REQUIRED, reason=f"{part}: {', '.join(missing)} not installed")


def launch_browser(playwright):
    """Debian's chromium under playwright; close it with `browser.close()`."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium") or "chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
    )
