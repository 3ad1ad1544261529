"""The site of docs/ is built without a warning, asks nobody else for anything, and shows lists as lists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT


def build(folder: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("properdocs")), "build", "-f", "mkdocs.yml", "--site-dir", str(target)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    target = tmp_path_factory.mktemp("site") / "docs-site"
    done = build(ROOT, target)
    assert done.returncode == 0, done.stderr
    return target


def test_no_page_loads_anything_from_another_host(site):
    tags = {tag for page in site.rglob("*.html") for tag in re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", page.read_text("utf-8"))}
    assert [tag for tag in sorted(tags) if re.search(r"(?:src|href)=\"(?:https?:)?//", tag)] == []


def test_lists_and_tables_are_no_text(site):
    flat = {page.name: re.findall(r"<p>[^<]*\n(?:- |\* |1\. |\|).*", page.read_text("utf-8")) for page in site.rglob("*.html")}
    assert {name: found for name, found in flat.items() if found} == {}


def test_a_link_that_leads_nowhere_stops_the_build(tmp_path):
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    with (tmp_path / "docs" / "theme.md").open("a") as page:
        page.write("\n[nowhere](storage.md#no-such-heading)\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode != 0 and "no-such-heading" in done.stderr
