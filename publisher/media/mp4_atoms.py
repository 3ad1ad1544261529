"""MP4 as podcasts use it (M4A, M4B, MP4): the atoms that mutagen does not look at.

ISO 14496-12 for the atoms, the QuickTime file format for chapter tracks. Only the tables that are needed are read.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Final

from feed.model import Chapter

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_CHAPTERS: Final = 2000
_LARGEST_TABLE: Final = 1 << 20
_MOST_EDITS: Final = 1000
_PRIMING: Final = 0.5
"""Seconds: an edit list that cuts less only skips the silence with which an encoder begins."""
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
    `channels` are those the AAC decoder is told of (0: it is not told), for the sample entry always says two. `lasts` is how long
    the sound plays by its samples and edit list (`edited`: that cuts or puts off a part), `movie` what the movie's header says, in
    seconds (0: not said). `pictures` are those of a track that chapters show: start in seconds, offset and size in bytes. `doubts`
    are sentences on what had to be guessed.
    """

    promised: int
    has_index: bool
    faststart: bool
    fragmented: bool
    video: bool
    codec: str
    channels: int
    lasts: float
    edited: bool
    movie: float
    chapters: tuple[Chapter, ...]
    pictures: tuple[tuple[float, int, int], ...]
    doubts: tuple[str, ...]


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
    scale, movie = _times(_content(handle, _child(handle, index, b"mvhd")))
    shown = [track for track in tracks if track.id in references and track.timescale]
    texts = next((track for track in shown if track.handler == b"text"), None)
    pictures = next((track for track in shown if track.handler == b"vide"), None)
    titles = list(_titles(handle, size, _samples(handle, texts, scale))) if texts else []
    titles = titles or list(_nero_titles(_content(handle, _child(handle, index, b"udta", b"chpl"))))
    read = [(start, *_decoded(title)) for start, title in titles]
    guessed = next((title for _, title, sure in read if not sure), "")
    return Layout(
        promised=max((atom.end for atom in top), default=0),
        has_index=index is not None,
        faststart=b"mdat" not in names or b"moov" not in names or names.index(b"moov") < names.index(b"mdat"),
        fragmented=b"moof" in names,
        video=any(track.handler == b"vide" and track.id not in references and track.codec not in _PICTURES for track in tracks),
        codec=sound.codec.decode("latin-1").strip() if sound else "",
        channels=aac_channels(_content(handle, _child(handle, sound.samples, b"stsd"))) if sound else 0,
        lasts=_lasts(handle, sound, scale) if sound else 0,
        edited=sound is not None and abs(_lasts(handle, sound, scale) - _lasts(handle, replace(sound, edits=()), scale)) > _PRIMING,
        movie=movie / scale if scale else 0,
        chapters=tuple(Chapter(start=start, title=title) for start, title, _ in read if title),
        pictures=tuple((start, at, length) for start, at, length in _samples(handle, pictures, scale) if at + length <= size)
        if pictures
        else (),
        doubts=(f"A chapter's title is not UTF-8; it is read as “{guessed}”.",) if guessed else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    id: int
    handler: bytes
    codec: bytes
    chapter_tracks: tuple[int, ...]
    timescale: int
    duration: int
    edits: tuple[tuple[int, int], ...]
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
        timescale, duration = _times(media_header)
        yield _Track(
            id=_number(header, 20 if header[:1] == b"\x01" else 12),
            handler=_content(handle, _child(handle, media, b"hdlr"))[8:12],
            codec=_content(handle, _child(handle, samples, b"stsd"))[12:16],
            chapter_tracks=tuple(_number(references, offset) for offset in range(0, len(references) - 3, 4)),
            timescale=timescale,
            duration=duration,
            edits=tuple(_edits(_content(handle, _child(handle, atom, b"edts", b"elst")))),
            samples=samples,
        )


def _table(handle: BinaryIO, samples: Atom | None, name: bytes, width: int) -> list[tuple[int, ...]]:
    """The rows of a sample table: `width` numbers of four bytes each, behind version, flags and the count."""
    data = _content(handle, _child(handle, samples, name))
    count = min(_number(data, 4), (len(data) - 8) // (4 * width)) if len(data) > 8 else 0
    return [tuple(_number(data, 8 + 4 * (row * width + column)) for column in range(width)) for row in range(count)]


def _times(header: bytes) -> tuple[int, int]:
    """Units a second and duration in them, of `mvhd` or `mdhd`; a duration that is not known is 0."""
    wide = header[:1] == b"\x01"
    at, length = (20, 8) if wide else (12, 4)
    duration = _number(header, at + 4, length)
    return _number(header, at), 0 if duration == 256**length - 1 else duration


def _edits(data: bytes) -> Iterator[tuple[int, int]]:
    """The edit list `elst`: how long each piece plays in the movie's units, and where it begins in the track's (-1: silence)."""
    length = 8 if data[:1] == b"\x01" else 4
    for row in range(min(_number(data, 4), (len(data) - 8) // (2 * length + 4), _MOST_EDITS)):
        at = 8 + row * (2 * length + 4)
        yield _number(data, at, length), int.from_bytes(data[at + length : at + 2 * length], "big", signed=True)


def _lasts(handle: BinaryIO, track: _Track, scale: int) -> float:
    """Seconds that a track plays: its samples, as its edit list has them; 0 where that is not said."""
    if not track.timescale:
        return 0
    counted = sum(repeat * delta for repeat, delta in _table(handle, track.samples, b"stts", 2))
    media = (counted or track.duration) / track.timescale
    if not track.edits or not scale:
        return media
    total = 0.0
    for length, begin in track.edits:
        left = max(0.0, media - begin / track.timescale)
        total += length / scale if begin < 0 else min(length / scale or left, left)
    return total


def _played_at(track: _Track, scale: int, start: float, end: float) -> float | None:
    """Where a stretch of a track, in seconds, begins to play by its edit list; None where it never does."""
    if not track.edits or not scale:
        return start
    at = 0.0
    for length, begin in track.edits:
        piece, first = length / scale, begin / track.timescale
        if begin >= 0 and end > first and (not piece or start < first + piece):
            return at + max(0.0, start - first)
        at += piece
    return None


def _samples(handle: BinaryIO, track: _Track, scale: int) -> Iterator[tuple[float, int, int]]:
    """The samples of a chapter track that are played: start in seconds, offset and size in bytes."""
    sizes_data = _content(handle, _child(handle, track.samples, b"stsz"))
    same = _number(sizes_data, 4)
    count = min(_number(sizes_data, 8), _MOST_CHAPTERS)
    sizes = [same or _number(sizes_data, 12 + 4 * row) for row in range(count)]
    chunks = [offset for (offset,) in _table(handle, track.samples, b"stco", 1)]
    chunks = chunks or [high << 32 | low for high, low in _table(handle, track.samples, b"co64", 2)]
    runs = [(first, per_chunk) for first, per_chunk, _ in _table(handle, track.samples, b"stsc", 3)]
    times = [0]
    for repeat, delta in _table(handle, track.samples, b"stts", 2):
        for _ in range(min(repeat, count + 1 - len(times))):
            times.append(times[-1] + delta)
    at = 0
    for number, chunk in enumerate(chunks, 1):
        offset = chunk
        for _ in range(next((per_chunk for first, per_chunk in reversed(runs) if first <= number), 0)):
            if at >= min(len(sizes), len(times) - 1):
                return
            start = _played_at(track, scale, times[at] / track.timescale, max(times[at + 1], times[at] + 1) / track.timescale)
            if start is not None:
                yield start, offset, sizes[at]
            offset += sizes[at]
            at += 1


def _titles(handle: BinaryIO, size: int, samples: Iterator[tuple[float, int, int]]) -> Iterator[tuple[float, bytes]]:
    """The titles of a QuickTime chapter track, at the times of its samples."""
    for start, offset, length in samples:
        if offset + length <= size:
            handle.seek(offset)
            sample = handle.read(min(length, 4096))
            yield start, sample[2 : 2 + _number(sample, 0, 2)]


def _nero_titles(data: bytes) -> Iterator[tuple[float, bytes]]:
    """The titles of Nero's list `chpl`, as far as it goes: some programs promise more than they write."""
    at = 9
    for _ in range(data[8] if len(data) > 8 else 0):
        if at + 9 > len(data):
            return
        yield _number(data, at, 8) / 10_000_000, data[at + 9 : at + 9 + data[at + 8]]
        at += 9 + data[at + 8]


def _decoded(title: bytes) -> tuple[str, bool]:
    """A title's text, and whether that is certain: UTF-8, UTF-16 with its mark, or UTF-8 cut inside its last character."""
    if title[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return title.decode("utf-16", "replace").strip("\0 \r\n\t"), True
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(title).strip("\0 \r\n\t"), True
    except UnicodeDecodeError:
        return title.decode("cp1252", "replace").strip("\0 \r\n\t"), False
