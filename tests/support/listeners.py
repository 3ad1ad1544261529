"""Listeners: what feed and pages name must be there, at every moment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Mapping

SITE = "https://small.example/"
NAMED = re.compile(rb'(?:href|src)="([^"#?&]+)|https://small\.example/([^"<>\s#?&]*)')


def complaints(objects: Mapping[str, bytes]) -> list[str]:
    """What a reader who begins at feed, home, archive and sitemap cannot find, and recordings whose length is not the feed's."""
    found: list[str] = []
    if "feed.xml" in objects:
        for item in etree.fromstring(objects["feed.xml"]).iter("enclosure"):
            key = item.get("url").removeprefix(SITE)
            if key not in objects:
                found.append(f"feed.xml names {key}")
            elif len(objects[key]) != int(item.get("length")):
                found.append(f"feed.xml has another length for {key}")
    seen: set[str] = set()
    waiting = [key for key in ("feed.xml", "index.html", "sitemap.xml", "archive/1.html") if key in objects]
    while waiting:
        key = waiting.pop()
        if key in seen or not key.endswith((".html", ".xml")):
            continue
        seen.add(key)
        for relative, absolute in NAMED.findall(objects[key]):
            address = urljoin(SITE + key, relative.decode()) if relative else SITE + absolute.decode()
            target = urlsplit(address).path.lstrip("/")
            if not address.startswith(SITE) or not target:
                continue
            if target not in objects:
                found.append(f"{key} names {target}")
            else:
                waiting.append(target)
    return found
