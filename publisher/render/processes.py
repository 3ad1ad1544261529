"""Many episodes rendered by several processes. What they give is the same, only sooner."""

from __future__ import annotations

import gc
import os
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from publisher.recipes.artifacts import Recipe
    from publisher.render.episode_content import EpisodeContent
    from publisher.render_show import Renderer

ALONE = 16
"""Episodes that are rendered in this process before others are called in."""
FEWEST = 64
"""Episodes left for which calling others in is worth it."""
SHARE = 4
"""Episodes handed out at a time."""

_job: tuple[Renderer, Sequence[EpisodeContent], Callable[[int], None]] | None = None


def render_each(renderer: Renderer, contents: Sequence[EpisodeContent], one: Callable[[int], None]) -> None:
    """Call `one(index)` for every episode. Once ALONE of them had to be rendered and FEWEST are left, forked processes share the rest."""
    rendered = 0
    for index, content in enumerate(contents):
        if rendered >= ALONE and len(contents) - index >= FEWEST and _workers() > 1:
            _together(renderer, contents, one, index)
            return
        one(index)
        rendered += any(renderer.build.changed(f"{kind}/{content.slug}") for kind in ("page", "chapters"))


def _workers() -> int:
    """Processors we may use; 1 where processes cannot be forked."""
    if sys.platform != "linux":
        return 1
    return len(os.sched_getaffinity(0))


def _together(renderer: Renderer, contents: Sequence[EpisodeContent], one: Callable[[int], None], start: int) -> None:
    import multiprocessing

    global _job  # noqa: PLW0603  forked processes inherit it: closures cannot be sent
    _job = (renderer, contents, one)
    gc.collect()
    gc.freeze()  # the others inherit it all and live a few seconds: nothing to look through, nothing to copy by looking
    try:
        with multiprocessing.get_context("fork").Pool(_workers(), initializer=gc.disable) as pool:
            for index, (recipes, derived, findings) in enumerate(pool.imap(_render, range(start, len(contents)), chunksize=SHARE), start):
                renderer.build.site.update(recipes)
                renderer.findings.extend(findings)
                contents[index].take(derived)
    finally:
        gc.unfreeze()
        _job = None


def _render(index: int) -> tuple[dict[str, Recipe], dict[str, Any], list[Any]]:
    """In a forked process: one episode's recipes, what was derived of it, and what was found wrong."""
    if _job is None:
        raise RuntimeError("no job was inherited")
    renderer, contents, one = _job
    before = len(renderer.findings)
    known = len(renderer.build.site)
    one(index)
    recipes = dict(islice(renderer.build.site.items(), known, None))
    for name in recipes:
        del renderer.build.site[name]
    derived = contents[index].give()
    contents[index].forget()
    return recipes, derived, renderer.findings[before:]
