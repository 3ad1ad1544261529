"""The tables that the count reads: names, columns and types, in DuckDB's dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUESTS: Final = {
    "source": "VARCHAR",
    "number": "BIGINT",
    "at": "TIMESTAMP",
    "ip": "VARCHAR",
    "agent": "VARCHAR",
    "method": "VARCHAR",
    "path": "VARCHAR",
    "status": "INTEGER",
    "sent": "BIGINT",
    "first": "BIGINT",
    "last": "BIGINT",
    "whole": "BIGINT",
    "country": "VARCHAR",
    "line_id": "VARCHAR",
}
"""A line as a request, whatever its form. `at` (a word of DuckDB's: in SQL it is quoted) is UTC, NULL where the line cannot be
read; `path` has no query and is percent-decoded where it
matters; `sent` counts bytes of the body as far as they are known; `first` and `last` are the range, both ends counted, NULL where unknown;
`whole` is the object's size, if told; `line_id` the md5 of the line.
"""

AGENTS: Final = {"agent": "VARCHAR", "kind": "VARCHAR", "app": "VARCHAR", "device": "VARCHAR"}
"""Each distinct agent, as `publisher.stats.agents.agent.Agent` has it."""

RECORDINGS: Final = {
    "path_end": "VARCHAR",
    "slug": "VARCHAR",
    "size": "BIGINT",
    "header_bytes": "BIGINT",
    "minute_bytes": "BIGINT",
    "duration": "DOUBLE",
}
"""Each recording of the show by the end of its path. `header_bytes` are those of its tag with the cover, `minute_bytes` those of one minute
of sound, both 0 where unknown; `duration` in seconds, 0 where unknown.
"""

NETWORKS: Final = {"part": "VARCHAR", "first": "VARCHAR", "last": "VARCHAR"}
"""Ranges of addresses that no listener has (data centres), both ends counted, in the writing of `addresses.py` beside this module. There is a
row for each `part`, six characters, that addresses of the range begin with: some ten thousand ranges are not compared with every address.
Ends and addresses are of one family where they have one length.
"""

INCLUDED: Final = NETWORKS
"""Ranges of addresses behind which there are many listeners, written the same way: these are counted however many downloads they have."""

PLACES: Final = {"address": "VARCHAR", "country": "VARCHAR"}
"""The country (two letters) of each address, written as `addressed` has it, where a database of countries is named; else no row."""

SETTINGS: Final = {"salt": "VARCHAR", "most": "BIGINT"}
"""One row: the secret that addresses and listeners are hashed with, and the downloads that one address can have in a day."""

KEYS: Final = {"day": "DATE", "key_before": "VARCHAR", "key_after": "VARCHAR"}
"""The secrets of the midnights before and after a day, by which its addresses and listeners are hashed; days that are not named have `salt`
for both.
"""

ACCEPTED: Final = {
    "source": "VARCHAR",
    "at": "TIMESTAMP",
    "line_id": "VARCHAR",
    "address": "VARCHAR",
    "listener": "VARCHAR",
    "listener_before": "VARCHAR",
    "included": "BOOLEAN",
    "slug": "VARCHAR",
    "path_end": "VARCHAR",
    "app": "VARCHAR",
    "device": "VARCHAR",
    "country": "VARCHAR",
    "first": "BIGINT",
    "last": "BIGINT",
    "sent": "BIGINT",
}
"""A request for a recording that no rule about single requests leaves out. `line_id`, `address` and `listener` (address and
agent) are hashes by the key of the midnight after, `listener_before` by that of the midnight before,
`included` says that many listeners may be behind the address;
`first` and `last` are the bytes that were sent, both ends counted, NULL where that is not known: then `sent` says how many.
"""


def create(name: str, columns: Mapping[str, str]) -> str:
    """The statement that makes a table empty."""
    described = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    return f"CREATE OR REPLACE TABLE {name} ({described})"
