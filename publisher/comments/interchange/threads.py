"""Which episode a page of another service was about, by its address, else by its title."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from feed.text_cleaning import one_line
from publisher.core import layout
from publisher.core.addresses import files_behind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEpisode:
    """An episode that was published: its slug, guid and title, and the addresses its page had at other hosts."""

    slug: str
    guid: str
    title: str
    former: tuple[str, ...] = ()


@dataclass(slots=True)
class ForeignThreads:
    """The episodes by what an export may know them by. `named` are slugs by the address that a person wrote for each."""

    episodes: Mapping[str, KnownEpisode]
    site_url: str
    named: Mapping[str, str] = field(default_factory=dict)
    guessed: dict[str, str] = field(default_factory=dict)
    """Slugs by the address of what was found by the end of its address, or its title, alone: to be said."""

    def episode(self, address: str, title: str) -> KnownEpisode | None:
        """The episode that a page was about; None for a page that is none of the show's."""
        slug = self._named(address) or self._here(address) or self._former(address)
        if slug is None and (slug := self._alike(address, title)) is not None:
            self.guessed[address or title] = slug
        return self.episodes.get(slug) if slug is not None else None

    def _named(self, address: str) -> str | None:
        return next((slug for written, slug in self.named.items() if _place(written)[1] == _place(address)[1]), None)

    def _here(self, address: str) -> str | None:
        """By the address of a page of ours."""
        host, path = _place(address)
        site, above = _place(self.site_url)
        if host and host != site:
            return None
        for file in files_behind(path.removeprefix(above)):
            reading = layout.read(layout.Kind.EPISODE, file)
            if reading is not None and reading.owner in self.episodes:
                return reading.owner
        return None

    def _former(self, address: str) -> str | None:
        """By an address that its page had elsewhere; an export without hosts names the path alone."""
        host, path = _place(address)
        fitting = {
            one.slug
            for one in self.episodes.values()
            for former in map(_place, one.former)
            if path == former[1] and (not host or host == former[0])
        }
        return fitting.pop() if len(fitting) == 1 else None

    def _alike(self, address: str, title: str) -> str | None:
        """By the last part of the address, else by a title that only one episode has."""
        last = _place(address)[1].rpartition("/")[2].partition("?")[0].rpartition(".html")
        slug = (last[0] or last[2]).lower()
        if slug in self.episodes:
            return slug
        wanted = one_line(title).casefold()
        fitting = [one.slug for one in self._titled(wanted)] if wanted else []
        return fitting[0] if len(fitting) == 1 else None

    def _titled(self, wanted: str) -> Iterable[KnownEpisode]:
        return (one for one in self.episodes.values() if one_line(one.title).casefold() == wanted)


def _place(address: str) -> tuple[str, str]:
    """Host and path of an address, with the query and without a slash at the end: what two writings of it have in common."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return "", address
    path = unquote(parts.path).rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return (parts.netloc.rpartition("@")[2].lower().removeprefix("www."), path or "/")
