"""Links that decide about one comment: whoever has one may, nobody makes one up, and none is good for ever."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from publisher.comments.database.values import CommentState

Action = Literal["approve", "reject", "spam"]
"""What a link does, as the command of the same name."""
ACTIONS: tuple[Action, ...] = get_args(Action)
STATE_AFTER: dict[Action, CommentState] = {"approve": "approved", "reject": "rejected", "spam": "spam"}
LASTS = dt.timedelta(days=30)
"""How long a link is good for."""
_LONGEST = 1024
_PURPOSE = b"moderation link\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link says: what is to be done with which comment of which show (podcast:guid), when it was made, and the digest of the words
    that stood beside it.
    """

    action: Action
    show: str
    comment: str
    made: dt.datetime
    seen: str = ""

    def expired(self, now: dt.datetime) -> bool:
        """Whether it is good no more."""
        return not dt.timedelta(minutes=-5) <= now - self.made <= LASTS


def sign(secret: str, link: Link) -> str:
    """The last part of the link's address: what it says, and a signature over all of it."""
    said = f"{link.action} {int(link.made.timestamp())} {link.seen} {link.comment} {link.show}".encode()
    return f"{_packed(said)}.{_packed(_signature(secret, said))}"


def read_link(secret: str, signed: str) -> Link | None:
    """What a link says; None where nobody with the secret has signed just that."""
    said, dot, signature = signed.partition(".")
    if not dot or len(signed) > _LONGEST:
        return None
    try:
        words, given = _unpacked(said), _unpacked(signature)
    except (ValueError, binascii.Error):
        return None
    if not hmac.compare_digest(_signature(secret, words), given) or _packed(given) != signature:
        return None
    action, made, seen, comment, show = words.decode().split(" ", 4)
    known = next((one for one in ACTIONS if one == action), None)
    moment = dt.datetime.fromtimestamp(int(made), dt.UTC)
    return None if known is None else Link(action=known, show=show, comment=comment, made=moment, seen=seen)


def _signature(secret: str, said: bytes) -> bytes:
    return hmac.new(secret.encode(), _PURPOSE + said, hashlib.sha256).digest()


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
