"""What an import did not take over, mended or guessed: on the screen, and whole in IMPORTED.md of the new folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.text_cleaning import printable_line
from publisher.core.console import count_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NAME = "IMPORTED.md"
_SHOWN = 400
"""Characters of one line on the screen."""
_ALIKE = 5
"""Lines of a kind that are shown one by one."""
_FOLDER = re.compile(r"[a-z0-9-]{1,80}: ")
"""How a line about an episode's folder begins."""
_OWN = re.compile(r"“[^”]*”|https?://\S+")


def on_screen(account: Sequence[str]) -> Iterator[str]:
    """Each line, a long one cut, and what recurs from episode to episode once, with its count: a screen is not read further."""
    kinds: dict[str, list[str]] = {}
    for line in account:
        kinds.setdefault(_kind(line), []).append(line)
    for lines in kinds.values():
        if len(lines) > _ALIKE:
            yield f"{len(lines)} times, each in {NAME}; the first: {_cut(lines[0])}"
        else:
            yield from map(_cut, lines)


def _kind(line: str) -> str:
    """What a line about an episode's folder says, but for the folder, addresses and words of the feed; any other line is its own kind."""
    folder = _FOLDER.match(line)
    return _OWN.sub("", line[folder.end() :]) if folder else line


def _cut(line: str) -> str:
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN].rsplit(' ', 1)[0]} … (whole in {NAME})"


def write_account(folder: Path, feed: str, episodes: int, account: Sequence[str]) -> None:
    """IMPORTED.md, about the last import into this folder."""
    lines = ["# Imported", "", f"{count_words(episodes, 'episode')} from <{printable_line(feed)}>.", ""]
    lines += (
        ["Not taken over, mended or guessed:", "", *(f"- {printable_line(line)}" for line in account)]
        if account
        else ["Everything was taken over."]
    )
    (folder / NAME).write_text("\n".join(lines) + "\n", "utf-8")
