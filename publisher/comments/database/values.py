"""What the database of comments holds, as values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

CommentState = Literal["held", "approved", "rejected", "spam", "erased"]
"""`held` waits for a moderator; `erased` is a row without words that keeps its place among the answers."""
Source = Literal["form", "isso", "disqus", "wordpress", "json", "moderator"]
"""Where a comment came from."""
EARLIEST, LATEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
"""What a comment's time lies between: other years are damage, and some are no time in UTC."""
STATES: tuple[CommentState, ...] = ("held", "approved", "rejected", "spam", "erased")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComment:
    """One comment as it is kept. `show` is the podcast:guid, `episode` the slug, `guid` the episode's; `at` is the second it is about;
    `reply_to` the id of the comment it answers. `consent` is the very sentence the author agreed to, `consent_version` the beginning of
    its SHA-256. `author` is the digest of the token in the author's browser, "" where there is none. Times are in UTC, to the microsecond.
    """

    id: str
    show: str
    episode: str
    guid: str = ""
    name: str
    text: str
    at: int | None = None
    reply_to: str | None = None
    language: str = ""
    created: dt.datetime
    edited: dt.datetime | None = None
    state: CommentState = "held"
    decided: dt.datetime | None = None
    consent: str = ""
    consent_language: str = ""
    consent_version: str = ""
    consent_at: dt.datetime | None = None
    author: str = ""
    source: Source = "form"
    foreign_id: str = ""
