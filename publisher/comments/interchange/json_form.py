"""All comments of a show as one JSON document, and back without loss: what is exported, read and exported again is the same bytes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args

from feed.findings import ContentFault
from feed.text_cleaning import read_json
from publisher.comments.database.values import EARLIEST, LATEST, CommentState, Source, StoredComment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FORMAT = "airdate-comments"
VERSION = 1
_WRITTEN = "%Y-%m-%dT%H:%M:%S.%fZ"


def write_export(show: str, comments: Iterable[StoredComment]) -> bytes:
    """The document: every comment in the order they came, erased ones as the empty rows that they are."""
    ordered = sorted(comments, key=lambda comment: (comment.created, comment.id))
    rows = [{one.name: _written(getattr(comment, one.name)) for one in fields(comment) if one.name != "show"} for comment in ordered]
    document = {"format": FORMAT, "version": VERSION, "show": show, "comments": rows}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def is_export(document: object) -> bool:
    """Whether a JSON document is such an export."""
    return isinstance(document, dict) and document.get("format") == FORMAT


def read_export(raw: bytes, show: str) -> list[StoredComment]:
    """The comments of an export of this show. Raises ContentFault `import-comments`, which says which comment is at fault."""
    try:
        document = read_json(raw)
    except ValueError as error:
        raise _fault(f"this is no JSON: {error}") from error
    if not is_export(document) or document.get("version") != VERSION or not isinstance(document.get("comments"), list):
        raise _fault(f"this is no export of comments: `format` is {FORMAT} and `version` {VERSION} in one")
    if document.get("show") != show:
        raise _fault("these are the comments of another show: `show` is not this one's podcast:guid")
    found = []
    for number, row in enumerate(document["comments"], 1):
        try:
            found.append(_comment(row, show))
        except (KeyError, TypeError, ValueError) as error:
            raise _fault(f"comment {number} of the export cannot be read: {error}") from error
    if len({comment.id for comment in found}) < len(found):
        raise _fault("two comments of the export have the same id")
    return found


def _fault(words: str) -> ContentFault:
    return ContentFault(words, code="import-comments", hint="`publish comments export` writes such a file")


def _written(value: object) -> object:
    return value.astimezone(dt.UTC).strftime(_WRITTEN) if isinstance(value, dt.datetime) else value


def _comment(row: Mapping[str, Any], show: str) -> StoredComment:
    values = {one.name: _READERS[str(one.type)](row[one.name]) for one in fields(StoredComment) if one.name != "show"}
    return StoredComment(show=show, **values)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    if "\x00" in value:
        raise ValueError("a text holds a character that no database keeps")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 31:
        raise TypeError(f"{value!r:.40} is no second of an episode")
    return value


def _moment(value: object) -> dt.datetime:
    found = dt.datetime.strptime(_text(value), _WRITTEN).replace(tzinfo=dt.UTC)
    if not EARLIEST <= found < LATEST:
        raise ValueError(f"{value!r:.40} is no time of a comment")
    return found


def _one_of(known: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise ValueError(f"{value!r:.40} is none of {', '.join(known)}")
        return str(value)

    return read


def _or_none(read: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: None if value is None else read(value)


_READERS: dict[str, Callable[[object], Any]] = {
    "str": _text,
    "str | None": _or_none(_text),
    "int | None": _or_none(_number),
    "dt.datetime": _moment,
    "dt.datetime | None": _or_none(_moment),
    "CommentState": _one_of(get_args(CommentState)),
    "Source": _one_of(get_args(Source)),
}
"""What reads a value, by the type of its field."""
