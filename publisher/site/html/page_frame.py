"""What every page shares: its policy, its way home, its pictures, and what templates ask for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from publisher.core import addresses as urls
from publisher.core import layout
from publisher.site.html.json_ld import trail_data
from publisher.site.html.subscribe_links import apps
from publisher.site.parts.words import direction_of, words_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.model import Episode, Image, Show
    from publisher.core.addresses import Links
    from publisher.core.layout import Key
    from publisher.media.colors import Tokens
    from publisher.site.parts.theme import Theme

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


class PagePicture(NamedTuple):
    """An image of ours in the sizes there are."""

    src: str
    small: str
    set: str
    width: int
    height: int


class PageLooks(NamedTuple):
    """What templates see of the theme: its colours, and the line at the foot of every page."""

    light: Tokens
    dark: Tokens
    footer: Markup


class Page:
    """One page in the making: the links that lead from it, the words it is in, and what every template gets."""

    def __init__(self, theme: Theme, show: Show, key: Key, *, rooted: bool = False) -> None:
        """`key` is where it lies; the links of a page that is `rooted` start at the server's root."""
        self._theme = theme
        self._show = show
        self.links = theme.links(key, rooted=rooted)
        self.words = words_for(show.written.language)

    def html(
        self,
        template: str,
        heading: str,
        *,
        media: Sequence[str] = (),
        programs: bool = False,
        trail: Sequence[tuple[str, Key]] = (),
        cover: PagePicture | None = None,
        comments: str = "",
        **values: object,
    ) -> bytes:
        """The page that `template` makes of `values`; its title is heading and show, and it is described as the show is, where they say
        nothing else. `media` are addresses that the recording is loaded from, `programs` whether the page runs WebAssembly, `trail` the way to it from the
        home page (name and key, itself last), `cover` its largest picture, which browsers load first, `comments` where its form is sent.
        """
        theme, show, links, words = self._theme, self._show, self.links, self.words

        def asset(name: str) -> str:
            return links.to(theme.keys[name])

        def pictures(small: Sequence[Image], whole: Image) -> PagePicture | None:
            return pictures_of(links, small, whole)

        def small(address: str) -> str:
            """The smallest copy of a picture; "" for one that lies elsewhere, for a page asks nobody else."""
            return links.own(theme.settings.thumbs.get(address, address))

        def tongue(language: str | None) -> Markup:
            """`lang` of a text in another language than the page, and `dir` where that runs the other way; with a space before them."""
            if not language or language.lower() == words.language.lower():
                return Markup()
            way = direction_of(language)
            return Markup(' lang="{}" dir="{}"' if way != words.direction else ' lang="{}"').format(language, way)  # noqa: S704  filled escaped

        def other_way(language: str | None) -> Markup:
            """`dir` of what stands in rows with a text in this language, where that runs against the page; with a space before it."""
            way = direction_of(language) if language else words.direction
            return Markup() if way == words.direction else Markup(' dir="{}"').format(way)

        def role(name: str) -> str:
            key = "role_" + "-".join(name.lower().split())
            return words(key) if key in words else name

        def explicit(episode: Episode) -> bool:
            return show.written.explicit if episode.written.explicit is None else episode.written.explicit

        shared = {
            "title": f"{heading} – {show.written.title}",
            "heading": heading,
            "description": short(show.written.description),
            "canonical": links.absolute(links.here),
            "noindex": False,
            "locale": locale(show.written.language),
            "fediverse": next((table.account_id for table in show.written.social if table.account_id), ""),
            "apple_app": apple_id(theme.settings.subscribe.apple or ""),
            "ld": "",
            "theme": PageLooks(theme.light, theme.dark, theme.footer),
            "settings": theme.settings,
            "show": show,
            "words": words,
            "links": links,
            "policies": (_loading(links, media, programs=programs, comments=comments), _leaving(comments)),
            "trail": trail,
            "trail_ld": as_script(trail_data([(show.written.title, layout.HOME), *trail], links)) if trail else "",
            "cover": cover,
            "cover_sizes": "(min-width: 60rem) 18rem, (min-width: 40rem) 10rem, 5.5rem",
            "comments": comments,
            "contact": urls.outside(f"mailto:{owner.email}") if (owner := show.written.owner) and owner.public else "",
            "home_link": urls.outside(theme.settings.home) or links.to(layout.HOME),
            "asset": asset,
            "apps": apps(show.feed_url, theme.settings.subscribe),
            "pictures": pictures,
            "small": small,
            "tongue": tongue,
            "other_way": other_way,
            "role": role,
            "kind": lambda name: _KINDS.get(name, name.rpartition("/")[2].upper()),
            "explicit": explicit,
            "teaser": lambda episode: short(episode.notes.summary.split("\n\n")[0], 280),
            "episode_key": layout.episode_page,
            "oembed_key": layout.oembed,
            "embed_key": layout.embed_page,
            "season_key": layout.season_page,
            "person_key": layout.person_page,
        }
        return theme.render(template, **(shared | values))


def _loading(links: Links, media: Sequence[str], *, programs: bool = False, comments: str = "") -> str:
    """What the page may load: everything from here, the recording from wherever it was published, and where a comment is sent."""
    elsewhere = "".join(dict.fromkeys(f" {origin}" for url in media if not links.own(url) and (origin := urls.origin(url))))
    scripts = "'self' 'wasm-unsafe-eval'" if programs else "'self'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'{' ' + urls.origin(comments) if comments else ''}; "
        f"media-src 'self'{elsewhere}; manifest-src 'self'"
    )


# A policy of its own, and the last: browsers keep to both. Checkers of saved pages hold each address against the last policy
# alone, where 'self' is nobody on a disk, and take JSON-LD for a script.
def _leaving(comments: str) -> str:
    """Where the page may send its reader: to its own search, and with a comment to the service that takes it."""
    return f"base-uri 'none'; form-action 'self'{' ' + urls.origin(comments) if comments else ''}"


def pictures_of(links: Links, small: Sequence[Image], whole: Image) -> PagePicture | None:
    """The sizes of a picture that lie on this site; None when there is none, for a page asks nobody else."""
    sizes = [(link, image) for image in (*small, whole) if (link := links.own(image.url))]
    if not sizes:
        return None
    shown = next(((link, image) for link, image in sizes if image.width >= 640), sizes[-1])
    known = [f"{link} {image.width}w" for link, image in sizes if image.width]
    width, height = shown[1].width or 640, shown[1].height or 640
    return PagePicture(shown[0], sizes[0][0], ", ".join(known) if len(known) > 1 else "", width, height)


def locale(language: str) -> str:
    """A language as Open Graph names it, `en_GB`; "" where no country is written."""
    found = re.match(r"([A-Za-z]{2,3})(?:-[A-Za-z]{4})?-([A-Za-z]{2})(?:-|$)", language)
    return f"{found[1].lower()}_{found[2].upper()}" if found else ""


def apple_id(address: str) -> str:
    """The number of a show in the address of its page in Apple Podcasts; "" where there is none."""
    found = re.search(r"^https://podcasts\.apple\.com/.*?/?id(\d{3,12})(?:[?#/]|$)", address)
    return found[1] if found else ""


def short(text: str, limit: int = 300) -> str:
    """One line for a description, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def as_script(value: object) -> Markup:
    """JSON that may stand inside `<script>`: no `<`, `>` or `&` is left that could end it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704  nothing that is markup is left in it
