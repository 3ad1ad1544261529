"""Tags, chapters and covers as mutagen finds them in a recording. A damaged tag is a doubt, never an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from mutagen.id3 import CHAP, CTOC, ID3, ID3NoHeaderError
from mutagen.mp4 import MP4

from feed.model import Chapter
from publisher.media.chapter_pictures import picture_name
from publisher.media.mpeg_frames import tag_length
from publisher.media.tag_values import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LARGEST_TAG: Final = 32 << 20
"""Tags beyond this are passed over, not read into memory."""
_LONGEST_VALUE: Final = 10_000
_NO_TIME: Final = 0xFFFFFFFF

_ID3_NAMES: Final = {"TIT2": "title", "TALB": "album", "TPE1": "artist", "TRCK": "track"}
_MP4_NAMES: Final = {"\xa9nam": "title", "\xa9alb": "album", "\xa9ART": "artist", "trkn": "track", "\xa9cmt": "comment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What stands in a recording's tags. `values` by lower-case names, `cover` the bytes of the first picture."""

    values: Mapping[str, str] = field(default_factory=dict)
    chapters: tuple[Chapter, ...] = ()
    cover_bytes: int = 0
    cover: bytes = b""
    doubts: tuple[str, ...] = ()


def read_id3(handle: BinaryIO) -> Tags:
    """The ID3 tags (v1, v2.2 to v2.4) of the MP3 behind `handle`."""
    handle.seek(0)
    if tag_length(handle.read(32)) > _LARGEST_TAG:
        return Tags(doubts=(f"The ID3 tag is larger than {_LARGEST_TAG >> 20} MB and was not read.",))
    handle.seek(0)
    try:
        id3 = ID3(handle)
        values = {key: text for frame, key in _ID3_NAMES.items() if frame in id3 and (text := clean(id3[frame]))}
        for comment in id3.getall("COMM"):
            if not comment.desc and (text := clean(comment)):
                values.setdefault("comment", text)
        pictures = [picture.data for picture in sorted(id3.getall("APIC"), key=lambda picture: picture.type != 3)]
        return Tags(
            values=values,
            chapters=_id3_chapters(id3),
            cover_bytes=sum(map(len, pictures)),
            cover=next(iter(pictures), b""),
        )
    except ID3NoHeaderError:
        return Tags()
    except Exception:  # noqa: BLE001  mutagen lets several of Python's own errors through on damaged tags
        return Tags(doubts=("The ID3 tag is damaged and was not read; the published copy gets a whole one.",))


def _id3_chapters(id3: Any) -> tuple[Chapter, ...]:
    listed = {child for contents in id3.getall("CTOC") for child in contents.child_element_ids}
    frames = sorted(id3.getall("CHAP"), key=lambda frame: (frame.start_time, frame.element_id))
    return tuple(
        Chapter(
            start=frame.start_time / 1000,
            end=frame.end_time / 1000 if frame.start_time < frame.end_time < _NO_TIME else None,
            title=clean(frame.sub_frames.get("TIT2", "")),
            url=next((clean(link.url) for link in frame.sub_frames.getall("WXXX")), ""),
            image=next((picture_name(bytes(picture.data)) for picture in frame.sub_frames.getall("APIC") if picture.data), ""),
            toc=not listed or frame.element_id in listed,
        )
        for frame in frames
        if frame.start_time < _NO_TIME
    )


class Mp4(MP4):  # type: ignore[misc]  # mutagen has no types
    """An MP4 without its chapters: mutagen refuses a whole recording for one title that is not UTF-8; mp4_atoms reads them."""

    MP4Chapters = staticmethod(lambda *_: None)


def mp4_tags(mp4: Any) -> Tags:
    """The tags of an MP4 that mutagen has opened."""
    atoms = mp4.tags or {}
    pictures = [bytes(picture) for picture in atoms.get("covr", ())]
    return Tags(
        values={key: text for atom, key in _MP4_NAMES.items() if (text := _mp4_text(atoms.get(atom)))},
        cover_bytes=sum(map(len, pictures)),
        cover=next(iter(pictures), b""),
    )


def _mp4_text(values: object) -> str:
    if not isinstance(values, list) or not values:
        return ""
    value = values[0]
    if isinstance(value, tuple):  # a number and how many there are
        return "/".join(str(part) for part in value if part)
    return clean(value.decode("utf-8", "replace") if isinstance(value, bytes) else value)


def clean(value: object) -> str:
    """A tag's text without control characters, of a bounded length."""
    return plain_text(str(value)[:_LONGEST_VALUE])


def chapter_ids(recording: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of the chapters inside an MP3 (twice what stands twice), and the ids that contents list; a table that is listed itself is none."""

    class Whole(ID3):  # type: ignore[misc]  # mutagen has no types
        """mutagen keeps one frame of each id; here all are seen as they are read."""

        seen: list[object]

        def _add(self, frame: object, strict: bool) -> None:
            self.seen.append(frame)
            super()._add(frame, strict)

    tag = Whole()
    tag.seen = []
    try:
        tag.load(recording)
    except Exception:  # noqa: BLE001  mutagen lets several of Python's own errors through on damaged tags
        return (), ()
    chapters = tuple(frame.element_id for frame in tag.seen if isinstance(frame, CHAP))
    tables = [frame for frame in tag.seen if isinstance(frame, CTOC)]
    own = {table.element_id for table in tables}
    return chapters, tuple(child for table in tables for child in table.child_element_ids if child not in own)
