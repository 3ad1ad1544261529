"""nginx and Apache `combined`, with the range asked as one more quoted field or without, and with the name of the server before it.

Sources: nginx, ngx_http_log_module (`log_format combined`, `$body_bytes_sent`, escaping of what is quoted); Apache HTTP Server,
mod_log_config (`%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`, escaping); Debian's apache2.conf (`vhost_combined`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from publisher.stats.forms import columns
from publisher.stats.forms.form import Form

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE: Final = re.compile(r'^\S+ \S+ [^"]*\[\d{2}/[A-Z][a-z]{2}/\d{4}:[\d:]{8} [+-]\d{4}\] "[^"]*" \d{3} (?:\d+|-) "')
"""How a line begins, up to its quoted referrer; `common`, which ends before it, tells no agent and cannot be counted."""

UNESCAPED: Final = r"""CASE WHEN strpos(line, '\') > 0 THEN replace(replace(line, '\\', '\x5c'), '\"', '\x22') ELSE line END"""
"""The line with quotes between its fields alone: both servers escape those within."""


def tells(first_lines: Sequence[str]) -> bool:
    """Whether one of the first lines is of this form."""
    return any(LINE.match(line) for line in first_lines)


def _sql() -> str:
    cut = f"SELECT source, number, line, {UNESCAPED} AS line_ FROM lines WHERE {columns.WRITTEN}"
    fields = f"SELECT source, number, line, string_split(line_, '\"') AS q FROM ({cut})"
    texts = (
        "SELECT source, number, line, array_length(q) AS parts, string_split(q[1], ' ') AS head, substr(q[1], strpos(q[1], '[') + 1, 26) AS local, "
        "string_split(q[2], ' ') AS request, string_split(q[3], ' ') AS numbers, q[6] AS agent_, q[8] AS asked "
        f"FROM ({fields})"
    )
    known = {
        # where the server's name is first, the moment stands one further on
        "ip": "CASE WHEN head[2] <> '-' AND head[3] = '-' THEN head[2] ELSE head[1] END",
        "at": columns.log_time("local"),
        "method": "request[1]",
        "path": columns.path_of("request[2]"),
        "status": "TRY_CAST(numbers[2] AS INTEGER)",
        "sent": columns.whole_number("numbers[3]"),
        "agent": columns.told("agent_"),
        "first": columns.FIRST,
        "last": columns.LAST,
    }
    return columns.select(known, columns.with_range(f"({texts})", "asked"), readable="parts >= 7 AND parts % 2 = 1")


COMBINED: Final = Form(
    name="combined",
    words="nginx and Apache",
    tells=tells,
    sql=_sql(),
    limits=('where the log has no "$http_range", parts of a recording are counted by their bytes, the same bytes asked for twice as well',),
)
