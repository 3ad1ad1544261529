"""`publish preview`: a built folder served as the storage would, on this machine only, with pages that reload by themselves.

Unlike the storage it sends no CORS headers and no caching: drafts are shown here, and no other site may read them.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import json
import re
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from publisher.core.addresses import PAGE
from publisher.core.errors import AirdateError
from publisher.core.layout import HOME, NOT_FOUND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import Receive, Scope, Send

    from publisher.preview.served_files import Sources

REWRITTEN = (
    "text/html",
    "application/xml",
    "text/xml",
    "application/rss+xml",
    "application/atom+xml",
    "application/json",
    "application/manifest+json",
)
"""Types in which the site's address becomes the preview's. Types ending in +json and +xml are rewritten too."""
LARGEST_TEXT = 64 * 1024 * 1024
"""Bytes; a larger text is sent as it is."""
BLOCK = 256 * 1024
"""Bytes read from a recording at a time."""

RELOAD_SCRIPT = """\
"use strict";
(() => {
  const events = new EventSource("/__preview__/events");
  let seen = null;
  let banner = null;
  const show = (text) => {
    if (banner === null) {
      banner = document.createElement("div");
      banner.setAttribute("role", "alert");
      banner.id = "preview-banner";
      Object.assign(banner.style, {
        position: "fixed", inset: "0 0 auto 0", zIndex: "2147483647", maxHeight: "50vh", overflow: "auto", padding: "12px 16px",
        background: "#8c1d18", color: "#fff", font: "14px/1.5 ui-monospace, monospace", whiteSpace: "pre-wrap",
      });
      document.body.append(banner);
    }
    banner.textContent = text;
  };
  events.addEventListener("state", (event) => {
    const state = JSON.parse(event.data);
    if (state.error) {
      show("The last change could not be built; this is the page as it was.\\n\\n" + state.error);
    } else if (banner !== null) {
      banner.remove();
      banner = null;
    }
    if (seen !== null && state.generation !== seen) location.reload();
    seen = state.generation;
  });
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
"""


@dataclass(slots=True)
class BuildStatus:
    """How far the pages are: `generation` counts good builds, `error` says why the last one failed ("" when it did not)."""

    generation: int = 0
    error: str = ""
    closing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which bytes of `size` to send: `start` <= at < `end`; `partial` when that is an answer to Range."""

    start: int
    end: int
    size: int
    partial: bool = False


def read_range(header: str | None, size: int) -> Span | None:
    """The bytes that a Range header asks for; None when it asks for nothing there is (416).

    Several ranges, other units and what cannot be read are answered with the whole, as object storage does (RFC 9110, 14.2).
    """
    whole = Span(start=0, end=size, size=size)
    match = re.fullmatch(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", header or "", re.IGNORECASE)
    if match is None or not (match[1] or match[2]):
        return whole
    if not match[1]:
        length = min(int(match[2]), size)
        return Span(start=size - length, end=size, size=size, partial=True) if length else None
    start, last = int(match[1]), int(match[2]) if match[2] else size - 1
    if match[2] and last < start:
        return whole
    return Span(start=start, end=min(last + 1, size), size=size, partial=True) if start < size else None


def rewrite_address(body: bytes, site_url: str, own_url: str) -> bytes:
    """`body` with the site's address replaced by the preview's; a longer host name that merely begins alike is left alone."""
    plain = site_url.rstrip("/")
    for old, new in ((plain, own_url), (plain.replace("/", r"\/"), own_url.replace("/", r"\/"))):
        body = re.sub(re.escape(old.encode()) + rb"(?![\w-]|[.:]\w)", new.encode().replace(b"\\", rb"\\"), body)
    return body


def add_reload(page: bytes) -> bytes:
    """The page with the reload script, and a content security policy that lets it run and listen."""
    page = re.sub(rb"<meta\b[^>]{0,10000}>", lambda tag: _loosen_policy(tag[0]), page, flags=re.IGNORECASE)
    script = b'<script src="/__preview__/reload.js" defer></script>'
    head = re.search(rb"</head\s{0,100}>", page, re.IGNORECASE)
    at = head.start() if head else len(page)
    return page[:at] + script + page[at:]


def _loosen_policy(tag: bytes) -> bytes:
    """A CSP `<meta>` that also permits scripts and connections of the page's own origin; any other `<meta>` as it was."""
    text = tag.decode("utf-8", "surrogateescape")
    content = re.search(r"""\bcontent\s{0,100}=\s{0,100}("[^"]*"|'[^']*')""", text, re.IGNORECASE)
    if content is None or not re.search(r"""http-equiv\s{0,100}=\s{0,100}["']?content-security-policy\b""", text, re.IGNORECASE):
        return tag
    directives: dict[str, list[str]] = {}
    for directive in html.unescape(content[1][1:-1]).split(";"):
        name, *sources = directive.split() or [""]
        if name and name.lower() != "upgrade-insecure-requests":  # the preview has no TLS
            directives.setdefault(name.lower(), sources)
    for name in ("script-src", "script-src-elem", "connect-src"):
        inherited = directives.get(name, None if name == "script-src-elem" else directives.get("default-src"))
        if inherited is not None:  # what a policy does not speak of, it permits
            directives[name] = ["'self'", *(source for source in inherited if source.lower() not in {"'none'", "'self'"})]
    policy = "; ".join(" ".join([name, *sources]) for name, sources in directives.items())
    return (text[: content.start(1)] + '"' + html.escape(policy, quote=True) + '"' + text[content.end(1) :]).encode(
        "utf-8", "surrogateescape"
    )


def own_url(host: str) -> str | None:
    """`http://` and the Host header, None when that Host is not this machine.

    A page of another site may point its own name at 127.0.0.1 (DNS rebinding); it then sends that name, and is refused.
    """
    match = re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", host, re.IGNORECASE)
    return f"http://{host.lower()}" if match else None


@dataclass(kw_only=True)
class Preview:
    """The ASGI application: one folder, read anew on every request, and the recordings that `sources` knows."""

    folder: Path
    site_url: str
    sources: Sources
    pretty_urls: bool = False
    build: BuildStatus = field(default_factory=BuildStatus)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        own = own_url(request.headers.get("host", ""))
        if own is None:
            answer = Response("This preview answers only to 127.0.0.1 and localhost.\n", 421, media_type="text/plain")
        elif request.method not in {"GET", "HEAD"}:
            answer = Response("A preview is only read.\n", 405, {"allow": "GET, HEAD"}, "text/plain")
        else:
            answer = await self._answer(request, own)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, own: str) -> Response:
        path: str = request.scope["path"]  # percent signs are decoded already
        if path == "/__preview__/reload.js":
            return Response(RELOAD_SCRIPT, media_type="text/javascript; charset=utf-8", headers={"cache-control": "no-cache"})
        if path == "/__preview__/events":
            return StreamingResponse(self._events(), media_type="text/event-stream", headers={"cache-control": "no-store"})
        file = self._find(path)
        if isinstance(file, str):
            return RedirectResponse(file, 307)
        if file is not None:
            return self._send(request, file, own, self._type_of(file))
        key = path.lstrip("/")
        try:
            recording = await asyncio.to_thread(self.sources.recording, key)
        except AirdateError as error:
            return Response(f"{explain(error)}\n", 502, media_type="text/plain")
        if recording is not None:
            return self._send(request, recording, own, self.sources.content_type(key))
        return self._missing(request, own)

    def _missing(self, request: Request, own: str) -> Response:
        """What stands for a file that is not there; before the first good build, a page that waits for it."""
        if self.build.error and not self.build.generation:
            page = add_reload(b'<!doctype html><html lang="en"><head><title>Preview</title></head><body></body></html>')
            return Response(page, 503, {"cache-control": "no-store"}, "text/html")
        missing = self._find(f"/{NOT_FOUND}")
        if isinstance(missing, Path):
            return self._send(request, missing, own, self._type_of(missing), status=404)
        return Response("There is no such file.\n", 404, media_type="text/plain")

    def _type_of(self, file: Path) -> str:
        return self.sources.content_type(file.relative_to(self.folder.resolve()).as_posix())

    def _find(self, path: str) -> Path | str | None:
        """The file under a request's path, the path to go to instead, or None."""
        if "\0" in path or "\\" in path:
            return None
        key = path.lstrip("/")
        if path == "/" and not self.pretty_urls:
            return f"/{HOME}" if self._inside(HOME) else None
        if path.endswith("/"):
            found = self._inside(f"{key}{HOME}") if self.pretty_urls else None
        else:
            found = self._inside(key) or (self._inside(f"{key}{PAGE}") if self.pretty_urls else None)
        if found is not None:
            return found
        if self.pretty_urls and not path.endswith("/") and self._inside(f"{key}/{HOME}"):
            return f"/{key}/"
        below = urlsplit(self.site_url).path.rstrip("/")  # the 404 page writes paths from the server's root
        return f"/{path[len(below) :].lstrip('/')}" if below and path.startswith(f"{below}/") else None

    def _inside(self, name: str) -> Path | None:
        """The file of that name, never one outside the folder, also not by a symbolic link."""
        try:
            root = self.folder.resolve()
            file = (root / name).resolve()
            return file if file.is_file() and file.is_relative_to(root) else None
        except (OSError, ValueError, RuntimeError):
            return None

    def _send(self, request: Request, file: Path, own: str, content_type: str, *, status: int = 200) -> Response:
        kind = content_type.partition(";")[0].strip()
        try:
            facts = file.stat()
            body: bytes | None = None
            if facts.st_size <= LARGEST_TEXT and (kind in REWRITTEN or kind.endswith(("+json", "+xml", "+chapters"))):
                body = rewrite_address(file.read_bytes(), self.site_url, own)
                body = add_reload(body) if kind == "text/html" else body
        except OSError:  # gone between look and read: a rebuild is under way
            return Response("This file is just being written.\n", 503, {"retry-after": "1"}, "text/plain")
        size = facts.st_size if body is None else len(body)
        etag = f'"{facts.st_mtime_ns:x}-{size:x}"' if body is None else f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {
            "etag": etag,
            "last-modified": formatdate(facts.st_mtime, usegmt=True),
            "accept-ranges": "bytes",
            "cache-control": "no-cache",
        }
        if status == 200 and _matches(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        wanted = request.headers.get("range") if request.method == "GET" and status == 200 else None
        if request.headers.get("if-range", etag) != etag:
            wanted = None
        span = read_range(wanted, size)
        if span is None:
            return Response(status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
        if span.partial:
            status, headers = 206, {**headers, "content-range": f"bytes {span.start}-{span.end - 1}/{size}"}
        headers |= {"content-type": content_type, "content-length": str(span.end - span.start)}
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        if body is not None:
            return Response(body[span.start : span.end], status, headers)
        return StreamingResponse(_blocks(file, span), status, headers)

    async def _events(self) -> AsyncIterator[str]:
        """A line of state at once and after every build, until the preview ends."""
        sent: tuple[int, str] | None = None
        while not self.build.closing:
            now = (self.build.generation, self.build.error)
            if now != sent:
                yield f"event: state\ndata: {json.dumps({'generation': now[0], 'error': now[1]})}\n\n"
                sent = now
            await asyncio.sleep(0.1)


def _matches(header: str | None, etag: str) -> bool:
    """Whether If-None-Match names this ETag (weak comparison, RFC 9110 13.1.2)."""
    return header is not None and (header.strip() == "*" or etag in {part.strip().removeprefix("W/") for part in header.split(",")})


def _blocks(file: Path, span: Span) -> Iterator[bytes]:
    with file.open("rb") as stream:
        stream.seek(span.start)
        left = span.end - span.start
        while left and (block := stream.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def explain(error: AirdateError) -> str:
    """An error as the terminal shows it, with the findings it carries."""
    lines = [f"error: {error.message}"]
    lines += [f"  {error.cause}"] if error.cause else []
    for finding in getattr(error, "findings", ()):
        lines.append(f"  {finding.place}: {finding.message}" + (f" ({finding.hint})" if finding.hint else ""))
    lines += [f"hint: {error.hint}"] if error.hint else []
    return "\n".join(lines)
