"""The first half of the count: each request for a recording is judged by itself, and what remains is hashed.

Pieces of one SQL text in DuckDB's dialect; each is the body of a common table expression over the tables of `tables.py` beside this module.
"""

from __future__ import annotations

from typing import Final

from publisher.stats.counting.addresses import PART, with_address, written_in_sql
from publisher.stats.counting.rules import first_rule


def _last_part(path: str) -> str:
    return f"substr({path}, length({path}) - strpos(reverse({path}), '/') + 2)"


MEASURED: Final = f"""
-- §5.5.3: the header and one minute of sound, for each recording; the whole file where it is shorter, or where nobody knows.
SELECT path_end, slug, size, {_last_part("path_end")} AS name, concat('/', path_end) AS tail,
  CASE WHEN duration >= 60 AND minute_bytes > 0 THEN least(size, header_bytes + minute_bytes) ELSE size END AS enough
FROM recordings
"""

OF_RECORDINGS: Final = f"""
-- A recording is known by the end of its path, with or without the prefix of a bucket before it.
SELECT r.*, m.path_end, m.slug, m.size
FROM requests AS r JOIN measured AS m
  ON {_last_part("r.path")} = m.name AND (ends_with(r.path, m.tail) OR r.path = m.path_end)
WHERE r.at IS NOT NULL
"""

ADDRESSED: Final = f"""
-- §5.5.4: IPv6 addresses are cut to 64 bits.
{with_address("of_recordings")}
"""


def _within(networks: str) -> str:
    same = f"n.part = substr(r.written, 1, {PART}) AND length(n.first) = length(r.written)"
    return f"EXISTS (SELECT 1 FROM {networks} AS n WHERE {same} AND r.written BETWEEN n.first AND n.last)"


ASKED: Final = f"""
SELECT r.*, a.kind, a.app, a.device,
  -- §5.5.2, step 1.2, 2: ranges of data centres, and the note on addresses that are counted all the same.
  {_within("networks")} AS centre,
  {_within("included")} AS included
FROM (SELECT *, {written_in_sql("address")} AS written FROM addressed) AS r JOIN agents AS a ON a.agent = coalesce(r.agent, '')
"""

ASKED_BY_ANYBODY: Final = """
SELECT r.*, a.kind, a.app, a.device, FALSE AS centre, FALSE AS included FROM addressed AS r JOIN agents AS a ON a.agent = coalesce(r.agent, '')
"""
"""The same where no network is named."""

JUDGED: Final = f"""
-- §5.5.2: the first rule that leaves a request out.
SELECT *, {first_rule()} AS rule FROM asked
"""

ACCEPTED: Final = """
-- §5.5.4: a listener is an address with an agent; both are hashed, by the key of the midnight after the request, and once more by that of the
-- midnight before it. An answer 200 begins at the first byte; one that was broken off has only the bytes that were sent.
SELECT source, "at", substr(md5(concat(key_after, ' ', line_id)), 1, 16) AS line_id,
  substr(md5(concat(key_after, ' ', address)), 1, 16) AS address,
  listener,
  CASE WHEN key_before = key_after THEN listener ELSE substr(md5(concat(key_before, ' ', address, ' ', agent)), 1, 16) END AS listener_before,
  included, slug, path_end, app, device, place AS country, began AS first,
  CASE WHEN began IS NOT NULL THEN least(coalesce(ended, size - 1), began + coalesce(sent, size) - 1, size - 1) END AS last,
  coalesce(sent, 0) AS sent
FROM (SELECT *, substr(md5(concat(key_after, ' ', address, ' ', agent)), 1, 16) AS listener FROM (
  SELECT j.*, CASE WHEN status = 200 THEN 0 ELSE first END AS began, CASE WHEN status = 206 THEN last END AS ended,
    coalesce(k.key_before, salt) AS key_before, coalesce(k.key_after, salt) AS key_after, coalesce(j.country, p.country, '') AS place
  FROM judged AS j CROSS JOIN settings LEFT JOIN keys AS k ON k.day = CAST(j."at" AS DATE) LEFT JOIN places AS p ON p.address = j.address
  WHERE rule IS NULL
))
"""

JUDGING: Final = {"measured": MEASURED, "of_recordings": OF_RECORDINGS, "addressed": ADDRESSED, "asked": ASKED, "judged": JUDGED}
"""The pieces up to the rules, in their order; `ACCEPTED` follows."""

UNPLACED: Final = """
SELECT DISTINCT address FROM judged WHERE rule IS NULL AND country IS NULL AND address NOT IN (SELECT address FROM places)
"""
"""Addresses whose country has to be looked up."""
