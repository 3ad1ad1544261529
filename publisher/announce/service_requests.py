"""Small requests to the services around a publish. A failure is a sentence, never an exception: what is published is published."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.workspace import Workspace

LARGEST_ANSWER = 64 * 1024
"""Bytes that are read of an answer."""
TIMEOUT = 15.0
"""Seconds for each step of a request."""
LONGEST_PAUSE = 10.0
"""Seconds; a service that wants a longer pause is asked by hand later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Where the services answer, and the pauses (seconds) before a request is sent again."""

    cloudflare: str = "https://api.cloudflare.com/client/v4"
    fastly: str = "https://api.fastly.com"
    podping: str = "https://podping.cloud/"
    podcast_index: str = "https://api.podcastindex.org/api/1.0/hub/pubnotify"
    pauses: tuple[float, ...] = (0.5, 2.0)


SERVICES = Services()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back: `why` is empty when it was a yes."""

    status: int = 0
    body: bytes = b""
    why: str = ""


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    form: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    services: Services | None = None,
) -> Reply:
    """Send a request, again after a pause where the service is busy or the network fails. Redirects are not followed: tokens stay here."""
    import httpx

    reply = Reply()
    for pause in (*(services or SERVICES).pauses, None):
        wait = 0.0
        try:
            with (
                httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client,
                client.stream(method, url, headers=headers, json=json, data=form, params=params) as answer,
            ):
                body = b""
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) >= LARGEST_ANSWER:
                        break
                reply = Reply(status=answer.status_code, body=body[:LARGEST_ANSWER], why=_why(answer.status_code, body))
                wait = _seconds(answer.headers.get("retry-after", ""))
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            reply = Reply(why=_words(str(error)) or type(error).__name__)
            if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError)):
                return reply
        again = reply.status in (0, 429, 500, 502, 503, 504)
        if not reply.why or not again or pause is None or wait > LONGEST_PAUSE:
            return reply
        time.sleep(max(pause, wait))
    return reply


def _why(status: int, body: bytes) -> str:
    if 200 <= status < 300:
        return ""
    said = _words(body[:300].decode("utf-8", "replace")) if not body.lstrip().startswith(b"<") else ""
    return f"it answers {status}{f': {said}' if said else ''}"


def _words(text: str) -> str:
    """One printable line of at most 200 characters."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:200]


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0.0


def host_of(url: str) -> str:
    """The host of an address, for messages: the rest may hold a secret."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return "that address"


def again(workspace: Workspace, command: str) -> str:
    """The line to type to try `command` once more, for this show; "" is a publish."""
    path = workspace.file.path
    here = os.path.relpath(path) if path.is_absolute() else str(path)
    if here == "config.toml":
        return f"publish {command}".rstrip()
    import shlex

    return f"publish -c {shlex.quote(here)} {command}".rstrip()
