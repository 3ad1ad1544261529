import hashlib

import pytest

from publisher.media import mpeg_frames
from publisher.media.mpeg_frames import CountedFrames, FrameCounter, read_index, tag_length


def count(data: bytes, chunk: int = 1 << 20) -> CountedFrames | None:
    counter = FrameCounter()
    for at in range(0, len(data), chunk):
        counter.feed(data[at : at + chunk])
    return counter.finish()


def counted(data: bytes, chunk: int = 1 << 20) -> CountedFrames:
    stream = count(data, chunk)
    assert stream is not None
    return stream


def frame(second: int, third: int, size: int) -> bytes:
    return bytes((0xFF, second, third, 0xC4)) + bytes(size - 4)


@pytest.mark.parametrize(
    ("second", "third", "size", "samples", "rate", "layer"),
    [
        (0xFB, 0x90, 417, 1152, 44100, 3),  # MPEG 1 layer III, 128 kbit/s
        (0xFB, 0x92, 418, 1152, 44100, 3),  # … with padding
        (0xFA, 0x90, 417, 1152, 44100, 3),  # … with a checksum
        (0xFB, 0xE4, 960, 1152, 48000, 3),  # 320 kbit/s
        (0xFB, 0x18, 144, 1152, 32000, 3),  # 32 kbit/s
        (0xF3, 0x80, 208, 576, 22050, 3),  # MPEG 2, 64 kbit/s
        (0xF3, 0x34, 72, 576, 24000, 3),  # 24 kbit/s
        (0xE3, 0x18, 72, 576, 8000, 3),  # MPEG 2.5, 8 kbit/s
        (0xE3, 0x80, 417, 576, 11025, 3),
        (0xFD, 0xA0, 626, 1152, 44100, 2),  # layer II, 192 kbit/s
        (0xF5, 0x84, 384, 1152, 24000, 2),
        (0xFF, 0x90, 312, 384, 44100, 1),  # layer I, 288 kbit/s: whole slots of four bytes
        (0xFF, 0x92, 316, 384, 44100, 1),
        (0xF7, 0x84, 256, 384, 24000, 1),
    ],
)
def test_every_version_and_layer_is_counted_by_its_own_frame_length(second, third, size, samples, rate, layer):
    stream = counted(frame(second, third, size) * 10)
    assert (stream.frames, stream.sample_rate, stream.layer, stream.channels) == (10, rate, layer, 1)
    assert stream.duration == pytest.approx(10 * samples / rate)
    assert (stream.start, stream.end, stream.missing, stream.junk) == (0, 10 * size, 0, 0)


@pytest.mark.parametrize("second_third", [(0xEB, 0x90), (0xF9, 0x90), (0xFB, 0xF0), (0xFB, 0x9C), (0xDB, 0x90)])
def test_reserved_header_values_are_no_frames(second_third):
    assert count(frame(*second_third, 417) * 10) is None


@pytest.mark.parametrize("chunk", [1, 7, 417, 1000, 16384, 1 << 20])
def test_the_count_is_the_same_however_the_file_is_read(sounds, chunk):
    data = sounds.spoken.read_bytes()[:60_000] + sounds.constant.read_bytes()[:40_000]
    assert counted(data, chunk) == counted(data)


@pytest.mark.parametrize("name", ["constant", "variable", "variable_without_header", "wrong_header", "joined", "spoken"])
def test_the_counted_length_is_what_another_program_plays(sounds, heard, name):
    path = getattr(sounds, name)
    assert counted(path.read_bytes()).duration == pytest.approx(heard(path), abs=0.1)


@pytest.mark.parametrize(
    ("rate", "bitrate"), [(8000, "16k"), (11025, "24k"), (16000, "32k"), (24000, "64k"), (32000, "96k"), (48000, "192k")]
)
def test_every_sample_rate_of_the_encoder_is_counted(sounds, heard, rate, bitrate):
    path = sounds.encode(f"rate-{rate}.mp3", "-f", "lavfi", "-i", "sine=d=2", "-ar", str(rate), "-b:a", bitrate)
    stream = counted(path.read_bytes())
    assert stream.sample_rate == rate
    assert stream.bitrate == int(bitrate[:-1]) * 1000
    assert stream.duration == pytest.approx(heard(path), abs=0.1)
    assert stream.junk == 0


def test_the_index_is_no_audio_and_its_promise_is_told(sounds):
    stream = counted(sounds.constant.read_bytes())
    assert stream.index is not None and stream.index.kind == "Info"
    assert stream.index.frames == stream.frames
    assert stream.index.size == stream.size
    assert stream.promised == pytest.approx(stream.duration)


def test_a_vbri_index_is_read():
    head = frame(0xFB, 0x90, 417)
    data = head[:36] + b"VBRI" + bytes(6) + (5000).to_bytes(4, "big") + (12).to_bytes(4, "big") + head[58 - 4 :]
    index = read_index(data)
    assert index is not None and (index.kind, index.size, index.frames) == ("VBRI", 5000, 12)
    assert read_index(head) is None


TAGS = {
    "ID3v2": b"ID3\x03\x00\x00\x00\x00\x02\x00" + b"\xff\xfb\x90\xc4" * 64,
    "ID3v2.4 with a footer": b"ID3\x04\x00\x10\x00\x00\x01\x00" + bytes(128) + b"3DI\x04\x00\x10\x00\x00\x01\x00",
    "APE": b"APETAGEX" + (2000).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(7) + b"\xa0" + bytes(8) + b"\xff\xfb\x90\xc4" * 8
    + b"APETAGEX" + (2000).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(7) + b"\x80" + bytes(8),
    "ID3v1": b"TAG" + bytes(125),
}  # fmt: skip


@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS.keys())
def test_tags_before_between_and_behind_are_no_audio(tag):
    audio = frame(0xFB, 0x90, 417) * 20
    stream = counted(tag + audio + tag + audio + tag)
    assert (stream.frames, stream.junk, stream.missing) == (40, 0, 0)
    assert stream.tag_bytes == 3 * len(tag)
    assert stream.start == len(tag)
    assert stream.end == 2 * len(tag) + 2 * len(audio)


def test_a_tag_that_claims_more_than_the_file_ends_the_count():
    audio = frame(0xFB, 0x90, 417) * 20
    stream = counted(audio + b"ID3\x03\x00\x00\x7f\x7f\x7f\x7f" + audio)
    assert (stream.frames, stream.end) == (20, len(audio))


def test_garbage_between_frames_is_passed_and_told():
    audio = frame(0xFB, 0x90, 417) * 20
    # The garbage holds a false header, which has no successor.
    garbage = b"\x00" * 500 + b"\xff\xfb\x90\xc4" + b"\x55" * 500
    stream = counted(garbage + audio + garbage + audio)
    assert (stream.frames, stream.junk) == (40, 2 * len(garbage))


def test_a_file_of_too_many_false_headers_is_given_up(monkeypatch):
    monkeypatch.setattr(mpeg_frames, "_MOST_FALSE_STARTS", 5)
    audio = frame(0xFB, 0x90, 417) * 20
    false = b"\xff\xf3\x80\xc4" + b"\x55" * 10
    assert counted(false * 5 + audio).frames == 20
    assert count(false * 6 + audio) is None
    stream = counted(audio + false * 6 + audio)
    assert (stream.frames, stream.junk) == (20, len(false * 6 + audio))


def test_the_bit_rate_that_no_header_names_is_counted():
    stream = counted(frame(0xFB, 0x00, 500) * 20)
    assert (stream.free, stream.frames, stream.vbr) == (True, 20, False)
    assert stream.bitrate == round(500 * 8 * 44_100 / 1152)
    varying = counted(frame(0xFB, 0x90, 417) * 20 + frame(0xFB, 0xB0, 626) * 20)
    assert (varying.vbr, varying.bitrate) == (True, round((417 + 626) / 2 * 8 * 44_100 / 1152))


def test_free_format_anywhere_is_told(sounds):
    free, plain = sounds.free_format.read_bytes(), frame(0xFB, 0x90, 417) * 20
    assert [counted(data).free for data in (plain, free, free + plain, plain + free)] == [False, True, True, True]


def test_a_frame_cut_at_the_end_is_not_counted():
    data = frame(0xFB, 0x90, 417) * 20
    stream = counted(data[:-100])
    assert (stream.frames, stream.missing, stream.end) == (19, 100, len(data) - 100)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\xff\xfb\x90",
        bytes(100_000),
        b"\xff" * 100_000,
        b"plain text " * 1000,
        hashlib.shake_256(b"noise").digest(1_000_000),
    ],
    ids=["empty", "one byte", "three bytes", "zeros", "ones", "text", "noise"],
)
def test_what_is_no_audio_has_no_frames(data):
    assert count(data) is None


FALSE_FREE = hashlib.shake_256(b"free").digest(3_000_000).replace(b"\x00", b"\xff\xfb\x00")


@pytest.mark.parametrize(
    "pattern", [b"\xff\xfb\x90\x00", FALSE_FREE, b"ID3\x03\x00\x00\x00\x00\x00\x01"], ids=["layer III", "free", "tags"]
)
def test_a_file_of_false_starts_is_given_up_on(pattern):
    # Without the limits these take minutes. A few headers in a row by chance are no audio.
    stream = count(pattern * (6_000_000 // len(pattern)))
    assert stream is None or stream.junk > stream.size * 0.8


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (b"ID3\x04\x00\x00\x00\x00\x01\x01", 10 + 129),
        (b"ID3\x04\x00\x00\x80\x00\x01\x01", 0),  # a size must be syncsafe
        (b"ID3", 0),
        (b"TAG+" + bytes(20), 227),
        (b"nothing", 0),
    ],
)
def test_the_length_of_a_tag_is_read_from_its_head(head, length):
    assert tag_length(head) == length
