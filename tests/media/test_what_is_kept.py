"""What a recording carries stays in its published copy, but for what the copy says itself."""

from __future__ import annotations

import io
import json
import subprocess

import pytest
from mutagen.id3 import (
    APIC,
    CHAP,
    COMM,
    CTOC,
    GEOB,
    ID3,
    MCDI,
    PCNT,
    POPM,
    PRIV,
    RVA2,
    TALB,
    TDRL,
    TIPL,
    TIT2,
    TIT3,
    TKEY,
    TRCK,
    TSOA,
    TSOT,
    TSRC,
    TXXX,
    UFID,
    USLT,
    WCOP,
    WOAR,
    WXXX,
)  # fmt: skip
from mutagen.mp4 import MP4, MP4Cover
from PIL import Image

from feed.model import Chapter
from publisher.media.chapter_pictures import is_recorded, picture_name, recorded_picture
from publisher.media.measure import measure_audio
from publisher.media.tag_values import AudioTags
from publisher.media.tagged_copy import write_copy

TAGS = AudioTags(title="Ours", show="The Show", artist="Ada", description="About it.", language="en", link="https://a.example/x")


def picture(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (300, 300), (shade, 90, 120)).save(stream, "JPEG")
    return stream.getvalue()


EXTRAS = [
    USLT(encoding=3, lang="eng", desc="", text="Every word\nof it"),
    WCOP(url="https://creativecommons.org/licenses/by/4.0/"),
    TSRC(encoding=0, text="USABC2600001"),
    TXXX(encoding=3, desc="PODCASTGUID", text="ä-1"),
    PRIV(owner="www.example.com", data=b"mine"),
    UFID(owner="https://ids.example", data=b"17"),
    COMM(encoding=3, lang="eng", desc="iTunNORM", text="0000"),
    WOAR(url="https://ada.example/"),
    WXXX(encoding=3, desc="shop", url="https://shop.example/"),
    TKEY(encoding=3, text="Am"),
    TSOT(encoding=3, text="Title, The"),
    TSOA(encoding=3, text="Album, The"),
    TDRL(encoding=3, text="2026-05-01"),
    RVA2(desc="album", channel=1, gain=-3.0, peak=0.5),
    PCNT(count=7),
    POPM(email="a@b.example", rating=200, count=1),
    MCDI(data=b"\x01\x02"),
    GEOB(encoding=3, mime="application/json", filename="a.json", desc="scene", data=b"{}"),
    TIPL(encoding=3, people=[["producer", "Bo"]]),
    TRCK(encoding=3, text="7"),
]


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("frame", EXTRAS, ids=lambda frame: frame.HashKey)
def test_a_frame_that_the_copy_does_not_replace_is_kept(sounds, tmp_path, frame, version):
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(sounds.constant.read_bytes())
    tag = ID3()
    for own in (TIT2(encoding=3, text="Theirs"), TALB(encoding=3, text="Theirs"), frame):
        tag.add(own)
    if version == 3:
        tag.update_to_v23()
        tag.add(frame) if frame.FrameID in ("TSOT", "TSOA", "TDRL", "RVA2") else None
    tag.save(recording, v2_version=version)
    write_copy(recording, tmp_path / "copy.mp3", TAGS)
    found = ID3(tmp_path / "copy.mp3")
    assert found.version == (2, 3, 0)
    kept = found.getall(frame.HashKey)
    assert len(kept) == 1
    for name in ("text", "url", "data", "people", "desc", "gain", "count"):
        if hasattr(frame, name):
            assert getattr(kept[0], name) == getattr(frame, name)
    assert [str(found["TIT2"]), str(found["TALB"])] == ["Ours", "The Show"]


def test_a_frame_that_nobody_knows_is_kept(sounds, tmp_path):
    frame = b"XZZZ\x00\x00\x00\x05\x00\x00hello"
    recording = tmp_path / "audio.mp3"
    for version in (3, 4):
        recording.write_bytes(b"ID3" + bytes([version, 0, 0, 0, 0, 0, len(frame)]) + frame + sounds.constant.read_bytes())
        write_copy(recording, tmp_path / "copy.mp3", TAGS)
        assert frame in (tmp_path / "copy.mp3").read_bytes()


def test_a_frame_that_cannot_be_written_in_our_form_is_named(sounds, tmp_path):
    frame = b"XZZZ\x00\x00\x00\x05\x00\x08hello"  # compressed, and nobody knows as what
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(b"ID3" + bytes([4, 0, 0, 0, 0, 0, len(frame)]) + frame + sounds.constant.read_bytes())
    (told,) = write_copy(recording, tmp_path / "copy.mp3", TAGS).left_out
    assert told.startswith("XZZZ of its tag is left out")


def test_what_is_too_large_is_left_out_and_named(sounds, tmp_path):
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(sounds.constant.read_bytes())
    tag = ID3()
    tag.add(GEOB(encoding=3, mime="x/y", filename="", desc="big", data=bytes(2_000_000)))
    tag.add(WCOP(url="https://creativecommons.org/licenses/by/4.0/"))
    tag.save(recording)
    copy = write_copy(recording, tmp_path / "copy.mp3", TAGS)
    assert any("GEOB (2,0" in told for told in copy.left_out)
    assert ID3(tmp_path / "copy.mp3").getall("WCOP")


def with_chapters(sounds, tmp_path, pictures):
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(sounds.constant.read_bytes())
    tag = ID3()
    tag.add(CTOC(element_id="toc", flags=3, child_element_ids=["a", "b"], sub_frames=[]))
    for number, data in enumerate(pictures):
        inner = [
            TIT2(encoding=3, text=f"Part {number}"),
            TIT3(encoding=3, text="Below"),
            APIC(encoding=0, mime="image/jpeg", type=0, desc="", data=data),
        ]
        tag.add(CHAP(element_id="ab"[number], start_time=number * 9000, end_time=9000 + number * 9000, sub_frames=inner))
    tag.save(recording, v2_version=3)
    return recording


def test_pictures_of_chapters_are_named_and_read_again(sounds, tmp_path):
    pictures = [picture(10), picture(200)]
    recording = with_chapters(sounds, tmp_path, pictures)
    facts = measure_audio(recording)
    assert [chapter.image for chapter in facts.chapters] == [picture_name(data) for data in pictures]
    assert all(is_recorded(chapter.image) for chapter in facts.chapters)
    assert [recorded_picture(chapter.image, recording, tmp_path).read() for chapter in facts.chapters] == pictures
    copy = tmp_path / "copy.mp3"
    write_copy(recording, copy, AudioTags(title="a", show="b", chapters=facts.chapters, chapter_images=dict(enumerate(pictures))))
    frames = sorted(ID3(copy).getall("CHAP"), key=lambda frame: frame.start_time)
    assert [len(frame.sub_frames.getall("APIC")) for frame in frames] == [1, 1]
    assert [str(frame.sub_frames["TIT3"]) for frame in frames] == ["Below", "Below"]


def test_every_atom_is_kept_that_the_copy_does_not_replace(sounds, tmp_path):
    recording = tmp_path / "audio.m4a"
    recording.write_bytes(sounds.m4a.read_bytes())
    mp4 = MP4(recording)
    mp4["\xa9nam"], mp4["\xa9lyr"], mp4["cprt"], mp4["sonm"] = ["Theirs"], ["Every word"], ["CC BY"], ["Title, The"]
    mp4["----:com.apple.iTunes:ISRC"], mp4["tmpo"], mp4["trkn"] = [b"USABC2600001"], [90], [(7, 9)]
    mp4["covr"] = [MP4Cover(picture(3), MP4Cover.FORMAT_JPEG)]
    mp4.save()
    write_copy(recording, tmp_path / "copy.m4a", TAGS)
    found = MP4(tmp_path / "copy.m4a")
    assert (found["\xa9nam"], found["\xa9lyr"], found["cprt"], found["sonm"]) == (["Ours"], ["Every word"], ["CC BY"], ["Title, The"])
    assert (found["----:com.apple.iTunes:ISRC"], found["tmpo"], found["trkn"]) == ([b"USABC2600001"], [90], [(7, 9)])
    assert [bytes(cover) for cover in found["covr"]] == [picture(3)]


def enhanced(sounds, tmp_path):
    """An M4A whose sound refers to a track of two pictures as its chapters, the second from 10 s on."""
    for number, shade in enumerate((10, 200)):
        (tmp_path / f"{number}.jpg").write_bytes(picture(shade))
    made = tmp_path / "two.mov"
    command = ["ffmpeg", "-v", "error", "-i", sounds.m4a, "-framerate", "1/10", "-i", tmp_path / "%d.jpg", "-map", "0:a", "-map", "1:v"]
    subprocess.run([*map(str, command), "-map_chapters", "0", "-c:a", "copy", "-c:v", "copy", "-bitexact", str(made)], check=True)
    data = bytearray(made.read_bytes())
    told = json.loads(
        subprocess.run(["ffprobe", "-v", "quiet", "-of", "json", "-show_streams", str(made)], check=True, capture_output=True).stdout
    )
    number = next(int(stream["id"], 16) for stream in told["streams"] if stream["codec_type"] == "video")
    at = data.index(b"chap")
    size = int.from_bytes(data[at - 4 : at], "big")
    grown = data[at - 4 : at + size - 4] + number.to_bytes(4, "big")
    grown[:4] = (size + 4).to_bytes(4, "big")
    data[at - 4 : at + size - 4] = grown
    for name in (b"tref", b"trak", b"moov"):
        box = data.rindex(name, 0, at) - 4
        data[box : box + 4] = (int.from_bytes(data[box : box + 4], "big") + 4).to_bytes(4, "big")
    recording = tmp_path / "audio.m4a"
    recording.write_bytes(data)
    return recording


def test_the_picture_track_of_an_m4a_is_kept(sounds, tmp_path):
    recording = enhanced(sounds, tmp_path)
    facts = measure_audio(recording)
    assert facts.extension == "m4a"
    names = [picture_name(picture(shade)) for shade in (10, 200)]
    assert next(chapter.image for chapter in facts.chapters) == names[0]
    assert recorded_picture(names[1], recording, tmp_path).read() == picture(200)
    chapters = (Chapter(start=0, title="One"), Chapter(start=10, title="Two"), Chapter(start=15, title="Three"))
    copy = write_copy(recording, tmp_path / "copy.m4a", AudioTags(title="a", show="b", chapters=chapters))
    assert [(chapter.title, chapter.image) for chapter in copy.chapters] == [("One", names[0]), ("Two", names[1]), ("Three", names[1])]
    assert copy.faststart and copy.duration == pytest.approx(facts.duration)
