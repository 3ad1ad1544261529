"""The show of tests/support/every_tag with its recordings and pictures, in a folder.

    python -m tests.support.every_tag_show FOLDER [--url URL] [--prefix URL]

makes it ready to be published and served at URL; behind the prefix somebody must redirect, as measurement services do.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.show_factory import Show, picture, recording

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = Path(__file__).resolve().parent / "every_tag"
SITE, PREFIX = "https://every.example", "https://count.example/e/"
BELL, SECOND, TRAILER = "episodes/2026-03-08-the-bell", "episodes/2026-03-15-the-second-bell", "episodes/2026-03-01-trailer"
OGG = b"OggS\0\2" + bytes(4000)
"""An Ogg file by its first bytes: what is in an alternate nobody here plays."""
FILES: dict[str, Callable[[], bytes]] = {
    "artwork.png": lambda: picture(1400, 1400, "PNG"),
    "banner.png": lambda: picture(1500, 500, "PNG"),
    "ada.png": lambda: picture(400, 400, "PNG"),
    "season-2.png": lambda: picture(1400, 1400, "PNG"),
    f"{TRAILER}/audio.mp3": lambda: recording(21, 1),
    f"{BELL}/talk.mp3": lambda: recording(30, 2),
    f"{BELL}/small.mp3": lambda: recording(30, 3),
    f"{BELL}/talk.opus": lambda: OGG,
    f"{BELL}/bell.png": lambda: picture(1400, 1400, "PNG"),
    f"{BELL}/rope.png": lambda: picture(300, 200, "PNG"),
    f"{BELL}/wide.png": lambda: picture(1200, 600, "PNG"),
    f"{SECOND}/audio.mp3": lambda: recording(25, 4),
}


def make_every_tag(folder: Path, url: str = SITE, prefix: str = PREFIX) -> Show:
    """The whole show, ready to publish; with an empty prefix, none is put before its recordings."""
    shutil.copytree(TEXTS, folder, dirs_exist_ok=True)
    config = folder / "config.toml"
    text = config.read_text("utf-8").replace(f'"{PREFIX}"', f'"{prefix}"').replace('enclosure_prefix = ""\n', "")
    text = text.replace(f'new_feed_url = "{SITE}/', f'new_feed_url = "{url}/').replace(f'[site]\nurl = "{SITE}"', f'[site]\nurl = "{url}"')
    config.write_text(text, "utf-8")
    for name, made in FILES.items():
        (folder / name).write_bytes(made())
    return Show(folder)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--url", default=SITE)
    arguments.add_argument("--prefix", default="")
    options = arguments.parse_args()
    make_every_tag(options.folder, options.url, options.prefix)
