"""The pictures that chapters inside a recording show: each has a name made of its bytes, and is read again when it is published."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Final

from feed.findings import ContentFault
from publisher.core.show_files import SourceFile
from publisher.media.mp4_atoms import read_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from feed.model import Chapter
    from publisher.media.mp4_atoms import Layout

_MARK: Final = "in-recording-"
_LARGEST: Final = 16 << 20
"""Bytes of a picture; a larger one is passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPicture(SourceFile):
    """A picture inside the recording at `path`, as if it were a file of the show's folder."""

    def read(self) -> bytes:
        """Its bytes. Raises ContentFault where the recording is not here, or holds it no more."""
        try:
            with self.path.open("rb") as handle:
                found = next((data for data in _pictures(handle) if picture_name(data) == self.name), None)
        except OSError:
            found = None
        if found is None:
            raise ContentFault("a chapter's picture is inside the recording, which is not here", code="chapter-picture")
        return found


def picture_name(data: bytes) -> str:
    """The name that a chapter gives a picture inside its recording."""
    return f"{_MARK}{hashlib.sha256(data).hexdigest()}"


def is_recorded(image: str) -> bool:
    """Whether a chapter's picture lies inside the recording."""
    return image.startswith(_MARK)


def recorded_picture(image: str, recording: Path, root: Path) -> RecordedPicture:
    """The picture of that name in a recording, which is opened when the picture is read."""
    return RecordedPicture(path=recording, name=image, digest=image.removeprefix(_MARK), root=root)


def _pictures(handle: BinaryIO) -> Iterator[bytes]:
    head = handle.read(12)
    if head[4:8] == b"ftyp":
        size = handle.seek(0, 2)
        yield from (data for _, data in _samples(handle, read_layout(handle, size)))
        return
    from mutagen.id3 import ID3

    handle.seek(0)
    try:
        frames = ID3(handle).getall("CHAP")
    except Exception:  # noqa: BLE001  a damaged tag: told when the recording is measured
        return
    for frame in frames:
        yield from (bytes(picture.data) for picture in frame.sub_frames.getall("APIC"))


def _samples(handle: BinaryIO, layout: Layout) -> Iterator[tuple[float, bytes]]:
    for start, offset, size in layout.pictures:
        if 0 < size <= _LARGEST:
            handle.seek(offset)
            yield start, handle.read(size)


def with_pictures(chapters: Sequence[Chapter], handle: BinaryIO, layout: Layout) -> tuple[Chapter, ...]:
    """The chapters of an MP4, each with the picture that is shown when it begins."""
    shown = [(start, picture_name(data)) for start, data in _samples(handle, layout)] if chapters else []
    starts = [round(start, 2) for start, _ in shown]
    places = [bisect_right(starts, round(chapter.start, 2)) - 1 for chapter in chapters]
    return tuple(replace(chapter, image=shown[at][1]) if at >= 0 else chapter for chapter, at in zip(chapters, places, strict=True))


def with_pictures_of(chapters: Sequence[Chapter], recorded: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """Chapters that were written elsewhere, with the pictures that the recording shows within a second of where they begin."""
    shown = [chapter for chapter in recorded if is_recorded(chapter.image)]
    near = ((chapter, [one.image for one in shown if abs(one.start - chapter.start) < 1]) for chapter in chapters)
    return tuple(replace(chapter, image=found[0]) if found and not chapter.image else chapter for chapter, found in near)
