"""Comments that lie in the show's folder, `comments/<slug>.json`: what a service or an export gave, read as text and bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault, Finding, Severity
from feed.text_cleaning import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from publisher.core.show_files import SourceFile

MAX_COMMENTS = 500
MAX_NAME, MAX_TEXT = 50, 5_000
_GAP = re.compile(r"\n[ \t]*\n")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment; `at` is the second it is about, `paragraphs` are plain text, `answers` stand below it."""

    name: str
    paragraphs: tuple[str, ...]
    date: datetime | None = None
    at: int | None = None
    answers: list[Comment] = field(default_factory=list)


class Comments:
    """Those of a show, read when they are asked for."""

    def __init__(self, files: Mapping[str, SourceFile]) -> None:
        """`files` by the slug of their episode; one that cannot be used counts as empty."""
        self._files = files

    def digest(self, slug: str) -> str:
        """Changes when the comments on an episode do; "" without any."""
        return self._files[slug].digest if slug in self._files else ""

    def of(self, slug: str) -> tuple[Comment, ...]:
        """The comments on an episode, in the order of the file, answers below what they answer."""
        return (self._read(slug) or ()) if slug in self._files else ()

    def findings(self) -> list[Finding]:
        """The files that hold no comments."""
        return [
            Finding(
                code="comments-unreadable",
                severity=Severity.WARNING,
                message='these are no comments: {"comments": [{"name": …, "text": …}]} is expected',
                file=file.name,
            )
            for slug, file in self._files.items()
            if self._read(slug) is None
        ]

    def _read(self, slug: str) -> tuple[Comment, ...] | None:
        """None for what holds no comments."""
        try:
            return read_comments(read_json(self._files[slug].read())["comments"][:MAX_COMMENTS])
        except (ContentFault, ValueError, KeyError, TypeError, RecursionError):
            return None


def read_comments(found: Iterable[Any]) -> tuple[Comment, ...]:
    """What is a comment among `found`, an answer to an answer in the same row."""
    top: list[Comment] = []
    by_id: dict[str, Comment] = {}
    for item in found:
        if not isinstance(item, dict) or not str(item.get("text") or "").strip():
            continue
        text = _CONTROLS.sub(" ", str(item["text"])[:MAX_TEXT].replace("\r\n", "\n"))
        at = item.get("at")
        comment = Comment(
            name=" ".join(_CONTROLS.sub(" ", str(item.get("name") or "")).split())[:MAX_NAME],
            paragraphs=tuple(part.strip() for part in _GAP.split(text) if part.strip()),
            date=_moment(item.get("date")),
            at=int(at) if isinstance(at, (int, float)) and not isinstance(at, bool) and 0 <= at < 360_000 else None,
        )
        parent = by_id.get(str(item.get("reply_to") or ""))
        (parent.answers if parent is not None else top).append(comment)
        if item.get("id"):
            by_id[str(item["id"])] = parent if parent is not None else comment
    return tuple(top)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
