"""Chapters in the forms that apps read. All are made from one list: AntennaPod compares them and shows the longest."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from feed.chapters.in_notes import LINES_FROM
from feed.characters import one_line
from feed.times import clock, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.model import Chapter

_ESCAPED = re.compile(r"([=;#\\])")


def write_json(chapters: Sequence[Chapter], *, title: str, show: str) -> str:
    """The document behind `<podcast:chapters>` (JSON chapters 1.2.0), for Apple, Pocket Casts, AntennaPod and others.

    Only absolute addresses are written; `toc` stands only where it hides a chapter.
    """
    document = {
        "version": "1.2.0",
        "title": one_line(title),
        "podcastName": one_line(show),
        "chapters": [_entry(chapter) for chapter in chapters],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _entry(chapter: Chapter) -> dict[str, object]:
    entry: dict[str, object] = {"startTime": _number(chapter.start)}
    if chapter.end is not None:
        entry["endTime"] = _number(chapter.end)
    entry["title"] = one_line(chapter.title)
    for name, address in (("img", chapter.image), ("url", chapter.url)):
        if _is_absolute(address):
            entry[name] = one_line(address)
    if not chapter.toc:
        entry["toc"] = False
    return entry


def write_psc_rows(chapters: Sequence[Chapter]) -> tuple[tuple[str, str, str, str], ...]:
    """`<psc:chapter start title href image>`, one tuple each, "" for what is absent; for Spotify and Pocket Casts.

    Starts are HH:MM:SS.mmm: AntennaPod takes plain seconds for 0.
    """
    return tuple(
        (
            stamp(chapter.start),
            one_line(chapter.title),
            one_line(chapter.url) if _is_absolute(chapter.url) else "",
            one_line(chapter.image) if _is_absolute(chapter.image) else "",
        )
        for chapter in chapters
    )


def write_lines(chapters: Sequence[Chapter]) -> list[str]:
    """`HH:MM:SS Title` lines for the notes, where Apple, Spotify and YouTube read them; none for fewer than three.

    Hidden chapters and those without a title are left out.
    """
    lines = [f"{clock(chapter.start)} {one_line(chapter.title)}" for chapter in chapters if chapter.toc and one_line(chapter.title)]
    return lines if len(lines) >= LINES_FROM else []


def write_ffmetadata(chapters: Sequence[Chapter], *, duration: float) -> str:
    """Metadata as ffmpeg reads it, to put chapters into an M4A; a chapter ends at its end, the next one's start or `duration`."""
    parts = [";FFMETADATA1\n"]
    for number, chapter in enumerate(chapters):
        following = chapters[number + 1].start if number + 1 < len(chapters) else duration
        end = round((following if chapter.end is None else chapter.end) * 1000)
        title = _ESCAPED.sub(r"\\\1", one_line(chapter.title))
        parts.append(f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={round(chapter.start * 1000)}\nEND={end}\ntitle={title}\n")
    return "".join(parts)


def _number(seconds: float) -> int | float:
    rounded = round(seconds, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def _is_absolute(address: str) -> bool:
    return address.strip().lower().startswith(("https://", "http://"))
