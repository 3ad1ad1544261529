"""Recordings asked for by HEAD, many at once: whether they are there, and how long they are."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.web.web_requests import Answer, Limits, WebClient, open_client

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 2_000
"""Recordings of each feed that are asked for, the newest first."""
_LIMITS = Limits(threads=16, step=10.0, redirects=10, addresses=MOST, pauses=(1.0,))
_GIVEN_UP = 5
"""Requests without any answer after which a host is not asked again."""


def ask_recordings(addresses: Sequence[str], feed: str) -> dict[str, Answer]:
    """What each address answers. `feed` is where they stand: where that is of this machine's own network, they may be too."""
    silent: Counter[str] = Counter()
    with open_client(_LIMITS) as client, ThreadPoolExecutor(max_workers=_LIMITS.threads) as pool:
        web = WebClient(client, _LIMITS, typed=feed)

        def ask(address: str) -> Answer:
            host = _host(address)
            if silent[host] >= _GIVEN_UP:
                return Answer(address=address, fault="its host does not answer")
            answer = web.ask("HEAD", address)
            if not answer.status:
                silent[host] += 1
            return answer

        wanted = list(dict.fromkeys(addresses))[:MOST]
        return dict(zip(wanted, pool.map(ask, wanted), strict=True))


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""
