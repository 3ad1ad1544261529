"""What an import did not take over, mended or guessed: on the screen, and whole in IMPORTED.md of the new folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feed.text_cleaning import printable_line
from publisher.core.console import count_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

NAME = "IMPORTED.md"
_SHOWN = 400
"""Characters of one line on the screen."""


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
