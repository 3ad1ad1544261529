"""An export read as what it is, known by its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.findings import ContentFault
from publisher.comments.interchange.disqus import MARK as DISQUS
from publisher.comments.interchange.disqus import read_disqus
from publisher.comments.interchange.isso import BEGINS, read_isso
from publisher.comments.interchange.page_form import read_page_form
from publisher.comments.interchange.wordpress import MARK as WORDPRESS
from publisher.comments.interchange.wordpress import read_wordpress

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.comments.database.values import Source
    from publisher.comments.interchange.foreign_comments import Foreign

_HEAD = 4096
"""Bytes by which a file is known."""


def read_foreign(path: Path) -> tuple[Source, Foreign]:
    """Which service a file is from, and what is in it. Raises ContentFault `import-comments`."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(BEGINS):
        return "isso", read_isso(path)
    if WORDPRESS in head:  # before Disqus, whose own extension of WordPress' form it names
        return "wordpress", read_wordpress(path)
    if DISQUS in head:
        return "disqus", read_disqus(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return "json", read_page_form(path)
    raise ContentFault(
        "this is no export of comments that is known",
        code="import-comments",
        hint="known are Isso's comments.db, the XML of Disqus and of WordPress, and what `publish comments export` writes",
    )
