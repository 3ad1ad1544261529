"""The files of a show's site, read from its storage: whoever asks for an address of the show is given the object, whether it is online or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.core.addresses import path_below
from publisher.core.errors import AirdateError
from publisher.core.layout import key_of
from publisher.web.bounded_fetch import Fetcher, FetchError
from publisher.web.web_requests import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from publisher.stores.protocol import Store


class StoredSite(Fetcher):
    """A Fetcher for the show at `site_url` whose files lie on `store`; what lies elsewhere is fetched as ever."""

    def __init__(self, store: Store, site_url: str, feed_url: str) -> None:
        super().__init__(feed_url)
        self._store = store
        self._site_url = site_url

    def get(self, url: str, limit: int) -> bytes:
        """The object behind an address of the show. Raises FetchError."""
        path = path_below(url, self._site_url)
        if path is None:
            return super().get(url, limit)
        try:
            stored = self._store.read(key_of(path))
        except AirdateError as error:
            raise _not_there(url, error.message) from error
        if stored is None or len(stored.body) > limit:
            raise _not_there(url, "it is not on the storage" if stored is None else f"it is larger than {limit:,} bytes")
        return stored.body

    def look(self, url: str) -> Answer:
        """What is known of the object behind an address of the show."""
        path = path_below(url, self._site_url)
        if path is None:
            return super().look(url)
        there = self._store.head(key_of(path))
        return Answer(address=url, status=200 if there is not None else 404, headers={"content-length": str(there.size)} if there else {})

    def download(self, url: str, target: Path, limit: int, progress: Callable[[int], None] | None = None) -> None:
        """Write the object behind an address of the show into `target`. Raises FetchError."""
        path = path_below(url, self._site_url)
        if path is None:
            super().download(url, target, limit, progress)
        elif self._store.fetch(key_of(path), target) is None:
            raise _not_there(url, "it is not on the storage")


def _not_there(url: str, why: str) -> FetchError:
    return FetchError(f"cannot be had: {url[:300]}", cause=why, hint="is it there?", code="import-fetch")
