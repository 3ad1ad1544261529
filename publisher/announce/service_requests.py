"""Small requests to the services around a publish. A failure is a sentence, never an exception: what is published is published."""

from __future__ import annotations

import os
import shlex
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from publisher.core.secret_variables import said
from publisher.web.error_words import error_words
from publisher.web.web_requests import Answer, Limits, open_client, request

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.workspace import Workspace

LIMITS = Limits(threads=1, step=15.0, body=64 * 1024)
BUSY = frozenset({429, 500, 502, 503, 504})
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


def send(method: str, url: str, *, judge: Callable[[bytes], str] = lambda _body: "", **content: Any) -> str:
    """Send a request; why the service did not do what it was asked, "" when it did.

    It is sent again after a pause where the service is busy or the network fails. Redirects are not followed: tokens stay here.
    `judge` looks into the body of a success, `content` is sent as httpx takes it: headers, json, data, params.
    """
    import httpx

    why = ""
    for pause in (*SERVICES.pauses, None):
        wait = 0.0
        try:
            with open_client(LIMITS) as client:
                answer = request(client, method, url, LIMITS, keep=range(1000), **content)
            if 200 <= answer.status < 300:
                return judge(answer.content)
            why = _refused(answer, url)
            if answer.status not in BUSY:
                return why
            asked = answer.header("retry-after")
            wait = float(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0.0
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            return said(str(error), 200, asked=url) or type(error).__name__
        except httpx.HTTPError as error:
            why = said(str(error), 200, asked=url) or type(error).__name__
        if pause is None or wait > LONGEST_PAUSE:
            break
        time.sleep(max(pause, wait))
    return why


def _refused(answer: Answer, url: str) -> str:
    """The status, and what the service says of it where it is no page."""
    words = said(error_words(answer.content), 200, asked=url) if not answer.content.lstrip().startswith(b"<") else ""
    return f"it answers {answer.status}{f': {words}' if words else ''}"


def host_of(url: str) -> str:
    """The host of an address, for messages: the rest may hold a secret."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return "that address"


def retry_line(workspace: Workspace, command: str) -> str:
    """The line to type to try `command` once more, for this show; "" is a publish."""
    path = workspace.file.path
    here = os.path.relpath(path) if path.is_absolute() else str(path)
    if here == "config.toml":
        return f"publish {command}".rstrip()
    return f"publish -c {shlex.quote(here)} {command}".rstrip()
