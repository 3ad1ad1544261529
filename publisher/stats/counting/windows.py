"""The second half of the count: accepted requests of one listener become windows, and windows that brought enough become downloads.

§5.5.1 of the guideline knows three windows; each is a piece that gives every request the start of its window.
"""

from __future__ import annotations

from typing import Final, Literal

Window = Literal["calendar", "rolling", "extending"]

_ONCE: Final = """
-- Lines that are equal in every field are one, in however many files they stand: they lie beside each other in this order.
SELECT *, "at" >= before + INTERVAL 24 HOURS OR before IS NULL AS begins
FROM (
  SELECT *, lag(line_id) OVER (PARTITION BY listener, slug ORDER BY "at", line_id) AS line_before,
    lag("at") OVER (PARTITION BY listener, slug ORDER BY "at", line_id) AS before
  FROM accepted
)
WHERE line_before IS NULL OR line_before <> line_id
"""

_CALENDAR: Final = {"windowed": """SELECT *, date_trunc('day', "at") AS start FROM once"""}
"""A new window each UTC day."""

_SESSIONS: Final = """
SELECT *, max(CASE WHEN begins THEN "at" END) OVER (
    PARTITION BY listener, slug ORDER BY "at", line_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS session
FROM once
"""

_EXTENDING: Final = {"sessions": _SESSIONS, "windowed": "SELECT *, session AS start FROM sessions"}
"""“Last touch”: a window ends when nothing was asked for 24 hours."""

_ROLLING: Final = {
    "sessions": _SESSIONS,
    "long_sessions": """
-- Only where requests go on for 24 hours without such a pause are there several windows: they are stepped through, one after the other.
SELECT listener, slug, session FROM sessions GROUP BY listener, slug, session HAVING max("at") >= session + INTERVAL 24 HOURS
""",
    "steps": """
SELECT DISTINCT listener, slug, session, "at", min("at") OVER (
    PARTITION BY listener, slug, session ORDER BY "at" RANGE BETWEEN INTERVAL 24 HOURS FOLLOWING AND UNBOUNDED FOLLOWING
  ) AS following
FROM sessions JOIN long_sessions USING (listener, slug, session)
""",
    "starts": """
SELECT listener, slug, session, session AS start FROM long_sessions
UNION ALL
SELECT s.listener, s.slug, s.session, n.following
FROM starts AS s JOIN steps AS n ON n.listener = s.listener AND n.slug = s.slug AND n.session = s.session AND n.at = s.start
WHERE n.following IS NOT NULL
""",
    "windowed": """
SELECT r.*, coalesce(s.start, r.session) AS start
FROM sessions AS r LEFT JOIN starts AS s
  ON s.listener = r.listener AND s.slug = r.slug AND s.session = r.session AND r.at >= s.start AND r.at < s.start + INTERVAL 24 HOURS
""",
}
"""“First touch”: a window lasts 24 hours from its first request, whatever follows in it."""

_BROUGHT: Final = {
    "ranged": """
-- §5.5.2, step 1.3, 2b: parts are joined; the same bytes twice are once. What fills a window comes on the day it began, or on the next.
SELECT *, max(last) OVER (
    PARTITION BY listener, slug, start, path_end, in_time ORDER BY first, last, line_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS reached
FROM (SELECT *, "at" < date_trunc('day', start) + INTERVAL 48 HOURS AS in_time FROM windowed)
""",
    "brought": """
-- Where it is not known which bytes were sent, their number is added.
SELECT listener, slug, start, path_end, count(*) AS requests, min(address) AS address, bool_or(included) AS included,
  min(app) AS app, min(device) AS device, min(country) AS country,
  sum(CASE WHEN NOT in_time THEN 0 WHEN first IS NULL THEN sent ELSE greatest(0, last - greatest(first - 1, coalesce(reached, -1))) END) AS bytes
FROM ranged GROUP BY listener, slug, start, path_end
""",
    "windows": """
-- §5.5.3: enough of one file, header and a minute, makes a download of the episode.
SELECT listener, slug, start, CAST(start AS DATE) AS day, sum(requests) AS requests, min(address) AS address, bool_or(included) AS included,
  min(app) AS app, min(device) AS device, min(country) AS country, bool_or(bytes >= enough) AS enough
FROM brought JOIN (SELECT path_end, enough FROM measured) AS m USING (path_end)
GROUP BY listener, slug, start
""",
    "crowds": """
-- §5.5.2, step 1.2, 1: addresses with more downloads in a day than people make.
SELECT address, day FROM windows CROSS JOIN settings WHERE enough AND NOT included GROUP BY address, day, most HAVING count(*) > most
""",
    "told": """
SELECT w.*, CASE WHEN NOT w.enough THEN 'below-a-minute' WHEN c.day IS NOT NULL THEN 'unrealistic' END AS rule
FROM windows AS w LEFT JOIN crowds AS c ON c.address = w.address AND c.day = w.day AND NOT w.included
""",
}

WINDOWS: Final[dict[Window, dict[str, str]]] = {
    "calendar": {"once": _ONCE, **_CALENDAR, **_BROUGHT},
    "rolling": {"once": _ONCE, **_ROLLING, **_BROUGHT},
    "extending": {"once": _ONCE, **_EXTENDING, **_BROUGHT},
}
"""The pieces of each, in their order; the last one, `told`, has a row for each window, with the rule by which it is left out."""

DOWNLOADS: Final = """
SELECT day, slug, app, device, country, count(*) AS downloads FROM told WHERE rule IS NULL GROUP BY day, slug, app, device, country
"""
"""The count itself."""

LEFT_OUT: Final = """
SELECT rule, sum(requests) AS requests FROM told WHERE rule IS NOT NULL GROUP BY rule
UNION ALL
SELECT 'same-download' AS rule, sum(requests - 1) AS requests FROM told WHERE rule IS NULL
"""
"""How many requests are left out by each rule of this half, but for lines that stand there twice."""
