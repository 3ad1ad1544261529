"""Which pages the site has: every kind in turn, one recipe a page."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from feed.model import Image
from publisher.core import layout
from publisher.core.digests import digest_json
from publisher.incremental_build.artifacts import Artifact, Made, Phase, artifact, hashed
from publisher.incremental_build.recipe_names import ANSWERS, recipe_name
from publisher.render.picture_recipes import COVER_SIZES
from publisher.render.worker_processes import render_each
from publisher.site.page_kinds import icons, own_pages, people, search, seasons
from publisher.site.page_kinds import social_pictures as social
from publisher.site.parts.answers import AnswerFile, SocialAnswers, Talk, written
from publisher.site.parts.comments import Comments
from publisher.site.parts.page_values import ARCHIVE_EPISODES, EpisodeView, Neighbour
from publisher.site.parts.page_windows import in_story_order
from publisher.site.parts.related import related
from publisher.site.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feed.findings import Finding
    from publisher.core.layout import Key
    from publisher.render.episode_content import EpisodeContent, EpisodeDocuments
    from publisher.render.episode_sources import EpisodeSources
    from publisher.render.media_and_documents import Composition
    from publisher.state.published_episodes import PublishedEpisode


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What making the pages gives besides their recipes: the episodes with their documents, newest first, and what is wrong."""

    contents: tuple[EpisodeContent, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The episodes that the page of an episode leads to."""

    previous: EpisodeSources | None = None
    following: EpisodeSources | None = None
    related: tuple[EpisodeSources, ...] = ()


def answers_of(composition: Composition) -> SocialAnswers:
    """The answers to the posts of the show: those in its folder, else those that were published."""

    def published(slug: str) -> str:
        return composition.build.digest_before(layout.answers(slug))

    return SocialAnswers(composition.source.answers, published, composition.tools.stored_answers)


def pages(composition: Composition, *, marked: Mapping[str, str], removed: Iterable[PublishedEpisode]) -> Pages:
    """Make every page recipe of the site, and the documents of each episode on the way. `marked` says why an episode cannot be seen yet."""
    own, left_out = own_pages.plain_pages(composition)
    has_search, remarks = search.wanted(composition)
    site = Site(
        composition=composition,
        search=has_search,
        pages=tuple((page.title, page.key) for page in own),
        seasons=seasons.with_pages(composition),
        icons=icons.recipes(composition),
        social=social.recipes(composition),
        marked=marked,
    )
    shared = _shared(site)
    _assets(site, shared)
    episodes = [*composition.listed, *(item for item in composition.episodes if item.source.written.unlisted)]
    around = _surroundings(composition)
    talk = Talk(Comments(composition.source.comments), answers_of(composition))

    def one(index: int) -> EpisodeDocuments:
        sources = dataclasses.replace(episodes[index])  # what is read of it is let go with it
        documents = composition.documents(sources)
        content = composition.content(sources, documents)
        if sources.source.served is not None:
            return documents
        picture = social.recipes(composition, sources)
        _episode(site, content, around.get(sources.slug, Surroundings()), picture, shared, talk)
        changed = site.build.changed(recipe_name("page", sources.slug)) or site.build.changed(recipe_name("chapters", sources.slug))
        return content.with_text() if changed else documents

    made = render_each(site.build, len(episodes), one)
    by_slug = {sources.slug: composition.content(sources, documents) for sources, documents in zip(episodes, made, strict=True)}
    listed = [by_slug[sources.slug] for sources in composition.listed]
    _home(site, shared, listed)
    _archive(site, shared, listed)
    people_pages = people.with_pages(people.by_person(site, listed))
    of_people = [layout.PEOPLE, *(layout.person_page(slug) for slug in people_pages.values())] if site.has_people else []
    _lists(site, shared, listed, of_people)
    seasons.recipes(site, shared, listed)
    if of_people:
        people.recipes(site, shared, listed, people_pages)
    own_pages.recipes(site, shared, own)
    if site.search:
        search.recipes(site, shared, listed, own)
    for item in removed:
        if item.slug not in by_slug:
            _removed(site, item.slug, item.title, shared, had_answers=bool(talk.answers.digest(item.slug)))
    contents = tuple(by_slug[sources.slug] for sources in composition.episodes)
    return Pages(contents=contents, findings=(*left_out, *remarks, *(site.theme.without_use() if composition.source.theme else ())))


def only_documents(composition: Composition) -> Pages:
    """The documents of each episode without a single page; what is wrong with the show's own pages comes out all the same."""
    own, left_out = own_pages.plain_pages(composition)
    _, remarks = search.wanted(composition)
    episodes = composition.episodes

    def one(index: int) -> EpisodeDocuments:
        sources = dataclasses.replace(episodes[index])
        documents = composition.documents(sources)
        changed = composition.build.changed(recipe_name("chapters", sources.slug))
        return composition.content(sources, documents).with_text() if changed else documents

    made = render_each(composition.build, len(episodes), one)
    contents = tuple(composition.content(sources, documents) for sources, documents in zip(episodes, made, strict=True))
    return Pages(contents=contents, findings=(*left_out, *remarks, *(item for page in own for item in page.findings)))


def _surroundings(composition: Composition) -> dict[str, Surroundings]:
    """Of each listed episode."""
    near = related(composition.listed)
    ordered = in_story_order(composition.listed, serial=composition.config.show.type == "serial")
    after = {episode.slug: following for episode, following in pairwise(ordered)}
    before = {episode.slug: earlier for earlier, episode in pairwise(ordered)}
    return {
        episode.slug: Surroundings(previous=before.get(episode.slug), following=after.get(episode.slug), related=near.get(episode.slug, ()))
        for episode in ordered
    }


def _shared(site: Site) -> str:
    """What every page shows."""
    composition = site.composition
    small = [thumb for item in (*composition.artwork, *composition.portraits.values()) if (thumb := composition.thumbs.get(item.key))]
    made = (*composition.artwork, *small, *site.icons, *([site.social] if site.social else []))
    return digest_json(
        [
            composition.settings_digest,
            _theme_digest(site),
            site.composition.source.guid,
            site.composition.source.artwork.digest if site.composition.source.artwork is not None else "",
            [item.key for item in made],
            [site.search, site.has_people, site.pages, site.seasons],
        ]
    )


def _theme_digest(site: Site) -> str:
    """The show's own templates and assets; ours are in the fingerprint of the code."""
    return digest_json([[name, file.digest] for name, file in site.composition.source.theme.items()])


def _assets(site: Site, shared: str) -> None:
    def render() -> Iterable[Artifact]:
        for asset in site.theme.assets:
            yield artifact(asset.key, asset.body, Phase.MEDIA, content_type=asset.content_type)

    site.build.make("assets", shared, render)


def _neighbour(episode: EpisodeSources | None) -> Neighbour | None:
    return None if episode is None else people.neighbour(episode)


def _view(site: Site, content: EpisodeContent, around: Surroundings, picture: Made | None) -> EpisodeView:
    from feed.transcript.paragraphs import paragraphs

    written = content.source.written
    season = site.config.seasons.get(str(written.season or ""))
    return EpisodeView(
        episode=content.episode,
        sections=paragraphs(content.sources.cues, content.chapters) if content.sources.cues else (),
        previous=_neighbour(around.previous),
        next=_neighbour(around.following),
        related=tuple(map(people.neighbour, around.related)),
        social_image=Image(url=site.links.absolute(picture.key), width=social.WIDTH, height=social.HEIGHT) if picture else None,
        covers=tuple(
            Image(url=site.links.absolute(made.key), width=size, height=size)
            for made, size in zip((content.sources.covers or site.composition.artwork)[1:], COVER_SIZES, strict=False)
        ),
        season_name=(season.name or "") if season else "",
        unlisted=written.unlisted,
        draft=content.slug in site.marked,
        scheduled=site.marked.get(content.slug) == "scheduled",
    )


def _episode(site: Site, content: EpisodeContent, around: Surroundings, picture: Made | None, shared: str, talk: Talk) -> None:
    neighbours = [
        [item.slug, item.source.written.title, item.source.written.language] if item else None
        for item in (around.previous, around.following, *around.related)
    ]
    marked = content.slug in site.marked
    inputs = [shared, content.digest, neighbours, picture.key if picture else "", marked, talk.digest(content.slug)]
    thumbs = [thumb.key for made in content.sources.images.values() if (thumb := site.composition.thumbs.get(made.key)) is not None]
    inputs += [thumbs] if thumbs else []

    def render() -> Iterable[Artifact]:
        from publisher.site.html.episode_markdown import episode_markdown
        from publisher.site.html.episode_pages import embed_page, episode_page
        from publisher.site.html.machine_files import oembed

        thread = talk.thread(content.slug)
        view = _view(site, content, around, picture)
        view = dataclasses.replace(view, comments=thread.comments, comments_total=thread.total)
        if not view.unlisted:
            text = episode_markdown(site.show, view)
            written = artifact(layout.markdown(content.slug, hashed(text)), text, Phase.DOCUMENT)
            view = dataclasses.replace(view, markdown=written.key)
            yield written
        yield artifact(view.key, episode_page(site.theme, site.show, view), Phase.PAGE)
        yield artifact(layout.embed_page(content.slug), embed_page(site.theme, site.show, view), Phase.PAGE)
        yield artifact(layout.oembed(content.slug), oembed(site.theme, site.show, view), Phase.PAGE)

    site.build.make(recipe_name("page", content.slug), inputs, render)
    name, digest = recipe_name(ANSWERS, content.slug), talk.answers.digest(content.slug)
    if digest and not site.build.is_known(name) and talk.answers.are_lost(content.slug):
        site.build.keep(name, "", (layout.answers(content.slug),))  # as the page has them still, until somebody puts the file back
    elif digest:
        site.build.make(name, digest, lambda: [_answers(content.slug, talk.answers.document(content.slug))])


def _answers(slug: str, body: bytes) -> Artifact:
    return artifact(layout.answers(slug), body, Phase.PAGE)


def _home(site: Site, shared: str, listed: Sequence[EpisodeContent]) -> None:
    def render() -> Iterable[Artifact]:
        from publisher.site.html.show_pages import home_page

        first = tuple(listed[place].episode for place in opening)
        body = home_page(site.theme, site.composition.show_of(listed[: 2 * ARCHIVE_EPISODES]), len(listed), first)
        yield artifact(layout.HOME, body, Phase.PAGE)

    opening = _opening(site, listed)
    items = [content.digest for content in listed]
    site.build.make("home", [shared, items[: 2 * ARCHIVE_EPISODES], len(items), [items[place] for place in opening]], render)


def _opening(site: Site, listed: Sequence[EpisodeContent]) -> list[int]:
    """Where a listener of a serial show begins: its trailer and the first episode of the newest season, as places in the list."""
    if site.config.show.type != "serial":
        return []
    written = [content.source.written for content in listed]
    season = max((item.season or 0 for item in written if item.type == "full"), default=0)
    trailers = [place for place, item in enumerate(written) if item.type == "trailer" and (item.season or season) == season]
    places = {content.slug: place for place, content in enumerate(listed)}
    ordered = in_story_order(listed, serial=True)
    firsts = [places[item.slug] for item in ordered if item.source.written.type == "full" and (item.source.written.season or 0) == season]
    return [*trailers[:1], *firsts[:1]]


def _archive(site: Site, shared: str, listed: Sequence[EpisodeContent]) -> None:
    """Numbered from the oldest, so that a full page never changes but for its way on to the next."""
    count = len(listed)
    last = -(-count // ARCHIVE_EPISODES)
    for number in range(1, last + 1):
        newest = count - number * ARCHIVE_EPISODES
        window = slice(max(newest, 0), newest + ARCHIVE_EPISODES)

        def render(number: int = number, window: slice = window) -> Iterable[Artifact]:
            from publisher.site.html.show_pages import archive_page

            body = archive_page(site.theme, site.composition.show_of(listed[window]), number, last)
            yield artifact(layout.archive_page(number), body, Phase.PAGE)

        site.build.make(
            recipe_name("archive", number),
            [shared, [content.digest for content in listed[window]], number == last, number + 1 == last],
            render,
        )


def _lists(site: Site, shared: str, listed: Sequence[EpisodeContent], people_pages: Sequence[Key]) -> None:
    def others() -> Iterable[Artifact]:
        from publisher.site.html.machine_files import robots, webmanifest
        from publisher.site.html.show_pages import not_found_page, subscribe_page

        show = site.show
        yield artifact(layout.SUBSCRIBE, subscribe_page(site.theme, show), Phase.PAGE)
        yield artifact(layout.NOT_FOUND, not_found_page(site.theme, show), Phase.PAGE)
        yield artifact(layout.ROBOTS, robots(site.theme), Phase.PAGE)
        yield artifact(layout.MANIFEST, webmanifest(site.theme, show), Phase.PAGE)

    def sitemap_xml() -> Iterable[Artifact]:
        from publisher.site.html.machine_files import sitemap

        rows = [(content.slug, content.recorded.date) for content in listed]
        yield artifact(layout.SITEMAP, sitemap(site.theme, rows, further), Phase.PAGE)

    last = -(-len(listed) // ARCHIVE_EPISODES)
    further = [
        layout.SUBSCRIBE,
        *people_pages[:1],
        *(layout.season_page(number) for number, _ in site.seasons),
        *people_pages[1:],
        *(key for _, key in site.pages),
    ]
    further += [layout.archive_page(number) for number in range(1, last + 1)]
    dates = [[content.slug, content.recorded.date.date().isoformat()] for content in listed]
    site.build.make("plain", shared, others)
    site.build.make("sitemap", [site.config.site.url, site.config.site.pretty_urls, dates, further], sitemap_xml)


def _removed(site: Site, slug: str, title: str, shared: str, *, had_answers: bool) -> None:
    """The page that says so; what was answered is not said there any more."""

    def render() -> Iterable[Artifact]:
        from publisher.site.html.show_pages import removed_page

        for key in (layout.episode_page(slug), layout.embed_page(slug)):
            yield artifact(key, removed_page(site.theme, site.show, key, title or slug), Phase.PAGE)

    site.build.make(recipe_name("removed", slug), [shared, slug, title], render)
    if had_answers:
        site.build.make(recipe_name(ANSWERS, slug), "removed", lambda: [_answers(slug, written(AnswerFile(episode=slug)))])
