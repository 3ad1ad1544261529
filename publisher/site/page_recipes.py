"""Which pages there are, and what each is made from: one recipe a page."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import TYPE_CHECKING

from feed.model import Image
from publisher.core import layout
from publisher.core.digests import digest_json
from publisher.recipes.artifacts import Artifact, Phase, artifact, hashed
from publisher.recipes.recipe_names import recipe_name
from publisher.render.processes import render_each
from publisher.site.parts.comments import Comments
from publisher.site.parts.page_values import ARCHIVE_EPISODES, EpisodeView, Neighbour, SiteParts
from publisher.site.parts.page_windows import in_story_order
from publisher.site.parts.related import related
from publisher.site.recipes import icons, people, search, seasons
from publisher.site.recipes import own_pages as plain
from publisher.site.recipes import social_pictures as social

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feed.model import Show
    from publisher.recipes.artifacts import Made
    from publisher.render.episode_content import EpisodeContent
    from publisher.render_show import Renderer


def pages(renderer: Renderer) -> None:
    """Make every page recipe of the site, and the documents of each episode on the way."""
    own = plain.plain_pages(renderer)
    contents = renderer.listed
    renderer.parts = SiteParts(
        search=search.wanted(renderer),
        pages=tuple((page.title, page.key) for page in own),
        seasons=seasons.listed(renderer),
        icons=icons.recipes(renderer),
        social=social.recipes(renderer),
    )
    shared = _shared(renderer)
    _assets(renderer, shared)
    near = related(contents)
    told = in_story_order(contents, serial=renderer.config.show.type == "serial")
    after = {content.slug: following for content, following in pairwise(told)}
    before = {content.slug: earlier for earlier, content in pairwise(told)}
    around: list[tuple[EpisodeContent, EpisodeContent | None, EpisodeContent | None]]
    around = [(content, before.get(content.slug), after.get(content.slug)) for content in contents]
    around += [(content, None, None) for content in renderer.contents if content.source.written.unlisted]

    def one(index: int) -> None:
        content, previous, following = around[index]
        renderer.documents(content)
        picture = social.recipes(renderer, content)
        _episode(renderer, content, previous, following, near.get(content.slug, ()), picture, shared, said)

    said = Comments(renderer.source.comments)
    render_each(renderer, [content for content, _, _ in around], one)
    items = [content.digest for content in contents]
    _home(renderer, shared, items)
    _archive(renderer, shared, items)
    heard = people.heard(renderer)
    own_pages = people.with_pages(heard)
    _lists(renderer, shared, items, own_pages.values())
    seasons.recipes(renderer, shared)
    people.recipes(renderer, shared, heard, own_pages)
    plain.recipes(renderer, shared, own)
    if renderer.parts.search:
        search.recipes(renderer, shared, own)
    for slug, title in renderer.removed():
        _removed(renderer, slug, title, shared)


def only_documents(renderer: Renderer) -> None:
    """The documents of each episode without a single page; what is wrong with notes and the show's own pages comes out all the same."""
    contents = renderer.contents
    for page in plain.plain_pages(renderer):
        _ = page.body
    search.wanted(renderer)

    def one(index: int) -> None:
        content = contents[index]
        renderer.documents(content)
        if renderer.build.changed(recipe_name("chapters", content.slug)):
            _ = content.notes

    render_each(renderer, contents, one)


def _shared(renderer: Renderer) -> str:
    """What every page shows."""
    parts = renderer.parts
    made = (*renderer.artwork, *parts.icons, *([parts.social] if parts.social else []))
    return digest_json(
        [
            renderer.settings_digest,
            _theme_digest(renderer),
            renderer.source.guid,
            renderer.source.artwork.digest if renderer.source.artwork is not None else "",
            [item.key for item in made],
            [parts.search, parts.pages, parts.seasons],
        ]
    )


def _theme_digest(renderer: Renderer) -> str:
    """The show's own templates and assets; ours are in the fingerprint of the code."""
    return digest_json([[name, file.digest] for name, file in renderer.source.theme.items()])


def _assets(renderer: Renderer, shared: str) -> None:
    def render() -> Iterable[Artifact]:
        for asset in renderer.theme.assets:
            yield artifact(asset.key, asset.body, Phase.MEDIA, content_type=asset.content_type)

    renderer.build.make("assets", shared, render)


def _neighbour(content: EpisodeContent | None) -> Neighbour | None:
    return None if content is None else Neighbour(title=content.source.written.title, key=content.key)


def _view(
    renderer: Renderer,
    content: EpisodeContent,
    previous: EpisodeContent | None,
    following: EpisodeContent | None,
    near: Sequence[EpisodeContent],
    picture: Made | None,
) -> EpisodeView:
    from feed.transcript import paragraphs

    season = renderer.config.seasons.get(str(content.source.written.season or ""))
    small = content.covers[1:]
    return EpisodeView(
        episode=content.episode,
        sections=paragraphs(content.cues, content.chapters) if content.cues else (),
        previous=_neighbour(previous),
        next=_neighbour(following),
        related=tuple(Neighbour(title=other.source.written.title, key=other.key) for other in near),
        social_image=Image(url=renderer.links.absolute(picture.key), width=social.WIDTH, height=social.HEIGHT) if picture else None,
        covers=tuple(
            Image(url=renderer.links.absolute(made.key), width=size, height=size)
            for made, size in zip(small, renderer.cover_sizes, strict=False)
        ),
        season_name=(season.name or "") if season else "",
        unlisted=content.source.written.unlisted,
        draft=renderer.is_marked(content),
        scheduled=renderer.is_marked(content) and not content.source.written.draft and content.source.written.date is not None,
    )


def _episode(
    renderer: Renderer,
    content: EpisodeContent,
    previous: EpisodeContent | None,
    following: EpisodeContent | None,
    near: Sequence[EpisodeContent],
    picture: Made | None,
    shared: str,
    said: Comments,
) -> None:
    around = [[item.slug, item.source.written.title] if item else None for item in (previous, following, *near)]
    inputs = [shared, content.digest, around, picture.key if picture else "", renderer.is_marked(content), said.digest(content.slug)]

    def render() -> Iterable[Artifact]:
        from publisher.site.html.episode_markdown import episode_markdown
        from publisher.site.html.episode_pages import embed_page, episode_page
        from publisher.site.html.machine_files import oembed

        view = dataclasses.replace(_view(renderer, content, previous, following, near, picture), comments=said.of(content.slug))
        if not view.unlisted:
            text = episode_markdown(renderer.show, view)
            written = artifact(layout.markdown(content.slug, hashed(text)), text, Phase.DOCUMENT)
            view = dataclasses.replace(view, markdown=written.key)
            yield written
        yield artifact(view.key, episode_page(renderer.theme, renderer.show, view), Phase.PAGE)
        yield artifact(layout.embed_page(content.slug), embed_page(renderer.theme, renderer.show, view), Phase.PAGE)
        yield artifact(layout.oembed(content.slug), oembed(renderer.theme, renderer.show, view), Phase.PAGE)

    renderer.build.make(recipe_name("page", content.slug), inputs, render)


def _with(renderer: Renderer, contents: Sequence[EpisodeContent]) -> Show:
    return dataclasses.replace(renderer.show, episodes=tuple(content.episode for content in contents))


def _home(renderer: Renderer, shared: str, items: list[str]) -> None:
    def render() -> Iterable[Artifact]:
        from publisher.site.html.show_pages import home_page

        listed = renderer.listed
        first = _with(renderer, [listed[place] for place in opening])
        body = home_page(renderer.theme, _with(renderer, listed[: 2 * ARCHIVE_EPISODES]), len(listed), first.episodes)
        yield artifact(layout.HOME, body, Phase.PAGE)

    opening = _opening(renderer)
    renderer.build.make("home", [shared, items[: 2 * ARCHIVE_EPISODES], len(items), [items[place] for place in opening]], render)


def _opening(renderer: Renderer) -> list[int]:
    """Where a listener of a serial show begins: its trailer and the first episode of the newest season, as places in the list."""
    if renderer.config.show.type != "serial":
        return []
    written = [content.source.written for content in renderer.listed]
    season = max((item.season or 0 for item in written if item.type == "full"), default=0)
    trailers = [place for place, item in enumerate(written) if item.type == "trailer" and (item.season or season) == season]
    places = {content.slug: place for place, content in enumerate(renderer.listed)}
    told = in_story_order(renderer.listed, serial=True)
    firsts = [places[item.slug] for item in told if item.source.written.type == "full" and (item.source.written.season or 0) == season]
    return [*trailers[:1], *firsts[:1]]


def _archive(renderer: Renderer, shared: str, items: list[str]) -> None:
    """Numbered from the oldest, so that a full page never changes but for its way on to the next."""
    count = len(items)
    last = -(-count // ARCHIVE_EPISODES)
    for number in range(1, last + 1):
        newest = count - number * ARCHIVE_EPISODES
        window = slice(max(newest, 0), newest + ARCHIVE_EPISODES)

        def render(number: int = number, window: slice = window) -> Iterable[Artifact]:
            from publisher.site.html.show_pages import archive_page
            from publisher.site.parts.page_values import ArchivePage

            show = _with(renderer, renderer.listed[window])
            page = ArchivePage(number=number, episodes=show.episodes, last=last)
            yield artifact(layout.archive_page(number), archive_page(renderer.theme, show, page), Phase.PAGE)

        renderer.build.make(recipe_name("archive", number), [shared, items[window], number == last, number + 1 == last], render)


def _lists(renderer: Renderer, shared: str, items: list[str], people_pages: Iterable[str]) -> None:
    def others() -> Iterable[Artifact]:
        from publisher.site.html.machine_files import robots, webmanifest
        from publisher.site.html.show_pages import not_found_page, subscribe_page

        show = renderer.show
        yield artifact(layout.SUBSCRIBE, subscribe_page(renderer.theme, show), Phase.PAGE)
        yield artifact(layout.NOT_FOUND, not_found_page(renderer.theme, show), Phase.PAGE)
        yield artifact(layout.ROBOTS, robots(renderer.theme), Phase.PAGE)
        yield artifact(layout.MANIFEST, webmanifest(renderer.theme, show), Phase.PAGE)

    def sitemap_xml() -> Iterable[Artifact]:
        from publisher.site.html.machine_files import sitemap

        rows = [(content.slug, content.recorded.date) for content in renderer.listed]
        yield artifact(layout.SITEMAP, sitemap(renderer.theme, rows, further), Phase.PAGE)

    last = -(-len(items) // ARCHIVE_EPISODES)
    further = [
        layout.SUBSCRIBE,
        layout.PEOPLE,
        *(layout.season_page(number) for number, _ in renderer.parts.seasons),
        *(layout.person_page(slug) for slug in people_pages),
        *(key for _, key in renderer.parts.pages),
    ]
    further += [layout.archive_page(number) for number in range(1, last + 1)]
    dates = [[content.slug, content.recorded.date.date().isoformat()] for content in renderer.listed]
    renderer.build.make("plain", shared, others)
    renderer.build.make("sitemap", [renderer.config.site.url, renderer.config.site.pretty_urls, dates, further], sitemap_xml)


def _removed(renderer: Renderer, slug: str, title: str, shared: str) -> None:
    def render() -> Iterable[Artifact]:
        from publisher.site.html.show_pages import removed_page

        for key in (layout.episode_page(slug), layout.embed_page(slug)):
            yield artifact(key, removed_page(renderer.theme, renderer.show, key, title or slug), Phase.PAGE)

    renderer.build.make(recipe_name("removed", slug), [shared, slug, title], render)
