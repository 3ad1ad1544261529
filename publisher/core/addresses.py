"""Where every page lies and how pages refer to each other: the only place that makes addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from posixpath import relpath
from urllib.parse import quote, urlsplit

HOME = "index.html"
NOT_FOUND = "404.html"
SUBSCRIBE = "subscribe.html"
PEOPLE = "people.html"
SEARCH = "search.html"
SITEMAP = "sitemap.xml"
ROBOTS = "robots.txt"
MANIFEST = "site.webmanifest"


def episode_key(slug: str) -> str:
    """The key of an episode's page."""
    return f"episodes/{slug}.html"


def embed_key(slug: str) -> str:
    """The key of the small player that other sites show in a frame."""
    return f"embed/{slug}.html"


def oembed_key(slug: str) -> str:
    """The key of the document that tells other sites how to embed an episode."""
    return f"oembed/{slug}.json"


def comments_key(slug: str) -> str:
    """The comments on an episode; others write them, we never do."""
    return f"comments/{slug}.json"


def archive_key(number: int) -> str:
    """The key of an archive page; 1 holds the oldest episodes."""
    return f"archive/{number}.html"


def season_key(number: int, page: int = 0) -> str:
    """The key of a page of a season; 0 is the one people are led to."""
    return f"season-{number}/{page}.html" if page else f"season-{number}.html"


def person_key(slug: str, page: int = 0) -> str:
    """The key of a page of somebody's episodes; 0 is the one people are led to."""
    return f"people/{slug}/{page}.html" if page else f"people/{slug}.html"


def outside(url: str | None) -> str:
    """`url` when a page may link to it (http, https, mailto), else an empty string: never a script."""
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if (scheme in {"http", "https"} and parts.netloc) or (scheme == "mailto" and parts.path):
        return (url or "").strip()
    return ""


def origin(url: str) -> str:
    """`https://host:port` of an address, as a content security policy names it; empty when there is none."""
    parts = urlsplit(outside(url))
    if not parts.netloc or any(mark in parts.netloc for mark in ";,' \""):
        return ""
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2]}"


_PLAIN = re.compile(r"[A-Za-z0-9/_.~-]*")


@lru_cache(maxsize=4096)
def _path(key: str, pretty: bool) -> str:
    if pretty and key.endswith(".html"):
        key = key[: -len("index.html")] if key == HOME or key.endswith("/index.html") else key.removesuffix(".html")
    return key if _PLAIN.fullmatch(key) else quote(key, safe="/~-._")


@lru_cache(maxsize=4096)
def _from_folder(folder: str, path: str) -> str:
    """The relative link: the same few for every page of a folder. A page may be named like the folder (`people`, `people/ada`)."""
    above, _, name = path.rpartition("/")
    way = relpath(f"/{above}", f"/{folder}")
    return name if way == "." and name else f"{way}/{name}"


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses as they are written on the page with key `here`: relative, so that the site works wherever it is served.

    `rooted` writes paths from the server's root instead, for the 404 page, which answers at any depth.
    """

    site: str
    here: str
    pretty: bool = False
    rooted: bool = False

    def path(self, key: str) -> str:
        """The address of `key` below the site: without `.html` and `index.html` where the host serves them so."""
        return _path(key, self.pretty)

    def absolute(self, key: str) -> str:
        """The whole address of `key`, for feeds, sitemaps and previews elsewhere."""
        return f"{self.site.rstrip('/')}/{self.path(key)}"

    def to(self, key: str, fragment: str = "") -> str:
        """The link from this page to `key`."""
        path = self.path(key)
        if self.rooted:
            link = f"{urlsplit(self.site).path.rstrip('/')}/{path}"
        else:
            folder = self.path(self.here).rpartition("/")[0]
            link = _from_folder(folder, path)
        return f"{link}#{fragment}" if fragment else link

    def own(self, url: str) -> str:
        """The link from this page to an absolute address of this site; empty when it lies elsewhere."""
        base = self.site.rstrip("/") + "/"
        if not url.startswith(base) or any(mark in url for mark in "?#"):
            return ""
        path = url[len(base) :]
        if self.rooted:
            return f"{urlsplit(self.site).path.rstrip('/')}/{path}"
        return _from_folder(self.path(self.here).rpartition("/")[0], path)

    def media(self, url: str) -> str:
        """The link to a recording or document: relative when it is ours, else as it is when it is safe."""
        return self.own(url) or outside(url)
