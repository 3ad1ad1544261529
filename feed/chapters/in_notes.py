"""A list of times in the notes, taken as chapters: what people write for YouTube and Spotify."""

import re

from feed.model import Chapter
from feed.text_cleaning import one_line, xml_safe
from feed.times import parse_time

LINES_FROM = 3
"""Apple, Spotify and YouTube read a list of times as chapters from this many lines on."""

_TIME = r"[0-9]{1,3}:[0-5][0-9](?::[0-5][0-9])?"
_LINE = re.compile(
    rf"[\s>|]*(?:[-*+•]\s+|[0-9]{{1,3}}[.)]\s+)?[*_]{{0,3}}[\[(]?(?P<start>{_TIME})[\])]?(?:\(#[^)\s]*\))?"
    rf"(?:\s*[-–—]\s*[\[(]?(?P<end>{_TIME})[\])]?)?[*_]{{0,3}}(?![\w.,/+]|:[0-9])[\s|]*(?:[-–—:|]\s+)?(?P<title>\S.*)"
)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_MARKS = re.compile(r"(?<!\w)[*_`]{1,3}|[*_`]{1,3}(?!\w)")
_FENCE = re.compile(r" {0,3}(```|~~~)")


def chapters_from_notes(markdown_text: str) -> tuple[Chapter, ...]:
    """The chapters that stand in the notes as lines `HH:MM:SS Title` or `MM:SS Title`, in lists and tables too; else ().

    Three or more lines with rising times, at most blank lines between them, are such a list; of several the first that starts
    at 0 is taken, else the first.
    """
    lists: list[list[Chapter]] = [[]]
    fence = ""
    for line in xml_safe(markdown_text).split("\n"):
        mark = _FENCE.match(line)
        if mark:
            fence = ("" if fence == mark[1] else fence) if fence else mark[1]
        if not line.strip(" \t>|"):
            continue
        chapter = None if fence or mark else _chapter(line)
        if chapter is None:
            lists.append([])
            continue
        if lists[-1] and chapter.start <= lists[-1][-1].start:
            lists.append([])
        lists[-1].append(chapter)
    found = [tuple(chapters) for chapters in lists if len(chapters) >= LINES_FROM]
    return next((chapters for chapters in found if chapters[0].start == 0), found[0] if found else ())


def _chapter(line: str) -> Chapter | None:
    match = _LINE.match(line) if len(line) < 1000 else None
    if match is None:
        return None
    title = one_line(_MARKS.sub("", _LINK.sub(r"\1", match["title"]))).strip(" |")
    try:
        start = parse_time(match["start"])
        end = parse_time(match["end"]) if match["end"] else None
    except ValueError:
        return None
    if not title:
        return None
    return Chapter(start=start, title=title, end=end if end is not None and end > start else None)
