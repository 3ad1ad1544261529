"""The whole show, rendered: media and documents, pages, feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feed.paging import page_windows
from publisher.core import layout
from publisher.core.digests import digest_json
from publisher.incremental_build.artifacts import Artifact, Phase, artifact
from publisher.incremental_build.recipe_names import LOOK, episode_of, kind_of, recipe_name
from publisher.state.published_episodes import AudioElsewhere, PublishedAudio, PublishedEpisode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lxml import etree

    from feed.findings import Finding
    from publisher.core.layout import Key
    from publisher.incremental_build.build import Build
    from publisher.load.schedule import Publication
    from publisher.render.episode_content import EpisodeContent
    from publisher.render.media_and_documents import Composition
    from publisher.site.all_pages import Pages
    from publisher.state.state import State
_LOOKS = frozenset(("art", "artwork", "assets", "icons", "social"))
"""Kinds of recipes of the show whose files pages refer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A show, rendered: every recipe is in `build`, and `contents` are the episodes, newest first."""

    composition: Composition
    contents: tuple[EpisodeContent, ...]
    episodes: Mapping[str, PublishedEpisode]
    beyond: tuple[Finding, ...]
    """What is wrong and belongs to no recipe."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with all of it, as far as it was judged."""
        return tuple(dict.fromkeys((*self.beyond, *self.build.findings)))

    @property
    def build(self) -> Build:
        """Every recipe that was made."""
        return self.composition.build

    @property
    def listed(self) -> list[EpisodeContent]:
        """The episodes that the feed shows."""
        return [content for content in self.contents if not content.source.written.unlisted]


def render(composition: Composition, state: State, publication: Publication, *, pages: bool = True) -> Rendering:
    """Every recipe, in the order in which one needs the other's names. A check can do without the `pages`."""
    site = _pages(composition, publication, pages=pages)
    _feed(composition, site.contents)
    _keep_looks(composition.build, [content.slug for content in site.contents if content.source.served is not None], state)
    _remember_notes(composition, site.contents)
    return Rendering(
        composition=composition,
        contents=site.contents,
        episodes={content.slug: _ledger_entry(content, state) for content in site.contents},
        beyond=(*composition.findings, *site.findings),
    )


def _pages(composition: Composition, publication: Publication, *, pages: bool) -> Pages:
    from publisher.site import all_pages

    if not pages:
        return all_pages.only_documents(composition)
    return all_pages.pages(composition, marked=publication.marked, removed=publication.removed)


def _ledger_entry(content: EpisodeContent, state: State) -> PublishedEpisode:
    before, written = state.episodes.get(content.slug), content.source.written
    return PublishedEpisode(
        slug=content.slug,
        guid=content.source.guid,
        date=content.recorded.date.isoformat(),
        title="" if written.unlisted else written.title,
        audio=content.audio if isinstance(content.audio, PublishedAudio) else None,
        elsewhere=content.audio if isinstance(content.audio, AudioElsewhere) else before.elsewhere if before is not None else None,
        alternates=content.recordings.alternates_published,
        texts=before.texts if before is not None else (),
        posts=before.posts if before is not None else (),
        comments="none" if written.comments is False else written.comment_form.replace("open", ""),
    )


def _remember_notes(composition: Composition, contents: Sequence[EpisodeContent]) -> None:
    """What was rendered without a fault is remembered for the next run."""
    if composition.tools.notes is None:
        return
    recipes = composition.build.site
    fresh = {
        content.slug: (content.documents.fingerprint, content.documents.text)
        for content in contents
        if content.documents.text and not recipes[recipe_name("chapters", content.slug)].findings
    }
    composition.tools.notes.keep(fresh, [content.slug for content in contents])


def _feed(composition: Composition, contents: Sequence[EpisodeContent]) -> None:
    """The feed listeners subscribe to, and each full archive page before it: a new episode renders none of those."""
    settings, listed = composition.config.feed, [content for content in contents if not content.source.written.unlisted]
    show_of = composition.show_of
    windows = page_windows(settings, len(listed))
    shared = [composition.settings_digest, composition.source.guid, [made.key for made in composition.artwork]]

    def address(page: int) -> str:
        return f"{composition.config.site.url.rstrip('/')}/{layout.feed_page(settings.file, page)}"

    def made(key: Key, body: bytes) -> Iterable[Artifact]:
        yield artifact(key, body, Phase.FEED, content_type="application/rss+xml; charset=utf-8")

    for page, window in enumerate(windows, 1):

        def archive(page: int = page, window: slice = window) -> Iterable[Artifact]:
            from feed.rss import render_page

            key = layout.feed_page(settings.file, page)
            written = _as_served(listed[window], key)
            show = show_of(content.wordless() if content.slug in written else content for content in listed[window])
            return made(key, render_page(show, settings, address, page, written))

        composition.build.make(recipe_name("feed", page), [*shared, [content.digest for content in listed[window]]], archive)

    def newest() -> Iterable[Artifact]:
        from feed.rss import render_feed, render_newest

        there = kept.read() if kept is not None else {}
        written = {content.slug: there[name] for content, name in zip(shown, names, strict=False) if name in there}
        written |= _as_served(shown, layout.feed(settings.file))
        show = show_of(content.wordless() if content.slug in written else content for content in shown)
        body = render_newest(show, settings, address, len(windows), written) if windows else render_feed(show, settings, written)
        if kept is not None:
            kept.keep(body, names)
        return made(layout.feed(settings.file), body)

    kept = composition.tools.items
    limit = settings.limit if windows else None
    shown = [
        content
        for place, content in enumerate(listed, 1)
        if limit is None or place <= limit or place == len(listed) or content.source.written.type == "trailer"
    ]
    full = len(shown) if settings.full_notes is None else settings.full_notes
    names = [digest_json([shared, content.digest, place < full]) for place, content in enumerate(shown[:limit])]
    composition.build.make("feed", [*shared, [content.digest for content in shown], len(windows)], newest)


def _as_served(contents: Iterable[EpisodeContent], document: Key) -> dict[str, etree._Element]:
    """The items of those that stay as listeners have them, by slug, for this document of the feed."""
    found = ((content.slug, content.source.served.item(document)) for content in contents if content.source.served is not None)
    return {slug: item for slug, item in found if item is not None}


def artifacts(rendering: Rendering, recipe: str) -> Sequence[Artifact]:
    """What a recipe made now; nothing when it did not change."""
    found = rendering.build.site.get(recipe)
    return found.artifacts or () if found is not None else ()


def feed_in(rendering: Rendering) -> bytes | None:
    """The bytes of the feed that was made now; None when it did not change."""
    file = rendering.composition.config.feed.file
    return next((item.content for item in artifacts(rendering, "feed") if item.key == file), None)


def _keep_looks(build: Build, slugs: Iterable[str], state: State) -> None:
    """Keep for each of these episodes, whose page stays as it is served, what that shows of the show (styles, icons, pictures) and is
    replaced, so that `publish prune` leaves it.
    """
    now = {key for recipe in build.site.values() for key in recipe.keys}
    before = {key for name, record in state.recipes.items() if kind_of(name) in _LOOKS and not episode_of(name) for key in record.keys}
    for slug in slugs:
        name = recipe_name(LOOK, slug)
        known = state.recipes[name].keys if name in state.recipes else ()
        keys = sorted(key for key in before.difference(now).union(known) if key in state.objects and not state.objects[key].gone)
        if keys:
            build.keep(name, "served", tuple(keys))
