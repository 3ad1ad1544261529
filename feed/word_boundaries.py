"""What a word is, in every script: for merging what recognition gives, for related episodes, for search, for lines and paragraphs."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Inside a character class of `regex`: signs of scripts that set no spaces between words."""
_FIRST = "\u0e00"
"""No sign before it is of those scripts: Thai is the first of them."""
LETTER = r"\p{L}\p{M}\u200c\u200d"
"""Likewise: letters, with the marks that belong to them; `\\w` knows no marks, without which Hindi, Tamil and a decomposed é fall apart."""
_FULL_WIDTH = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー\u3000-\u303f\uff01-\uff60]")
_NO_SPACE = regex.compile(rf"[{UNSPACED}\u3000-\u303f\uff01-\uff60]")
_WORD = regex.compile(rf"[{UNSPACED}]+|(?:(?![{UNSPACED}])[{LETTER}\p{{N}}])+(?:['’‘′](?:(?![{UNSPACED}])[{LETTER}])+)*")
_SIGN = regex.compile(rf"[{UNSPACED}]\p{{M}}*")
_RUN = regex.compile(rf"[{UNSPACED}]+")
_NOTHING = dict.fromkeys("'’‘ʼ′\u00ad\u200b\u200c\u200d", "")
_OWN_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"} | _NOTHING)
_ACCENT = regex.compile(r"[\u0300-\u036f\u064b-\u065f\u0670]+")
_SIGNS_A_WORD = 2.0, 4.5
"""How many signs a word has where nothing parts it: in Chinese and Japanese, and in alphabets as Thai's."""


def words(text: str) -> list[str]:
    """The words of a text as people look for them: without case, accents and apostrophes. Of a script without spaces every two
    signs that stand together are one. Marks without a letter (the joiner of emoji, an accent typed as a sign of its own) are none.
    """
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).replace("\u00ad", "")):
        folded = fold(word)
        if not any(sign.isalnum() for sign in folded):
            continue
        if _RUN.match(word) and len(word) > 2:
            found += (folded[at : at + 2] for at in range(len(folded) - 1))
        else:
            found.append(folded)
    return found


def fold(word: str) -> str:
    """A word in the one form that all its spellings share: `Straße`, `STRASSE`; `don’t`, `dont`; `José`, `jose`; `ＡＢＣ`, `abc`.

    The search in a page's transcript (transcript.js) folds likewise.
    """
    parted = unicodedata.normalize("NFKD", word.casefold()).translate(_OWN_LETTERS)
    if parted.isascii():
        return parted
    return unicodedata.normalize("NFC", _ACCENT.sub("", parted))


def count(text: str) -> float:
    """How many words a text has; where nothing parts them, as many as usually are so long."""
    spaced = _RUN.sub(" ", text) if not text.isascii() else text
    number = float(len(spaced.split()))
    if spaced is not text:
        for run in _RUN.findall(text):
            number += max(1.0, len(run) / _SIGNS_A_WORD[_FULL_WIDTH.match(run) is None])
    return number


def needs_space(before: str, after: str) -> bool:
    """Whether a space parts two texts that follow each other: not beside a sign of a script that sets none."""
    if before[-1:] < _FIRST > after[:1]:
        return True
    return not (before and after and (_NO_SPACE.match(before[-1]) or _NO_SPACE.match(after[0])))


def join(parts: Iterable[str]) -> str:
    """Texts one after the other, with a space where their script sets one."""
    joined: list[str] = []
    for part in parts:
        if joined and needs_space(joined[-1], part):
            joined.append(" ")
        joined.append(part)
    return "".join(joined)


def parted(text: str) -> str:
    """A text in which each sign of a script without spaces is a word to a program that knows spaces."""
    return text if text.isascii() or max(text) < _FIRST else _SIGN.sub(r"\g<0> ", text)


def width(text: str) -> int:
    """The length of a text in letters: signs as wide as two count for two."""
    return len(text) if text.isascii() else len(text) + len(_FULL_WIDTH.findall(text))
