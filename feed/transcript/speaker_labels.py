"""Speaker labels: `Emma: ` at the start of a line, told apart from a sentence that happens to hold a colon."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import regex

from feed.findings import GUESSED, Remark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.transcript.raw_cues import RawCue

_LEAD = r"(?:>>[ \t]*|[-–—•*][ \t]+)?(?:\*\*|__)?"
_LABEL = regex.compile(
    rf"[ \t]*{_LEAD}(?:\[(?P<square>[^\[\]\n]{{1,40}})\]|(?P<bare>(?![_\s])[\p{{L}}\p{{N}}][^:：\n*<>&\[\]]{{0,39}}?))"
    rf"(?:\*\*|__)?(?:[ \t]*(?P<wide>：)[ \t]*|:(?=\s|\*\*|__|$))(?:\*\*|__)?[ \t]*(?P<text>.*)",
)
_MACHINE = regex.compile(
    r"[ \t]*(?:[-–—][ \t]+)?(?:\[(?P<name>{0})\]|\((?P<name>{0})\)|(?P<name>{0})(?=:))[ \t]*:?(?:[ \t]+|$)(?P<text>.*)".format(
        r"(?:speaker|spk|sprecher(?:in)?|locuteur|hablante)[ _\-]?(?:\d{1,3}|[A-Z]|\?)"
    ),
    regex.IGNORECASE,
)
_BRACKETS = regex.compile(r"[ \t]*(?:[-–—][ \t]+)?\[(?P<name>[^\[\]\n:]{1,40})\][ \t]+(?P<text>\S.*)")
_WORD = r"(?!\p{N})[\p{L}\p{M}\p{N}_.'’\-\u200c\u200d]+"
_NAME = regex.compile(rf"(?=\p{{L}}){_WORD}(?: (?:(?=\p{{L}}){_WORD}|\d{{1,3}}|&|#\d{{1,3}}|\([^()]{{1,20}}\))){{0,4}}")
_MOST = 0.8
"""Where so many texts have a label, all of them are labels."""
# What stands in brackets and is heard, not spoken.
_SOUNDS = frozenset(
    ("applause", "cheering", "crosstalk", "inaudible", "laugh", "laughing", "laughs", "laughter", "music", "noise", "silence")
)
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
    """("Emma", "so it begins") from `Emma: so it begins`, `- Emma: …`, `[Emma]: …`, `**Emma:** …`, `Emma：…`; ("", text) when the start has
    not the shape of a name.
    """
    line, newline, rest = text.partition("\n")
    if not ((":" in line[:60]) or ("：" in line[:60])):
        return "", text
    match = _LABEL.fullmatch(line)
    if match is None:
        return "", text
    name = _as_name(match["square"] or match["bare"])
    return (name, f"{match['text']}{newline}{rest}".strip()) if looks_like_name(name) else ("", text)


def _machine_label(line: str) -> tuple[str, str]:
    """("SPEAKER_00", "so it begins") from `[SPEAKER_00]: so it begins`, `(speaker 0) …`, as machines write: no sentence begins so."""
    if line.lstrip(" \t-–—")[:1] not in ("[", "(") and ":" not in line[:20]:
        return "", line
    match = _MACHINE.fullmatch(line)
    return (_as_name(match["name"]), match["text"].strip()) if match else ("", line)


def _in_brackets(line: str) -> tuple[str, str]:
    """("Emma", "so it begins") from `[Emma] so it begins`; what is heard and not spoken is no name."""
    match = _BRACKETS.fullmatch(line) if "[" in line[:6] else None
    name = _as_name(match["name"]) if match else ""
    return (name, match["text"].strip()) if match and looks_like_name(name) and name.casefold() not in _SOUNDS else ("", line)


def _as_name(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


def looks_like_name(name: str) -> bool:
    """Whether this could be a speaker: up to five words, each with a capital, a number, or a particle like `van`."""
    if _NAME.fullmatch(name) is None:
        return False
    words = name.split()
    if words[0].casefold().rstrip(".,") in _WORDS:
        return False
    return all(not word[0].islower() or word in _SMALL for word in words) and words[0] not in _SMALL - {"speaker"}


class _Line(NamedTuple):
    """A line of a text: the name its label has ("": none), what it says then, and whether a machine wrote the label."""

    name: str
    said: str
    machine: bool = False
    bracketed: bool = False


def take_labels(raws: Sequence[RawCue]) -> tuple[list[RawCue], tuple[Remark, ...]]:
    """Move labels from the text into `speaker`, and say what of it is a guess. A label within a text begins one of its own.

    What machines write is a label. Any other counts when it stands at least twice in the file, or when the first text has one and another
    one is there, too: then the file is a labelled one, and a guest may speak only once. All else that looks like a label stays text.
    """
    read = [[_read(line) for line in raw.text.split("\n")] if not raw.speaker else [] for raw in raws]
    accepted, once = _accepted(read)
    if not accepted and not any(line.machine for lines in read for line in lines):
        return list(raws), ()
    taken: list[RawCue] = []
    for raw, lines in zip(raws, read, strict=True):
        if not any(line.machine or line.name in accepted for line in lines):
            taken.append(raw)
            continue
        parts: list[tuple[str, list[str]]] = []
        for line, written in zip(lines, raw.text.split("\n"), strict=True):
            if line.machine or (line.name and line.name in accepted):
                parts.append((line.name, [line.said]))
            elif parts:
                parts[-1][1].append(written)
            else:
                parts.append(("", [written]))
        taken += [raw._replace(speaker=name, text="\n".join(said).strip()) for name, said in parts if name or "".join(said).strip()]
    if not once:
        return taken, ()
    names = ", ".join(f"“{name}”" for name in once[:3]) + (" and others" if len(once) > 3 else "")
    return taken, (Remark(GUESSED, f"taken for speakers, though they speak once: {names}"),)


def _read(line: str) -> _Line:
    if not (":" in line or "[" in line or "(" in line or "：" in line):
        return _Line("", line)
    name, said = _machine_label(line)
    if name:
        return _Line(name, said, machine=True)
    name, said = split_label(line)
    if name:
        return _Line(name, said)
    name, said = _in_brackets(line)
    return _Line(name, said, bracketed=bool(name))


def _accepted(read: Sequence[Sequence[_Line]]) -> tuple[set[str], list[str]]:
    """The names that count as labels in a file, and those of them that stand there once."""
    machines = {line.name for lines in read for line in lines if line.machine}
    labels = [line for lines in read for line in lines if line.name and not line.machine]
    bracketed = Counter(line.name for line in labels if line.bracketed)
    if sum(number > 1 for number in bracketed.values()) + len(machines) < 2:  # `[Door slams]` is no speaker
        labels = [line for line in labels if not line.bracketed]
    counts = Counter(line.name for line in labels)
    often = {name for name, number in counts.items() if number > 1}
    spoken = [lines for lines in read if any(line.said.strip() for line in lines)]
    opens = bool(spoken) and bool(spoken[0]) and bool(spoken[0][0].machine or spoken[0][0].name in counts)
    labelled = sum(bool(lines) and (lines[0].machine or lines[0].name in counts) for lines in read) / max(1, len(read))
    if len(counts) + len(machines) < 2 or not opens:
        return often, []
    return set(counts), [name for name in counts if name not in often] if labelled < _MOST else []
