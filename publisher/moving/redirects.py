"""Redirects from old addresses to new ones, in the words of what answers at the old ones."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from publisher.core import layout
from publisher.core.addresses import outside, path_below
from publisher.core.errors import UsageError
from publisher.core.media_types import content_type
from publisher.incremental_build.artifacts import SHORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from publisher.load.config_tables import Config

_SAFE = "/%!&()+,;=~-._@"
"""What stays in a path or a query: nothing that ends a text, or begins a variable or a placeholder, in any of the forms below."""
FUNCTION_BYTES = 10_240
"""A CloudFront function may be that long (Amazon's quotas)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """`host` and `path` (with its query) lead to `target`; all three hold nothing that any form would read as its own."""

    host: str
    path: str
    target: str


def redirects_of(pairs: Iterable[tuple[str, str]]) -> tuple[list[Redirect], list[str]]:
    """A redirect for each (old, new) address, and the old addresses that get none: a host's front page, one that several lead from,
    one that is its own target, and what is no address.
    """
    found: dict[tuple[str, str], Redirect] = {}
    left: dict[str, None] = {}
    twice: set[tuple[str, str]] = set()
    for old, new in pairs:
        made = _redirect(old, new)
        if made is None:
            left[old] = None
            continue
        place = (made.host, made.path)
        if place in found and found[place].target != made.target:
            twice.add(place)
            left[old] = None
        found.setdefault(place, made)
    return [item for place, item in found.items() if place not in twice], list(left)


def _redirect(old: str, new: str) -> Redirect | None:
    host, target = _host(old), _plain(new)
    path = _plain_path(old) if host else "/"
    if not target or path == "/" or (host, path) == (_host(new), _plain_path(new)):
        return None
    return Redirect(host=host, path=path, target=target)


def _host(address: str) -> str:
    """The host as requests name it; "" for what is no address of the web."""
    try:
        parts = urlsplit(outside(address))
        host, port = parts.hostname or "", parts.port
        plain = host.encode("idna").decode("ascii") if not host.isascii() else host
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme.lower() not in {"http", "https"} or any(not (mark.isalnum() or mark in ".-") for mark in plain):
        return ""
    return f"{plain}:{port}" if port else plain


def _plain_path(address: str) -> str:
    parts = urlsplit(address)
    path = quote(parts.path or "/", safe=_SAFE)
    return f"{path}?{quote(parts.query, safe=_SAFE)}" if parts.query else path


def _plain(address: str) -> str:
    host = _host(address)
    return f"{urlsplit(address).scheme.lower()}://{host}{_plain_path(address)}" if host else ""


def _both(redirect: Redirect) -> list[str]:
    """The path with and without a slash at its end, as people write it."""
    path = redirect.path
    if "?" in path or "." in path.rpartition("/")[2]:
        return [path]
    return [path.rstrip("/"), path.rstrip("/") + "/"]


def as_redirects_file(redirects: Sequence[Redirect]) -> str:
    """`_redirects`, as Netlify, Cloudflare Pages and others read it: one file for each host, its lines in order."""
    lines = []
    for host in dict.fromkeys(item.host for item in redirects):
        lines.append(f"# _redirects at {host}")
        for item in redirects:
            if item.host != host:
                continue
            path, question, query = item.path.partition("?")
            if question:
                lines.append(
                    f"# Netlify alone can tell addresses apart by what follows the question mark:\n{path} {_spaced(query)} {item.target} 301"
                )
            else:
                lines.append(f"{path} {item.target} 301")
    return "\n".join(lines) + "\n"


def _spaced(query: str) -> str:
    return " ".join(part if "=" in part else f"{part}=" for part in query.split("&"))


def as_nginx(redirects: Sequence[Redirect]) -> str:
    """A map for `http { }`, and what goes into each `server { }`."""
    rows = "".join(f'    "{item.host}{path}" "{item.target}";\n' for item in redirects for path in _both(item))
    return f"""\
# nginx, into http {{ }}
map_hash_bucket_size 512;
map "$http_host$request_uri" $moved_to {{
{rows}}}

# nginx, into the server {{ }} of {_hosts(redirects)}
if ($moved_to) {{ return 301 $moved_to; }}
"""


def as_cloudfront(redirects: Sequence[Redirect]) -> str:
    """A CloudFront function for viewer requests."""
    return f"""\
// CloudFront function (cloudfront-js-2.0), on viewer request, for {_hosts(redirects)}. A function holds {FUNCTION_BYTES:,} bytes: of more
// redirects, put the table into a key value store.
var moved = {_table(redirects)};
function handler(event) {{
  var request = event.request;
  var query = Object.keys(request.querystring).map(function (name) {{
    return name + "=" + request.querystring[name].value;
  }}).join("&");
  var key = (request.headers.host ? request.headers.host.value : "") + request.uri;
  var target = moved[key + (query ? "?" + query : "")] || moved[key] || moved[key.replace(/\\/$/, "")] || moved[key + "/"];
  if (!target) return request;
  return {{ statusCode: 301, statusDescription: "Moved Permanently", headers: {{ location: {{ value: target }} }} }};
}}
"""


def as_worker(redirects: Sequence[Redirect]) -> str:
    """A Worker of Cloudflare's."""
    return f"""\
// Cloudflare Worker, on the routes of {_hosts(redirects)}
const moved = {_table(redirects)};
export default {{
  async fetch(request) {{
    const url = new URL(request.url);
    const key = url.host + url.pathname;
    const target = moved[key + url.search] || moved[key] || moved[key.replace(/\\/$/, "")] || moved[key + "/"];
    return target ? Response.redirect(target, 301) : fetch(request);
  }},
}};
"""


def as_fastly(redirects: Sequence[Redirect]) -> str:
    """A table and two snippets of VCL."""
    rows = "".join(f'  {{"{item.host}{path}"}}: {{"{item.target}"}},\n' for item in redirects for path in _both(item))
    return f"""\
# Fastly, VCL snippet of type init
table moved {{
{rows}}}

# vcl_recv
if (table.contains(moved, req.http.host req.url)) {{
  error 801 table.lookup(moved, req.http.host req.url);
}}

# vcl_error
if (obj.status == 801) {{
  set obj.http.Location = obj.response;
  set obj.status = 301;
  set obj.response = "Moved Permanently";
  return(deliver);
}}
"""


def _hosts(redirects: Sequence[Redirect]) -> str:
    return ", ".join(dict.fromkeys(item.host for item in redirects))


def _table(redirects: Sequence[Redirect]) -> str:
    return json.dumps({f"{item.host}{item.path}": item.target for item in redirects}, indent=2)


def as_s3(redirects: Sequence[Redirect], config: Config) -> str:
    """Redirects that lie in the bucket itself, a command for each object: it keeps its bytes and gets the redirect.

    Raises UsageError where the show lies in no bucket.
    """
    if not config.storage.is_bucket:
        raise UsageError(
            "this show lies in a folder, not in a bucket", hint="`publish move --print nginx` is for a server over it", code="move-nothing"
        )
    bucket, _, prefix = config.storage.url.partition("://")[2].partition("/")
    endpoint = f" --endpoint-url {shlex.quote(config.storage.endpoint)}" if config.storage.endpoint else ""
    lines = [
        "# Only the website endpoint of a bucket of Amazon's answers these as redirects (bucket.s3-website-region.amazonaws.com), with",
        "# CloudFront before it for https; everywhere else --print cloudfront, worker, fastly or nginx is the way. Every file keeps its bytes.",
        "# https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html",
    ]
    for item in redirects:
        key = path_below(f"https://{item.host}{item.path}", config.site.url)
        if key is None:
            continue
        name = f"{prefix.strip('/')}/{key or layout.HOME}".lstrip("/")
        lines.append(
            f"aws s3api copy-object{endpoint} --bucket {shlex.quote(bucket)} --copy-source {shlex.quote(f'{bucket}/{name}')} --key {shlex.quote(name)} "
            f"--metadata-directive REPLACE --content-type {shlex.quote(content_type(name))} --cache-control {shlex.quote(SHORT)} "
            f"--website-redirect-location {shlex.quote(item.target)}"
        )
    return "\n".join(lines) + "\n"


FORMS: Mapping[str, Callable[[Sequence[Redirect]], str]] = {
    "redirects": as_redirects_file,
    "nginx": as_nginx,
    "cloudfront": as_cloudfront,
    "worker": as_worker,
    "fastly": as_fastly,
}
