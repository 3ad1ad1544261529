"""What a page that is not rendered anew shows of the show (styles, icons, pictures): it stays, even when all other pages show others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.incremental_build.recipe_names import LOOK, episode_of, kind_of, recipe_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.incremental_build.build import Build
    from publisher.state.state import State

LOOKS = frozenset(("art", "artwork", "assets", "icons", "social"))
"""Kinds of recipes of the show whose files pages refer to."""


def keep_looks(build: Build, slugs: Iterable[str], state: State) -> None:
    """Keep for each of these episodes, which stay as they are served, what is replaced of the show, so that `publish prune` leaves it."""
    now = {key for recipe in build.site.values() for key in recipe.keys}
    before = {key for name, record in state.recipes.items() if kind_of(name) in LOOKS and not episode_of(name) for key in record.keys}
    for slug in slugs:
        name = recipe_name(LOOK, slug)
        known = state.recipes[name].keys if name in state.recipes else ()
        keys = sorted(key for key in before.difference(now).union(known) if key in state.objects and not state.objects[key].gone)
        if keys:
            build.keep(name, "served", tuple(keys))
