import datetime as dt
import hashlib
import io
import json
import os
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from mutagen.id3 import APIC, CHAP, COMM, CTOC, ID3, PRIV, TIT2, TXXX, USLT
from mutagen.mp4 import MP4
from PIL import Image

from feed.model import Chapter
from publisher.media import id3_writer
from publisher.media.recordings import AudioFault, measure_audio
from publisher.media.tag_values import AudioTags, language_code
from publisher.media.tagged_copy import kept_copy, write_copy
from tests.support import ROOT


def picture(pixels, form="JPEG"):
    stream = io.BytesIO()
    Image.effect_noise((pixels, pixels), 60).convert("RGB").save(stream, form)
    return stream.getvalue()


COVER = picture(300)
TAGS = AudioTags(
    title="Über das Meer",
    show="Die Show",
    artist="Ada, Bo",
    number=12,
    season=2,
    date=dt.datetime(2026, 5, 21, 6, 0, tzinfo=dt.UTC),
    language="de-AT",
    link="https://example.org/episodes/über.html",
    description="Worum es geht.\nUnd 🎙.",
    cover=COVER,
    chapters=(
        Chapter(start=0, title="Anfang", url="https://example.org/1"),
        Chapter(start=5.25, title="Mitte", toc=False),
        Chapter(start=12, title="Schluss", end=19),
    ),
)


def packets(path: Path) -> str:
    """The audio packets' checksum, by another program."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-c", "copy", "-f", "md5", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def shown(path: Path) -> dict:
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.parametrize(("number", "season"), [(65_535, 65_535), (65_536, 65_536)])
def test_a_number_that_the_atoms_of_an_m4a_do_not_hold_is_left_out(sounds, tmp_path, number, season):
    write_copy(sounds.m4a_faststart, tmp_path / "copy.m4a", replace(TAGS, number=number, season=season))
    tags = MP4(tmp_path / "copy.m4a").tags
    assert tags.get("trkn") == tags.get("disk") == ([(65_535, 0)] if number == 65_535 else None)


@pytest.mark.parametrize(
    ("language", "code"),
    [("de-AT", "deu"), ("de_AT", "deu"), ("EN", "eng"), ("gsw", "gsw"), ("x1y", "und"), ("äöü", "und"), ("tlh-x", "tlh"), ("", "und")],
)
def test_a_language_is_three_letters_or_undetermined(language, code):
    assert language_code(language) == code


def test_the_copy_shows_everything_in_another_program(sounds, tmp_path):
    write_copy(sounds.constant, tmp_path / "copy.mp3", TAGS)
    told = shown(tmp_path / "copy.mp3")
    tags = told["format"]["tags"]
    assert tags["title"] == "Über das Meer"
    assert tags["album"] == "Die Show"
    assert tags["artist"] == tags["album_artist"] == "Ada, Bo"
    assert (tags["track"], tags["disc"], tags["genre"], tags["date"], tags["language"]) == ("12", "2", "Podcast", "2026-05-21", "deu")
    assert tags["comment"] == "Worum es geht.\nUnd 🎙."
    assert [(float(chapter["start_time"]), float(chapter["end_time"]), chapter["tags"]["title"]) for chapter in told["chapters"]] == [
        (0, 5.25, "Anfang"),
        (5.25, 12, "Mitte"),
        (12, 19, "Schluss"),
    ]
    assert any(stream["disposition"]["attached_pic"] for stream in told["streams"])


def test_the_tag_is_id3_version_2_3_with_its_own_dates_and_links(sounds, tmp_path):
    write_copy(sounds.constant, tmp_path / "copy.mp3", TAGS)
    assert (tmp_path / "copy.mp3").read_bytes()[:5] == b"ID3\x03\x00"
    id3 = ID3(tmp_path / "copy.mp3", translate=False)
    assert (str(id3["TYER"]), str(id3["TDAT"])) == ("2026", "2105")
    assert "TDRC" not in id3
    assert id3["WOAF"].url == id3["WXXX:"].url == "https://example.org/episodes/%C3%BCber.html"
    assert id3["APIC:"].data == COVER
    assert (id3["APIC:"].mime, id3["APIC:"].type) == ("image/jpeg", 3)
    assert id3["COMM::deu"].text == ["Worum es geht.\nUnd 🎙."]
    assert id3["CTOC:toc"].child_element_ids == ["chp0", "chp2"]
    assert id3["CTOC:toc"].flags == 3
    assert id3["CHAP:chp0"].sub_frames["WXXX:chapter url"].url == "https://example.org/1"
    assert id3["CHAP:chp0"].start_offset == id3["CHAP:chp0"].end_offset == 0xFFFFFFFF


def test_the_facts_are_those_of_the_copy(sounds, tmp_path):
    target = tmp_path / "copy.mp3"
    facts = write_copy(sounds.constant, target, TAGS)
    assert facts == measure_audio(target)
    assert facts.size == target.stat().st_size
    assert facts.sha256 == hashlib.sha256(target.read_bytes()).hexdigest() != measure_audio(sounds.constant).sha256
    assert facts.duration == measure_audio(sounds.constant).duration
    assert [chapter.toc for chapter in facts.chapters] == [True, False, True]


@pytest.mark.parametrize("name", ["constant", "variable", "joined", "spoken", "chaptered", "m4a", "m4a_faststart", "video"])
def test_the_audio_stays_bit_for_bit_and_the_recording_untouched(sounds, tmp_path, name):
    recording = getattr(sounds, name)
    before = recording.read_bytes(), recording.stat().st_mtime_ns
    target = tmp_path / f"copy{recording.suffix}"
    facts = write_copy(recording, target, TAGS)
    assert packets(target) == packets(recording)
    assert (recording.read_bytes(), recording.stat().st_mtime_ns) == before
    assert facts.duration == pytest.approx(measure_audio(recording).duration)
    assert facts.tags["title"] == "Über das Meer"
    assert sorted(tmp_path.iterdir()) == [target]


def test_the_frames_between_the_tags_are_the_recordings_own_bytes(sounds, tmp_path):
    data = sounds.constant.read_bytes()
    audio = data[10 + int.from_bytes(data[8:10], "big") :]
    assert audio[:2] == b"\xff\xfb"
    write_copy(sounds.constant, tmp_path / "copy.mp3", TAGS)
    assert (tmp_path / "copy.mp3").read_bytes().endswith(audio)
    assert (tmp_path / "copy.mp3").stat().st_size - len(audio) == measure_audio(tmp_path / "copy.mp3").tag_bytes


def test_old_tags_give_way_and_loudness_stays(sounds, tmp_path):
    recording = tmp_path / "audio.mp3"
    ape = b"APETAGEX" + (2000).to_bytes(4, "little") + (32).to_bytes(4, "little") + bytes(7) + b"\x00" + bytes(8)
    recording.write_bytes(sounds.constant.read_bytes() + ape)
    old = ID3()
    old.add(TIT2(encoding=3, text="Old title"))
    old.add(COMM(encoding=3, lang="eng", desc="", text="Old comment"))
    old.add(COMM(encoding=3, lang="eng", desc="iTunNORM", text="0000"))
    old.add(USLT(encoding=3, lang="eng", desc="", text="la la"))
    old.add(PRIV(owner="XMP", data=b"/home/ada/secret/path"))
    old.add(TXXX(encoding=3, desc="REPLAYGAIN_TRACK_GAIN", text="-3.2 dB"))
    old.add(TXXX(encoding=3, desc="purl", text="https://old.example"))
    old.add(CHAP(element_id="old", start_time=0, end_time=1, sub_frames=[TIT2(encoding=3, text="Old chapter")]))
    old.add(CTOC(element_id="oldtoc", flags=3, child_element_ids=["old"], sub_frames=[]))
    old.save(recording, v1=2)
    target = tmp_path / "copy.mp3"
    facts = write_copy(recording, target, TAGS)
    data = target.read_bytes()
    for gone in (b"Old", "Old".encode("utf-16-le"), b"secret", b"APETAGEX"):
        assert gone not in data
    assert data[-128:-125] != b"TAG"
    assert [chapter.title for chapter in facts.chapters] == ["Anfang", "Mitte", "Schluss"]
    assert str(ID3(target)["TXXX:REPLAYGAIN_TRACK_GAIN"]) == "-3.2 dB"


def test_the_recordings_own_cover_is_kept_when_no_other_is_given(sounds, tmp_path):
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(sounds.constant.read_bytes())
    old = ID3()
    old.add(APIC(encoding=0, mime="image/png", type=0, desc="other", data=picture(20, "PNG")))
    old.add(APIC(encoding=0, mime="image/jpeg", type=3, desc="front", data=COVER))
    old.save(recording)
    write_copy(recording, tmp_path / "copy.mp3", replace(TAGS, cover=b""))
    assert [frame.desc for frame in ID3(tmp_path / "copy.mp3").getall("APIC")] == ["", "other"]
    assert ID3(tmp_path / "copy.mp3").getall("APIC")[0].data == COVER


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_large_cover_becomes_a_jpeg_of_at_most_300_kb(sounds, tmp_path, form):
    cover = picture(800, form)
    facts = write_copy(sounds.constant, tmp_path / "copy.mp3", replace(TAGS, cover=cover))
    data = ID3(tmp_path / "copy.mp3")["APIC:"].data
    assert Image.open(io.BytesIO(data)).format == "JPEG"
    assert facts.cover_bytes == len(data) <= 300_000


def test_a_cover_that_is_no_picture_is_left_out_and_told(sounds, tmp_path):
    facts = write_copy(sounds.constant, tmp_path / "copy.mp3", replace(TAGS, cover=b"<html>no picture</html>"))
    assert facts.cover_bytes == 0
    assert any("no cover" in told for told in facts.left_out)


def test_chapter_pictures_go_with_their_chapters_and_stay_small(sounds, tmp_path):
    write_copy(sounds.constant, tmp_path / "copy.mp3", replace(TAGS, chapter_images={2: picture(1200), 0: COVER}))
    id3 = ID3(tmp_path / "copy.mp3")
    sizes = {name: len(id3[f"CHAP:{name}"].sub_frames["APIC:"].data) for name in ("chp0", "chp2")}
    assert max(sizes.values()) <= 100_000
    assert "APIC:" not in id3["CHAP:chp1"].sub_frames


@pytest.mark.parametrize("count", [255, 256, 700])
def test_many_chapters_are_all_there_and_every_list_of_contents_counts_in_one_byte(sounds, tmp_path, count):
    chapters = tuple(Chapter(start=number / 50, title=f"Chapter {number}") for number in range(count))
    facts = write_copy(sounds.constant, tmp_path / "copy.mp3", replace(TAGS, chapters=chapters))
    assert [chapter.title for chapter in facts.chapters] == [chapter.title for chapter in chapters]
    assert len(shown(tmp_path / "copy.mp3")["chapters"]) == count
    id3 = ID3(tmp_path / "copy.mp3")
    tables = {table.element_id: table for table in id3.getall("CTOC")}
    assert all(len(table.child_element_ids) <= 255 for table in tables.values())
    listed = [
        chapter
        for child in tables["toc"].child_element_ids
        for chapter in (tables[child].child_element_ids if child in tables else [child])
    ]
    assert listed == [f"chp{number}" for number in range(count)]


@pytest.mark.parametrize(("count", "told"), [(3, False), (4, True)])
def test_more_chapters_than_a_table_of_tables_holds_are_left_out_and_told(sounds, tmp_path, monkeypatch, count, told):
    monkeypatch.setattr(id3_writer, "_MOST_CHAPTERS", 3)
    chapters = tuple(Chapter(start=number, title=f"Chapter {number}") for number in reversed(range(count)))
    facts = write_copy(sounds.constant, tmp_path / "copy.mp3", replace(TAGS, chapters=chapters))
    assert [chapter.title for chapter in facts.chapters] == ["Chapter 0", "Chapter 1", "Chapter 2"]
    assert any("only the first 3 chapters" in words for words in facts.left_out) is told


def test_chapters_stand_in_the_order_of_time_in_the_file(sounds, tmp_path):
    chapters = (Chapter(start=10, title="b"), Chapter(start=0, title="a" * 300), Chapter(start=5, title="c" * 50))
    write_copy(sounds.constant, tmp_path / "copy.mp3", replace(TAGS, chapters=chapters))
    data = (tmp_path / "copy.mp3").read_bytes()
    assert data.index(b"chp0\0") < data.index(b"chp1\0") < data.index(b"chp2\0")
    assert [chapter.start for chapter in measure_audio(tmp_path / "copy.mp3").chapters] == [0, 5, 10]


def test_bare_tags_write_no_empty_frames(sounds, tmp_path):
    write_copy(sounds.constant, tmp_path / "copy.mp3", AudioTags(title="T", show="S"))
    assert {frame[:4] for frame in ID3(tmp_path / "copy.mp3")} - {"TSSE"} == {"TALB", "TCON", "TIT2"}


def test_hostile_texts_stay_texts(sounds, tmp_path):
    title = "One\0Two\x1b[31m\ud800Three"
    facts = write_copy(sounds.constant, tmp_path / "copy.mp3", replace(TAGS, title=title, link="javascript:\n\0alert(1)"))
    assert facts.tags["title"] == "OneTwo[31mThree"


def test_an_m4a_gets_its_tags(sounds, tmp_path):
    facts = write_copy(sounds.m4a, tmp_path / "copy.m4a", TAGS)
    tags = shown(tmp_path / "copy.m4a")["format"]["tags"]
    assert (tags["title"], tags["album"], tags["artist"], tags["track"], tags["disc"]) == (
        "Über das Meer",
        "Die Show",
        "Ada, Bo",
        "12",
        "2",
    )
    assert (tags["genre"], tags["date"], tags["comment"]) == ("Podcast", "2026-05-21", TAGS.description)
    mp4 = MP4(tmp_path / "copy.m4a")
    assert bytes(mp4["covr"][0]) == COVER
    assert mp4["----:com.apple.iTunes:LANGUAGE"] == [b"deu"]
    assert mp4["----:com.apple.iTunes:WWW"] == [b"https://example.org/episodes/%C3%BCber.html"]
    assert facts.sha256 == hashlib.sha256((tmp_path / "copy.m4a").read_bytes()).hexdigest()


def test_bare_tags_write_no_empty_atoms(sounds, tmp_path):
    write_copy(sounds.m4a, tmp_path / "copy.m4a", AudioTags(title="One", show="Two"))
    mp4 = MP4(tmp_path / "copy.m4a")
    assert {name for name in mp4 if name.startswith("----") or not mp4[name] or mp4[name] == [""]} == set()


@pytest.mark.parametrize("name", ["m4a", "m4a_faststart", "video"])
@pytest.mark.parametrize("start", [0, 1.5])
def test_an_m4a_gets_its_chapters_in_both_forms_and_its_index_in_front(sounds, tmp_path, name, start):
    recording = getattr(sounds, name)
    target = tmp_path / f"copy{recording.suffix}"
    chapters = (
        Chapter(start=start, title="Erstes: ü"),
        Chapter(start=2, title="Verstecktes", toc=False),
        Chapter(start=2.25, title="Ende"),
    )
    facts = write_copy(recording, target, replace(TAGS, chapters=chapters))
    expected = [(start, "Erstes: ü"), (2.25, "Ende")]
    assert facts.faststart is True
    assert [(chapter.start, chapter.title) for chapter in facts.chapters] == expected
    told = shown(target)
    assert [
        (float(chapter["start_time"]), chapter["tags"]["title"]) for chapter in told["chapters"] if chapter["tags"].get("title")
    ] == expected
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    for other in (b"chpl", b"chap"):
        target.write_bytes(data.replace(other, b"free"))
        assert [(chapter.start, chapter.title) for chapter in measure_audio(target).chapters] == expected
    assert b"Opening" not in data[: data.index(b"mdat")]


def test_an_m4a_without_chapters_keeps_none_of_its_old_ones(sounds, tmp_path):
    facts = write_copy(sounds.m4a, tmp_path / "copy.m4a", replace(TAGS, chapters=()))
    assert facts.chapters == ()
    assert shown(tmp_path / "copy.m4a")["chapters"] == []


def test_an_m4a_that_is_right_already_is_not_laid_out_anew(sounds, tmp_path):
    chapters = measure_audio(sounds.m4a_faststart).chapters
    facts = write_copy(sounds.m4a_faststart, tmp_path / "copy.m4a", replace(TAGS, chapters=chapters))
    assert facts.chapters == chapters


@pytest.mark.parametrize("count", [255, 300])
def test_many_chapters_of_an_m4a_are_in_its_text_track(sounds, tmp_path, count):
    target = tmp_path / "copy.m4a"
    chapters = tuple(Chapter(start=number / 20, title=f"{number} " + "ü" * 90) for number in range(count))
    write_copy(sounds.m4a, target, replace(TAGS, chapters=chapters))
    assert [chapter.title for chapter in measure_audio(target).chapters] == [chapter.title for chapter in chapters]
    # Without the text track there is Nero's list: one byte counts it, and titles fit a signed byte.
    target.write_bytes(target.read_bytes().replace(b"chap", b"nope"))
    listed = measure_audio(target).chapters
    assert len(listed) == 255
    assert all(0 < len(chapter.title.encode()) <= 127 for chapter in listed)


def test_an_m4a_that_cannot_be_laid_out_is_published_as_it_is_and_told(sounds, tmp_path):
    recording = tmp_path / "audio.m4a"
    recording.write_bytes(sounds.m4a.read_bytes() + (b"\0\0\0\x08free" * 2) + b"\0\0\0")
    facts = write_copy(recording, tmp_path / "copy.m4a", TAGS)
    assert any("could not be laid out" in told for told in facts.left_out)
    assert packets(tmp_path / "copy.m4a") == packets(sounds.m4a)


SCRIPT = """
import sys, datetime as dt
from pathlib import Path
from feed.model import Chapter
from publisher.media.tagged_copy import AudioTags, write_copy
tags = AudioTags(title="T", show="S", artist="A", date=dt.datetime(2026, 1, 2, tzinfo=dt.UTC), language="en", description="D",
                 cover=Path(sys.argv[3]).read_bytes(), chapters=tuple(Chapter(start=n, title="c" * (9 - n)) for n in range(5)))
print(write_copy(Path(sys.argv[1]), Path(sys.argv[2]), tags).sha256)
"""


@pytest.mark.parametrize("name", ["chaptered", "m4a"])
def test_the_same_input_makes_the_same_bytes_under_any_hash_seed(sounds, tmp_path, name):
    recording = getattr(sounds, name)
    (tmp_path / "cover.jpg").write_bytes(COVER)
    made = set()
    for seed in ("1", "2"):
        target = tmp_path / f"{seed}{recording.suffix}"
        command = [sys.executable, "-c", SCRIPT, str(recording), str(target), str(tmp_path / "cover.jpg")]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        made.add(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)
        assert hashlib.sha256(target.read_bytes()).hexdigest() in made.copy().pop()
    assert len(made) == 1


def test_a_copy_is_written_once_for_its_recording_and_tags_and_anew_when_either_changes(sounds, tmp_path):
    def keep(recording, tags, measured=measure_audio):
        return kept_copy(tmp_path / "media", "slug", recording, tags, measure_audio(recording), measure=measured)

    def never(_path):
        pytest.fail("there was a copy of other tags or audio under this name")

    measured = []
    copy, facts = keep(sounds.constant, TAGS, never)
    again = keep(sounds.constant, TAGS, lambda path: measured.append(path) or facts)
    assert (again, measured) == ((copy, facts), [copy])
    copy.with_suffix(".json").write_text("{", encoding="utf-8")
    assert keep(sounds.constant, TAGS, never) == (copy, facts)
    others = [
        keep(sounds.constant, replace(TAGS, title="Unter dem Meer"), never),
        keep(sounds.constant, replace(TAGS, cover=None), never),
        keep(sounds.constant, replace(TAGS, chapters=TAGS.chapters[:1]), never),
        keep(sounds.variable, TAGS, never),
    ]
    assert len({copy, *(other for other, _ in others)}) == 5
    assert others[0][1].tags["title"] == "Unter dem Meer"
    assert all(other.name.startswith("slug-") and other.suffix == ".mp3" for other, _ in others)


def test_the_recording_is_never_written_over(sounds, tmp_path):
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(sounds.constant.read_bytes())
    (tmp_path / "same.mp3").symlink_to(recording)
    for target in (recording, tmp_path / "same.mp3"):
        with pytest.raises(AudioFault):
            write_copy(recording, target, TAGS)
    assert recording.read_bytes() == sounds.constant.read_bytes()


def test_nothing_is_left_when_the_recording_cannot_be_read(tmp_path):
    (tmp_path / "audio.mp3").write_bytes(b"no audio")
    with pytest.raises(AudioFault):
        write_copy(tmp_path / "audio.mp3", tmp_path / "copy.mp3", TAGS)
    assert [path.name for path in tmp_path.iterdir()] == ["audio.mp3"]


def test_an_m4a_too_damaged_for_tags_is_a_fault_and_nothing_is_left(sounds, tmp_path):
    data = bytearray(sounds.m4a_faststart.read_bytes())
    at = data.index(b"stco") + 8
    data[at : at + 4] = b"\x7f\xff\xff\xff"
    recording = tmp_path / "audio.m4a"
    recording.write_bytes(data)
    with pytest.raises(AudioFault) as caught:
        write_copy(recording, tmp_path / "copy.m4a", TAGS)
    assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["audio.m4a"]


def test_nothing_is_left_when_the_recording_changes_meanwhile(sounds, tmp_path):
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(sounds.constant.read_bytes())
    facts = measure_audio(recording)
    recording.write_bytes(sounds.spoken.read_bytes())
    with pytest.raises(AudioFault):
        write_copy(recording, tmp_path / "copy.mp3", TAGS, facts=facts)
    assert [path.name for path in tmp_path.iterdir()] == ["audio.mp3"]


def test_memory_does_not_grow_with_the_recording(sounds, tmp_path):
    recording = tmp_path / "audio.mp3"
    audio = sounds.constant.read_bytes()
    with recording.open("wb") as handle:
        for _ in range(60):
            handle.write(audio)
    write_copy(sounds.constant, tmp_path / "warm.mp3", TAGS)
    facts = measure_audio(recording)
    tracemalloc.start()
    write_copy(recording, tmp_path / "copy.mp3", TAGS, facts=facts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert recording.stat().st_size > 19_000_000
    assert peak < 8_000_000


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("en", "eng"),
        ("de-AT", "deu"),
        ("pt_br", "por"),
        ("ZH-hans-cn", "zho"),
        ("gsw", "gsw"),
        ("", "und"),
        ("x-klingon", "und"),
        ("12", "und"),
    ],
)
def test_languages_have_the_three_letters_of_id3(language, code):
    assert language_code(language) == code
