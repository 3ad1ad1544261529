"""What machines ask a site for: a map of its pages, rules for robots, a manifest, and how to embed an episode."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.site.parts.words import words_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from feed.model import Show
    from publisher.core.layout import Key
    from publisher.site.parts.page_values import EpisodeView
    from publisher.site.parts.theme import Theme

EMBED_HEIGHT = 200
"""Pixels; any width will do."""
EMBED_SIZES = (("size_small", 112), ("size_medium", EMBED_HEIGHT), ("size_large", 420))
"""What the small player comes in, by the height of the frame around it: one row, with the picture, with the chapters."""


def sitemap(theme: Theme, episodes: Iterable[tuple[str, datetime]], keys: Iterable[Key] = ()) -> bytes:
    """The home page, the episodes (slug and date), and further pages under `keys`. sitemaps.org, protocol 0.9."""
    links = theme.links(layout.SITEMAP)
    rows = [f"<url><loc>{escape(links.absolute(layout.HOME), quote=False)}</loc></url>"]
    for slug, date in episodes:
        address, day = links.absolute(layout.episode_page(slug)), date.date().isoformat()
        rows.append(f"<url><loc>{escape(address, quote=False)}</loc><lastmod>{day}</lastmod></url>")
    rows += [f"<url><loc>{escape(links.absolute(key), quote=False)}</loc></url>" for key in keys]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "\n".join(rows)
        + "\n</urlset>\n"
    ).encode()


def robots(theme: Theme) -> bytes:
    """Everybody may read everything; the map is here. RFC 9309."""
    links = theme.links(layout.ROBOTS)
    return f"User-agent: *\nAllow: /\n\nSitemap: {links.absolute(layout.SITEMAP)}\n".encode()


def webmanifest(theme: Theme, show: Show) -> bytes:
    """The show as an app on a home screen. W3C Web Application Manifest."""
    links = theme.links(layout.MANIFEST)
    icons = [
        {"src": own, "sizes": f"{image.width}x{image.height}", "type": image.type}
        for image in theme.settings.icons or (*theme.settings.artwork, show.image)
        if image.width and (own := links.own(image.url))
    ]
    icons.append({"src": links.to(theme.keys["icon.svg"]), "sizes": "any", "type": "image/svg+xml"})
    manifest = {
        "name": show.written.title,
        "description": show.written.description,
        "lang": show.written.language,
        "dir": words_for(show.written.language).direction,
        "start_url": links.to(layout.HOME),
        "scope": "./",
        "display": "minimal-ui",
        "background_color": theme.light.paper,
        "theme_color": theme.light.paper,
        "icons": icons,
    }
    return json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n"


def frame(address: str, title: str) -> str:
    """The HTML another site puts into its page: without the browser's border, loaded when it comes into sight.

    The attribute takes the border off as well where that site's policy (CSP) permits no `style`.
    """
    name = escape(title, quote=False).replace('"', "&quot;")
    return (
        f'<iframe src="{address}" title="{name}" width="100%" height="{EMBED_HEIGHT}" '
        'style="border:0" frameborder="0" loading="lazy"></iframe>'
    )


def oembed(theme: Theme, show: Show, view: EpisodeView) -> bytes:
    """How another site shows this episode: a frame with the small player. oEmbed 1.0, type rich."""
    episode = view.episode
    links = theme.links(layout.oembed(episode.slug))
    document = {
        "version": "1.0",
        "type": "rich",
        "title": episode.written.title,
        "provider_name": show.written.title,
        "provider_url": links.absolute(layout.HOME),
        "author_name": show.written.author,
        "width": 640,
        "height": EMBED_HEIGHT,
        "html": frame(links.absolute(layout.embed_page(episode.slug)), episode.written.title),
    }
    picture = episode.image or show.image
    small = view.covers if episode.image is not None or view.covers else theme.settings.artwork
    thumbnail = next((image for image in (*small, picture) if image.width >= 640), picture)
    if thumbnail.url and thumbnail.width and thumbnail.height:  # each of the three asks for the others
        document |= {"thumbnail_url": thumbnail.url, "thumbnail_width": thumbnail.width, "thumbnail_height": thumbnail.height}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
