"""The language that a feed names, whether as a code or as a word: `de_DE`, `pt_BR.UTF-8`, `ger`, `Deutsch`."""

from __future__ import annotations

import re

from feed.iso_codes import LANGUAGES, TWO_LETTERS

_SHORTER = {"iw": "he", "in": "id", "ji": "yi"} | TWO_LETTERS


def language_code(written: str) -> str:
    """The code that directories read, in lower case; "" for what names no language."""
    text = re.split(r"[.,;@(]", written[:100].strip().casefold())[0].strip().replace("_", "-")
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}", text):
        return _by_name(text) if text else ""
    first, dash, region = text.partition("-")
    first = _SHORTER.get(first, first)
    return first + dash + region if len(first) == 3 or first in LANGUAGES else ""


def _by_name(name: str) -> str:
    """The code of a language named in English or in itself."""
    from babel import Locale, UnknownLocaleError

    english = Locale("en").languages
    for code in sorted(LANGUAGES):
        if str(english.get(code, "")).casefold() == name:
            return code
    for code in sorted(LANGUAGES):
        try:
            if (Locale(code).get_language_name() or "").casefold() == name:
                return code
        except UnknownLocaleError:
            continue
    return ""
