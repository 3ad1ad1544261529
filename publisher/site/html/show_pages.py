"""Every page but those of an episode: a show and a view in, HTML out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from publisher.core import layout
from publisher.core.addresses import Links
from publisher.site.html.json_ld import show_data
from publisher.site.html.page_frame import as_script, on_every_page, pictures_of, short
from publisher.site.html.subscribe_links import qr_code
from publisher.site.parts.page_values import ARCHIVE_EPISODES, ArchivePage
from publisher.site.parts.words import Words, words_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feed.model import Episode, Image, Person, Show
    from publisher.core.layout import Folder, Key
    from publisher.site.parts.page_values import Neighbour
    from publisher.site.parts.page_windows import Leaf
    from publisher.site.parts.theme import Theme

HOME_EPISODES = 10
"""At least so many episodes stand on the home page, if there are so many."""


def home_page(theme: Theme, show: Show, count: int | None = None, opening: Sequence[Episode] = ()) -> bytes:
    """The show: artwork, description, where to listen, and its newest episodes.

    `count` is how many there are, when `show` holds the newest alone (twice ARCHIVE_EPISODES are enough); `opening` where a
    listener of a serial show begins.
    """
    links = Links(theme.settings.url, layout.HOME, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    shown, older = newest(show.episodes, count)
    return theme.render(
        "home.html",
        **on_every_page(theme, show, links, words, cover=pictures_of(links, theme.settings.artwork, show.image)),
        title=show.written.title,
        heading=show.written.title,
        description=short(show.written.description),
        canonical=links.absolute(layout.HOME),
        noindex=False,
        ld=as_script(show_data(show, links)),
        episodes=shown,
        older=older,
        opening=opening,
    )


def newest(episodes: Sequence[Episode], count: int | None = None) -> tuple[tuple[Episode, ...], str]:
    """The episodes of the home page, and the key of the archive page that goes on where they end ("" when none does).

    They end where an archive page does, so that nothing is shown twice: at most 34 with archive pages of 25. `count` is how
    many there are, where `episodes` are the newest of them alone.
    """
    count = len(episodes) if count is None else count
    last = -(-count // ARCHIVE_EPISODES)
    shown = count - (last - 1) * ARCHIVE_EPISODES if last else 0
    if shown < HOME_EPISODES and last > 1:
        last -= 1
        shown += ARCHIVE_EPISODES
    return tuple(episodes[:shown]), layout.archive_page(last - 1) if last > 1 else ""


def paginate(episodes: Sequence[Episode], size: int = ARCHIVE_EPISODES) -> tuple[ArchivePage, ...]:
    """`episodes` (newest first) as archive pages, newest page first. Pages are filled from the oldest episode on."""
    last = -(-len(episodes) // size)
    oldest_first = list(reversed(episodes))
    pages = [
        ArchivePage(number=number + 1, episodes=tuple(reversed(oldest_first[number * size : (number + 1) * size])), last=last)
        for number in range(last)
    ]
    return tuple(reversed(pages))


def archive_page(theme: Theme, show: Show, page: ArchivePage) -> bytes:
    """One page of all episodes."""
    key = layout.archive_page(page.number)
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    span = _span(words, page.episodes)
    heading = f"{words('episodes')}, {span}"
    return theme.render(
        "archive.html",
        **on_every_page(theme, show, links, words, trail=[(span, key)]),
        title=f"{heading} – {show.written.title}",
        heading=heading,
        description=short(show.written.description),
        canonical=links.absolute(key),
        noindex=False,
        ld="",
        page=page,
        newer=layout.archive_page(page.number + 1) if page.number < page.last else layout.HOME,
        older=layout.archive_page(page.number - 1) if page.number > 1 else "",
    )


def removed_page(theme: Theme, show: Show, key: Key, title: str) -> bytes:
    """What stands where the page of a withdrawn episode was: that it is gone, and what is not."""
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    text = words("removed_text", title=title, show=show.written.title)
    return _message(theme, show, links, words("removed_title"), text)


def not_found_page(theme: Theme, show: Show) -> bytes:
    """What a host answers with where nothing is. Its links start at the server's root: it may answer at any depth."""
    links = Links(theme.settings.url, layout.NOT_FOUND, theme.settings.pretty_urls, rooted=True)
    words = words_for(show.written.language)
    return _message(theme, show, links, words("not_found_title"), words("not_found_text"))


def subscribe_page(theme: Theme, show: Show) -> bytes:
    """Every way to subscribe, with the feed's address to copy."""
    links = Links(theme.settings.url, layout.SUBSCRIBE, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    return theme.render(
        "subscribe.html",
        **on_every_page(theme, show, links, words),
        title=f"{words('subscribe')} – {show.written.title}",
        heading=words("subscribe"),
        description=words("subscribe_in", show=show.written.title),
        canonical=links.absolute(layout.SUBSCRIBE),
        noindex=False,
        ld="",
        code=qr_code(show.feed_url),
    )


def people_page(
    theme: Theme, show: Show, episodes: Iterable[tuple[Sequence[Person], Neighbour]], own: Mapping[str, str] | None = None
) -> bytes:
    """Who is heard in the show, with their newest episodes; in order of first appearance in `show.people`, then of name.

    `episodes` are all of them, newest first: who is heard in each, and the way to it; `own` the slugs of those who have pages with
    all of theirs, by id (or name). Reads nothing of `show.episodes`.
    """
    links = Links(theme.settings.url, layout.PEOPLE, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    heard: dict[str, tuple[Person, list[Neighbour]]] = {name_of(person): (person, []) for person in show.people}
    for people, episode in episodes:
        for person in people:
            heard.setdefault(name_of(person), (person, []))[1].append(episode)
    hosts = {name_of(person) for person in show.people}
    order = sorted(heard, key=lambda name: (name not in hosts, heard[name][0].name.casefold() if name not in hosts else ""))
    return theme.render(
        "people.html",
        **on_every_page(theme, show, links, words),
        title=f"{words('people')} – {show.written.title}",
        heading=words("people"),
        description=short(show.written.description),
        canonical=links.absolute(layout.PEOPLE),
        noindex=False,
        ld="",
        people=[(*heard[name], (own or {}).get(name, "")) for name in order],
    )


def name_of(person: Person) -> str:
    """Who somebody is, over all episodes: the id in `[people]`, else the name."""
    return person.id or person.name


def season_page(theme: Theme, show: Show, number: int, name: str, covers: Sequence[Image], leaf: Leaf) -> bytes:
    """A page of the episodes of a season; `show` holds them alone, in the order they stand in. `covers`: the whole picture first."""
    key = layout.season_page(number, leaf.number)
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    heading = name or words("season", number=number)
    span = _span(words, show.episodes) if leaf.number else ""
    trail = [(heading, layout.season_page(number)), *([(span, key)] if span else [])]
    picture = pictures_of(links, covers[1:], covers[0]) if covers else None
    return theme.render(
        "season.html",
        **on_every_page(theme, show, links, words, trail=trail, cover=picture) | {"cover_sizes": "(min-width: 56rem) 10rem, 18vw"},
        title=" – ".join(part for part in (heading, span, show.written.title) if part),
        heading=heading,
        description=short(show.written.description),
        canonical=links.absolute(key),
        noindex=False,
        ld="",
        number=number,
        name=name,
        span=span,
        episodes=show.episodes,
        back=None if leaf.back is None else layout.season_page(number, leaf.back),
        onward=None if leaf.onward is None else layout.season_page(number, leaf.onward),
    )


def person_page(theme: Theme, show: Show, person: Person, slug: str, leaf: Leaf) -> bytes:
    """A page of somebody's episodes; `show` holds them alone, newest first."""
    key = layout.person_page(slug, leaf.number)
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    span = _span(words, show.episodes) if leaf.number else ""
    trail = [(words("people"), layout.PEOPLE), (person.name, layout.person_page(slug)), *([(span, key)] if span else [])]
    heading = words("all_of_person", name=person.name)
    return theme.render(
        "person.html",
        **on_every_page(theme, show, links, words, trail=trail),
        title=" – ".join(part for part in (person.name, span, show.written.title) if part),
        heading=heading,
        description=short(f"{heading}. {show.written.description}"),
        canonical=links.absolute(key),
        noindex=False,
        ld="",
        person=person,
        span=span,
        episodes=show.episodes,
        back=None if leaf.back is None else layout.person_page(slug, leaf.back),
        onward=None if leaf.onward is None else layout.person_page(slug, leaf.onward),
    )


def _span(words: Words, episodes: Sequence[Episode]) -> str:
    """From when to when the episodes are."""
    first, last = (words.date(moment) for moment in (min(item.date for item in episodes), max(item.date for item in episodes)))
    return f"{first} – {last}" if last != first else first


def search_page(theme: Theme, show: Show, runtime: Folder, bundles: Sequence[Folder]) -> bytes:
    """Search over the whole show: `runtime` is the folder of the program and its first index, `bundles` those of the others."""
    links = Links(theme.settings.url, layout.SEARCH, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    said = {key: words(key) for key in ("loading", "no_results", "search_error")}
    forms = {"results": words.forms("count_results"), "moments": words.forms("count_moments")}
    return theme.render(
        "search.html",
        **on_every_page(theme, show, links, words, programs=True),
        title=f"{words('search')} – {show.written.title}",
        heading=words("search"),
        description=words("search_show"),
        canonical=links.absolute(layout.SEARCH),
        noindex=True,
        ld="",
        runtime=links.to(runtime),
        bundles=[links.to(bundle) for bundle in bundles],
        root=links.to(layout.ROOT),
        data=as_script(said | forms),
    )


def plain_page(theme: Theme, show: Show, key: Key, title: str, body: str) -> bytes:
    """A page the show wrote itself (about, imprint); `body` is cleaned HTML."""
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    return theme.render(
        "page.html",
        **on_every_page(theme, show, links, words_for(show.written.language)),
        title=f"{title} – {show.written.title}",
        heading=title,
        description=title,
        canonical=links.absolute(key),
        noindex=False,
        ld="",
        body=Markup(body),  # noqa: S704  cleaned to an allow-list where Markdown is rendered
    )


def _message(theme: Theme, show: Show, links: Links, heading: str, text: str) -> bytes:
    words = words_for(show.written.language)
    return theme.render(
        "message.html",
        **on_every_page(theme, show, links, words),
        title=f"{heading} – {show.written.title}",
        heading=heading,
        description=text,
        canonical=links.absolute(links.here),
        noindex=True,
        ld="",
    )
