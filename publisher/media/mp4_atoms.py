"""MP4 as podcasts use it (M4A, M4B, MP4): the atoms that mutagen does not look at.

ISO 14496-12 for the atoms, the QuickTime file format for chapter tracks. Only the tables that are needed are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from feed.model import Chapter

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_CHAPTERS: Final = 2000
_LARGEST_TABLE: Final = 1 << 20
_PICTURES: Final = frozenset((b"jpeg", b"png ", b"mjpa", b"mjpb"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """One atom: its name, and the offsets in the file where its content starts and where it ends."""

    name: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How an MP4 is laid out.

    `promised` is where its last atom says it ends, in bytes; `faststart`: players can begin before all is loaded;
    `fragmented`: in pieces, as live streams are; `codec` is that of the sound, "" without any;
    `channels` are those the AAC decoder is told of (0: it is not told), for the sample entry always says two.
    """

    promised: int
    has_index: bool
    faststart: bool
    fragmented: bool
    video: bool
    codec: str
    channels: int
    chapters: tuple[Chapter, ...]


def atoms(handle: BinaryIO, start: int, end: int) -> Iterator[Atom]:
    """The atoms between two offsets, one level deep. An atom may claim to end after `end`: then it is the last."""
    while start + 8 <= end:
        handle.seek(start)
        head = handle.read(16)
        size, name, skip = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, skip = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = end - start
        if size < skip:
            return
        yield Atom(name=name, start=start + skip, end=start + size)
        start += size


def read_layout(handle: BinaryIO, size: int) -> Layout:
    """The layout of the MP4 of `size` bytes behind `handle`. Never raises on a damaged file: what is not there is False or ""."""
    top = list(_bounded(atoms(handle, 0, size)))
    names = [atom.name for atom in top]
    index = next((atom for atom in top if atom.name == b"moov" and atom.end <= size), None)
    tracks = list(_tracks(handle, index)) if index else []
    references = {reference for track in tracks for reference in track.chapter_tracks}
    sound = next((track for track in tracks if track.handler == b"soun"), None)
    return Layout(
        promised=max((atom.end for atom in top), default=0),
        has_index=index is not None,
        faststart=b"mdat" not in names or b"moov" not in names or names.index(b"moov") < names.index(b"mdat"),
        fragmented=b"moof" in names,
        video=any(track.handler == b"vide" and track.id not in references and track.codec not in _PICTURES for track in tracks),
        codec=sound.codec.decode("latin-1").strip() if sound else "",
        channels=aac_channels(_content(handle, _child(handle, sound.samples, b"stsd"))) if sound else 0,
        chapters=_chapters(handle, size, next((track for track in tracks if track.id in references and track.handler == b"text"), None)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    id: int
    handler: bytes
    codec: bytes
    chapter_tracks: tuple[int, ...]
    timescale: int
    samples: Atom | None


def aac_channels(description: bytes) -> int:
    """Channels by the AudioSpecificConfig in a sample description (`stsd`); 0 where there is none. ISO 14496-1 and -3."""
    at = description.find(b"esds")
    if at < 0:
        return 0
    at += 8
    for tag, fixed in ((3, 3), (4, 13), (5, 0)):  # the stream, its decoder, what the decoder is told
        if description[at : at + 1] != bytes((tag,)):
            return 0
        at += 1
        while description[at : at + 1] >= b"\x80":  # a length, seven bits a byte
            at += 1
        at += 1 + fixed
    config = int.from_bytes(description[at : at + 7].ljust(7, b"\0"), "big")
    channels = config >> (19 if config >> 47 & 15 == 15 else 43) & 15
    return {7: 8}.get(channels, channels)


def _bounded(found: Iterator[Atom], most: int = 1000) -> Iterator[Atom]:
    for atom, _ in zip(found, range(most), strict=False):
        yield atom


def _child(handle: BinaryIO, parent: Atom | None, *path: bytes) -> Atom | None:
    for name in path:
        if parent is None:
            return None
        parent = next(
            (atom for atom in _bounded(atoms(handle, parent.start, parent.end)) if atom.name == name and atom.end <= parent.end), None
        )
    return parent


def _content(handle: BinaryIO, atom: Atom | None) -> bytes:
    if atom is None:
        return b""
    handle.seek(atom.start)
    return handle.read(max(0, min(atom.end - atom.start, _LARGEST_TABLE)))


def _number(data: bytes, offset: int, length: int = 4) -> int:
    return int.from_bytes(data[offset : offset + length], "big")


def _tracks(handle: BinaryIO, index: Atom) -> Iterator[_Track]:
    for atom in _bounded(atoms(handle, index.start, index.end), 100):
        if atom.name != b"trak" or atom.end > index.end:
            continue
        header = _content(handle, _child(handle, atom, b"tkhd"))
        media = _child(handle, atom, b"mdia")
        media_header = _content(handle, _child(handle, media, b"mdhd"))
        references = _content(handle, _child(handle, atom, b"tref", b"chap"))
        samples = _child(handle, media, b"minf", b"stbl")
        yield _Track(
            id=_number(header, 20 if header[:1] == b"\x01" else 12),
            handler=_content(handle, _child(handle, media, b"hdlr"))[8:12],
            codec=_content(handle, _child(handle, samples, b"stsd"))[12:16],
            chapter_tracks=tuple(_number(references, offset) for offset in range(0, len(references) - 3, 4)),
            timescale=_number(media_header, 20 if media_header[:1] == b"\x01" else 12),
            samples=samples,
        )


def _table(handle: BinaryIO, samples: Atom | None, name: bytes, width: int) -> list[tuple[int, ...]]:
    """The rows of a sample table: `width` numbers of four bytes each, behind version, flags and the count."""
    data = _content(handle, _child(handle, samples, name))
    count = min(_number(data, 4), (len(data) - 8) // (4 * width)) if len(data) > 8 else 0
    return [tuple(_number(data, 8 + 4 * (row * width + column)) for column in range(width)) for row in range(count)]


def _chapters(handle: BinaryIO, size: int, track: _Track | None) -> tuple[Chapter, ...]:
    """The titles of a QuickTime chapter track, at the times of its samples."""
    if track is None or not track.timescale:
        return ()
    sizes_data = _content(handle, _child(handle, track.samples, b"stsz"))
    same = _number(sizes_data, 4)
    count = min(_number(sizes_data, 8), _MOST_CHAPTERS)
    sizes = [same or _number(sizes_data, 12 + 4 * row) for row in range(count)]
    chunks = [offset for (offset,) in _table(handle, track.samples, b"stco", 1)]
    runs = [(first, per_chunk) for first, per_chunk, _ in _table(handle, track.samples, b"stsc", 3)]
    starts: list[int] = []
    time = 0
    for repeat, delta in _table(handle, track.samples, b"stts", 2):
        for _ in range(min(repeat, count - len(starts))):
            starts.append(time)
            time += delta
    found: list[Chapter] = []
    at = 0
    for number, chunk in enumerate(chunks, 1):
        offset = chunk
        for _ in range(next((per_chunk for first, per_chunk in reversed(runs) if first <= number), 0)):
            if at >= min(len(sizes), len(starts)):
                return tuple(found)
            if offset + sizes[at] <= size:
                handle.seek(offset)
                title = _title(handle.read(min(sizes[at], 4096)))
                if title:
                    found.append(Chapter(start=starts[at] / track.timescale, title=title))
            offset += sizes[at]
            at += 1
    return tuple(found)


def _title(sample: bytes) -> str:
    text = sample[2 : 2 + _number(sample, 0, 2)]
    encoding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return text.decode(encoding, "replace").strip("\0 \r\n\t")
