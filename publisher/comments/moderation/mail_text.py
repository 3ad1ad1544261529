"""The mail to the moderator: every comment that waits, with what decides."""

from __future__ import annotations

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from feed.text_cleaning import one_line, xml_safe
from publisher.comments.moderation.signed_links import ACTIONS, LASTS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from publisher.comments.moderation.notice import Notice
    from publisher.load.config_tables import CommentMailTable

_CODE = "quoted-printable"


def mail_of(waiting: Sequence[Notice], show: str, table: CommentMailTable, now: dt.datetime, *, more: int = 0) -> EmailMessage:
    """One mail about all of them; `more` wait that are not in it. The same comments get the same Message-ID, so that one that is sent
    twice is shown once.
    """
    message = EmailMessage(policy=SMTP)
    first = waiting[0]
    about = f"New comment: {first.heading}" if len(waiting) + more == 1 else f"{len(waiting) + more} new comments"
    message["Subject"] = _cut(f"{one_line(show)}: {about}", 180)
    message["From"] = _sender(show, table)
    message["To"] = ", ".join(table.to)
    message["Date"] = format_datetime(now)
    told = hashlib.sha256(" ".join(item.comment.id for item in waiting).encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{told}@{table.sent_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_body(waiting, more), charset="utf-8", cte=_CODE)
    return message


def _sender(show: str, table: CommentMailTable) -> Address:
    name, _, domain = table.sent_from.rpartition("@")
    return Address(display_name=_cut(one_line(show), 60), username=name, domain=domain)


def _body(waiting: Sequence[Notice], more: int) -> str:
    parts = [_comment(item) for item in waiting]
    if more:
        parts.append(f"And {more} more, which are not in this mail.")
    if any(item.links for item in waiting):
        parts.append(f"A link only shows the comment; the button on its page decides. Links are good for {LASTS.days} days.")
    parts.append("On the command line: publish comments list, approve, reject, spam, reply.")
    return "\n\n".join(parts) + "\n"


def _comment(item: Notice) -> str:
    words = "\n".join(f"    {line}".rstrip() for line in xml_safe(item.comment.text).split("\n"))
    lines = [f"{item.heading}:", item.at_page, "", words, ""]
    if item.stands:
        lines.append("  It stands on the page already: enough of its author's comments were approved.")
    lines += [f"  {action.capitalize()}: {item.links[action]}" for action in ACTIONS if action in item.links]
    return "\n".join([*lines, f"  (comment {item.comment.id})"])


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
