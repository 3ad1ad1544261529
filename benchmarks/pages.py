"""How long a thousand episode pages take, each with a transcript of 300 cues, and what one page weighs: `python -m benchmarks.pages`."""

from __future__ import annotations

import gzip
import time

from publisher.site.html import episode_pages
from publisher.site.parts.theme import Theme
from tests.support import sample_pages

PAGES, CUES = 1000, 300


def main() -> None:
    """Print seconds for the pages, the share of the transcripts, and compressed sizes."""
    words = ["so", "the", "keeper", "wrote", "it", "down", "and", "nobody", "asked", "why", "it", "was", "eleven", "seconds", "late"]
    lines = [
        (f"Speaker {number // 7 % 3}", " ".join(words[(number + step * 5) % len(words)] for step in range(12)) + ".")
        for number in range(CUES)
    ]
    show = sample_pages.make_show()
    theme = Theme(sample_pages.make_settings())
    views = [
        sample_pages.make_view(sample_pages.make_episode(number, title=f"Episode {number}"), cues=sample_pages.cues_of(lines, every=4.0))
        for number in range(1, PAGES + 1)
    ]
    bare = [sample_pages.make_view(view.episode, cues=()) for view in views]
    episode_pages.episode_page(theme, show, views[0])
    start = time.perf_counter()
    for view in views:
        body = episode_pages.episode_page(theme, show, view)
    whole = time.perf_counter() - start
    start = time.perf_counter()
    for view in bare:
        empty = episode_pages.episode_page(theme, show, view)
    frame = time.perf_counter() - start
    print(f"{PAGES} pages of {CUES} cues: {whole:.2f} s; without transcripts {frame:.2f} s ({frame / whole:.0%})")
    print(f"one page: {len(body)} bytes, {_packed(body)} compressed; without transcript {_packed(empty)} compressed")
    for asset in theme.assets:
        print(f"{asset.key}: {len(asset.body)} bytes, {_packed(asset.body)} compressed")


def _packed(body: bytes) -> int:
    return len(gzip.compress(body, 9, mtime=0))


if __name__ == "__main__":
    main()
