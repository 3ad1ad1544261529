"""Networks that nobody listens from (data centres), or that many people share (the inclusion list), as pairs that SQL compares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network, summarize_address_range
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json
from publisher.core.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Network = IPv4Network | IPv6Network
LARGEST = 64 * 1024 * 1024
"""Bytes of a file of networks; those of the large clouds have 2 to 5 MB."""
_RANGE = re.compile(r"([0-9A-Fa-f:.]+)\s*[-,;\s]\s*([0-9A-Fa-f:.]+)(?=$|[\s,;#])")


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """A row of the table `networks`: from the first listener's address to the last, both included, as `sortable` writes them."""

    first: str
    last: str


def sortable(address: str) -> str:
    """An address as text of one length that sorts as addresses do: IPv4 as `4` and four times three digits (`4203000113009`), IPv6 as `6`
    and the sixteen hexadecimal digits of its first 64 bits (`620010db800000001`), which is what a listener is known by (5.5.4, “Working
    with IPv6 addresses”). An IPv4 address written as IPv6 is IPv4. Raises ValueError for what is no address.
    """
    known = ip_address(address.partition("%")[0])
    if isinstance(known, IPv4Address):
        return "4" + "".join(f"{part:03d}" for part in known.packed)
    return sortable(str(known.ipv4_mapped)) if known.ipv4_mapped else "6" + known.packed[:8].hex()


def ranges(networks: Iterable[Network]) -> list[Range]:
    """Networks as sorted ranges that do not overlap. What is smaller than a listener's /64 counts as the whole of it."""
    joined: list[Range] = []
    for item in sorted(Range(sortable(str(network[0])), sortable(str(network[-1]))) for network in networks):
        if joined and item.first <= joined[-1].last:
            joined[-1] = Range(joined[-1].first, max(joined[-1].last, item.last))
        else:
            joined.append(item)
    return joined


def read_networks(path: Path) -> list[Network]:
    """The networks of a file: one a line (a network, an address, or first and last), or the JSON that clouds publish, wherever in it they
    stand: ip-ranges.json of AWS, cloud.json of Google, ServiceTags of Azure, public_ip_ranges.json of Oracle.

    Raises ContentError with the line, for what cannot be read and for a file without any network.
    """
    raw = path.read_bytes() if path.stat().st_size <= LARGEST else b""
    if not raw.strip():
        raise _unreadable(path, f"it is empty, or larger than {LARGEST // 1024 // 1024} MB")
    try:
        found = list(_in_json(read_json(raw))) if raw.lstrip()[:1] in (b"{", b"[") else _in_lines(path, raw.decode("utf-8-sig"))
    except ValueError as error:  # also UnicodeDecodeError
        raise _unreadable(path, str(error)) from error
    if not found:
        raise _unreadable(path, "no network stands in it")
    return found


def listed(networks: Iterable[str]) -> list[Network]:
    """Networks or addresses as config.toml names them. Raises ValueError with the one that is none."""
    return [ip_network(text.strip(), strict=False) for text in networks]


def _in_json(value: Any) -> Iterator[Network]:
    """Every text in it that is a network. What else clouds write there (regions, services, dates) is none."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and (":" in item or "." in item) and item[:1] in "0123456789abcdefABCDEF:":
            try:
                yield ip_network(item, strict=False)
            except ValueError:
                continue


def _in_lines(path: Path, text: str) -> list[Network]:
    found: list[Network] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        try:
            found += _in_line(said)
        except (ValueError, TypeError):  # a range from one family of addresses into the other
            if number == 1 and not re.search(r"[\d:]", said):  # the names of columns
                continue
            raise _unreadable(path, f"line {number} is no network: {said[:80]}") from None
    return found


def _in_line(said: str) -> Iterable[Network]:
    if pair := _RANGE.match(said):
        first, last = ip_address(pair[1]), ip_address(pair[2])
        return summarize_address_range(first, last)  # of two families it raises TypeError
    return [ip_network(re.split(r"[,;\s]", said)[0].strip('"'), strict=False)]


def _unreadable(path: Path, cause: str) -> ContentError:
    hint = "write one network a line, 203.0.113.0/24 or 2001:db8::/32, or name the JSON that a cloud publishes"
    return ContentError(f"{path.name} names no data centres that can be read", cause=cause, hint=hint, code="stats-networks")
