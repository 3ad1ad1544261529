"""A Mastodon server on 127.0.0.1 with one account that has a token, and people elsewhere who answer it.

Each answer is of the shape that is documented; where, stands beside it. "docs" is docs.joinmastodon.org, whose text is
github.com/mastodon/documentation (as of 2026-07-02, under content/en); "code" is github.com/mastodon/mastodon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.support.scripted_network import Answer, ScriptedNetwork, Trouble, as_json, fields_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service_servers import Asked

TOKEN = "mastodon-token-nobody-may-see"
SCOPES = frozenset({"read:accounts", "read:statuses", "write:media", "write:statuses"})
LONGEST = 500
"""docs, entities/Instance: `configuration.statuses.max_characters`, and 23 for each address whatever its length."""
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_NUMBER = re.compile(r"/(\d+)(?=/|$)")
_PICTURES = ("image/jpeg", "image/png", "image/gif", "image/heic", "image/heif", "image/webp", "image/avif")


@dataclass
class Status:
    """A post, of the account or of somebody who answers. `acct` of who is elsewhere has a host, as in `ada@social.example`."""

    id: str
    acct: str
    name: str
    content: str
    visibility: str
    at: datetime
    text: str = ""
    reply_to: str | None = None
    edited: datetime | None = None
    language: str | None = None
    warning: str = ""
    media: tuple[str, ...] = ()
    tags: dict[str, Any] = field(default_factory=dict)
    """What a hostile or odd server says instead: keys of the status that are replaced."""


@dataclass
class ScriptedMastodon(ScriptedNetwork):
    """The server. `now` is its clock; `needs_user` is a server that shows nothing to who has no account (limited federation)."""

    token: str = TOKEN
    scopes: frozenset[str] = SCOPES
    username: str = "show"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    needs_user: bool = False
    suspended: bool = False
    statuses: dict[str, Status] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """Idempotency-Keys it remembers, with the status of each."""
    _made: int = 0

    # What people do

    def posts(self) -> list[Status]:
        """What the account posted and did not delete, the oldest first."""
        return [one for one in self.statuses.values() if one.acct == self.username]

    def reply(
        self,
        to: str,
        content: str,
        *,
        acct: str = "ada@social.example",
        name: str = "Ada",
        visibility: str = "public",
        at: datetime | None = None,
        warning: str = "",
        **tags: Any,
    ) -> str:
        """Somebody answers `to` (an id) with `content` (HTML, as it came over the wire); returns the id. `tags` replace what the status says."""
        with self._guard:
            status = Status(
                id=self._next_id(),
                acct=acct,
                name=name,
                content=content,
                visibility=visibility,
                at=at or self.now,
                reply_to=to,
                warning=warning,
                tags=tags,
            )
            self.statuses[status.id] = status
            return status.id

    def edit(self, identifier: str, content: str) -> None:
        """Somebody edits what they wrote."""
        self.statuses[identifier].content = content
        self.statuses[identifier].edited = self.now

    def delete(self, identifier: str) -> None:
        """A status is gone; answers to it stay, with nothing above them (code, app/services/remove_status_service.rb)."""
        with self._guard:
            del self.statuses[identifier]
            for one in self.statuses.values():
                if one.reply_to == identifier:
                    one.reply_to = None

    def forget_keys(self) -> None:
        """An hour passes: docs, methods/statuses, Idempotency-Key: "stored for up to 1 hour"."""
        self.keys.clear()

    # What it answers

    def refusal(self, trouble: Trouble) -> Answer:
        if trouble is Trouble.RATE_LIMITED:
            # docs, api/rate-limits and entities/Error 429; code, config/initializers/rack_attack.rb: no Retry-After, a time in ISO 8601.
            reset = (self.now + timedelta(minutes=5)).isoformat(timespec="microseconds").replace("+00:00", "Z")
            limits = {"X_RateLimit_Limit": "300", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": reset}
            return as_json(429, {"error": "Too many requests"}, **limits)
        if trouble is Trouble.EXPIRED:
            return as_json(401, {"error": "The access token expired"})  # OAuth's invalid_token, as doorkeeper words it
        # docs, entities/Error 503; a gateway in front of it answers with a page of its own.
        return 503, b"<html><head><title>503 Service Temporarily Unavailable</title></head></html>", {"Content-Type": "text/html"}

    def work(self, asked: Asked) -> Answer:
        calls: dict[str, tuple[str, Callable[[Asked, str], Answer]]] = {
            "GET /api/v2/instance": ("", lambda _asked, _id: as_json(200, self._instance())),
            "GET /api/v1/accounts/verify_credentials": ("read:accounts", self._own_account),
            "POST /api/v2/media": ("write:media", self._take_media),
            "GET /api/v1/media/:id": ("write:media", self._one_media),
            "POST /api/v1/statuses": ("write:statuses", self._take_status),
            "GET /api/v1/accounts/:id/statuses": ("public", self._statuses),
            "GET /api/v1/statuses/:id": ("public", self._one),
            "GET /api/v1/statuses/:id/context": ("public", self._context),
        }
        found = _NUMBER.search(asked.path)
        scope, call = calls.get(f"{asked.method} {_NUMBER.sub('/:id', asked.path)}", ("", self._nothing))
        refused = self._public(asked) if scope == "public" else self._allowed(asked, scope) if scope else None
        return refused or call(asked, found[1] if found else "")

    def _nothing(self, _asked: Asked, _id: str) -> Answer:
        return as_json(404, {"error": "Record not found"})  # docs, entities/Error 404

    def _own_account(self, _asked: Asked, _id: str) -> Answer:
        """docs, methods/accounts, verify_credentials."""
        return as_json(200, self._account(self.username, "A Show") | {"source": {"privacy": "public", "language": ""}})

    def _one_media(self, _asked: Asked, identifier: str) -> Answer:
        """docs, methods/media, get."""
        media = self.media.get(identifier)
        return as_json(200, _without_own(media)) if media else self._nothing(_asked, identifier)

    def _is_user(self, asked: Asked) -> bool:
        return asked.headers.get("authorization", "") == f"Bearer {self.token}"

    def _allowed(self, asked: Asked, scope: str) -> Answer | None:
        if "authorization" not in asked.headers or not self._is_user(asked):
            return as_json(401, {"error": "The access token is invalid"})  # docs, methods/statuses 401
        if not self.scopes & {scope, scope.split(":", maxsplit=1)[0]} and not (scope == "read:accounts" and "profile" in self.scopes):
            # code, app/controllers/api/base_controller.rb, doorkeeper_forbidden_render_options; docs, api/oauth-scopes
            return as_json(403, {"error": "This action is outside the authorized scopes"})
        if self.suspended:
            return as_json(403, {"error": "Your login is currently disabled"})  # docs, methods/accounts, verify_credentials 403
        return None

    def _public(self, asked: Asked) -> Answer | None:
        """Why a read without need of a token is refused all the same."""
        if "authorization" in asked.headers:
            return self._allowed(asked, "read:statuses")
        if self.needs_user:
            return as_json(401, {"error": "This API requires an authenticated user"})  # docs, methods/statuses, get 401
        return None

    def _take_media(self, asked: Asked, _id: str) -> Answer:
        """docs, methods/media: pictures are worked on at once, 200; a file has to have a MIME type."""
        fields = fields_of(asked)
        kind, content = fields.get("file", ("", b""))
        if kind not in _PICTURES or not content:
            return as_json(422, {"error": "Validation failed: File content type is invalid, File is invalid"})
        identifier = self._next_id()
        address = f"{self.address}/media_attachments/files/{identifier}/original/picture"
        self.media[identifier] = {
            "id": identifier,
            "type": "image",
            "url": address,
            "preview_url": address.replace("original", "small"),
            "remote_url": None,
            "description": fields.get("description"),
            "meta": {},
            "blurhash": None,
            "_bytes": content,
        }
        return as_json(200, _without_own(self.media[identifier]))

    def _take_status(self, asked: Asked, _id: str) -> Answer:
        """docs, methods/statuses, create. The same Idempotency-Key again answers what was posted (code, app/services/post_status_service.rb)."""
        key = asked.headers.get("idempotency-key", "")
        if key and key in self.keys:
            known = self.statuses.get(self.keys[key])
            return as_json(200, self._status(known)) if known else as_json(404, {"error": "Record not found"})
        fields = fields_of(asked)
        text, media = str(fields.get("status") or ""), tuple(fields.get("media_ids") or ())
        visibility = str(fields.get("visibility") or "public")
        if not text and not media:
            return as_json(422, {"error": "Validation failed: Text can't be blank"})
        if len(_ADDRESS.sub("x" * 23, text)) > LONGEST:
            # code, app/validators/status_length_validator.rb
            return as_json(422, {"error": f"Validation failed: Text character limit of {LONGEST} exceeded"})
        if visibility not in ("public", "unlisted", "private", "direct"):
            return as_json(422, {"error": "Validation failed: Visibility is not included in the list"})
        taken = {one for status in self.statuses.values() for one in status.media}
        if missing := [one for one in media if one not in self.media or one in taken]:
            # code, config/locales/en.yml, media_attachments.validations.not_found
            return as_json(422, {"error": f"Media {', '.join(missing)} not found or already attached to another post"})
        status = Status(
            id=self._next_id(),
            acct=self.username,
            name="A Show",
            content=shown(text, self.address),
            text=text,
            visibility=visibility,
            at=self.now,
            language=fields.get("language"),
            media=media,
            reply_to=fields.get("in_reply_to_id"),
        )
        self.statuses[status.id] = status
        if key:
            self.keys[key] = status.id
        return as_json(200, self._status(status))

    def _statuses(self, asked: Asked, account: str) -> Answer:
        """docs, methods/accounts, statuses: the newest first, 20 and at most 40; private ones for who may see them."""
        if account != self._account(self.username, "")["id"]:
            return as_json(404, {"error": "Record not found"})
        if self.suspended:
            return as_json(410, {"error": "Gone"})
        limit = min(int(asked.query.get("limit", "20")), 40)
        before = int(asked.query.get("max_id", "0")) or None
        found = [one for one in reversed(self.posts()) if self._sees(asked, one) and (before is None or int(one.id) < before)]
        if asked.query.get("exclude_replies") in ("true", "1"):
            found = [one for one in found if one.reply_to is None]
        link = {"Link": f'<{self.address}{asked.path}?max_id={found[limit - 1].id}>; rel="next"'} if len(found) > limit else {}
        return as_json(200, [self._status(one) for one in found[:limit]], **link)

    def _one(self, asked: Asked, identifier: str) -> Answer:
        status = self.statuses.get(identifier)
        if status is None or not self._sees(asked, status):
            return as_json(404, {"error": "Record not found"})  # docs, methods/statuses, get 404: "does not exist or is private"
        return as_json(200, self._status(status))

    def _context(self, asked: Asked, identifier: str) -> Answer:
        """docs, methods/statuses, context: without a token 60 below and 20 deep; with one, private answers as well."""
        status = self.statuses.get(identifier)
        if status is None or not self._sees(asked, status):
            return as_json(404, {"error": "Record not found"})
        below = self._below(asked, identifier, depth=4096 if self._is_user(asked) else 20)
        bound = 4096 if self._is_user(asked) else 60
        return as_json(200, {"ancestors": [], "descendants": [self._status(one) for one in below[:bound]]})

    def _below(self, asked: Asked, identifier: str, depth: int) -> list[Status]:
        found: list[Status] = []
        for one in list(self.statuses.values()) if depth else []:
            if one.reply_to == identifier and self._sees(asked, one):
                found += [one, *self._below(asked, one.id, depth - 1)]
        return found

    def _sees(self, asked: Asked, status: Status) -> bool:
        """Private and direct ones reach the account, as they are answers to it, so a token shows them."""
        return status.visibility in ("public", "unlisted") or self._is_user(asked)

    def _status(self, status: Status) -> dict[str, Any]:
        """docs, entities/Status, and the sample in methods/statuses, get."""
        username, _, host = status.acct.partition("@")
        home = f"https://{host}" if host else self.address
        above = self.statuses.get(status.reply_to or "")
        return {
            "id": status.id,
            "created_at": _time(status.at),
            "edited_at": _time(status.edited) if status.edited else None,
            "in_reply_to_id": above.id if above else None,
            "in_reply_to_account_id": self._account(above.acct, above.name)["id"] if above else None,
            "sensitive": bool(status.warning),
            "spoiler_text": status.warning,
            "visibility": status.visibility,
            "language": status.language,
            "uri": f"{home}/users/{username}/statuses/{status.id}",
            "url": f"{home}/@{username}/{status.id}",
            "replies_count": sum(one.reply_to == status.id for one in self.statuses.values()),
            "reblogs_count": 0,
            "favourites_count": 0,
            "content": status.content,
            "reblog": None,
            "application": None if host else {"name": "airdate", "website": None},
            "account": self._account(status.acct, status.name),
            "media_attachments": [_without_own(self.media[one]) for one in status.media],
            "mentions": [],
            "tags": [],
            "emojis": [],
            "card": None,
            "poll": None,
            **status.tags,
        }

    def _account(self, acct: str, name: str) -> dict[str, Any]:
        """docs, entities/Account. A picture is on the server's own host, which no reader's browser is to ask."""
        username, _, host = acct.partition("@")
        home = f"https://{host}" if host else self.address
        return {
            "id": str(14715 + sum(acct.encode()) if host else 14715),
            "username": username,
            "acct": acct,
            "display_name": name,
            "locked": False,
            "bot": False,
            "group": False,
            "created_at": "2016-11-24T00:00:00.000Z",
            "note": "<p>A person.</p>",
            "url": f"{home}/@{username}",
            "uri": f"{home}/users/{username}",
            "avatar": f"{self.address}/avatars/original/{username}.png",
            "avatar_static": f"{self.address}/avatars/original/{username}.png",
            "emojis": [],
            "fields": [],
        }

    def _instance(self) -> dict[str, Any]:
        """docs, methods/instance, v2."""
        statuses = {"max_characters": LONGEST, "max_media_attachments": 4, "characters_reserved_per_url": 23}
        media = {"description_limit": 1500, "image_size_limit": 16_777_216, "supported_mime_types": list(_PICTURES)}
        return {
            "domain": urlsplit(self.address).netloc,
            "title": "Mastodon",
            "version": "4.5.0",
            "source_url": "https://github.com/mastodon/mastodon",
            "languages": ["en"],
            "configuration": {"statuses": statuses, "media_attachments": media, "limited_federation": self.needs_user},
            "api_versions": {"mastodon": 7},
        }

    def _next_id(self) -> str:
        self._made += 1
        return str(103_254_962_155_278_000 + self._made)


def shown(text: str, home: str) -> str:
    """A text as the server shows it: code, app/lib/text_formatter.rb. An address is cut into spans, whole in its `href` alone."""
    paragraphs = re.split(r"\n{2,}", text.strip())
    return "".join(f"<p>{'<br />'.join(_line(line, home) for line in paragraph.splitlines())}</p>" for paragraph in paragraphs)


def _line(line: str, home: str) -> str:
    pieces, last = [], 0
    for found in re.finditer(rf"{_ADDRESS.pattern}|(?<!\w)#(\w+)", line):
        pieces.append(escape(line[last : found.start()]))
        last = found.end()
        if found[1]:
            pieces.append(
                f'<a href="{home}/tags/{found[1].lower()}" class="mention hashtag" rel="tag">#<span>{escape(found[1])}</span></a>'
            )
            continue
        prefix = re.match(r"https?://(www\.)?", found[0])
        begin = prefix.end() if prefix else 0
        rest = found[0][begin:]
        cut = "ellipsis" if len(rest) > 30 else ""
        pieces.append(
            f'<a href="{escape(found[0])}" target="_blank" rel="nofollow noopener noreferrer" translate="no">'
            f'<span class="invisible">{escape(found[0][:begin])}</span><span class="{cut}">{escape(rest[:30])}</span>'
            f'<span class="invisible">{escape(rest[30:])}</span></a>'
        )
    return "".join([*pieces, escape(line[last:])])


def _without_own(media: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in media.items() if not name.startswith("_")}


def _time(at: datetime) -> str:
    """docs, api/datetime-format: ISO 8601 with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
