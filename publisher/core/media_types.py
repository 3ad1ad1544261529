"""The types the storage answers with: a fixed table, as the one of the operating system differs from machine to machine."""

from __future__ import annotations

from sys import intern
from typing import Final

TYPES: Final = {
    "mp3": "audio/mpeg",
    "m4a": "audio/x-m4a",
    "m4b": "audio/x-m4a",
    "mp4": "video/mp4",
    "m4v": "video/x-m4v",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "opus": "audio/ogg",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "json": "application/json",
    "rss": "application/rss+xml",
    "xml": "application/xml",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
    "ico": "image/x-icon",
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "txt": "text/plain",
    "md": "text/markdown",
    "wasm": "application/wasm",
    "woff2": "font/woff2",
    "webmanifest": "application/manifest+json",
    "pdf": "application/pdf",
    "gz": "application/gzip",
    "pagefind": "application/octet-stream",
    "pf_meta": "application/octet-stream",
    "pf_index": "application/octet-stream",
    "pf_filter": "application/octet-stream",
    "pf_fragment": "application/octet-stream",
}
"""MIME type by extension, as it stands in a feed's `type` attributes."""

CHAPTERS: Final = "application/json+chapters"
UNKNOWN: Final = "application/octet-stream"
_ALSO_TEXT: Final = frozenset(("application/rss+xml", "application/xml", "application/x-subrip", "image/svg+xml"))


def mime_type(key: str) -> str:
    """The type of the file stored under `key`, without parameters: what a feed's `type` attribute says.

    `chapters.json` and `chapters-<hash>.json` are Podcasting 2.0 chapters; every `.xml` whose name starts with `feed` is one.
    """
    name = key.rpartition("/")[2].lower()
    stem, _, extension = name.rpartition(".")
    if extension == "json" and (stem == "chapters" or stem.startswith("chapters-")):
        return CHAPTERS
    if extension == "xml" and stem.startswith("feed"):
        return TYPES["rss"]
    return TYPES.get(extension, UNKNOWN) if stem else UNKNOWN


def content_type(key: str) -> str:
    """The `Content-Type` to upload `key` with: `mime_type`, and the character set where it is text."""
    kind = mime_type(key)
    return intern(f"{kind}; charset=utf-8") if kind.startswith("text/") or kind in _ALSO_TEXT else kind
