"""A post of a reader's, taken in one transaction: its nonce is used up, its network counted and its words kept together, or none of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from sqlalchemy import case, delete, func, literal, or_, select

from publisher.comments.database.comments import ERASED, change, find, insert, sameness, setting, upsert
from publisher.comments.database.outbox import put_out
from publisher.comments.database.tables import ANSWERED_NONCE, COMMENT, LIMIT_COUNT, SETTING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Connection

    from publisher.comments.database.opening import Access
    from publisher.comments.database.outbox import Kind
    from publisher.comments.database.values import CommentState, StoredComment

HOUR = dt.timedelta(hours=1)
KEPT = dt.timedelta(days=1)
"""How long an answered nonce and a network's count are known."""

Outcome = Literal["stored", "before", "used", "twice", "many", "reply"]
"""`before`: the same nonce and words were answered already; `used`: the nonce was, with other words; `twice`: the episode has these very
words; `many`: the network's hour is full; `reply`: what it answers is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentPost:
    """A comment to be kept, what it came with, and `per_hour`, how many its network may send; `sent` is the digest of its words."""

    comment: StoredComment
    nonce: str
    sent: str
    network: str
    per_hour: int
    approve_after: int | None = None
    tells: tuple[Kind, ...] = ()
    """How moderators are told of it."""


class _TakenBack(Exception):  # noqa: N818  an outcome
    """Nothing of a post is kept, and its nonce stays good."""

    def __init__(self, why: Outcome) -> None:
        super().__init__(why)
        self.why = why


def take(access: Access, post: CommentPost) -> tuple[Outcome, StoredComment | None]:
    """Keep a post unless something speaks against it; the comment that was stored or answered before. Raises StorageError."""
    try:
        return access.write_together(partial(_take, post=post))
    except _TakenBack as refusal:
        return refusal.why, None


def _take(connection: Connection, post: CommentPost) -> tuple[Outcome, StoredComment | None]:
    before = _answered(connection, post)
    if before is not None:
        return before
    comment = _answering(connection, post.comment)
    if comment is None:
        raise _TakenBack("reply")
    if _is_there(connection, comment):
        raise _TakenBack("twice")
    if not _counted(connection, post):
        raise _TakenBack("many")
    if comment.state == "held" and _approved_often(connection, post):
        comment = replace(comment, state="approved", decided=comment.created)
    insert(connection, comment)
    for kind in post.tells if comment.state != "spam" else ():
        put_out(connection, comment.show, kind, comment.id, comment.created)
    if comment.state == "approved":
        put_out(connection, comment.show, "page", comment.episode, comment.created)
    return "stored", comment


def _answered(connection: Connection, post: CommentPost) -> tuple[Outcome, StoredComment | None] | None:
    """Use the nonce up; what it was used for where it was before."""
    comment = post.comment
    row = {"nonce": post.nonce, "sent": post.sent, "comment": comment.id, "answered": comment.created}
    wanted = upsert(connection, ANSWERED_NONCE).values(row).on_conflict_do_nothing().returning(ANSWERED_NONCE.c.nonce)
    if connection.execute(wanted).one_or_none() is not None:
        connection.execute(delete(ANSWERED_NONCE).where(ANSWERED_NONCE.c.answered < comment.created - KEPT))
        return None
    known = connection.execute(select(ANSWERED_NONCE.c.sent, ANSWERED_NONCE.c.comment).where(ANSWERED_NONCE.c.nonce == post.nonce)).one()
    if known.sent != post.sent:
        return "used", None
    return "before", find(connection, comment.show, known.comment)


def _answering(connection: Connection, comment: StoredComment) -> StoredComment | None:
    """The comment below the one that stands highest above it: answers are one level deep. None where what it answers is not shown."""
    if comment.reply_to is None:
        return comment
    above = find(connection, comment.show, comment.reply_to)
    if above is None or above.episode != comment.episode or above.state != "approved":
        return None
    return replace(comment, reply_to=above.reply_to or above.id)


def _is_there(connection: Connection, comment: StoredComment) -> bool:
    """Whether another comment on the episode has these very words."""
    same = (COMMENT.c.show == comment.show, COMMENT.c.episode == comment.episode, COMMENT.c.sameness == sameness(comment.text))
    return connection.execute(select(COMMENT.c.id).where(*same, COMMENT.c.id != comment.id).limit(1)).one_or_none() is not None


def _counted(connection: Connection, post: CommentPost) -> bool:
    """Count the post of a network; False where its hour, which began with its first post, is full."""
    now = post.comment.created
    over = LIMIT_COUNT.c.began <= now - HOUR
    wanted = upsert(connection, LIMIT_COUNT).values(network=post.network, began=now, count=1)
    wanted = wanted.on_conflict_do_update(
        index_elements=[LIMIT_COUNT.c.network],
        set_={
            "count": case((over, 1), else_=LIMIT_COUNT.c.count + 1),
            "began": case((over, literal(now, LIMIT_COUNT.c.began.type)), else_=LIMIT_COUNT.c.began),
        },
        where=or_(over, LIMIT_COUNT.c.count < post.per_hour),
    ).returning(LIMIT_COUNT.c.count)
    counted = connection.execute(wanted).scalar_one_or_none()
    if counted == 1:
        connection.execute(delete(LIMIT_COUNT).where(LIMIT_COUNT.c.began < now - KEPT))
    return counted is not None


def _approved_often(connection: Connection, post: CommentPost) -> bool:
    if post.approve_after is None or not post.comment.author:
        return False
    mine = (COMMENT.c.show == post.comment.show, COMMENT.c.author == post.comment.author, COMMENT.c.state == "approved")
    return int(connection.execute(select(func.count()).where(*mine)).scalar_one()) >= post.approve_after


Change = Literal["changed", "token", "late", "answered", "twice"]
"""What came of what an author asked for: `token` where it is not theirs or not there, `late` after its time, `answered` where somebody
answered it, `twice` where another comment on the episode has these very words."""


def edit_own(
    access: Access,
    show: str,
    comment_id: str,
    author: str,
    *,
    text: str,
    now: dt.datetime,
    within: dt.timedelta,
    tells: tuple[Kind, ...] = (),
) -> tuple[Change, StoredComment | None]:
    """Other words for a comment of this author's; one that was approved is held again, for nobody read these."""
    with access.write() as connection:
        found = _own(connection, show, comment_id, author)
        if found is None:
            return "token", None
        if now - found.created > within:
            return "late", None
        if connection.execute(select(COMMENT.c.id).where(COMMENT.c.show == show, COMMENT.c.reply_to == comment_id).limit(1)).one_or_none():
            return "answered", None
        if _is_there(connection, replace(found, text=text)):
            return "twice", None
        state: CommentState = "held" if found.state == "approved" else found.state
        values = {"text": text, "sameness": sameness(text), "edited": now, "state": state}
        changed = change(connection, show, comment_id, values)
        if found.state == "approved":
            put_out(connection, show, "page", found.episode, now)
            for kind in tells:
                put_out(connection, show, kind, comment_id, now)
        return "changed", changed


def erase_own(access: Access, show: str, comment_id: str, author: str, now: dt.datetime) -> tuple[Change, StoredComment | None]:
    """Take everything out of a comment of this author's, for good."""
    with access.write() as connection:
        found = _own(connection, show, comment_id, author)
        if found is None:
            return "token", None
        change(connection, show, comment_id, {**ERASED, "decided": now})
        if found.state == "approved":
            put_out(connection, show, "page", found.episode, now)
    access.let_go()
    return "changed", found


def _own(connection: Connection, show: str, comment_id: str, author: str) -> StoredComment | None:
    found = find(connection, show, comment_id)
    return found if found is not None and author and found.author == author and found.state != "erased" else None


def forget(access: Access, now: dt.datetime) -> None:
    """Let go of what is kept for a day alone, though nobody posts: the salts of the days before, networks' counts, answered nonces."""
    over = (
        delete(SETTING).where(*_salts_before(now.date())),
        delete(LIMIT_COUNT).where(LIMIT_COUNT.c.began < now - KEPT),
        delete(ANSWERED_NONCE).where(ANSWERED_NONCE.c.answered < now - KEPT),
    )
    with access.write() as connection:
        gone = sum(connection.execute(wanted).rowcount for wanted in over)
    if gone:
        access.let_go()


def _salts_before(day: dt.date) -> tuple[ColumnElement[bool], ...]:
    return SETTING.c.name.like("salt %"), SETTING.c.name < f"salt {day.isoformat()}"


def salt_of(access: Access, day: dt.date, new: Callable[[], str]) -> str:
    """The salt of a day, which every process of a service shares; those of the days before are gone."""
    with access.write() as connection:
        connection.execute(delete(SETTING).where(*_salts_before(day)))
        return setting(connection, f"salt {day.isoformat()}", new())
