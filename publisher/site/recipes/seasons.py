"""Seasons: a page for each, in the order the show tells its story."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from feed.model import Image
from publisher.core import layout
from publisher.recipes.artifacts import Phase, artifact
from publisher.recipes.recipe_names import recipe_name
from publisher.site.parts.page_windows import in_story_order, newest_first, oldest_first

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.core.layout import Key
    from publisher.recipes.artifacts import Artifact
    from publisher.render.episode_content import EpisodeContent
    from publisher.render_show import Renderer
    from publisher.site.parts.page_windows import Leaf


def by_number(renderer: Renderer) -> dict[int, list[EpisodeContent]]:
    """The listed episodes of each season, newest first; seasons in order of number."""
    found: dict[int, list[EpisodeContent]] = {}
    for content in renderer.listed:
        if content.source.written.season is not None:
            found.setdefault(content.source.written.season, []).append(content)
    return dict(sorted(found.items()))


def listed(renderer: Renderer) -> tuple[tuple[int, str], ...]:
    """Number and name ("" when it has none) of every season with a page; one season alone needs a page only when it has a name."""
    numbers = list(by_number(renderer))
    if len(numbers) < 2 and not any(_name(renderer, number) for number in numbers):
        return ()
    return tuple((number, _name(renderer, number)) for number in numbers)


def recipes(renderer: Renderer, shared: str) -> None:
    """One recipe a page of a season: it changes with its own episodes alone, and not at all when it is full."""
    names = dict(renderer.parts.seasons)
    serial = renderer.config.show.type == "serial"
    for number, contents in by_number(renderer).items():
        if number not in names:
            continue
        made = renderer.build.site.get(recipe_name("art", "season", number))
        keys = made.keys if made is not None else ()

        told = in_story_order(contents, serial=True) if serial else contents
        for leaf in (oldest_first if serial else newest_first)(len(told)):
            here = told[leaf.window]

            def render(
                number: int = number, here: list[EpisodeContent] = here, keys: tuple[Key, ...] = keys, leaf: Leaf = leaf
            ) -> Iterable[Artifact]:
                from publisher.site.html.show_pages import season_page

                show = dataclasses.replace(renderer.show, episodes=tuple(content.episode for content in here))
                sizes = (0, *renderer.cover_sizes)
                covers = tuple(
                    Image(url=renderer.links.absolute(key), width=size, height=size) for key, size in zip(keys, sizes, strict=False)
                )
                body = season_page(renderer.theme, show, number, names[number], covers, leaf)
                yield artifact(layout.season_page(number, leaf.number), body, Phase.PAGE)

            name = recipe_name("season", number, *([leaf.number] if leaf.number else []))
            renderer.build.make(name, [shared, [content.digest for content in here], keys, leaf.back, leaf.onward], render)


def _name(renderer: Renderer, number: int) -> str:
    table = renderer.config.seasons.get(str(number))
    return (table.name or "") if table is not None else ""
