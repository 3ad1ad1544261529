"""What answers a post on Mastodon, or on a server that speaks as Mastodon does.

The post's own server is asked, and nobody else: GET /api/v1/statuses/:id/context (docs.joinmastodon.org/methods/statuses/#context).
With the account's token it tells up to 4,096 answers, and neither those of whom the account blocks nor those of whom it mutes; without
one 60, twenty deep (app/controllers/api/v1/statuses_controller.rb). With a token it tells private ones, too: they are left out here.

A server speaks only for its own posts (FEP-fe34), so an answer from another one has to hang together: its address, its author's profile
and the domain in the author's name are of the host that its `uri` names, or it is left out. That the words are the author's is what the
post's server found out when it took them, by the signature of the other one. Asking each author's server once more would ask hosts that
the show never chose, at each publish, and of those that answer only signed requests nothing would stand on the page.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feed.notes.html_tree import text_of
from publisher.core.html_text import plain_text
from publisher.site.parts.answers import SocialAnswer, address_of, clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feed.notes.html_tree import Element
    from publisher.state.published_episodes import Post

LONGEST_HTML = 100_000
"""Characters of an answer that are looked at."""
MOST = 4096
"""Answers that a server tells at most."""
_PUBLIC = frozenset({"public", "unlisted"})
_STATUS = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MENTIONS = re.compile(r"(?:@[\w.-]+(?:@[\w.-]+)?\s+)+(?=\S)")
"""Whom an answer is for, as apps write it before what is said."""


def context_address(post: Post, server: str) -> str:
    """Where the post's own server tells what answers it; "" for a post that no such server has."""
    return f"{server}/api/v1/statuses/{post.id}/context" if _STATUS.fullmatch(post.id) else ""


def read_context(found: Any, post: Post) -> list[SocialAnswer] | None:
    """The public answers in what the server told; None for what is no context."""
    statuses = found.get("descendants") if isinstance(found, dict) else None
    if not isinstance(statuses, list):
        return None
    rows = {str(row.get("id")): row for row in statuses[:MOST] if isinstance(row, dict)}
    return list(_answers(rows, post))


def _answers(rows: Mapping[str, Mapping[str, Any]], post: Post) -> Iterator[SocialAnswer]:
    for row in rows.values():
        account, uri = row.get("account"), address_of(row.get("uri"))
        if not isinstance(account, dict) or not uri or row.get("visibility") not in _PUBLIC or account.get("suspended") is True:
            continue
        profile = next((address for key in ("url", "uri") if of_same_host(address := address_of(account.get(key)), uri)), "")
        handle = _handle(account, uri, post.host)
        if not profile or not handle:
            continue
        above = rows.get(str(row.get("in_reply_to_id")))
        address = address_of(row.get("url"))
        answer = clean(
            {
                "id": _id(uri),
                "network": post.network,
                "name": account.get("display_name"),
                "handle": handle,
                "profile": profile,
                "address": address if of_same_host(address, uri) else uri,
                "text": _text(row.get("content")),
                "date": row.get("created_at"),
                "reply_to": _id(address_of(above.get("uri"))) if above is not None else "",
                "warning": row.get("spoiler_text"),
                "by_show": profile == post.address.rpartition("/")[0] and "@" not in str(account.get("acct")),
            }
        )
        if answer is not None:
            yield answer


def _id(uri: str) -> str:
    return hashlib.sha256(uri.encode()).hexdigest()[:16]


def of_same_host(address: str, other: str) -> bool:
    """Whether two addresses are of one host, or the one is of a part of the other's domain, as web pages of a server often are."""
    hosts = sorted(((urlsplit(one).netloc or "?").lower() for one in (address, other)), key=len)
    return bool(address and other) and (hosts[0] == hosts[1] or (hosts[1].endswith(f".{hosts[0]}") and "." in hosts[0]))


def _handle(account: Mapping[str, Any], uri: str, server: str) -> str:
    """user@domain; "" for an account that is said to be of a server which its answer is not of."""
    user, _, domain = str(account.get("acct", "")).partition("@")
    domain = domain or server
    return f"{user}@{domain}" if user and of_same_host(f"https://{domain}", f"https://{urlsplit(uri).netloc}") else ""


def _text(content: object) -> str:
    """What was written, without whom it is for."""
    text = plain_text(content[:LONGEST_HTML], _link) if isinstance(content, str) else ""
    found = _MENTIONS.match(text)
    return text[found.end() :] if found else text


def _link(link: Element) -> str:
    """A person's or a word's link is its words; of any other the address is shown, for servers shorten what they show of it."""
    label, address = text_of(link.children).strip(), link.attributes.get("href", "")
    if label.startswith(("@", "#")) or not address:
        return label
    return address if label.rstrip("…") in address else f"{label} ({address})"
