"""What the environment says of the way to any host: proxies, and who signs certificates. Each fault in it is one clear line."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from publisher.core.errors import ContentError

AUTHORITIES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


def proxy_before(address: str) -> str:
    """The proxy that the environment asks for before an address, "" for none. ContentError `storage-proxy` for one that is none we know."""
    if not any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in os.environ):
        return ""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(address)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy or proxy_bypass(parts.hostname or ""):
        return ""
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    shown = proxy.rpartition("@")[2].rpartition("://")[2]  # before it may stand a password
    try:
        found = urlsplit(proxy)
        known = found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
    except ValueError:
        known, found = False, urlsplit("")
    if not known:
        socks = found.scheme.startswith("socks")
        message = f"a SOCKS proxy cannot be used: {shown}" if socks else f"the proxy of the environment is no address: {shown}"
        hint = "HTTPS_PROXY wants http://host:port; NO_PROXY names hosts that are reached without one"
        raise ContentError(message, hint=hint, code="storage-proxy")
    return proxy


def authorities() -> str:
    """The file of trusted certificate authorities that the environment names, "" for none. ContentError `storage-authorities` where it
    holds none.
    """
    variable, named = next(((name, value) for name in AUTHORITIES if (value := os.environ.get(name, ""))), ("", ""))
    if not named:
        return ""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(Path(named).expanduser())
    except OSError as error:
        hint = f"{variable} names a file of certificates (PEM); without it, those that come with Python packages are trusted"
        cause = error.strerror or str(error)
        raise ContentError(
            f"{variable} names no file of certificates: {named}", cause=cause, hint=hint, code="storage-authorities"
        ) from error
    return named
