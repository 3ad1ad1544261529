"""Transcripts: any file a tool writes is read into cues, mended, and written in the forms that apps read."""

from __future__ import annotations

from feed.transcript.normal_form import Repair
from feed.transcript.paragraphs import Section, Turn, paragraphs
from feed.transcript.reading import Reading, read_transcript
from feed.transcript.replacements import Replacement, apply_replacements
from feed.transcript.writers import speaker_name, write_json, write_srt, write_text, write_vtt

__all__ = [
    "Reading",
    "Repair",
    "Replacement",
    "Section",
    "Turn",
    "apply_replacements",
    "paragraphs",
    "read_transcript",
    "speaker_name",
    "write_json",
    "write_srt",
    "write_text",
    "write_vtt",
]
