"""A comment erased for good: from the database, the files on the storage and in the folder, the pages, and the records of publishes.

The pages and the records are left to a publish, as with an episode that is withdrawn: it takes the comment out of the pages, and what
went before it is deleted, so that no rollback brings it back.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.comments.published_comments import ids_in
from publisher.core import layout
from publisher.sync.claims import read_objects

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from publisher.comments.database.values import StoredComment
    from publisher.state.state import State
    from publisher.stores.protocol import Store

_ENOUGH = 200
"""Letters of a comment that are looked for in a page."""


def in_folder(show: Path, comments: Iterable[StoredComment]) -> list[str]:
    """The slugs of episodes whose file in the show's folder has one of these comments: their pages may have them."""
    found = []
    for slug, some in _by_episode(comments).items():
        place = show / layout.comments(slug)
        if place.is_file() and not {one.id for one in some}.isdisjoint(ids_in(place.read_bytes())[1]):
            found.append(slug)
    return found


def pages_with(store: Store, comments: Iterable[StoredComment]) -> list[str]:
    """The slugs of episodes whose page on the storage has one of these comments."""
    found = []
    for slug, some in _by_episode(comments).items():
        stored = store.read(layout.episode_page(slug))
        if stored is not None and _tells(stored.body, some):
            found.append(slug)
    return found


def in_records(store: Store, generation: int, comments: Iterable[StoredComment]) -> bool:
    """Whether a record of a publish before this one has a page with one of these comments: a rollback would bring it back."""
    wanted = {layout.episode_page(slug): some for slug, some in _by_episode(comments).items()}
    for item in store.list(layout.CLAIMS):
        number = layout.generation_in(item.key)
        stored = store.read(item.key) if number is not None and number < generation and wanted else None
        if number is None or stored is None:
            continue
        if any(page.key in wanted and _tells(page.content or b"", wanted[page.key]) for page in read_objects(store, number, stored.body)):
            return True
    return False


def _by_episode(comments: Iterable[StoredComment]) -> dict[str, list[StoredComment]]:
    found: dict[str, list[StoredComment]] = {}
    for comment in comments:
        found.setdefault(comment.episode, []).append(comment)
    return found


def _tells(body: bytes, comments: Iterable[StoredComment]) -> bool:
    """Whether a page has one of these comments: by its id, else by its words."""
    page = body.decode("utf-8", "replace")
    letters = _letters(html.unescape(re.sub(r"<[^>]*>", " ", page)))
    return any(comment.id in page or ((words := _letters(comment.text)[:_ENOUGH]) != "" and words in letters) for comment in comments)


def _letters(text: str) -> str:
    """Letters and digits alone: what no markup changes."""
    return "".join(character for character in text if character.isalnum())


def forgetting(state: State) -> State:
    """State before a publish that no rollback goes back behind."""
    return replace(state, forgotten=state.generation + 1)


def erased_since(state: State, comments: Iterable[StoredComment]) -> list[StoredComment]:
    """Of erased comments those that went after the last publish that forgot what was before it: their authors took them out, or nobody
    published since.
    """
    at = state.published.get(str(state.forgotten)) if state.forgotten else None
    since = dt.datetime.fromisoformat(at) if at else None
    return [one for one in comments if since is None or one.decided is None or one.decided > since]
