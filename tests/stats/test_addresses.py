"""An address in the count's own writing: SQL and Python write it alike, and IPv6 is cut to 64 bits (§5.5.4)."""

from __future__ import annotations

import ipaddress
import random

import pytest

from publisher.stats.counting.addresses import with_address, written, written_in_sql

duckdb = pytest.importorskip("duckdb")


def in_sql(addresses: list[str]) -> list[str]:
    database = duckdb.connect()
    database.execute("CREATE TABLE given AS SELECT unnest(?::VARCHAR[]) AS ip", [addresses])
    return [row[0] for row in database.execute(f"SELECT {written_in_sql('address')} FROM ({with_address('given')})").fetchall()]  # noqa: S608


def test_sql_writes_every_way_of_an_address_as_python_does():
    chance = random.Random(5)  # noqa: S311  # the same each time
    addresses = [
        "::",
        "::1",
        "1::",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1:2:3:4::6:7:8",
        "::ffff:203.0.113.7",
        "::FFFF:203.0.113.7",
    ]
    for _ in range(3000):
        parts = [chance.choice([0, 0, 0, 1, 0xDB8, chance.randrange(65536)]) for _ in range(8)]
        address = ipaddress.IPv6Address(b"".join(part.to_bytes(2, "big") for part in parts))
        addresses += [str(address), address.exploded, str(address).upper(), str(ipaddress.IPv4Address(chance.randbytes(4)))]
    assert in_sql(addresses) == [written(address) for address in addresses]


def test_what_is_no_address_is_none():
    assert in_sql(["", "-", "host.example", "1.2.3", ":", "1:2", "unknown", "1.2.3.4.5", "12345::1"]) == [""] * 9
