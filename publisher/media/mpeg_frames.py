"""MPEG audio frames, counted: how long an MP3 really is, whatever its headers say.

Every frame header is looked at (ISO/IEC 11172-3 and 13818-3, section 2.4.2.3; MPEG 2.5 as every player reads it), in the
same read that makes the checksum: an hour is 140 000 dictionary look-ups. Nothing is decoded, and memory stays at one chunk.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

# kbit/s by index 1 to 14, for (MPEG 1?, layer).
_BITRATES: Final = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES: Final = (44100, 48000, 32000)
_RATE_DIVISORS: Final = {0: 4, 2: 2, 3: 1}  # version bits: MPEG 2.5, 2, 1

_LOOKAHEAD: Final = 1 << 14
"""Bytes kept back until more is read: three of the longest frames, so that a header is believed only with its successors."""
_LONGEST_FREE_FRAME: Final = 4096
_FREE_TRIES: Final = 64
_MOST_FALSE_STARTS: Final = 200_000
"""After so many headers without a successor the rest is not listened to: a hostile file must not cost minutes."""

# A frame header with legal version, layer, bit rate and sample rate; or the start of a tag.
_START: Final = re.compile(rb"\xff[\xe2-\xe7\xf2-\xff][\x00-\x0b\x10-\x1b\x20-\x2b\x30-\x3b\x40-\x4b\x50-\x5b\x60-\x6b\x70-\x7b\x80-\x8b"
                           rb"\x90-\x9b\xa0-\xab\xb0-\xbb\xc0-\xcb\xd0-\xdb\xe0-\xeb]|ID3[\x02-\x04]|APETAGEX|TAG")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What a Xing, Info or VBRI header promises: `frames` after the header's own, `size` in bytes with it. 0: not said."""

    kind: str
    frames: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedFrames:
    """What was counted in an MPEG audio file.

    `duration` is in seconds, `start` and `end` are the offsets of the first frame and after the last. `bitrate` is the
    mean in bits per second; `missing` the bytes that the last frame lacks; `junk` bytes that are neither audio nor tag;
    `joints` the tags found between frames, as files joined end to end have them; `promised` the index's duration or None.
    """

    layer: int
    frames: int
    duration: float
    sample_rate: int
    channels: int
    bitrate: int
    vbr: bool
    free: bool
    index: Index | None
    promised: float | None
    start: int
    end: int
    missing: int
    junk: int
    tag_bytes: int
    joints: int

    @property
    def size(self) -> int:
        """Bytes from the first frame to the end of the last."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Family:
    """Frames of one version, layer and sample rate; `lengths` maps the first three header bytes to the frame's bytes."""

    layer: int
    version: int
    samples: int
    rate: int
    lengths: dict[bytes, int]


@cache
def _family(second: int, rate_bits: int) -> _Family | None:
    """The family of a header's second byte (protection bit cleared) and the sample rate bits of its third."""
    version, layer = second >> 3 & 3, 4 - (second >> 1 & 3)
    if second < 0xE0 or version == 1 or layer == 4 or rate_bits == 0xC:
        return None
    rate = _RATES[rate_bits >> 2] // _RATE_DIVISORS[version]
    samples = 384 if layer == 1 else 576 if layer == 3 and version != 3 else 1152
    slot = 4 if layer == 1 else 1
    lengths = {
        bytes((0xFF, second | unprotected, index << 4 | rate_bits | padding << 1 | private)): (
            samples // 8 // slot * kilobits * 1000 // rate + padding
        )
        * slot
        for index, kilobits in enumerate(_BITRATES[version == 3, layer], 1)
        for unprotected in (0, 1)
        for padding in (0, 1)
        for private in (0, 1)
    }
    return _Family(layer=layer, version=version, samples=samples, rate=rate, lengths=lengths)


def tag_length(head: bytes) -> int:
    """Bytes of the ID3v2 or APE tag that starts with `head` (32 bytes are enough), 0 where none starts."""
    if head[:3] == b"ID3" and len(head) >= 10 and head[3] < 0xFF and head[4] < 0xFF and max(head[6:10]) < 0x80:
        body = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        return 10 + body + (10 if head[5] & 0x10 else 0)
    if head[:8] == b"APETAGEX" and len(head) >= 24:
        is_header = head[23] & 0x20
        return 32 + (int.from_bytes(head[12:16], "little") if is_header else 0)
    if head[:4] == b"TAG+":
        return 227
    return 128 if head[:3] == b"TAG" else 0


class FrameCounter:
    """Counts the frames of a file that is fed to it chunk by chunk (any size); `finish` tells the result."""

    def __init__(self) -> None:
        self._buffer = b""
        self._base = 0  # offset in the file of the buffer's first byte
        self._position = 0  # offset in the file of what is looked at next
        self._running: _Family | None = None
        self._lengths: dict[bytes, int] = {}
        self._counts: dict[_Family, int] = {}
        self._headers: set[bytes] = set()
        self._first: bytes | None = None
        self._start = self._end = 0
        self._index: Index | None = None
        self._junk = self._tag_bytes = self._joints = self._false_starts = 0
        self._free = self._given_up = False

    def feed(self, data: bytes) -> None:
        """The next bytes of the file."""
        self._buffer += data
        self._scan(len(self._buffer) - _LOOKAHEAD, final=False)
        keep = min(max(0, len(self._buffer) - _LOOKAHEAD), max(0, self._position - self._base))
        self._buffer = self._buffer[keep:]
        self._base += keep

    def finish(self) -> CountedFrames | None:
        """What was counted; None when there is no MPEG audio."""
        self._scan(len(self._buffer), final=True)
        if self._first is None or not self._counts:
            return None
        size = self._base + len(self._buffer)
        missing = max(0, self._end - size) if self._running else 0
        main = max(self._counts, key=lambda family: self._counts[family])
        if missing and self._running:
            self._counts[self._running] -= 1
        frames = sum(self._counts.values())
        duration = sum(count * family.samples / family.rate for family, count in self._counts.items())
        end = min(self._end, size)
        promised = self._index.frames * main.samples / main.rate if self._index and self._index.frames else None
        bitrates = {header[2] >> 4 for header in self._headers}
        nominal = _BITRATES[main.version == 3, main.layer][min(bitrates) - 1] * 1000 if len(bitrates) == 1 and min(bitrates) else 0
        return CountedFrames(
            layer=main.layer,
            frames=frames,
            duration=duration,
            sample_rate=main.rate,
            channels=1 if self._first[3] >> 6 == 3 else 2,
            bitrate=nominal or (round((end - self._start) * 8 / duration) if duration else 0),
            vbr=len(bitrates) > 1,
            free=self._free,
            index=self._index,
            promised=promised,
            start=self._start,
            end=end,
            missing=missing,
            junk=self._junk,
            tag_bytes=self._tag_bytes,
            joints=self._joints,
        )

    def _scan(self, limit: int, *, final: bool) -> None:
        """Look at everything that starts before `limit` in the buffer."""
        buffer = self._buffer
        position = self._position - self._base
        while position < limit and not self._given_up:
            if self._running:
                position = self._run(position)
                if position >= limit:
                    break
            self._running, self._lengths = None, {}
            length = tag_length(buffer[position : position + 32])
            if length:
                self._tag_bytes += length
                self._joints += bool(self._counts) and buffer[position : position + 3] == b"ID3"
                position += length
            elif self._begins(position, final=final):
                position = self._skip_index(position)
            else:
                found = _START.search(buffer, position + 1, limit)
                after = found.start() if found else limit
                self._junk += after - position
                position = after
        if self._given_up:
            self._junk += max(0, len(buffer) - position)
            position = max(position, len(buffer))
        self._position = self._base + position

    def _run(self, position: int) -> int:
        """Follow the frames of one family from header to header, to the end of what is read: the loop all the time is spent in."""
        buffer, lengths, headers = self._buffer, self._lengths, self._headers
        count, last = 0, b""
        while (length := lengths.get(header := buffer[position : position + 3])) is not None:
            if header != last:
                headers.add(header)
                last = header
            count += 1
            position += length
        if self._running and count:
            self._counts[self._running] = self._counts.get(self._running, 0) + count
            self._end = self._base + position
        return position

    def _begins(self, position: int, *, final: bool) -> bool:
        """Whether a run of frames begins here: three headers in a row, or frames up to the end of the file."""
        header = self._buffer[position : position + 4]
        if len(header) < 4 or header[0] != 0xFF:
            return False
        family = _family(header[1] & 0xFE, header[2] & 0x0C)
        lengths = family and (family.lengths if header[2] >> 4 else self._free_lengths(position, header, family))
        if not family or not lengths or not self._follows(position, lengths, final=final):
            self._false_starts += 1 if header[2] >> 4 else _FREE_TRIES
            self._given_up = self._false_starts > _MOST_FALSE_STARTS
            return False
        self._running, self._lengths = family, lengths
        self._free = self._free or header[2] >> 4 == 0
        if self._first is None:
            self._first = header
            self._start = self._base + position
        return True

    def _follows(self, position: int, lengths: dict[bytes, int], *, final: bool) -> bool:
        buffer = self._buffer
        for seen in range(3):
            length = lengths.get(buffer[position : position + 3])
            if length is None:
                at_end = final and (position == len(buffer) or (seen > 1 and position > len(buffer)))
                return seen > 0 and (at_end or tag_length(buffer[position : position + 32]) > 0)
            position += length
        return True

    def _free_lengths(self, position: int, header: bytes, family: _Family) -> dict[bytes, int]:
        """Lengths with free format added: all frames are alike, so the next header of the same kind tells how long."""
        slot = 4 if family.layer == 1 else 1
        second, third = header[1], header[2] & 0xFC
        alike = re.compile(
            b"\xff" + re.escape(bytes((second,))) + b"[" + re.escape(bytes((third,))) + b"-" + re.escape(bytes((third | 3,))) + b"]"
        )
        at = position + 24
        for _ in range(_FREE_TRIES):
            found = alike.search(self._buffer, at, position + _LONGEST_FREE_FRAME)
            if not found:
                break
            base = found.start() - position - (slot if header[2] & 2 else 0)
            lengths = {
                bytes((0xFF, second, third | padding << 1 | private)): base + padding * slot for padding in (0, 1) for private in (0, 1)
            }
            if self._follows(position, lengths, final=True):
                return lengths
            at = found.start() + 1
        return {}

    def _skip_index(self, position: int) -> int:
        """Past the frame here when it is a Xing, Info or VBRI header and no audio; the first one is remembered."""
        length = self._lengths[self._buffer[position : position + 3]]
        frame = self._buffer[position : position + max(length, 64)]
        index = read_index(frame)
        if index is None:
            return position
        self._index = self._index or index
        self._end = self._base + position + length
        return position + length


def read_index(frame: bytes) -> Index | None:
    """The Xing, Info or VBRI header inside a frame (its header included), None where there is none."""
    for mark in (b"Xing", b"Info"):
        at = frame.find(mark, 4, 48)
        if at > 0:
            flags = int.from_bytes(frame[at + 4 : at + 8], "big")
            frames = int.from_bytes(frame[at + 8 : at + 12], "big") if flags & 1 else 0
            size_at = at + 8 + (4 if flags & 1 else 0)
            size = int.from_bytes(frame[size_at : size_at + 4], "big") if flags & 2 else 0
            return Index(kind=mark.decode(), frames=frames, size=size)
    if frame[36:40] == b"VBRI":
        return Index(kind="VBRI", frames=int.from_bytes(frame[50:54], "big"), size=int.from_bytes(frame[46:50], "big"))
    return None
