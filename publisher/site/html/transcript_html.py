"""The transcript as the body of the page: sections by chapter, turns by speaker, every cue with a time that is a link.

Built by joining strings, not by a template: a page has hundreds of cues, a show thousands of pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from feed.times import short_clock
from publisher.media.colors import SPEAKERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feed.model import Cue
    from feed.transcript.paragraphs import Section

_SIGNS = re.compile("[&<>\"']")
_STAMP_LINK = re.compile(r"href=[\"']?#t=(\d{1,6})\b")


@dataclass(frozen=True, slots=True)
class TranscriptView:
    """`html` for the page; the start and end of each cue in it, in the same order, for the player; the seconds it has targets for."""

    html: Markup
    times: tuple[tuple[float, float], ...]
    placed: frozenset[int] = frozenset()


def stamps_in(html: str) -> set[int]:
    """The seconds that links like `#t=754` lead to."""
    return {int(seconds) for seconds in _STAMP_LINK.findall(html)}


def render_transcript(
    sections: Sequence[Section], *, wanted: Iterable[int] = (), space: str = " ", sources: Iterable[tuple[float, str, str]] = ()
) -> TranscriptView:
    """Sections of turns as HTML. `wanted` seconds get a target even where no cue starts; `space` joins cues.

    `sources` (second, title, address) stand below the paragraph in which they are spoken of.
    """
    out: list[str] = []
    times: list[tuple[float, float]] = []
    voices: dict[str, int] = {}
    used = {int(section.chapter.start) for section in sections if section.chapter is not None}
    missing = sorted(set(wanted) - used)
    named = sorted(sources)
    for number, section in enumerate(sections):
        chapter = section.chapter
        element = "div" if chapter is None else "section"  # a section needs a heading
        if chapter is None:
            out.append('<div class="part">\n')
        else:
            second = int(chapter.start)
            first = next((before for before in sections[:number] if before.chapter and int(before.chapter.start) == second), None)
            place = "" if first else f' id="t={second}"'
            out.append(
                f'<section class="part" aria-labelledby="part-{number}"{place}>\n<h3 id="part-{number}">'
                f'<a class="at" href="#t={second}">{short_clock(second)}</a> {escape(chapter.title)}</h3>\n'
            )
        for turn in section.turns:
            if turn.speaker:
                voice = voices.setdefault(turn.speaker, len(voices)) % SPEAKERS
                out.append(f'<div class="turn voice-{voice}">\n<p class="who">{escape(turn.speaker)}</p>\n')
            else:
                out.append('<div class="turn">\n')
            for paragraph in turn.paragraphs:
                _paragraph(out, paragraph, used, missing, space)
                times.extend((cue.start, cue.end) for cue in paragraph)
                while named and named[0][0] < paragraph[-1].end:
                    _, title, address = named.pop(0)
                    out.append(f'<p class="source"><a rel="noopener" href="{escape(address)}">{escape(title)}</a></p>\n')
            out.append("</div>\n")
        out.append(f"</{element}>\n")
    return TranscriptView(Markup("".join(out)), tuple(times), frozenset(used))  # noqa: S704  every text above went through escape()


def _paragraph(out: list[str], cues: Sequence[Cue], used: set[int], missing: list[int], space: str) -> None:
    """The first time of a paragraph stands in the margin and is a tab stop; the others appear on pointing at their words."""
    out.append('<p class="said">')
    hidden, joint = "", space or "\u200b"
    for cue in cues:
        second = int(cue.start)
        while missing and missing[0] < cue.end:
            stop = missing.pop(0)
            if stop not in used and stop != second:
                used.add(stop)
                out.append(f'<span id="t={stop}"></span>')
        place = "" if second in used else f' id="t={second}"'
        used.add(second)
        text = str(escape(cue.text)) if _SIGNS.search(cue.text) else cue.text
        out.append(
            f'<span class="cue"{place}><a class="at"{hidden} href="#t={second}">{short_clock(second)}</a>{joint}{text}</span>{space}'
        )
        hidden = ' tabindex="-1" aria-hidden="true"'
    out.append("</p>\n")
