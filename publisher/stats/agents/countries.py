"""The country of an address, by a database on this machine (.mmdb) that the user names; without one no country is told."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from publisher.core.errors import ContentError, UsageError
from publisher.core.show_files import Refused, opened
from publisher.stats.counting.addresses import BITS

if TYPE_CHECKING:
    from pathlib import Path

CountryOf = Callable[[str], str]
"""Two letters for an address in the count's cut (`counting.addresses.with_address`); "" where nobody knows."""

LARGEST: Final = 4 << 30
"""Bytes; the largest one that is sold has a few hundred MB."""
_HEX: Final = BITS // 4


def country_reader(path: Path, root: Path) -> CountryOf:
    """The lookup in a database of countries or places, as MaxMind, DB-IP and IPinfo give them. Raises ContentError `stats-country` for a file
    that is none, UsageError where maxminddb is not installed.
    """
    try:
        import maxminddb
    except ImportError as error:
        message = "what reads a database of countries is not installed"
        raise UsageError(message, cause=str(error), hint="pip install duckdb maxminddb sqlglot", code="stats-extra") from error
    try:
        with opened(path, root, largest=LARGEST):
            reader = maxminddb.open_database(path)
    except (Refused, OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        hint = "country = … under [stats] is the path of an .mmdb file, from the show's folder on"
        raise ContentError(f"this is no database of countries: {path}", cause=str(error), hint=hint, code="stats-country") from error

    def country_of(address: str) -> str:
        try:
            return _code(reader.get(_written_out(address)))
        except (ValueError, maxminddb.InvalidDatabaseError):  # no address, IPv6 in a database of IPv4, a damaged entry
            return ""

    return country_of


def _written_out(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address in the count's cut as one that others read. Raises ValueError."""
    if len(address) == _HEX and "." not in address:
        return ipaddress.IPv6Address(int(address, 16) << (128 - BITS))
    return ipaddress.IPv4Address(address)


def _code(found: Any) -> str:
    """The two letters in an entry: `country.iso_code`, else that of where the network is registered; `country_code` or `country`."""
    if not isinstance(found, dict):
        return ""
    for name in ("country", "registered_country", "country_code"):
        told = found.get(name)
        code = told.get("iso_code") if isinstance(told, dict) else told
        if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha():
            return code.upper()
    return ""
