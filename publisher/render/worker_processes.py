"""Many episodes rendered by several processes. What they give is the same, only sooner."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.incremental_build.artifacts import Recipe
    from publisher.incremental_build.build import Build

ALONE = 16
"""Episodes that are rendered in this process before others are called in."""
FEWEST = 64
"""Episodes left for which calling others in is worth it."""
SHARE = 4
"""Episodes handed out at a time."""
YOUNG = 20_000
"""New values after which rings are looked for in a show that large: every page leaves some (templates make them), with the episodes it shows."""

Value = TypeVar("Value")
_job: tuple[Build, Callable[[int], object]] | None = None


def render_each(build: Build, count: int, one: Callable[[int], Value]) -> list[Value]:
    """What `one(index)` gives for each of `count` episodes; it makes its recipes with `build`, and its value is sent between processes.

    Once ALONE of them had to be rendered and FEWEST are left, forked processes share the rest.
    """
    values: list[Value] = []
    rendered = 0
    for index in range(count):
        if rendered >= ALONE and count - index >= FEWEST:
            often, *seldom = gc.get_threshold()
            gc.set_threshold(min(often, YOUNG), *seldom)
            if _workers() > 1:
                return values + _forked(build, range(index, count), one)
        known = len(build.site)
        values.append(one(index))
        rendered += build.changed_after(known)
    return values


def _workers() -> int:
    """Processors we may use; 1 where processes cannot be forked."""
    if sys.platform != "linux":
        return 1
    return len(os.sched_getaffinity(0))


def _forked(build: Build, indexes: range, one: Callable[[int], Value]) -> list[Value]:
    import multiprocessing

    global _job  # noqa: PLW0603  forked processes inherit it: closures cannot be sent
    _job = (build, one)
    values: list[Value] = []
    gc.collect()
    gc.freeze()  # the others inherit it all: only what they make themselves is looked through for rings
    try:
        with multiprocessing.get_context("fork").Pool(_workers()) as pool:
            for recipes, value in pool.imap(_render, indexes, chunksize=SHARE):
                build.site.update(recipes)
                values.append(cast("Value", value))
    finally:
        gc.unfreeze()
        _job = None
    return values


def _render(index: int) -> tuple[dict[str, Recipe], object]:
    """In a forked process: one episode's recipes and value."""
    if _job is None:
        raise RuntimeError("no job was inherited")
    build, one = _job
    known = len(build.site)
    value = one(index)
    gc.collect(0)  # the rings of this episode, while they are young: the threshold of a short process is never reached
    return build.taken_after(known), value
