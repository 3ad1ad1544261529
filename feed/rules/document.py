"""Rules about the feed as a document: its encoding, its root and its namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.findings import ERROR
from feed.namespaces import NAMESPACES, OLD_PODCAST_NAMESPACE, loose_spelling, usual_prefix
from feed.rules.rulebook import Rulebook, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.rules.feed_context import FeedContext

DOCUMENT: Rulebook[FeedContext] = Rulebook(heading="The feed as a document")
"""Where one of these is broken, the other rules would only repeat it."""


@DOCUMENT.rule("F001", ERROR, "the feed is well-formed XML in UTF-8, and says so", source="Apple, W3C validator")
def well_formed(feed: FeedContext) -> Iterator[Violation]:
    """Strict readers stop at the first XML error and show nothing; what lenient ones mend is an error each.

    The declaration is `<?xml version="1.0" encoding="UTF-8"?>`.
    """
    for mend in feed.document.mends:
        times = f" ({mend.times} times)" if mend.times > 1 else ""
        hint = "only lenient apps read it so; XML knows &amp; &lt; &gt; &quot; &apos; and the characters of the encoding it names"
        yield Violation("feed", f"not well-formed XML: {mend.message}{times}", hint, line=mend.line)
    encoding = feed.document.encoding
    if encoding not in {"utf-8", "utf8"}:
        message = f"the feed is declared as {encoding}, not UTF-8" if encoding else "the feed declares no encoding"
        yield Violation("feed", message, 'begin with <?xml version="1.0" encoding="UTF-8"?>', line=1)


@DOCUMENT.rule("F002", ERROR, 'the root is rss version="2.0" with one channel; namespaces are spelled exactly', source="Apple, PSP-1")
def root(feed: FeedContext) -> Iterator[Violation]:
    """Namespace addresses are compared letter by letter; with one letter wrong, an app sees none of those tags."""
    node = feed.document.root
    if node.name != "rss":
        hint = "Apple no longer takes Atom feeds" if node.name == "atom:feed" else "is this the address of a feed?"
        yield Violation("feed", f"the root element is {node.name[:60]}, not rss", hint, line=node.line)
        return
    if node.get("version") != "2.0":
        yield Violation("feed", 'the root has no version="2.0"', 'write <rss version="2.0">', line=node.line)
    if len(feed.document.channels) != 1:
        yield Violation("feed", f"the feed has {len(feed.document.channels)} channels, not one", line=node.line)
    for address, prefix in feed.document.namespaces.items():
        usual = usual_prefix(address)
        if usual is None and prefix in {"itunes", "podcast", "content", "atom", "psc"}:
            hint = f'write xmlns:{prefix}="{NAMESPACES[prefix]}"'
            yield Violation("feed", f"the prefix {prefix} is bound to another namespace: {address[:80]}", hint, line=node.line)
        elif usual is not None and address not in {NAMESPACES[usual], OLD_PODCAST_NAMESPACE} and loose_spelling(address):
            hint = f"write {NAMESPACES[usual]}"
            yield Violation("feed", f"the namespace of {usual}: is misspelled: {address[:80]}", hint, line=node.line)
