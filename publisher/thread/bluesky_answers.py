"""What answers a post on Bluesky.

The public AppView is asked, which needs no account: app.bsky.feed.getPostThread (lexicons/app/bsky/feed/getPostThread.json of
github.com/bluesky-social/atproto). What it tells it took from the authors' own repositories, which are signed; that an answer is of the
repository that its author is said to have is looked at here. In the place of what is gone or blocked it tells notFoundPost and
blockedPost; what the show hid (`hiddenReplies` of the threadgate) it tells, and what its author shows to nobody without an account
(the label `!no-unauthenticated`), too: neither comes onto the page.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from publisher.site.parts.answers import SocialAnswer, address_of, clean, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from publisher.state.published_episodes import Post

DEPTH = 100
"""Levels that are asked for."""
MOST = 5_000
"""Answers that are looked at."""
_RECORD = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]{1,512})")
_UNWANTED = frozenset({"!hide", "!no-unauthenticated", "!suspend", "!takedown", "spam"})
_WARNED = frozenset({"!warn", "gore", "graphic-media", "nudity", "porn", "sexual"})
"""Labels (docs.bsky.app/docs/advanced-guides/moderation) of what is not shown, and of what stands behind a word."""


def thread_address(post: Post, appview: str) -> str:
    """Where the AppView tells what answers a post; "" for what is no post there."""
    if not _RECORD.fullmatch(post.id):
        return ""
    return f"{appview}/xrpc/app.bsky.feed.getPostThread?uri={quote(post.id, safe='')}&depth={DEPTH}&parentHeight=0"


def read_thread(found: Any, post: Post) -> list[SocialAnswer] | None:
    """The answers in what the AppView told; None for what is no thread below this post."""
    root = found.get("thread") if isinstance(found, dict) else None
    if not isinstance(root, dict) or _dict(root, "post").get("uri") != post.id:
        return None
    hidden = {uri for gate in (_dict(found, "threadgate"), _dict(root, "post", "threadgate")) for uri in _hidden(gate)}
    return list(_answers(root, post, hidden))


def is_gone(found: Any) -> bool:
    """Whether the AppView says that there is no such post: an error, or a mark in its place."""
    if not isinstance(found, dict):
        return False
    thread = _dict(found, "thread")
    return found.get("error") == "NotFound" or thread.get("notFound") is True or thread.get("blocked") is True


def _dict(value: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        inner = value.get(name)
        value = inner if isinstance(inner, dict) else {}
    return value


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _hidden(gate: Mapping[str, Any]) -> Iterable[str]:
    return (uri for uri in _list(_dict(gate, "record"), "hiddenReplies") if isinstance(uri, str))


def _answers(root: Mapping[str, Any], post: Post, hidden: set[str]) -> Iterator[SocialAnswer]:
    show = post.id.split("/")[2]
    waiting = [(reply, "") for reply in _list(root, "replies")]
    for _ in range(MOST):
        if not waiting:
            return
        node, above = waiting.pop()
        view = _dict(node, "post") if isinstance(node, dict) else {}
        uri = str(view.get("uri"))
        if not view or uri in hidden:
            continue
        answer = _answer(view, uri, above, post, show)
        if answer is not None:
            yield answer
        waiting += [(reply, answer.id if answer is not None else above) for reply in _list(node, "replies")]


def _answer(view: Mapping[str, Any], uri: str, above: str, post: Post, show: str) -> SocialAnswer | None:
    found, author, record = _RECORD.fullmatch(uri), _dict(view, "author"), _dict(view, "record")
    labels = {str(label.get("val")) for label in (*_list(view, "labels"), *_list(author, "labels")) if _counts(label)}
    if found is None or author.get("did") != found[1] or labels & _UNWANTED:
        return None
    handle = author.get("handle")
    profile = f"https://bsky.app/profile/{found[1]}"
    return clean(
        {
            "id": hashlib.sha256(uri.encode()).hexdigest()[:16],
            "network": post.network,
            "name": author.get("displayName"),
            "handle": handle if handle != "handle.invalid" else "",
            "profile": profile,
            "address": f"{profile}/post/{found[2]}",
            "text": _text(record),
            "date": _moment(record, view, post),
            "reply_to": above,
            "warning": ", ".join(sorted(label.lstrip("!") for label in labels & _WARNED)),
            "by_show": found[1] == show,
        }
    )


def _counts(label: object) -> bool:
    return isinstance(label, dict) and label.get("neg") is not True


def _moment(record: Mapping[str, Any], view: Mapping[str, Any], post: Post) -> str:
    """When it was written, as its author says, unless that is before the post or after the network saw it: then that."""
    written, seen = moment_of(record.get("createdAt")), moment_of(view.get("indexedAt"))
    return written if written and moment_of(post.at) <= written <= (seen or written) else seen


def _text(record: Mapping[str, Any]) -> str:
    """The text; links in it with their whole addresses, which apps shorten (app.bsky.richtext.facet counts bytes of UTF-8)."""
    text = record.get("text")
    if not isinstance(text, str):
        return ""
    raw = text.encode("utf-8", "surrogatepass")
    places = sorted(place for facet in _list(record, "facets")[:100] if isinstance(facet, dict) and (place := _place(facet, len(raw))))
    parts, last = [], 0
    for begin, end, address in places:
        if begin >= last:
            parts += [raw[last:begin], address.encode()]
            last = end
    return b"".join([*parts, raw[last:]]).decode("utf-8", "ignore")


def _place(facet: Mapping[str, Any], size: int) -> tuple[int, int, str] | None:
    """From where to where a link stands, and its address."""
    begin, end = (place if isinstance(place := _dict(facet, "index").get(name), int) else -1 for name in ("byteStart", "byteEnd"))
    found = (address_of(one.get("uri")) for one in _list(facet, "features") if isinstance(one, dict))
    address = next(filter(None, found), "")
    return (begin, end, address) if 0 <= begin < end <= size and address else None
