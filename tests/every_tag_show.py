"""The show of tests/whole/every_tag with its recordings and pictures, in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from show_factory import Show, picture, recording

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = Path(__file__).resolve().parent / "whole" / "every_tag"
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


def make_every_tag(folder: Path) -> Show:
    """The whole show, ready to publish."""
    shutil.copytree(TEXTS, folder, dirs_exist_ok=True)
    for name, made in FILES.items():
        (folder / name).write_bytes(made())
    return Show(folder)
