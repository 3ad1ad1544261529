"""Chapters in the forms that apps read. All are made from one list: AntennaPod compares them and shows the longest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from feed.chapters.in_notes import LINES_FROM
from feed.text_cleaning import one_line
from feed.times import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feed.model import Chapter


def write_json(chapters: Sequence[Chapter], *, title: str, show: str, author: str = "") -> str:
    """The document behind `<podcast:chapters>` (JSON chapters 1.2.0), for Apple, Pocket Casts, AntennaPod and others.

    Only absolute addresses are written; `toc` stands only where it hides a chapter.
    """
    document = {
        "version": "1.2.0",
        "title": one_line(title),
        "podcastName": one_line(show),
        **({"author": one_line(author)} if author else {}),
        "chapters": [_entry(chapter) for chapter in chapters],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _entry(chapter: Chapter) -> dict[str, object]:
    entry: dict[str, object] = {"startTime": _number(chapter.start)}
    if chapter.end is not None:
        entry["endTime"] = _number(chapter.end)
    entry["title"] = one_line(chapter.title)
    for name, address in (("img", chapter.image), ("url", chapter.url)):
        if address.strip().lower().startswith(("https://", "http://")):
            entry[name] = one_line(address)
    if not chapter.toc:
        entry["toc"] = False
    if chapter.location:
        entry["location"] = dict(chapter.location)
    return entry


def write_lines(chapters: Sequence[Chapter]) -> list[str]:
    """`HH:MM:SS Title` lines for the notes, where Apple, Spotify and YouTube read them; none for fewer than three.

    Hidden chapters and those without a title are left out.
    """
    lines = [f"{clock(chapter.start)} {one_line(chapter.title)}" for chapter in chapters if chapter.toc and one_line(chapter.title)]
    return lines if len(lines) >= LINES_FROM else []


def _number(seconds: float) -> int | float:
    rounded = round(seconds, 3)
    return int(rounded) if rounded == int(rounded) else rounded
