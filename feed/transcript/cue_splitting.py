"""Long cues cut into pieces that fit a screen: at the ends of sentences and clauses, with times in proportion."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from feed.model import Cue

_SENTENCE = (".", "!", "?", "…", ".”", '."', "!”", "?”", "。", "！", "？")
_CLAUSE = (",", ";", ":", "—", "–", "、", "，")

_WITHIN = re.compile("(?<=[。！？、，；])(?=[^。！？、，；”’」』])")
_GLUE = "\0"  # texts hold no control characters


class Piece(NamedTuple):
    """Lines that stand on the screen together from `start` to `end`, in seconds."""

    start: float
    end: float
    lines: list[str]


def split_cue(cue: Cue, *, width: int, lines: int = 2, first: int = 0, text: str | None = None) -> list[Piece]:
    """The cue as pieces of at most `lines` lines of `width` characters; `text` is its text as it is written, where that differs.

    `first` characters are taken on the first line of every piece (a voice tag) or, with another sign, only of the first
    piece: the caller passes a negative number for that (a label).
    """
    label = max(-first, 0)
    room = max(width - max(first, 0), width // 3)
    text = cue.text if text is None else text
    if len(cue.text) <= width // 2:
        return [Piece(cue.start, cue.end, [text])]
    text = _parted(text, width)
    pieces: list[list[str]] = []
    at = 0
    while at <= len(text):
        here = max(width - label, width // 3) if label and not pieces else room
        rows, after = _fill(text, at, here, width, lines=lines, stop=len(text))
        if after <= len(text):
            stop = _best_break(text, at, after - 1)
            if stop < after - 1:
                rows, after = _fill(text, at, here, width, lines=lines, stop=stop)
        pieces.append(rows)
        at = after
    if _GLUE in text:
        pieces = [[row.replace(" " + _GLUE, "").replace(_GLUE, "") for row in rows] for rows in pieces]
    return _timed(cue, pieces)


def fit_two_lines(text: str, room: int, width: int) -> str:
    """The text on one line of `room` or two, the second of `width`, for the many that fit so: what `split_cue` would give, in less time.

    Empty where words have to be counted.
    """
    if len(text) <= room:
        return text
    if len(text) > room + 1 + width or not (text.isascii() or max(text) < "\u2e80"):
        return ""
    at = text.rfind(" ", 0, room + 1)
    return f"{text[:at]}\n{text[at + 1 :]}" if at > 0 and len(text) - at - 1 <= width else ""


def _parted(text: str, width: int) -> str:
    """The text, a word that is longer than a line cut after its own punctuation where it has any; its parts begin with glue."""
    words = text.split(" ")
    if max(map(len, words)) <= width // 3:
        return text
    cut_words: list[str] = []
    for word in words:
        if len(word) <= width // 3 or (len(word) <= width and max(word) < "\u2e80"):
            cut_words.append(word)
        else:
            first, *rest = (part for clause in _WITHIN.split(word) for part in _parts(clause, width // 3))
            cut_words += [first, *(_GLUE + part for part in rest)]
    return " ".join(cut_words)


def _parts(word: str, limit: int) -> list[str]:
    """A word cut every `limit` characters, never within an entity, nor between a letter and its marks."""
    parts: list[str] = []
    begin = 0
    while len(word) - begin > limit:
        entity = word.rfind("&", max(begin, begin + limit - 6), begin + limit)
        at = entity if entity > begin and ";" not in word[entity : begin + limit] else begin + limit
        at = next((place for place in range(at, begin, -1) if unicodedata.category(word[place])[0] != "M"), at)
        parts.append(word[begin:at])
        begin = at
    return [*parts, word[begin:]] if begin < len(word) else parts


def _fill(text: str, at: int, room: int, width: int, *, lines: int, stop: int) -> tuple[list[str], int]:
    """Rows filled with the words of text[at:stop], the first up to `room`; and where the first word begins that found no place."""
    rows: list[str] = []
    limit = room
    while at <= stop and len(rows) < lines:
        end = stop if stop - at <= limit else text.rfind(" ", at, at + limit + 1)
        if end < 0:  # a word that is longer than its row
            end = text.find(" ", at, stop)
            end = stop if end < 0 else end
        rows.append(text[at:end])
        at, limit = end + 1, width
    return rows, at


def _best_break(text: str, at: int, stop: int) -> int:
    """Where to end a piece that could hold text[at:stop]: after a sentence in its second half, a clause, or the last word; and in
    the middle of what is left where else only a word or two would remain for the last piece.
    """
    words = text[at:stop].split(" ")
    rest = text.count(" ", stop)
    if rest <= len(words) // 3:
        words = words[: (len(words) + rest + 1) // 2]
    for ends, least in ((_SENTENCE, len(words) // 3), (_CLAUSE, len(words) // 2)):
        for number in range(len(words) - 1, least - 1, -1):
            if words[number].endswith(ends):
                return at + len(" ".join(words[: number + 1]))
    return at + len(" ".join(words))


def _timed(cue: Cue, pieces: list[list[str]]) -> list[Piece]:
    """Times in proportion to the letters, whole milliseconds."""
    if len(pieces) == 1:
        return [Piece(cue.start, cue.end, pieces[0])]
    begin, span = round(cue.start * 1000), round((cue.end - cue.start) * 1000)
    if span < len(pieces):  # too short to divide: one piece of many lines
        return [Piece(cue.start, cue.end, [row for rows in pieces for row in rows])]
    lengths = [sum(map(len, rows)) for rows in pieces]
    whole, said, last = sum(lengths), 0, 0
    timed = []
    for number, (rows, length) in enumerate(zip(pieces, lengths, strict=True), 1):
        said += length
        end = min(max(round(span * said / whole), last + 1), span - (len(pieces) - number))
        timed.append(Piece((begin + last) / 1000, (begin + end) / 1000, rows))
        last = end
    return timed
