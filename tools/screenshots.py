"""Pictures of every kind of page, to be looked at: `python -m tools.screenshots FOLDER [--of PUBLISHED]`.

The sample show is published into a temporary folder, with a page of its own and an episode taken down; each kind of page at 360 and
1280 px, light and dark. Then the player as it plays, lists its keys, shares and fails; and shows at their limits (no episodes,
3,000, a title of 200 characters, other scripts) at 320 px, at 1280 px and at a zoom of 200 %; and a full one (tests/support/full_show.py) at
five widths, with places further down its longest page and what opens there. Those that begin with `readme-` are the
pictures of docs/images/, which README and docs/ show. With `--of`, the pages of one published show instead, at the same five widths.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.support import ROOT, browsing, full_show, odd_pages, sample_numbers, sample_pages
from tests.support.show_factory import Show

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EPISODE = "episodes/the-zip-that-unbites-itself.html"
KINDS = {
    "home": "index.html",
    "archive": "archive/1.html",
    "season": "season-1.html",
    "episode": EPISODE,
    "people": "people.html",
    "search": "search.html?q=spoons",
    "subscribe": "subscribe.html",
    "plain": "about.html",
    "removed": "episodes/withdrawn.html",
    "404": "404.html",
    "embed": EPISODE.replace("episodes", "embed"),
}
"""A kind of page -> where the sample show has one."""
FULL_KINDS = {
    "episode": f"episodes/{full_show.FULL}.html",
    "bare": f"episodes/{full_show.BARE}.html",
    "arabic": f"episodes/{full_show.ARABIC}.html",
    "embed-episode": f"embed/{full_show.FULL}.html",
    "embed-bare": f"embed/{full_show.BARE}.html",
    "home": "index.html",
    "archive": "archive/1.html",
    "season": "season-1.html",
    "people": "people.html",
    "person": "people/voice0.html",
    "search": "search.html?q=Nebel",
    "subscribe": "subscribe.html",
    "plain": "ueber.html",
    "removed": f"episodes/{full_show.GONE}.html",
    "404": "404.html",
}
"""A kind of page -> where the full show of tests/support/full_show.py has one."""
PLACES = {
    "bites": "document.querySelector('#soundbites').scrollIntoView()",
    "transcript": "document.querySelector('#transcript').scrollIntoView()",
    "linked": "location.hash = '#t=3723'",
    "found": "{ const box = document.querySelector('#find'); box.value = 'Nebel'; box.dispatchEvent(new Event('input')); box.focus(); }",
    "more": "{ const box = document.querySelector('#find'); box.value = ''; box.dispatchEvent(new Event('input')); "
    "document.querySelector('.toolbar .drop').open = true; }",
    "comments": "document.querySelector('.toolbar .drop').open = false; document.querySelector('#comments').scrollIntoView()",
    "form": "document.querySelector('.saying').scrollIntoView({ block: 'end' })",
    "foot": "scrollTo(0, document.documentElement.scrollHeight)",
    "menu": "{ scrollTo(0, 0); document.querySelector('.acts .drop').open = true; }",
    "share": "document.querySelector('[data-do=share]').click()",
}
"""A place on the page of the two hours, or what opens there -> what leads to it from the one before."""
WIDTHS = (320, 360, 768, 1280, 1920)
TALL = 7000
"""Pixels of a page that is taller still: below stands more of the same."""
SHOWN = ("episode", "phone", "numbers")
"""Pictures of docs/images/; here with `readme-` before their names."""
STATES = {
    "deep-link": "location.hash = '#t=31'",
    "playing": "document.querySelectorAll('.chapter')[1].click()",
    "keys": "document.querySelector('#keys').showModal()",
    "share": "document.querySelector('[data-do=share]').click()",
    "gone": "{ const audio = document.querySelector('audio'); audio.src = 'missing.mp3'; document.querySelector('[data-do=play]').click(); }",
    "ended": "{ location.hash = '#t=72'; document.querySelector('[data-do=play]').click(); }",
}
"""What the player shows -> what makes it."""
PLAIN = """\
+++
title = "How the show is made"
+++

Two voices, one drawer of things, and a script that is written before anybody speaks.

## The rules of the drawer

1. Nothing is opened that cannot be closed again.
2. Whoever breaks it explains it, *slowly*.

> A latch is a promise with a spring in it.

| Day | Thing |
|---|---|
| Sunday | zip |
| Monday | kettle |
"""


def publish_sample(folder: Path) -> Path:
    """The sample show with a plain page and a withdrawn episode; the folder that is served."""
    for name in ("config.toml", "artwork.jpg"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "episodes", folder / "episodes")
    show = Show(folder)
    show.write("pages/about.md", PLAIN)
    show.episode("withdrawn", title="The hinge that talked too much", date="2026-05-02T06:00:00Z")
    for arguments in (("--yes",), ("--yes", "--force", "remove=withdrawn")):
        outcome = show.publish(*arguments)
        if outcome.status:
            raise SystemExit(outcome.stderr)
        shutil.rmtree(folder / "episodes" / "withdrawn", ignore_errors=True)
    return show.public


def open_pages(browser: Browser, width: int, scheme: str, **options: object) -> Page:
    """A page of this width."""
    return browser.new_page(viewport={"width": width, "height": 780 if width < 700 else 900}, color_scheme=scheme, **options)  # type: ignore[arg-type]  # playwright names each


def for_readme(browser: Browser, origin: str, out: Path) -> None:
    """An episode on a desk, and on two phones in the dark; few colours, for these files are committed."""
    page = browser.new_page(viewport={"width": 960, "height": 1180})
    page.goto(f"{origin}/episodes/why-the-kettle-knows.html")
    page.wait_for_timeout(300)
    page.screenshot(path=out / "readme-episode.png")
    page.close()
    phone = browser.new_page(viewport={"width": 360, "height": 720}, device_scale_factor=1.5, color_scheme="dark")
    phone.goto(f"{origin}/episodes/why-the-kettle-knows.html")
    phone.wait_for_timeout(300)
    phone.screenshot(path=out / "readme-top.png")
    phone.locator(".chapter").nth(2).click()
    phone.wait_for_timeout(2500)
    phone.evaluate("document.querySelectorAll('.part')[2].scrollIntoView()")
    phone.wait_for_timeout(1500)
    phone.screenshot(path=out / "readme-transcript.png")
    phone.close()
    shots = [Image.open(out / f"readme-{name}.png").convert("RGB") for name in ("top", "transcript")]
    both = Image.new("RGB", (sum(shot.width for shot in shots) + 24, shots[0].height), "#8c8480")
    both.paste(shots[0], (0, 0))
    both.paste(shots[1], (shots[0].width + 24, 0))
    both.save(out / "readme-phone.png")
    numbers(browser, out)
    for name in SHOWN:
        Image.open(out / f"readme-{name}.png").convert("RGB").quantize(96, dither=Image.Dither.NONE).save(
            out / f"readme-{name}.png", optimize=True
        )


def numbers(browser: Browser, out: Path) -> None:
    """The page of `publish stats --html`, of made-up numbers, as it is read from a disk; for docs/ the top of it."""
    file = out.resolve() / "numbers.html"
    file.write_bytes(sample_numbers.sample_page())
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            page = open_pages(browser, width, scheme)
            page.goto(file.as_uri())
            page.screenshot(path=out / f"numbers-{width}-{scheme}.png", full_page=True)
            page.close()
    page = browser.new_page(viewport={"width": 960, "height": 1000})
    page.goto(file.as_uri())
    page.screenshot(path=out / "readme-numbers.png")
    page.close()


def whole(page: Page, address: str, path: Path) -> None:
    """The page from its top, with each of its pictures and what is laid out late; what scrolls in itself as it is first seen."""
    page.goto(address)
    page.evaluate("Promise.all([...document.images].map((image) => { image.loading = 'eager'; return image.decode().catch(() => 0); }))")
    page.evaluate("for (const said of [...document.querySelectorAll('.long .said')].slice(0, 60)) said.style.contentVisibility = 'visible'")
    if "?q=" in address:
        page.wait_for_selector(".moment")
    page.wait_for_timeout(100)
    width, tall = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
    if "/embed/" in address:
        page.screenshot(path=path)
    else:
        page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(tall, TALL)})


def at_five_widths(browser: Browser, origin: str, kinds: dict[str, str], out: Path, name: str) -> None:
    """Each of the pages from a small phone to a large screen; of the two hours also the places further down."""
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            page = open_pages(browser, width, scheme)
            for kind, key in kinds.items():
                whole(page, f"{origin}/{key}", out / f"{name}-{kind}-{width}-{scheme}.png")
            if FULL_KINDS["episode"] in kinds.values():
                page.goto(f"{origin}/{FULL_KINDS['episode']}")
                for place, script in PLACES.items():
                    page.evaluate(script)
                    page.wait_for_timeout(500 if place in ("linked", "found") else 200)
                    page.screenshot(path=out / f"{name}-at-{place}-{width}-{scheme}.png")
            page.close()


def kinds_in(folder: Path) -> dict[str, str]:
    """Pages of a published show: two of each folder and all that lie above."""
    kinds = {path.stem: path.name for path in sorted(folder.glob("*.html"))}
    for inner in ("archive", "episodes", "embed", "people"):
        kinds |= {f"{inner}-{path.stem}": f"{inner}/{path.name}" for path in sorted((folder / inner).glob("*.html"))[:2]}
    return kinds


def of_one_show(folder: Path, out: Path) -> None:
    """Pictures of a show that lies published in `folder`."""
    out.mkdir(parents=True, exist_ok=True)
    site = browsing.Site(folder)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(browsing.FLAGS))
        at_five_widths(browser, site.origin, kinds_in(folder), out, "show")
        browser.close()
    site.close()


def main(out: Path) -> None:
    """Take the pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as first,
        tempfile.TemporaryDirectory() as second,
        tempfile.TemporaryDirectory() as third,
        sync_playwright() as playwright,
    ):
        full = browsing.Site(Path(third) / "public")
        full_show.publish_full(Path(third), full.origin)
        site, odd = browsing.Site(publish_sample(Path(first))), browsing.Site(Path(second))
        sample_pages.write_site(odd.folder, sample_pages.sample_site(odd.origin))
        odd_pages.write_odd_site(odd.folder, odd_pages.odd_site(odd.origin))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(browsing.FLAGS))
        for scheme in ("light", "dark"):
            for width in (360, 1280):
                page = open_pages(browser, width, scheme)
                for kind, key in KINDS.items():
                    page.goto(f"{site.origin}/{key}")
                    page.wait_for_timeout(1500 if kind == "search" else 100)
                    page.screenshot(path=out / f"{kind}-{width}-{scheme}.png", full_page=kind != "embed")
                page.goto(f"{odd.origin}/{odd_pages.ODD['many-person']}")  # nobody is heard often enough in the sample show
                page.screenshot(path=out / f"person-{width}-{scheme}.png", full_page=True)
                for state, script in STATES.items():
                    page.goto("about:blank")
                    page.goto(f"{site.origin}/{EPISODE}")
                    page.evaluate(script)
                    page.wait_for_timeout(2500 if state == "ended" else 700)
                    page.screenshot(path=out / f"player-{state}-{width}-{scheme}.png")
                page.close()
        for width, scheme in ((320, "light"), (320, "dark"), (1280, "light")):
            page = open_pages(browser, width, scheme)
            for name, key in odd_pages.ODD.items():
                page.goto(f"{odd.origin}/{key}")
                page.screenshot(path=out / f"odd-{name}-{width}-{scheme}.png", full_page=True)
            page.close()
        page = browser.new_page(viewport={"width": 640, "height": 450}, device_scale_factor=2)  # 1280 px at 200 %
        for kind in ("home", "episode"):
            page.goto(f"{site.origin}/{KINDS[kind]}")
            page.screenshot(path=out / f"zoom-{kind}.png", full_page=True)
        page.evaluate("location.hash = '#t=31'")
        page.wait_for_timeout(700)
        page.screenshot(path=out / "zoom-deep-link.png")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 794, "height": 1123})
        page.screenshot(path=out / "print.png", full_page=True)
        for_readme(browser, site.origin, out)
        at_five_widths(browser, full.origin, FULL_KINDS, out, "full")
        browser.close()
        for served in (site, odd, full):
            served.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--of", type=Path, metavar="PUBLISHED")
    options = arguments.parse_args()
    if options.of:
        of_one_show(options.of, options.out)
    else:
        main(options.out)
