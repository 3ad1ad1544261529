"""The scripted networks behave as the documents they imitate say: what other tests lean on."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.support.scripted_bluesky import DID, PASSWORD, POST, ScriptedBluesky
from tests.support.scripted_mastodon import TOKEN, ScriptedMastodon
from tests.support.scripted_network import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
KEY = "3mbqxyz234567"


@pytest.fixture
def mastodon() -> Iterator[ScriptedMastodon]:
    with ScriptedMastodon(now=NOW) as server:
        yield server


@pytest.fixture
def bluesky() -> Iterator[ScriptedBluesky]:
    with ScriptedBluesky(now=NOW) as server:
        yield server


def ask(address: str, body: object = None, *, token: str = "", **headers: str) -> tuple[int, Any, dict[str, str]]:
    """Status, JSON and headers of one call; a form where `body` is text."""
    content = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/x-www-form-urlencoded" if isinstance(body, str) else "application/json"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    allowed = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, content, kind | named | allowed), timeout=10) as answer:
            return answer.status, json.load(answer), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null"), dict(error.headers)


def test_mastodon_posts_once_for_a_key_until_an_hour_is_over(mastodon: ScriptedMastodon) -> None:
    form = urlencode({"status": "New: https://show.example/a-very-long-address-of-an-episode/ #podcast", "language": "en"})
    post = f"{mastodon.address}/api/v1/statuses"
    first = ask(post, form, token=TOKEN, Idempotency_Key="k")[1]
    assert ask(post, form, token=TOKEN, Idempotency_Key="k")[1]["id"] == first["id"]
    assert 'href="https://show.example/a-very-long-address-of-an-episode/"' in first["content"]
    assert first["created_at"] == "2026-01-05T12:00:00.000Z"
    mastodon.forget_keys()
    assert ask(post, form, token=TOKEN, Idempotency_Key="k")[1]["id"] != first["id"]
    assert len(mastodon.posts()) == 2
    assert ask(post, "status=x", token="another")[:2] == (401, {"error": "The access token is invalid"})
    assert ask(post, urlencode({"status": "x" * 501}), token=TOKEN)[0] == 422
    mastodon.scopes = frozenset({"read"})
    assert ask(post, "status=x", token=TOKEN)[0] == 403


def test_mastodon_shows_private_answers_to_the_token_alone(mastodon: ScriptedMastodon) -> None:
    post = ask(f"{mastodon.address}/api/v1/statuses", "status=x", token=TOKEN)[1]["id"]
    answer = mastodon.reply(post, "<p>Lovely</p>")
    mastodon.reply(answer, "<p>Indeed</p>", acct="bob@other.example", visibility="unlisted")
    mastodon.reply(post, "<p>Between us</p>", visibility="direct")
    context = f"{mastodon.address}/api/v1/statuses/{post}/context"
    assert [one["content"] for one in ask(context)[1]["descendants"]] == ["<p>Lovely</p>", "<p>Indeed</p>"]
    assert len(ask(context, token=TOKEN)[1]["descendants"]) == 3
    mastodon.edit(answer, "<p>Quite lovely</p>")
    assert ask(context)[1]["descendants"][0]["edited_at"]
    mastodon.delete(answer)
    assert ask(context)[1]["descendants"] == []
    mastodon.delete(post)
    assert ask(context)[:2] == (404, {"error": "Record not found"})


@pytest.mark.parametrize(("trouble", "posts"), [(Trouble.HANG_UP_BEFORE, 0), (Trouble.HANG_UP_AFTER, 1)])
def test_mastodon_hangs_up_before_or_after_the_work(mastodon: ScriptedMastodon, trouble: Trouble, posts: int) -> None:
    mastodon.script("POST /api/v1/statuses", trouble)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        ask(f"{mastodon.address}/api/v1/statuses", "status=x", token=TOKEN)
    assert len(mastodon.posts()) == posts


def test_rate_limits_are_told_as_each_network_tells_them(mastodon: ScriptedMastodon, bluesky: ScriptedBluesky) -> None:
    mastodon.script("* /api/*", Trouble.RATE_LIMITED)
    status, said, headers = ask(f"{mastodon.address}/api/v2/instance")
    assert (status, said, headers["X-RateLimit-Reset"]) == (429, {"error": "Too many requests"}, "2026-01-05T12:05:00.000000Z")
    assert ask(f"{mastodon.address}/api/v2/instance")[0] == 200
    bluesky.script("* /xrpc/*", Trouble.RATE_LIMITED, for_ever=True)
    for _ in range(2):
        status, said, headers = ask(f"{bluesky.address}/xrpc/com.atproto.identity.resolveHandle?handle=show.test")
        assert (status, said["error"], headers["RateLimit-Reset"]) == (429, "RateLimitExceeded", str(int(NOW.timestamp()) + 300))


def test_bluesky_takes_a_record_key_once_and_tids_alone_for_posts(bluesky: ScriptedBluesky) -> None:
    session = ask(f"{bluesky.address}/xrpc/com.atproto.server.createSession", {"identifier": "show.test", "password": PASSWORD})[1]
    create = f"{bluesky.address}/xrpc/com.atproto.repo.createRecord"
    record = {"$type": POST, "text": "New", "createdAt": "2026-01-05T12:00:00Z"}
    wanted = {"repo": DID, "collection": POST, "rkey": KEY, "record": record}
    made = ask(create, wanted, token=session["accessJwt"])[1]
    assert made["uri"] == f"at://{DID}/{POST}/{KEY}"
    assert ask(create, wanted, token=session["accessJwt"])[0] == 500
    assert "Invalid TID" in ask(create, wanted | {"rkey": "episode-1"}, token=session["accessJwt"])[1]["message"]
    assert ask(create, wanted)[1]["error"] == "AuthMissing"
    bluesky.expire()
    assert ask(create, wanted, token=session["accessJwt"])[:2] == (400, {"error": "ExpiredToken", "message": "Token has expired"})
    fresh = ask(f"{bluesky.address}/xrpc/com.atproto.server.refreshSession", {}, token=session["refreshJwt"])[1]
    assert ask(create, wanted | {"rkey": "3mbqxyz234572"}, token=fresh["accessJwt"])[0] == 200
    found = ask(f"{bluesky.address}/xrpc/com.atproto.repo.getRecord?" + urlencode({"repo": DID, "collection": POST, "rkey": KEY}))[1]
    assert found["value"]["text"] == "New"


def test_bluesky_nests_answers_and_names_what_is_blocked(bluesky: ScriptedBluesky) -> None:
    session = ask(f"{bluesky.address}/xrpc/com.atproto.server.createSession", {"identifier": DID, "password": PASSWORD})[1]
    record = {"text": "New", "createdAt": "2026-01-05T12:00:00Z"}
    create = f"{bluesky.address}/xrpc/com.atproto.repo.createRecord"
    uri = ask(create, {"repo": DID, "collection": POST, "record": record}, token=session["accessJwt"])[1]["uri"]
    answer = bluesky.reply(uri, "Lovely")
    bluesky.reply(answer, "Indeed", handle="bob.test", labels=("!no-unauthenticated",))
    bluesky.reply(uri, "No", handle="eve.test", blocked=True)
    thread = f"{bluesky.address}/xrpc/app.bsky.feed.getPostThread?{urlencode({'uri': uri})}"
    first, second = ask(thread)[1]["thread"]["replies"]
    assert first["post"]["record"]["text"] == "Lovely"
    assert first["replies"][0]["post"]["author"]["labels"][0]["val"] == "!no-unauthenticated"
    assert second["$type"] == "app.bsky.feed.defs#blockedPost"
    bluesky.delete(uri)
    assert ask(thread)[:2] == (400, {"error": "NotFound", "message": f"Post not found: {uri}"})
