"""The files that an episode or the config names, or that lie beside an episode under names of their own."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import Finding, Severity
from publisher.core import show_files
from publisher.core.show_files import SourceFile
from publisher.load.toml_and_yaml import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from feed.schema.episode import FrontMatter
    from publisher.load.toml_and_yaml import FindingAt

TRANSCRIPT_FORMS = ("vtt", "json", "srt", "html", "txt")
CHAPTER_FORMS = ("txt", "json", "xml", "ffmeta")
IMAGE_FORMS = ("jpg", "jpeg", "png", "webp")
_TRANSCRIPT = re.compile(r"transcript(?:\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*))?\.(vtt|json|srt|html|txt)")
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


def documents(
    path: Path, name: str, root: Path, findings: list[Finding], place: FindingAt
) -> tuple[tuple[SourceFile, ...], SourceFile | None]:
    """The transcripts of an episode's folder, one a language, and its chapters file."""
    transcripts: dict[str, tuple[int, SourceFile]] = {}
    chapters: list[SourceFile] = []
    for entry in sorted(path.iterdir()):
        match = _TRANSCRIPT.fullmatch(entry.name)
        if match:
            rank = TRANSCRIPT_FORMS.index(match[2])
            language = match[1] or ""
            if language in transcripts:
                findings.append(
                    Finding(
                        code="transcript-twice",
                        severity=Severity.HINT,
                        message=f"two transcripts in one language: {transcripts[language][1].path.name} and {entry.name}",
                        file=f"{name}/{entry.name}",
                        hint=f"{'.'.join(TRANSCRIPT_FORMS)} is the order in which one is taken",
                    )
                )
                if transcripts[language][0] < rank:
                    continue
            file = source_file(entry, f"{name}/{entry.name}", root, findings, place, language=language)
            if file is not None:
                transcripts[language] = (rank, file)
        elif entry.name in {f"chapters.{form}" for form in CHAPTER_FORMS}:
            file = source_file(entry, f"{name}/{entry.name}", root, findings, place)
            chapters += [file] if file is not None else []
    if len(chapters) > 1:
        findings.append(
            place("chapters-twice", f"several chapter files: {', '.join(item.path.name for item in chapters)}", 1, "keep one of them")
        )
    return tuple(item for _, (_, item) in sorted(transcripts.items())), chapters[0] if chapters else None


def source_file(
    path: Path, name: str, root: Path, findings: list[Finding], place: FindingAt, *, language: str = "", largest: int = 0
) -> SourceFile | None:
    """A file that is found by its name, with its digest; None and a finding when it cannot be read."""
    try:
        return SourceFile(path=path, name=name, digest=show_files.digest(path, root, largest=largest), root=root, language=language)
    except show_files.Refused as fault:
        findings.append(replace(place(fault.code, fault.message, 0, fault.hint), file=name))
    except OSError as error:
        findings.append(place("file-unreadable", f"the file cannot be read: {name}: {error.strerror}", 1))
    return None


def cover_of(
    path: Path, name: str, root: Path, written: FrontMatter, line: int, findings: list[Finding], place: FindingAt
) -> SourceFile | None:
    """The episode's cover: the one it names, else `cover.jpg` and its like."""
    if written.cover is not None:
        return named_file(path, root, written.cover, "cover", line, findings, place)
    for form in IMAGE_FORMS:
        if os.path.lexists(path / f"cover.{form}"):
            return source_file(path / f"cover.{form}", f"{name}/cover.{form}", root, findings, place)
    return None


def named_file(base: Path, root: Path, written: str, key: str, line: int, findings: list[Finding], place: FindingAt) -> SourceFile | None:
    """The file that the key `key` names, relative to `base`; None and a finding when it is not there or leads out of `root`."""
    missing = f"`{key}` names a file that is not here: {written}", f"looked in {base.name or '.'}/"
    return _named(base, root, written, key, missing, line, findings, place)


def _named(
    base: Path, root: Path, written: str, key: str, missing: tuple[str, str], line: int, findings: list[Finding], place: FindingAt
) -> SourceFile | None:
    """What somebody wrote the name of. `missing` is what is said when it is not there, and the hint."""
    path = base / written
    try:
        digest = show_files.digest(path, root)
        return SourceFile(path=path, name=show_files.place_of(path, root).relative_to(root).as_posix(), digest=digest, root=root)
    except show_files.Refused as fault:
        findings.append(place(fault.code, f"`{key}` {fault.reason}: {written}", line, fault.hint))
    except OSError as error:
        if error.errno in _NOT_THERE:
            findings.append(place("file-missing", missing[0], line, missing[1]))
        else:
            findings.append(place("file-unreadable", f"the file cannot be read: {written}: {error.strerror}", line))
    return None


def images_in(path: Path, root: Path, notes: str, offset: int, place: FindingAt, findings: list[Finding]) -> list[SourceFile]:
    """The pictures of this folder that the notes show."""
    if "![" not in notes:
        return []
    from feed.notes import image_names

    found: dict[str, SourceFile] = {}
    for line, written in image_names(notes):
        if "://" in written or written in found:
            continue
        missing = f"the notes show a picture that is not here: {written}", _COPY_IT
        file = _named(path, root, written, "image", missing, line + offset, findings, place)
        if file is not None:
            found[written] = replace(file, name=written)
    return list(found.values())


_COPY_IT = "copy it into the episode's folder, or mend its name"


def named_pictures(
    path: Path,
    root: Path,
    written: FrontMatter,
    known: set[str],
    lines: Mapping[tuple[str | int, ...], int],
    place: FindingAt,
    findings: list[Finding],
) -> tuple[SourceFile, ...]:
    """The pictures of this folder that front matter names: `images` and those of chapters."""
    named = [(image.href, ("images", index, "href")) for index, image in enumerate(written.images)]
    named += [(chapter.image or "", ("chapters", index, "image")) for index, chapter in enumerate(written.chapters)]
    found: dict[str, SourceFile] = {}
    for name, key in named:
        if not name or is_address(name) or name in known or name in found:
            continue
        missing = f"`{key[0]}` names a picture that is not here: {name}", _COPY_IT
        file = _named(path, root, name, str(key[0]), missing, line_of(lines, key), findings, place)
        if file is not None:
            found[name] = replace(file, name=name)
    return tuple(found.values())


def is_address(written: str) -> bool:
    """Whether what is written is an address, not the name of a file here."""
    return "://" in written
