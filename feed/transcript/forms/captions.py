"""Readers of WebVTT and SRT, also where hours are missing, settings follow, or a comma stands for a point."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from feed.transcript.markup import has_voices, plain, voices
from feed.transcript.raw_cues import RawCue, RawTranscript, parse_clock
from feed.transcript.rolling import may_repeat, say_once
from feed.transcript.speaker_labels import take_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feed.findings import Remark

_ARROW = r"(?:-->|->|–>|—>|→)"
_TIME_LINE = re.compile(rf"\s*(\d[^\s<>→–—]{{0,30}}?)\s*{_ARROW}\s*(\d\S{{0,30}})?(?:\s+(\S.*))?")
_SETTINGS = re.compile(r"(?:[A-Za-z][A-Za-z0-9]{0,20}:\S{1,100}(?:\s+|$)){1,12}")
_FRACTION = re.compile(r"[.,]\d")
_OVERRIDE = re.compile(r"\{\\[^{}\n]{0,200}\}")
_COMMENTS = ("NOTE", "STYLE", "REGION")


def recognise_vtt(text: str) -> bool:
    """WebVTT says so in its first line, else in its voices."""
    return text.lstrip()[:6].upper() == "WEBVTT" or (recognise_srt(text) and has_voices(text))


def recognise_srt(text: str) -> bool:
    """A timing line among the first lines, or a usual one anywhere."""
    head = text.lstrip()[:2000].split("\n")[:12]
    return any(_timing(line) is not None for line in head) or (" --> " in text and _USUAL_LINE.search(text) is not None)


def read_vtt(text: str) -> RawTranscript:
    """WebVTT (W3C): header, NOTE, STYLE and REGION skipped; ids and settings dropped; voice spans become speakers."""
    text = text.strip()
    usual = _usual_cues(text)
    spoken, language, left_out, remarks = (usual, "", [], ()) if usual else _any_cues(text)
    if any(raw.speaker for raw in spoken):
        return RawTranscript(spoken, language, left_out, remarks)
    labelled, guessed = take_labels(spoken)
    return RawTranscript(labelled, language, left_out, (*remarks, *guessed))


_TIME = r"((?:[0-9]{2}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3})"
_WORDS = r"[^\s<>&→][^\n<>&→]*(?<!\s)"
_USUAL_CUE = re.compile(rf"\n\n{_TIME} --> {_TIME}\n(?:<v ([^<>&→\n]{{0,199}}[^<>&→\n–—-])>)?({_WORDS}(?:\n{_WORDS})?)(?=\n\n|\Z)")


def _usual_cues(text: str) -> list[RawCue]:
    """The cues of a file in which there is nothing but one or two lines of plain text under each time; else none.

    So are most files, and one pattern reads them in a third of the time.
    """
    if not text.startswith("WEBVTT\n\n"):
        return []
    found = _USUAL_CUE.findall(text)
    if len(found) != text.count("\n\n"):
        return []
    raws = [RawCue(_seconds(start), _seconds(end), said, name.strip()) for start, end, name, said in found]
    return [] if may_repeat(raws) else raws


@lru_cache(maxsize=4096)
def _seconds(time: str) -> float:
    """Seconds of `HH:MM:SS.mmm` or `MM:SS.mmm`; where one cue ends another one starts, so most are asked for twice."""
    hours = int(time[:-10]) * 3600_000 if len(time) > 9 else 0
    return (hours + int(time[-9:-7]) * 60_000 + int(time[-6:-4]) * 1000 + int(time[-3:])) / 1000


def _any_cues(text: str) -> tuple[list[RawCue], str, list[str], tuple[Remark, ...]]:
    """The cues of any file, the language it names, lines in front of the first one, and what was guessed."""
    shown, language, left_out = _vtt_cards(text)
    cues, remarks = say_once(shown)
    return [part for cue in cues for part in voices(cue)], language, left_out, remarks


def cards(text: str) -> list[RawCue]:
    """The cards of WebVTT or SRT as they stand, one cue each, without ids, comments and markup: chapters are written so."""
    text = text.strip()
    shown = _vtt_cards(text)[0] if recognise_vtt(text) else _srt_cards(text)[0]
    return [cue._replace(text=plain(cue.text)) for cue in shown]


def _vtt_cards(text: str) -> tuple[list[RawCue], str, list[str]]:
    """The cards of WebVTT with their markup, the language it names, and lines in front of the first one."""
    language = ""
    left_out: list[str] = []
    found = _Cards()
    blocks = list(_blocks(text))
    for place, block in enumerate(blocks):
        timed = [number for number, line in enumerate(block) if _timing(line) is not None]
        is_comment = block[0].split(maxsplit=1)[0] in _COMMENTS
        if not place and block[0][:6].upper() == "WEBVTT":
            language = next((line[9:].strip() for line in block if line[:9].lower() == "language:"), "")
            block = block[timed[0] :] if timed else []  # noqa: PLW2901  the rest of it
        elif (is_comment and (not timed or timed[0] > 1)) or (not timed and _is_id_of_next(block, blocks[place + 1 : place + 2])):
            continue
        if timed and timed[0] == 1 and block and _timing(block[0]) is None:
            found.number(block[0])
            block = block[1:]  # noqa: PLW2901  without the id
        found.add([*block, ""], left_out)
    return found.read(), language, left_out


def _is_id_of_next(block: list[str], following: list[list[str]]) -> bool:
    """Whether a block is a number that a blank line parts from its time."""
    return len(block) == 1 and block[0].strip().isdecimal() and bool(following) and _timing(following[0][0]) is not None


def read_srt(text: str) -> RawTranscript:
    """SubRip: numbers, timing lines, text; markup and position codes dropped; `Name: ` labels become speakers. What stands above the
    first card is left out.
    """
    shown, left_out = _srt_cards(text)
    cues, remarks = say_once(shown)
    labelled, guessed = take_labels([cue._replace(text=plain(cue.text)) for cue in cues])
    return RawTranscript(labelled, left_out=left_out, remarks=(*remarks, *guessed))


def _srt_cards(text: str) -> tuple[list[RawCue], list[str]]:
    """The cards of SubRip with their markup, and the lines above the first one."""
    left_out: list[str] = []
    found = _Cards()
    found.add([*text.split("\n"), ""], left_out)
    return [cue._replace(text=_OVERRIDE.sub("", cue.text)) for cue in found.read()], left_out


class _Cards:
    """Cards as lines come: a timing line opens one, and a number right above it is its own where cards are numbered."""

    def __init__(self) -> None:
        self._cards: list[tuple[float | None, float | None, list[str]]] = []
        self._numbered = False
        self._number = 0

    def number(self, line: str) -> None:
        """Take the line that numbers the next card."""
        if line.strip().isdecimal() and len(line) < 10:
            self._numbered, self._number = True, int(line)

    def add(self, lines: list[str], left_out: list[str]) -> None:
        """Take lines; those before the first card go to `left_out`."""
        above: list[str] = []
        for line in lines:
            timing = _timing(line)
            if timing is None:
                above.append(line)
                continue
            if above and self._is_number(above):
                self.number(above.pop())
            self._put(above, left_out)
            start, end, said = timing
            self._cards.append((start, end, [said] if said else []))
            above = []
        self._put(above, left_out)

    def _is_number(self, above: list[str]) -> bool:
        line = above[-1].strip()
        if not (line.isdecimal() and len(line) < 10):
            return False
        return not self._cards or (self._numbered and (int(line) == self._number + 1 or len(above) < 2 or not above[-2].strip()))

    def _put(self, lines: list[str], left_out: list[str]) -> None:
        if self._cards:
            self._cards[-1][2].extend(lines)
        else:
            left_out += [line.strip() for line in lines if line.strip()]

    def read(self) -> list[RawCue]:
        """The cues."""
        return [RawCue(start, end, "\n".join(lines).strip()) for start, end, lines in self._cards]


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


_USUAL = re.compile(r"(?:(\d\d):)?([0-5]\d):([0-5]\d)[.,](\d{3}) --> (?:(\d\d):)?([0-5]\d):([0-5]\d)[.,](\d{3})", re.ASCII)
_USUAL_LINE = re.compile(rf"^{_USUAL.pattern}", re.ASCII | re.MULTILINE)


def _timing(line: str) -> tuple[float | None, float | None, str] | None:
    """Start and end of a timing line, either None where it cannot be read, and text that stands behind them; None where a line does not
    begin with two times, as a sentence with an arrow in it.
    """
    if ":" not in line or (">" not in line and "→" not in line) or len(line) > 500:
        return None
    usual = _USUAL.fullmatch(line)
    if usual is not None:
        hours, minutes, seconds, millis, hours2, minutes2, seconds2, millis2 = map(int, usual.groups("0"))
        return hours * 3600 + minutes * 60 + seconds + millis / 1000, hours2 * 3600 + minutes2 * 60 + seconds2 + millis2 / 1000, ""
    match = _TIME_LINE.fullmatch(line)
    if match is None:
        return None
    first, second, rest = match[1], match[2] or "", match[3] or ""
    start, end = parse_clock(first), parse_clock(second)
    if _SETTINGS.fullmatch(rest.strip()):
        rest = ""
    if rest and (start is None or end is None or not (_FRACTION.search(first) and _FRACTION.search(second))):
        return None
    if ":" not in first or (second and ":" not in second):
        return None
    return start, end, rest.strip()
