"""Bluesky, and other servers of the AT Protocol: a record with a card of the episode's page, once.

docs.bsky.app, "Posts", and the lexicons com.atproto.server.createSession, com.atproto.repo.uploadBlob, putRecord and getRecord,
app.bsky.feed.post (300 graphemes, 3,000 bytes; its key is a TID), app.bsky.embed.external (a picture of at most 1,000,000 bytes).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING, Any

from publisher.core.secret_variables import kept_secret
from publisher.thread.calls import Outcome, Reply, call
from publisher.thread.post_text import TooLongError, graphemes, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.load.tables.announce import BlueskyTable
    from publisher.thread.post_text import PostContent, PostPicture

LONGEST, LONGEST_BYTES = 300, 3000
"""Graphemes of a post, and its bytes of UTF-8."""
LARGEST = 1_000_000
"""Bytes of a card's picture."""
COLLECTION = "app.bsky.feed.post"
APP = "https://bsky.app"
"""Where people read posts of the whole network."""
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")
_HANDLE = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_TAG = re.compile(r"(?<!\S)#(\w*[^\W\d_]\w*)")


def words(table: BlueskyTable, content: PostContent) -> str:
    """What the post says. Raises TooLongError."""
    return text_of(table.text, content.values, lambda text: graphemes(text) <= LONGEST and len(text.encode()) <= LONGEST_BYTES)


def key_of(content: PostContent) -> str:
    """The key of an episode's record: a TID (atproto.com/specs/tid) made of its date and guid, so that every machine makes the same."""
    number = int.from_bytes(hashlib.sha256(content.guid.encode()).digest()[:8])
    seconds = max(1_600_000_000, int(dt.datetime.fromisoformat(content.date).timestamp()))
    value = (seconds * 1_000_000 + number % 1_000_000) << 10 | (number >> 40) & 1023
    return "".join(_LETTERS[value >> 5 * place & 31] for place in range(12, -1, -1))


def post(table: BlueskyTable, content: PostContent, secret: str, since: dt.datetime | None, key: str, at: dt.datetime) -> Outcome:
    """Post it under `key`, as of `at`. Where it may have been posted `since` a time, what lies under the key is looked at first."""
    try:
        text = words(table, content)
    except TooLongError as error:
        return Outcome(status="owed", why=str(error))
    xrpc = f"{table.server}/xrpc/"
    session = call("POST", f"{xrpc}com.atproto.server.createSession", json={"identifier": table.handle, "password": secret})
    did, token = (session.value.get(name) for name in ("did", "accessJwt")) if isinstance(session.value, dict) else (None, None)
    if session.why or not (isinstance(did, str) and _DID.fullmatch(did) and isinstance(token, str) and token.isascii()):
        hint = "; a code by mail is asked for: make an app password" if session.error == "AuthFactorTokenRequired" else ""
        why = session.why or "its answer names no account"
        return Outcome(status="owed", why=f"{why}{hint}", unasked=True)
    kept_secret(token)
    name = session.value.get("handle")
    who = name if isinstance(name, str) and _HANDLE.fullmatch(name) and name != "handle.invalid" else did
    if since is not None:
        found = _there(xrpc, did, key)
        if found.status == 200 and not found.why:
            return _posted(did, who, key)
        if found.error != "RecordNotFound":
            return Outcome(status="owed", why=found.why, unasked=True)
    bearer = {"Authorization": f"Bearer {token}"}
    picture = _blob(xrpc, content.picture, token) if content.picture is not None else Reply(value={})
    if picture.may_come_later:
        return Outcome(status="owed", why=f"its picture was not taken: {picture.why}")
    record = _record(table, content, text, at, picture.value.get("blob"))
    put = call(
        "POST",
        f"{xrpc}com.atproto.repo.putRecord",
        json={"repo": did, "collection": COLLECTION, "rkey": key, "swapRecord": None, "record": record},
        headers=bearer,
    )
    if put.error == "InvalidSwap":  # it is there already: an earlier request was carried out
        found = _there(xrpc, did, key)
        return _posted(did, who, key) if found.status == 200 and not found.why else Outcome(status="unclear", why=found.why)
    if put.why:
        return Outcome.failed(put)
    return _posted(did, who, key, f"its picture was not taken: {picture.why}" if picture.why else "")


def _there(xrpc: str, did: str, key: str) -> Reply:
    """What lies under a key."""
    params = {"repo": did, "collection": COLLECTION, "rkey": key}
    return call("GET", f"{xrpc}com.atproto.repo.getRecord", params=params)


def _posted(did: str, who: str, key: str, remark: str = "") -> Outcome:
    return Outcome(status="posted", id=f"at://{did}/{COLLECTION}/{key}", address=f"{APP}/profile/{who}/post/{key}", remark=remark)


def _blob(xrpc: str, picture: PostPicture, token: str) -> Reply:
    """What a record names the picture by, as `blob`."""
    if len(picture.body) > LARGEST:
        return Reply(value={}, status=413, why=f"it is larger than {LARGEST:,} bytes")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": picture.type}
    reply = call("POST", f"{xrpc}com.atproto.repo.uploadBlob", content=picture.body, headers=headers)
    named = isinstance(reply.value, dict) and isinstance(reply.value.get("blob"), dict)
    return reply if named or reply.why else Reply(value={}, status=reply.status, why="its answer names no blob")


def _record(table: BlueskyTable, content: PostContent, text: str, at: dt.datetime, blob: Any) -> dict[str, Any]:
    card: dict[str, Any] = {"uri": content.link, "title": content.values["title"], "description": content.values["summary"][:300]}
    if blob is not None:
        card["thumb"] = blob
    return {
        "$type": COLLECTION,
        "text": text,
        "langs": [table.language or content.language],
        "createdAt": at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "facets": list(_facets(text, content.link)),
        "embed": {"$type": "app.bsky.embed.external", "external": card},
    }


def _facets(text: str, link: str) -> Iterator[dict[str, Any]]:
    """What is a link or a tag in the text, by bytes of UTF-8 (app.bsky.richtext.facet)."""
    found = [
        (place.start(), place.end(), {"$type": "app.bsky.richtext.facet#link", "uri": link}) for place in re.finditer(re.escape(link), text)
    ]
    found += [
        (place.start(), place.end(), {"$type": "app.bsky.richtext.facet#tag", "tag": place[1]})
        for place in _TAG.finditer(text)
        if len(place[1]) <= 64
    ]
    for start, end, feature in sorted(found, key=lambda row: row[:2]):
        begin = len(text[:start].encode())
        yield {"index": {"byteStart": begin, "byteEnd": begin + len(text[start:end].encode())}, "features": [feature]}
