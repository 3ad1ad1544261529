"""Approved comments on the storage: `comments/<slug>.json` holds an episode's newest ones, numbered files beside it the older.

They are what the database holds, written over whatever is there, by If-Match: whoever writes has first seen what is there and then asked
the database, so that of two at once the one that knew less is refused and looks again. Where a service knows no conditions, the database
is asked once more after writing. State knows nothing of them.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json
from publisher.comments.interchange.foreign_rows import row_id
from publisher.comments.interchange.page_form import id_of
from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.core.media_types import content_type
from publisher.incremental_build.artifacts import SHORT
from publisher.stores.protocol import ConditionFailed, Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from publisher.comments.database.comments import Database
    from publisher.comments.database.values import StoredComment
    from publisher.core.layout import Key
    from publisher.stores.protocol import Store, Stored

IN_ONE_FILE = 500
"""Comments in a file; the page shows as many."""
LARGEST_FILE = 6 << 20
"""Bytes of the comments in a file; only very long ones in letters of four bytes come near it."""
ATTEMPTS = 100
"""How often it is looked again because somebody else wrote, before it is given up."""


def files_of(slug: str, approved: Sequence[StoredComment], taken: Collection[str]) -> dict[Key, bytes]:
    """The files of an episode, from its approved comments, oldest first: those with the oldest comments come first, what pages read last.

    A numbered file never has the name of another episode's: `taken` are the show's slugs, and what an episode is called is passed over.
    """
    there = {comment.id for comment in approved}
    chunks = list(_chunks([_row(comment, there) for comment in approved]))
    keys, number = [layout.comments(slug)], 1
    while len(keys) < len(chunks):
        number += 1
        if f"{slug}-{number}" not in taken:
            keys.append(layout.older_comments(slug, number))
    files = {}
    for key, rows, older in zip(keys, chunks, [*keys[1:], None], strict=True):
        document: dict[str, Any] = {"episode": slug, "comments": rows}
        document |= {"total": len(approved)} if key == keys[0] else {}
        document |= {"older": older.rpartition("/")[2]} if older is not None else {}
        files[key] = _written(document)
    return dict(reversed(files.items()))


def _chunks(rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows of each file, the newest first: so many, and never larger than what a show's folder takes."""
    chunk: list[dict[str, Any]] = []
    size = 0
    for row in reversed(rows):
        more = len(_written(row))
        if len(chunk) == IN_ONE_FILE or (chunk and size + more > LARGEST_FILE):
            yield chunk[::-1]
            chunk, size = [], 0
        chunk.append(row)
        size += more
    yield chunk[::-1]


def _written(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _row(comment: StoredComment, there: Collection[str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": comment.id,
        "name": comment.name,
        "text": comment.text,
        "date": comment.created.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if comment.at is not None:
        row["at"] = comment.at
    if comment.reply_to in there:
        row["reply_to"] = comment.reply_to
    if comment.source == "moderator":
        row["by_show"] = True
    return row


def ids_in(body: bytes) -> tuple[str, list[str]]:
    """The episode that a file names as its own ("" where it names none), and the ids of its comments."""
    try:
        document = read_json(body)
        rows = enumerate(document["comments"])
        return str(document.get("episode") or ""), [id_of(row, number) for number, row in rows if isinstance(row, dict) and row.get("text")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", []


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedComments:
    """The files of one show (podcast:guid) on its storage. `slugs` gives those of all its episodes, `gone` those of which nothing is shown,
    `forget` is told what was written, so that a content network asks for it anew.
    """

    store: Store
    database: Database
    show: str
    slugs: Callable[[], Collection[str]]
    gone: Callable[[], Collection[str]] = frozenset
    forget: Callable[[Sequence[Key]], None] = lambda _keys: None

    def write(self, slug: str, *, overwrite: bool = False) -> tuple[Key, ...]:
        """Make the files of an episode what the database says; those that were other.

        Raises StorageError, `comments-unknown` where a file there has comments that the database never had (unless `overwrite`).
        """
        written: dict[Key, None] = {}
        taken = frozenset(self.slugs())
        for attempt in range(ATTEMPTS):
            if self._write_once(slug, taken, written, overwrite=overwrite):
                if written:
                    self.forget(list(written))
                return tuple(written)
            time.sleep(min(0.02 * attempt, 0.5))
        raise StorageError(
            f"the comments on “{slug}” are being changed all the time", hint="run the same command again", code="comments-busy"
        )

    def _write_once(self, slug: str, taken: Collection[str], written: dict[Key, None], *, overwrite: bool) -> bool:
        """Write what differs; False where somebody else changed something meanwhile."""
        there, files = self._seen(slug, taken)
        left_over = {key: _written({"episode": slug, "comments": []}) for key in there if key not in files}
        for key, body in (*files.items(), *left_over.items()):
            stored = there[key]
            if stored is not None and stored.body == body:
                continue
            if stored is not None and not self._may_go(slug, stored, taken, written, overwrite=overwrite):
                return False
            try:
                self._put(key, body, stored)
            except ConditionFailed:
                return False
            written[key] = None
        return self._files(slug, taken) == files

    def _files(self, slug: str, taken: Collection[str]) -> dict[Key, bytes]:
        return files_of(slug, () if slug in self.gone() else self.database.approved(self.show, slug), taken)

    def _seen(self, slug: str, taken: Collection[str]) -> tuple[dict[Key, Stored | None], dict[Key, bytes]]:
        """What is there under every name of the episode's files, and then, asked later, what is to be there."""
        there = {layout.comments(slug): self.store.read(layout.comments(slug))}
        number = 1
        while True:  # numbered files that nothing may be in any more are emptied
            number += 1
            key = layout.older_comments(slug, number)
            if f"{slug}-{number}" in taken:
                continue
            stored = self.store.read(key)
            if stored is None or ids_in(stored.body)[0] != slug:
                break
            there[key] = stored
        while True:
            files = self._files(slug, taken)
            more = files.keys() - there.keys()
            if not more:
                return there, files
            there |= {key: self.store.read(key) for key in sorted(more)}

    def _may_go(self, slug: str, stored: Stored, taken: Collection[str], written: dict[Key, None], *, overwrite: bool) -> bool:
        """Refuse to write over comments that nobody here knows. Those of another episode, which had this name while it was free, are
        written elsewhere first: False where that did not come about.
        """
        owner, ids = ids_in(stored.body)
        if owner not in ("", slug):
            return self._write_once(owner, taken, written, overwrite=overwrite)
        imported = {one: row_id(self.show, "json", f"{slug}/{one}") for one in ids}
        known = self.database.known(self.show, {*ids, *imported.values()}) if ids and not overwrite else {*ids}
        strange = [one for one in ids if one not in known and imported[one] not in known]
        if strange:
            raise StorageError(
                f"the storage has comments on “{slug}” that this database never had",
                cause=f"{len(strange)} of them, as {strange[0]!r:.60}",
                hint="is it the right --database? `publish comments pull`, then `publish comments import` of that file takes them over; "
                "`--force overwrite` gives them up",
                code="comments-unknown",
            )
        return True

    def _put(self, key: Key, body: bytes, stored: Stored | None) -> None:
        headers = Headers(content_type=content_type(key), cache_control=SHORT)
        try:
            self.store.put(key, body, headers, if_match=stored.etag if stored else None, if_absent=stored is None)
        except StorageError as error:
            if error.code != "storage-conditions":
                raise
            self.store.conditions = "refused"  # as a publish finds out: from now on none is sent
            self.store.put(key, body, headers)
