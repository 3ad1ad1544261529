"""What one look at a served show has seen: every answer, before anybody judges it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed.rules.addresses import split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feed.reader import FeedDocument
    from publisher.web.web_requests import Answer

PLAYER = "https://player.example"
"""The origin a web player asks from; a host that echoes it lets everyone in."""

_BARE = ("amazons3", "github.com", "minio", "seaweedfs", "ceph", "rclone", "backblaze", "storagegrid")
_AGE = re.compile(r"(?:^|[\s,])max-age\s?=\s?\"?(\d{1,10})")
_PART = re.compile(r"bytes \d{1,15}-\d{1,15}/(\d{1,15})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFile:
    """One file the feed names, and how it was served. `kind` is audio, artwork, transcript, chapters, page, or picture (of a chapter).

    `type` and `length` are what the feed says (length 0: nothing). None stands for what was not asked.
    """

    kind: str
    address: str
    type: str = ""
    length: int = 0
    item: str | None = None
    head: Answer | None = None
    part: Answer | None = None
    beyond: Answer | None = None
    whole: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenShow:
    """All that one look saw. `feed` is a plain GET; the other answers ask for the same in other ways.

    `old_feeds` are former addresses, `robots` maps hosts to their robots.txt, `state` asked for what only the publisher needs.
    """

    feed_url: str
    feed: Answer
    document: FeedDocument | None = None
    addresses: Sequence[str] = ()
    head: Answer | None = None
    conditional: Answer | None = None
    compressed: Answer | None = None
    insecure: Answer | None = None
    state: Answer | None = None
    old_feeds: Sequence[Answer] = ()
    robots: Mapping[str, Answer] = field(default_factory=dict)
    files: Sequence[ServedFile] = ()
    links: Sequence[tuple[str, Answer]] = ()


def authority(address: str) -> str:
    """`https://host:port` of an address; "" where it is none."""
    parts = split(address)
    return f"{parts.scheme}://{parts.netloc}" if parts else ""


def is_bare(answer: Answer | None) -> bool:
    """A host that sets no headers of its own accord and compresses nothing: a bare bucket, or GitHub Pages."""
    return answer is not None and (any(name in answer.header("server").lower() for name in _BARE) or "x-amz-request-id" in answer.headers)


def has_no_settings(answer: Answer | None) -> bool:
    """A host that tells types by names of its own choice, and nobody can tell it others: GitHub Pages."""
    return answer is not None and "github.com" in answer.header("server").lower()


def total_length(answer: Answer | None) -> int | None:
    """How long the whole file is, as an answer to a Range tells; None where it does not."""
    match = _PART.fullmatch(answer.header("content-range")) if answer else None
    return int(match.group(1)) if match else None


def lets_anyone_in(answer: Answer) -> bool:
    """A page anywhere may read it (CORS)."""
    return answer.header("access-control-allow-origin") in {"*", PLAYER}


def max_age(answer: Answer) -> int | None:
    """Seconds it may be cached, None where that is not said."""
    match = _AGE.search(answer.header("cache-control").lower())
    return int(match.group(1)) if match else None
