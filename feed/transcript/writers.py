"""Cues to the forms apps read: WebVTT, JSON and SRT, and plain text for people.

Cues are expected in normal form (`feed.transcript.normal_form`). What each form can hold without loss is said with its writer.
"""

from __future__ import annotations

import re
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

from feed.times import short_clock, timestamp
from feed.transcript.cue_splitting import fit_two_lines, split_cue
from feed.transcript.paragraphs import paragraphs
from feed.word_boundaries import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.model import Cue

VTT_WIDTH = 65
VTT_LINES = 5
"""A cue of up to that many lines stays one, so that every form has the same cues; only a longer one is cut."""
SRT_WIDTH = 32
_FORBIDDEN = str.maketrans("", "", "&<>")
_SRT_TEXT = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")"})
_SRT_SIGNS = re.compile("[<>{}]")
_COLON_AND_SPACE = re.compile(r"\s*:+(?=\s|$)")


def write_vtt(cues: Sequence[Cue]) -> str:
    """WebVTT: the form to offer when there is only one (Apple, Pocket Casts, AntennaPod, browsers).

    `<v Speaker>` on every cue that has one, as Pocket Casts reads it per cue; at most five lines of 65 characters, longer
    cues are cut at clauses with times in proportion; `& < >` escaped, so that no text holds `-->`, for which AntennaPod
    would drop the whole file. Reads back without loss where a text needs no cut and no word passes a line.
    """
    blocks = ["WEBVTT\n"]
    for cue in cues:
        name = speaker_name(cue.speaker)
        voice = f"<v {name}>" if name else ""
        written = _escape(cue.text)
        whole = fit_two_lines(written, max(VTT_WIDTH - len(voice), VTT_WIDTH // 3), VTT_WIDTH)
        if whole:
            blocks.append(f"{timestamp(cue.start)} --> {timestamp(cue.end)}\n{voice}{whole}\n")
            continue
        for start, end, lines in split_cue(cue, width=VTT_WIDTH, lines=VTT_LINES, first=len(voice), text=written):
            text = "\n".join(lines)
            blocks.append(f"{timestamp(start)} --> {timestamp(end)}\n{voice}{text}\n")
    return "\n".join(blocks)


def write_srt(cues: Sequence[Cue]) -> str:
    """SubRip, two lines of 32 characters; `Name: ` only where the speaker changes, on a card of its own beginning.

    AntennaPod takes any `: ` (a colon at a line's end too) for a label and drops what follows a second colon. So a colon
    before a space becomes a dash, and any other on a card with a label the ratio sign `∶`, which looks the same. `<`, `>`
    and braces, which players take for markup, become `‹`, `›` and parentheses. Reads back without loss where texts hold
    none of these signs and fit their card, and either every cue has a speaker, of at least two, or none.
    """
    cards: list[str] = []
    speaker = ""
    for cue in cues:
        name = _label(cue.speaker)
        label = f"{name}: " if name and name != speaker else ""
        speaker = name or speaker
        text = cue.text.translate(_SRT_TEXT) if _SRT_SIGNS.search(cue.text) else cue.text
        if ":" in text:
            text = _COLON_AND_SPACE.sub(" –", text)
        whole = fit_two_lines(text, max(SRT_WIDTH - len(label), SRT_WIDTH // 3), SRT_WIDTH)
        pieces = [(cue.start, cue.end, [whole])] if whole else split_cue(cue, width=SRT_WIDTH, first=-len(label), text=text)
        for number, (start, end, lines) in enumerate(pieces):
            body = "\n".join(lines)
            if label and not number:
                body = label + body.replace(":", "∶")
            cards.append(f"{len(cards) + 1}\n{timestamp(start, ',')} --> {timestamp(end, ',')}\n{body}\n")
    return "\n".join(cards)


def write_json(cues: Sequence[Cue], language: str = "") -> str:
    """The podcast namespace's JSON 1.0.0, which AntennaPod prefers: every segment has both times and a body, never empty.

    Compact, seconds as numbers, one document in one line; reads back without loss where the cues are sentences, not words.
    """
    spoken = {name: f'{{"speaker":{quoted(speaker_name(name))},' if speaker_name(name) else "{" for name in {cue.speaker for cue in cues}}
    segments = [
        f'{spoken[cue.speaker]}"startTime":{_number(cue.start)},"endTime":{_number(cue.end)},"body":{quoted(cue.text)}}}'
        for cue in cues
        if cue.text
    ]
    head = f'"language":{quoted(language)},' if language else ""
    return f'{{"version":"1.0.0",{head}"segments":[{",".join(segments)}]}}\n'


def write_text(cues: Sequence[Cue]) -> str:
    """Plain text for people: a line with speaker and time for each turn, its paragraphs below."""
    parts: list[str] = []
    for section in paragraphs(cues, ()):
        for turn in section.turns:
            for number, paragraph in enumerate(turn.paragraphs):
                at = short_clock(paragraph[0].start)
                name = speaker_name(turn.speaker)
                head = f"{name} ({at})\n" if name and not number else f"[{at}]\n" if not name else ""
                parts.append(head + join(cue.text for cue in paragraph) + "\n")
    return "\n".join(parts)


@lru_cache(maxsize=1024)
def speaker_name(name: str) -> str:
    """A speaker as apps can read it: in one line, without `& < >`, which break AntennaPod's reading of a voice."""
    return " ".join(name.translate(_FORBIDDEN).split()) if name else ""


@lru_cache(maxsize=1024)
def _label(name: str) -> str:
    """A speaker as SRT can hold it: no colon, at most 24 characters, cut at a word."""
    name = " ".join(speaker_name(name).replace(":", " ").split())
    if len(name) <= 24:
        return name
    return name[:25].rsplit(" ", 1)[0][:24]


def _escape(text: str) -> str:
    if "&" in text or "<" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


@lru_cache(maxsize=4096)
def _number(seconds: float) -> str:
    """Seconds to the millisecond, a whole number where it is one."""
    return str(int(seconds) if seconds == int(seconds) else round(seconds, 3))
