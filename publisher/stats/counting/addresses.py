"""Addresses in the count's own writing: fixed width, so that they sort as text, and IPv6 cut to what one household has."""

from __future__ import annotations

import ipaddress
from typing import Final

BITS: Final = 64
"""IPv6 addresses are cut to their first so many bits: §5.5.4, “Working with IPv6 Addresses”."""

PART: Final = 6
"""Characters an address begins with: two numbers of IPv4, or 24 bits of IPv6. Ranges of networks are found by them."""

_FOUR: Final = "([0-9]{1,3}[.]){3}[0-9]{1,3}"


def written(ip: str) -> str:
    """An address in the count's writing: 192168000001, 20010db800000000. Raises ValueError where it is none."""
    address = ipaddress.ip_address(ip)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else address
    if mapped is not None:
        return "".join(f"{part:03}" for part in mapped.packed)
    return address.packed[: BITS // 8].hex()


def with_address(rows: str) -> str:
    """The SELECT that gives the relation `rows` the column `address`, the cut of its column `ip`: IPv4 as it is, IPv6 as `written`, '' where it is
    none. IPv6 is taken apart once, in the column `groups_of_ip`.
    """
    # `::` stands for as many zeros as are missing.
    full = "replace(ip, '::', concat(':', repeat('0:', 8 - (length(ip) - length(replace(ip, ':', ''))))))"
    groups = f"CASE WHEN strpos(ip, ':') > 0 THEN string_split(lower({full}), ':') END"
    parts = ", ".join(f"lpad(coalesce(groups_of_ip[{part}], ''), 4, '0')" for part in range(1, BITS // 16 + 1))
    cut = (
        f"CASE WHEN strpos(ip, ':') = 0 THEN CASE WHEN regexp_matches(ip, '^{_FOUR}$') THEN ip ELSE '' END "
        f"WHEN regexp_matches(ip, '^::[fF]{{4}}:{_FOUR}$') THEN substr(ip, 8) "
        f"WHEN regexp_matches(ip, '^([0-9a-fA-F]{{0,4}}:){{2,8}}[0-9a-fA-F]{{0,4}}$') THEN concat({parts}) ELSE '' END"
    )
    return f"SELECT *, {cut} AS address FROM (SELECT *, {groups} AS groups_of_ip FROM {rows})"


def written_in_sql(address: str) -> str:
    """The SQL expression that writes what `with_address` gave as `written` does."""
    padded = ", ".join(f"lpad(split_part({address}, '.', {part}), 3, '0')" for part in range(1, 5))
    return f"CASE WHEN strpos({address}, '.') > 0 THEN concat({padded}) ELSE {address} END"
