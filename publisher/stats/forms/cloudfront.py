"""CloudFront's standard logs as text (v1; v2 as W3C or plain text), as JSON lines and as Parquet (v2).

Sources: Amazon CloudFront Developer Guide, “Standard logging reference” (the fields: `sc-bytes` has the bytes of the headers in it,
`sc-range-start` and `sc-range-end` are those of the answer's Content-Range, up to 24 hours late), “Configure standard logging (v2)” (fields
and their order can be chosen). Columns of Parquet are named with `_`. Until 2020 agents were escaped twice.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from publisher.stats.forms import columns
from publisher.stats.forms.form import Form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIELDS: Final = (
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status", "cs(Referer)", "cs(User-Agent)",
    "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes", "time-taken",
    "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type", "cs-protocol-version", "fle-status",
    "fle-encrypted-fields", "c-port", "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len",
    "sc-range-start", "sc-range-end",
)  # fmt: skip
"""The fields of version 1 in their order."""

USED: Final = (
    "date", "time", "timestamp", "timestamp(ms)", "c-ip", "cs-method", "cs-uri-stem", "sc-status", "cs(User-Agent)", "sc-bytes",
    "sc-content-len", "sc-range-start", "sc-range-end", "c-country",
)  # fmt: skip

IIS: Final = {"s-port", "s-sitename", "s-computername", "cs-username", "sc-win32-status", "sc-substatus"}

HEADER: Final = "#Fields:"

LIMITS: Final = (
    "CloudFront delivers some lines up to 24 hours late: a day is closed after two",
    "CloudFront's bytes are those of the headers as well, some hundred a request",
)


def plain_name(name: str) -> str:
    """A field's name without what differs between text and Parquet: `cs(User-Agent)` and `cs_user_agent` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("referrer", "referer"))


def _select(known: Mapping[str, str], rows: str, readable: str = "TRUE") -> str:
    """The SELECT over a relation that has the fields of `known`, by their plain names, as SQL."""

    def field(name: str) -> str:
        return known.get(plain_name(name), "NULL")

    moments = [f"TRY_CAST(concat({field('date')}, ' ', {field('time')}) AS TIMESTAMP)"] if {"date", "time"} <= known.keys() else []
    moments += [columns.epoch_time(known[name]) for name in ("timestampms", "timestamp") if name in known]
    status, length = f"TRY_CAST({field('sc-status')} AS INTEGER)", columns.whole_number(field("sc-content-len"))
    sent = columns.whole_number(field("sc-bytes"))
    said = {
        "at": f"COALESCE({', '.join(moments)})" if moments else "NULL",
        "ip": columns.told(field("c-ip")),
        "agent": _agent(columns.decoded(columns.told(field("cs(User-Agent)")))),
        "method": field("cs-method"),
        "path": columns.path_of(field("cs-uri-stem")),
        "status": status,
        "sent": f"CASE WHEN {length} < {sent} THEN {length} ELSE {sent} END",
        "whole": f"CASE WHEN {status} = 200 THEN {length} END",
        "first": columns.whole_number(field("sc-range-start")),
        "last": columns.whole_number(field("sc-range-end")),
        "country": columns.told(field("c-country")),
    }
    return columns.select(said, rows, readable=readable)


def _agent(once: str) -> str:
    """An agent that was escaped twice has no blank when it is unescaped once; some apps escape their own name, and leave it so."""
    return f"CASE WHEN strpos({once}, ' ') > 0 THEN {once} ELSE {columns.decoded(once)} END"


def text_sql(fields: Sequence[str], mark: str = "\t") -> str:
    """The SELECT for text with these fields, divided by `mark`. Another header within a file makes an unread line of itself: what follows
    it would be taken for something else.
    """
    known = {plain_name(name): f"field[{number}]" for number, name in enumerate(fields, 1)}
    known = {name: place for name, place in known.items() if name in {plain_name(used) for used in USED}}
    header = f"{HEADER} {' '.join(fields)}".replace("'", "''")
    rows = (
        f"SELECT source, number, line, string_split(line, '{mark}') AS field FROM lines "
        f"WHERE {columns.WRITTEN} AND NOT (starts_with(line, '#') AND (NOT starts_with(line, '{HEADER}') OR trim(line) = '{header}'))"
    )
    return _select(known, f"({rows})", readable=f"field[{len(fields)}] IS NOT NULL")


def text_for(first_lines: Sequence[str]) -> Form:
    """The form for a file that begins so: with its own fields, in its own order, divided by what divides its first request."""
    header = next((line for line in first_lines if line.startswith(HEADER)), "")
    fields = tuple(header.removeprefix(HEADER).split()) or FIELDS
    fields = tuple(name for name in fields if re.fullmatch(r"[\w()-]{1,80}", name))
    request = next((line for line in first_lines if line.strip() and not line.startswith("#")), "")
    mark = next((mark for mark in ("\t", ",", "|", ";", " ") if request.count(mark) >= len(fields) - 1), "\t")
    return replace(CLOUDFRONT, sql=text_sql(fields, mark))


def tells(first_lines: Sequence[str]) -> bool:
    """Whether there is a header with CloudFront's fields (and none of IIS, which has such headers as well), or a line as version 1 writes it."""
    for line in first_lines:
        names = set(line.split())
        if line.startswith(HEADER) and {"cs-uri-stem", "c-ip", "sc-status"} <= names and not names & IIS:
            return True
    return any(re.match(r"\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d\t[A-Z]{3}\d", line) for line in first_lines)


def tells_json(first_lines: Sequence[str]) -> bool:
    """Whether the lines are JSON with CloudFront's fields, or were Parquet with its columns."""
    return any(line.startswith("{") and re.search('"cs[-_]uri[-_]stem"', line) and re.search('"c[-_]ip"', line) for line in first_lines)


def _json_sql() -> str:
    """JSON lines, and rows of Parquet, whose columns have plainer names."""

    def paths(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((f'$."{name}"', f'$."{re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")}"')))

    rows = columns.json_rows({plain_name(name): paths(name) for name in USED})
    return _select({plain_name(name): f"{plain_name(name)}" for name in USED}, rows)


CLOUDFRONT: Final = Form(
    name="cloudfront",
    words="CloudFront, standard logs as text",
    tells=tells,
    sql=text_sql(FIELDS),
    fitted=text_for,
    side="network",
    limits=LIMITS,
)
CLOUDFRONT_JSON: Final = Form(
    name="cloudfront-json",
    words="CloudFront, standard logs as JSON or Parquet",
    tells=tells_json,
    sql=_json_sql(),
    side="network",
    limits=LIMITS,
)
