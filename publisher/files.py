"""Which file in an episode's folder is what, and that none leads out of the show's folder."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feed.findings import Finding, Severity
from publisher.reading import error_at, line_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from feed.schema.episode import FrontMatter


TRANSCRIPT_FORMS = ("vtt", "json", "srt", "html", "txt")
CHAPTER_FORMS = ("txt", "json", "xml", "ffmeta")
IMAGE_FORMS = ("jpg", "jpeg", "png", "webp")
_TRANSCRIPT = re.compile(r"transcript(?:\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*))?\.(vtt|json|srt|html|txt)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file in the show's folder: `name` relative to it with forward slashes, `digest` the sha256 of its bytes (hex)."""

    path: Path
    name: str
    digest: str
    language: str = ""


def digest_of(path: Path) -> str:
    """sha256 (hex) of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def documents(path: Path, name: str, findings: list[Finding], place: Any) -> tuple[tuple[SourceFile, ...], SourceFile | None]:
    """The transcripts of an episode's folder, one a language, and its chapters file."""
    transcripts: dict[str, tuple[int, SourceFile]] = {}
    chapters: list[SourceFile] = []
    for entry in sorted(path.iterdir()):
        match = _TRANSCRIPT.fullmatch(entry.name)
        if match and entry.is_file():
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
            transcripts[language] = (rank, source_file(entry, f"{name}/{entry.name}", language, findings, place))
        elif entry.name in {f"chapters.{form}" for form in CHAPTER_FORMS} and entry.is_file():
            chapters.append(source_file(entry, f"{name}/{entry.name}", "", findings, place))
    if len(chapters) > 1:
        findings.append(
            place("chapters-twice", f"several chapter files: {', '.join(item.path.name for item in chapters)}", 1, "keep one of them")
        )
    return tuple(item for _, (_, item) in sorted(transcripts.items())), chapters[0] if chapters else None


def source_file(path: Path, name: str, language: str, findings: list[Finding], place: Any) -> SourceFile:
    """A file with its digest; "" and a finding when it cannot be read."""
    try:
        digest = digest_of(path)
    except OSError as error:
        findings.append(place("file-unreadable", f"the file cannot be read: {name}: {error.strerror}", 1))
        digest = ""
    return SourceFile(path=path, name=name, digest=digest, language=language)


def cover_of(
    path: Path, name: str, root: Path, written: FrontMatter, line: int, findings: list[Finding], slug: str, severity: Severity
) -> SourceFile | None:
    """The episode's cover: the one it names, else `cover.jpg` and its like."""
    if written.cover is not None:
        return named_file(path, root, written.cover, "cover", f"{name}/episode.md", line, findings, slug, severity)
    for form in IMAGE_FORMS:
        if (path / f"cover.{form}").is_file():
            return SourceFile(path=path / f"cover.{form}", name=f"{name}/cover.{form}", digest=digest_of(path / f"cover.{form}"))
    return None


def named_file(
    base: Path,
    root: Path,
    written: str,
    key: str,
    file: str,
    line: int,
    findings: list[Finding],
    episode: str = "",
    severity: Severity = Severity.ERROR,
) -> SourceFile | None:
    """The file that the key `key` names, relative to `base`; None and a finding when it is not there or leads out of `root`."""
    place = error_at(file, episode=episode, severity=severity)
    path = base / written
    if not inside(path, root, place, key, line, findings):
        return None
    if not _is_file(path):
        findings.append(place("file-missing", f"`{key}` names a file that is not here: {written}", line, f"looked in {base.name or '.'}/"))
        return None
    try:
        return SourceFile(path=path, name=path.resolve().relative_to(root).as_posix(), digest=digest_of(path))
    except OSError as error:
        findings.append(place("file-unreadable", f"the file cannot be read: {written}: {error.strerror}", line))
        return None


def _is_file(path: Path) -> bool:
    """Whether a file is there; a name that no file system takes names none."""
    try:
        return path.is_file()
    except OSError:
        return False


def inside(path: Path, root: Path, place: Any, key: str, line: int, findings: list[Finding]) -> bool:
    """Whether a path stays in the show's folder, symlinks resolved."""
    try:
        inside = path.resolve().is_relative_to(root)
    except (OSError, ValueError):
        inside = False
    if not inside:
        findings.append(place("path-outside", f"`{key}` leads out of the show's folder", line, "copy the file into the folder"))
    return inside


def images_in(path: Path, root: Path, notes: str, offset: int, place: Any, findings: list[Finding]) -> list[SourceFile]:
    """The pictures of this folder that the notes show."""
    if "![" not in notes:
        return []
    from feed.notes import image_names

    found: dict[str, SourceFile] = {}
    for line, written in image_names(notes):
        if "://" in written or written in found:
            continue
        target = path / written
        if not inside(target, root, place, "image", line + offset, findings):
            continue
        if not _is_file(target):
            message = f"the notes show a picture that is not here: {written}"
            findings.append(place("file-missing", message, line + offset, "copy it into the episode's folder, or mend its name"))
        else:
            found[written] = SourceFile(path=target, name=written, digest=digest_of(target))
    return list(found.values())


def named_pictures(
    path: Path,
    root: Path,
    written: FrontMatter,
    known: set[str],
    lines: Mapping[tuple[str | int, ...], int],
    place: Any,
    findings: list[Finding],
) -> tuple[SourceFile, ...]:
    """The pictures of this folder that front matter names: `images` and those of chapters."""
    named = [(image.href, ("images", index, "href")) for index, image in enumerate(written.images)]
    named += [(chapter.image or "", ("chapters", index, "image")) for index, chapter in enumerate(written.chapters)]
    found: dict[str, SourceFile] = {}
    for name, key in named:
        if not name or is_address(name) or name in known or name in found:
            continue
        line = line_of(lines, key)
        if not inside(path / name, root, place, key[0], line, findings):
            continue
        if _is_file(path / name):
            found[name] = SourceFile(path=path / name, name=name, digest=digest_of(path / name))
        else:
            findings.append(
                place(
                    "file-missing",
                    f"`{key[0]}` names a picture that is not here: {name}",
                    line,
                    "copy it into the episode's folder, or mend its name",
                )
            )
    return tuple(found.values())


def is_address(written: str) -> bool:
    """Whether what is written is an address, not the name of a file here."""
    return "://" in written
