"""The size of the rooms, and that the page about them names what is there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.test_imports import ORDER
from tests.support.show_factory import ROOT

FOLDERS = sorted({path.parent for top in ("feed", "publisher") for path in (ROOT / top).rglob("*.py")})
MODULES = sorted(path for top in ("feed", "publisher") for path in (ROOT / top).rglob("*.py"))
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "docs/decisions.md")


def test_the_top_of_publisher_is_small():
    assert len(list((ROOT / "publisher").glob("*.py"))) <= 8


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_no_room_holds_more_than_sixteen_modules(folder):
    if folder.name != "commands":  # one for each command
        assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= 16


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_is_and_why_it_is_long(path):
    text = path.read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text))
    assert said
    assert "TODO" not in said
    if len(text.splitlines()) > 350:
        assert "One module" in said, "a long module says in its docstring why it is one: “One module, because …”"


def test_the_line_is_short():
    assert len((ROOT / "publisher/publish.py").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_page_about_the_rooms_names_each_room():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = page[page.index("## The rooms") : page.index("## Where a change goes")]
    named = {name.removesuffix(".py").strip("/") for name in re.findall(r"`(?:publisher/)?([\w/]+/|[\w/]+\.py)`", table)}
    rooms = {package.removeprefix("publisher.") for package in ORDER if package != "publisher"}
    assert rooms <= named


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    missing = []
    for cell in re.findall(r"^.*$", text, re.MULTILINE):
        folder = ROOT
        for name in re.findall(r"`((?:publisher|feed|tests|tools|docs|benchmarks)/[\w./-]+|[\w-]+\.(?:py|toml|md))`", cell):
            if "<" in name:
                continue
            path = ROOT / name if "/" in name else folder / name
            if not path.exists() and not ("/" not in name and any(ROOT.glob(f"**/{name}"))):
                missing.append(name)
            folder = path.parent if path.is_file() else path
    assert not missing
