"""Addresses as rules see them: absolute, https, or http on this machine for tests and previews."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

_PART = re.compile(r"(?!(?:tag|urn):)[0-9a-zA-Z;/?:@&=+$._!~*'()%,#-]+", re.IGNORECASE)


def is_part_of_address(text: str) -> bool:
    """Whether it has no other characters than an address, as W3C's validator reads one without a scheme (`rfc2396`)."""
    return _PART.fullmatch(text) is not None


@lru_cache(maxsize=65536)
def split(address: str) -> SplitResult | None:
    """The parts of an absolute address, None for anything that is not one."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    return parts if parts.scheme and (host or parts.scheme not in {"http", "https"}) else None


def is_web(address: str) -> bool:
    """An absolute http or https address."""
    parts = split(address)
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)


@lru_cache(maxsize=4096)
def is_loopback(host: str) -> bool:
    """The very machine we run on, where http is as good as https."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_secure(address: str) -> bool:
    """An absolute https address, or http on this machine."""
    path = address.find("/", address.find("//") + 2)
    return _leads_securely(address[:path] if path > 0 else address)


@lru_cache(maxsize=4096)
def _leads_securely(host: str) -> bool:
    """`is_secure` of an address up to its path: most lead to a few hosts."""
    parts = split(host)
    if parts is None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def extension(address: str) -> str:
    """The lower-case file extension of an address or name, without dot, query and fragment; "" where there is none."""
    path = address.partition("#")[0].partition("?")[0].rpartition("/")[2]
    return path.rpartition(".")[2].lower() if "." in path else ""
