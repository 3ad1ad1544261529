"""Comments in an export of Disqus: one XML file of threads (pages) and posts (comments).

Source: https://help.disqus.com/en/articles/1717164-comments-export and the schema it names, https://disqus.com/api/schemas/1.0/disqus.xsd.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from publisher.comments.interchange.foreign_comments import Foreign, ForeignComment, name_of, words_of, written_moment
from publisher.comments.interchange.xml_export import child, each_element, text
from publisher.core.html_text import plain_text

if TYPE_CHECKING:
    from pathlib import Path

    from lxml import etree

MARK = b"http://disqus.com"
"""What the head of every such export names."""
_ID = "{http://disqus.com/disqus-internals}id"


class _Thread(NamedTuple):
    address: str
    title: str


def read_disqus(path: Path) -> Foreign:
    """The comments of a Disqus export, HTML as text. Raises ContentFault `import-comments`."""
    found = Foreign()
    threads: dict[str, _Thread] = {}

    def take(element: etree._Element, name: str) -> bool:
        parent = element.getparent()
        if parent is None or parent.getparent() is not None:
            return False
        if name == "thread":
            threads[element.get(_ID, "")] = _Thread(text(element, "link"), text(element, "title"))
        elif name == "post":
            _take(found, threads, element)
        return True

    each_element(path, take)
    return found


def _take(found: Foreign, threads: dict[str, _Thread], post: etree._Element) -> None:
    within, answered = child(post, "thread"), child(post, "parent")
    thread = threads.get(within.get(_ID, "")) if within is not None else None
    if text(post, "isDeleted") == "true":
        found.left_out["that were deleted"] += 1
        return
    if thread is None or not thread.address:
        found.left_out["whose thread is missing"] += 1
        return
    created, words = written_moment(text(post, "createdAt")), words_of(plain_text(text(post, "message")))
    if created is None or not words:
        found.left_out["without a text or a time"] += 1
        return
    found.not_kept["mail addresses"] += bool(text(post, "author", "email"))
    found.not_kept["network addresses"] += bool(text(post, "ipAddress"))
    spam = text(post, "isSpam") == "true"
    held = text(post, "isApproved") == "false"
    found.comments.append(
        ForeignComment(
            address=thread.address,
            title=thread.title,
            foreign_id=post.get(_ID, ""),
            parent=answered.get(_ID, "") if answered is not None else "",
            name=name_of(text(post, "author", "name")),
            text=words,
            created=created,
            state="spam" if spam else "held" if held else "approved",
        )
    )
