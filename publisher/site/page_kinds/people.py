"""People: one page with everybody, and pages with all episodes of those who are heard often."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from itertools import chain, count
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.slugs import slug_of
from publisher.incremental_build.artifacts import Artifact, Phase, artifact
from publisher.incremental_build.recipe_names import recipe_name
from publisher.site.parts.page_values import Neighbour
from publisher.site.parts.page_windows import Leaf, newest_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feed.model import Person
    from publisher.render.episode_content import EpisodeContent
    from publisher.render.episode_sources import EpisodeSources
    from publisher.site.site import Site

SHOWN = 5
"""So many of somebody's newest episodes stand on the page with everybody; who has more gets a page of their own."""


def neighbour(episode: EpisodeSources) -> Neighbour:
    """An episode as a link."""
    return Neighbour(title=episode.source.written.title, key=episode.key, language=episode.source.written.language or "")


def by_person(site: Site, listed: Sequence[EpisodeContent]) -> dict[str, list[EpisodeContent]]:
    """The listed episodes of everybody by id in `[people]` (or plain name), oldest first."""
    found: dict[str, list[EpisodeContent]] = {}
    for content in reversed(listed):
        written = content.source.written
        hosts = written.hosts if written.hosts is not None else site.config.show.hosts
        for name in dict.fromkeys((*hosts, *written.guests)):
            found.setdefault(name, []).append(content)
    return found


def with_pages(everybody: Mapping[str, Sequence[EpisodeContent]]) -> dict[str, str]:
    """The slug of each who has a page of their own; who was heard first keeps a slug that two would have."""
    slugs: dict[str, str] = {}
    for name, theirs in everybody.items():
        if len(theirs) > SHOWN:
            slug = slug_of(name) or sha256(name.encode()).hexdigest()[:8]
            free = chain((slug,), (f"{slug}-{number}" for number in count(2)))
            slugs[name] = next(one for one in free if one not in slugs.values())
    return slugs


def recipes(site: Site, shared: str, listed: Sequence[EpisodeContent], own: Mapping[str, str]) -> None:
    """The page with everybody, which changes with each episode, and the others, which change with their own alone."""

    def together() -> Iterable[Artifact]:
        from publisher.site.html.show_pages import people_page

        all_of_them = [(content.for_once().sources.people, neighbour(content.sources)) for content in listed]
        yield artifact(layout.PEOPLE, people_page(site.theme, site.show, all_of_them, own), Phase.PAGE)

    site.build.make("people", [shared, [content.digest for content in listed]], together)
    everybody = by_person(site, listed)
    for name, slug in own.items():
        theirs = list(reversed(everybody[name]))
        person = next(person for person in theirs[0].sources.people if name in {person.id, person.name})
        for leaf in newest_first(len(theirs)):
            here = theirs[leaf.window]

            def render(
                person: Person = person, slug: str = slug, here: list[EpisodeContent] = here, leaf: Leaf = leaf
            ) -> Iterable[Artifact]:
                from publisher.site.html.show_pages import person_page

                show = site.composition.show_of(here)
                yield artifact(layout.person_page(slug, leaf.number), person_page(site.theme, show, person, slug, leaf), Phase.PAGE)

            recipe = recipe_name("person", slug, *([leaf.number] if leaf.number else []))
            inputs = [shared, asdict(person), [content.digest for content in here], leaf.back, leaf.onward]
            site.build.make(recipe, inputs, render)
