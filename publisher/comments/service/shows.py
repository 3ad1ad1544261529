"""The shows that one service takes comments for: who they are, where their pages are, and what can be commented on."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed.guids import show_guid
from publisher.comments.pages import ServicePages
from publisher.core import layout
from publisher.core.addresses import Links, origin
from publisher.core.errors import AirdateError, ContentError
from publisher.core.placeholders import has_none
from publisher.site.parts.words import words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from publisher.comments.database.outbox import Kind
    from publisher.comments.service.tokens import Network
    from publisher.load.config_tables import CommentServiceTable, Config
    from publisher.site.parts.words import Words
    from publisher.state.state import State

REFRESH = 30.0
"""Seconds after which what was published is asked for again."""
AGAIN = 2.0
"""The same for an episode that nobody knows: it may just have come out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenThread:
    """What can be commented on: an episode that is published. `form` is as its front matter says: open, closed or none."""

    slug: str
    guid: str
    page: str
    published: dt.datetime
    form: str = "open"


class OpenThreads:
    """Those of one show, from what its storage remembers; `read` may ask the storage, and raises AirdateError where it cannot."""

    def __init__(self, read: Callable[[], State], page: Callable[[str], str], say: Callable[[str], None]) -> None:
        self._read = read
        self._page = page
        self._say = say
        self._known: Mapping[str, OpenThread] = {}
        self._asked = float("-inf")
        self._guard = threading.Lock()
        self._said = ""

    def find(self, slug: str) -> OpenThread | None:
        """The thread of a slug, as published at most half a minute ago; as it was last seen while the storage is asked or does not answer."""
        if time.monotonic() - self._asked > (REFRESH if slug in self._known else AGAIN):
            self.refresh(wait=slug not in self._known)
        return self._known.get(slug)

    def refresh(self, *, wait: bool = True) -> None:
        """Ask again; of many that want it at once one does, and the others `wait` a little for what it finds, or go on: a storage that
        hangs must not keep everybody.
        """
        before = self._asked
        if not self._guard.acquire(timeout=(1.0 if self._known else 30.0) if wait else 0):
            return
        try:
            if self._asked != before:
                return
            try:
                state = self._read()
            except AirdateError as error:
                if error.message != self._said:
                    self._say(f"what is published could not be asked for: {error.message}")
                self._said = error.message
            else:
                self._said = ""
                self._known = {
                    slug: self._thread(slug, state) for slug, item in state.episodes.items() if not (item.removed or item.withdrawn)
                }
            self._asked = time.monotonic()
        finally:
            self._guard.release()

    def _thread(self, slug: str, state: State) -> OpenThread:
        item = state.episodes[slug]
        return OpenThread(
            slug=slug, guid=item.guid, page=self._page(slug), published=dt.datetime.fromisoformat(item.date), form=item.comments or "open"
        )


@dataclass(frozen=True, kw_only=True)
class ServedShow:
    """One show of the service; `guid` is its podcast:guid, `origin` that of its pages, `own` that of the service as listeners reach it."""

    guid: str
    title: str
    language: str
    site: str
    origin: str
    own: str
    least: int
    settings: CommentServiceTable
    threads: OpenThreads = field(repr=False)
    pages: ServicePages = field(repr=False)
    proxies: tuple[Network, ...] = ()
    tells: tuple[Kind, ...] = ()

    @property
    def words(self) -> Words:
        """What its pages say."""
        return words_for(self.language)

    @property
    def consent(self) -> str:
        """The very sentence that stands on its pages."""
        return self.words("comment_consent")

    @property
    def consent_version(self) -> str:
        """What the sentence is known by."""
        return hashlib.sha256(self.consent.encode()).hexdigest()[:16]

    def is_closed(self, thread: OpenThread, now: dt.datetime) -> bool:
        """Whether nothing more is taken on an episode."""
        after = self.settings.close_after
        return thread.form != "open" or (after is not None and now - thread.published > dt.timedelta(days=after))

    def page_of(self, thread: OpenThread, asked: str) -> str:
        """Where a reader goes back to: the page they came from where it is one of the site's, else the episode's."""
        return asked if asked.startswith(f"{self.site}/") and asked.isprintable() and len(asked) < 2000 else thread.page


def served_show(
    config: Config,
    read: Callable[[], State],
    say: Callable[[str], None],
    *,
    guid: str = "",
    tells: tuple[Kind, ...] = (),
    pages: ServicePages | None = None,
) -> ServedShow:
    """A show as the service has it; without `pages` it answers with ours in the show's name.

    Raises ContentError where its config does not say where its pages and the service are.
    """
    site = config.site
    form = site.comments.url if site.comments else ""
    if has_none(site.url) or not origin(site.url):
        raise ContentError(f"{config.show.title} has no address yet", hint='url = "https://…" under [site]', code="comments-site")
    if not origin(form):
        hint = 'url = "https://comments.example.org/comments" under [site.comments]: the service as listeners reach it'
        raise ContentError(f"{config.show.title} does not say where comments are sent", hint=hint, code="comments-site")
    links = Links(site.url, layout.HOME, site.pretty_urls)
    return ServedShow(
        guid=guid or config.show.guid or show_guid(config.feed_url),
        title=config.show.title,
        language=config.show.language,
        site=site.url.rstrip("/"),
        origin=plain_origin(site.url),
        own=plain_origin(form),
        least=site.comments.least if site.comments else 1,
        settings=config.comments,
        threads=OpenThreads(read, lambda slug: links.absolute(layout.episode_page(slug)), say),
        pages=pages or ServicePages(config),
        proxies=tuple(_network(text) for text in config.comments.proxies),
        tells=tells,
    )


def plain_origin(url: str) -> str:
    """The origin of an address as browsers send it: no port that goes without saying; "" for what has none."""
    found = origin(url).lower()
    if not found.isascii():
        import idna

        try:
            scheme, _, host = found.partition("://")
            found = f"{scheme}://{idna.encode(host.partition(':')[0], uts46=True).decode()}{host[len(host.partition(':')[0]) :]}"
        except idna.IDNAError:
            return ""
    return found.removesuffix(":443") if found.startswith("https:") else found.removesuffix(":80")


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ContentError(f"{text} is no network of a proxy", hint='proxies = ["10.0.0.0/8"]', code="comments-site") from error


class Shows:
    """All shows of a service, told apart by the origin of who asks."""

    def __init__(self, shows: Iterable[ServedShow]) -> None:
        self.all = tuple(shows)
        guids = [show.guid for show in self.all]
        if len(set(guids)) < len(guids):
            raise ContentError("two of the shows have the same guid", hint="is one of them a copy of the other?", code="comments-site")
        self.origins = frozenset(show.origin for show in self.all)

    def at(self, origin: str, *, own: bool = False) -> tuple[ServedShow, ...]:
        """The shows whose pages have this origin; with `own` those that are served under it."""
        return tuple(show for show in self.all if (show.own if own else show.origin) == origin)


def meant(shows: tuple[ServedShow, ...], slug: str, page: str) -> ServedShow:
    """Which of the shows with one origin is meant: the one whose site the page is below, else the one that has the episode."""
    below = [show for show in shows if page.startswith(f"{show.site}/")]
    if below:
        return max(below, key=lambda show: len(show.site))
    return next((show for show in shows if show.threads.find(slug) is not None), shows[0])
