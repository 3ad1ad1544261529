"""The tables of what is kept: names, columns and types, in DuckDB's dialect. All of them carry the show's podcast:guid."""

from __future__ import annotations

from typing import Final

ASKED: Final = {
    "day": "DATE",
    "at": "TIMESTAMP",
    "listener": "VARCHAR",
    "listener_before": "VARCHAR",
    "address": "VARCHAR",
    "line_id": "VARCHAR",
    "slug": "VARCHAR",
    "path_end": "VARCHAR",
    "status": "INTEGER",
    "sent": "BIGINT",
    "first": "BIGINT",
    "last": "BIGINT",
    "whole": "BIGINT",
    "app": "VARCHAR",
    "device": "VARCHAR",
    "country": "VARCHAR",
}
"""Requests that every rule about a single request lets through. `listener` (address and agent), `address` and `line_id` are hashed under the
key of the midnight after `day`, `listener_before` under that of the midnight before it. The rest is as in the count's `requests`.
"""

BEGUN: Final = {"listener": "VARCHAR", "slug": "VARCHAR", "at": "TIMESTAMP"}
"""The last window of each listener and episode that began on the last closed day; `listener` under the key of the midnight after it."""

FILES: Final = {
    "guid": "VARCHAR",
    "name": "VARCHAR",
    "mark": "VARCHAR",
    "sha256": "VARCHAR",
    "bytes": "BIGINT",
    "lines": "BIGINT",
    "unread": "BIGINT",
    "late": "BIGINT",
    "begins": "VARCHAR",
    "days": "DATE[]",
}
"""Log files that were read: `sha256`, `bytes` and `lines` of what they hold, unpacked, up to the end of the last whole line; `mark` is the
ETag of an object; `begins` the sha256 of the first line. `unread` lines could not be read, `late` ones were left out since their day is closed and its
logs are gone; `days` are those that the file has requests of recordings for.
"""

SUMS: Final = {
    "guid": "VARCHAR",
    "day": "DATE",
    "slug": "VARCHAR",
    "app": "VARCHAR",
    "device": "VARCHAR",
    "country": "VARCHAR",
    "downloads": "BIGINT",
    "window": "VARCHAR",
}
"""Downloads of a closed day (UTC, by the start of the window). `window` is the one they were counted with: calendar, rolling or extending."""

IMPORTED: Final = {
    "guid": "VARCHAR",
    "host": "VARCHAR",
    "day": "DATE",
    "slug": "VARCHAR",
    "title": "VARCHAR",
    "downloads": "BIGINT",
}
"""What the old host told of a day; `slug` is NULL where the show has no such episode, or the row is about the whole show."""
