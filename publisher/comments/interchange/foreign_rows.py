"""Comments of another service as rows of this one's database."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from publisher.comments.database.values import StoredComment

if TYPE_CHECKING:
    from publisher.comments.database.values import Source
    from publisher.comments.interchange.foreign_comments import Foreign
    from publisher.comments.interchange.threads import ForeignThreads


@dataclass(slots=True)
class TakenOver:
    """What becomes of an export: its rows, how many comments stood on each page that is none of the show's, and how many answered one that
    is not in the export.
    """

    rows: list[StoredComment] = field(default_factory=list)
    strange: Counter[str] = field(default_factory=Counter)
    without_parent: int = 0


def taken_over(foreign: Foreign, source: Source, show: str, threads: ForeignThreads) -> TakenOver:
    """The rows of an export. Their ids follow from what they are, so that the same export makes the same ones, and what was erased here
    is known again. No consent was recorded elsewhere, so none is made up.
    """
    result = TakenOver()
    there = {comment.foreign_id for comment in foreign.comments}
    for comment in sorted(foreign.comments, key=lambda one: (one.created, one.foreign_id)):
        episode = threads.episode(comment.address, comment.title)
        if episode is None:
            result.strange[comment.address or comment.title or "a page without an address"] += 1
            continue
        result.without_parent += bool(comment.parent) and comment.parent not in there
        result.rows.append(
            StoredComment(
                id=row_id(show, source, comment.foreign_id),
                show=show,
                episode=episode.slug,
                guid=episode.guid,
                name=comment.name,
                text=comment.text,
                at=comment.at,
                reply_to=row_id(show, source, comment.parent) if comment.parent in there else None,
                created=comment.created,
                edited=comment.edited,
                state=comment.state,
                decided=None if comment.state == "held" else comment.created,
                source=source,
                foreign_id=comment.foreign_id,
            )
        )
    return result


def row_id(show: str, source: Source, foreign_id: str) -> str:
    """The id here of what had a `foreign_id` there."""
    return hashlib.sha256(f"{show} {source} {foreign_id}".encode()).hexdigest()[:20]
