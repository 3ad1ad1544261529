"""What an import did not take over, mended or guessed: on the screen, and whole in IMPORTED.md of the new folder."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from feed.text_cleaning import printable_line
from publisher.core.console import count_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from feed.reader import Node

NAME = "IMPORTED.md"
_SHOWN = 400
"""Characters of one line on the screen."""

_MADE_ANEW = frozenset(["atom:link", "generator", "lastBuildDate", "pubDate", "docs", "item", "itunes:duration"])
_OF_THE_SHOW = _MADE_ANEW | frozenset(
    [
        "title",
        "description",
        "language",
        "copyright",
        "image",
        "category",
        "podcast:guid",
        "podcast:locked",
        "podcast:funding",
        "itunes:summary",
        "itunes:author",
        "itunes:category",
        "itunes:explicit",
        "itunes:type",
        "itunes:block",
        "itunes:complete",
        "itunes:owner",
        "itunes:image",
    ]
)
_OF_EPISODES = _MADE_ANEW | frozenset(
    [
        "title",
        "guid",
        "description",
        "content:encoded",
        "enclosure",
        "image",
        "psc:chapters",
        "podcast:transcript",
        "podcast:chapters",
        "podcast:season",
        "podcast:episode",
        "itunes:summary",
        "itunes:season",
        "itunes:episode",
        "itunes:episodeType",
        "itunes:explicit",
        "itunes:block",
        "itunes:image",
    ]
)


def tags_left(channel: Node, items: Iterable[Node]) -> Iterable[str]:
    """Which tags an import passes over: of the show, and of episodes with how many have them."""
    of_show = dict.fromkeys(node.name for node in channel.children if node.name not in _OF_THE_SHOW)
    if of_show:
        yield f"tags of the show that are not taken over: {', '.join(of_show)}"
    count = Counter(name for item in items for name in {node.name for node in item.children} - _OF_EPISODES)
    if count:
        rows = (f"{name} ({count_words(count[name], 'episode')})" for name in sorted(count))
        yield f"tags of episodes that are not taken over: {', '.join(rows)}"


def on_screen(account: Iterable[str]) -> Iterable[str]:
    """Each line, a long one cut: a screen is not read further."""
    for line in account:
        yield line if len(line) <= _SHOWN else f"{line[:_SHOWN].rsplit(' ', 1)[0]} … (whole in {NAME})"


def write_account(folder: Path, feed: str, episodes: int, account: Sequence[str]) -> None:
    """IMPORTED.md, about the last import into this folder."""
    lines = ["# Imported", "", f"{count_words(episodes, 'episode')} from <{printable_line(feed)}>.", ""]
    lines += (
        ["Not taken over, mended or guessed:", "", *(f"- {printable_line(line)}" for line in account)]
        if account
        else ["Everything was taken over."]
    )
    (folder / NAME).write_text("\n".join(lines) + "\n", "utf-8")
