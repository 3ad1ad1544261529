"""Cloudflare's two logs: Logpush of `http_requests` (JSON lines), and R2's data access logs (JSON).

Sources: developers.cloudflare.com, “HTTP requests” (Logpush's fields; `RequestHeaders` and `ResponseHeaders` hold what custom fields name;
`ParentRayID` is set when a Worker asked) and “Data Access Logs” of R2 (`response.bytes` is Content-Length; below 400 alone; best effort; a
Worker's requests have no address; seven days). Events of R2 come through Workers Observability, where they lie below `source`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from publisher.stats.forms import columns
from publisher.stats.forms.form import Form

if TYPE_CHECKING:
    from collections.abc import Sequence


def tells_logpush(first_lines: Sequence[str]) -> bool:
    """Whether the lines are JSON with the fields of `http_requests`."""
    return any(line.startswith("{") and '"ClientRequest' in line and '"Edge' in line for line in first_lines)


def tells_r2(first_lines: Sequence[str]) -> bool:
    """Whether the lines are events of R2."""
    return any(line.startswith("{") and '"action"' in line and "requestMetadata" in line for line in first_lines)


def _logpush_sql() -> str:
    served, asked = ("content-range", "Content-Range"), ("range", "Range")
    fields = {
        "moment": ("$.EdgeStartTimestamp", "$.EdgeEndTimestamp"),
        "address": ("$.ClientIP",),
        "app": ("$.ClientRequestUserAgent",),
        "verb": ("$.ClientRequestMethod",),
        "uri": ("$.ClientRequestURI", "$.ClientRequestPath"),
        "answer": ("$.EdgeResponseStatus",),
        "body": ("$.EdgeResponseBodyBytes", "$.EdgeResponseBytes"),
        "parent": ("$.ParentRayID",),
        "land": ("$.ClientCountry",),
        "part": (*(f'$.ResponseHeaders."{name}"' for name in served), *(f'$.RequestHeaders."{name}"' for name in asked)),
    }
    # what a Worker asks on a listener's behalf stands beside the listener's own request
    method = "CASE WHEN COALESCE(parent, '') IN ('', '00') THEN verb ELSE 'WORKER' END"
    return columns.select_json(fields, method=method, country=columns.told("upper(land)"))


def _r2_sql() -> str:
    def either(name: str) -> tuple[str, ...]:
        return f"$.{name}", f"$.source.{name}", f'$."{name}"', f'$.source."{name}"'

    fields = {
        "moment": ('$."$metadata".timestamp', "$.timestamp", '$."$metadata.timestamp"', "$.source.timestamp"),
        "operation": ("$.action", "$.source.action"),
        "face": ("$.interface", "$.source.interface"),
        "verb": either("request.method"),
        "uri": either("request.uri"),
        "object": either("resource.key"),
        "size": either("resource.size"),
        "answer": either("response.status"),
        "body": either("response.bytes"),
        "address": either("requestMetadata.ip"),
        "app": either("requestMetadata.userAgent"),
    }
    asked = "(COALESCE(face, 'Public') IN ('Public', 'S3') AND operation IN ('GetObject', 'HeadObject'))"
    return columns.select_json(
        fields,
        readable="operation IS NOT NULL",
        ip=f"CASE WHEN {asked} THEN {columns.told('address')} ELSE 'none' END",
        method=f"CASE WHEN {asked} THEN COALESCE(verb, CASE WHEN operation = 'GetObject' THEN 'GET' ELSE 'HEAD' END) ELSE 'NONE' END",
        path=f"COALESCE({columns.path_of('uri')}, concat('/', object))",
        status=f"CASE WHEN {asked} THEN TRY_CAST(answer AS INTEGER) ELSE 0 END",
        whole=f"NULLIF({columns.whole_number('size')}, 0)",
    )


LOGPUSH: Final = Form(
    name="logpush",
    words="Cloudflare, Logpush of HTTP requests",
    tells=tells_logpush,
    sql=_logpush_sql(),
    side="network",
    limits=(
        "Cloudflare tells which part of a recording was sent only where Logpush has the answer's header content-range as a custom field",
    ),
)
R2: Final = Form(
    name="r2",
    words="R2, data access logs",
    tells=tells_r2,
    sql=_r2_sql(),
    side="bucket",
    limits=(
        "R2 logs what it meant to send, not what was sent: a download that was broken off looks whole",
        "R2 does not log which part of a recording was asked for: parts add up by their bytes, the same bytes twice as well",
        "R2 logs as best it can and may leave requests out, keeps them for seven days, and has nothing of what a cache before it answered",
        "R2 does not tell the address and the app of a request that a Worker made",
    ),
)
