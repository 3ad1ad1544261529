"""The log of nginx: `combined`, and the same with one more quoted field, `"$http_range"`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from publisher.stats.forms.form import Form
from publisher.stats.forms.pieces import clock_of, range_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE: Final = r'^[^ "]+ [^"]*\[[^\]"]{26}\] "[^"]*" [0-9]{3} ([0-9]+|-) "[^"]*" "[^"]*"( "[^"]*")*( [^"]*)?$'
"""nginx writes a quote within a value as \\x22: quotes divide the fields."""
_FIRST, _LAST = range_of("asked")

_SQL: Final = f"""
SELECT source, number,
  CASE WHEN regexp_matches(line, '{_LINE}') THEN {clock_of("local")} END AS at,
  ip, agent, method, path, status, sent, {_FIRST} AS first, {_LAST} AS last,
  CAST(NULL AS BIGINT) AS whole, CAST(NULL AS VARCHAR) AS country, md5(line) AS line_id
FROM (
  SELECT source, number, line,
    substr(split_part(line, '"', 1), length(split_part(line, '"', 1)) - 27, 26) AS local,
    split_part(line, ' ', 1) AS ip,
    split_part(line, '"', 6) AS agent,
    split_part(split_part(line, '"', 2), ' ', 1) AS method,
    split_part(split_part(split_part(line, '"', 2), ' ', 2), '?', 1) AS path,
    TRY_CAST(substr(split_part(line, '"', 3), 2, 3) AS INTEGER) AS status,
    TRY_CAST(trim(substr(split_part(line, '"', 3), 6)) AS BIGINT) AS sent,
    split_part(line, '"', 8) AS asked
  FROM lines
)
"""


def _tells(first_lines: Sequence[str]) -> bool:
    return any(re.match(_LINE, line) for line in first_lines)


NGINX: Final = Form(
    name="nginx",
    tells=_tells,
    sql=_SQL,
    limits=('where the log has no "$http_range", parts of a recording are counted by their bytes, the same bytes asked for twice as well',),
)
