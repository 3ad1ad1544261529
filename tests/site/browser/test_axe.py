"""Pages in each language we have words for, under axe: what programs for the blind would stumble over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from publisher.core.layout import Folder
from publisher.site.html import show_pages as pages
from publisher.site.parts.page_windows import Leaf
from publisher.site.parts.theme import Theme
from publisher.site.parts.words import LANGUAGES
from tests.support import full_show as full
from tests.support import node_parsers, sample_pages
from tests.support import tagged_pages as tagged
from tests.support.browsing import Site
from tests.support.needs import needs

pytestmark = needs("browser", "chromium")
TO_PLAY = ("episodes/episode-3.html", "embed/episode-3.html")
LISTS = ("index.html", "archive/1.html", "season-2.html", "people.html", "people/emma.html")
KEYS = (*TO_PLAY, *LISTS, "subscribe.html", "search.html", "about.html", "episodes/gone.html", "404.html")
"""A page of each kind."""
LONGEST = f"episodes/{full.FULL}.html"


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """The made-up show in each language, with search and comments, all on one server."""
    site = Site(tmp_path_factory.mktemp("languages"))
    for language in LANGUAGES:
        address = f"{site.origin}/{language}"
        settings = sample_pages.make_settings(site=address, search=True, comments="https://comments.example/new", seasons=((2, ""),))
        first = sample_pages.make_episode(3, site=address, written=tagged.EPISODE, alternates=tagged.ALTERNATES)
        views = [sample_pages.make_view(item) for item in (first, sample_pages.make_episode(2, site=address))]
        streams = tuple(tagged.live(status, guid=status) for status in ("live", "pending", "ended"))
        show = replace(sample_pages.make_show(site=address, language=language, **tagged.SHOW), live=streams)
        files = sample_pages.make_site(settings, show, views)
        theme, leaf, show = (
            Theme(settings),
            Leaf(number=0, window=slice(0, 2)),
            replace(show, episodes=tuple(view.episode for view in views)),
        )
        files |= {
            "season-2.html": pages.season_page(theme, show, 2, "", (), leaf),
            "people/emma.html": pages.person_page(theme, show, sample_pages.PEOPLE[0], "emma", leaf),
            "search.html": pages.search_page(theme, show, Folder("search/pagefind/"), ()),
            "about.html": pages.plain_page(theme, show, "about.html", "About", "<p>A lamp.</p>"),
        }
        sample_pages.write_texts(site.folder / language, files)
    yield site
    site.close()


@pytest.fixture(scope="module")
def violations(browser):
    """What axe has against a page, at a width and in a scheme."""
    source = node_parsers.source_of("axe-core/axe.min.js")
    pages = {scheme: browser.new_page(color_scheme=scheme) for scheme in ("light", "dark")}

    def violations_(url: str, width: int = 1280, scheme: str = "light", *, contrast: bool = False, before: str = "") -> list[str]:
        page = pages[scheme]
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(url)
        page.evaluate(source)
        if before:
            page.evaluate(before)
        return page.evaluate(node_parsers.RUN_AXE, contrast)

    yield violations_
    for page in pages.values():
        page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_has_nothing_against_a_page_in_any_language(sites, violations, language):
    for key in KEYS:
        assert violations(f"{sites.origin}/{language}/{key}") == [], key
    assert violations(f"{sites.origin}/{language}/index.html", 360, "dark") == []


def test_axe_finds_colours_strong_enough_and_would_notice_a_name_that_says_something_else(sites, violations):
    page = f"{sites.origin}/de/episodes/episode-3.html"
    assert violations(page, contrast=True) == []
    assert violations(page, 360, "dark", contrast=True) == []
    otherwise = "document.querySelector('.to-search').setAttribute('aria-label', 'Alle Folgen durchstöbern')"
    assert violations(page, before=otherwise) == ["label-content-name-mismatch: .to-search"]


@pytest.mark.parametrize("key", full.PAGES)
def test_axe_has_nothing_against_the_full_show(full_show, violations, key):
    """A page of each kind; that of the two hours has 9,000 elements, and one look at it takes as long as all others together."""
    assert violations(f"{full_show.origin}/{key}", 360, "dark", contrast=True) == []
    if key != LONGEST:
        assert violations(f"{full_show.origin}/{key}") == []
