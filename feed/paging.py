"""Which episodes stand on which document of a long feed, and what the documents are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feed.schema.show import FeedTable


def page_windows(settings: FeedTable, count: int) -> list[slice]:
    """Which of `count` episodes (newest first) stand on each full archive page, the oldest page first; none where one feed holds all."""
    limit = settings.limit
    if limit is None or count <= limit:
        return []
    return [slice(count - page * limit, count - (page - 1) * limit) for page in range(1, count // limit + 1)]


def page_name(file: str, page: int) -> str:
    """`feed-3.xml` for page 3 of `feed.xml`."""
    stem, dot, suffix = file.rpartition(".")
    return f"{stem}-{page}.{suffix}" if dot and stem and "/" not in suffix else f"{file}-{page}"
