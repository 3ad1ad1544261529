"""Seasons: a page for each, in the order the show tells its story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.model import Image
from publisher.core import layout
from publisher.incremental_build.artifacts import Artifact, Phase, artifact
from publisher.incremental_build.recipe_names import recipe_name
from publisher.render.picture_recipes import COVER_SIZES
from publisher.site.parts.page_windows import Episode, Leaf, in_story_order, newest_first, oldest_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from publisher.core.layout import Key
    from publisher.render.episode_content import EpisodeContent
    from publisher.render.media_and_documents import Composition
    from publisher.site.site import Site


def by_number(episodes: Iterable[Episode]) -> dict[int, list[Episode]]:
    """The episodes of each season, newest first; seasons in order of number."""
    found: dict[int, list[Episode]] = {}
    for episode in episodes:
        if episode.source.written.season is not None:
            found.setdefault(episode.source.written.season, []).append(episode)
    return dict(sorted(found.items()))


def with_pages(composition: Composition) -> tuple[tuple[int, str], ...]:
    """Number and name ("" when it has none) of every season with a page; one season alone needs a page only when it has a name."""
    numbers = list(by_number(composition.listed))
    if len(numbers) < 2 and not any(_name(composition, number) for number in numbers):
        return ()
    return tuple((number, _name(composition, number)) for number in numbers)


def recipes(site: Site, shared: str, listed: Sequence[EpisodeContent]) -> None:
    """One recipe a page of a season: it changes with its own episodes alone, and not at all when it is full."""
    names = dict(site.seasons)
    serial = site.config.show.type == "serial"
    for number, contents in by_number(listed).items():
        if number not in names:
            continue
        made = site.build.site.get(recipe_name("art", "season", number))
        keys = made.keys if made is not None else ()
        ordered = in_story_order(contents, serial=True) if serial else contents
        for leaf in (oldest_first if serial else newest_first)(len(ordered)):
            here = ordered[leaf.window]

            def render(
                number: int = number, here: list[EpisodeContent] = here, keys: tuple[Key, ...] = keys, leaf: Leaf = leaf
            ) -> Iterable[Artifact]:
                from publisher.site.html.show_pages import season_page

                show = site.composition.show_of(here)
                sizes = (0, *COVER_SIZES)
                covers = tuple(Image(url=site.links.absolute(key), width=size, height=size) for key, size in zip(keys, sizes, strict=False))
                body = season_page(site.theme, show, number, names[number], covers, leaf)
                yield artifact(layout.season_page(number, leaf.number), body, Phase.PAGE)

            name = recipe_name("season", number, *([leaf.number] if leaf.number else []))
            site.build.make(name, [shared, [content.digest for content in here], keys, leaf.back, leaf.onward], render)


def _name(composition: Composition, number: int) -> str:
    table = composition.config.seasons.get(str(number))
    return (table.name or "") if table is not None else ""
