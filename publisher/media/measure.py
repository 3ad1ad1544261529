"""Recordings measured: what a file is, how long it is, and what is odd about it, by content and not by name."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING, BinaryIO, Final

from feed.findings import ContentFault
from feed.model import AudioFacts
from feed.times import short_clock
from publisher.core.show_files import quoted
from publisher.media import file_type as sniff
from publisher.media.mpeg_frames import CountedFrames, FrameCounter, tag_length

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from publisher.media.mp4_atoms import Layout

_CHUNK: Final = 1 << 20
_TOLERANCE: Final = 1.0
"""Seconds by which a header may be wrong before it is worth a word; directories compare within one second."""
_AGREEMENT: Final = 0.5
"""Seconds by which mutagen's figure may differ from what is counted: encoders' silence at both ends, which some leave out, is less."""
_UNBELIEVABLE: Final = 24 * 3600
_AGAIN: Final = "-c:a aac -b:a 128k"
_ONLY_TAGS: Final = "a tag that nothing follows"
_STILL_BEING_WRITTEN: Final = "is the recording still being exported, copied or synced?"
_PLAYED_CODECS: Final = frozenset(("mp4a", ".mp3"))
_OTHER_CODECS: Final = {
    "alac": "Apple Lossless",
    "drms": "copy-protected audio",
    "enca": "copy-protected audio",
    "Opus": "Opus",
    "fLaC": "FLAC",
    "ac-3": "Dolby Digital",
    "ec-3": "Dolby Digital Plus",
}
_FITTING_NAMES: Final = {"mp3": ("mp3",), "m4a": ("m4a", "m4b"), "mp4": ("mp4", "m4v")}


class AudioFault(ContentFault):
    """A recording that cannot be published as it is.

    Codes: audio-missing, audio-unreadable, audio-empty, audio-truncated, audio-not-audio, audio-type, audio-several,
    path-outside.
    """


def measure_audio(path: Path, *, progress: Callable[[int], None] | None = None) -> AudioFacts:
    """Measure a recording: one streaming read makes the checksum and counts the frames; mutagen reads the tags.

    The duration is mutagen's where frames or samples agree within half a second, else the counted one, and `doubts` says so. `progress`
    is told how many bytes were read since it was last called. Raises AudioFault. Memory does not grow with the file.
    """
    try:
        status = path.stat()
        # Opening a pipe would wait for its writer for ever.
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
            raise AudioFault(f"the audio cannot be read: this is {what}", code="audio-unreadable", hint="put the recording itself here")
        with path.open("rb") as handle:
            return _measured(handle, path.name, progress)
    except FileNotFoundError:
        raise missing(path) from None
    except PermissionError:
        hint = f"allow it: chmod u+r {quoted(path.name)}"
        raise AudioFault("the audio cannot be read: permission denied", code="audio-unreadable", hint=hint) from None
    except OSError as error:
        message = f"the audio cannot be read: {error.strerror or error}"
        raise AudioFault(message, code="audio-unreadable", hint="is the disk or the network share all right?") from None


def missing(path: Path) -> AudioFault:
    """The fault of a recording that is not there: deleted, never copied, or a link whose target was not fetched."""
    if path.is_symlink():
        return AudioFault(
            f"the audio is a link to a file that is not here: {path.readlink()}",
            code="audio-missing",
            hint=f"fetch it (git annex get {quoted(path.name)}), or copy the recording here",
        )
    return AudioFault("the audio is not here", code="audio-missing", hint="copy the recording into the episode's folder")


def wrong_type(name: str, described: str) -> AudioFault:
    """The fault of audio that apps do not play, with the line that makes an MP3 of it."""
    stem = name.rpartition(".")[0] or name
    target = f"{stem}.mp3" if f"{stem}.mp3" != name else f"{stem}-new.mp3"
    return AudioFault(
        f"{described}, which apps do not play from a feed",
        code="audio-type",
        hint=f"convert it: ffmpeg -i {quoted(name)} -b:a 128k {quoted(target)}",
    )


def _measured(handle: BinaryIO, name: str, progress: Callable[[int], None] | None) -> AudioFacts:
    size = os.fstat(handle.fileno()).st_size
    if size == 0:
        raise AudioFault("the audio is empty (0 bytes)", code="audio-empty", hint=_STILL_BEING_WRITTEN)
    head = _head(handle)
    format_name = sniff.other_audio(head)
    if format_name:
        raise wrong_type(name, f"this is {format_name}")
    if sniff.is_mp4(head):
        return _mp4_facts(handle, size, _read_through(handle, size, None, progress), name)
    described = sniff.not_audio(head) if head else _ONLY_TAGS
    if described not in ("", _ONLY_TAGS, sniff.ZEROS):  # behind those there may be audio yet
        raise _not_audio(described)
    counter = FrameCounter()
    digest = _read_through(handle, size, counter, progress)
    stream = counter.finish()
    # Three headers in a row also occur by chance in a large file of something else; audio is mostly audio.
    if stream is None or stream.duration <= 0 or stream.junk > 4 * max(stream.size - stream.junk, 1 << 16):
        raise _not_audio(described)
    return _mp3_facts(handle, size, digest, name, stream)


def _not_audio(described: str) -> AudioFault:
    hint = "put the recording itself here"
    for pointer, command in (("git-lfs", "git lfs pull"), ("git-annex", "git annex get .")):
        if pointer in described:  # as good as no file: what is published stays, what is staged is taken
            return AudioFault(f"the audio is not here, but {described}", code="audio-missing", hint=f"fetch the recording: {command}")
    if described == sniff.ZEROS:
        hint = "was it copied or synced to its end?"
    return AudioFault("this is no audio" + (f"; it looks like {described}" if described else ""), code="audio-not-audio", hint=hint)


def _head(handle: BinaryIO) -> bytes:
    """The first 4 kB after any ID3v2 tags: what the file is."""
    offset = 0
    for _ in range(16):
        handle.seek(offset)
        head = handle.read(4096)
        length = tag_length(head) if head[:3] == b"ID3" else 0
        if not length:
            return head
        offset += length
    return b""


def _read_through(handle: BinaryIO, size: int, counter: FrameCounter | None, progress: Callable[[int], None] | None) -> str:
    """Read the file once, for the checksum and the frames."""
    digest = hashlib.sha256()
    handle.seek(0)
    done = 0
    while data := handle.read(_CHUNK):
        done += len(data)
        digest.update(data)
        if counter:
            counter.feed(data)
        if progress:
            progress(len(data))
    if done != size:
        message = f"the audio changed while it was read ({size:,} bytes, then {done:,})"
        raise AudioFault(message, code="audio-unreadable", hint=_STILL_BEING_WRITTEN)
    return digest.hexdigest()


def _cut_short(promised: str, held: str, hint: str = "") -> AudioFault:
    return AudioFault(
        f"the audio is cut short: its header promises {promised}, the file holds {held}",
        code="audio-truncated",
        hint=f"{_STILL_BEING_WRITTEN} {hint}".rstrip(),
    )


def _rewrite(name: str, options: str = "-c copy") -> str:
    """How to mend a file without changing what is heard."""
    return f"write it anew and put that in its place: ffmpeg -i {quoted(name)} {options} {quoted(f'mended-{name}')}"


def _length(seconds: float) -> str:
    return short_clock(round(seconds))


def _mp3_facts(handle: BinaryIO, size: int, digest: str, name: str, stream: CountedFrames) -> AudioFacts:
    from publisher.media.tag_reader import read_id3

    if stream.layer != 3:
        raise wrong_type(name, f"this is MPEG audio layer {'I' * stream.layer}, not MP3")
    index = stream.index
    # Both figures must promise more than is there: a wrong frame count alone is a wrong header on a whole file.
    if index and stream.promised and stream.promised - stream.duration > 0.5 and index.size > stream.size:
        promised = f"{_length(stream.promised)} ({index.size:,} bytes)"
        raise _cut_short(promised, f"{_length(stream.duration)} ({stream.size:,} bytes)", f"If this is all there is, {_rewrite(name)}")
    tags = read_id3(handle)
    duration, doubts = _mp3_length(handle, stream, name)
    return AudioFacts(
        size=size,
        sha256=digest,
        duration=duration,
        type="audio/mpeg",
        extension="mp3",
        bitrate=stream.bitrate,
        channels=stream.channels,
        sample_rate=stream.sample_rate,
        vbr=stream.vbr,
        has_index=index is not None,
        tag_bytes=stream.tag_bytes,
        cover_bytes=tags.cover_bytes,
        tags=tags.values,
        chapters=tags.chapters,
        doubts=(*_name_doubts(name, "mp3", "an MP3"), *doubts, *tags.doubts),
    )


def _name_doubts(name: str, extension: str, described: str) -> list[str]:
    if name.rpartition(".")[2].lower() in _FITTING_NAMES[extension]:
        return []
    return [f"The file is called {name}, but it is {described}; it is published as .{extension}."]


def _stream_doubts(stream: CountedFrames, name: str) -> list[str]:
    """Why apps may show another length than the counted one, and what else is odd, one sentence each."""
    doubts = []
    counted = _length(stream.duration)
    if stream.index and stream.promised is not None and abs(stream.promised - stream.duration) > _TOLERANCE:
        cause = "the header was written for another recording or by a faulty program"
        if stream.joints:
            cause = "it looks like files joined end to end"
        elif stream.promised < stream.duration:
            cause = "it was joined or extended after it was made"
        doubts.append(
            f"Its {stream.index.kind} header says {_length(stream.promised)}, its frames last {counted}: {cause}. "
            f"The counted length is published, but some apps will show the other; {_rewrite(name)}"
        )
    if stream.vbr and stream.index is None:
        doubts.append(
            f"Its bit rate varies and it has no Xing header, so apps guess its length ({counted}, counted) and jump to wrong places; "
            f"{_rewrite(name)}"
        )
    if stream.free:
        doubts.append(f"It is a free-format MP3, which many apps cannot play; {_rewrite(name, '-b:a 128k')}")
    if stream.missing:
        doubts.append(f"Its last frame lacks {stream.missing} bytes: was the end cut off?")
    if stream.junk > 4096:
        doubts.append(f"{stream.junk:,} bytes inside it are neither audio nor tags; players skip them, some with a click.")
    return doubts


def _mp4_facts(handle: BinaryIO, size: int, digest: str, name: str) -> AudioFacts:
    from publisher.media.chapter_pictures import with_pictures
    from publisher.media.mp4_atoms import read_layout
    from publisher.media.tag_reader import Mp4, mp4_tags

    layout = read_layout(handle, size)
    if layout.promised > size:
        raise _cut_short(f"{layout.promised:,} bytes", f"{size:,}")
    if not layout.has_index:
        message = "the recording was never finished: its index (the moov atom) is missing"
        raise AudioFault(message, code="audio-truncated", hint="export it again; recorders write the index when they stop")
    if layout.fragmented:
        raise AudioFault(
            "this is a fragmented MP4, as streams are, which apps do not play from a feed",
            code="audio-type",
            hint=_rewrite(name, "-c copy -movflags +faststart"),
        )
    if not layout.codec:
        raise AudioFault("this MP4 holds no sound", code="audio-not-audio", hint="put the recording itself here")
    if layout.codec not in _PLAYED_CODECS:
        raise wrong_type(name, f"this MP4 holds {_OTHER_CODECS.get(layout.codec, ascii(layout.codec))}")
    handle.seek(0)
    try:
        mp4 = Mp4(handle)
        tags = mp4_tags(mp4)
    except Exception:  # noqa: BLE001  mutagen lets several of Python's own errors through on damaged files
        raise AudioFault("this MP4 is damaged and cannot be read", code="audio-unreadable", hint="export it again") from None
    duration, length_doubts = _mp4_length(mp4.info.length, layout, name)
    if duration <= 0:
        raise AudioFault("this MP4 holds no sound (0 s)", code="audio-empty", hint="export it again")
    extension = "mp4" if layout.video else "m4a"
    doubts = _name_doubts(name, extension, "an MP4 video" if layout.video else "an M4A")
    return AudioFacts(
        size=size,
        sha256=digest,
        duration=duration,
        type="video/mp4" if layout.video else "audio/x-m4a",
        extension=extension,
        bitrate=round(size * 8 / duration) if layout.video else mp4.info.bitrate or round(size * 8 / duration),
        channels=layout.channels or mp4.info.channels,
        sample_rate=mp4.info.sample_rate,
        faststart=layout.faststart,
        cover_bytes=tags.cover_bytes,
        tags=tags.values,
        chapters=with_pictures(layout.chapters, handle, layout),
        doubts=(*doubts, *length_doubts, *layout.doubts, *tags.doubts),
    )


def _mp4_length(told: float, layout: Layout, name: str) -> tuple[float, list[str]]:
    """Seconds to publish: what mutagen told, where the sound's samples and its edit list agree; and why, where not."""
    heard, movie = layout.lasts or told, layout.movie
    if abs(told - heard) > _AGREEMENT:
        what = f"says {_length(told)}" if 0 < told < _UNBELIEVABLE else "does not say how long it is"
        cause = (
            "a part of it is cut away or put off by an edit list, which some apps do not follow"
            if told and layout.edited
            else "it is wrong"
        )
        words = f"Its header {what}, and {_length(heard)} are played: {cause}. What is played is published; {_rewrite(name, _AGAIN)}"
        return heard, [words]
    if movie and not layout.video and abs(movie - heard) > _TOLERANCE:
        words = f"Its header says {_length(movie)}, its sound lasts {_length(heard)}, which is published; {_rewrite(name)}"
        return told, [words]
    return told, []


def _mp3_length(handle: BinaryIO, stream: CountedFrames, name: str) -> tuple[float, list[str]]:
    """Seconds to publish: what mutagen tells, where the counted frames agree, else the counted ones, and why."""
    from mutagen.mp3 import MPEGInfo

    doubts = _stream_doubts(stream, name)
    try:
        handle.seek(0)
        told = float(MPEGInfo(handle, stream.start).length)
    except Exception:  # noqa: BLE001  mutagen lets several of Python's own errors through on damaged files
        told = 0
    if abs(told - stream.duration) <= _AGREEMENT:
        return told, doubts
    if not any(_length(stream.duration) in doubt for doubt in doubts):
        what = f"it seems to last {_length(told)}" if told else "its length cannot be told"
        words = (
            f"By its first headers {what}, its frames last {_length(stream.duration)}: the counted length is published; {_rewrite(name)}"
        )
        doubts.append(words)
    return stream.duration, doubts
