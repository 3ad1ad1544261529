"""Comments that lie in the show's folder, `comments/<slug>.json`: what a service or an export gave, read as text and bounded."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from feed.findings import LEFT_OUT, ContentFault, Finding, Severity
from feed.text_cleaning import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from publisher.core.show_files import SourceFile

MAX_COMMENTS = 500
MAX_NAME, MAX_TEXT, MAX_AT = 50, 5_000, 360_000
MAX_TOTAL = 10_000_000
_GAP = re.compile(r"\n *\n")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_MOMENT = re.compile(
    r"((?:19|20)\d\d-\d\d-\d\d)(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?", re.ASCII
)
_NO_LETTER = re.compile(r"[\W_]+")
_ANCHOR = re.compile(r"[\w-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment; `at` is the second it is about, `paragraphs` are plain text, `answers` stand below it. `id` is "" where it has none
    that an address can hold; `moment` is when it was written, as it was given, and `date` the day of it; `by_show`: the show itself says it.

    One that was written on a social network names it, with its author's `handle` and `profile` there, its own `address`, and the
    `warning` that it stands behind, "" for none.
    """

    name: str
    paragraphs: tuple[str, ...]
    id: str = ""
    moment: str = ""
    date: datetime | None = None
    at: int | None = None
    by_show: bool = False
    answers: list[Comment] = field(default_factory=list)
    network: str = ""
    handle: str = ""
    profile: str = ""
    address: str = ""
    warning: str = ""

    @property
    def initials(self) -> str:
        """What stands for its author's picture: the first letters of the first and last word of the name, "" where it has none."""
        found = [word[0] for word in _NO_LETTER.sub(" ", self.name).split()]
        return "".join([*found[:1], *found[1:][-1:]]).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The newest comments on an episode, oldest first, and how many there are in all."""

    comments: tuple[Comment, ...] = ()
    total: int = 0


class Comments:
    """Those of a show, read when they are asked for."""

    def __init__(self, files: Mapping[str, SourceFile]) -> None:
        """`files` by the slug of their episode; one that cannot be used counts as empty."""
        self._files = files

    def digest(self, slug: str) -> str:
        """Changes when the comments on an episode do; "" without any."""
        return self._files[slug].digest if slug in self._files else ""

    def of(self, slug: str) -> Thread:
        """The comments on an episode, in the order of the file, answers below what they answer."""
        return (self._read(slug) or Thread()) if slug in self._files else Thread()

    def findings(self) -> Iterator[Finding]:
        """The files that hold no comments, and those of which only the newest are shown."""
        for slug, file in self._files.items():
            found = self._list(slug)
            if found is None:
                message = 'these are no comments: {"comments": [{"name": …, "text": …}]} is expected'
                yield Finding(code="comments-unreadable", severity=Severity.WARNING, message=message, file=file.name)
            elif len(found["comments"]) > MAX_COMMENTS:
                message = f"the page shows the newest {MAX_COMMENTS} of these {len(found['comments']):,} comments"
                hint = "a comments service keeps older ones in files of their own, which the page loads when a reader asks for them"
                yield Finding(code=LEFT_OUT, severity=Severity.HINT, message=message, file=file.name, hint=hint)

    def _read(self, slug: str) -> Thread | None:
        """None for what holds no comments."""
        found = self._list(slug)
        return None if found is None else read_thread(found)

    def _list(self, slug: str) -> dict[str, Any] | None:
        """What a file holds, with a list of comments in it; else None."""
        try:
            found = read_json(self._files[slug].read())
        except (ContentFault, ValueError):
            return None
        return found if isinstance(found, dict) and isinstance(found.get("comments"), list) else None


def read_thread(found: Mapping[str, Any]) -> Thread:
    """The newest comments of a file whose `comments` are a list. The script of the pages reads it by the same rules."""
    listed = found["comments"]
    comments = read_comments(listed[-MAX_COMMENTS:])
    shown = sum(1 + len(comment.answers) for comment in comments)
    total = found.get("total")
    if not isinstance(total, int) or isinstance(total, bool) or not shown <= total <= MAX_TOTAL:
        total = shown + max(len(listed) - MAX_COMMENTS, 0)
    return Thread(comments=comments, total=total)


def read_comments(found: Iterable[Any]) -> tuple[Comment, ...]:
    """What is a comment among `found`, an answer to an answer in the same row."""
    top: list[Comment] = []
    by_id: dict[str, Comment] = {}
    for item in found:
        paragraphs = paragraphs_of(item.get("text")) if isinstance(item, dict) else ()
        if not paragraphs:
            continue
        at, known = item.get("at"), _id(item.get("id"))
        moment, date = _moment(item.get("date"))
        comment = Comment(
            name=_name(item.get("name")),
            paragraphs=paragraphs,
            id=known if _ANCHOR.fullmatch(known) else "",
            moment=moment,
            date=date,
            at=int(at) if isinstance(at, (int, float)) and not isinstance(at, bool) and 0 <= at < MAX_AT else None,
            by_show=item.get("by_show") is True,
        )
        parent = by_id.get(_id(item.get("reply_to")))
        (parent.answers if parent is not None else top).append(comment)
        if known:
            by_id[known] = parent if parent is not None else comment
    return tuple(top)


def paragraphs_of(text: object) -> tuple[str, ...]:
    """The text, bounded, by its empty lines; nothing where there is none."""
    if not isinstance(text, str):
        return ()
    clean = _CONTROLS.sub(" ", text[:MAX_TEXT].replace("\r\n", "\n"))
    return tuple(part.strip() for part in _GAP.split(clean) if part.strip())


def merged(comments: Iterable[Comment], others: Iterable[Comment]) -> tuple[Comment, ...]:
    """Two rows of comments as one, by time: each keeps its order, and one of unknown time stays behind the one before it. The script of the
    pages does the same.
    """
    found: list[Comment] = []
    left, last = deque(others), datetime.min.replace(tzinfo=UTC)
    for comment in comments:
        last = _when(comment) or last
        while left and (_when(left[0]) or last) < last:
            found.append(left.popleft())
        found.append(comment)
    return (*found, *left)


def _when(comment: Comment) -> datetime | None:
    if not comment.moment:
        return None
    try:
        moment = datetime.fromisoformat(comment.moment)
        return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _name(name: object) -> str:
    return " ".join(_CONTROLS.sub(" ", name).split())[:MAX_NAME] if isinstance(name, str) else ""


def _id(value: object) -> str:
    """An id as text: services count, or write letters."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    counted = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    return value if isinstance(value, str) else str(value) if counted else ""


def _moment(text: object) -> tuple[str, datetime | None]:
    """A moment as it was written, and its day; "" and None for what is none."""
    found = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    try:
        return (found[0], datetime.fromisoformat(found[1])) if found else ("", None)
    except ValueError:
        return "", None
