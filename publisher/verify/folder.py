"""A show in a folder, which has no server: its files are read and held against the feed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding, Severity
from feed.reader import FeedDocument, Node, read_feed
from publisher.core.addresses import files_behind, path_below
from publisher.core.media_types import mime_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


_ALIKE = ({"audio/x-m4a", "audio/mp4", "audio/m4a"}, {"application/json", "application/json+chapters"})


def verify_folder(folder: Path, site_url: str, feed_file: str, *, missing: Callable[[str], None] = lambda _address: None) -> list[Finding]:
    """What listeners would miss if `folder` were served at `site_url`: files the feed names, their lengths and types, pages.

    Addresses elsewhere are not looked at; those behind a measurement prefix are found by the site's address inside them.
    Findings carry the place in the feed; `missing` hears of each address behind which there is nothing.
    """
    try:
        document = read_feed((folder / feed_file).read_bytes(), mended=False)
    except OSError as error:
        message = f"the feed cannot be read: {feed_file}: {error.strerror or error}"
        missing(f"{site_url.rstrip('/')}/{feed_file}")
        hint = "`publish` writes it, `publish --repair` puts it back"
        return [Finding(code="H001", severity=Severity.ERROR, message=message, file=feed_file, hint=hint)]
    except ContentFault as fault:
        return [fault.finding(feed_file)]
    findings: list[Finding] = []

    def note(code: str, message: str, node: Node, hint: str = "") -> None:
        findings.append(Finding(code=code, severity=Severity.ERROR, message=message, file=feed_file, line=node.line, hint=hint))

    find = _finder(folder)
    for node, address, kind in _named(document):
        path = path_below(address, site_url)
        if path is None:
            continue
        found = find(path)
        if found is None:
            missing(address)
            note("H018", f"the feed names a file that is not there: {path or '/'}", node, "`publish --repair` puts it back")
            continue
        if node.name == "enclosure":
            size = found.stat().st_size
            if node.get("length") != str(size):
                note("H004", f"{path} has {size} bytes, the feed says {node.get('length') or 'nothing'}", node)
        served = mime_type(found.name)
        if kind and served != kind and not any({served, kind} <= types for types in _ALIKE):
            code = "H004" if node.name == "enclosure" else "H010"
            note(code, f"{path} will be served as {served}, the feed says {kind}", node)
    return findings


def _named(document: FeedDocument) -> Iterator[tuple[Node, str, str]]:
    """Each element that names a file, its address, and the type the feed gives it ("" where it gives none)."""
    seen: set[tuple[str, str]] = set()
    for parent in (document.channel, *document.items):
        for name, attribute in (
            ("enclosure", "url"),
            ("podcast:transcript", "url"),
            ("podcast:chapters", "url"),
            ("itunes:image", "href"),
            ("link", ""),
        ):
            for node in parent.all(name):
                address = node.get(attribute) if attribute else node.text.strip()
                if (name, address) not in seen:
                    seen.add((name, address))
                    yield node, address, node.get("type")


def _finder(folder: Path) -> Callable[[str], Path | None]:
    """What finds the file a server would answer a path with: itself, an index document, or the page of a pretty address; no link
    leads out of the folder. Where a folder leads is asked once: thousands of files lie in few of them.
    """
    root = folder.resolve()

    @cache
    def inside(name: str) -> Path | None:
        place = (root / name).resolve()
        return place if place.is_relative_to(root) else None

    def find(path: str) -> Path | None:
        try:
            for name in files_behind(path):
                above, _, last = name.rpartition("/")
                home = inside(above)
                found = home / last if home is not None else None
                if found is not None and (last == ".." or found.is_symlink()):
                    found = inside(name)
                if found is not None and found.is_file():
                    return found
        except (OSError, ValueError):
            return None
        return None

    return find
