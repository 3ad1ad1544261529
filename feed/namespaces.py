"""The XML namespaces of feeds, by their usual prefixes, and how people misspell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACES: Mapping[str, str] = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "psc": "http://podlove.org/simple-chapters",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "googleplay": "http://www.google.com/schemas/play-podcasts/1.0",
    "fh": "http://purl.org/syndication/history/1.0",
    "spotify": "http://www.spotify.com/ns/rss",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
"""Prefix -> address of every namespace the rules know, spelled as readers compare them."""

OLD_PODCAST_NAMESPACE = "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"
"""Readers must treat it as the podcast namespace (podcast-namespace 1.0)."""


def loose_spelling(address: str) -> str:
    """A namespace's address without what people get wrong: case, scheme, `www.` and closing slash."""
    return address.strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/#")


_BY_SPELLING = {loose_spelling(address): prefix for prefix, address in NAMESPACES.items()} | {
    loose_spelling(OLD_PODCAST_NAMESPACE): "podcast"
}


def usual_prefix(address: str) -> str | None:
    """The usual prefix of a namespace, misspelled ones included; None for one that is not known here."""
    return _BY_SPELLING.get(loose_spelling(address))
