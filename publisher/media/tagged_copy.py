"""The published copy of a recording: the same audio, with complete tags that every player shows.

The recording on disk is never touched.
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from publisher.core.digests import digest_json
from publisher.core.local_cache import CacheFile
from publisher.media.id3_writer import audio_extent, id3_tag
from publisher.media.measure import AudioFault, measure_audio
from publisher.media.mp4_atoms import atoms
from publisher.media.mp4_rewrite import NotRewritable, copy_stretch, rewrite
from publisher.media.tag_values import AudioTags, language_code, link_text, plain_text, small_cover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from feed.model import AudioFacts, Chapter

_CHUNK: Final = 1 << 20
_SAME_LENGTH: Final = 0.55
"""Seconds: a copy without the old tags may be told a little longer or shorter than the recording."""


def write_copy(recording: Path, target: Path, tags: AudioTags, *, facts: AudioFacts | None = None) -> AudioFacts:
    """Write the published copy of `recording` to `target` and measure it: the facts are the copy's.

    The audio stays as it is, bit for bit, and so does every tag that ours do not replace. Same input, same bytes. `facts`
    are those of the recording, when they are known; its doubts are the copy's, and `left_out` says what could not be written.
    `target` appears whole or not at all. Raises AudioFault when the recording cannot be read, OSError when the copy cannot be written.
    """
    facts = facts or measure_audio(recording)
    if target.exists() and target.samefile(recording):
        raise AudioFault("the published copy would overwrite the recording", code="audio-unreadable", hint="name another folder for it")
    temporary = target.with_name(f"{target.name}.part")
    try:
        notes = (_write_mp3 if facts.extension == "mp3" else _write_mp4)(recording, temporary, tags, facts)
        copy = measure_audio(temporary)
        if abs(copy.duration - facts.duration) > _SAME_LENGTH:
            hint = "is the recording still being exported, copied or synced?"
            raise AudioFault("the audio changed while it was copied", code="audio-unreadable", hint=hint)  # noqa: TRY301  the copy goes too
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return replace(copy, doubts=facts.doubts, left_out=tuple(notes))


def kept_copy(
    folder: Path, slug: str, recording: Path, tags: AudioTags, facts: AudioFacts, *, measure: Callable[[Path], AudioFacts]
) -> tuple[Path, AudioFacts]:
    """The published copy of a recording in `folder`, named for what it is made of, and its facts: written once, then measured; what it left out is
    kept in a file beside it, written last.
    """
    folder.mkdir(exist_ok=True)
    copy = folder / f"{slug}-{digest_json([facts.sha256, repr(tags)])[:16]}.{facts.extension}"
    beside = CacheFile(copy.with_suffix(".json"), "1")
    left_out = beside.read().get("left_out")
    if isinstance(left_out, list) and copy.exists():
        return copy, replace(measure(copy), doubts=facts.doubts, left_out=tuple(map(str, left_out)))
    made = write_copy(recording, copy, tags, facts=facts)
    beside.write({"left_out": made.left_out})
    return copy, made


def same_audio(one: Path, other: Path) -> bool:
    """Whether two files hold the same sound, bit for bit, whatever their tags and chapters are. Raises OSError."""
    with one.open("rb") as first, other.open("rb") as second:
        stretches = [_sound(first), _sound(second)]
        if stretches[0][1] - stretches[0][0] != stretches[1][1] - stretches[1][0]:
            return False
        left = stretches[0][1] - stretches[0][0]
        first.seek(stretches[0][0])
        second.seek(stretches[1][0])
        while left > 0:
            data = first.read(min(left, _CHUNK))
            if not data or data != second.read(len(data)):
                return False
            left -= len(data)
    return True


def _sound(handle: BinaryIO) -> tuple[int, int]:
    """Offsets of the sound: all of an MP3 but its tags, the largest data of an MP4."""
    size = handle.seek(0, 2)
    handle.seek(4)
    if handle.read(4) != b"ftyp":
        return audio_extent(handle)
    found = [atom for atom in islice(atoms(handle, 0, size), 1000) if atom.name == b"mdat"]
    return max(((atom.start, min(atom.end, size)) for atom in found), key=lambda stretch: stretch[1] - stretch[0], default=(0, size))


def _write_mp3(recording: Path, temporary: Path, tags: AudioTags, facts: AudioFacts) -> list[str]:
    with recording.open("rb") as source, temporary.open("wb") as copy:
        tag, notes = id3_tag(source, tags, facts.duration)
        start, end = audio_extent(source)
        copy.write(tag)
        copy_stretch(source, copy, start, end)
    return notes


def _write_mp4(recording: Path, temporary: Path, tags: AudioTags, facts: AudioFacts) -> list[str]:
    shutil.copyfile(recording, temporary)
    try:
        notes = _tag_mp4(temporary, tags)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001
        # mutagen wraps a full disk in an error of its own, and lets several of Python's through on damaged files.
        if error.args and isinstance(error.args[0], OSError):
            raise error.args[0] from None
        raise AudioFault("this MP4 is damaged and cannot be given tags", code="audio-unreadable", hint="export it again") from None
    return [*notes, *_lay_out(temporary, tags, facts)]


def _tag_mp4(temporary: Path, tags: AudioTags) -> list[str]:
    from mutagen.mp4 import MP4Cover, MP4FreeForm

    from publisher.media.tag_reader import Mp4

    mp4: Any = Mp4(temporary)
    if mp4.tags is None:
        mp4.add_tags()
    own = mp4.tags
    cover, notes = small_cover(tags.cover or next((bytes(picture) for picture in own.get("covr", ())), b""))
    own.pop("gnre", None)  # the genre as a number, beside which ours would be a second one
    values: dict[str, Any] = {
        "\xa9nam": [plain_text(tags.title)],
        "\xa9alb": [plain_text(tags.show)],
        "\xa9ART": [plain_text(tags.artist)],
        "aART": [plain_text(tags.artist)],
        "\xa9gen": [plain_text(tags.genre)],
        "\xa9day": [tags.date.strftime("%Y-%m-%d") if tags.date else ""],
        "\xa9cmt": [plain_text(tags.description)],
        "ldes": [plain_text(tags.description)],
        "trkn": [(tags.number, 0)] if tags.number and tags.number < 1 << 16 else [],
        "disk": [(tags.season, 0)] if tags.season and tags.season < 1 << 16 else [],
        "----:com.apple.iTunes:LANGUAGE": [MP4FreeForm(language_code(tags.language).encode())] if tags.language else [],
        "----:com.apple.iTunes:WWW": [MP4FreeForm(link_text(tags.link).encode())] if tags.link else [],
        "covr": [MP4Cover(cover, MP4Cover.FORMAT_JPEG)] if cover else [],
    }
    for name, value in values.items():
        if value and value != [""]:
            own[name] = value
    own["pcst"] = True
    own["stik"] = [21]
    mp4.save(temporary, padding=lambda _: 0)
    return notes


def _lay_out(temporary: Path, tags: AudioTags, facts: AudioFacts) -> list[str]:
    """Index in front and chapters inside, where they are not so already."""
    if facts.faststart and _outline(tags.chapters) == _outline(facts.chapters):
        return []
    rewritten = temporary.with_name(f"{temporary.name}2")
    try:
        rewrite(temporary, rewritten, tags.chapters, facts.duration)
        rewritten.replace(temporary)
    except (NotRewritable, struct.error) as error:
        rewritten.unlink(missing_ok=True)
        return [f"this MP4 could not be laid out anew ({error}): apps read the chapters from the feed, not from the file"]
    except BaseException:
        rewritten.unlink(missing_ok=True)
        raise
    return []


def _outline(chapters: tuple[Chapter, ...]) -> list[tuple[float, str]]:
    return [(round(chapter.start, 3), chapter.title) for chapter in chapters]
