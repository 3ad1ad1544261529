"""Seasons: a page for each, in the order the show tells its story."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from feed.model import Image
from publisher.build import Phase, artifact
from publisher.site import urls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.build import Artifact
    from publisher.episode import EpisodeContent
    from publisher.rendering import Renderer


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
    """One recipe a season: it changes with its own episodes alone."""
    names = dict(renderer.parts.seasons)
    for number, contents in by_number(renderer).items():
        if number not in names:
            continue
        made = renderer.build.site.get(f"art/season/{number}")
        keys = made.keys if made is not None else ()

        def render(number: int = number, contents: list[EpisodeContent] = contents, keys: tuple[str, ...] = keys) -> Iterable[Artifact]:
            from publisher.site.pages import season_page

            show = dataclasses.replace(renderer.show, episodes=tuple(content.episode for content in contents))
            sizes = (0, *renderer.cover_sizes)
            covers = tuple(Image(url=renderer.links.absolute(key), width=size, height=size) for key, size in zip(keys, sizes, strict=False))
            body = season_page(renderer.theme, show, number, names[number], covers)
            yield artifact(urls.season_key(number), body, Phase.PAGE)

        renderer.build.make(f"season/{number}", [shared, [content.digest for content in contents], keys], render)


def _name(renderer: Renderer, number: int) -> str:
    table = renderer.config.seasons.get(str(number))
    return (table.name or "") if table is not None else ""
