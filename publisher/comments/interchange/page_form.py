"""Comments in the form that pages read, `comments/<slug>.json`: what another service, or this one, wrote for one episode."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault
from feed.text_cleaning import read_json
from publisher.comments.interchange.foreign_comments import Foreign, ForeignComment, name_of, words_of, written_moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def read_page_form(path: Path) -> Foreign:
    """The comments of one episode, which the file is named after; each was approved. Raises ContentFault `import-comments`."""
    found = Foreign()
    try:
        for number, row in enumerate(_rows(read_json(path.read_bytes())["comments"])):
            _take(found, path.stem, number, row)
    except (ValueError, KeyError, TypeError) as error:
        words = 'this is no list of comments: {"comments": [{"name": …, "text": …, "date": …}]} is expected'
        raise ContentFault(words, code="import-comments", hint="the file is named after the episode: SLUG.json") from error
    return found


def _rows(found: object) -> Sequence[object]:
    if not isinstance(found, list):
        raise TypeError(f"{type(found).__name__} is no list")
    return found


def _take(found: Foreign, slug: str, number: int, row: object) -> None:
    if not isinstance(row, dict):
        found.left_out["of a form that is not known"] += 1
        return
    created, words = written_moment(row.get("date")), words_of(_text(row.get("text")))
    if created is None or not words:
        found.left_out["without a text or a time"] += 1
        return
    at = row.get("at")
    found.comments.append(
        ForeignComment(
            address=slug,
            title="",
            foreign_id=f"{slug}/{id_of(row, number)}",
            parent=f"{slug}/{row['reply_to']}" if row.get("reply_to") else "",
            name=name_of(_text(row.get("name"))),
            text=words,
            at=int(at) if isinstance(at, (int, float)) and not isinstance(at, bool) and 0 <= at < 360_000 else None,
            created=created,
            state="approved",
        )
    )


def id_of(row: Mapping[str, Any], number: int) -> str:
    """The id of a comment in such a file; one without has one by its place and words."""
    known, words = str(row.get("id") or ""), f"{number} {row.get('date')} {row.get('text')}"
    return known if known and known.isprintable() else hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _text(written: object) -> str:
    return written if isinstance(written, str) else ""
