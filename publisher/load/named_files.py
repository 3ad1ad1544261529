"""The files that an episode or the config names, or that lie beside an episode under names of their own."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding, Severity
from publisher.core import show_files
from publisher.core.show_files import SourceFile
from publisher.load.toml_and_yaml import FindingAt, line_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from feed.schema.episode import FrontMatter

TRANSCRIPT_FORMS = ("vtt", "json", "srt", "ttml", "ass", "ssa", "json3", "sbv", "tsv", "html", "txt")
CHAPTER_FORMS = ("txt", "json", "xml", "vtt", "srt", "cue", "ffmeta")
IMAGE_FORMS = ("jpg", "jpeg", "png", "webp")
_TRANSCRIPT = re.compile(rf"transcript(?:\.([A-Za-z]{{2,3}}(?:-[A-Za-z0-9]{{2,8}})*))?\.({'|'.join(TRANSCRIPT_FORMS)})", re.IGNORECASE)
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowFiles:
    """Opens files of the show's folder `root` by name; what is wrong with one is told in `findings`, as `place` makes them."""

    root: Path
    findings: list[Finding]
    place: FindingAt

    def found(self, path: Path, name: str, *, language: str = "", largest: int = 0) -> SourceFile | None:
        """A file that is found by its name, with its digest; None and a finding when it cannot be read."""
        try:
            digest = show_files.digest(path, self.root, largest=largest)
            return SourceFile(path=path, name=name, digest=digest, root=self.root, language=language)
        except show_files.Refused as fault:
            self.findings.append(replace(self.place(fault.code, fault.message, 0, fault.hint), file=name))
        except OSError as error:
            self.findings.append(self.place("file-unreadable", f"the file cannot be read: {name}: {error.strerror}", 1))
        return None

    def named(self, base: Path, written: str, key: str, line: int, missing: tuple[str, str] = ("", "")) -> SourceFile | None:
        """The file that the key `key` names, relative to `base`; None and a finding when it is not there or leads out of `root`.
        `missing` is what is said when it is not there, and the hint.
        """
        path = base / written
        try:
            digest = show_files.digest(path, self.root)
            name = show_files.place_of(path, self.root).relative_to(self.root).as_posix()
            return SourceFile(path=path, name=name, digest=digest, root=self.root)
        except show_files.Refused as fault:
            self.findings.append(self.place(fault.code, f"`{key}` {fault.reason}: {written}", line, fault.hint))
        except OSError as error:
            if error.errno in _NOT_THERE:
                message = missing[0] or f"`{key}` names a file that is not here: {written}"
                self.findings.append(self.place("file-missing", message, line, missing[1] or f"looked in {base.name or '.'}/"))
            else:
                self.findings.append(self.place("file-unreadable", f"the file cannot be read: {written}: {error.strerror}", line))
        return None


def documents(path: Path, name: str, files: ShowFiles) -> tuple[tuple[SourceFile, ...], SourceFile | None]:
    """The transcripts of an episode's folder, one a language, and its chapters file."""
    transcripts: dict[str, tuple[int, SourceFile]] = {}
    chapters: list[SourceFile] = []
    for entry in sorted(path.iterdir()):
        match = _TRANSCRIPT.fullmatch(entry.name)
        if match:
            rank = TRANSCRIPT_FORMS.index(match[2].lower())
            language = match[1] or ""
            if language in transcripts:
                files.findings.append(
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
            file = files.found(entry, f"{name}/{entry.name}", language=language)
            if file is not None:
                transcripts[language] = (rank, file)
        elif is_document(entry.name):
            file = files.found(entry, f"{name}/{entry.name}")
            chapters += [file] if file is not None else []
    if len(chapters) > 1:
        place, names = files.place, ", ".join(item.path.name for item in chapters)
        files.findings.append(place("chapters-twice", f"several chapter files: {names}", 1, "keep one of them"))
    return tuple(item for _, (_, item) in sorted(transcripts.items())), chapters[0] if chapters else None


def is_document(name: str) -> bool:
    """Whether a file is called like a transcript or a chapters file, in small letters or capitals."""
    return _TRANSCRIPT.fullmatch(name) is not None or name.lower() in {f"chapters.{form}" for form in CHAPTER_FORMS}


def cover_of(path: Path, name: str, written: FrontMatter, line: int, files: ShowFiles) -> SourceFile | None:
    """The episode's cover: the one it names, else `cover.jpg` and its like."""
    if written.cover is not None:
        return files.named(path, written.cover, "cover", line)
    here = {entry.name.lower(): entry.name for entry in sorted(path.iterdir())}
    there = (here[f"cover.{form}"] for form in IMAGE_FORMS if f"cover.{form}" in here)
    return next((files.found(path / cover, f"{name}/{cover}") for cover in there), None)


_COPY_IT = "copy it into the episode's folder, or mend its name"


def images_in(path: Path, notes: str, offset: int, files: ShowFiles) -> list[SourceFile]:
    """The pictures of this folder that the notes show."""
    if "![" not in notes:
        return []
    from feed.notes import image_names

    found: dict[str, SourceFile] = {}
    for line, written in image_names(notes):
        if is_address(written) or written in found:
            continue
        missing = f"the notes show a picture that is not here: {written}", _COPY_IT
        file = files.named(path, written, "image", line + offset, missing)
        if file is not None:
            found[written] = replace(file, name=written)
    return list(found.values())


def named_pictures(
    path: Path, written: FrontMatter, known: set[str], lines: Mapping[tuple[str | int, ...], int], files: ShowFiles
) -> tuple[SourceFile, ...]:
    """The pictures of this folder that front matter names: `images` and those of chapters."""
    named = [(image.href, ("images", index, "href")) for index, image in enumerate(written.images)]
    named += [(chapter.image or "", ("chapters", index, "image")) for index, chapter in enumerate(written.chapters)]
    found: dict[str, SourceFile] = {}
    for name, key in named:
        if not name or is_address(name) or name in known or name in found:
            continue
        missing = f"`{key[0]}` names a picture that is not here: {name}", _COPY_IT
        file = files.named(path, name, str(key[0]), line_of(lines, key), missing)
        if file is not None:
            found[name] = replace(file, name=name)
    return tuple(found.values())


def chapter_pictures(path: Path, chapters: SourceFile | None, known: set[str], files: ShowFiles) -> tuple[SourceFile, ...]:
    """The pictures of this folder that a chapters file names; one that is not here is told where the chapters are read."""
    if chapters is None or chapters.path.suffix.lower() not in (".json", ".xml"):
        return ()
    from feed.chapters.reading import read_chapters

    try:
        named = dict.fromkeys(chapter.image for chapter in read_chapters(chapters.read()).chapters if chapter.image)
    except ContentFault:
        return ()
    here = [name for name in named if name not in known and not is_address(name) and _is_here(path / name)]
    found = {name: files.named(path, name, "img", 1) for name in here}
    return tuple(replace(file, name=name) for name, file in found.items() if file is not None)


def _is_here(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a name that no file has
        return False


def is_address(written: str) -> bool:
    """Whether what is written is an address, not the name of a file here."""
    return "://" in written
