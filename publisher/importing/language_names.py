"""The language that a feed names, whether as a code or as a word: `de_DE`, `pt_BR.UTF-8`, `ger`, `Deutsch`."""

from __future__ import annotations

import re

from feed.iso_codes import LANGUAGES, THREE_LETTERS

_BIBLIOGRAPHIC = dict(
    pair.split(":")
    for pair in (  # noqa: SIM905  a line for each would be no easier to read
        "alb:sq arm:hy baq:eu bur:my chi:zh cze:cs dut:nl fre:fr geo:ka ger:de gre:el ice:is mac:mk mao:mi may:ms per:fa rum:ro "
        "slo:sk tib:bo wel:cy"
    ).split()
)
"""ISO 639-2/B -> ISO 639-1, where it differs from 639-2/T."""
_SHORTER = {"iw": "he", "in": "id", "ji": "yi"} | {three: two for two, three in THREE_LETTERS.items() if two in LANGUAGES} | _BIBLIOGRAPHIC


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
