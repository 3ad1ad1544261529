"""What the service signs and what it digests: the nonce of a page, the token of an author, the network somebody came from.

All of it goes by one secret that is kept with the comments, so that it is good over a restart and for several processes at once.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GOOD_FOR = dt.timedelta(hours=1)
"""So long a form may lie open."""
EARLY = dt.timedelta(minutes=1)
"""Clocks of two processes may differ by so much."""
_NONCE = re.compile(r"([0-9a-z]{1,13})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})", re.ASCII)
_TOKEN = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})", re.ASCII)
_MILLISECOND = dt.timedelta(milliseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonce:
    """A nonce whose signature is ours: when it was given out, and what it is known by."""

    issued: dt.datetime
    digest: str

    def is_over(self, now: dt.datetime) -> bool:
        """Whether it is good no more."""
        return not self.issued - EARLY <= now <= self.issued + GOOD_FOR


class Signer:
    """Signs with one secret; what is signed for one purpose, site or episode is good for no other."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def new_nonce(self, origin: str, slug: str, now: dt.datetime, *, confirmed: bool = False) -> str:
        """A nonce for one post on one episode; `confirmed`: it stands in the page that a form without one was answered with."""
        said = f"{_base36((now - _EPOCH) // _MILLISECOND)}.{secrets.token_urlsafe(16)}"
        return f"{said}.{self._signed('nonce', origin, slug, said, str(confirmed))}"

    def read_nonce(self, text: str, origin: str, slug: str, *, confirmed: bool = False) -> Nonce | None:
        """What a nonce says; None for one that was not given out for this site, episode and purpose."""
        found = _NONCE.fullmatch(text)
        if found is None:
            return None
        said = f"{found[1]}.{found[2]}"
        if not hmac.compare_digest(self._signed("nonce", origin, slug, said, str(confirmed)), found[3]):
            return None
        return Nonce(issued=_EPOCH + int(found[1], 36) * _MILLISECOND, digest=_digest(said))

    def author_token(self, nonce: str, sent: str = "") -> str:
        """The token of whoever posts: the one their browser `sent` where we made it, else one that goes by the nonce, so that the same
        post is answered with the same.
        """
        known = _TOKEN.fullmatch(sent)
        if known is not None and hmac.compare_digest(self._signed("author", known[1]), known[2]):
            return sent
        begin = self._signed("new author", nonce)[:22]
        return f"{begin}.{self._signed('author', begin)}"

    def network(self, address: Address, salt: str, show: str) -> str:
        """What the network of an address is counted under: it tells nothing once the salt of its day is gone."""
        return self._signed("network", salt, show, str(network_of(address)))

    def key(self, purpose: str) -> str:
        """A key for one purpose of its own."""
        return self._signed("key", purpose)

    def _signed(self, *parts: str) -> str:
        said = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return base64.urlsafe_b64encode(hmac.digest(self._secret, said, "sha256")).decode().rstrip("=")


def author_of(token: str) -> str:
    """What is kept of an author's token."""
    return _digest(token) if token else ""


def network_of(address: Address) -> Network:
    """The /24 of an IPv4 address, the /48 of an IPv6 address: what one household or server has."""
    plain = getattr(address, "ipv4_mapped", None) or address
    return ipaddress.ip_network((plain, 24 if plain.version == 4 else 48), strict=False)


def sender(client: str, forwarded: str, proxies: Sequence[Network]) -> Address:
    """Who sent a request: `client` has the connection; X-Forwarded-For is believed of `proxies` and of this machine's, from its end on."""
    nearest = _address(client) or ipaddress.IPv4Address("127.0.0.1")  # a socket of this machine's has no address
    hops = [part.strip() for part in forwarded.split(",")] if forwarded else []
    while hops and _is_proxy(nearest, proxies):
        further = _address(hops.pop())
        if further is None:
            break
        nearest = further
    return nearest


def _is_proxy(address: Address, proxies: Sequence[Network]) -> bool:
    return address.is_loopback or any(address in network for network in proxies)


def _address(text: str) -> Address | None:
    text = text.strip('"')
    if text.startswith("["):  # [2001:db8::1]:443
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
