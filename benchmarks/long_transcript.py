"""How long a browser is busy with a page of 3,000 cues, its processor four times slower: `python -m benchmarks.long_transcript`.

The longest task while the page is opened, while words are searched in the transcript, and while it plays and follows, as Chromium
tells them (tasks of 50 ms and more); and how long after the last key a search has its answer.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import sample_pages
from tests.support.browsing import FLAGS, Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

CUES, EVERY, SLOWER = 3000, 2.4, 4
QUERIES = ("d", "die", "lighthouse", "strasse", "zebra")
_WORDS = (
    *("the", "lighthouse", "die", "Straße", "clock", "is", "late", "on", "purpose", "and", "nobody", "minds", "twenty-twenty", "don’t"),
    *("harbour", "keeper", "fog", "evening", "Größe", "standard", "pilots", "island"),
)
_WATCH = """
window.tasks = [];
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.tasks.push(entry.duration); })
  .observe({type: "longtask", buffered: true});
"""


def main() -> None:
    """Print the longest tasks, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slower", type=float, default=SLOWER, help="how much slower the processor is")
    slower = parser.parse_args().slower
    folder = Path(tempfile.mkdtemp())
    site = Site(folder)
    try:
        address = _write(folder, site.origin)
        _measure(address, slower)
    finally:
        site.close()
        shutil.rmtree(folder)


def _write(folder: Path, origin: str) -> str:
    lines = [
        (f"Voice {number // 5 % 8}", " ".join(_WORDS[(number * 5 + step * 7) % len(_WORDS)] for step in range(14)) + ".")
        for number in range(CUES)
    ]
    episode = sample_pages.make_episode(3, site=origin)
    view = sample_pages.make_view(episode, cues=sample_pages.cues_of(lines, every=EVERY))
    made = sample_pages.make_site(sample_pages.make_settings(site=origin), sample_pages.make_show(site=origin), [view])
    sample_pages.write_site(folder, made)
    return f"{origin}/{view.key}"


def _measure(address: str, slower: float) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        context = browser.new_context(viewport={"width": 390, "height": 844})
        context.add_init_script(_WATCH)
        page = context.new_page()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        print(f"{CUES} cues, 390 px, {slower:g} x slower, load {os.getloadavg()[0]:.1f}")
        start = time.perf_counter()
        page.goto(address)
        page.wait_for_timeout(1500)
        _tell(page, f"opened in {time.perf_counter() - start - 1.5:.1f} s")
        page.locator("#find").evaluate("(field) => field.focus()")
        page.wait_for_timeout(2500)
        _tell(page, "the transcript made ready for search")
        for query in QUERIES:
            _search(page, query)
        page.locator("#find").fill("")
        page.wait_for_timeout(500)
        page.evaluate(
            "document.querySelector('.cue').scrollIntoView(); window.tasks.length = 0; document.querySelector('[data-do=play]').click()"
        )
        page.wait_for_timeout(10_000)
        _tell(page, "ten seconds of playing and following")
        browser.close()


def _search(page: Page, query: str) -> None:
    page.evaluate("document.querySelector('.hits').value = ''; window.tasks.length = 0")
    start = time.perf_counter()
    page.locator("#find").fill(query)
    while not page.evaluate("document.querySelector('.hits').value") and time.perf_counter() - start < 30:
        page.wait_for_timeout(10)
    taken = time.perf_counter() - start
    page.wait_for_timeout(800)
    _tell(page, f"{query!r}: {page.evaluate('document.querySelector(`.hits`).value')} after {taken * 1000:.0f} ms")


def _tell(page: Page, what: str) -> None:
    tasks = page.evaluate("window.tasks")
    page.evaluate("window.tasks.length = 0")
    print(f"{what}: longest task {max(tasks, default=0):.0f} ms, {len(tasks)} of 50 ms and more, {sum(tasks):.0f} ms in all")


if __name__ == "__main__":
    main()
