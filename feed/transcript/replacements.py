"""Applies `[transcript.replace]` and `[transcript.speakers]` to cues: spellings put right, voices named."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import regex

from feed.model import Cue
from feed.word_boundaries import LETTER, UNSPACED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_UNSPACED = regex.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One rule of `[transcript.replace]` that was applied, `count` times."""

    wrong: str
    right: str
    count: int


def apply_replacements(
    cues: Sequence[Cue], replace: Mapping[str, str], speakers: Mapping[str, str]
) -> tuple[tuple[Cue, ...], tuple[Replacement, ...]]:
    """The cues with wrong spellings put right and voice labels turned into names, and which rules were applied how often.

    `replace` maps wrong to right on word boundaries, in any case: `Carpathy = "Karpathy"` turns CARPATHY into KARPATHY and
    carpathy into karpathy. The longest rule wins, no rule sees another's output. `speakers` maps labels (SPEAKER_00) to
    names; labels it does not hold stay.
    """
    rules = {_key(wrong): (wrong, right) for wrong, right in replace.items() if _key(wrong)}
    labels = {_key(label): name for label, name in speakers.items()}
    names = {label: labels.get(_key(label), label) if label else "" for label in {cue.speaker for cue in cues}}
    pattern = _pattern([wrong for wrong, _ in rules.values()])
    counts: Counter[str] = Counter()

    def put_right(match: regex.Match[str]) -> str:
        rule = rules.get(_key(match[0]))
        if rule is None:
            return match[0]
        counts[rule[0]] += 1
        return _in_case_of(match[0], *rule)

    if pattern is None and all(label == name for label, name in names.items()):
        return tuple(cues), ()
    mended = []
    for cue in cues:
        text = " ".join(pattern.sub(put_right, unicodedata.normalize("NFC", cue.text)).split()) if pattern else cue.text
        mended.append(Cue(start=cue.start, end=cue.end, text=text or cue.text, speaker=names[cue.speaker]))
    applied = tuple(Replacement(wrong=wrong, right=right, count=counts[wrong]) for wrong, right in rules.values() if counts[wrong])
    return tuple(mended), applied


def _key(text: str) -> str:
    """What two spellings share: case, the shape of apostrophes and spaces, and how accents are written set aside."""
    return " ".join(unicodedata.normalize("NFC", text).replace("’", "'").casefold().split())


def _pattern(wrong: Sequence[str]) -> regex.Pattern[str] | None:
    """One pattern for all rules, grouped by their first letter so that a thousand rules cost little more than ten.

    A match begins and ends where a word does; in scripts without spaces anywhere, but never between a letter and its marks.
    """
    if not wrong:
        return None
    ordered = sorted(
        (" ".join(unicodedata.normalize("NFC", text).split()) for text in wrong), key=lambda text: (text[0].casefold(), -len(text), text)
    )
    groups = ("|".join(_written(text) for text in group) for _, group in groupby(ordered, key=lambda text: text[0].casefold()))
    initials = "".join(
        regex.escape(initial) for initial in sorted({text[0].lower() for text in ordered} | {text[0].upper()[0] for text in ordered})
    )
    return regex.compile(rf"(?=[{initials}])(?:{'|'.join(f'(?:{group})' for group in groups)})", regex.IGNORECASE)


def _written(text: str) -> str:
    """The pattern of one rule, between words."""
    within = rf"[{LETTER}\p{{N}}_]"
    before = f"(?<!{within})" if not _UNSPACED.match(text[0]) else ""
    after = f"(?!{within})" if not _UNSPACED.match(text[-1]) else r"(?!\p{M})"
    return before + regex.escape(text.replace("’", "'")).replace("'", "['’]") + after


def _in_case_of(found: str, wrong: str, right: str) -> str:
    """`right`, in capitals or small letters where `found` is and the rule was not written so."""
    if found == wrong:
        return right
    if found.isupper() and len(found) > 1 and not wrong.isupper():
        return right.upper()
    if found.islower() and not wrong.islower():
        return right.lower()
    if found[:1].isupper() and wrong[:1].islower():
        return right[:1].upper() + right[1:]
    return right
