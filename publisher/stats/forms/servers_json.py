"""Logs in JSON of what one sets up oneself: Caddy's access log, and Fastly's in the format that we print.

Sources: caddyserver.com, “How Logging Works” and `log` (`ts` in the forms of `time_format`, `request.client_ip`, `request.headers`, `size` is
the body's); Fastly's documentation, “Custom log formats” (version 2) and the VCL variables (`resp.body_bytes_written`, `json.escape`,
`fastly.ff.visits_this_service`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from publisher.stats.forms import columns
from publisher.stats.forms.form import Form

if TYPE_CHECKING:
    from collections.abc import Sequence


def tells_caddy(first_lines: Sequence[str]) -> bool:
    """Whether the lines are JSON of Caddy's access log."""
    return any(line.startswith("{") and '"request"' in line and '"uri"' in line and '"remote_ip"' in line for line in first_lines)


def tells_fastly(first_lines: Sequence[str]) -> bool:
    """Whether the lines are JSON in the format that we print, or in Fastly's own example of one."""
    ours, example = ('"ip"', '"agent"', '"bytes"', '"url"', '"time"'), ('"client_ip"', '"response_body_size"', '"request_user_agent"')
    return any(
        line.lstrip().startswith("{") and any(all(name in line for name in names) for names in (ours, example)) for line in first_lines
    )


def _caddy_sql() -> str:
    fields = {
        "moment": ("$.ts",),
        "speaker": ("$.logger",),
        "address": ("$.request.client_ip", "$.request.remote_ip"),
        "app": ('$.request.headers."User-Agent"[0]',),
        "verb": ("$.request.method",),
        "uri": ("$.request.uri",),
        "answer": ("$.status",),
        "body": ("$.size",),
        "part": ('$.resp_headers."Content-Range"[0]', "$.request.headers.Range[0]"),
    }
    other = "COALESCE(speaker, 'http.log.access') NOT LIKE 'http.log.access%'"  # what the server says of itself
    return columns.select_json(
        fields,
        ip=f"CASE WHEN {other} THEN 'none' ELSE address END",
        method=f"CASE WHEN {other} THEN speaker ELSE verb END",
        status=f"CASE WHEN {other} THEN 0 ELSE TRY_CAST(answer AS INTEGER) END",
    )


def _fastly_sql() -> str:
    fields = {
        "moment": ("$.time", "$.timestamp"),
        "address": ("$.ip", "$.client_ip"),
        "app": ("$.agent", "$.request_user_agent"),
        "verb": ("$.method", "$.request_method"),
        "uri": ("$.url",),
        "answer": ("$.status", "$.response_status"),
        "body": ("$.bytes", "$.response_body_size"),
        "part": ("$.range", "$.request_range"),
        "edge": ("$.edge", "$.fastly_is_edge"),
        "land": ("$.country", "$.geo_country_code"),
    }
    # with shielding, one machine of Fastly's asks another: the listener's request stands at the edge
    return columns.select_json(fields, method="CASE WHEN edge = 'false' THEN 'SHIELD' ELSE verb END")


CADDY: Final = Form(name="caddy", words="Caddy", tells=tells_caddy, sql=_caddy_sql(), side="server")
FASTLY: Final = Form(
    name="fastly", words="Fastly, in the format that is printed for it", tells=tells_fastly, sql=_fastly_sql(), side="network"
)
