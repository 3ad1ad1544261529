"""What the pages are made from: settings of the site, and views of episodes, as the templates get them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.media.colors import ACCENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feed.model import Episode, Image
    from feed.transcript.paragraphs import Section
    from publisher.core.layout import Key
    from publisher.load.config_tables import SubscribeTable
    from publisher.site.parts.comments import Comment


ARCHIVE_EPISODES = 25
"""So many episodes stand on an archive page; a full one never changes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """`[site]`, as far as pages need it.

    `url` is where listeners reach the storage, `home` another home page the show's name leads to, `artwork` smaller copies of the show's
    artwork, smallest first, `pages` the plain pages as (title, key), `seasons` those with a page as (number, name or ""), `icons` what
    browsers and home screens show, smallest first, `social` the picture other sites show with a link to the show, `people` whether there
    is a page with everybody. `report` is where
    mistakes are told, `comments` where comments are sent, how long they are at least, and for how many
    days after an episode they are taken, `waiting` the slugs of drafts and of episodes
    that are not due (in a preview), `thumbs` the addresses of the smallest copies of pictures, by those of the pictures. Templates see all of it.
    """

    url: str
    home: str = ""
    pretty_urls: bool = False
    accent: str = ACCENT
    footer: str = ""
    subscribe: SubscribeTable
    search: bool = False
    people: bool = False
    artwork: tuple[Image, ...] = ()
    pages: tuple[tuple[str, Key], ...] = ()
    seasons: tuple[tuple[int, str], ...] = ()
    icons: tuple[Image, ...] = ()
    social: Image | None = None
    report: str = ""
    comments: str = ""
    comments_least: int = 10
    comments_days: int | None = None
    waiting: frozenset[str] = frozenset()
    thumbs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another episode, as a link: its title, the key of its page, and the title's language ("" for the show's)."""

    title: str
    key: Key
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeView:
    """One episode's page: the episode, its transcript by chapter and speaker, and what stands around it.

    `covers` are smaller copies of its cover (or of the artwork), smallest first; `social_image` the picture other sites
    show with a link; `season_name` what the season is called. `unlisted` and `draft` keep search engines away; `scheduled` says
    of a draft that only its time has not come. `markdown` is the key of the page as Markdown, `comments` are those that lie in the show's folder,
    the newest of `comments_total`.
    """

    episode: Episode
    sections: tuple[Section, ...] = ()
    previous: Neighbour | None = None
    next: Neighbour | None = None
    related: tuple[Neighbour, ...] = ()
    covers: tuple[Image, ...] = ()
    social_image: Image | None = None
    season_name: str = ""
    unlisted: bool = False
    draft: bool = False
    scheduled: bool = False
    markdown: Key | None = None
    comments: tuple[Comment, ...] = ()
    comments_total: int = 0

    @property
    def key(self) -> Key:
        """The key of this page."""
        return layout.episode_page(self.episode.slug)
