"""Server access logs of an S3 bucket: fields divided by spaces, three of them quoted.

Source: Amazon S3 User Guide, “Amazon S3 server access log format” (LogFormat): any field may be `-`; bytes sent are without those of HTTP;
delivery is best effort, and a record may come late or not at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from publisher.stats.forms import columns
from publisher.stats.forms.form import Form

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE: Final = re.compile(r"^\S+ \S+ \[\d{2}/[A-Z][a-z]{2}/\d{4}:[\d:]{8} [+-]\d{4}\] \S+ \S+ \S+ [A-Z0-9]+\.[A-Z0-9_.]+ \S+ ")
"""Owner, bucket, moment, address, requester, the request's id, the operation, the key."""


def tells(first_lines: Sequence[str]) -> bool:
    """Whether one of the first lines is of this form."""
    return any(LINE.match(line) for line in first_lines)


def _sql() -> str:
    fields = f"SELECT source, number, line, string_split(line, '\"') AS q FROM lines WHERE {columns.WRITTEN}"
    texts = (
        "SELECT source, number, line, string_split(q[1], ' ') AS head, string_split(q[3], ' ') AS numbers, q[6] AS agent_, q[7] AS rest "
        f"FROM ({fields})"
    )
    asked = "(starts_with(head[8], 'REST.') OR starts_with(head[8], 'WEBSITE.')) AND contains(head[8], '.OBJECT')"
    known = {
        "ip": "CASE WHEN head[5] = '-' THEN 'none' ELSE head[5] END",  # what the service does of itself has no address
        "at": columns.log_time("concat(substr(head[3], 2), ' ', substr(head[4], 1, 5))"),
        "method": f"CASE WHEN {asked} THEN string_split(head[8], '.')[2] ELSE head[8] END",
        "path": f"CASE WHEN {asked} THEN concat('/', {columns.decoded('head[9]')}) END",
        "status": f"CASE WHEN {asked} AND numbers[2] <> '-' THEN TRY_CAST(numbers[2] AS INTEGER) ELSE 0 END",
        "sent": columns.whole_number("numbers[4]"),
        "whole": columns.whole_number("numbers[5]"),
        "agent": columns.told("agent_"),
    }
    return columns.select(known, f"({texts})", readable=f"head[9] <> '' AND (rest IS NOT NULL OR NOT ({asked}))")


S3_ACCESS: Final = Form(
    name="s3",
    words="a bucket of S3, server access logs",
    tells=tells,
    sql=_sql(),
    side="bucket",
    limits=(
        "S3 does not log which part of a recording was asked for: parts add up by their bytes, the same bytes twice as well",
        "S3 logs as best it can: a request may come hours late, or not at all",
        "behind a content network these are its own requests, not those of listeners: take the network's log then",
    ),
)
