"""What a post says: the template filled, and what is too long cut where it hurts least."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEAST = 20
"""Characters of a summary or title below which it is not worth showing."""
_ELLIPSIS = "…"
_GAPS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture to show with a post: its bytes, its type, and what it shows (`alt`)."""

    body: bytes
    type: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostContent:
    """What is posted of an episode: by placeholder the `values` of a template, its language (BCP 47), and its picture."""

    guid: str
    date: str
    values: Mapping[str, str]
    language: str
    picture: Picture | None = None

    @property
    def link(self) -> str:
        """The address of the episode's page."""
        return self.values["link"]


class TooLongError(ValueError):
    """A template that is longer than a network takes by itself."""


def graphemes(text: str) -> int:
    """How many characters people see (extended grapheme clusters, UAX 29): as Bluesky and Mastodon count."""
    return len(regex.findall(r"\X", text))


def text_of(template: str, values: Mapping[str, str], limit: int, length: Callable[[str], int] = graphemes) -> str:
    """The text of a post, at most `limit` long as `length` counts: the summary is cut first, then the title.

    Raises TooLongError where all the rest is too long already.
    """
    shown = dict(values)
    for name in ("summary", "title"):
        text = _filled(template, shown)
        if length(text) <= limit:
            return text
        if f"{{{name}}}" in template:
            rest = length(_filled(template, {**shown, name: ""}))
            shown[name] = _cut(values[name], limit - rest - 2, length)  # a blank line may come back with it
    text = _filled(template, shown)
    if length(text) > limit:
        raise TooLongError(f"its text has {length(text)} characters without summary and title, and {limit} are taken")
    return text


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its values; empty ones leave no gap."""
    return _GAPS.sub("\n\n", template.format_map(values)).strip()


def _cut(text: str, room: int, length: Callable[[str], int]) -> str:
    """The beginning of a text, to the last word that fits and an ellipsis; "" where there is no room for more than a few."""
    if length(text) <= room:
        return text
    if room < LEAST:
        return ""
    head = ""
    for cluster in regex.findall(r"\X", text):
        if length(head + cluster) + 1 > room:
            break
        head += cluster
    words = head.rsplit(None, 1)
    kept = words[0] if len(words) == 2 and len(words[0]) > len(head) // 2 else head
    return kept.rstrip(" \n\t,;:–—-") + _ELLIPSIS
