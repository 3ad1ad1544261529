"""An open page reloads by itself, and shows why it could not, under a strict content security policy."""

from __future__ import annotations

import time

import pytest

from tests.support.needs import launch_browser, needs

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'none'; style-src 'none'; img-src data:"></head>
<body><h1>{title}</h1></body></html>"""


@pytest.mark.alone
@needs("browser", "chromium")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_open_page_follows_its_source_and_shows_what_is_wrong(previewed, folder):
    from playwright.sync_api import sync_playwright

    (folder / "index.html").write_text(PAGE.format(title="First"))
    rebuilds = []

    def rebuild():
        rebuilds.append(1)
        if len(rebuilds) == 1:
            raise ValueError("the date is not a date")
        (folder / "index.html").write_text(PAGE.format(title="Second"))

    complaints = []
    with previewed(rebuild) as served, sync_playwright() as playwright:
        browser = launch_browser(playwright)
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.goto(served.url)
        assert page.locator("h1").inner_text() == "First"
        time.sleep(0.4)
        (served.source / "episode.md").write_text("1")
        banner = page.locator("#preview-banner")
        banner.wait_for(timeout=5000)
        assert "the date is not a date" in banner.inner_text()
        assert banner.evaluate("element => getComputedStyle(element).position") == "fixed"
        assert page.locator("h1").inner_text() == "First"
        (served.source / "episode.md").write_text("2")
        page.get_by_role("heading", name="Second").wait_for(timeout=5000)
        assert page.locator("#preview-banner").count() == 0
        browser.close()
    assert [text for text in complaints if "favicon" not in text and "404" not in text] == []
