"""What a post says: the template filled, and what is too long cut where it hurts least."""

from __future__ import annotations

import re
from bisect import bisect_left
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
class PostPicture:
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
    picture: PostPicture | None = None

    @property
    def link(self) -> str:
        """The address of the episode's page."""
        return self.values["link"]


class TooLongError(ValueError):
    """A template that is longer than a network takes by itself."""


def graphemes(text: str) -> int:
    """How many characters people see (extended grapheme clusters, UAX 29): as Bluesky and Mastodon count."""
    return len(regex.findall(r"\X", text))


def text_of(template: str, values: Mapping[str, str], fits: Callable[[str], bool]) -> str:
    """The text of a post that `fits`: the summary is cut first, then the title.

    Raises TooLongError where all the rest is too long already.
    """
    shown = dict(values)
    for name in ("summary", "title"):
        if fits(text := _filled(template, shown)):
            return text
        shown[name] = _cut(values[name], lambda part, name=name: fits(_filled(template, {**shown, name: part})))  # type: ignore[misc]
    if not fits(text := _filled(template, shown)):
        raise TooLongError(f"its text is too long without summary and title already: {graphemes(text)} characters")
    return text


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its values; empty ones leave no gap."""
    return _GAPS.sub("\n\n", template.format_map(values)).strip()


def _cut(text: str, fits: Callable[[str], bool]) -> str:
    """As much of the beginning of a text as fits, to the end of a word, and an ellipsis; "" where that would be a few letters."""
    clusters = regex.findall(r"\X", text)
    most = bisect_left(range(len(clusters)), True, key=lambda count: not fits("".join(clusters[: count + 1]) + _ELLIPSIS))
    if most < LEAST:
        return ""
    head = "".join(clusters[:most])
    words = head.rsplit(None, 1)
    kept = words[0] if len(words) == 2 and len(words[0]) > len(head) // 2 and most < len(clusters) else head
    return kept.rstrip(" \n\t,;:–—-") + _ELLIPSIS
