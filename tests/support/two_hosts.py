"""Two hosts with a feed each, generated: what an episode has is said, all else is as in the other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import Self

from tests.support.service_servers import Answering

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A Show</title>'
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """An `<item>`; `guid` None is none at all."""

    guid: str | None
    title: str
    date: str
    enclosure: str
    link: str = ""
    permalink: str = ' isPermaLink="false"'
    length: str = "1000"
    type: str = "audio/mpeg"
    more: str = ""

    def xml(self) -> str:
        parts = [f"<title>{escape(self.title)}</title>", f"<pubDate>{self.date}</pubDate>"]
        parts += [f"<guid{self.permalink}>{escape(self.guid)}</guid>"] if self.guid is not None else []
        parts += [f"<link>{escape(self.link)}</link>"] if self.link else []
        parts += [f'<enclosure url="{escape(self.enclosure)}" length="{self.length}" type="{self.type}"/>'] if self.enclosure else []
        return f"<item>{''.join(parts)}{self.more}</item>"


def item(number: int, **changed: str | None) -> Item:
    """Episode `number`, but for what is `changed`."""
    made = Item(
        guid=f"ep-{number}",
        title=f"Episode {number}",
        date=f"{number:02} Jan 2020 10:00:00 +0000",
        enclosure=f"https://old.invalid/{number}.mp3",
        link=f"https://old.invalid/{number}",
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def rss(items: list[Item], head: str = "") -> bytes:
    """A feed of these items."""
    return (HEAD + head + "".join(one.xml() for one in items) + "</channel></rss>").encode()


@dataclass
class Hosts:
    """The old host and the new one, each with its feed under /feed.xml."""

    old: Answering = field(default_factory=lambda: Answering(answers=[(404, b"", {})]))
    new: Answering = field(default_factory=lambda: Answering(answers=[(404, b"", {})]))

    def __enter__(self) -> Self:
        self.old.__enter__()
        self.new.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.old.__exit__()
        self.new.__exit__()

    @property
    def addresses(self) -> tuple[str, str]:
        return f"{self.old.address}/feed.xml", f"{self.new.address}/feed.xml"

    def serve(self, old: bytes, new: bytes) -> None:
        self.old.routes = {"/feed.xml": (200, old, {})}
        self.new.routes = {"/feed.xml": (200, new, {})}
