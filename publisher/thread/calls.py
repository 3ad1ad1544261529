"""One request to a network, and how sure it is that it was carried out."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json
from publisher.announce import service_requests
from publisher.announce.service_requests import BUSY, LONGEST_PAUSE
from publisher.core.secret_variables import said
from publisher.web.error_words import words_in
from publisher.web.web_requests import Answer, Limits, open_client, request

if TYPE_CHECKING:
    from publisher.state.published_episodes import PostStatus

LIMITS = Limits(threads=1, step=15.0, body=2_000_000)
NEVER = -1.0
MOST_SHOWN = 200
"""Characters of what a network says that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a network answered: its JSON `value`, {} where it gave none, with its `status` (0: it did not answer).

    `why` says why it did not do it, "" where it did; `error` is the network's own code for that, and `unclear` where it may have
    done it all the same.
    """

    value: Any
    status: int = 0
    why: str = ""
    error: str = ""
    unclear: bool = False

    @property
    def may_come_later(self) -> bool:
        """Whether the same call may go well another time: nobody answered, the network is busy, or the token is no longer good."""
        return bool(self.why) and (self.unclear or self.status in (0, 401, 403, 429) or self.error == "ExpiredToken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a post ended: `posted`, `owed` where it surely was not taken, or `unclear`, each of these with the reason `why`.

    `remark` is what went less well with one that was taken; `unasked` says that the network was not even asked for it, because it could not
    be asked what it has already.
    """

    status: PostStatus
    address: str = ""
    id: str = ""
    why: str = ""
    remark: str = ""
    unasked: bool = False

    @classmethod
    def failed(cls, reply: Reply) -> Outcome:
        """One that a reply ends."""
        return cls(status="unclear" if reply.unclear else "owed", why=reply.why)


def call(method: str, url: str, *, repeatable: bool = True, **content: Any) -> Reply:
    """Ask once; a `repeatable` call again after a pause where the network is busy or hangs up. Redirects are not followed: tokens
    stay here. `content` is sent as httpx takes it.
    """
    reply, unclear = Reply(value={}), False
    for pause in (*(service_requests.SERVICES.pauses if repeatable else ()), None):
        reply, wait = _once(method, url, **content)
        unclear = unclear or reply.unclear  # one that was refused says nothing of the one before
        if not reply.why or pause is None or wait == NEVER:
            break
        time.sleep(max(pause, wait))
    return replace(reply, unclear=unclear) if reply.why else reply


def _once(method: str, url: str, **content: Any) -> tuple[Reply, float]:
    """One request, and the seconds that the network wants before the next; NEVER where another one will not help now."""
    import httpx

    try:
        with open_client(LIMITS) as client:
            return _understood(request(client, method, url, LIMITS, keep=range(1000), **content), url)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        return Reply(value={}, why=_words(error, url)), 0.0
    except httpx.TimeoutException:
        return Reply(value={}, why="no answer in time", unclear=True), NEVER
    except (httpx.InvalidURL, httpx.LocalProtocolError, httpx.UnsupportedProtocol, UnicodeError, ValueError) as error:
        return Reply(value={}, why=_words(error, url)), NEVER
    except httpx.HTTPError as error:
        return Reply(value={}, why=_words(error, url), unclear=True), 0.0


def _understood(answer: Answer, url: str) -> tuple[Reply, float]:
    """What an answer says."""
    value, status = _json_of(answer), answer.status
    if 200 <= status < 300:
        if value is None or answer.fault:
            return Reply(value={}, status=status, why="its answer is no JSON", unclear=True), NEVER
        return Reply(value=value, status=status), 0.0
    error, words = _said(value, url)
    why = f"it answers {status}{f': {words}' if words else ''}"
    if status not in BUSY:
        return Reply(value={}, status=status, why=why, error=error), NEVER
    wait = _wait(answer)
    if wait > LONGEST_PAUSE:
        return Reply(value={}, status=status, why=f"{why}; it wants no more for {round(wait)} seconds", error=error), NEVER
    return Reply(value={}, status=status, why=why, error=error, unclear=status != 429), wait


def _json_of(answer: Answer) -> Any:
    """The JSON of an answer; {} for an empty one, None for anything else."""
    try:
        return read_json(answer.content) if answer.content.strip() else {}
    except (ValueError, UnicodeError):
        return None


def _said(value: Any, url: str) -> tuple[str, str]:
    """The code of a fault, and its words: Mastodon has one text, the AT Protocol both."""
    if not isinstance(value, dict):
        return "", ""
    named, words = (said(value[key], MOST_SHOWN, asked=url) if isinstance(value.get(key), str) else "" for key in ("error", "message"))
    return named, ": ".join(part for part in (named, words) if part) or said(words_in(value), MOST_SHOWN, asked=url)


def _wait(answer: Answer) -> float:
    """Seconds that a busy network asks for: Retry-After, else the time in Mastodon's X-RateLimit-Reset (ISO 8601) or the AT
    Protocol's RateLimit-Reset (seconds of the epoch), by this machine's clock; 0 where it names none.
    """
    after, at, epoch = (answer.header(name).strip()[:40] for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset"))
    if _counts(after):
        return float(after)
    try:
        moment = float(epoch) if _counts(epoch) else dt.datetime.fromisoformat(at).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, moment - time.time())


def _counts(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 12


def _words(error: Exception, url: str) -> str:
    return said(str(error), MOST_SHOWN, asked=url) or type(error).__name__
