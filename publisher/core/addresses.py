"""Addresses: where a key is reached, how pages refer to each other, and which lead into this machine's own network."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from posixpath import relpath
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import quote, unquote, urlsplit

from feed.rules.addresses import split
from publisher.core.layout import HOME, Folder, Key

if TYPE_CHECKING:
    from collections.abc import Iterable


def outside(url: str | None) -> str:
    """`url` when a page may link to it (http, https, mailto), else an empty string: never a script."""
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if (scheme in {"http", "https"} and parts.netloc) or (scheme == "mailto" and parts.path):
        return (url or "").strip()
    return ""


def origin(url: str) -> str:
    """`https://host:port` of an address, as a content security policy names it; empty when there is none."""
    parts = urlsplit(outside(url))
    if not parts.netloc or any(mark in parts.netloc for mark in ";,' \""):
        return ""
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2]}"


PAGE = ".html"
"""What a host that serves pretty addresses puts to a path to find the page."""
_PLAIN = re.compile(r"[A-Za-z0-9/_.~-]*")


@lru_cache(maxsize=4096)
def _path(key: str, pretty: bool) -> str:
    if pretty and key.endswith(PAGE):
        key = key[: -len(HOME)] if _is_index(key) else key.removesuffix(PAGE)
    return key if _PLAIN.fullmatch(key) else quote(key, safe="/~-._")


def _is_index(key: str) -> bool:
    return key == HOME or key.endswith(f"/{HOME}")


def path_below(address: str, site_url: str) -> str | None:
    """The path of an address below the site, also behind the prefix of a measurement service; None for an address elsewhere."""
    root = site_url.partition("://")[2].rstrip("/") + "/"
    address = address.partition("#")[0].partition("?")[0]
    before, found, path = (address + "/" if address.partition("://")[2] == root.rstrip("/") else address).partition(root)
    if not found or not (before.endswith("/") or not before):
        return None
    return unquote(path)


def files_behind(path: str) -> tuple[str, str, str]:
    """What a host may answer a path with: the file itself, an index document, or the page of a pretty address."""
    folder = path.rstrip("/")
    return path.lstrip("/"), f"{folder}/{HOME}".lstrip("/"), f"{folder}{PAGE}".lstrip("/")


def all_addresses(site_url: str, keys: Iterable[Key], *, pretty_urls: bool = False) -> list[str]:
    """Every address that caches may hold these keys under, each once, in the order of the keys."""
    base = site_url.rstrip("/")
    found: dict[str, None] = {}
    for key in keys:
        found[f"{base}/{_path(key, False)}"] = None
        if pretty_urls or _is_index(key):
            found[f"{base}/{_path(key, True)}"] = None
    return list(found)


@lru_cache(maxsize=4096)
def _from_folder(folder: str, path: str) -> str:
    """The relative link: the same few for every page of a folder. A page may be named like the folder (`people`, `people/ada`)."""
    above, _, name = path.rpartition("/")
    way = relpath(f"/{above}", f"/{folder}")
    return name if way == "." and name else f"{way}/{name}"


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses as they are written on the page with key `here`: relative, so that the site works wherever it is served.

    `rooted` writes paths from the server's root instead, for the 404 page, which answers at any depth.
    """

    site: str
    here: Key
    pretty: bool = False
    rooted: bool = False

    def path(self, key: Key | Folder) -> str:
        """The address of `key` below the site: without `.html` and `index.html` where the host serves them so."""
        return _path(key, self.pretty)

    def absolute(self, key: Key | Folder) -> str:
        """The whole address of `key`, for feeds, sitemaps and previews elsewhere."""
        return f"{self.site.rstrip('/')}/{self.path(key)}"

    def to(self, key: Key | Folder, fragment: str = "") -> str:
        """The link from this page to `key`."""
        link = self._link(self.path(key))
        return f"{link}#{fragment}" if fragment else link

    def own(self, url: str) -> str:
        """The link from this page to an absolute address of this site; empty when it lies elsewhere."""
        base = self.site.rstrip("/") + "/"
        if not url.startswith(base) or any(mark in url for mark in "?#"):
            return ""
        return self._link(url[len(base) :])

    def _link(self, path: str) -> str:
        if self.rooted:
            return f"{urlsplit(self.site).path.rstrip('/')}/{path}"
        return _from_folder(self.path(self.here).rpartition("/")[0], path)

    def media(self, url: str) -> str:
        """The link to a recording or document: relative when it is ours, else as it is when it is safe."""
        return self.own(url) or outside(url)


OWN_NETWORK = "an address of this machine's own network"
_WRAPPED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96")))
"""Where the last 32 bits are an address of IPv4: NAT64 (RFC 6052), translated (RFC 7915), compatible (RFC 4291)."""
_NOT_GLOBAL = tuple(map(ipaddress.ip_network, ("64:ff9b:1::/48", "fec0::/10", "3fff::/20", "5f00::/16", "192.0.0.0/24", "192.88.99.0/24")))
"""What IANA's registries of special addresses call not globally reachable, or gave up, and not every Python knows."""


def is_own(number: str) -> bool:
    """Whether an IP address, also one that is wrapped in another, is of this machine or one of its own network."""
    try:
        address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and any(address in network for network in _WRAPPED):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    return not address.is_global or address.is_multicast or any(address in network for network in _NOT_GLOBAL)


def is_inside(address: str) -> bool:
    """Whether an address leads to this machine or one of its own network, as far as its host's name tells."""
    parts = split(address)
    host = normalize("NFKC", unquote(parts.hostname or "" if parts is not None else "")).replace("\u3002", ".").lower().rstrip(".")
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return is_own(str(ipaddress.ip_address(host)))
    except ValueError:
        pass
    try:
        return is_own(socket.inet_ntoa(socket.inet_aton(host)))  # 127.1, 0x7f000001: what the system takes for numbers, too
    except OSError:
        return False
