"""A post held against everything it has to meet before it is stored: pure, but for what is published."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.comments import texts
from publisher.comments.database.values import StoredComment
from publisher.comments.service.refusals import Refusal
from publisher.comments.service.tokens import author_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from publisher.comments.service.shows import OpenThread, ServedShow

LONGEST_NAME, LONGEST_TEXT = 50, 5000
"""Letters, as the form says."""
LONGEST_AT = 360_000
_SECOND = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SLUG = re.compile(r"[a-z0-9-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What somebody wrote, cleaned and held against the bounds."""

    name: str
    text: str
    at: int | None
    reply_to: str | None


def find_thread(show: ServedShow, fields: Mapping[str, str], now: dt.datetime) -> OpenThread:
    """The thread that is meant. Raises Refused where there is none, or nothing more is taken."""
    slug = fields.get("episode", "")
    thread = show.threads.find(slug) if _SLUG.fullmatch(slug) else None
    if thread is None or fields.get("guid", thread.guid) not in ("", thread.guid) or thread.form == "none":
        raise Refusal("unknown")
    if show.is_closed(thread, now):
        raise Refusal("closed")
    return thread


def read_post(show: ServedShow, fields: Mapping[str, str]) -> Written:
    """Name, text, second and what is answered. Raises Refused."""
    if fields.get("consent", "").strip() != show.consent:
        raise Refusal("consent")
    name = texts.one_line(fields.get("name", ""))
    if not texts.visible(name) or len(name) > LONGEST_NAME or texts.links_in(name):
        raise Refusal("name", n=LONGEST_NAME)
    at = fields.get("at", "").strip()
    if at and (not _SECOND.fullmatch(at) or float(at) >= LONGEST_AT):
        raise Refusal("at")
    above = fields.get("reply_to", "").strip()
    if above and not _ID.fullmatch(above):
        raise Refusal("reply")
    return Written(name=name, text=read_text(show, fields), at=int(float(at)) if at else None, reply_to=above or None)


def read_text(show: ServedShow, fields: Mapping[str, str]) -> str:
    """The text. Raises Refused."""
    text = texts.paragraphs(fields.get("text", ""))
    if len(text) > LONGEST_TEXT:
        raise Refusal("long", n=LONGEST_TEXT)
    if texts.visible(text) < show.least:
        raise Refusal("short", n=show.least)
    if texts.links_in(text) > show.settings.links:
        raise Refusal("links", n=show.settings.links)
    return text


def comment_of(show: ServedShow, thread: OpenThread, written: Written, token: str, now: dt.datetime, *, spam: bool) -> StoredComment:
    """The comment as it is kept."""
    return StoredComment(
        id=secrets.token_hex(10),  # it is typed on command lines: no hyphen begins it
        show=show.guid,
        episode=thread.slug,
        guid=thread.guid,
        name=written.name,
        text=written.text,
        at=written.at,
        reply_to=written.reply_to,
        language=show.language,
        created=now,
        state="spam" if spam else "held",
        decided=now if spam else None,
        consent=show.consent,
        consent_language=show.words.spoken,
        consent_version=show.consent_version,
        consent_at=now,
        author=author_of(token),
    )
