"""Mastodon, and servers that speak as it does: a status with a picture, once.

docs.joinmastodon.org, methods/media, methods/statuses and methods/accounts: POST /api/v2/media and POST /api/v1/statuses with an
Idempotency-Key, which is remembered for an hour; a token needs write:media, write:statuses, read:accounts and read:statuses.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from publisher.thread.calls import Outcome, Reply, call
from publisher.thread.post_text import TooLongError, graphemes, text_of

if TYPE_CHECKING:
    from publisher.load.tables.announce import MastodonTable
    from publisher.thread.post_text import PostContent, PostPicture

LONGEST = 500
"""Characters that a server takes which does not say otherwise (entities/Instance, `configuration.statuses`)."""
ADDRESS = 23
"""What an address counts, however long it is (`characters_reserved_per_url`)."""
A_PAGE, PAGES = 40, 10
"""Statuses of the account that are looked through for one that may be there already: the most that one answer holds, and how many answers."""
CLOCKS_DIFFER = dt.timedelta(days=1)
"""How much older than that time a status may say it is: nobody linked to the episode before it was there."""
PROCESSING = (0.5, 1.0, 2.0)
"""Seconds to wait for a picture that the server is still working on."""
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_SENT = "/api/v1/media"
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def length(text: str) -> int:
    """How long a status is, as Mastodon counts: what people see, and an address always the same."""
    return graphemes(re.sub(r"https?://\S+", "x" * ADDRESS, text))


def words(table: MastodonTable, content: PostContent, limit: int = LONGEST) -> str:
    """What the status says. Raises TooLongError."""
    return text_of(table.text, content.values, lambda text: length(text) <= limit)


def post(table: MastodonTable, content: PostContent, secret: str, since: dt.datetime | None, key: str) -> Outcome:
    """Post it. Where it may have been posted `since` a time, the account's own statuses are looked through first.

    `key` is the same whenever this post is tried: the server gives the status of the first try for the second one.
    """
    if since is not None:
        found = _found(table, content, secret, since)
        if found is not None:
            return found
    try:
        said = _words_for_server(table, content)
    except TooLongError as error:
        return Outcome(status="owed", why=str(error))
    picture, remark = "", ""
    if content.picture is not None:
        reply = _picture(table.server, content.picture, secret)
        if reply.may_come_later:
            return Outcome(status="owed", why=f"its picture was not taken: {reply.why}")
        picture = _id_in(reply.value)
        remark = "" if picture else f"its picture was not taken: {reply.why or 'it has no id'}"
    form: dict[str, Any] = {
        "status": said,
        "visibility": table.visibility,
        "language": (table.language or content.language).partition("-")[0].lower(),
        **({"media_ids": [picture]} if picture else {}),
    }
    reply = call("POST", f"{table.server}/api/v1/statuses", json=form, headers={**_bearer(secret), "Idempotency-Key": key})
    if not reply.why and _id_in(reply.value):
        return _posted(table, reply.value, remark)
    if not reply.why:
        return Outcome(status="unclear", why="its answer names no status")
    return Outcome.failed(reply)


def key_of(content: PostContent, host: str) -> str:
    """The Idempotency-Key of an episode at a server."""
    return hashlib.sha256(f"{host} {content.guid}".encode()).hexdigest()


def _words_for_server(table: MastodonTable, content: PostContent) -> str:
    """The text, as long as this server takes it: it is asked only where that could matter. Raises TooLongError."""
    if length(text_of(table.text, content.values, lambda _text: True)) <= LONGEST:
        return words(table, content)
    reply = call("GET", f"{table.server}/api/v2/instance")
    try:
        limit = int(reply.value["configuration"]["statuses"]["max_characters"])
    except (KeyError, TypeError, ValueError):
        limit = 0
    return words(table, content, limit if 0 < limit < 1_000_000 else LONGEST)


def _picture(server: str, picture: PostPicture, secret: str) -> Reply:
    """The picture, taken and worked through."""
    files = {"file": (f"card.{picture.type.rpartition('/')[2]}", picture.body, picture.type)}
    sent = call("POST", f"{server}/api/v2/media", files=files, data={"description": picture.alt[:1500]}, headers=_bearer(secret))
    if sent.status != 202 or not _id_in(sent.value):
        return sent
    for pause in PROCESSING:
        time.sleep(pause)
        now = call("GET", f"{server}{_SENT}/{_id_in(sent.value)}", headers=_bearer(secret))
        if now.status == 200 and not now.why:
            return now
    return Reply(value={}, why="the server is still working on it")


def _found(table: MastodonTable, content: PostContent, secret: str, since: dt.datetime) -> Outcome | None:
    """The status that leads to the episode among the account's newest; None where there is none, `unasked` where nobody can tell."""
    account = call("GET", f"{table.server}/api/v1/accounts/verify_credentials", headers=_bearer(secret))
    if account.why or not _id_in(account.value):
        scopes = "; a token needs read:accounts and read:statuses, too" if account.status == 403 else ""
        return Outcome(status="owed", why=f"{account.why or 'its answer names no account'}{scopes}", unasked=True)
    address = f"{table.server}/api/v1/accounts/{_id_in(account.value)}/statuses"
    asked: dict[str, Any] = {"limit": A_PAGE, "exclude_reblogs": "true", "exclude_replies": "true"}
    oldest = max(since, LONG_AGO) - CLOCKS_DIFFER
    for _ in range(PAGES):
        listed = call("GET", address, params=asked, headers=_bearer(secret))
        if listed.why or not isinstance(listed.value, list):
            return Outcome(status="owed", why=listed.why or "its answer is no list of statuses", unasked=True)
        rows = [row for row in listed.value if isinstance(row, dict) and _id_in(row)]
        for row in rows:
            if _made(row) >= oldest and _leads_to(row, content.link):
                return _posted(table, row)
        if not rows or _made(rows[-1]) < oldest:
            return None
        asked["max_id"] = _id_in(rows[-1])
    return Outcome(status="owed", why=f"it is not among the newest {A_PAGE * PAGES} posts of the account", unasked=True)


def _made(status: dict[str, Any]) -> dt.datetime:
    """When a status was made; long ago where it does not say."""
    try:
        found = dt.datetime.fromisoformat(str(status.get("created_at"))[:40])
    except ValueError:
        return LONG_AGO - 2 * CLOCKS_DIFFER
    return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)


def _leads_to(status: dict[str, Any], link: str) -> bool:
    """Whether a status links to an address, however the server writes that."""
    targets = re.findall(r"""href=["']([^"']*)["']""", str(status.get("content")))
    return _plain(link) in map(_plain, map(unescape, targets))


def _plain(address: str) -> tuple[str, str, str]:
    """Host, path and query of an address, as all ways to write them have in common."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").encode("idna").decode(), unquote(parts.path), unquote(parts.query)
    except (ValueError, UnicodeError):
        return address, "", ""


def _posted(table: MastodonTable, status: dict[str, Any], remark: str = "") -> Outcome:
    address = status.get("url") or status.get("uri")
    return Outcome(status="posted", id=_id_in(status), address=_web(address, table.server), remark=remark)


def _web(address: Any, server: str) -> str:
    """An address of the web as a server gives it, "" for anything else."""
    if not isinstance(address, str) or not re.fullmatch(r"https?://[^\s\"<>\x00-\x20\x7f]{1,2000}", address):
        return ""
    return address if urlsplit(address).scheme in ("https", urlsplit(server).scheme) else ""


def _id_in(value: Any) -> str:
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
