"""The lean client: a pair of keys, a plain endpoint, our own signature, connections of urllib3 kept open."""

from __future__ import annotations

import hashlib
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import urllib3

from publisher.stores.network_settings import authorities
from publisher.stores.providers import AMAZON, Dialect
from publisher.stores.s3.bodies import Reader
from publisher.stores.s3.errors import BucketAccess, S3Answer
from publisher.stores.s3.http import AGENT, CONNECTIONS, SENT_AT_ONCE, Lost, Patience, S3Http, S3Request, patient, receive, refuse_unfit
from publisher.stores.s3.signing import UNSIGNED, AccessKeys, signed

if TYPE_CHECKING:
    from collections.abc import Callable


class LeanHttp(S3Http):
    """`base` is the address of the bucket, without a slash at its end; `keys` gives who signs, None for anonymous requests."""

    def __init__(self, base: str, place: BucketAccess, keys: Callable[[], AccessKeys | None], patience: Patience) -> None:
        super().__init__(place, patience)
        self.base = base
        self._keys = keys
        self._secure = base.startswith("https:")
        settings: dict[str, Any] = {
            "num_pools": 2,
            "maxsize": CONNECTIONS,
            "block": True,
            "blocksize": SENT_AT_ONCE,
            "timeout": urllib3.Timeout(connect=patience.connect, read=patience.read),
        }
        if self._secure:
            settings["ca_certs"] = authorities() or _usual_authorities()
        self._pools = urllib3.PoolManager(**settings)
        self._pools.pool_classes_by_scheme = {
            "http": patient(urllib3.HTTPConnectionPool, patience.read, self._ask_fence),
            "https": patient(urllib3.HTTPSConnectionPool, patience.read, self._ask_fence),
        }

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
                sent: Any = (body or None) if isinstance(body, bytes) else opened.enter_context(Reader(body, self.stopped))
                response = self._pools.urlopen(
                    method, url, body=sent, headers=headers, retries=False, redirect=False, preload_content=False, decode_content=False
                )
                opened.callback(response.release_conn)
                try:
                    received = receive(response, response.status, request.target, request.limit)
                except BaseException:
                    response.close()  # what is still under way must not become the next answer
                    raise
        except urllib3.exceptions.HTTPError as error:
            never_sent = isinstance(error, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError))
            raise Lost(error, sent=not never_sent, tls=isinstance(error, urllib3.exceptions.SSLError)) from error
        told = {_renamed(name, self.dialect, AMAZON).lower(): value for name, value in response.headers.items()}
        return S3Answer(status=response.status, headers=told, body=received)


def _renamed(name: str, given: Dialect, wanted: Dialect) -> str:
    """A header's name in another dialect."""
    return wanted.prefix + name[len(given.prefix) :] if name.lower().startswith(given.prefix.lower()) else name


def _usual_authorities() -> str:
    """The authorities that the AWS tools bring."""
    from botocore.httpsession import get_cert_path

    return str(get_cert_path(True))
