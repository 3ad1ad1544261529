import hashlib
import os
import re
import shutil
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from mutagen.mp4 import MP4

from feed.times import short_clock
from publisher.media.recordings import AudioFault, measure_audio
from tests.support.seeds import SEEDS, needs_seeds
from tests.support.show_factory import recording


def refused(path: Path) -> AudioFault:
    with pytest.raises(AudioFault) as caught:
        measure_audio(path)
    assert caught.value.message and "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def test_a_plain_mp3_is_measured_without_a_doubt(sounds):
    facts = measure_audio(sounds.constant)
    assert facts.doubts == ()
    assert (facts.type, facts.extension, facts.channels, facts.sample_rate, facts.bitrate) == ("audio/mpeg", "mp3", 2, 44100, 128_000)
    assert (facts.vbr, facts.has_index) == (False, True)
    assert facts.size == sounds.constant.stat().st_size
    assert facts.sha256 == hashlib.sha256(sounds.constant.read_bytes()).hexdigest()


def test_speech_at_22_khz_mono_is_measured(sounds, heard):
    facts = measure_audio(sounds.spoken)
    assert (facts.channels, facts.sample_rate, facts.doubts) == (1, 22050, ())
    assert facts.duration == pytest.approx(heard(sounds.spoken), abs=0.1)


# What mutagen 1.48 says of these four is 4.65, 60, 20 and 20 seconds.
def test_a_variable_bit_rate_without_header_has_its_counted_length_and_a_doubt(sounds):
    facts = measure_audio(sounds.variable_without_header)
    assert facts.duration == pytest.approx(20, abs=0.1)
    assert (facts.vbr, facts.has_index) == (True, False)
    assert len(facts.doubts) == 1 and "no Xing header" in facts.doubts[0] and "ffmpeg -i" in facts.doubts[0]


def test_a_variable_bit_rate_with_header_is_believed(sounds):
    facts = measure_audio(sounds.variable)
    assert facts.duration == pytest.approx(20, abs=0.1)
    assert (facts.vbr, facts.has_index, facts.doubts) == (True, True, ())


def test_a_wrong_header_is_not_believed(sounds):
    facts = measure_audio(sounds.wrong_header)
    assert facts.duration == pytest.approx(20, abs=0.1)
    assert len(facts.doubts) == 1 and "says 1:00, its frames last 0:20" in facts.doubts[0]


def test_joined_files_have_the_length_of_both_and_the_cause_is_told(sounds):
    facts = measure_audio(sounds.joined)
    assert facts.duration == pytest.approx(40, abs=0.2)
    assert len(facts.doubts) == 1 and "says 0:20, its frames last 0:40: it looks like files joined end to end" in facts.doubts[0]


def test_a_truncated_file_is_refused_with_both_figures(sounds):
    fault = refused(sounds.truncated)
    assert fault.code == "audio-truncated"
    assert "promises 0:20" in fault.message and "holds 0:10" in fault.message


def test_the_line_that_mends_a_file_mends_it(sounds, tmp_path):
    for path in (sounds.joined, sounds.variable_without_header, sounds.wrong_header):
        command = re.search(r'ffmpeg -i "(.+?)" (.+) "(.+?)"', measure_audio(path).doubts[0])
        assert command is not None and command[1] == path.name
        mended = sounds.encode(f"mended-{path.name}", "-i", str(path), *command[2].split())
        facts = measure_audio(mended)
        assert facts.doubts == ()
        assert facts.duration == pytest.approx(measure_audio(path).duration, abs=0.1)


def test_free_format_is_measured_and_doubted(sounds):
    facts = measure_audio(sounds.free_format)
    assert facts.duration == pytest.approx(3, abs=0.1)
    assert any("free-format" in doubt for doubt in facts.doubts)


def test_a_cut_last_frame_is_a_doubt_where_no_header_promises_more(sounds, tmp_path):
    path = tmp_path / "audio.mp3"
    path.write_bytes(sounds.constant.read_bytes()[500:-100])
    assert any("lacks" in doubt for doubt in measure_audio(path).doubts)


def test_tags_in_front_and_behind_are_counted_as_tags(sounds, tmp_path):
    from mutagen.id3 import APIC, ID3, TIT2

    path = tmp_path / "audio.mp3"
    shutil.copy(sounds.constant, path)
    tags = ID3()
    tags.add(TIT2(encoding=3, text="Grüße\0 und mehr"))
    tags.add(APIC(encoding=0, mime="image/jpeg", type=3, desc="", data=b"\xff\xfb\x90\xc4" * 5000))
    tags.save(path, v1=2)
    facts = measure_audio(path)
    assert facts.duration == pytest.approx(measure_audio(sounds.constant).duration)
    assert facts.cover_bytes == 20_000
    assert facts.tag_bytes >= 20_000 + 128
    assert facts.tags["title"].startswith("Grüße")
    assert facts.doubts == ()


def test_a_damaged_tag_is_a_doubt_not_a_fault(sounds, tmp_path):
    path = tmp_path / "audio.mp3"
    path.write_bytes(b"ID3\x04\x00\x80\x00\x00\x02\x00" + b"CHAP\x00\x00\x00\x7f\x00\x00" + b"\xff" * 246 + sounds.constant.read_bytes())
    facts = measure_audio(path)
    assert facts.duration == pytest.approx(20, abs=0.1)
    assert facts.chapters == ()


@pytest.mark.parametrize("name", ["chaptered", "m4a", "m4a_faststart"])
def test_tags_and_chapters_inside_the_file_are_read(sounds, name):
    facts = measure_audio(getattr(sounds, name))
    assert [(chapter.start, chapter.title) for chapter in facts.chapters] == [(0, "Opening"), (8, "Süßes")]
    assert {"title": "A title", "artist": "Someone", "album": "The show"}.items() <= facts.tags.items()


def test_a_quicktime_chapter_track_is_read_where_there_are_no_nero_chapters(sounds, tmp_path):
    path = tmp_path / "audio.m4a"
    path.write_bytes(sounds.m4a_faststart.read_bytes().replace(b"chpl", b"free"))
    assert [(chapter.start, chapter.title) for chapter in measure_audio(path).chapters] == [(0, "Opening"), (8, "Süßes")]


def test_an_m4a_is_measured_and_a_late_index_is_told(sounds, heard):
    late, fast = measure_audio(sounds.m4a), measure_audio(sounds.m4a_faststart)
    assert (late.faststart, fast.faststart) == (False, True)
    assert (fast.type, fast.extension, fast.doubts) == ("audio/x-m4a", "m4a", ())
    assert late.doubts == ()  # the published copy has it in front
    assert fast.duration == pytest.approx(heard(sounds.m4a_faststart), abs=0.1)


def test_a_video_is_a_video_and_a_cover_is_not(sounds):
    assert (measure_audio(sounds.video).type, measure_audio(sounds.video).extension) == ("video/mp4", "mp4")
    picture = sounds.encode("cover.jpg", "-f", "lavfi", "-i", "testsrc=d=1:s=64x64", "-frames:v", "1")
    inputs = ("-f", "lavfi", "-i", "sine=d=3", "-i", str(picture), "-map", "0", "-map", "1")
    with_cover = sounds.encode("cover.m4a", *inputs, "-c:a", "aac", "-c:v", "copy", "-disposition:v", "attached_pic")
    facts = measure_audio(with_cover)
    assert (facts.type, facts.extension) == ("audio/x-m4a", "m4a")
    assert facts.cover_bytes > 100


def test_the_bit_rate_of_a_video_is_that_of_the_whole_file_and_of_an_m4a_that_of_its_sound(sounds):
    video, sound = measure_audio(sounds.video), measure_audio(sounds.m4a_faststart)
    assert video.bitrate == round(video.size * 8 / video.duration)
    assert sound.bitrate == MP4(sounds.m4a_faststart).info.bitrate != round(sound.size * 8 / sound.duration)


@pytest.mark.parametrize(("junk", "doubted"), [(4096, False), (4097, True)])
def test_bytes_between_the_frames_are_a_doubt_beyond_four_kilobytes(tmp_path, junk, doubted):
    (tmp_path / "audio.mp3").write_bytes(recording(20) + b"\x55" * junk + recording(20))
    assert any(f"{junk:,} bytes inside it" in doubt for doubt in measure_audio(tmp_path / "audio.mp3").doubts) is doubted


@pytest.mark.parametrize("name", ["m4a", "m4a_faststart"])
def test_a_truncated_m4a_is_refused_with_both_figures(sounds, tmp_path, name):
    data = getattr(sounds, name).read_bytes()
    path = tmp_path / "audio.m4a"
    path.write_bytes(data[:100_000])
    fault = refused(path)
    assert fault.code == "audio-truncated"
    assert "100,000" in fault.message and re.search(r"1\d\d,\d\d\d bytes", fault.message)


def test_an_m4a_whose_recorder_never_stopped_is_refused(sounds, tmp_path):
    data = sounds.m4a.read_bytes()
    path = tmp_path / "audio.m4a"
    path.write_bytes(data[: data.rindex(b"moov") - 4])
    assert refused(path).code == "audio-truncated"


@pytest.mark.parametrize(("name", "source", "extension"), [("audio.mp3", "m4a_faststart", "m4a"), ("audio.m4a", "constant", "mp3")])
def test_a_wrong_name_is_only_a_doubt(sounds, tmp_path, name, source, extension):
    path = tmp_path / name
    shutil.copy(getattr(sounds, source), path)
    facts = measure_audio(path)
    assert facts.extension == extension
    assert len(facts.doubts) == 1 and name in facts.doubts[0]


@pytest.mark.parametrize(
    ("name", "options", "described"),
    [
        ("a.wav", (), "WAV"),
        ("a.flac", (), "FLAC"),
        ("a.ogg", ("-c:a", "libvorbis"), "Ogg"),
        ("a.opus", (), "Opus"),
        ("a.aac", (), "raw AAC"),
        ("a.aiff", (), "AIFF"),
        ("a.wma", (), "WMA"),
        ("a.mka", (), "Matroska"),
        ("a.caf", (), "Core Audio"),
        ("a.mp2", (), "layer II"),
        ("alac.m4a", ("-c:a", "alac"), "Apple Lossless"),
        ("fragments.m4a", ("-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"), "fragmented"),
    ],
)
def test_audio_that_apps_do_not_play_is_refused_by_name_with_the_line_that_converts_it(sounds, tmp_path, name, options, described):
    made = sounds.encode(name, "-f", "lavfi", "-i", "sine=d=1", *options)
    path = tmp_path / "audio.mp3"
    shutil.copy(made, path)
    fault = refused(path)
    assert fault.code == "audio-type"
    assert described in fault.message
    assert 'ffmpeg -i "audio.mp3"' in fault.hint and not fault.hint.endswith('"audio.mp3"')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html><html><title>Log in</title>", "an HTML page"),
        (b"\xef\xbb\xbf\n<html><body>404", "an HTML page"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 20, "a JPEG picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a PNG picture"),
        (b"These are my notes, und Umlaute: \xc3\xa4.\n" * 40, "a text"),
        (b'{"error": "denied"}', "a JSON document"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "an XML document"),
        (b"PK\x03\x04" + bytes(range(256)), "a ZIP archive"),
        (bytes(200_000), "nothing but zero bytes"),
        (hashlib.shake_256(b"noise").digest(300_000), "this is no audio"),
        (b"\xff\xfb", "this is no audio"),
    ],
)
@pytest.mark.parametrize("tag", [b"", b"ID3\x03\0\0\0\0\0\x14" + bytes(20)], ids=["bare", "behind a tag"])
def test_what_is_no_audio_is_called_what_it_is(tmp_path, content, said, tag):
    path = tmp_path / "audio.mp3"
    path.write_bytes(tag + content)
    fault = refused(path)
    assert fault.code == "audio-not-audio"
    assert said in fault.message


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "git lfs pull"),
        (b"/annex/objects/SHA256E-s12345--4d7a.mp3\n", "git annex get"),
        (bytes(200_000), "was it copied or synced to its end?"),
        (b"%PDF-1.7 " * 40, "put the recording itself here"),
    ],
)
def test_the_hint_says_how_to_get_the_recording_itself(tmp_path, content, hint):
    (tmp_path / "audio.mp3").write_bytes(content)
    assert hint in refused(tmp_path / "audio.mp3").hint


@pytest.mark.parametrize("content", [b"version https://git-lfs.github.com/spec/v1\n", b"/annex/objects/SHA256E-s12345--4d7a.mp3\n"])
def test_a_pointer_of_git_is_a_recording_that_is_not_here(tmp_path, content):
    (tmp_path / "audio.mp3").write_bytes(content)
    fault = refused(tmp_path / "audio.mp3")
    assert fault.code == "audio-missing" and "pointer, not the recording itself" in fault.message


def test_an_m4a_without_samples_is_refused(sounds, tmp_path):
    data = bytearray(sounds.m4a_faststart.read_bytes())
    for name, field in ((b"mdhd", 20), (b"stts", 8)):
        at = -1
        while (at := data.find(name, at + 1)) > 0:
            data[at + field : at + field + 4] = bytes(4)
    (tmp_path / "audio.m4a").write_bytes(data)
    fault = refused(tmp_path / "audio.m4a")
    assert (fault.code, fault.message) == ("audio-empty", "this MP4 holds no sound (0 s)")


@pytest.mark.parametrize("tags", [1, 3])
def test_a_tag_without_a_recording_is_called_that(tmp_path, tags):
    (tmp_path / "audio.mp3").write_bytes((b"ID3\x03\0\0\0\0\0\x14" + bytes(20)) * tags)
    fault = refused(tmp_path / "audio.mp3")
    assert (fault.code, fault.message) == ("audio-not-audio", "this is no audio; it looks like a tag that nothing follows")


def test_audio_behind_more_tags_than_anybody_writes_is_measured(sounds, tmp_path):
    (tmp_path / "audio.mp3").write_bytes((b"ID3\x03\0\0\0\0\0\x14" + bytes(20)) * 20 + sounds.constant.read_bytes())
    assert measure_audio(tmp_path / "audio.mp3").duration == measure_audio(sounds.constant).duration


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "audio.mp3"
    path.touch()
    assert refused(path).code == "audio-empty"


def test_a_missing_file_and_a_broken_link_are_told_apart(tmp_path):
    assert refused(tmp_path / "audio.mp3").code == "audio-missing"
    link = tmp_path / "linked.mp3"
    link.symlink_to("../.git/annex/objects/xyz")
    fault = refused(link)
    assert fault.code == "audio-missing"
    assert "annex/objects" in fault.message


def test_a_folder_and_a_pipe_are_not_waited_for(tmp_path):
    (tmp_path / "audio.mp3").mkdir()
    os.mkfifo(tmp_path / "pipe.mp3")
    assert refused(tmp_path / "audio.mp3").code == "audio-unreadable"
    assert refused(tmp_path / "pipe.mp3").code == "audio-unreadable"


def test_a_file_one_may_not_read_is_a_fault_with_the_line_that_allows_it(sounds):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audio.mp3"
        shutil.copy(sounds.constant, path)
        Path(folder).chmod(0o755)
        path.chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            fault = refused(path)
        finally:
            if root:
                os.seteuid(0)
    assert fault.code == "audio-unreadable"
    assert "permission denied" in fault.message and "chmod" in fault.hint


def test_progress_tells_every_byte_once(sounds):
    told: list[int] = []
    facts = measure_audio(sounds.joined, progress=told.append)
    assert sum(told) == facts.size


def test_memory_does_not_grow_with_the_file(sounds, tmp_path):
    path = tmp_path / "audio.mp3"
    audio = sounds.encode(
        "fat.mp3", "-f", "lavfi", "-i", "sine=d=20", "-b:a", "320k", "-write_xing", "0", "-id3v2_version", "0"
    ).read_bytes()
    with path.open("wb") as handle:
        for _ in range(30):
            handle.write(audio)
    assert path.stat().st_size > 20_000_000
    measure_audio(sounds.constant)  # imports and tables
    tracemalloc.start()
    facts = measure_audio(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert facts.duration == pytest.approx(30 * 20, abs=2)
    assert peak < 6_000_000


@pytest.mark.parametrize("source", ["constant", "m4a_faststart", "chaptered"])
def test_a_damaged_file_is_never_a_traceback(sounds, tmp_path, source):
    data = bytearray(getattr(sounds, source).read_bytes())
    noise = hashlib.shake_256(source.encode()).digest(4000)
    path = tmp_path / "audio.mp3"
    hints = []
    for attempt in range(60):
        damaged = bytearray(data[:60_000] if source != "m4a_faststart" else data)
        for at in range(20):
            place = int.from_bytes(noise[(attempt * 60 + at * 3) % 3990 :][:3], "big") % (4000 if at % 2 else len(damaged))
            damaged[place] = noise[(attempt + at) % 4000]
        path.write_bytes(damaged)
        try:
            measure_audio(path)
        except AudioFault as fault:
            hints.append(fault.hint)
    assert all(hints)


@needs_seeds
@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.mp3")), ids=lambda path: path.name[:3])
def test_the_seed_recordings_have_the_length_their_pages_say(path, heard):
    facts = measure_audio(path)
    assert facts.doubts == ()
    assert facts.duration == pytest.approx(heard(path), abs=0.1)
    assert short_clock(facts.duration) in ("19:12", "18:08")
