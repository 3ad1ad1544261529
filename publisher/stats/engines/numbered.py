"""Accepted requests with numbers in the place of words, while windows are made of them: DuckDB sorts and joins these in a third of the time and
of the memory. The text of the count is the same; numbers are equal where words are, and sort as they do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from publisher.stats.counting.count import told_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.stats.counting.windows import Window

_HASHES: Final = ("line_id", "address", "listener")
"""Sixteen hexadecimal digits, 64 bits."""
_WORDS: Final = ("slug", "path_end", "app", "device", "country")
"""Few different words."""
_AS_THEY_ARE: Final = ('"at"', "included", "first", "last", "sent")


def telling(window: Window, accepted: str) -> Iterator[str]:
    """The statements, in their order, that make the table `told` of what is in the table `accepted`, which may have any name: with the columns of
    the count's last piece but for `address`.
    """
    for word in _WORDS:
        yield f"DROP TYPE IF EXISTS {word}_word"
        yield f"CREATE TEMP TYPE {word}_word AS ENUM (SELECT DISTINCT {word} FROM {accepted} ORDER BY {word})"
    hashes = [f"CAST(concat('0x', {name}) AS UBIGINT) AS {name}" for name in _HASHES]
    hashes[1] = "CASE WHEN address IS NOT NULL THEN CAST(concat('0x', address) AS UBIGINT) END AS address"
    words = [f"CAST({name} AS {name}_word) AS {name}" for name in _WORDS]
    yield f"CREATE TEMP TABLE numbered AS SELECT {', '.join([*hashes, *words, *_AS_THEY_ARE])} FROM {accepted}"
    plain = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in _WORDS if name != "path_end")
    told = f"SELECT * EXCLUDE (address) REPLACE (printf('%016x', listener) AS listener, {plain}) FROM ({told_sql(window, 'numbered')})"
    yield f"CREATE OR REPLACE TEMP TABLE told AS {told}"
    yield "DROP TABLE numbered"
    for word in _WORDS:
        yield f"DROP TYPE {word}_word"
