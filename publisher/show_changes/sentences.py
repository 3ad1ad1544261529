"""The changes of a show as sentences: on a terminal, and as Markdown for a pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from publisher.core.console import count_words, harmless, listed_words, size_words
from publisher.load.dates import moment_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from publisher.core.json_results import EpisodeChange
    from publisher.show_changes.compare import ShowChanges

_MANY = frozenset({"notes", "details", "looks", "pages", "chapters", "pictures", "other encodings", "settings", "live streams"})
"""Words that stand in the plural."""


def sentences(changes: ShowChanges, zone: str | None) -> Iterator[tuple[str, str]]:
    """(kind, sentence) of each change, the show's own first; the kind is show, new, changed or removed.

    Times are those of the show's time `zone`.
    """
    if changes.show:
        yield "show", f"the {listed_words(changes.show)} of the show {_verb(changes.show)}"
    for episode in changes.episodes:
        yield episode.change, _of_episode(episode, zone)


def as_markdown(changes: ShowChanges, files: int, size: int, zone: str | None, *, planned: bool = True, compared: str = "") -> str:
    """The plan for people who read it in a pull request, or what was done; `compared` says with what, where files could not be."""
    lines = ["### What this publishes" if planned else "### What was published", ""]
    for kind, sentence in sentences(changes, zone):
        lines.append(f"- {'**new episode**: ' if kind == 'new' else ''}{escaped(sentence.removeprefix('new episode: '))}")
    if len(lines) == 2:
        lines.append("- nothing that listeners read" if files else "- nothing changes")
    sent = f"{count_words(files, 'file')} {'to send' if planned else 'sent'}, {size_words(size)}."
    return "\n".join([*lines, "", escaped(compared) if compared else sent])


def _of_episode(episode: EpisodeChange, zone: str | None) -> str:
    title = f"“{episode.title or episode.slug}”"
    if episode.change == "new":
        return f"new episode: {title}"
    if episode.change == "removed":
        return f"{title} is taken out of the feed"
    by = f", last published by {episode.last_by} on {moment_words(episode.last_at, zone)}" if episode.last_by and episode.last_at else ""
    return f"the {listed_words(episode.parts)} of {title} {_verb(episode.parts)}{by}"


def _verb(words: Sequence[str]) -> str:
    return "change" if len(words) > 1 or words[0] in _MANY else "changes"


def escaped(text: str) -> str:
    """`text` on one line of Markdown, which makes no mark-up, link or mention of it."""
    line = re.sub(r"([\\`*_\[\]<>#|&~!$])", r"\\\1", harmless(" ".join(text.split())))
    return line.replace("://", ":\\//").replace("www.", "www\\.").replace("@", "@\u200b")
