"""SQL that several forms of log share, of functions that DuckDB, Spark and Trino have."""

from __future__ import annotations

from typing import Final

_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"


def clock_of(local: str) -> str:
    """`10/Oct/2026:13:55:36 -0700`, which the SQL expression `local` gives, as a TIMESTAMP in UTC; NULL where it is none."""
    day, month, year = f"substr({local}, 1, 2)", f"substr({local}, 4, 3)", f"substr({local}, 8, 4)"
    number = f"lpad(CAST(CAST((strpos('{_MONTHS}', {month}) + 2) / 3 AS INTEGER) AS VARCHAR), 2, '0')"
    moment = f"TRY_CAST(concat({year}, '-', {number}, '-', {day}, ' ', substr({local}, 13, 8)) AS TIMESTAMP)"
    minutes = f"(TRY_CAST(substr({local}, 23, 2) AS INTEGER) * 60 + TRY_CAST(substr({local}, 25, 2) AS INTEGER))"
    return f"({moment} - INTERVAL 1 MINUTE * CASE WHEN substr({local}, 22, 1) = '-' THEN -{minutes} ELSE {minutes} END)"


def range_of(asked: str) -> tuple[str, str]:
    """First and last byte of `bytes=0-499`, which the SQL expression `asked` gives; `bytes=500-` has no last one. NULL for all others:
    several ranges and the last so many bytes do not tell which bytes were sent.
    """
    one = f"regexp_matches({asked}, '^bytes=[0-9]+-[0-9]*$')"
    ends = f"substr({asked}, 7)"
    return tuple(f"CASE WHEN {one} THEN TRY_CAST(split_part({ends}, '-', {place}) AS BIGINT) END" for place in (1, 2))  # type: ignore[return-value]
