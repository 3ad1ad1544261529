"""How long an MP4 plays and where its chapters begin: what ffprobe says, whatever a single header field holds."""

from __future__ import annotations

import json
import struct
import subprocess
from typing import TYPE_CHECKING

import pytest

from feed.model import Chapter
from publisher.media.measure import measure_audio
from publisher.media.tag_values import AudioTags
from publisher.media.tagged_copy import write_copy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta"}


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


def rewritten(data: bytes, change: Callable[[bytes, bytes], bytes]) -> bytes:
    """All boxes again, each body of a box without boxes inside as `change` (name, body) gives it."""
    made, at = b"", 0
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + size]
        made += box(name, rewritten(body, change) if name in CONTAINERS else change(name, body))
        at += size
    return made


def edit_list(*rows: tuple[int, int]) -> bytes:
    return struct.pack(">II", 0, len(rows)) + b"".join(struct.pack(">IiI", length, start, 1 << 16) for length, start in rows)


def with_edits(data: bytes, handler: bytes, *rows: tuple[int, int]) -> bytes:
    """The edit list of every track of this kind replaced, or put in."""
    made, at = b"", 0
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + size]
        if name == b"trak" and handler in body:
            inner = rewritten(body, lambda _, content: content)
            cut = inner.find(b"edts") - 4
            if cut > 0:
                inner = inner[:cut] + inner[cut + int.from_bytes(inner[cut : cut + 4], "big") :]
            head = int.from_bytes(inner[:4], "big")
            body = inner[:head] + box(b"edts", box(b"elst", edit_list(*rows))) + inner[head:]
        elif name == b"moov":
            body = with_edits(body, handler, *rows)
        made += box(name, body)
        at += size
    return made


def probed(path: Path) -> tuple[float, list[float]]:
    command = [
        "ffprobe",
        "-v",
        "quiet",
        "-of",
        "json",
        "-show_entries",
        "stream=codec_type,start_time,duration:chapter=start_time",
        str(path),
    ]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    sound = next(stream for stream in told["streams"] if stream["codec_type"] == "audio")
    return float(sound["start_time"]) + float(sound["duration"]), [float(chapter["start_time"]) for chapter in told["chapters"]]


def duration_field(name: bytes, value: int) -> Callable[[bytes, bytes], bytes]:
    return lambda found, body: body[:16] + struct.pack(">I", value) + body[20:] if found == name else body


def without_chapters(sounds) -> bytes:
    plain = sounds.encode("silent-index.m4a", "-i", str(sounds.m4a), "-map", "0:a", "-map_chapters", "-1", "-c", "copy")
    return plain.read_bytes()


@pytest.mark.parametrize(
    ("rows", "doubted"),
    [
        ([(20000, 1024)], False),
        ([(10000, 10 * 44100)], True),
        ([(5000, 1024)], True),
        ([(5000, 0), (3000, 12 * 44100)], True),
        ([(0, 10 * 44100)], True),
        ([(99000, 1024)], False),
        ([(5000, -1), (20000, 1024)], True),
    ],
)
def test_an_edit_list_says_what_is_played(sounds, tmp_path, rows, doubted):
    path = tmp_path / "audio.m4a"
    path.write_bytes(with_edits(without_chapters(sounds), b"soun", *rows))
    facts = measure_audio(path)
    played = min(probed(path)[0], 25.05 if rows[0][1] == -1 else 20.05)
    assert facts.duration == pytest.approx(10.0 if rows[0] == (0, 441000) else played, abs=0.1)
    assert any("edit list" in doubt for doubt in facts.doubts) == doubted


@pytest.mark.parametrize("value", [0, 0xFFFFFFFF])
def test_a_length_that_is_not_said_is_counted(sounds, tmp_path, value):
    path = tmp_path / "audio.m4a"
    path.write_bytes(rewritten(without_chapters(sounds), duration_field(b"mdhd", value)))
    facts = measure_audio(path)
    assert facts.duration == pytest.approx(20, abs=0.1)
    assert any("does not say how long" in doubt and "0:20" in doubt for doubt in facts.doubts)


@pytest.mark.parametrize(("name", "says"), [(b"mdhd", "0:10"), (b"mvhd", "7:21")])
def test_a_header_that_says_another_length_is_not_believed(sounds, tmp_path, name, says):
    path = tmp_path / "audio.m4a"
    path.write_bytes(rewritten(without_chapters(sounds), duration_field(name, 441_000)))
    facts = measure_audio(path)
    assert facts.duration == pytest.approx(20, abs=0.1)
    assert any(says in doubt and "0:20" in doubt for doubt in facts.doubts)


def test_a_video_may_last_longer_than_its_sound(sounds, tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(rewritten(sounds.video.read_bytes(), duration_field(b"mvhd", 441_000)))
    assert not [doubt for doubt in measure_audio(path).doubts if "its sound lasts" in doubt]


def test_a_sound_file_is_published_with_the_length_that_mutagen_reads(sounds):
    from mutagen.mp3 import MP3
    from mutagen.mp4 import MP4

    for path, opened in ((sounds.m4a, MP4), (sounds.constant, MP3), (sounds.variable, MP3)):
        facts = measure_audio(path)
        assert facts.duration == opened(path).info.length
        assert not [doubt for doubt in facts.doubts if "0:20" in doubt]


@pytest.mark.parametrize("rows", [[(3000, -1), (20000, 0)], [(20000, 0)]])
def test_chapters_begin_where_their_track_is_played(sounds, tmp_path, rows):
    path = tmp_path / "audio.m4a"
    path.write_bytes(with_edits(sounds.m4a.read_bytes(), b"text", *rows))
    found = [chapter.start for chapter in measure_audio(path).chapters]
    assert found == pytest.approx(probed(path)[1][-len(found) :], abs=0.01)
    assert found


@pytest.mark.parametrize(
    ("title", "read", "sure"),
    [
        ("Begrüßung".encode("latin-1"), "Begrüßung", False),
        (("ü" * 40).encode()[:63], "ü" * 31, True),
        ("Über".encode(), "Über", True),
        ("Über".encode("utf-16"), "Über", True),
    ],
)
def test_a_chapter_title_in_another_encoding_refuses_no_recording(sounds, tmp_path, title, read, sure):
    entries = b"".join(struct.pack(">QB", start * 10_000_000, len(text)) + text for start, text in ((0, title), (9, b"Next")))
    for count in (2, 9):  # some programs promise more than they write
        chapters = box(b"chpl", b"\x01" + bytes(7) + bytes([count]) + entries)
        data = without_chapters(sounds)
        at = data.index(b"moov") - 4
        moov = data[at + 8 : at + int.from_bytes(data[at : at + 4], "big")]
        cut = moov.find(b"udta") - 4
        moov = (moov[:cut] if cut > 0 else moov) + box(b"udta", chapters)
        path = tmp_path / "audio.m4a"
        path.write_bytes(data[:at] + box(b"moov", moov))
        facts = measure_audio(path)
        assert facts.chapters == (Chapter(start=0, title=read), Chapter(start=9, title="Next"))
        assert any(read in doubt for doubt in facts.doubts) != sure
        copy = write_copy(path, tmp_path / "copy.m4a", AudioTags(title="a", show="b", chapters=facts.chapters))
        assert [chapter.title for chapter in copy.chapters] == [read, "Next"]


def test_an_mp3_whose_first_headers_tell_another_length_says_so(sounds, tmp_path):
    path = tmp_path / "audio.mp3"
    path.write_bytes(
        sounds.encode("slow.mp3", "-f", "lavfi", "-i", "sine=d=20", "-b:a", "64k", "-write_xing", "0").read_bytes() + bytes(90_000)
    )
    facts = measure_audio(path)
    assert facts.duration == pytest.approx(20, abs=0.1)
    assert any("counted length" in doubt for doubt in facts.doubts)
