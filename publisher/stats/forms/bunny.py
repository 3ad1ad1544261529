"""Bunny's logs: lines divided by `|` (the first API and permanent storage), and the JSON of the second API.

Sources: docs.bunny.net, “Logging” (the twelve fields of a line, three days, masked addresses) and the second API's schema of a log entry:
`bytesSent` is headers and body; `bodyBytesSent` and `contentRange` come with extended logging, in lines as a 13th and a 14th field. Bunny
takes `|` out of what listeners send.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from publisher.stats.forms import columns
from publisher.stats.forms.form import Form

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE: Final = re.compile(r"^[A-Z-]+\|\d{3}\|\d{13}\|\d+\|\d+\|[^|]*\|")
"""How a line begins: cache, status, milliseconds, bytes, zone, address."""

LIMITS: Final = (
    "Bunny cuts addresses (IPv4 to /24, IPv6 to /64) unless that is turned off: listeners of one network with the same app are counted as one",
    "Bunny does not log the method: a look at a recording's headers (HEAD) is told by its few bytes alone",
    "without extended logging Bunny does not tell which part of a recording was sent, and its bytes are those of the headers as well",
    "Bunny keeps logs for three days: fetch them at least every two, or turn on permanent log storage",
)


def tells(first_lines: Sequence[str]) -> bool:
    """Whether one of the first lines is a line of Bunny's."""
    return any(LINE.match(line) for line in first_lines)


def tells_json(first_lines: Sequence[str]) -> bool:
    """Whether the lines are entries of the second API."""
    return any(line.startswith("{") and '"cacheStatus"' in line and '"statusCode"' in line for line in first_lines)


def _sql() -> str:
    rows = f"(SELECT source, number, line, string_split(line, '|') AS field FROM lines WHERE {columns.WRITTEN})"
    known = {
        "at": f"CASE WHEN length(field[3]) = 13 THEN {columns.epoch_time('field[3]')} END",
        "ip": columns.told("field[6]"),
        "agent": columns.told("field[10]"),
        "method": "'GET'",
        "path": columns.path_of("field[8]"),
        "status": "TRY_CAST(field[2] AS INTEGER)",
        "sent": f"COALESCE({columns.whole_number('field[13]')}, {columns.whole_number('field[4]')})",
        "first": columns.FIRST,
        "last": columns.LAST,
        "whole": columns.whole_of_range("field[14]"),
        "country": columns.told("field[12]"),
    }
    return columns.select(known, columns.with_range(rows, "field[14]"), readable="field[12] IS NOT NULL")


def _json_sql() -> str:
    fields = {
        "moment": ("$.timestamp",),
        "address": ("$.remoteIp", "$.remoteAddress"),
        "app": ("$.userAgent",),
        "uri": ("$.path", "$.url"),
        "answer": ("$.statusCode",),
        "body": ("$.bodyBytesSent", "$.bytesSent"),
        "part": ("$.contentRange",),
        "land": ("$.countryCode",),
    }
    return columns.select_json(fields)


BUNNY: Final = Form(name="bunny", words="bunny.net, lines", tells=tells, sql=_sql(), side="network", limits=LIMITS)
BUNNY_JSON: Final = Form(
    name="bunny-json", words="bunny.net, the JSON of its second API", tells=tells_json, sql=_json_sql(), side="network", limits=LIMITS
)
