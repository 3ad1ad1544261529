"""Rules about what an episode says of itself: description and notes, as apps keep and show them."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from feed.findings import ERROR, HINT, WARNING, Severity
from feed.rules.addresses import is_secure, split
from feed.rules.markup import APPS_KEEP, DANGEROUS, links, tag_names, visible_text
from feed.rules.rulebook import Rulebook, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.rules.feed_context import FeedContext, Item

NOTES: Rulebook[FeedContext] = Rulebook(heading="Notes")

_NOT_PROSE = re.compile(r"https?://\S+|[(\[]?\d{1,3}(?::\d\d){1,2}[)\]]?|[^\w\s]+")
_BOTH = ("description", "content:encoded")


def _violation(item: Item, name: str, message: str, hint: str = "", *, severity: Severity | None = None) -> Violation:
    node = item.node.first(name)
    return Violation("notes", message, hint, item=item.guid, line=node.line if node else item.node.line, severity=severity)


@NOTES.rule("I014", WARNING, "every episode has a description, at most 4000 bytes", source="Apple, PSP-1")
def description(feed: FeedContext) -> Iterator[Violation]:
    """Bytes in UTF-8, not characters; Apple refuses more. Longer notes belong into `content:encoded`."""
    for item in feed.items:
        text = item.node.value("description")
        size = len(text.encode("utf-8", "surrogatepass")) if len(text) > 1000 else 0
        if not text:
            yield _violation(item, "description", "the episode has no description", "write notes, or a summary")
        elif size > 4000:
            yield _violation(
                item, "description", f"the description has {size:,} bytes; 4,000 are allowed", "write a shorter summary", severity=ERROR
            )


@NOTES.rule("I015", WARNING, "the notes use only tags that apps keep", source="Apple, PSP-1, W3C validator")
def subset(feed: FeedContext) -> Iterator[Violation]:
    """Paragraphs, lists, links, line breaks and emphasis survive; other tags are dropped or shown. Scripts and frames are named first."""
    for item in feed.items:
        for name in _BOTH:
            found = [tag for tag in tag_names(item.node.value(name)) if tag not in APPS_KEEP]
            if found:
                dangerous = [tag for tag in found if tag in DANGEROUS]
                message = f"apps drop {', '.join(f'<{tag}>' for tag in (dangerous or found)[:6])} from the notes ({name})"
                yield _violation(item, name, message, "keep to p, ol, ul, li, a, br, b, i, strong, em")


@NOTES.rule("I016", WARNING, "links in the notes are absolute and https", source="W3C validator")
def note_links(feed: FeedContext) -> Iterator[Violation]:
    """A relative link leads nowhere in an app. Apps open http links, but what they show on the way can be read and changed."""
    for item in feed.items:
        bad: dict[str, str] = {}
        for name in _BOTH:
            for address in links(item.node.value(name)):
                parts = split(address)
                if parts is None or (parts.scheme == "http" and not is_secure(address)):
                    bad.setdefault(address, name)
        for address, name in list(bad.items())[:10]:
            fault = "is http" if address.lower().startswith("http:") else "is not absolute"
            yield _violation(item, name, f"a link in the notes {fault}: {address[:120] or '(empty)'}", "write an https address")


@NOTES.rule("I017", WARNING, "content:encoded comes after description", source="W3C validator")
def encoded_order(feed: FeedContext) -> Iterator[Violation]:
    """Some readers keep the one they see last."""
    for item in feed.items:
        names = [child.name for child in item.node.children if child.name in _BOTH] if "content:encoded" in item.node.named else []
        if "description" in names and names.index("content:encoded") < names.index("description"):
            yield _violation(item, "content:encoded", "content:encoded stands before description")


@NOTES.rule("I029", WARNING, "no angle bracket survives in the description's text", source="YouTube")
def brackets(feed: FeedContext) -> Iterator[Violation]:
    """YouTube rejects a description that holds < or >."""
    for item in feed.items:
        text = item.node.value("description")
        if "<" not in text and ">" not in text and "&" not in text:
            continue
        seen = visible_text(text)
        if "<" in seen or ">" in seen:
            yield _violation(item, "description", "the description's text holds < or >", "write it in words, or as ‹ ›")


@NOTES.rule("I030", HINT, "the description begins with a summary", source="app lists")
def summary(feed: FeedContext) -> Iterator[Violation]:
    """Lists show about the first 150 characters: a sentence there brings more listeners than links or time stamps."""
    for item in feed.items:
        text = item.node.value("description")
        if text and len("".join(_NOT_PROSE.sub(" ", visible_text(html.unescape(text[:2000]))[:150]).split())) < 30:
            yield _violation(item, "description", "the description does not begin with a sentence about the episode", "add: summary = …")
