"""Every page but those of an episode: a show and a view in, HTML out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from publisher.core import layout
from publisher.site.html import feed_tags
from publisher.site.html.json_ld import show_data
from publisher.site.html.page_frame import Page, as_script, pictures_of, short
from publisher.site.html.subscribe_links import qr_code
from publisher.site.parts.page_values import ARCHIVE_EPISODES, Neighbour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from feed.model import Episode, Image, Person, Show
    from publisher.core.layout import Folder, Key
    from publisher.site.parts.page_windows import Leaf
    from publisher.site.parts.theme import Theme
    from publisher.site.parts.words import Words

HOME_EPISODES = 10
"""At least so many episodes stand on the home page, if there are so many."""


def home_page(theme: Theme, show: Show, count: int | None = None, opening: Sequence[Episode] = ()) -> bytes:
    """The show: artwork, description, where to listen, and its newest episodes.

    `count` is how many there are, when `show` holds the newest alone (twice ARCHIVE_EPISODES are enough); `opening` where a
    listener of a serial show begins.
    """
    page = Page(theme, show, layout.HOME)
    shown, older = newest(show.episodes, count)
    return page.html(
        "home.html",
        show.written.title,
        cover=pictures_of(page.links, theme.settings.artwork, show.image),
        title=show.written.title,
        ld=as_script(show_data(show, page.links)),
        episodes=shown,
        older=older,
        opening=opening,
        streams=feed_tags.streams(show, page.words),
        particulars=feed_tags.particulars(show.written, page.words, licence=False),  # that stands at the foot of every page
        podroll=feed_tags.podroll(show),
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


def archive_page(theme: Theme, show: Show, number: int, last: int) -> bytes:
    """Page `number` of `last` of all episodes, counted from the oldest, so a full page never changes; `show` holds its own alone."""
    key = layout.archive_page(number)
    page = Page(theme, show, key)
    span = _span(page.words, show.episodes)
    heading = f"{page.words('episodes')}, {span}"
    return page.html(
        "archive.html",
        heading,
        span=span,
        trail=[(span, key)],
        episodes=show.episodes,
        newer=layout.archive_page(number + 1) if number < last else layout.HOME,
        older=layout.archive_page(number - 1) if number > 1 else "",
    )


def removed_page(theme: Theme, show: Show, key: Key, title: str) -> bytes:
    """What stands where the page of a withdrawn episode was: that it is gone, and what is not."""
    page = Page(theme, show, key)
    text = page.words("removed_text", title=title, show=show.written.title)
    return page.html("message.html", page.words("removed_title"), description=text, noindex=True)


def not_found_page(theme: Theme, show: Show) -> bytes:
    """What a host answers with where nothing is. Its links start at the server's root: it may answer at any depth."""
    page = Page(theme, show, layout.NOT_FOUND, rooted=True)
    return page.html("message.html", page.words("not_found_title"), description=page.words("not_found_text"), noindex=True)


def subscribe_page(theme: Theme, show: Show) -> bytes:
    """Every way to subscribe, with the feed's address to copy."""
    page = Page(theme, show, layout.SUBSCRIBE)
    return page.html(
        "subscribe.html",
        page.words("subscribe"),
        description=page.words("subscribe_in", show=show.written.title),
        code=qr_code(show.feed_url),
    )


def people_page(
    theme: Theme, show: Show, episodes: Iterable[tuple[Sequence[Person], Neighbour]], own: Mapping[str, str] | None = None
) -> bytes:
    """Who is heard in the show, with their newest episodes; in order of first appearance in `show.people`, then of name.

    `episodes` are all of them, newest first: who is heard in each, and the way to it; `own` the slugs of those who have pages with
    all of theirs, by id (or name). Reads nothing of `show.episodes`.
    """
    page = Page(theme, show, layout.PEOPLE)
    appearances: dict[str, tuple[Person, list[Neighbour]]] = {name_of(person): (person, []) for person in show.people}
    for people, episode in episodes:
        for person in people:
            appearances.setdefault(name_of(person), (person, []))[1].append(episode)
    hosts = {name_of(person) for person in show.people}
    order = sorted(appearances, key=lambda name: (name not in hosts, appearances[name][0].name.casefold() if name not in hosts else ""))
    return page.html(
        "people.html",
        page.words("people"),
        people=[(*appearances[name], (own or {}).get(name, "")) for name in order],
    )


def name_of(person: Person) -> str:
    """Who somebody is, over all episodes: the id in `[people]`, else the name."""
    return person.id or person.name


def season_page(theme: Theme, show: Show, number: int, name: str, covers: Sequence[Image], leaf: Leaf) -> bytes:
    """A page of the episodes of a season; `show` holds them alone, in the order they stand in. `covers`: the whole picture first."""
    page = Page(theme, show, layout.season_page(number, leaf.number))
    heading = name or page.words("season", number=number)
    return page.html(
        "season.html",
        heading,
        **_stretch(page, show, [(heading, layout.season_page(number))], leaf, partial(layout.season_page, number)),
        cover=pictures_of(page.links, covers[1:], covers[0]) if covers else None,
        cover_sizes="(min-width: 56rem) 10rem, 18vw",
        number=number,
        name=name,
    )


def person_page(theme: Theme, show: Show, person: Person, slug: str, leaf: Leaf) -> bytes:
    """A page of somebody's episodes; `show` holds them alone, newest first."""
    page = Page(theme, show, layout.person_page(slug, leaf.number))
    heading = page.words("all_of_person", name=person.name)
    way = [(page.words("people"), layout.PEOPLE), (person.name, layout.person_page(slug))]
    return page.html(
        "person.html",
        heading,
        **_stretch(page, show, way, leaf, partial(layout.person_page, slug)),
        description=short(f"{heading}. {show.written.description}"),
        person=person,
    )


def _stretch(page: Page, show: Show, way: list[tuple[str, Key]], leaf: Leaf, key_of: Callable[[int], Key]) -> dict[str, Any]:
    """What one page of a list of episodes is made of: its stretch of them, and the ways back and onward; `way` leads to the list."""
    span = _span(page.words, show.episodes) if leaf.number else ""
    return {
        "title": " – ".join(part for part in (way[-1][0], span, show.written.title) if part),
        "trail": [*way, *([(span, key_of(leaf.number))] if span else [])],
        "span": span,
        "episodes": show.episodes,
        "back": None if leaf.back is None else key_of(leaf.back),
        "onward": None if leaf.onward is None else key_of(leaf.onward),
    }


def _span(words: Words, episodes: Sequence[Episode]) -> str:
    """From when to when the episodes are."""
    first, last = (words.date(moment) for moment in (min(item.date for item in episodes), max(item.date for item in episodes)))
    return f"{first} – {last}" if last != first else first


def search_page(theme: Theme, show: Show, runtime: Folder, bundles: Sequence[Folder]) -> bytes:
    """Search over the whole show: `runtime` is the folder of the program and its first index, `bundles` those of the others."""
    page = Page(theme, show, layout.SEARCH)
    texts = {key: page.words(key) for key in ("loading", "no_results", "search_error")}
    forms = {"results": page.words.forms("count_results"), "moments": page.words.forms("count_moments")}
    return page.html(
        "search.html",
        page.words("search"),
        programs=True,
        description=page.words("search_show"),
        noindex=True,
        runtime=page.links.to(runtime),
        bundles=[page.links.to(bundle) for bundle in bundles],
        root=page.links.to(layout.ROOT),
        data=as_script(texts | forms),
    )


def plain_page(theme: Theme, show: Show, key: Key, title: str, body: str) -> bytes:
    """A page the show wrote itself (about, imprint); `body` is cleaned HTML."""
    cleaned = Markup(body)  # noqa: S704  to an allow-list, where Markdown is rendered
    return Page(theme, show, key).html("page.html", title, description=title, body=cleaned)
