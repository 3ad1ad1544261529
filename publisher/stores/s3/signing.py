"""Signature Version 4 as S3 and Google want it: addresses signed as they are sent, the hash of the body in a header of its own."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from publisher.stores.providers import AMAZON, Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

UNSIGNED = "UNSIGNED-PAYLOAD"
"""In place of a hash: TLS and Content-MD5 guard the body, and a file need not be read twice."""
NOT_SIGNED = frozenset(("expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"))
"""What proxies may change on the way."""


class AccessKeys(NamedTuple):
    """A pair of keys, and the token of temporary ones."""

    access_key: str
    secret_key: str
    token: str | None = None


def signed(
    method: str,
    url: str,
    headers: Mapping[str, str],
    *,
    payload: str,
    keys: AccessKeys,
    region: str,
    now: float | None = None,
    dialect: Dialect = AMAZON,
) -> dict[str, str]:
    """`headers` with those that sign the request. `url` is as it is sent, its query (`name=value`, escaped) in order; `payload`
    is the SHA-256 of the body (hex) or UNSIGNED; `now` in seconds since 1970, by default this machine's clock.
    """
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    sent = {**headers, f"{dialect.prefix}Date": moment, f"{dialect.prefix}Content-SHA256": payload}
    if keys.token:
        sent[f"{dialect.prefix}Security-Token"] = keys.token
    parts = urlsplit(url)
    lines = {name.lower(): " ".join(value.split()) for name, value in sent.items() if name.lower() not in NOT_SIGNED}
    usual_port = {"http": ":80", "https": ":443"}.get(parts.scheme, ":")  # which the Host header leaves out
    lines["host"] = parts.netloc.lower().removesuffix(usual_port)
    names = ";".join(sorted(lines))
    canonical = [method, parts.path or "/", parts.query, *(f"{name}:{lines[name]}" for name in sorted(lines)), "", names, payload]
    algorithm = f"{dialect.scheme}-HMAC-SHA256"
    scope = f"{moment[:8]}/{region}/{dialect.service}/{dialect.scheme.lower()}_request"
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    key = f"{dialect.scheme}{keys.secret_key}".encode()
    for word in (*scope.split("/"), f"{algorithm}\n{moment}\n{scope}\n{digest}"):
        key = hmac.digest(key, word.encode(), "sha256")
    sent["Authorization"] = f"{algorithm} Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    return sent
