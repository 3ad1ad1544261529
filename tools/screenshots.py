"""Pictures of every kind of page, to be looked at: `python tools/screenshots.py FOLDER [SITE_FOLDER]`.

Without SITE_FOLDER a made-up show is used; a folder that `publish build` wrote is taken as it is. Widths 360 and 1280, light
and dark, one while it plays and one as printed.
"""

from __future__ import annotations

import functools
import shutil
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "pages")]

import sample_pages  # noqa: E402


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(folder: Path) -> tuple[ThreadingHTTPServer, str]:
    """The folder on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


def main(out: Path, site: Path | None) -> None:
    """Take the pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = site or Path(temporary)
        server, origin = serve(folder)
        if site is None:
            sample_pages.write_site(folder, sample_pages.sample_site(origin))
        episodes = sorted(path.name for path in (folder / "episodes").glob("*.html") if path.name != "gone.html")
        names = {"home": "index.html", "episode": f"episodes/{episodes[-1]}", "embed": f"embed/{episodes[-1]}"}
        names |= {name: f"{name}.html" for name in ("subscribe", "people", "404") if (folder / f"{name}.html").exists()}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--mute-audio", "--autoplay-policy=no-user-gesture-required"],
            )
            for scheme in ("light", "dark"):
                for width, height in ((360, 780), (1280, 900)):
                    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                    for name, key in names.items():
                        page.goto(f"{origin}/{key}")
                        page.screenshot(path=out / f"{name}-{width}-{scheme}.png", full_page=name != "episode" or width == 1280)
                    page.goto(f"{origin}/{names['episode']}#t=27")
                    page.wait_for_timeout(400)
                    page.screenshot(path=out / f"reading-{width}-{scheme}.png")
                    page.close()
            page = browser.new_page(viewport={"width": 794, "height": 1123})
            page.emulate_media(media="print")
            page.goto(f"{origin}/{names['episode']}")
            page.screenshot(path=out / "print.png")
            browser.close()
        server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
