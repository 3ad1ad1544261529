"""The ID3 tag of a published MP3: v2.3 with UTF-16, the form that all readers know, chapters included."""

from __future__ import annotations

import io
import os
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from mutagen import id3
from mutagen.id3 import ID3, CTOCFlags, Encoding, PictureType

from feed.findings import ContentFault
from publisher.media.mpeg_frames import tag_length
from publisher.media.tag_values import AudioTags, language_code, link_text, plain_text, small_cover

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from feed.model import Chapter

_CHAPTER_PIXELS: Final = 600
_CHAPTER_PICTURES: Final = 600_000
"""Bytes for the pictures of all chapters together: with the cover, the tag stays under a megabyte."""
_SMALLEST_PICTURE: Final = 8_000
_MOST_LISTED: Final = 255
"""Children of one CTOC frame: their count is one byte (ID3v2 Chapter Frame Addendum 1.0, section 3.2)."""
_MOST_CHAPTERS: Final = _MOST_LISTED * _MOST_LISTED
_NO_OFFSET: Final = 0xFFFFFFFF

_FIRST: Final = ("TSSE", "TCOP", "TCOM", "TPUB")
"""Frames of the recording that stand among ours: copies of before stay the same bytes. All others follow behind."""
_DATES: Final = ("TDRC", "TYER", "TDAT", "TIME", "TRDA")
_MOST_KEPT: Final = 1_000_000
"""Bytes of the recording's other frames: the tag stands before the audio, so every byte of it delays the first second heard."""


def id3_tag(source: BinaryIO, tags: AudioTags, duration: float) -> tuple[bytes, list[str]]:
    """The whole ID3v2.3 tag; frames stand in the order given, chapters by time."""
    text = Encoding.UTF16
    language = language_code(tags.language)
    own = _own_tags(source)
    pictures = sorted(own.getall("APIC"), key=lambda picture: picture.type != PictureType.COVER_FRONT)
    cover, notes = small_cover(tags.cover or next((bytes(picture.data) for picture in pictures), b""))
    frames: list[Any] = [
        id3.TIT2(encoding=text, text=plain_text(tags.title)),
        id3.TALB(encoding=text, text=plain_text(tags.show)),
        id3.TPE1(encoding=text, text=plain_text(tags.artist)),
        id3.TPE2(encoding=text, text=plain_text(tags.artist)),
        id3.TRCK(encoding=text, text=str(tags.number or "")),
        id3.TPOS(encoding=text, text=str(tags.season or "")),
        id3.TCON(encoding=text, text=plain_text(tags.genre)),
        id3.TDRC(encoding=text, text=tags.date.strftime("%Y-%m-%d") if tags.date else ""),
        id3.TLAN(encoding=text, text=language if tags.language else ""),
        *(frame for name in _FIRST for frame in own.getall(name)),
        *(frame for frame in own.getall("TXXX") if frame.desc.lower().startswith("replaygain_")),
    ]
    frames = [frame for frame in frames if not isinstance(frame, id3.TextFrame) or str(frame)]
    if tags.link:
        link = link_text(tags.link)
        frames += [id3.WOAF(url=link), id3.WXXX(encoding=text, desc="", url=link)]
    if tags.description:
        frames.append(id3.COMM(encoding=text, lang=language, desc="", text=plain_text(tags.description)))
    chapter_frames, chapter_notes = _chapter_frames(tags, duration, own.getall("CHAP"))
    frames += chapter_frames
    if cover:
        frames.append(id3.APIC(encoding=Encoding.LATIN1, mime="image/jpeg", type=PictureType.COVER_FRONT, desc="", data=cover))
    kept, left_out = _other_frames(own, frames, replaced=pictures if cover else [])
    body = b"".join([*map(_frame_bytes, frames), *kept])
    size = len(body)
    head = b"ID3\x03\x00\x00" + bytes((size >> 21 & 0x7F, size >> 14 & 0x7F, size >> 7 & 0x7F, size & 0x7F))
    return head + body, [*notes, *chapter_notes, *left_out]


def _other_frames(own: Any, frames: list[Any], *, replaced: list[Any]) -> tuple[list[bytes], list[str]]:
    """What else the recording's tag holds and ours does not replace, as ID3v2.3, and what of it cannot be kept.

    `replaced` are its pictures where ours has a cover, of which the cover goes.
    """
    written = {frame.HashKey for frame in frames}
    ours = {frame.FrameID for frame in frames}
    gone = {frame.HashKey for frame in replaced[:1]}
    kept: list[bytes] = []
    too_large: list[str] = []
    notes: list[str] = []
    for key, frame in sorted(own.items()):
        name = frame.FrameID
        if key in written | gone or name in ("CHAP", "CTOC") or (name in _DATES and "TDRC" in ours):
            continue
        if name == "COMM" and ((not frame.desc and "COMM" in ours) or frame.desc == "ID3v1 Comment"):
            continue
        if _is_private(frame):
            continue
        if name == "APIC" and frame.type == PictureType.COVER_FRONT and "APIC" in ours:
            continue
        _keep(_frame_bytes(frame), name, kept, too_large)
    for data in own.unknown_frames:
        whole, name = _as_v23(data, own.version), plain_text(data[:4].decode("latin-1"))
        _keep(whole, name, kept, too_large)
        if not whole:
            notes.append(f"{name} of its tag is left out: it cannot be written in ID3v2.3, the form that all players read")
    if too_large:
        notes.append(f"its tag holds more than players should wait for; left out is {', '.join(sorted(too_large))}")
    return kept, notes


def not_carried(recording: Path) -> list[str]:
    """What a recording's tags hold and its published copy does not, on purpose: a sentence for each, with the reason. Raises OSError."""
    from mutagen.apev2 import APENoHeaderError, APEv2

    with recording.open("rb") as source:
        notes = [
            f"what an editing program noted for itself is left out (PRIV XMP, {len(frame.data):,} bytes): it names files and folders here"
            for frame in _own_tags(source).getall("PRIV")
            if _is_private(frame)
        ]
        source.seek(0)
        try:
            names = ", ".join(sorted(APEv2(source).keys()))
        except APENoHeaderError:
            return notes
        except Exception:  # noqa: BLE001  mutagen lets several of Python's own errors through on damaged tags
            names = "damaged"
    shown = f" ({plain_text(names)[:100]})" if names else ""
    return [*notes, f"its APE tags are left out{shown}: apps read ID3, and a second set of tags could tell them something else"]


def _is_private(frame: Any) -> bool:
    """Whether a frame is what an editor notes for itself: the names of files and folders on this machine."""
    return bool(frame.FrameID == "PRIV" and frame.owner == "XMP")


def _keep(data: bytes, name: str, kept: list[bytes], too_large: list[str]) -> None:
    if sum(map(len, kept)) + len(data) > _MOST_KEPT:
        too_large.append(f"{name} ({len(data):,} bytes)")
    else:
        kept.append(data)


def _as_v23(data: bytes, version: tuple[int, ...]) -> bytes:
    """A frame that mutagen does not know, as it was: in ID3v2.4 its length has seven bits a byte."""
    if version[:2] != (2, 4):
        return data if version[:2] == (2, 3) else b""
    return b"" if data[8:10] != bytes(2) else data[:4] + (len(data) - 10).to_bytes(4, "big") + data[8:]


def _frame_bytes(frame: Any) -> bytes:
    """One frame as ID3v2.3. mutagen sorts the frames of a tag by size; a tag of one frame keeps our order."""
    tag = ID3()
    tag.add(frame)
    tag.update_to_v23()
    if not tag:  # of v2.4 alone, like the order in which a title is sorted; players read these in v2.3, too
        tag.add(frame)
    stream = io.BytesIO()
    tag.save(stream, v1=0, v2_version=3, padding=lambda _: 0)
    return stream.getvalue()[10:]


def _own_tags(source: BinaryIO) -> Any:
    source.seek(0)
    too_large = tag_length(source.read(32)) > 32 << 20
    source.seek(0)
    try:
        return ID3() if too_large else ID3(source, translate=False)
    except Exception:  # noqa: BLE001  a damaged or absent tag: nothing to keep
        return ID3()


def _spans(chapters: tuple[Chapter, ...], duration: float) -> Iterator[tuple[int, int]]:
    """Start and end of each chapter in milliseconds; a chapter lasts until the next, the last one until the end."""
    last = round(duration * 1000)
    starts = [min(round(chapter.start * 1000), _NO_OFFSET - 1) for chapter in chapters]
    for chapter, (start, following) in zip(chapters, pairwise([*starts, last]), strict=True):
        end = round(chapter.end * 1000) if chapter.end is not None else following
        yield start, min(max(start, end), _NO_OFFSET - 1)


def _chapter_frames(tags: AudioTags, duration: float, own: list[Any]) -> tuple[list[Any], list[str]]:
    """Our chapters and their contents. What else the recording's `own` chapters carry, like a second title, goes on with its time."""
    others = {frame.start_time: frame.sub_frames for frame in own}
    order = sorted(range(len(tags.chapters)), key=lambda position: tags.chapters[position].start)[:_MOST_CHAPTERS]
    chapters = tuple(tags.chapters[position] for position in order)
    pictures, notes = _chapter_pictures(tags.chapter_images)
    if len(tags.chapters) > _MOST_CHAPTERS:
        notes.append(f"only the first {_MOST_CHAPTERS} chapters are in the file's tags: they can list no more")
    frames = []
    for number, (position, chapter, (start, end)) in enumerate(zip(order, chapters, _spans(chapters, duration), strict=True)):
        inner: list[Any] = [id3.TIT2(encoding=Encoding.UTF16, text=plain_text(chapter.title))] if chapter.title else []
        if chapter.url:
            inner.append(id3.WXXX(encoding=Encoding.UTF16, desc="chapter url", url=link_text(chapter.url)))
        if position in pictures:
            data = pictures[position]
            inner.append(id3.APIC(encoding=Encoding.LATIN1, mime="image/jpeg", type=PictureType.OTHER, desc="", data=data))
        inner += [frame for frame in others.get(start, {}).values() if frame.FrameID not in ("TIT2", "WXXX", "APIC")]
        frames.append(
            id3.CHAP(
                element_id=f"chp{number}",
                start_time=start,
                end_time=end,
                start_offset=_NO_OFFSET,
                end_offset=_NO_OFFSET,
                sub_frames=inner,
            )
        )
    listed = [f"chp{number}" for number, chapter in enumerate(chapters) if chapter.toc]
    top = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
    if len(listed) > _MOST_LISTED:
        parts = [listed[at : at + _MOST_LISTED] for at in range(0, len(listed), _MOST_LISTED)]
        contents = [("toc", top, [f"toc{number}" for number in range(len(parts))])]
        contents += [(f"toc{number}", CTOCFlags.ORDERED, part) for number, part in enumerate(parts)]
    else:
        contents = [("toc", top, listed)] if listed else []
    tables = [id3.CTOC(element_id=name, flags=flags, child_element_ids=children, sub_frames=[]) for name, flags, children in contents]
    return [*tables, *frames], notes


def _chapter_pictures(images: Mapping[int, bytes]) -> tuple[dict[int, bytes], list[str]]:
    """Each chapter's picture, made so small that all of them together do not delay the first second."""
    from publisher.media.image_processing import resized

    share = _CHAPTER_PICTURES // max(1, len(images))
    if share < _SMALLEST_PICTURE:
        return {}, [f"the {len(images)} chapter pictures are left out of the file's tags: together they would delay its start"]
    made, notes = {}, []
    for position in sorted(images):
        try:
            made[position] = resized(images[position], _CHAPTER_PIXELS, min(share, 100_000))
        except ContentFault as fault:
            notes.append(f"the picture of chapter {position + 1} is left out of the file's tags: {fault.message}")
    return made, notes


def audio_extent(handle: BinaryIO) -> tuple[int, int]:
    """Offsets of the audio between the tags in front and those behind (ID3v1, APE)."""
    end = handle.seek(0, os.SEEK_END)
    start = 0
    while True:
        handle.seek(start)
        head = handle.read(32)
        length = tag_length(head) if head[:3] != b"TAG" else 0
        if not length or start + length >= end:
            break
        start += length
    while True:
        length = max(_id3v1_behind(handle, end), _ape_behind(handle, end))
        if not length or end - length <= start:
            return start, end
        end -= length


def _id3v1_behind(handle: BinaryIO, end: int) -> int:
    if end < 128:
        return 0
    handle.seek(end - 128)
    return 128 if handle.read(3) == b"TAG" else 0


def _ape_behind(handle: BinaryIO, end: int) -> int:
    if end < 32:
        return 0
    handle.seek(end - 32)
    footer = handle.read(32)
    if footer[:8] != b"APETAGEX":
        return 0
    has_header = footer[23] & 0x80
    return int.from_bytes(footer[12:16], "little") + (32 if has_header else 0)
