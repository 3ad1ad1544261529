"""The site: a composed show, and what all its pages share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from feed.model import Image, Show
from publisher.render.picture_recipes import COVER_SIZES
from publisher.site.page_kinds.icons import SIZES
from publisher.site.parts.page_values import SiteSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.core.addresses import Links
    from publisher.core.layout import Key
    from publisher.incremental_build.artifacts import Made
    from publisher.incremental_build.build import Build
    from publisher.load.config_tables import Config
    from publisher.render.media_and_documents import Composition
    from publisher.site.parts.theme import Theme


@dataclass(frozen=True, kw_only=True)
class Site:
    """What recipes of pages are made with: the show, and what pages refer to besides episodes, made before the first of them.

    `marked` says by slug why listeners cannot see an episode yet, which pages mark.
    """

    composition: Composition
    search: bool
    pages: tuple[tuple[str, Key], ...]
    seasons: tuple[tuple[int, str], ...]
    icons: tuple[Made, ...]
    social: Made | None
    marked: Mapping[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        """The config as written."""
        return self.composition.config

    @property
    def build(self) -> Build:
        """Where the recipes are made."""
        return self.composition.build

    @property
    def links(self) -> Links:
        """Makes addresses."""
        return self.composition.links

    @property
    def show(self) -> Show:
        """The channel without its episodes."""
        return self.composition.show

    @cached_property
    def has_people(self) -> bool:
        """Whether the show names anybody, and so has a page with everybody."""
        show = self.show
        listed = (sources.source.written for sources in self.composition.listed)
        return bool(show.people or show.directory) or any(written.hosts or written.guests for written in listed)

    @cached_property
    def theme(self) -> Theme:
        """Templates, styles and scripts, those in the show's `theme/` before ours."""
        from publisher.site.parts.theme import Theme

        return Theme(self.settings, self.composition.source.theme)

    @cached_property
    def settings(self) -> SiteSettings:
        """`[site]` as pages need it."""
        site = self.config.site
        artwork = zip(self.composition.artwork[1:], COVER_SIZES, strict=False)
        icons = zip(self.icons, SIZES, strict=False)
        return SiteSettings(
            url=site.url,
            home=site.home or "",
            pretty_urls=site.pretty_urls,
            footer=site.footer,
            subscribe=site.subscribe,
            search=self.search,
            people=self.has_people,
            artwork=tuple(Image(url=self.links.absolute(made.key), width=size, height=size) for made, size in artwork),
            pages=self.pages,
            seasons=self.seasons,
            icons=tuple(Image(url=self.links.absolute(made.key), width=size, height=size, type=made.content_type) for made, size in icons),
            social=Image(url=self.links.absolute(self.social.key), width=1200, height=630) if self.social else None,
            report=site.report or "",
            waiting=frozenset(self.marked),
            comments=site.comments.url if site.comments else "",
            comments_least=site.comments.least if site.comments else 0,
            comments_days=self.config.comments.close_after,
            accent=self.composition.accent,
            thumbs={self.links.absolute(key): self.links.absolute(made.key) for key, made in self.composition.thumbs.items()},
        )
