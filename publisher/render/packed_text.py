"""Notes and chapters packed: as one process sends them to another, as they wait for the feed, and as this machine remembers them."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict

from feed.model import Chapter, Notes
from feed.text_cleaning import read_json
from publisher.render.episode_sources import EpisodeText


def packed(text: EpisodeText) -> bytes:
    """Notes and chapters in a fifth of their size; not what is wrong with them."""
    document = [asdict(text.notes), [asdict(chapter) for chapter in text.chapters]]
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"), 1)


def unpacked(body: bytes) -> EpisodeText | None:
    """What was packed; None of what is damaged."""
    try:
        notes, chapters = read_json(zlib.decompress(body))
        return EpisodeText(notes=Notes(**notes), chapters=tuple(Chapter(**chapter) for chapter in chapters))
    except (ValueError, TypeError, zlib.error):
        return None
