"""Connections to the web: the address that is connected to is judged as it is connected to, so that no name can lead elsewhere."""

from __future__ import annotations

import os
import socket
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import httpcore
import httpx

from feed.rules.addresses import split
from publisher.core.console import notice

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable
    from types import TracebackType


class _JudgingBackend(httpcore.SyncBackend):
    """Resolves a name once, leaves out what is `refused`, and connects to what is left."""

    def __init__(self, refused: Callable[[str], str]) -> None:
        self._refused = refused

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        numbers = list(dict.fromkeys(str(row[4][0]) for row in found))
        why = {number: self._refused(number) for number in numbers}
        allowed = [number for number in numbers if not why[number]]
        if numbers and not allowed:
            raise httpcore.ConnectError(why[numbers[0]])
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for number in allowed:
            try:
                return super().connect_tcp(number, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class JudgingTransport(httpx.HTTPTransport):
    """httpx's own, but for how connections begin: `refused` says why an IP address is not to be asked, "" where it may be. What the
    environment sends through a proxy goes through that.
    """

    def __init__(self, limits: httpx.Limits, refused: Callable[[str], str]) -> None:
        self._trusted = trusted_authorities()
        super().__init__(verify=self._trusted, limits=limits)
        self._pool = httpcore.ConnectionPool(
            ssl_context=self._trusted,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_JudgingBackend(refused),
        )
        self._limits = limits
        self._refused = refused
        self._proxied: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, directly or through the proxy."""
        proxy = proxy_for(str(request.url))
        if not proxy:
            return super().handle_request(request)
        if self._refused("127.0.0.1"):
            notice("requests go through a proxy, which alone knows where names lead: they cannot be kept out of its own network from here")
        if proxy not in self._proxied:
            try:
                self._proxied[proxy] = httpx.HTTPTransport(verify=self._trusted, limits=self._limits, proxy=proxy)
            except (ValueError, ImportError, httpx.InvalidURL):
                words = "the proxy that the environment names cannot be used: it is http://host:port, with user and password where needed"
                raise httpx.ProxyError(words) from None  # the error itself shows the password
        try:
            response = self._proxied[proxy].handle_request(request)
        except httpx.ConnectError as error:
            raise httpx.ProxyError(f"the proxy cannot be reached: {error}") from error
        response.extensions["proxied"] = True
        return response

    def __exit__(
        self, kind: type[BaseException] | None = None, error: BaseException | None = None, traceback: TracebackType | None = None
    ) -> None:
        super().__exit__(kind, error, traceback)
        for transport in self._proxied.values():
            transport.close()

    def close(self) -> None:
        """Close every connection."""
        self.__exit__()


def trusted_authorities() -> ssl.SSLContext:
    """Whom connections trust, as the environment names them. The list is long: it is read once, and others work meanwhile."""
    with _reading:
        return _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


_reading = Lock()
"""Who asks while another reads waits for what that one read."""


@cache
def _trusted(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()


def proxy_for(address: str) -> str:
    """The proxy that the environment asks for on the way to an address, empty for none."""
    if not any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in os.environ):
        return ""
    from urllib.request import getproxies, proxy_bypass

    parts = split(address)
    proxies = getproxies()
    host = (parts.hostname or "") if parts is not None else ""
    proxy = proxies.get(parts.scheme if parts is not None else "") or proxies.get("all") or ""
    if not proxy or proxy_bypass(host):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"
