"""What a person typed, as it is kept: normal, trimmed, without what cannot be seen."""

from __future__ import annotations

import unicodedata

import regex

_CONTROLS = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u2028\u2029\ufeff\ufff9-\ufffb\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f--\n\t]", regex.VERSION1
)
"""Controls, what turns the direction of the line around, and tags; no letters of any language."""
_STACKED = regex.compile(r"(\p{M}{4})\p{M}+")
_BLANK = regex.compile(r"[\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800\s]")
"""What leaves no mark on a page, though it may call itself a letter."""
_LINES = regex.compile(r"[ \t]*\n[ \t]*(?:\n[ \t]*)+")
_LINK = regex.compile(r"(?:https?|ftp)\s{0,3}:\s{0,3}/\s{0,3}/|\bwww\.|\[url|<a\s|\bhref\s{0,3}=", regex.IGNORECASE)


def one_line(text: str) -> str:
    """A name."""
    return " ".join(_cleaned(text).split())


def paragraphs(text: str) -> str:
    """A text: its own line breaks, at most one blank line in a row."""
    lines = _LINES.sub("\n\n", _cleaned(text.replace("\r\n", "\n").replace("\r", "\n")))
    return lines.strip()


def visible(text: str) -> int:
    """How many of its letters leave a mark."""
    return len(_BLANK.sub("", text))


def links_in(text: str) -> int:
    """How many links it holds, in any writing that machines use."""
    return len(_LINK.findall(text))


def _cleaned(text: str) -> str:
    return _STACKED.sub(r"\1", unicodedata.normalize("NFC", _CONTROLS.sub("", text)))
