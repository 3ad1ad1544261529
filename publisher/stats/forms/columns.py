"""What the SELECTs of the forms are made of: moments, ranges, numbers, and the columns in their order.

Each function takes SQL and gives SQL, in DuckDB's dialect and of functions that Spark and Trino have, too; nothing of a log ever becomes
part of it. Moments are whole seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from publisher.stats.counting.tables import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_AGENT: Final = 1024
"""Characters of an agent that are kept: what is longer than a thousand is no agent, and can be told by these."""

LONGEST_PATH: Final = 2048
"""Characters; a longer path names nothing of ours, whose keys end at 1,024 bytes."""

LONGEST_ADDRESS: Final = 64
"""Characters; the longest IPv6 address has 45. A server that looks up names writes those."""

WRITTEN: Final = "regexp_matches(line, '[^ \\t]')"
"""That there is anything on a line."""

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def whole_number(text: str) -> str:
    """A number; NULL for `-`, for words, and for what no 64 bits hold."""
    return f"TRY_CAST({text} AS BIGINT)"


def told(text: str) -> str:
    """A text, NULL where the log says that there is none."""
    return f"CASE WHEN {text} IN ('', '-') THEN NULL ELSE {text} END"


def without_offset(moment: str, offset: str) -> str:
    """A moment as UTC: less its offset, `+0200` or `-03:30`; Z and nothing are none."""
    minutes = f"(TRY_CAST(substr({offset}, 2, 2) AS INTEGER) * 60 + TRY_CAST(substr(replace({offset}, ':', ''), 4, 2) AS INTEGER))"
    signed = f"CASE WHEN substr({offset}, 1, 1) = '-' THEN -{minutes} ELSE {minutes} END"
    none = f"{offset} IN ('', 'Z', '+0000', '+00:00')"
    return f"CASE WHEN {none} THEN {moment} ELSE {moment} - INTERVAL 1 MINUTE * {signed} END"


def log_time(text: str) -> str:
    """`01/Jun/2026:10:00:00 +0200` as UTC: what Apache, nginx and S3 write."""
    month = " ".join(f"WHEN '{name}' THEN '-{number:02}-'" for number, name in enumerate(MONTHS, 1))
    iso = f"concat(substr({text}, 8, 4), CASE substr({text}, 4, 3) {month} ELSE '?' END, substr({text}, 1, 2), ' ', substr({text}, 13, 8))"
    return without_offset(f"TRY_CAST({iso} AS TIMESTAMP)", f"substr({text}, 22, 5)")


def iso_time(text: str) -> str:
    """ISO 8601 as UTC, with an offset or `Z`; without one it is UTC already. Days may be divided by slashes, as one of Caddy's forms has it."""
    moment = f"TRY_CAST(replace(replace(substr({text}, 1, 19), 'T', ' '), '/', '-') AS TIMESTAMP)"
    return without_offset(moment, f"regexp_extract(substr({text}, 20), '(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$', 1)")


def epoch_time(text: str) -> str:
    """Seconds since 1970, milliseconds, microseconds or nanoseconds: from 2001 to 2286 each begins with the ten digits of the seconds."""
    return f"(TIMESTAMP '1970-01-01 00:00:00' + INTERVAL 1 SECOND * TRY_CAST(substr({text}, 1, 10) AS BIGINT))"


def any_time(text: str) -> str:
    """What JSON logs write: a number of an epoch, or ISO 8601."""
    number = f"regexp_matches({text}, '^[0-9]{{10}}([0-9]{{3}}|[0-9]{{6}}|[0-9]{{9}})?([.][0-9]*)?$')"
    return f"CASE WHEN {number} THEN {epoch_time(text)} ELSE {iso_time(text)} END"


def path_of(address: str) -> str:
    """The path of an address, decoded, without scheme, host and query: `https://host/path?x` and `/path?x` are both `/path`."""
    bare = f"CASE WHEN strpos({address}, '?') > 0 OR strpos({address}, '#') > 0 THEN split_part(split_part({address}, '?', 1), '#', 1) ELSE {address} END"
    return decoded(f"CASE WHEN starts_with({address}, 'http') THEN regexp_replace({bare}, '^https?://[^/]*', '') ELSE {bare} END")


def decoded(text: str) -> str:
    """Without percent escapes; as it is where they are not UTF-8. A plus sign stays one."""
    plain = f"TRY(url_decode(replace({text}, '+', '%2B')))"
    return f"CASE WHEN strpos({text}, '%') > 0 THEN COALESCE({plain}, {text}) ELSE {text} END"


def with_range(rows: str, text: str) -> str:
    """The relation `rows` and one range of it, asked (`bytes=0-1`) or served (`bytes 0-1/200`), cut in two for `FIRST` and `LAST`."""
    cut = f"CASE WHEN starts_with({text}, 'bytes') THEN string_split(string_split(substr({text}, 7), '/')[1], '-') END"
    return f"(SELECT *, {cut} AS ends FROM {rows})"


def _end(place: int) -> str:
    return f"CASE WHEN ends[1] <> '' AND ends[3] IS NULL THEN TRY_CAST(NULLIF(ends[{place}], '') AS BIGINT) END"


FIRST: Final = _end(1)
"""The first byte of a range. NULL for several ranges and for the last so many bytes (`bytes=-500`)."""
LAST: Final = _end(2)
"""The last one; NULL for the end of an open range, too (`bytes=100-`)."""


def whole_of_range(text: str) -> str:
    """The object's size, of a range that was served: `bytes 0-1/200` has 200."""
    return whole_number(f"string_split({text}, '/')[2]")


def json_rows(fields: Mapping[str, Sequence[str]]) -> str:
    """The relation of lines with a column for each of `fields`: the first of its JSON paths that is there, as text. Each line is parsed
    once; what is no JSON gives NULL in all of them.
    """
    paths = [path for those in fields.values() for path in those]
    places = {path: f"found[{number}]" for number, path in enumerate(paths, 1)}
    named = ", ".join(
        f'COALESCE({", ".join(places[path] for path in those)}) AS "{name}"' if len(those) > 1 else f'{places[those[0]]} AS "{name}"'
        for name, those in fields.items()
    )
    listed = ", ".join(f"'{path}'" for path in paths)
    found = f"SELECT source, number, line, TRY(json_extract_string(line, [{listed}])) AS found FROM lines WHERE {WRITTEN}"
    return f"(SELECT source, number, line, {named} FROM ({found}))"


def select_json(fields: Mapping[str, Sequence[str]], *, readable: str = "TRUE", **other: str) -> str:
    """The SELECT of a form whose lines are JSON. `fields` are the paths of `moment`, `address`, `app`, `verb`, `uri`, `answer` and `body`, of
    `part` where it tells a range and of `land` where it tells a country; `other` are columns that are not simply these, as SQL.
    """
    rows, ranges = json_rows(fields), "part" in fields
    known = {
        "at": any_time("moment"),
        "ip": told("address"),
        "agent": told("app"),
        "method": "verb" if "verb" in fields else "'GET'",
        "path": path_of("uri"),
        "status": "TRY_CAST(answer AS INTEGER)",
        "sent": whole_number("body"),
        **({"first": FIRST, "last": LAST, "whole": whole_of_range("part")} if ranges else {}),
        **({"country": told("land")} if "land" in fields else {}),
        **other,
    }
    return select(known, with_range(rows, "part") if ranges else rows, readable=readable)


def select(columns: Mapping[str, str], rows: str, *, readable: str = "TRUE") -> str:
    """The SELECT of a form: `columns` as SQL over the relation `rows`; those that are not named are NULL.

    A line is read when its moment, its address and its status are there, its moment is of this age, and `readable` holds; else `at` is
    NULL. A range stands for what was sent only with 206.
    """
    said = {**dict.fromkeys(REQUESTS, "NULL"), "source": "source", "number": "number", "line_id": "md5(line)", **columns}
    named = ", ".join(f'CAST({said[name]} AS {kind}) AS "{name}"' for name, kind in REQUESTS.items())
    age = "\"at\" >= TIMESTAMP '2000-01-01 00:00:00' AND \"at\" < TIMESTAMP '2100-01-01 00:00:00'"
    kept = {
        "at": f'CASE WHEN {age} AND "ip" <> \'\' AND "status" BETWEEN 0 AND 999 AND readable THEN "at" END',
        "ip": f'substr("ip", 1, {LONGEST_ADDRESS})',
        "agent": f"COALESCE(substr(\"agent\", 1, {LONGEST_AGENT}), '')",
        "method": 'substr("method", 1, 32)',
        "path": f'CASE WHEN length("path") <= {LONGEST_PATH} THEN "path" END',
        "sent": 'CASE WHEN "sent" > 0 THEN "sent" ELSE 0 END',
        "first": 'CASE WHEN "status" = 206 THEN "first" END',
        "last": 'CASE WHEN "status" = 206 THEN "last" END',
    }
    outer = ", ".join(f'{kept[name]} AS "{name}"' if name in kept else f'"{name}"' for name in REQUESTS)
    return f"SELECT {outer} FROM (SELECT {named}, ({readable}) AS readable FROM {rows})"
