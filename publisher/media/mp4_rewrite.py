"""An MP4 laid out for listeners: its index in front of the sound, so that players start at once, and chapters inside.

mutagen writes no MP4 chapters. They are written in both forms that apps read: Nero's list (`chpl`: AntennaPod) and a
QuickTime text track (Apple). ISO 14496-12 and the QuickTime file format; the sound's own bytes are copied as they are.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, Final

from publisher.media.mp4_atoms import atoms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from feed.model import Chapter

_LARGEST_INDEX: Final = 64 << 20
_CHUNK: Final = 1 << 20
_MOST_LISTED: Final = 255
"""Chapters in Nero's list: their count is one byte."""
_LONGEST_TITLE: Final = 127
"""Bytes: AntennaPod reads the length as a signed byte."""
_ENCODED_UTF8: Final = b"\x00\x00\x00\x0cencd\x00\x00\x01\x00"
_MATRIX: Final = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)

_Boxes = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """The text track's samples one after another, the size of each and how many milliseconds it lasts."""

    data: bytes
    sizes: list[int]
    times: list[int]


class NotRewritable(ValueError):  # noqa: N818  an expected answer: the file is then left as it is
    """The MP4 is laid out in a way that is not understood well enough to change it."""


def rewrite(source: Path, target: Path, chapters: Sequence[Chapter], duration: float) -> None:
    """Copy the MP4 `source` to `target` with its index in front and `chapters` in place of any it has.

    `duration` is in seconds. Chapters with `toc` False are left out: neither form can hide one. Raises NotRewritable.
    """
    size = source.stat().st_size
    listed = sorted((chapter for chapter in chapters if chapter.toc), key=lambda chapter: chapter.start)
    with source.open("rb") as handle:
        top = list(atoms(handle, 0, size))
        names = [atom.name for atom in top]
        if names.count(b"moov") != 1 or b"moof" in names or top[-1].end != size:
            raise NotRewritable("not one index")
        moov = top[names.index(b"moov")]
        if moov.end - moov.start > _LARGEST_INDEX:
            raise NotRewritable("the index is too large")
        handle.seek(moov.start)
        index = _boxes(handle.read(moov.end - moov.start))
        texts = _texts(listed, duration)

        starts = [0, *(atom.end for atom in top[:-1])]
        pieces = [(start, atom.end) for start, atom in zip(starts, top, strict=True) if atom.name not in (b"moov", b"free", b"skip")]
        front = [piece for piece in pieces[:1] if names[0] == b"ftyp"]
        rest = pieces[len(front) :]
        text_data = _box(b"mdat", texts.data) if listed else b""

        def build(moves: list[tuple[int, int, int]], text_start: int) -> bytes:
            return _index(index, moves, listed, texts, text_start)

        # The index is as long with wrong offsets as with right ones, so its length comes from a first try.
        front_length = sum(end - start for start, end in front)
        after_index = front_length + len(build([(0, size, 0)], 0))
        moves, position = [], after_index + len(text_data)
        for start, end in rest:
            moves.append((start, end, position - start))
            position += end - start
        made = build(moves, after_index + 8)
        if front_length + len(made) != after_index:
            raise NotRewritable("the index changed its length")
        with target.open("wb") as copy:
            for start, end in front:
                copy_stretch(handle, copy, start, end)
            copy.write(made + text_data)
            for start, end in rest:
                copy_stretch(handle, copy, start, end)


def copy_stretch(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    """Append the bytes from `start` to `end` of one file to another."""
    source.seek(start)
    left = end - start
    while left > 0 and (data := source.read(min(left, _CHUNK))):
        target.write(data)
        left -= len(data)


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, name) + body


def _full(name: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(name, struct.pack(">I", version << 24 | flags), *parts)


def _boxes(data: bytes) -> _Boxes:
    """The boxes in `data`, one level deep: names and contents."""
    found, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data):
            # A few QuickTime writers end `udta` with four zero bytes.
            if size == 0 and not data[at:].strip(b"\0"):
                break
            raise NotRewritable("a box does not fit")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + size]))
        at += size
    return found


def _get(boxes: _Boxes, *path: bytes) -> bytes:
    content = b""
    for name in path:
        content = next((body for found, body in boxes if found == name), b"")
        boxes = _boxes(content) if name != path[-1] else []
    return content


def _index(boxes: _Boxes, moves: list[tuple[int, int, int]], chapters: Sequence[Chapter], texts: _Texts, text_start: int) -> bytes:
    """The whole new `moov` box."""
    tracks = [(_boxes(body), body) for name, body in boxes if name == b"trak"]
    referred = {number for track, _ in tracks for number in _chapter_references(track)}
    kept = [track for track, _ in tracks if _track_id(track) not in referred or _kind(track) == b"vide"]
    pictures = [_track_id(track) for track in kept if _track_id(track) in referred]
    sound = next((track for track in kept if _kind(track) == b"soun"), None)
    if sound is None:
        raise NotRewritable("no sound track")
    new_id = max(_track_id(track) for track, _ in tracks) + 1
    header = _get(boxes, b"mvhd")
    timescale = int.from_bytes(header[20:24] if header[:1] == b"\x01" else header[12:16], "big")
    made = [_box(b"mvhd", header[:-4], struct.pack(">I", new_id + 1))]
    for track in kept:
        shown = [*([new_id] if chapters else []), *pictures] if track is sound else []
        made.append(_track(track, moves, _box(b"chap", struct.pack(f">{len(shown)}I", *shown)) if shown else b""))
    if chapters:
        made.append(_text_track(new_id, timescale, texts, text_start))
    made += [_box(name, body) for name, body in boxes if name not in (b"mvhd", b"trak", b"udta")]
    user_data = [_box(name, body) for name, body in _boxes(_get(boxes, b"udta")) if name != b"chpl"]
    if chapters:
        user_data.append(_nero_list(chapters))
    if user_data:
        made.append(_box(b"udta", *user_data))
    return _box(b"moov", *made)


def _track_id(track: _Boxes) -> int:
    header = _get(track, b"tkhd")
    return int.from_bytes(header[20:24] if header[:1] == b"\x01" else header[12:16], "big")


def _kind(track: _Boxes) -> bytes:
    """`soun`, `vide`, `text` …"""
    return _get(track, b"mdia", b"hdlr")[8:12]


def _chapter_references(track: _Boxes) -> list[int]:
    references = _get(track, b"tref", b"chap")
    return [int.from_bytes(references[at : at + 4], "big") for at in range(0, len(references) - 3, 4)]


def _track(track: _Boxes, moves: list[tuple[int, int, int]], reference: bytes) -> bytes:
    """The track with its sample offsets moved and its chapter reference replaced."""
    made = []
    references = [reference] if reference else []
    for name, body in track:
        if name == b"tref":
            references = [_box(kind, numbers) for kind, numbers in _boxes(body) if kind != b"chap"] + references
        else:
            made.append(_box(name, _moved(body, moves) if name == b"mdia" else body))
    return _box(b"trak", *made, _box(b"tref", *references) if references else b"")


def _moved(body: bytes, moves: list[tuple[int, int, int]]) -> bytes:
    made = []
    for name, content in _boxes(body):
        if name in (b"minf", b"stbl"):
            made.append(_box(name, _moved(content, moves)))
        elif name in (b"stco", b"co64"):
            made.append(_box(name, content[:8], _moved_offsets(content[8:], "I" if name == b"stco" else "Q", moves)))
        else:
            made.append(_box(name, content))
    return b"".join(made)


def _moved_offsets(table: bytes, kind: str, moves: list[tuple[int, int, int]]) -> bytes:
    count = len(table) // struct.calcsize(f">{kind}")
    try:
        return struct.pack(f">{count}{kind}", *(_moved_offset(offset, moves) for offset in struct.unpack(f">{count}{kind}", table)))
    except struct.error:
        raise NotRewritable("the sample offsets do not fit") from None


def _moved_offset(offset: int, moves: list[tuple[int, int, int]]) -> int:
    for start, end, delta in moves:
        if start <= offset < end:
            return offset + delta
    raise NotRewritable("a sample lies outside the data")


def _nero_list(chapters: Sequence[Chapter]) -> bytes:
    entries = []
    for chapter in chapters[:_MOST_LISTED]:
        title = chapter.title.encode()[:_LONGEST_TITLE].decode(errors="ignore").encode()
        entries.append(struct.pack(">QB", round(chapter.start * 10_000_000), len(title)) + title)
    return _full(b"chpl", bytes(4), bytes((len(entries),)), *entries, version=1)


def _texts(chapters: Sequence[Chapter], duration: float) -> _Texts:
    if not chapters:
        return _Texts(data=b"", sizes=[], times=[])
    # A track starts at zero: a first chapter that does not is preceded by a sample without text.
    titles = [*([""] if chapters[0].start > 0 else []), *(chapter.title for chapter in chapters)]
    starts = [*([0] if chapters[0].start > 0 else []), *(round(chapter.start * 1000) for chapter in chapters)]
    times = [max(0, end - start) for start, end in pairwise([*starts, max(starts[-1], round(duration * 1000))])]
    encoded = [title.encode()[:1000].decode(errors="ignore").encode() for title in titles]
    samples = [struct.pack(">H", len(title)) + title + _ENCODED_UTF8 for title in encoded]
    return _Texts(data=b"".join(samples), sizes=list(map(len, samples)), times=times)


def _text_track(number: int, timescale: int, texts: _Texts, text_start: int) -> bytes:
    """A QuickTime text track of one chunk, in milliseconds, not shown as a track of its own."""
    sizes, times, total = texts.sizes, texts.times, sum(texts.times)
    header = struct.pack(">IIIII", 0, 0, number, 0, total * timescale // 1000) + bytes(16) + _MATRIX + bytes(8)
    colour = bytes(6)
    description = struct.pack(">II", 0, 0) + colour + bytes(8 + 8 + 2 + 2 + 1 + 2) + colour + b"\x00"
    entry = _box(b"text", bytes(6), struct.pack(">H", 1), description)
    table = _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), entry),
        _full(b"stts", struct.pack(">I", len(times)), *(struct.pack(">II", 1, time) for time in times)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, len(sizes), 1)),
        _full(b"stsz", struct.pack(">II", 0, len(sizes)), *(struct.pack(">I", size) for size in sizes)),
        _full(b"stco", struct.pack(">II", 1, text_start)),
    )
    media = _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, 1000, total, 0x55C4, 0)),
        _full(b"hdlr", bytes(4), b"text", bytes(12), b"Chapters\x00"),
        _box(
            b"minf",
            _box(b"gmhd", _full(b"gmin", struct.pack(">HHHHHH", 0x40, 0x8000, 0x8000, 0x8000, 0, 0)), _box(b"text", _MATRIX)),
            _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1))),
            table,
        ),
    )
    return _box(b"trak", _full(b"tkhd", header, flags=2), media)
