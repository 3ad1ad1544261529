"""Networks that nobody listens from (data centres), or that many people share (the inclusion list), as ranges that SQL compares."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network, summarize_address_range
from typing import TYPE_CHECKING, Any

from feed.text_cleaning import read_json
from publisher.core import show_files
from publisher.core.errors import ContentError
from publisher.stats.counting.addresses import PART, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Network = IPv4Network | IPv6Network
LARGEST = 64 * 1024 * 1024
"""Bytes of a file of networks; those of the large clouds have 2 to 5 MB."""
WIDEST = 12
"""Bits. Registries themselves are given no wider networks of IPv6 than a /12 (iana.org, IPv6 Global Unicast Address Assignments)."""
_RANGE = re.compile(r"([0-9A-Fa-f:.]+)\s*[-,;\s]\s*([0-9A-Fa-f:.]+)(?=$|[\s,;#])")


def ranges(networks: Iterable[Network]) -> list[tuple[str, str, str]]:
    """Networks as rows of `tables.NETWORKS`, sorted, without overlap: the part that its addresses begin with, the first and the last.

    What is smaller than a listener's part of IPv6 counts as the whole of it.
    """
    joined: list[tuple[str, str]] = []
    for first, last in sorted(map(_ends, networks), key=lambda ends: (len(ends[0]), ends)):
        if joined and len(joined[-1][1]) == len(first) and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return [(part, first, last) for first, last in joined for part in _parts(first, last)]


def _ends(network: Network) -> tuple[str, str]:
    return written(str(network[0])), written(str(network[-1]))


def _parts(first: str, last: str) -> Iterator[str]:
    """How addresses from the first to the last begin."""
    if len(first) == len(written("::")):
        for number in range(int(first[:PART], 16), int(last[:PART], 16) + 1):
            yield f"{number:0{PART}x}"
    else:
        for number in range(_sixteen_bits(first), _sixteen_bits(last) + 1):
            yield f"{number >> 8:03}{number & 255:03}"


def _sixteen_bits(address: str) -> int:
    return int(address[:3]) << 8 | int(address[3:PART])


def read_networks(path: Path, root: Path) -> list[Network]:
    """The networks of a file: one a line (a network, an address, or first and last), or the JSON that clouds publish, wherever in it they
    stand: ip-ranges.json of AWS, cloud.json of Google, ServiceTags of Azure, public_ip_ranges.json of Oracle.

    Raises ContentError with the line, for what cannot be read, leads out of `root` by a link, and for a file without any network.
    """
    try:
        raw = show_files.read(path, root, largest=LARGEST)
    except show_files.Refused as error:
        raise _unreadable(path, f"it {error.reason}") from error
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    if not raw.strip():
        raise _unreadable(path, "it is empty")
    try:
        found = list(_in_json(read_json(raw))) if raw.lstrip()[:1] in (b"{", b"[") else _in_lines(path, raw.decode("utf-8-sig"))
    except ValueError as error:  # also UnicodeDecodeError
        raise _unreadable(path, str(error)) from error
    if not found:
        raise _unreadable(path, "no network stands in it")
    return found


def listed(networks: Iterable[str]) -> list[Network]:
    """Networks or addresses as config.toml names them. Raises ValueError with the one that is none."""
    return [_network(text) for text in networks]


def _network(text: str) -> Network:
    network = ip_network(text.strip(), strict=False)
    if network.version == 6 and network.prefixlen < WIDEST:
        raise ValueError(f"{network} is wider than any data centre")
    return network


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
                yield _network(item)
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
    return [_network(re.split(r"[,;\s]", said)[0].strip('"'))]


def _unreadable(path: Path, cause: str) -> ContentError:
    hint = "write one network a line, 203.0.113.0/24 or 2001:db8::/32, or name the JSON that a cloud publishes"
    return ContentError(f"{path.name} names no data centres that can be read", cause=cause, hint=hint, code="stats-networks")
