"""The second half of the count: accepted requests of one listener become windows, and windows that brought enough become downloads.

§5.5.1 of the guideline knows three windows; each is a piece that gives every request the start of its window.
"""

from __future__ import annotations

from typing import Final, Literal

Window = Literal["calendar", "rolling", "extending"]

_SPANS: Final = """
SELECT listener, slug, min("at") AS began, max("at") AS ended FROM accepted GROUP BY listener, slug
"""

_CALENDAR: Final = {"windowed": """SELECT *, date_trunc('day', "at") AS start FROM accepted"""}
"""A new window each UTC day."""

_LONG: Final = {
    "spans": _SPANS,
    "paused": """
-- Only listeners who ask for an episode again after 24 hours may have several windows of it: their requests are looked at in order.
SELECT listener, slug, "at", lag("at") OVER (PARTITION BY listener, slug ORDER BY "at") AS before
FROM (SELECT DISTINCT r.listener, r.slug, r.at FROM accepted AS r JOIN spans AS s ON s.listener = r.listener AND s.slug = r.slug
  WHERE s.ended >= s.began + INTERVAL 24 HOURS)
""",
    "sessions": """
-- A session begins after 24 hours without a request.
SELECT listener, slug, "at", max(CASE WHEN before IS NULL OR "at" >= before + INTERVAL 24 HOURS THEN "at" END) OVER (
    PARTITION BY listener, slug ORDER BY "at" ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS session
FROM paused
""",
}

_WINDOWED: Final = """
-- The window of a request is the one that began last.
SELECT r.*, coalesce(w.start, s.began) AS start
FROM accepted AS r JOIN spans AS s ON s.listener = r.listener AND s.slug = r.slug
LEFT JOIN (
  SELECT listener, slug, start, lead(start) OVER (PARTITION BY listener, slug ORDER BY start) AS following FROM starts
) AS w ON w.listener = r.listener AND w.slug = r.slug AND r.at >= w.start AND (w.following IS NULL OR r.at < w.following)
"""

_EXTENDING: Final = {**_LONG, "starts": "SELECT DISTINCT listener, slug, session AS start FROM sessions", "windowed": _WINDOWED}
"""“Last touch”: a window ends when nothing was asked for 24 hours."""

_ROLLING: Final = {
    **_LONG,
    "steps": """
-- Each request with the first one that is 24 hours later or more: where a window that began with the one ends, the next begins with the other.
SELECT listener, slug, session, "at", min("at") OVER (
    PARTITION BY listener, slug, session ORDER BY "at" RANGE BETWEEN INTERVAL 24 HOURS FOLLOWING AND UNBOUNDED FOLLOWING
  ) AS following
FROM sessions
""",
    "starts": """
SELECT DISTINCT listener, slug, session, session AS start FROM sessions
UNION ALL
SELECT s.listener, s.slug, s.session, n.following
FROM starts AS s JOIN steps AS n ON n.listener = s.listener AND n.slug = s.slug AND n.session = s.session AND n.at = s.start
WHERE n.following IS NOT NULL
""",
    "windowed": _WINDOWED,
}
"""“First touch”: a window lasts 24 hours from its first request, whatever follows in it."""

_BROUGHT: Final = {
    "ranged": """
-- Lines that are equal in every field are one, in however many files they stand: here they lie beside each other.
-- §5.5.2, step 1.3, 2b: parts are joined; the same bytes twice are once. What fills a window comes on the day it began, or on the next.
SELECT listener, slug, start, path_end, first, last, sent,
  lag(line_id) OVER (PARTITION BY listener, slug, start, path_end ORDER BY first, last, line_id) = line_id AS twice,
  max(last) OVER (
    PARTITION BY listener, slug, start, path_end ORDER BY first, last, line_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS reached
FROM (
  SELECT listener, slug, start, path_end, line_id, CASE WHEN in_time THEN first END AS first, CASE WHEN in_time THEN last END AS last,
    CASE WHEN in_time THEN sent ELSE 0 END AS sent
  FROM (SELECT *, "at" < date_trunc('day', start) + INTERVAL 48 HOURS AS in_time FROM windowed)
)
""",
    "brought": """
-- Where it is not known which bytes were sent, their number is added.
SELECT listener, slug, start, path_end,
  sum(CASE WHEN twice THEN 0 ELSE 1 END) AS requests, sum(CASE WHEN twice THEN 1 ELSE 0 END) AS doubled,
  sum(CASE WHEN twice THEN 0 WHEN first IS NULL THEN sent ELSE greatest(0, last - greatest(first - 1, coalesce(reached, -1))) END) AS bytes
FROM ranged GROUP BY listener, slug, start, path_end
""",
    "listeners": """
SELECT listener, min(address) AS address, bool_or(included) AS included, min(app) AS app, min(device) AS device, min(country) AS country
FROM accepted GROUP BY listener
""",
    "windows": """
-- §5.5.3: enough of one file, header and a minute, makes a download of the episode.
SELECT b.listener, b.slug, b.start, sum(b.requests) AS requests, sum(b.doubled) AS doubled, bool_or(b.bytes >= m.enough) AS enough
FROM brought AS b JOIN measured AS m ON m.path_end = b.path_end
GROUP BY b.listener, b.slug, b.start
""",
    "dated": """
SELECT w.listener, w.slug, w.start, CAST(w.start AS DATE) AS day, w.requests, w.doubled, w.enough, l.address, l.included, l.app, l.device, l.country
FROM windows AS w JOIN listeners AS l ON l.listener = w.listener
""",
    "crowds": """
-- §5.5.2, step 1.2, 1: addresses with more downloads in a day than people make.
SELECT address, day FROM dated CROSS JOIN settings WHERE enough AND NOT included GROUP BY address, day, most HAVING count(*) > most
""",
    "told": """
SELECT d.*, CASE WHEN NOT d.enough THEN 'below-a-minute' WHEN c.day IS NOT NULL THEN 'unrealistic' END AS rule
FROM dated AS d LEFT JOIN crowds AS c ON c.address = d.address AND c.day = d.day AND NOT d.included
""",
}

WINDOWS: Final[dict[Window, dict[str, str]]] = {
    "calendar": {**_CALENDAR, **_BROUGHT},
    "rolling": {**_ROLLING, **_BROUGHT},
    "extending": {**_EXTENDING, **_BROUGHT},
}
"""The pieces of each, in their order; the last one, `told`, has a row for each window, with the rule by which it is left out."""

DOWNLOADS: Final = """
SELECT day, slug, app, device, country, count(*) AS downloads FROM told WHERE rule IS NULL GROUP BY day, slug, app, device, country
"""
"""The count itself."""

LEFT_OUT: Final = """
SELECT rule, day, slug, sum(requests) AS requests FROM told WHERE rule IS NOT NULL GROUP BY rule, day, slug
UNION ALL
SELECT 'same-download' AS rule, day, slug, sum(requests - 1) AS requests FROM told WHERE rule IS NULL GROUP BY day, slug
UNION ALL
SELECT 'twice' AS rule, day, slug, sum(doubled) AS requests FROM told GROUP BY day, slug
"""
"""How many requests are left out by each rule of this half, by the day on which their window began."""
