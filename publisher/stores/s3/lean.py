"""The lean client: a pair of keys, a plain endpoint, our own signature, connections of urllib3 kept open."""

from __future__ import annotations

import hashlib
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import quote

from publisher.stores.network_settings import authorities
from publisher.stores.providers import AMAZON, Dialect
from publisher.stores.s3.bodies import Reader
from publisher.stores.s3.errors import BucketAccess, S3Answer
from publisher.stores.s3.http import AGENT, CONNECTIONS, SENT_AT_ONCE, Lost, Patience, S3Http, S3Request, receive, refuse_unfit
from publisher.stores.s3.signing import UNSIGNED, AccessKeys, signed
from publisher.web.kept_connections import CutOff, KeptConnections, NotReached

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


class LeanHttp(S3Http):
    """`base` is the address of the bucket, without a slash at its end; `keys` gives who signs, None for anonymous requests."""

    def __init__(self, base: str, place: BucketAccess, keys: Callable[[], AccessKeys | None], patience: Patience) -> None:
        super().__init__(place, patience)
        self.base = base
        self._keys = keys
        self._secure = base.startswith("https:")
        named = authorities() if self._secure else ""
        self._connections = KeptConnections(CONNECTIONS, patience.connect, patience.read, lambda: _trusted(named), SENT_AT_ONCE)

    def _once(self, request: S3Request) -> S3Answer:
        url = self.base + "/" + quote(request.key, safe="/-_.~")
        if request.query:
            url += "?" + "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in request.query.items())
        method, body = request.method, request.body
        headers = {"User-Agent": AGENT, **{_renamed(name, AMAZON, self.dialect): value for name, value in request.headers.items()}}
        if method in ("PUT", "POST") or len(body):
            headers["Content-Length"] = str(len(body))
        if (keys := self._keys()) is not None:
            payload = UNSIGNED if self._secure or not isinstance(body, bytes) else hashlib.sha256(body).hexdigest()
            now = time.time() + self._ahead
            headers = signed(method, url, headers, payload=payload, keys=keys, region=self.place.region, now=now, dialect=self.dialect)
        refuse_unfit(headers)
        self._count()
        try:
            with ExitStack() as opened:
                sent = (body or None) if isinstance(body, bytes) else opened.enter_context(Reader(body, self.stopped))
                response = opened.enter_context(self._connections.ask(method, url, headers, sent, self._ask_fence))
                received = receive(response, response.status, request.target, request.limit)
        except (NotReached, CutOff) as error:
            raise Lost(error, sent=isinstance(error, CutOff), tls=_is_of_tls(error.__cause__)) from error
        told = {_renamed(name, self.dialect, AMAZON).lower(): value for name, value in response.headers}
        return S3Answer(status=response.status, headers=told, body=received)


def _renamed(name: str, given: Dialect, wanted: Dialect) -> str:
    """A header's name in another dialect."""
    return wanted.prefix + name[len(given.prefix) :] if name.lower().startswith(given.prefix.lower()) else name


def _trusted(named: str) -> ssl.SSLContext:
    """Trusts the authorities of a file that was `named`, else those that the AWS tools trust."""
    import ssl

    import certifi

    return ssl.create_default_context(cafile=named or certifi.where())


def _is_of_tls(error: BaseException | None) -> bool:
    return any(kind.__name__ == "SSLError" for kind in type(error).__mro__)  # without loading ssl where nothing needs it
