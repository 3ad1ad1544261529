"""The moderator told by a webhook or by ntfy: one request each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from publisher.announce.service_requests import host_of, send
from publisher.comments.moderation.signed_links import ACTIONS
from publisher.core.secret_variables import secret_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.comments.moderation.notice import Notice

WEBHOOK_TOKEN, NTFY_TOKEN = "AIRDATE_COMMENTS_TOKEN", "NTFY_TOKEN"
"""What each is signed with, where it is set."""


def tell_webhook(address: str, waiting: Sequence[Notice], show: str, *, more: int = 0) -> str:
    """POST of JSON to an address; why it did not arrive, "" when it did. `text` is what chats show of it, `more` wait that are not in it."""
    document = {
        "text": "\n".join(f"{item.heading}: {item.comment.text}" for item in waiting),
        "show": show,
        "more": more,
        "comments": [
            {
                "id": item.comment.id,
                "episode": item.comment.episode,
                "title": item.episode,
                "page": item.at_page,
                "name": item.comment.name,
                "text": item.comment.text,
                "at": item.comment.at,
                "state": item.comment.state,
                "links": dict(item.links),
            }
            for item in waiting
        ],
    }
    return _told(address, _bearer(WEBHOOK_TOKEN), document)


def tell_ntfy(address: str, waiting: Sequence[Notice], show: str, *, more: int = 0) -> str:
    """A message to the topic at the end of an ntfy address (https://docs.ntfy.sh/publish/#publish-as-json); of one comment with a button
    for each link.
    """
    parts = urlsplit(address)
    above, _, topic = parts.path.rstrip("/").rpartition("/")
    first = waiting[0]
    document: dict[str, Any] = {
        "topic": topic,
        "title": f"{show}: {first.heading if len(waiting) == 1 else f'{len(waiting) + more} new comments'}",
        "message": first.comment.text if len(waiting) == 1 else "\n".join(f"{item.heading}: {item.comment.text}" for item in waiting),
        "click": first.at_page,
    }
    if len(waiting) == 1 and first.links:
        document["actions"] = [{"action": "view", "label": name.capitalize(), "url": first.links[name]} for name in ACTIONS]
    document["message"] = document["message"][:1500]  # a longer one becomes a file
    return _told(urlunsplit(parts._replace(path=f"{above}/")), _bearer(NTFY_TOKEN), document)


def _told(address: str, headers: dict[str, str], document: dict[str, Any]) -> str:
    why = send("POST", address, headers=headers, json=document)
    return f"{host_of(address)}: {why}" if why else ""


def _bearer(variable: str) -> dict[str, str]:
    token = secret_in(variable)
    return {"Authorization": f"Bearer {token}"} if token else {}
