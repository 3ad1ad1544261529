"""Links in the pages lead somewhere: files and headings are there, addresses of others are whole; pictures are made by us."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import pytest

from tests.support import ROOT
from tests.support.markdown_pages import all_pages, anchors, links, name_of, pictures, written_pages
from tools import screenshots


def leads_nowhere(page, target):
    """Why a link leads nowhere; "" where it leads somewhere. Nobody's server is asked."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        whole = parts.scheme in ("https", "mailto") and ("." in parts.netloc or "@" in parts.path)
        return "" if whole and not re.search(r"[\s<>\"]", target) else "no whole address"
    place = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not place.exists() or not place.is_relative_to(ROOT):
        return "no such file"
    if parts.fragment and parts.fragment not in anchors(place.read_text("utf-8")):
        return "no such heading"
    return ""


@pytest.mark.parametrize("page", all_pages(), ids=name_of)
def test_every_link_leads_somewhere(page):
    assert [f"{target}: {why}" for target in links(page.read_text("utf-8")) if (why := leads_nowhere(page, target))] == []


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("docs/storage.md#services", ""),
        ("docs/rules.md#f001", ""),
        ("https://example.org/a", ""),
        ("docs/nowhere.md", "no such file"),
        ("docs/storage.md#no-such-heading", "no such heading"),
        ("../outside.md", "no such file"),
        ("https:/example.org", "no whole address"),
        ("http://plain.example.org", "no whole address"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(target, why):
    assert leads_nowhere(ROOT / "README.md", target) == why


def test_every_picture_is_one_that_make_screenshots_takes_and_each_of_those_is_shown():
    shown = {
        (page.parent / name).resolve().relative_to(ROOT).as_posix()
        for page in written_pages()
        if page.name != "errors.md"
        for name in pictures(page.read_text("utf-8"))
    }
    plots = set(re.findall(r"--plot (\S+)", (ROOT / "docs" / "benchmarks.md").read_text("utf-8")))
    assert shown - plots == {f"docs/images/{name}.png" for name in screenshots.SHOWN}
    assert {path.name for path in (ROOT / "docs" / "images").iterdir()} == {f"{name}.png" for name in screenshots.SHOWN}


def test_every_page_of_docs_is_in_the_list_of_the_site_or_a_recipe():
    listed = set(re.findall(r"([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    assert {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "ci"} <= listed
