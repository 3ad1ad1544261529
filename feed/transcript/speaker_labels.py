"""Speaker labels: `Emma: ` at the start of a line, told apart from a sentence that happens to hold a colon."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.transcript.raw_cues import RawCue

_LABEL = re.compile(r"(?:>>\s*)?(?:\*\*)?([^\W_][^:\n*<>&]{0,39}):(?:\*\*)?(?:\s+(.*)|$)", re.DOTALL)
_NAME = re.compile(r"[^\W\d_][\w.'’\-]*(?: (?:[^\W\d_][\w.'’\-]*|\d{1,3}|&|#\d{1,3}|\([^()]{1,20}\))){0,4}")
_SMALL = frozenset({"de", "da", "di", "del", "van", "von", "der", "den", "la", "le", "el", "bin", "al", "of", "the", "speaker", "dr", "zu"})
# Words that open a sentence with a colon, never a turn.
# fmt: off
_WORDS = frozenset((
    "and", "answer", "but", "caution", "chapter", "choice", "conclusion", "disclaimer", "episode", "example", "exactly", "fact",
    "first", "finally", "hint", "honestly", "however", "hypothesis", "idea", "listen", "look", "meaning", "next", "no", "note",
    "okay", "ok", "one", "option", "or", "part", "point", "problem", "question", "reason", "remember", "right", "rule", "second",
    "so", "step", "story", "summary", "then", "third", "three", "tip", "translation", "two", "update", "warning", "well", "yes",
    "yeah",
))
# fmt: on


def split_label(text: str) -> tuple[str, str]:
    """("Emma", "so it begins") from `Emma: so it begins`; ("", text) when the start has not the shape of a name."""
    if ":" not in text[:48]:
        return "", text
    match = _LABEL.match(text)
    if match is None:
        return "", text
    name = match[1].strip()
    return (name, (match[2] or "").strip()) if looks_like_name(name) else ("", text)


def looks_like_name(name: str) -> bool:
    """Whether this could be a speaker: up to five words, each with a capital, a number, or a particle like `van`."""
    if _NAME.fullmatch(name) is None:
        return False
    words = name.split()
    if words[0].casefold().rstrip(".,") in _WORDS:
        return False
    return all(not word[0].isalpha() or not word[0].islower() or word in _SMALL for word in words) and words[0] not in _SMALL - {"speaker"}


def take_labels(raws: Sequence[RawCue]) -> list[RawCue]:
    """Move labels from the text into `speaker`.

    A label counts when it stands at least twice in the file, or when the very first text carries one: then the file is a
    labelled one, and a guest may speak only once. Everything else that looks like a label stays text.
    """
    split = [split_label(raw.text) for raw in raws]
    counts = Counter(name for name, _ in split if name)
    if not counts:
        return list(raws)
    first = next((name for (name, _), raw in zip(split, raws, strict=True) if raw.text), "")
    accepted = set(counts) if first else {name for name, count in counts.items() if count > 1}
    return [
        raw._replace(speaker=name, text=text) if name in accepted and not raw.speaker else raw
        for raw, (name, text) in zip(raws, split, strict=True)
    ]
