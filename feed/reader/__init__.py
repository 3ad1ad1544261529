"""Reads any feed into plain values that rules and importers walk: bytes -> FeedDocument.

Elements are named `prefix:local` with the field's usual prefixes, whatever the feed itself calls them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from feed.findings import ContentFault
from feed.namespaces import usual_prefix
from feed.reader.mending import LONGEST_HEAD, Mend, is_misdeclared, mend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import etree

LARGEST_FEED = 64_000_000
"""Bytes; beyond that a document is refused unread."""

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,20}=\s{0,20}[\"']([A-Za-z0-9._-]{1,40})[\"']")


class Node(NamedTuple):
    """One element: `name` as `prefix:local`, its attributes, the `line` it starts on, its text and children in order. A feed has
    thousands: a named tuple is made in a third of a dataclass's time.
    """

    name: str
    attributes: Mapping[str, str] = {}
    line: int = 0
    content: tuple[str | Node, ...] = ()
    named: Mapping[str, list[Node]] = {}

    @property
    def text(self) -> str:
        """All text inside, blanks kept; markup that was not wrapped in CDATA loses its tags."""
        return "".join(part if isinstance(part, str) else part.text for part in self.content)

    @property
    def children(self) -> Iterator[Node]:
        """The child elements, in the order of the document."""
        return (part for part in self.content if isinstance(part, Node))

    def walk(self) -> Iterator[Node]:
        """The element itself and all inside it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, name: str) -> list[Node]:
        """Every child called `name`, in order."""
        return self.named.get(name, [])

    def first(self, name: str) -> Node | None:
        """The first child called `name`."""
        found = self.named.get(name)
        return found[0] if found else None

    def value(self, name: str) -> str:
        """The text of the first child called `name`, trimmed; "" where there is none."""
        found = self.named.get(name)
        return found[0].text.strip() if found else ""

    def attribute(self, name: str, attribute: str) -> str:
        """An attribute of the first child called `name`, trimmed; "" where there is none."""
        found = self.first(name)
        return found.get(attribute) if found is not None else ""

    def get(self, attribute: str) -> str:
        """An attribute's value, trimmed; "" where there is none."""
        return self.attributes.get(attribute, "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """A feed as it was served. `size` is bytes; `encoding` is the declared one, lower case, "" where none is declared.

    `namespaces` holds every namespace the document uses or declares on its root (address -> prefix there). `channels` are
    the root's `channel` elements; where there is none (Atom, HTML), `channel` is an empty node and `items` is empty. `mends` is what
    had to be mended to read it.
    """

    size: int
    encoding: str
    root: Node
    namespaces: Mapping[str, str]
    channels: tuple[Node, ...]
    channel: Node
    items: tuple[Node, ...]
    mends: tuple[Mend, ...] = ()
    own_namespace: str = ""
    """The namespace in which RSS's own elements stand, as some writers want it: none has to, and some apps find nothing in it."""


def read_feed(data: bytes, *, mended: bool = True) -> FeedDocument:
    """The feed in `data`, `mended` where it is broken as lenient apps read it. Nothing is fetched.

    Raises ContentFault F001, with the line, for what is not well-formed XML and cannot be mended without losing something.
    """
    from lxml import etree

    if len(data) > LARGEST_FEED:
        raise ContentFault(f"the feed has {len(data):,} bytes; no app reads that much", code="F001", hint="publish a shorter feed")
    found = _DECLARED.search(data[:400])
    declared = found.group(1).decode("ascii").lower() if found else ""
    mends: tuple[Mend, ...] = ()
    try:
        root = etree.fromstring(data, _parser())
        if mended and (b"<!ENTITY" in data[:LONGEST_HEAD] or is_misdeclared(data, declared)):
            root, mends = _mended(data, declared)
    except etree.XMLSyntaxError as fault:
        other = _other_than_a_feed(data)
        if other is not None:
            raise ContentFault(other[0], code="F001", line=1, hint=other[1]) from None
        if not mended:
            raise _not_well_formed(fault.msg, fault.lineno) from None
        try:
            root, mends = _mended(data, declared)
        except etree.XMLSyntaxError:
            raise _not_well_formed(fault.msg, fault.lineno) from None
    if str(root.tag).rpartition("}")[2].lower() == "html":
        what, advice = _other_than_a_feed(data) or _web_page(data)
        raise ContentFault(what, code="F001", line=1, hint=advice)
    own_namespace = _without_namespace(root)
    names: dict[str, str] = {}
    namespaces = {address: prefix or "" for prefix, address in root.nsmap.items() if address}
    node = _node(root, names)
    used = dict.fromkeys(tag.removeprefix("{").rpartition("}")[0] for tag in names)
    namespaces.update({address: "" for address in used if address and address not in namespaces})
    channels = tuple(node.all("channel")) if node.name == "rss" else ()
    channel = channels[0] if channels else Node(name="channel")
    return FeedDocument(
        size=len(data),
        encoding=declared,
        root=node,
        namespaces=namespaces,
        channels=channels,
        channel=channel,
        items=tuple(channel.all("item")),
        mends=mends,
        own_namespace=own_namespace,
    )


def _without_namespace(root: etree._Element) -> str:
    """Take RSS's own elements out of the namespace that the root stands in; what it is called ("": none)."""
    address, _, local = str(root.tag).removeprefix("{").rpartition("}")
    if not address or local != "rss":
        return ""
    for element in root.iter(f"{{{address}}}*"):
        element.tag = str(element.tag).rpartition("}")[2]
    return address


def _parser(*, recover: bool = False) -> etree.XMLParser:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=recover, load_dtd=False, remove_comments=True, remove_pis=True
    )


def _mended(data: bytes, declared: str) -> tuple[etree._Element, tuple[Mend, ...]]:
    """The root of a mended document. Raises ContentFault where its tags do not fit, or it is cut: that is told, not what was mended;
    XMLSyntaxError where nothing is left of it.
    """
    from lxml import etree

    text, mends = mend(data, declared)
    parser = _parser(recover=True)
    root = etree.fromstring(text.encode(), parser)
    faults = [entry for entry in parser.error_log if entry.level >= etree.ErrorLevels.ERROR]
    fatal = next((entry for entry in faults if entry.level == etree.ErrorLevels.FATAL), None)
    if fatal is not None:
        raise _not_well_formed(fatal.message, fatal.line)
    if root is None:
        root = etree.fromstring(text.encode(), _parser())
    unknown = [(match[1], entry.line) for entry in faults if (match := _UNDECLARED.match(entry.message))]
    prefixes = Counter(prefix for prefix, _ in unknown)
    lines = dict(reversed(unknown))
    return root, (*mends, *(Mend(f"the prefix {name[:60]}: is not declared", times, lines[name]) for name, times in prefixes.items()))


def _not_well_formed(said: str | None, line: int | None) -> ContentFault:
    message = re.sub(r", line \d+, column \d+.*$", "", said or "unreadable", flags=re.DOTALL).strip()
    return ContentFault(f"not well-formed XML: {message}", code="F001", line=line or 0, hint=_advice(message))


_UNDECLARED = re.compile(r"Namespace prefix (\S+) ")
_LINK = re.compile(rb"<link\b[^<>]{0,2000}>", re.IGNORECASE)
_ADDRESS = re.compile(rb"\bhref\s{0,9}=\s{0,9}[\"']?([^\"'\s<>]{1,1000})", re.IGNORECASE)


def _name(tag: str, names: dict[str, str]) -> str:
    """`{address}local` as `prefix:local`; `names` remembers every tag of the document."""
    name = names.get(tag)
    if name is None:
        address, _, local = tag.removeprefix("{").rpartition("}")
        prefix = usual_prefix(address) if address else ""
        name = names[tag] = local if prefix == "" else f"{prefix}:{local}" if prefix else tag
    return name


def _node(element: etree._Element, names: dict[str, str]) -> Node:
    """Recursion is bounded: libxml2 refuses documents deeper than 256 elements."""
    text = element.text
    attributes = {_name(str(key), names): str(value) for key, value in element.items()}
    name = _name(str(element.tag), names)
    line: int = element.sourceline or 0  # type: ignore[assignment]  # the stubs know no type for it
    if not len(element):
        return Node(name, attributes, line, (text,) if text else ())
    content: list[str | Node] = [text] if text else []
    named: dict[str, list[Node]] = {}
    for child in element:
        if isinstance(child.tag, str):
            node = _node(child, names)
            content.append(node)
            named.setdefault(node.name, []).append(node)
        if child.tail:
            content.append(child.tail)
    return Node(name, attributes, line, tuple(content), named)


def _other_than_a_feed(data: bytes) -> tuple[str, str] | None:
    """What people take for a feed, and what to do: a web page, a compressed file, JSON, nothing at all."""
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "there is nothing in it", "was it written or copied whole?"
    if start.startswith(b"\x1f\x8b"):
        return "this is compressed (gzip)", "unpack it; a server that sends it so must say Content-Encoding: gzip"
    if start.startswith((b"{", b"[")):
        return "this is JSON, not RSS", "podcast apps and directories read RSS alone"
    if not start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return None
    return _web_page(data)


def _web_page(data: bytes) -> tuple[str, str]:
    for link in _LINK.findall(data[:200_000]):
        address = _ADDRESS.search(link)
        if b"application/rss+xml" in link.lower() and address:
            return "this is a web page, not a feed", f"it says that its feed is at {address.group(1).decode('utf-8', 'replace')}"
    return "this is a web page, not a feed", "the feed's address is behind its RSS button; the page itself is for people"


def _advice(message: str) -> str:
    if "Premature end" in message or "find end of" in message:
        return "it ends in the middle: was it written or copied whole?"
    if "Entity" in message:
        return "write the character itself instead of a named entity; XML knows only &amp; &lt; &gt; &quot; &apos;"
    if "Char value" in message:
        return "take the control character out of the text"
    if "start of the document" in message or "empty" in message:
        return "the feed must begin with <?xml, without blank lines before it"
    return "escape & as &amp; and < as &lt;, and close every tag"
