"""A Bluesky PDS and its public AppView in one, on 127.0.0.1, with one account and people elsewhere who answer it.

Each answer is of the shape that is documented; where, stands beside it. "lexicons" and "code" are in github.com/bluesky-social/atproto
(as of 2026-08-20): lexicons/ says what is asked and answered, packages/pds and packages/bsky are the servers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.support.scripted_network import Answer, ScriptedNetwork, Trouble, as_json

if TYPE_CHECKING:
    from tests.support.service_servers import Asked

PASSWORD = "abcd-efgh-ijkl-mnop"
DID, HANDLE = "did:plc:z72i7hdynmk6r22z27h6tvur", "show.test"
POST = "app.bsky.feed.post"
LARGEST = {"app.bsky.embed.external": 1_000_000, "app.bsky.embed.images": 2_000_000}
"""lexicons/app/bsky/embed: `maxSize` of pictures."""
_TID = re.compile(r"[234567a-j][234567a-z]{12}")
"""code, packages/syntax/src/tid.ts."""
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_REFUSED: tuple[int, str, str] = (401, "AuthenticationRequired", "Invalid identifier or password")


@dataclass
class Record:
    """A post, of the account or of somebody who answers."""

    uri: str
    cid: str
    value: dict[str, Any]
    handle: str
    name: str
    at: datetime
    labels: tuple[str, ...] = ()
    """Of its author, as `!no-unauthenticated`."""
    blocked: bool = False


@dataclass
class ScriptedBluesky(ScriptedNetwork):
    """The servers. `now` is their clock; `behind` is an AppView that has not yet heard of new posts."""

    password: str = PASSWORD
    handle: str = HANDLE
    did: str = DID
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    behind: bool = False
    records: dict[str, Record] = field(default_factory=dict)
    blobs: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    sessions: int = 0
    _tokens: dict[str, str] = field(default_factory=dict)
    _made: int = 0

    # What people do

    def posts(self) -> list[Record]:
        """What the account posted and did not delete, the oldest first."""
        return [one for one in self.records.values() if one.uri.startswith(f"at://{self.did}/")]

    def reply(
        self,
        to: str,
        text: str,
        *,
        handle: str = "ada.test",
        name: str = "Ada",
        at: datetime | None = None,
        labels: tuple[str, ...] = (),
        blocked: bool = False,
        **more: Any,
    ) -> str:
        """Somebody answers `to` (an at:// address); returns the answer's. `more` is added to the record, as `facets`."""
        with self._guard:
            above = self.records[to]
            root = above.value.get("reply", {}).get("root", {"uri": above.uri, "cid": above.cid})
            parent = {"uri": above.uri, "cid": above.cid}
            moment = at or self.now
            value = {"$type": POST, "text": text, "createdAt": _time(moment), "reply": {"root": root, "parent": parent}, **more}
            uri = f"at://did:plc:{hashlib.sha256(handle.encode()).hexdigest()[:24]}/{POST}/{self._next_tid()}"
            self.records[uri] = Record(uri, _cid(value), value, handle, name, moment, labels, blocked)
            return uri

    def delete(self, uri: str) -> None:
        """A post is gone; what answered it stays, as answers to something that is not found."""
        with self._guard:
            del self.records[uri]

    def expire(self) -> None:
        """Two hours pass: code, packages/pds/src/account-manager/helpers/auth.ts; the refresh token goes on."""
        self._tokens = {token: kind for token, kind in self._tokens.items() if kind == "refresh"}

    # What it answers

    def refusal(self, trouble: Trouble) -> Answer:
        if trouble is Trouble.RATE_LIMITED:
            # code, packages/xrpc-server/src/rate-limiter.ts: no Retry-After, and a time in seconds of the epoch.
            reset = str(int((self.now + timedelta(minutes=5)).timestamp()))
            limits = {"RateLimit_Limit": "300", "RateLimit_Remaining": "0", "RateLimit_Reset": reset, "RateLimit_Policy": "300;w=300"}
            return as_json(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, **limits)
        if trouble is Trouble.EXPIRED:
            return _error(400, "ExpiredToken", "Token has expired")  # code, packages/pds/src/auth-verifier.ts: 400, not 401
        return _error(502, "UpstreamFailure", "Upstream Failure")  # code, packages/xrpc/src/types.ts

    def work(self, asked: Asked) -> Answer:
        calls = {
            "POST com.atproto.server.createSession": self._create_session,
            "POST com.atproto.server.refreshSession": self._refresh_session,
            "GET com.atproto.server.getSession": self._get_session,
            "GET com.atproto.identity.resolveHandle": self._resolve_handle,
            "POST com.atproto.repo.uploadBlob": self._upload_blob,
            "POST com.atproto.repo.createRecord": self._create_record,
            "POST com.atproto.repo.putRecord": self._put_record,
            "GET com.atproto.repo.getRecord": self._get_record,
            "GET com.atproto.repo.listRecords": self._list_records,
            "GET app.bsky.feed.getPostThread": self._get_post_thread,
        }
        call = calls.get(f"{asked.method} {asked.path.removeprefix('/xrpc/')}")
        return call(asked) if call else _error(501, "MethodNotImplemented", "Method Not Implemented")

    def _create_session(self, asked: Asked) -> Answer:
        """lexicons, com.atproto.server.createSession; a wrong password: code, packages/pds/src/account-manager."""
        said = asked.json
        self.sessions += 1
        if said.get("identifier") not in (self.handle, self.did) or said.get("password") != self.password:
            return _error(*_REFUSED)
        return as_json(200, self._session())

    def _refresh_session(self, asked: Asked) -> Answer:
        """lexicons, com.atproto.server.refreshSession: the refresh token is sent as the access token otherwise is, and is good once."""
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.pop(token, "") != "refresh":
            return _error(400, "ExpiredToken", "Token has been revoked")
        return as_json(200, self._session())

    def _get_session(self, asked: Asked) -> Answer:
        return self._allowed(asked) or as_json(200, {"handle": self.handle, "did": self.did, "active": True})

    def _resolve_handle(self, asked: Asked) -> Answer:
        """lexicons, com.atproto.identity.resolveHandle."""
        if asked.query.get("handle") != self.handle:
            return _error(400, "HandleNotFound", "Unable to resolve handle")
        return as_json(200, {"did": self.did})

    def _upload_blob(self, asked: Asked) -> Answer:
        """lexicons, com.atproto.repo.uploadBlob: what it is says the header; too much is only said when a record names it."""
        if refused := self._allowed(asked):
            return refused
        kind = asked.headers.get("content-type", "")
        if not kind:
            return _error(400, "InvalidRequest", "Request encoding (Content-Type) required but not provided")
        link = _cid_of(asked.body, codec=0x55)
        self.blobs[link] = (kind, asked.body)
        return as_json(200, {"blob": {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": len(asked.body)}})

    def _create_record(self, asked: Asked) -> Answer:
        """lexicons, com.atproto.repo.createRecord. A key that is taken is a 500 without a word why: bluesky-social/indigo#873."""
        return self._write(asked, over=False)

    def _put_record(self, asked: Asked) -> Answer:
        """lexicons, com.atproto.repo.putRecord: makes or replaces, and where `swapRecord` is null it only makes."""
        return self._write(asked, over=True)

    def _write(self, asked: Asked, *, over: bool) -> Answer:
        if refused := self._allowed(asked):
            return refused
        said = asked.json
        if said.get("repo") not in (self.did, self.handle):
            return _error(401, "AuthenticationRequired", "Authentication Required")
        record = {"$type": said["collection"], **said["record"]}
        key = said.get("rkey")
        if key is None and not over:
            key = self._next_tid()
        if fault := self._fault(said["collection"], key, record):
            return _error(400, *fault)
        uri = f"at://{self.did}/{said['collection']}/{key}"
        if uri in self.records and not over:
            return _error(500, "InternalServerError", "Internal Server Error")
        cid = _cid(record)
        known = self.records.get(uri)
        if known and known.cid == cid:  # code, packages/pds/src/api/com/atproto/repo/putRecord.ts: nothing to do
            return as_json(200, {"uri": uri, "cid": cid, "validationStatus": "valid"})
        if "swapRecord" in said and said["swapRecord"] != (known.cid if known else None):
            return _error(400, "InvalidSwap", f"Record was at {known.cid if known else None}")
        self.records[uri] = Record(uri, cid, record, self.handle, "A Show", self.now)
        commit = {"cid": _cid({"uri": uri, "cid": cid}), "rev": self._next_tid()}
        return as_json(200, {"uri": uri, "cid": cid, "commit": commit, "validationStatus": "valid"})

    def _fault(self, collection: str, key: object, record: dict[str, Any]) -> tuple[str, str] | None:
        """What is wrong with a record: code, packages/pds/src/repo/prepare.ts; lexicons, app.bsky.feed.post. A post's key is a TID."""
        if record["$type"] != collection:
            return "InvalidRequest", f"Invalid $type: expected {collection}, got {record['$type']}"
        if not isinstance(key, str) or not re.fullmatch(r"[A-Za-z0-9._:~-]{1,512}", key):
            return "InvalidRequest", f"Invalid record key: {key}"
        if collection != POST:
            return None
        if not _TID.fullmatch(key):
            return "InvalidRequest", f"Invalid record key for {POST}: Invalid TID"
        if words := _post_fault(record):
            return "InvalidRequest", f"Invalid {POST} record: {words}"
        return self._blob_fault(record.get("embed", {}))

    def _blob_fault(self, embed: dict[str, Any]) -> tuple[str, str] | None:
        """code, packages/pds/src/actor-store/blob/transactor.ts."""
        pictures = [embed["external"].get("thumb")] if "external" in embed else [one["image"] for one in embed.get("images", ())]
        for picture in filter(None, pictures):
            link = picture["ref"]["$link"]
            if link not in self.blobs:
                return "BlobNotFound", f"Could not find blob: {link}"
            kind, content = self.blobs[link]
            if len(content) > LARGEST[embed["$type"]]:
                return "BlobTooLarge", f"This file is too large. It is {len(content)} bytes"
            if not kind.startswith("image/") or picture["mimeType"] != kind or picture["size"] != len(content):
                return "InvalidMimeType", f"Referenced MimeType does not match stored blob. Expected: {kind}"
        return None

    def _get_record(self, asked: Asked) -> Answer:
        """lexicons, com.atproto.repo.getRecord: anybody may ask."""
        query = asked.query
        repo = self.did if query.get("repo") == self.handle else query.get("repo")
        uri = f"at://{repo}/{query.get('collection')}/{query.get('rkey')}"
        found = self.records.get(uri)
        if found is None:
            return _error(400, "RecordNotFound", f"Could not locate record: {uri}")
        return as_json(200, {"uri": uri, "cid": found.cid, "value": found.value})

    def _list_records(self, asked: Asked) -> Answer:
        """lexicons, com.atproto.repo.listRecords: the newest first, 50 and at most 100."""
        limit = min(int(asked.query.get("limit", "50")), 100)
        found = sorted(self.posts(), key=lambda one: one.uri, reverse=True)[:limit]
        return as_json(200, {"records": [{"uri": one.uri, "cid": one.cid, "value": one.value} for one in found]})

    def _get_post_thread(self, asked: Asked) -> Answer:
        """lexicons, app.bsky.feed.getPostThread; code, packages/bsky/src/api/app/bsky/feed/getPostThread.ts: what is gone is a 400."""
        uri = asked.query.get("uri", "").replace(f"at://{self.handle}/", f"at://{self.did}/")
        if uri not in self.records or self.behind:
            return _error(400, "NotFound", f"Post not found: {uri}")
        return as_json(200, {"thread": self._thread(uri, int(asked.query.get("depth", "6")))})

    def _thread(self, uri: str, depth: int) -> dict[str, Any]:
        """lexicons, app.bsky.feed.defs: threadViewPost, and blockedPost in the place of what its author or the account blocks."""
        record = self.records[uri]
        if record.blocked:
            return {"$type": "app.bsky.feed.defs#blockedPost", "uri": uri, "blocked": True, "author": {"did": uri.split("/")[2]}}
        below = [one.uri for one in self.records.values() if one.value.get("reply", {}).get("parent", {}).get("uri") == uri]
        view: dict[str, Any] = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._view(record, len(below))}
        if depth:
            view["replies"] = [self._thread(one, depth - 1) for one in below]
        return view

    def _view(self, record: Record, replies: int) -> dict[str, Any]:
        """lexicons, app.bsky.feed.defs#postView and app.bsky.actor.defs#profileViewBasic; a picture is at the AppView's network."""
        did = record.uri.split("/")[2]
        labels = [
            {"src": did, "uri": f"at://{did}/app.bsky.actor.profile/self", "val": one, "cts": _time(self.now)} for one in record.labels
        ]
        author = {
            "did": did,
            "handle": record.handle,
            "displayName": record.name,
            "avatar": f"{self.address}/img/avatar/{did}",
            "labels": labels,
        }
        counts = {"replyCount": replies, "repostCount": 0, "likeCount": 0, "quoteCount": 0}
        view = {"uri": record.uri, "cid": record.cid, "author": author, "record": record.value, **counts}
        return {**view, "indexedAt": _time(record.at), "labels": []}

    def _session(self) -> dict[str, Any]:
        self._made += 1
        tokens = {kind: _token(self.did, kind, self._made) for kind in ("access", "refresh")}
        self._tokens |= {token: kind for kind, token in tokens.items()}
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.address}
        document = {"id": self.did, "alsoKnownAs": [f"at://{self.handle}"], "service": [service]}
        names = {"handle": self.handle, "did": self.did, "didDoc": document, "active": True}
        return {"accessJwt": tokens["access"], "refreshJwt": tokens["refresh"], **names}

    def _allowed(self, asked: Asked) -> Answer | None:
        """code, packages/pds/src/auth-verifier.ts."""
        said = asked.headers.get("authorization", "")
        if not said.startswith("Bearer "):
            return _error(401, "AuthMissing", "Authentication Required")
        if self._tokens.get(said.removeprefix("Bearer ")) != "access":
            return self.refusal(Trouble.EXPIRED)
        return None

    def _next_tid(self) -> str:
        self._made += 1
        letters = "234567abcdefghijklmnopqrstuvwxyz"
        number = (1_700_000_000_000_000 + self._made) << 10
        return "".join(letters[number >> (5 * place) & 31] for place in range(12, -1, -1))


def _error(status: int, name: str, words: str) -> Answer:
    """code, packages/xrpc-server/src/errors.ts."""
    return as_json(status, {"error": name, "message": words})


def _post_fault(record: dict[str, Any]) -> str:
    text = record.get("text")
    if not isinstance(text, str) or len(text.encode()) > 3000 or _graphemes(text) > 300:
        return "Record/text must not be longer than 300 graphemes"
    if not _DATE.fullmatch(str(record.get("createdAt"))):
        return "Record/createdAt must be an valid atproto datetime"
    if len(record.get("langs", ())) > 3:
        return "Record/langs must not have more than 3 elements"
    ends = [one["index"]["byteEnd"] for one in record.get("facets", ())]
    return "a facet ends after the text" if max(ends, default=0) > len(text.encode()) else ""  # the network takes it and shows it wrongly


def _token(did: str, kind: str, number: int) -> str:
    parts = [{"typ": "at+jwt", "alg": "HS256"}, {"scope": f"com.atproto.{kind}", "sub": did, "jti": str(number)}]
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "bm90LWEtc2lnbmF0dXJl"])


def _cid(value: object) -> str:
    """A content address as it looks; of JSON, where the network takes DAG-CBOR."""
    return _cid_of(json.dumps(value, sort_keys=True).encode(), codec=0x71)


def _cid_of(content: bytes, *, codec: int) -> str:
    digest = bytes((0x01, codec, 0x12, 0x20)) + hashlib.sha256(content).digest()
    return "b" + base64.b32encode(digest).decode().lower().rstrip("=")


def _graphemes(text: str) -> int:
    """About how many characters a person sees: marks, joiners and what they join count as one."""
    return len(re.sub("\u200d.|[\u0300-\u036f\ufe00-\ufe0f]", "", text))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
