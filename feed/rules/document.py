"""Rules about the feed as a document: its encoding, its root and its namespaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.findings import ERROR, HINT, WARNING
from feed.namespaces import NAMESPACES, OLD_PODCAST_NAMESPACE, loose_spelling, usual_prefix
from feed.rules.addresses import split
from feed.rules.rulebook import Rulebook, Violation
from feed.text_cleaning import printable_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.rules.feed_context import FeedContext

_ONCE_IN_SHOW = (  # noqa: SIM905  a line for each would be no easier to read
    "title link description language copyright managingEditor webMaster pubDate lastBuildDate generator docs ttl image "
    "itunes:title itunes:author itunes:block itunes:explicit itunes:image itunes:owner itunes:summary itunes:subtitle itunes:type "
    "itunes:complete itunes:new-feed-url podcast:guid podcast:locked podcast:medium"
).split()
_ONCE_IN_EPISODE = (  # noqa: SIM905  as above
    "title link description author guid pubDate source comments content:encoded itunes:title itunes:author itunes:block itunes:explicit "
    "itunes:image itunes:summary itunes:subtitle itunes:duration itunes:episode itunes:season itunes:episodeType podcast:chapters "
    "podcast:season podcast:episode"
).split()
_SPELLED = frozenset({"itunes", "podcast", "atom", "content", "media"})
"""Prefixes whose namespace a source asks for letter by letter."""
_BLANK = re.compile(r"\s")
_USER = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s]*@", re.IGNORECASE)
"""How an address begins that names a user, with a password or without."""

DOCUMENT: Rulebook[FeedContext] = Rulebook(heading="The feed as a document")


@DOCUMENT.rule("F001", ERROR, "the feed is well-formed XML in UTF-8, and says so", source="Apple, W3C validator")
def well_formed(feed: FeedContext) -> Iterator[Violation]:
    """Strict readers stop at the first XML error and show nothing; what lenient ones mend is an error each. Letters of another encoding than the
    declared one are well-formed, and wrong: a warning, as the validator's of bad characters.

    The declaration is `<?xml version="1.0" encoding="UTF-8"?>`; without one XML is UTF-8, so that its absence is only a hint, and
    W3C's validator warns of other encodings.
    """
    for mend in feed.document.mends:
        times = f" ({mend.times} times)" if mend.times > 1 else ""
        hint = "only lenient apps read it so; XML knows &amp; &lt; &gt; &quot; &apos; and the characters of the encoding it names"
        if mend.is_xml:
            yield Violation("feed", f"wrong letters: {mend.message}{times}", hint, severity=WARNING, line=mend.line)
        else:
            yield Violation("feed", f"not well-formed XML: {mend.message}{times}", hint, line=mend.line)
    encoding = feed.document.encoding
    if encoding not in {"utf-8", "utf8"}:
        message = f"the feed is in {encoding}, not UTF-8" if encoding else "the feed declares no encoding"
        hint = 'begin with <?xml version="1.0" encoding="UTF-8"?>'
        yield Violation("feed", message, hint, severity=WARNING if encoding else HINT, line=1)


@DOCUMENT.rule(
    "F002", ERROR, 'the root is rss version="2.0" with one channel; namespaces are spelled exactly', source="Apple, PSP-1, W3C validator"
)
def root(feed: FeedContext) -> Iterator[Violation]:
    """Namespace addresses are compared letter by letter; with one letter wrong, an app sees none of those tags. An error are those
    that Apple, PSP-1 (itunes, podcast, atom, content) or the validator (media) ask for; the others are a warning.
    """
    node = feed.document.root
    if node.name != "rss":
        hint = "Apple no longer takes Atom feeds" if node.name == "atom:feed" else "is this the address of a feed?"
        yield Violation("feed", f"the root element is {node.name[:60]}, not rss", hint, line=node.line)
        return
    if node.get("version") != "2.0":
        yield Violation("feed", 'the root has no version="2.0"', 'write <rss version="2.0">', line=node.line)
    if feed.document.own_namespace:
        message = f"RSS's own elements stand in a namespace: {feed.document.own_namespace[:80]}"
        yield Violation("feed", message, 'take xmlns="…" off <rss>', line=node.line)
    if len(feed.document.channels) != 1:
        yield Violation("feed", f"the feed has {len(feed.document.channels)} channels, not one", line=node.line)
    for address, prefix in feed.document.namespaces.items():
        usual = usual_prefix(address)
        if usual is None and prefix in {"itunes", "podcast", "content", "atom", "psc"}:
            hint = f'write xmlns:{prefix}="{NAMESPACES[prefix]}"'
            yield Violation("feed", f"the prefix {prefix} is bound to another namespace: {address[:80]}", hint, line=node.line)
        elif usual is not None and address not in {NAMESPACES[usual], OLD_PODCAST_NAMESPACE} and loose_spelling(address):
            hint, severity = f"write {NAMESPACES[usual]}", ERROR if usual in _SPELLED else WARNING
            yield Violation("feed", f"the namespace of {usual}: is misspelled: {address[:80]}", hint, severity=severity, line=node.line)


@DOCUMENT.rule("F044", ERROR, "what can stand once stands once", source="W3C validator, podcast namespace")
def once(feed: FeedContext) -> Iterator[Violation]:
    """Of two titles, guids or descriptions one app takes the first and another the last."""
    for parent, guid, prefix in feed.parents():
        for name in _ONCE_IN_EPISODE if prefix == "episode" else _ONCE_IN_SHOW:
            found = parent.named.get(name, ())
            if len(found) > 1:
                whose = "the episode" if prefix == "episode" else "the show"
                message = f"{whose} has {len(found)} {name} elements; apps differ in which one they take"
                yield Violation("feed", message, "keep one", item=guid, line=found[1].line)


@DOCUMENT.rule("F045", ERROR, "no address holds a blank", source="W3C validator, RFC 3986")
def blanks(feed: FeedContext) -> Iterator[Violation]:
    """Some apps cut the address there, some drop the episode; in an address a blank is %20."""
    for node, address, guid, prefix in feed.addresses:
        if _BLANK.search(address):
            message = f"the address of {node.name} holds a blank: {' '.join(address.split())[:80]}"
            field = "audio" if node.name == "enclosure" else f"{prefix}.link" if node.name == "link" else "feed"
            yield Violation(field, message, "write %20 for a blank inside, and none around it", item=guid, line=node.line)


@DOCUMENT.rule("F046", ERROR, "no address names a user or a password", source="RFC 3986 (3.2.1, 7.5), RFC 9110 (4.2.4)")
def users(feed: FeedContext) -> Iterator[Violation]:
    """Everybody reads the feed: what stands before the @ of an address is no secret there, and most apps refuse such an address."""
    for node, address, guid, prefix in feed.addresses:
        if _USER.match(address.strip()):
            parts = split(address.strip())
            host = (parts and parts.hostname) or "its host"
            message = f"the address of {node.name} names a user or a password: everybody would read it"
            field = "audio" if node.name == "enclosure" else f"{prefix}.link" if node.name == "link" else "feed"
            hint = f"write the address without what stands before @{printable_line(host)[:80]}"
            yield Violation(field, message, hint, item=guid, line=node.line)
