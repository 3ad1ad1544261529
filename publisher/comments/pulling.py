"""Published comments brought into the show's folder, `comments/<slug>.json`: the next publish writes them into the pages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.comments.published_comments import ids_in
from publisher.core import layout
from publisher.core.json_results import Result
from publisher.core.local_cache import write_whole
from publisher.core.show_files import folder_to_write

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from publisher.stores.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledComments(Result):
    """A file of comments that is here now as it is on the storage."""

    episode: str
    """The slug."""
    file: str
    """Where it lies, in the show's folder."""
    comments: int
    """How many are in it; an episode's newest 500 at most."""


def pull_comments(store: Store, show: Path, slugs: Collection[str] | None = None) -> list[PulledComments]:
    """The newest comments of each episode, or of these alone, where those here differ. Older ones stay on the storage, where pages get
    them; what lies here and nowhere there stays as it is.
    """
    return list(_pulled(store, show, slugs))


def _pulled(store: Store, show: Path, slugs: Collection[str] | None) -> Iterator[PulledComments]:
    folder = show / layout.COMMENTS
    for item in store.list(layout.COMMENTS):
        reading = layout.read(layout.Kind.COMMENTS, item.key)
        if reading is None or (slugs is not None and reading.owner not in slugs):
            continue
        place = folder / f"{reading.owner}.json"
        if place.is_file() and hashlib.md5(place.read_bytes(), usedforsecurity=False).hexdigest() == item.etag:
            continue
        stored = store.read(item.key)
        episode, ids = ids_in(stored.body) if stored is not None else ("", set[str]())
        if stored is None or episode not in ("", reading.owner):  # older comments of an episode whose name begins alike
            continue
        if place.is_file() and place.read_bytes() == stored.body:
            continue
        folder_to_write(folder, show)
        write_whole(place, stored.body)
        yield PulledComments(episode=reading.owner, file=place.relative_to(show).as_posix(), comments=len(ids))
