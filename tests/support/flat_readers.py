"""What readers of feeds make of a show and its newest episode, those included that do not know live streams.

AntennaPod and Podcast Index' newer parser are told in our words, rule by rule, from their code, which is named beside each; the two
flat ones take whatever stands in a live stream for the channel's, and keep the first or the last of each.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.sax import handler

from lxml import etree
from lxml.sax import saxify

from tests.support.feed_samples import NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Facts = dict[str, Any]
_PREFIXES = {address: prefix for prefix, address in NAMESPACES.items()}


class DroppedError(Exception):
    """The reader gives the whole feed up."""


def feedparser(feed: bytes) -> Facts:
    """Python's feedparser, of the machine that runs the tests."""
    import feedparser as library

    read = library.parse(feed)
    keys = ("title", "description", "subtitle", "link", "author", "language", "rights", "itunes_explicit", "itunes_type", "podcast_guid")
    facts = {key: read.feed.get(key) for key in keys}
    facts["id"] = {None: None, f"urn:uuid:{_guid(feed)}": None}.get(read.feed.get("id"), read.feed.get("id"))
    facts["image"] = (read.feed.get("image") or {}).get("href")
    newest = read.entries[0]
    return facts | {"newest": (newest.title, newest.id, newest.enclosures[0].href, len(newest.enclosures)), "episodes": len(read.entries)}


def podcastparser(feed: bytes) -> Facts:
    """gPodder's."""
    import podcastparser as library

    read = library.parse("https://show.example/feed.xml", io.BytesIO(feed))
    newest = read["episodes"][0]
    facts = {key: value for key, value in read.items() if key != "episodes"}
    return facts | {"newest": (newest["title"], newest["guid"], newest["enclosures"]), "episodes": len(read["episodes"])}


class _AntennaPod(handler.ContentHandler):
    """AntennaPod b7ee12ccf, parser/feed: SyndHandler.java and namespace/{Rss20,Itunes,PodcastIndex,Atom,Content}.java."""

    _HANDLED = ("atom", "content", "itunes", "psc", "dc", "podcast", "")

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.text: list[str] | None = None
        self.feed: Facts = {"funding": []}
        self.items: list[Facts] = []
        self.item: Facts | None = None

    def startElementNS(self, name: tuple[str | None, str], _qname: str | None, attributes: Any) -> None:  # noqa: N802  sax's name
        prefix, local = _PREFIXES.get(name[0] or "", "?") if name[0] else "", name[1]
        given = {key[1]: attributes[key] for key in attributes.getNames()}
        self.text = []  # SyndHandler.startElement: for every element, handled or not
        if prefix not in self._HANDLED:
            return
        if (prefix, local) == ("", "item") and self.stack[-1] == "channel":
            self.item = {}
            self.items.append(self.item)
        elif (prefix, local) == ("", "enclosure") and self.stack[-1] == "item" and self.item is not None:
            self.item.setdefault("enclosure", given.get("url"))
        elif (prefix, local) == ("itunes", "image"):
            (self.feed if self.item is None else self.item)["image"] = given.get("href")
        elif (prefix, local) == ("podcast", "funding"):
            self.feed["funding"].append(given.get("url"))
        elif prefix == "podcast" and local in {"chapters", "transcript"}:
            if self.item is None:  # PodcastIndex.java:33 and :44: getCurrentItem() is null there
                raise DroppedError(local)
            self.item.setdefault(local, given.get("url"))
        elif (prefix, local) == ("podcast", "socialInteract") and self.item is not None:
            self.item["social"] = given.get("uri")
        elif (prefix, local) == ("atom", "link") and self.stack[-1] == "channel":
            if given.get("rel") == "payment":
                self.feed["funding"].append(given.get("href"))
            elif given.get("rel", "alternate") == "alternate" and given.get("type", "text/html") == "text/html":
                self.feed["link"] = given.get("href")
        self.stack.append(local)

    def characters(self, content: str) -> None:
        if self.text is not None:
            self.text.append(content)

    def endElementNS(self, name: tuple[str | None, str], _qname: str | None) -> None:  # noqa: N802  sax's name
        prefix, local = _PREFIXES.get(name[0] or "", "?") if name[0] else "", name[1]
        if prefix in self._HANDLED:
            if self.text is not None and len(self.stack) > 1:
                self._ended(prefix, local, "".join(self.text).strip())
            if (prefix, local) == ("", "item"):
                self.item = None
            self.stack.pop()
        self.text = None

    def _ended(self, prefix: str, local: str, text: str) -> None:
        parent = self.stack[-2]
        if prefix == "":
            if parent == "channel" and local in {"title", "link", "description"}:
                self.feed[local] = text
            elif parent == "item" and self.item is not None and local in {"title", "link", "guid", "description"}:
                self.item[local] = text
            elif local == "language":  # wherever it stands
                self.feed["language"] = text
            elif (local, parent) == ("url", "image"):
                self.feed.setdefault("image", text)
        elif prefix == "itunes" and text:
            if local == "author" and len(self.stack) <= 3:
                self.feed["author"] = text
            elif local == "subtitle" and self.item is None:
                self.feed.setdefault("description", text)
            elif local == "summary" and self.item is None and parent == "channel":
                self.feed["description"] = text
            elif local == "new-feed-url":
                self.feed["moved"] = text


class _PodcastIndex(handler.ContentHandler):
    """Podcastindex-org/feedparser a690e15, src/tags: title, link, description, itunes_image, itunes_explicit, podcast_funding, podcast_value."""

    def __init__(self) -> None:
        super().__init__()
        self.now = ""
        self.place = "channel"
        self.feed: Facts = {"title": "", "recipients": []}
        self.items: list[Facts] = []

    @staticmethod
    def _named(name: tuple[str | None, str]) -> str:
        return f"{_PREFIXES.get(name[0], '?')}:{name[1]}" if name[0] else name[1]

    def startElementNS(self, name: tuple[str | None, str], _qname: str | None, attributes: Any) -> None:  # noqa: N802  sax's name
        self.now = self._named(name)
        given = {key[1]: attributes[key] for key in attributes.getNames()}
        if self.now == "item":
            self.place = "item"
            self.items.append({})
        elif self.now == "image" and self.place == "channel":
            self.place = "image"
        elif self.now == "enclosure" and self.place == "item":
            self.items[-1].setdefault("enclosure", given.get("url"))
        elif self.place == "channel":
            if self.now == "itunes:image":
                self.feed["image"] = given.get("href")
            elif self.now == "podcast:funding":
                self.feed["funding"] = given.get("url")
            elif self.now == "podcast:value":
                self.feed["value"] = (given.get("type"), given.get("method"), given.get("suggested"))
            elif self.now == "podcast:valueRecipient":
                self.feed["recipients"].append(given.get("address"))

    def characters(self, content: str) -> None:
        here = self.items[-1] if self.place == "item" else self.feed
        if self.now in {"link", "description", "itunes:author", "language"} and self.place != "image":
            here.setdefault(self.now, content)
        elif self.now == "title" and self.place != "image":
            here["title"] = here.get("title", "") + content.strip()
        elif self.now == "guid" and self.place == "item":
            here["guid"] = here.get("guid", "") + content.strip()
        elif self.now == "itunes:explicit" and content.strip():
            here["explicit"] = content.strip()

    def endElementNS(self, name: tuple[str | None, str], _qname: str | None) -> None:  # noqa: N802  sax's name
        self.now = self._named(name)
        if self.now == self.place and self.place in {"item", "image"}:
            self.place = "channel"


def _by_sax(made: Callable[[], Any]) -> Callable[[bytes], Facts]:
    def read(feed: bytes) -> Facts:
        reader = made()
        saxify(etree.fromstring(feed), reader)
        return reader.feed | {"newest": reader.items[0], "episodes": len(reader.items)}

    return read


def _flat(choose: Callable[[list[Any]], Any]) -> Callable[[bytes], Facts]:
    """A reader that takes each child of a live stream for the channel's, and what stands in the channel's picture too."""

    def read(feed: bytes) -> Facts:
        channel = etree.fromstring(feed)[0]
        rows: dict[str, list[Any]] = {}
        for child in channel:
            nested = child.tag in {"image", f"{{{NAMESPACES['podcast']}}}liveItem"}
            for node in child if nested else [child] if child.tag != "item" else []:
                rows.setdefault(node.tag, []).append((node.text or "").strip() or node.get("href") or node.get("url"))
        wanted = {name: f"{{{NAMESPACES['itunes']}}}{name}" for name in ("image", "explicit", "author", "summary")}
        wanted |= {name: name for name in ("title", "link", "description", "language")}
        facts = {name: choose(rows[tag]) for name, tag in wanted.items() if tag in rows and (name != "summary" or len(rows[tag]) > 1)}
        return facts | {"newest": etree.tostring(channel.find("item")), "enclosure": next(channel.iter("enclosure")).get("url")}

    return read


def _guid(feed: bytes) -> str:
    return etree.fromstring(feed)[0].findtext(f"{{{NAMESPACES['podcast']}}}guid") or ""


READERS: Mapping[str, Callable[[bytes], Facts]] = {
    "feedparser": feedparser,
    "gPodder": podcastparser,
    "AntennaPod": _by_sax(_AntennaPod),
    "Podcast Index": _by_sax(_PodcastIndex),
    "first wins": _flat(lambda values: values[0]),
    "last wins": _flat(lambda values: values[-1]),
}
