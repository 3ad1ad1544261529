"""What Lighthouse says of a page on its phone profile: `python -m benchmarks.lighthouse [FOLDER PAGE] [--least 98]`.

FOLDER is a published one, PAGE a key in it, as `episodes/x.html`; without them it is an episode of the sample show, one of the full show of the
tests (700 s, no cover of its own), and one of the two real episodes where their files are (AIRDATE_SEEDS). They are served with gzip, as content
networks do. Lighthouse is looked for in the PATH (`npm install -g lighthouse`), and chromium there as well; the median of three runs counts.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from tests.support import ROOT, full_show
from tests.support.browsing import QuietServer, RangeHandler
from tests.support.seeds import SEEDS
from tests.support.show_factory import Show

KINDS = ("performance", "accessibility", "best-practices", "seo")
FIGURES = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "total-byte-weight")
TEXTS = (".html", ".css", ".js", ".json", ".xml", ".svg")


class Packed(RangeHandler):
    """Texts compressed where the browser takes gzip."""

    def do_GET(self) -> None:  # noqa: N802  the name that http.server calls
        path = Path(self.translate_path(self.path))
        if path.suffix not in TEXTS or not path.is_file() or "gzip" not in self.headers.get("Accept-Encoding", ""):
            super().do_GET()
            return
        body = gzip.compress(path.read_bytes(), 6, mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> int:
    """Print scores and figures; 1 where one of the scores is below --least."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, nargs="?")
    arguments.add_argument("page", nargs="?")
    arguments.add_argument("--least", type=int, default=0)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    program, browser = shutil.which("lighthouse"), shutil.which("chromium")
    if program is None or browser is None:
        print("left out: lighthouse or chromium is not in the PATH (npm install -g lighthouse)", file=sys.stderr)
        return 2 if options.folder else 0
    if options.folder:
        return _measure(program, browser, options.folder, options.page or "index.html", options)
    with tempfile.TemporaryDirectory() as folder:
        status = 0
        for name, make, page in SHOWS:
            show = Show(Path(folder) / name, now="2026-12-01T12:00:00+00:00")
            if not make(show.folder):
                print(f"{name}: its files are not here")
                continue
            outcome = show.publish("--yes", "--quiet")
            if outcome.status:
                raise RuntimeError(outcome.stderr)
            status |= _measure(program, browser, show.public, page, options)
        return status


def _sample(folder: Path) -> bool:
    shutil.copytree(ROOT / "episodes", folder / "episodes")
    for name in ("config.toml", "artwork.jpg"):
        shutil.copy(ROOT / name, folder)
    return True


def _full(folder: Path) -> bool:
    full_show.make_full(folder)
    return True


def _real(folder: Path) -> bool:
    maker = SEEDS / "make_show.py"
    if maker.is_file():
        subprocess.run([sys.executable, maker, folder, "--site", full_show.SITE, "--whole"], check=True, timeout=120)
    return maker.is_file()


SHOWS = (
    ("sample", _sample, "episodes/why-the-kettle-knows.html"),
    ("full", _full, f"episodes/{full_show.BARE}.html"),
    ("real", _real, "episodes/metas-ai-purge.html"),
)
"""Name, what makes it in a folder (False where it cannot), and the page that is measured."""


def _measure(program: str, browser: str, folder: Path, page: str, options: argparse.Namespace) -> int:
    server = QuietServer(("127.0.0.1", 0), functools.partial(Packed, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/{page}"
    reports = [_report(program, browser, url) for _ in range(options.runs)]
    server.shutdown()
    scores = {kind: round(100 * statistics.median(report["categories"][kind]["score"] for report in reports)) for kind in KINDS}
    print(f"{page}, load {os.getloadavg()[0]:.1f}:", " ".join(f"{kind} {score}" for kind, score in scores.items()))
    for name in FIGURES:
        print(f"  {name}: {statistics.median(report['audits'][name]['numericValue'] for report in reports):,.2f}")
    return int(min(scores.values()) < options.least)


def _report(program: str, browser: str, url: str) -> dict:  # type: ignore[type-arg]  # as Lighthouse writes it
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"
        command = [program, url, "--quiet", "--output=json", f"--output-path={out}", f"--chrome-flags={flags}"]
        command += [f"--only-categories={','.join(KINDS)}"]
        subprocess.run(command, env={**os.environ, "CHROME_PATH": browser}, check=True, timeout=900, stdout=subprocess.DEVNULL)
        report: dict = json.loads(out.read_text("utf-8"))  # type: ignore[type-arg]  # the same
        return report


if __name__ == "__main__":
    sys.exit(main())
