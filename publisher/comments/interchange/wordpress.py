"""Comments in an export of WordPress (WXR, its extended RSS): those of each post stand in its item.

Source: wp-admin/includes/export.php of https://github.com/WordPress/WordPress, and what WordPress keeps as `comment_approved`:
https://developer.wordpress.org/reference/functions/wp_set_comment_status/.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from publisher.comments.interchange.foreign_comments import Foreign, ForeignComment, moment_of, name_of, words_of
from publisher.comments.interchange.xml_export import each_element, local_name, text
from publisher.core.html_text import plain_text

if TYPE_CHECKING:
    from pathlib import Path

    from lxml import etree

    from publisher.comments.database.values import CommentState

MARK = b"http://wordpress.org/export/"
"""What the head of every such export names, whatever its version."""
_STATES: dict[str, CommentState] = {"1": "approved", "approved": "approved", "0": "held", "hold": "held", "spam": "spam"}
_COMMENTS = frozenset(("", "comment"))
"""Kinds of comments that a person wrote; the others are pingbacks and trackbacks."""


def read_wordpress(path: Path) -> Foreign:
    """The comments of a WordPress export, HTML as text. Raises ContentFault `import-comments`."""
    found = Foreign()

    def take(element: etree._Element, name: str) -> bool:
        if name != "item":
            return False
        address, title = text(element, "link"), text(element, "title")
        for comment in element:
            if isinstance(comment.tag, str) and local_name(comment) == "comment":
                _take(found, address, title, comment)
        return True

    each_element(path, take)
    return found


def _take(found: Foreign, address: str, title: str, comment: etree._Element) -> None:
    state = _STATES.get(text(comment, "comment_approved"))
    if text(comment, "comment_type") not in _COMMENTS:
        found.left_out["that are pingbacks or trackbacks"] += 1
        return
    if state is None:
        found.left_out["that were in the trash"] += 1
        return
    created = _moment(text(comment, "comment_date_gmt"), text(comment, "comment_date"))
    words = words_of(plain_text(text(comment, "comment_content")))
    if created is None or not words:
        found.left_out["without a text or a time"] += 1
        return
    found.not_kept["mail addresses"] += bool(text(comment, "comment_author_email"))
    found.not_kept["addresses of home pages"] += bool(text(comment, "comment_author_url"))
    found.not_kept["network addresses"] += bool(text(comment, "comment_author_IP"))
    parent = text(comment, "comment_parent")
    found.comments.append(
        ForeignComment(
            address=address,
            title=title,
            foreign_id=text(comment, "comment_id"),
            parent="" if parent == "0" else parent,
            name=name_of(text(comment, "comment_author")),
            text=words,
            created=created,
            state=state,
        )
    )


def _moment(in_gmt: str, here: str) -> dt.datetime | None:
    """The time in GMT; where WordPress wrote zeros (for what was never approved), the blog's own, which may be some hours off."""
    for written in (in_gmt, here):
        try:
            return moment_of(dt.datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=dt.UTC))
        except ValueError:
            continue
    return None
