"""Pages: a show and a view in, HTML out. What every page shares is gathered in `_page`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from feed.times import parse_time
from publisher.site import machines, urls
from publisher.site.structured import episode_data, show_data, trail_data
from publisher.site.subscribe import apps, qr_code
from publisher.site.transcript import TranscriptView, render_transcript, stamps_in
from publisher.site.urls import Links
from publisher.site.views import ARCHIVE_EPISODES, ArchivePage
from publisher.site.words import Words, words_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feed.model import Chapter, Episode, Image, Person, Show
    from feed.written import SourceTable
    from publisher.site.comments import Comment
    from publisher.site.spread import Leaf
    from publisher.site.theme import Theme
    from publisher.site.views import EpisodeView, Neighbour, SiteSettings

HOME_EPISODES = 10
"""At least so many episodes stand on the home page, if there are so many."""

_KINDS = {
    "audio/mpeg": "MP3",
    "audio/x-m4a": "M4A",
    "audio/mp4": "M4A",
    "audio/ogg": "Ogg",
    "video/mp4": "MP4",
    "text/vtt": "VTT",
    "application/x-subrip": "SRT",
    "application/srt": "SRT",
    "application/json": "JSON",
    "text/plain": "TXT",
    "text/html": "HTML",
}

# What the player says by itself: words it shows, and sentences with {places} it fills.
_SPOKEN = (
    *("play", "pause", "loading", "buffering", "resume", "starts_at", "valuetext", "valuetext_chapter", "speed_is"),
    *("hits", "no_hits", "copied", "share_at", "play_episode"),
)


class _Picture(NamedTuple):
    """An image of ours in the sizes there are."""

    src: str
    small: str
    set: str
    width: int
    height: int


def episode_page(theme: Theme, show: Show, view: EpisodeView) -> bytes:
    """An episode: player, notes, chapters and transcript; whole without a script. Reads nothing of `show.episodes`."""
    episode = view.episode
    links = Links(theme.settings.url, view.key, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    sources = _sources(episode)
    named = [(second, source.title, url) for source, second in sources if second is not None and (url := urls.outside(source.url))]
    wanted = _stamps(episode) | _moments(view.comments)
    transcript = render_transcript(view.sections, wanted=wanted, space=_space(episode, words), sources=named)
    chapters = tuple(chapter for chapter in episode.chapters if chapter.toc)
    noindex = view.unlisted or view.draft
    address = links.absolute(view.key)
    frame = machines.frame(links.absolute(urls.embed_key(episode.slug)), episode.written.title)
    season = dict(theme.settings.seasons).get(episode.written.season or 0)
    trail = (
        [] if season is None else [(season or words("season", number=episode.written.season), urls.season_key(episode.written.season or 0))]
    )
    return theme.render(
        "episode.html",
        **_page(
            theme,
            show,
            links,
            words,
            media=episode.enclosure.url,
            trail=[*trail, (episode.written.title, view.key)],
            cover=_pictures(links, view.covers, episode.image or show.image),
            comments=_comments(theme.settings, episode),
        ),
        title=f"{episode.written.title} – {show.written.title}",
        heading=episode.written.title,
        description=_short(episode.notes.summary or episode.written.title),
        canonical=address,
        noindex=noindex,
        ld=_json(episode_data(show, view, address, links)),
        view=view,
        notes=Markup(episode.notes.page),  # noqa: S704  cleaned to an allow-list where notes are rendered
        transcript=transcript,
        chapters=chapters,
        lengths=_lengths(chapters, episode.enclosure.duration),
        anchors=sorted(wanted - transcript.placed - {int(chapter.start) for chapter in chapters}),
        markdown=links.to(view.markdown) if view.markdown else "",
        spoken=words.language_name(episode.written.language or show.written.language),
        report=_report(theme.settings, show, episode, words, address),
        thread=links.to(urls.comments_key(episode.slug)),
        summary=_summary(episode),
        embed_sizes=machines.EMBED_SIZES,
        code=qr_code(show.feed_url),
        sources=sources,
        frame=frame,
        embedded=False,
        play_label=_play_label(words, episode),
        data=_json(_player_data(show, view, links, words, transcript, chapters)),
    )


def embed_page(theme: Theme, show: Show, view: EpisodeView) -> bytes:
    """The small player other sites show in a frame: plays without a script too."""
    episode = view.episode
    links = Links(theme.settings.url, urls.embed_key(episode.slug), theme.settings.pretty_urls)
    words = words_for(show.written.language)
    chapters = tuple(chapter for chapter in episode.chapters if chapter.toc)
    return theme.render(
        "embed.html",
        **_page(theme, show, links, words, media=episode.enclosure.url),
        title=f"{episode.written.title} – {show.written.title}",
        canonical=links.absolute(view.key),
        view=view,
        chapters=chapters,
        anchors=(),
        embedded=True,
        play_label=_play_label(words, episode),
        data=_json(_player_data(show, view, links, words, TranscriptView(Markup(), ()), chapters)),
    )


def home_page(theme: Theme, show: Show, count: int | None = None, opening: Sequence[Episode] = ()) -> bytes:
    """The show: artwork, description, where to listen, and its newest episodes.

    `count` is how many there are, when `show` holds the newest alone (twice ARCHIVE_EPISODES are enough); `opening` where a
    listener of a serial show begins.
    """
    links = Links(theme.settings.url, urls.HOME, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    shown, older = newest(show.episodes, count)
    return theme.render(
        "home.html",
        **_page(theme, show, links, words, cover=_pictures(links, theme.settings.artwork, show.image)),
        title=show.written.title,
        heading=show.written.title,
        description=_short(show.written.description),
        canonical=links.absolute(urls.HOME),
        noindex=False,
        ld=_json(show_data(show, links)),
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
    return tuple(episodes[:shown]), urls.archive_key(last - 1) if last > 1 else ""


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
    key = urls.archive_key(page.number)
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    span = _span(words, page.episodes)
    heading = f"{words('episodes')}, {span}"
    return theme.render(
        "archive.html",
        **_page(theme, show, links, words, trail=[(span, key)]),
        title=f"{heading} – {show.written.title}",
        heading=heading,
        description=_short(show.written.description),
        canonical=links.absolute(key),
        noindex=False,
        ld="",
        page=page,
        newer=urls.archive_key(page.number + 1) if page.number < page.last else urls.HOME,
        older=urls.archive_key(page.number - 1) if page.number > 1 else "",
    )


def removed_page(theme: Theme, show: Show, key: str, title: str) -> bytes:
    """What stands where the page of a withdrawn episode was: that it is gone, and what is not."""
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    text = words("removed_text", title=title, show=show.written.title)
    return _message(theme, show, links, words("removed_title"), text)


def not_found_page(theme: Theme, show: Show) -> bytes:
    """What a host answers with where nothing is. Its links start at the server's root: it may answer at any depth."""
    links = Links(theme.settings.url, urls.NOT_FOUND, theme.settings.pretty_urls, rooted=True)
    words = words_for(show.written.language)
    return _message(theme, show, links, words("not_found_title"), words("not_found_text"))


def subscribe_page(theme: Theme, show: Show) -> bytes:
    """Every way to subscribe, with the feed's address to copy."""
    links = Links(theme.settings.url, urls.SUBSCRIBE, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    return theme.render(
        "subscribe.html",
        **_page(theme, show, links, words),
        title=f"{words('subscribe')} – {show.written.title}",
        heading=words("subscribe"),
        description=words("subscribe_in", show=show.written.title),
        canonical=links.absolute(urls.SUBSCRIBE),
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
    links = Links(theme.settings.url, urls.PEOPLE, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    heard: dict[str, tuple[Person, list[Neighbour]]] = {name_of(person): (person, []) for person in show.people}
    for people, episode in episodes:
        for person in people:
            heard.setdefault(name_of(person), (person, []))[1].append(episode)
    hosts = {name_of(person) for person in show.people}
    order = sorted(heard, key=lambda name: (name not in hosts, heard[name][0].name.casefold() if name not in hosts else ""))
    return theme.render(
        "people.html",
        **_page(theme, show, links, words),
        title=f"{words('people')} – {show.written.title}",
        heading=words("people"),
        description=_short(show.written.description),
        canonical=links.absolute(urls.PEOPLE),
        noindex=False,
        ld="",
        people=[(*heard[name], (own or {}).get(name, "")) for name in order],
    )


def name_of(person: Person) -> str:
    """Who somebody is, over all episodes: the id in `[people]`, else the name."""
    return person.id or person.name


def season_page(theme: Theme, show: Show, number: int, name: str, covers: Sequence[Image], leaf: Leaf) -> bytes:
    """A page of the episodes of a season; `show` holds them alone, in the order they stand in. `covers`: the whole picture first."""
    key = urls.season_key(number, leaf.number)
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    heading = name or words("season", number=number)
    span = _span(words, show.episodes) if leaf.number else ""
    trail = [(heading, urls.season_key(number)), *([(span, key)] if span else [])]
    picture = _pictures(links, covers[1:], covers[0]) if covers else None
    return theme.render(
        "season.html",
        **_page(theme, show, links, words, trail=trail, cover=picture) | {"cover_sizes": "(min-width: 56rem) 10rem, 18vw"},
        title=" – ".join(part for part in (heading, span, show.written.title) if part),
        heading=heading,
        description=_short(show.written.description),
        canonical=links.absolute(key),
        noindex=False,
        ld="",
        number=number,
        name=name,
        span=span,
        episodes=show.episodes,
        back=None if leaf.back is None else urls.season_key(number, leaf.back),
        onward=None if leaf.onward is None else urls.season_key(number, leaf.onward),
    )


def person_page(theme: Theme, show: Show, person: Person, slug: str, leaf: Leaf) -> bytes:
    """A page of somebody's episodes; `show` holds them alone, newest first."""
    key = urls.person_key(slug, leaf.number)
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    span = _span(words, show.episodes) if leaf.number else ""
    trail = [(words("people"), urls.PEOPLE), (person.name, urls.person_key(slug)), *([(span, key)] if span else [])]
    heading = words("all_of_person", name=person.name)
    return theme.render(
        "person.html",
        **_page(theme, show, links, words, trail=trail),
        title=" – ".join(part for part in (person.name, span, show.written.title) if part),
        heading=heading,
        description=_short(f"{heading}. {show.written.description}"),
        canonical=links.absolute(key),
        noindex=False,
        ld="",
        person=person,
        span=span,
        episodes=show.episodes,
        back=None if leaf.back is None else urls.person_key(slug, leaf.back),
        onward=None if leaf.onward is None else urls.person_key(slug, leaf.onward),
    )


def _span(words: Words, episodes: Sequence[Episode]) -> str:
    """From when to when the episodes are."""
    first, last = (words.date(moment) for moment in (min(item.date for item in episodes), max(item.date for item in episodes)))
    return f"{first} – {last}" if last != first else first


def search_page(theme: Theme, show: Show, runtime: str, bundles: Sequence[str]) -> bytes:
    """Search over the whole show: `runtime` is the folder of the program and its first index, `bundles` those of the others."""
    links = Links(theme.settings.url, urls.SEARCH, theme.settings.pretty_urls)
    words = words_for(show.written.language)
    said = {key: words(key) for key in ("loading", "no_results", "search_error")}
    forms = {"results": words.forms("count_results"), "moments": words.forms("count_moments")}
    return theme.render(
        "search.html",
        **_page(theme, show, links, words, programs=True),
        title=f"{words('search')} – {show.written.title}",
        heading=words("search"),
        description=words("search_show"),
        canonical=links.absolute(urls.SEARCH),
        noindex=True,
        ld="",
        runtime=f"{links.to(runtime)}/",
        bundles=[f"{links.to(bundle)}/" for bundle in bundles],
        root=links.to(""),
        data=_json(said | forms),
    )


def plain_page(theme: Theme, show: Show, key: str, title: str, body: str) -> bytes:
    """A page the show wrote itself (about, imprint); `body` is cleaned HTML."""
    links = Links(theme.settings.url, key, theme.settings.pretty_urls)
    return theme.render(
        "page.html",
        **_page(theme, show, links, words_for(show.written.language)),
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
        **_page(theme, show, links, words),
        title=f"{heading} – {show.written.title}",
        heading=heading,
        description=text,
        canonical=links.absolute(links.here),
        noindex=True,
        ld="",
    )


def _page(
    theme: Theme,
    show: Show,
    links: Links,
    words: Words,
    *,
    media: str = "",
    programs: bool = False,
    trail: Sequence[tuple[str, str]] = (),
    cover: _Picture | None = None,
    comments: str = "",
) -> dict[str, Any]:
    """What every template gets. `media` is the recording's address, `programs` whether the page runs WebAssembly, `trail` the way to
    it from the home page (name and key, itself last), `cover` its largest picture, which browsers load first, `comments` where its
    form is sent.
    """

    def asset(name: str) -> str:
        return links.to(theme.keys[name])

    def pictures(small: Sequence[Image], whole: Image) -> _Picture | None:
        return _pictures(links, small, whole)

    def role(name: str) -> str:
        key = "role_" + "-".join(name.lower().split())
        return words(key) if key in words else name

    def explicit(episode: Episode) -> bool:
        return show.written.explicit if episode.written.explicit is None else episode.written.explicit

    return {
        "theme": theme,
        "settings": theme.settings,
        "show": show,
        "words": words,
        "links": links,
        "policies": (_loading(links, media, programs=programs, comments=comments), _leaving(comments)),
        "trail": trail,
        "trail_ld": _json(trail_data([(show.written.title, urls.HOME), *trail], links)) if trail else "",
        "cover": cover,
        "cover_sizes": "(min-width: 60rem) 18rem, (min-width: 40rem) 10rem, 7rem",
        "comments": comments,
        "contact": urls.outside(f"mailto:{owner.email}") if (owner := show.written.owner) and owner.public else "",
        "home_link": urls.outside(theme.settings.home) or links.to(urls.HOME),
        "asset": asset,
        "apps": apps(show.feed_url, theme.settings.subscribe),
        "pictures": pictures,
        "role": role,
        "kind": lambda name: _KINDS.get(name, name.rpartition("/")[2].upper()),
        "explicit": explicit,
        "teaser": lambda episode: _short(episode.notes.summary.split("\n\n")[0], 280),
        "episode_key": urls.episode_key,
        "oembed_key": urls.oembed_key,
        "embed_key": urls.embed_key,
        "season_key": urls.season_key,
        "person_key": urls.person_key,
    }


def _loading(links: Links, media: str, *, programs: bool = False, comments: str = "") -> str:
    """What the page may load: everything from here, the recording from wherever it was published, and where a comment is sent."""
    elsewhere = "" if not media or links.own(media) else urls.origin(media)
    scripts = "'self' 'wasm-unsafe-eval'" if programs else "'self'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'{' ' + urls.origin(comments) if comments else ''}; "
        f"media-src 'self'{' ' + elsewhere if elsewhere else ''}; manifest-src 'self'"
    )


# A policy of its own, and the last: browsers keep to both. Checkers of saved pages hold each address against the last policy
# alone, where 'self' is nobody on a disk, and take JSON-LD for a script.
def _leaving(comments: str) -> str:
    """Where the page may send its reader: to its own search, and with a comment to the service that takes it."""
    return f"base-uri 'none'; form-action 'self'{' ' + urls.origin(comments) if comments else ''}"


def _pictures(links: Links, small: Sequence[Image], whole: Image) -> _Picture | None:
    """The sizes of a picture that lie on this site; None when there is none, for a page asks nobody else."""
    sizes = [(link, image) for image in (*small, whole) if (link := links.own(image.url))]
    if not sizes:
        return None
    shown = next(((link, image) for link, image in sizes if image.width >= 640), sizes[-1])
    known = [f"{link} {image.width}w" for link, image in sizes if image.width]
    width, height = shown[1].width or 640, shown[1].height or 640
    return _Picture(shown[0], sizes[0][0], ", ".join(known) if len(known) > 1 else "", width, height)


def _player_data(
    show: Show,
    view: EpisodeView,
    links: Links,
    words: Words,
    transcript: TranscriptView,
    chapters: Sequence[Chapter],
) -> Mapping[str, Any]:
    """What player.js reads from the page; seconds are cut to hundredths."""
    episode = view.episode
    picture = _pictures(links, view.covers, episode.image or show.image)
    return {
        "guid": episode.guid,
        "title": episode.written.title,
        "show": show.written.title,
        "author": show.written.author,
        "picture": picture.src if picture else "",
        "page": links.absolute(view.key),
        "duration": round(episode.enclosure.duration, 2),
        "chapters": [[round(chapter.start, 2), chapter.title] for chapter in chapters],
        "cues": [[round(start, 2), round(end, 2)] for start, end in transcript.times],
        "words": {key: words(key) for key in _SPOKEN} | {"play_episode": _play_label(words, episode)},
    }


def _sources(episode: Episode) -> list[tuple[SourceTable, int | None]]:
    """Where something said comes from, and at which second; a time nobody can read is left out."""
    found: list[tuple[SourceTable, int | None]] = []
    for source in episode.written.sources:
        try:
            found.append((source, None if source.at is None else int(parse_time(source.at))))
        except ValueError:
            found.append((source, None))
    return found


def _summary(episode: Episode) -> str:
    """What front matter says in short, where the notes do not begin with it."""
    said = " ".join((episode.written.summary or "").split())
    return "" if said and " ".join(episode.notes.text.split()).startswith(said) else said


def _play_label(words: Words, episode: Episode) -> str:
    """What the button that plays is called before it was pressed: it says how long that will take."""
    return f"{words('play_episode')} ({words.length(episode.enclosure.duration)})"


def _lengths(chapters: Sequence[Chapter], duration: float) -> list[float]:
    """How long each chapter is, in seconds: to its own end, else to the next one, else to the end of the recording."""
    ends = [chapter.start for chapter in chapters[1:]] + [duration]
    return [max((end if chapter.end is None else chapter.end) - chapter.start, 0) for chapter, end in zip(chapters, ends, strict=False)]


def _comments(settings: SiteSettings, episode: Episode) -> str:
    """Where comments on an episode are sent; "" when nobody is asked for one."""
    return settings.comments if urls.origin(settings.comments) and episode.written.comments is not False else ""


def _report(settings: SiteSettings, show: Show, episode: Episode, words: Words, address: str) -> str:
    """The link that tells somebody of a mistake, with episode and second (0, until the script writes where the reader is)."""
    owner = show.written.owner
    target = settings.report or (f"mailto:{owner.email}" if owner and owner.public else "")
    if not urls.outside(target):
        return ""
    said = {"title": episode.written.title, "slug": episode.slug, "link": f"{address}#t=0"}
    for name, value in said.items():
        target = target.replace(f"{{{name}}}", quote(value, safe=""))
    if not target.lower().startswith("mailto:") or "?" in target:
        return urls.outside(target)
    subject = words("report_subject", title=episode.written.title)
    return f"{target}?subject={quote(subject, safe='')}&body={quote(words('report_body') + chr(10) * 2 + said['link'], safe='')}"


def _stamps(episode: Episode) -> set[int]:
    """Every second that notes and sources lead to: each needs a place on the page, script or not."""
    return stamps_in(episode.notes.page) | {second for _, second in _sources(episode) if second is not None}


def _moments(comments: Iterable[Comment]) -> set[int]:
    """Every second that comments are about."""
    return {item.at for comment in comments for item in (comment, *comment.answers) if item.at is not None}


def _space(episode: Episode, words: Words) -> str:
    """What joins two cues, by the language of the transcript."""
    return words_for(episode.written.language).space if episode.written.language else words.space


def _short(text: str, limit: int = 300) -> str:
    """One line for a description, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def _json(value: object) -> Markup:
    """JSON that may stand inside `<script>`: no `<`, `>` or `&` is left that could end it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704  nothing that is markup is left in it
