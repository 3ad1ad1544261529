"""Chapters: one list, read from every form people and tools write, and written to every form apps read.

Where several places hold chapters, the first of PRECEDENCE that has any is used: what stands in the front matter, then the
chapters file, then the recording's own, then a list of times in the notes.
"""

from __future__ import annotations

from feed.chapters.choosing import (
    AUDIO,
    FILE,
    FRONT_MATTER,
    NOTES,
    PRECEDENCE,
    choose_chapters,
    clean_chapters,
    link_sources,
    written_chapters,
)
from feed.chapters.in_notes import LINES_FROM, chapters_from_notes
from feed.chapters.reading import FILE_BYTES, read_chapters
from feed.chapters.writing import write_json, write_lines

__all__ = [
    "AUDIO",
    "FILE",
    "FILE_BYTES",
    "FRONT_MATTER",
    "LINES_FROM",
    "NOTES",
    "PRECEDENCE",
    "chapters_from_notes",
    "choose_chapters",
    "clean_chapters",
    "link_sources",
    "read_chapters",
    "write_json",
    "write_lines",
    "written_chapters",
]
