"""The files of a show's folder, which may come from anybody: git keeps links, and a link may lead anywhere.

Whatever is opened there is opened here: links resolved, nothing outside the folder, nothing but regular files, nothing too large.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shlex
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from feed.findings import ContentFault
from publisher.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader

_MB: Final = 1024 * 1024
LARGEST: Final = {
    **dict.fromkeys((".md", ".toml"), _MB),
    **dict.fromkeys(
        (".vtt", ".srt", ".json", ".ttml", ".ass", ".ssa", ".json3", ".sbv", ".tsv", ".html", ".txt", ".xml", ".cue", ".ffmeta"), 32 * _MB
    ),
    **dict.fromkeys((".css", ".js", ".svg", ".woff2"), 8 * _MB),
}
"""Bytes a file may have, by the end of its name."""
LARGEST_OTHER: Final = 64 * _MB
"""Pictures and whatever else; recordings do not pass here, for they may have any size."""
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Refused(ContentFault):
    """A file that is not opened. Codes: path-outside, link-broken, not-a-file, file-too-large. `reason` says why, and leaves out which."""

    def __init__(self, reason: str, *, code: str, hint: str) -> None:
        super().__init__(f"this {reason}", code=code, hint=hint)
        self.reason = reason


def place_of(path: Path, root: Path, libraries: Iterable[Path] = ()) -> Path:
    """Where a path leads, links resolved: within `root`, or one of the `libraries`. Raises Refused, and OSError when nothing is there."""
    try:
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(os.path.realpath(folder)) for folder in (root, *libraries)):
            raise Refused("leads out of the show's folder", code="path-outside", hint="copy the file into the folder")
        real.lstat()
    except ValueError as error:
        raise Refused("has a name that no file has", code="path-outside", hint="mend the name") from error
    except OSError as error:
        if error.errno != errno.ELOOP and not path.is_symlink():
            raise
        raise _broken() from error
    if real.is_symlink():  # what realpath leaves of a link that leads to itself
        raise _broken()
    return real


def folder_to_write(folder: Path, show: Path) -> None:
    """Make a folder of the show, and those above it. Raises UsageError where a link would lead what is written there somewhere else."""
    try:
        place_of(next(place for place in (folder, *folder.parents) if os.path.lexists(place)), show)
    except Refused as fault:
        message = f"nothing is written there: {folder.relative_to(show).as_posix()} {fault.reason}"
        raise UsageError(message, hint="put a folder in the link's place", code=fault.code) from fault
    folder.mkdir(parents=True, exist_ok=True)


def links_out(folder: Path) -> Iterator[str]:
    """The links below a folder that lead out of it or nowhere, by their place in it, for whoever is about to write there."""
    for above, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for path in (Path(above, name) for name in sorted((*folders, *files))):
            if path.is_symlink():
                try:
                    place_of(path, folder)
                except (Refused, OSError):
                    yield path.relative_to(folder).as_posix()


def named_by_config(folder: Path, named: str) -> tuple[Path, Path]:
    """A path or pattern that the config names, and what it may not lead out of by a link: the show's folder, unless the config itself says
    that it lies elsewhere.
    """
    path, real = Path(named), Path(os.path.realpath(folder))
    inside = not path.is_absolute() and ".." not in path.parts
    return folder / path, real if inside else Path((real / path).anchor)


def _broken() -> Refused:
    return Refused("is a link that leads to no file", code="link-broken", hint="put the file itself here")


@contextmanager
def opened(path: Path, root: Path, *, largest: int = 0) -> Iterator[BufferedReader]:
    """A file within `root`, open for reading. Raises Refused and OSError."""
    real = place_of(path, root)
    _regular(real.stat())  # before it is opened: opening a pipe waits, opening a device may do anything
    with os.fdopen(os.open(real, _FLAGS), "rb") as stream:
        status = os.fstat(stream.fileno())
        _regular(status)
        most = largest or LARGEST.get(path.suffix.lower(), LARGEST_OTHER)
        if status.st_size > most:
            raise Refused(f"is larger than {most:,} bytes", code="file-too-large", hint="is this the right file?")
        yield stream


def _regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        what = "a folder, no file" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise Refused(f"is {what}", code="not-a-file", hint="put the file itself here")


def read(path: Path, root: Path, *, largest: int = 0) -> bytes:
    """The bytes of a file within `root`. Raises Refused and OSError."""
    with opened(path, root, largest=largest) as stream:
        return stream.read()


def digest(path: Path, root: Path, *, largest: int = 0) -> str:
    """sha256 (hex) of a file within `root`, read in pieces. Raises Refused and OSError."""
    with opened(path, root, largest=largest) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file in the show's folder `root`: `name` relative to it with forward slashes, `digest` the sha256 of its bytes (hex)."""

    path: Path
    name: str
    digest: str
    root: Path
    language: str = ""

    def read(self) -> bytes:
        """Its bytes. Raises ContentFault."""
        try:
            return read(self.path, self.root)
        except OSError as error:
            raise ContentFault(f"the file cannot be read: {error.strerror or error}", code="file-unreadable") from error


_QUOTED = r"""("[^"]+"|'(?:[^']|'"'"')+')"""
_COMMAND = re.compile(rf"\b(ffmpeg -i|git annex get|chmod u\+r) {_QUOTED}(?:( [^\"']*){_QUOTED})?")


def quoted(name: str) -> str:
    """A file's name as a shell takes it, in a line that is to be typed: whatever stands in it, it is a name and runs nothing."""
    name = f"./{name}" if name.startswith("-") else name
    return shlex.quote(name) if re.search(r'["$`\\!]', name) else f'"{name}"'


def typed_here(hint: str, folder: str) -> str:
    """A hint whose commands name files of `folder` by their names alone, as it is typed where that folder's path begins."""
    folder = f"{folder}/" if folder not in ("", ".") else ""

    def below(word: str) -> str:
        return quoted(f"{folder}{shlex.split(word)[0]}")

    return _COMMAND.sub(lambda found: f"{found[1]} {below(found[2])}" + (f"{found[3]}{below(found[4])}" if found[4] else ""), hint)
