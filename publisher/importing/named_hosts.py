"""Which addresses in what a show publishes still name a host: a show that was moved leans on the old one no more when there are none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from publisher.core.media_types import mime_type

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_ADDRESS = re.compile(r"(?:https?:)?//[^\s\"'<>\\^`{|}]+|https?%3A%2F%2F[^\s\"'<>\\^`{|}&;]+", re.IGNORECASE)
_IDENTITY = re.compile(r"<guid\b[^>]*>[^<]*</guid>|\bxml:base=\"[^\"]*\"|\"guid\":\s*\"[^\"]*\"|name=\"guid\" value=\"[^\"]*\"")
"""A guid may look like an address, and what it is completed by is one: names for ever, and nobody opens them."""
_BINARY = ("audio/", "video/", "image/", "font/", "application/octet-stream", "application/gzip", "application/wasm")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAddress:
    """An address that names the host, and the file of the site that holds it, by its place there."""

    file: str
    address: str


def addresses_naming(hosts: Collection[str], files: Iterable[tuple[str, bytes]]) -> tuple[NamedAddress, ...]:
    """The addresses in feed, pages and documents that name one of `hosts` or a host below it, sorted, each once a file.

    `files` are (key, bytes) of what is published: artifacts of a rendering, or a built folder's files by their place in it.
    Recordings and pictures are passed over. An address counts where the host is that of a detour, too: a measurement service's
    prefix, a parameter. Guids and words that name a host without being an address do not count.
    """
    wanted = [re.compile(rf"(?<![\w-]){re.escape(host.lower())}(?![\w-]|\.\w)") for host in hosts if host]
    found = {
        NamedAddress(file=file, address=address)
        for file, body in files
        if wanted and not mime_type(file).startswith(_BINARY)
        for address in _addresses(body.decode("utf-8", "replace"))
        if any(host.search(unquote(address).lower()) for host in wanted)
    }
    return tuple(sorted(found, key=lambda item: (item.file, item.address)))


def _addresses(text: str) -> Iterable[str]:
    plain = _IDENTITY.sub("", text.replace("\\/", "/"))
    for match in _ADDRESS.finditer(plain):
        yield unescape(match[0]).rstrip(".,;:!?)]")
