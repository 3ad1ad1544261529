"""Which addresses of the old host are those of an episode, and which page here is the same episode's."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from publisher.importing.tags.item_recordings import address_of_recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feed.reader import Node
    from publisher.importing.chosen_items import ChosenItem

_COUNTED = re.compile(r"utm_\w+|ref|source", re.IGNORECASE)
"""Parameters that tell where a reader came from: the page is the same."""
_Place = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodePage:
    """The page of an episode here: `link` is how notes refer to it, `title` the episode's."""

    link: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodePages:
    """The pages of the old host that became ours, and the hosts they lie at."""

    pages: Mapping[_Place, EpisodePage]
    hosts: frozenset[str]

    def ours(self, address: str) -> EpisodePage | None:
        """The page here of the episode that an address of the old host shows or plays; None for any other address."""
        place = _place(address)
        return self.pages.get(place) if place is not None else None


def episode_pages(channel: Node, rows: Iterable[ChosenItem]) -> EpisodePages:
    """Each episode's page by the address of its old one, and by that of its recording. What several episodes or the show have is no page of one."""
    dated = [row for row in rows if row.is_episode]
    named = [(row, _place(address)) for row in dated for address in (row.item.value("link"), address_of_recording(row.item))]
    times = Counter(place for _, place in named)
    shows = _place(channel.value("link"))
    found = {place: row for row, place in named if place is not None and times[place] == 1 and place != shows}
    pages = {place: EpisodePage(link=f"{row.slug}.html", title=row.title) for place, row in found.items()}
    return EpisodePages(pages=pages, hosts=frozenset(host for row in dated if (host := host_of(row.item.value("link")))))


def host_of(address: str) -> str:
    """The host of an address, with its port, in small letters; "" where it has none."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return parts.netloc.rpartition("@")[2].lower() if parts.scheme.lower() in ("http", "https") else ""


def _place(address: str) -> _Place | None:
    """What is the same of two addresses of one page: http or https, www or not, a slash at the end or not."""
    host = host_of(address)
    if not host:
        return None
    parts = urlsplit(address.strip())
    query = sorted((name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _COUNTED.fullmatch(name))
    return host.removeprefix("www."), parts.path.rstrip("/"), tuple(query)
