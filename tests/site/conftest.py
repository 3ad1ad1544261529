"""The made-up show on a server of its own, and a browser to look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import sample_pages
from tests.support.browsing import Site, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

LOOKS = {
    f"{width}-{scheme}": {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    for width, height in ((360, 640), (1280, 720))
    for scheme in ("light", "dark")
}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The made-up show, served."""
    made = Site(tmp_path_factory.mktemp("site"))
    sample_pages.write_site(made.folder, sample_pages.sample_site(made.origin))
    yield made
    made.close()


@pytest.fixture(scope="module", params=LOOKS.values(), ids=LOOKS)
def look(request: pytest.FixtureRequest) -> dict[str, object]:
    """Options of a browser's context: narrow and wide, light and dark."""
    return request.param


@pytest.fixture(scope="module")
def tab(browser: Browser, look: dict[str, object], site: Site) -> Iterator[Page]:
    """One tab for all tests of a look, which remembers nothing: opening a tab costs ten times what a page does."""
    context = browser.new_context(**look, permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script("try { localStorage.clear(); } catch {}")
    page = context.new_page()
    page.troubles = []
    watch(page, site.origin, page.troubles)
    yield page
    context.close()


@pytest.fixture
def visit(tab: Page, site: Site) -> Iterator[Callable[[str], Page]]:
    """Opens an address of the site in the tab; the test fails when a page logs an error or asks another origin for anything."""

    def visit_(key: str) -> Page:
        tab.goto("about:blank")  # an address that differs in its fragment alone would be the same page
        tab.goto(f"{site.origin}/{key}")
        return tab

    tab.troubles.clear()
    yield visit_
    tab.goto("about:blank")  # its sound ends here
    assert tab.troubles == []
