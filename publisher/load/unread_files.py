"""What lies in an episode's folder and is not read, each named once: a transcript under another name is no transcript to anybody."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from feed.findings import LEFT_OUT, Finding, Severity
from publisher.load.named_files import CHAPTER_FORMS, IMAGE_FORMS, TRANSCRIPT_FORMS, is_document
from publisher.media.recordings import is_audio_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.load.show_source import EpisodeSource

_CAPTIONS = frozenset(("vtt", "srt", "json3", "sbv", "tsv", "ttml", "dfxp", "ass", "ssa", "lrc", "scc", "stl"))
_CHAPTERS = frozenset(("psc", "cue", "ffmeta", "ffmetadata"))
_TEXTS = "txt md rtf doc docx odt pdf pages html htm org tex csv eml url webloc"
_PROJECTS = "aup aup3 rpp logicx band sesx als hprj ardour ptx reapeaks pkf m4p mov mkv"
_OWN = frozenset((*_TEXTS.split(), *_PROJECTS.split()))
"""Texts and projects of the person's own, beside masters: nobody expects them to be published."""
_LEFT_BEHIND = ("~", ".bak", ".tmp", ".part", ".crdownload", ".db", ".ini", ".lnk", ".orig", ".swp", ".sha256", ".md5")
_NAMES = {
    "transcript": ("transcript", "transcripts", "transcription", "transkript", "captions", "subtitles", "untertitel"),
    "chapters": ("chapters", "chapter", "kapitel", "chapitres"),
    "cover": ("cover",),
}
_FORMS = {"transcript": TRANSCRIPT_FORMS, "chapters": CHAPTER_FORMS, "cover": IMAGE_FORMS}
_SAME = {"psc": "xml", "dfxp": "ttml"}
"""Other ends of names for the same form."""
_SHOWN = 5


def unread_files(source: EpisodeSource) -> Iterator[Finding]:
    """A warning for each file that looks like a transcript, chapters or a cover and is not read, and a hint for all others together."""
    files = (*source.transcripts, source.chapters_file, source.cover, *source.images)
    read = {file.path.name for file in files if file is not None} | {"episode.md", source.written.audio or ""}
    read |= {table.file for table in source.written.alternates if table.file}
    others = []
    for name in source.names:
        lower = name.lower()
        stem, _, form = lower.rpartition(".")
        if name in read or not stem or is_document(name) or lower.endswith(_LEFT_BEHIND) or is_audio_name(name):
            continue
        kind = _meant(stem, form)
        if kind:
            yield Finding(
                code="file-not-read",
                severity=Severity.WARNING,
                message=f"{name} is not read",
                file=f"{source.name}/{name}",
                hint=_hint(kind, stem, form),
                episode=source.slug,
            )
        elif form not in _OWN:
            others.append(name)
    if others:
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        message = f"not read: {', '.join(others[:_SHOWN])}{more}"
        hint = "nothing names them; [[check.exceptions]] of left-out says that it is meant"
        yield Finding(code=LEFT_OUT, severity=Severity.HINT, message=message, file=source.name, hint=hint, episode=source.slug)


def _meant(stem: str, form: str) -> str:
    """What a file was most likely meant to be: "transcript", "chapters", "cover"; "" for none of them."""
    first = stem.replace("_", ".").replace("-", ".").replace(" ", ".").split(".")[0]
    for kind, names in _NAMES.items():
        if difflib.get_close_matches(first, names, n=1, cutoff=0.85) and (kind != "cover" or stem == "cover"):
            return kind
    return "transcript" if form in _CAPTIONS else "chapters" if form in _CHAPTERS else ""


def _hint(kind: str, stem: str, form: str) -> str:
    forms = _FORMS[kind]
    if form in _SAME:
        return f"rename it to {kind}.{_SAME[form]}"
    if form in forms:
        language = stem.replace("_", "-").partition(".")[2]
        return f"rename it to {kind}.{form}" + (
            f", or {kind}.{language}.{form} in another language" if kind == "transcript" and language else ""
        )
    return f"export it in another form: {', '.join(f'{kind}.{one}' for one in forms)} are read"
