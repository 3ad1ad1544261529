"""Files under nearly the right name are read where only capitals differ; any other file that is not read is named once."""

from __future__ import annotations

import pytest

from tests.support.show_factory import picture, recording

VTT = "WEBVTT\n\n00:00.000 --> 00:05.000\nOne word.\n\n00:05.000 --> 00:19.000\nAnother word.\n"
NAME = "2026-05-01-first"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("transcript.dfxp", "rename it to transcript.ttml"), ("transcript.lrc", "transcript.vtt"),
        ("captions.sbv", "rename it to transcript.sbv"), ("episode.json3", "rename it to transcript.json3"),
        ("captions.vtt", "rename it to transcript.vtt"),
        ("audio.srt", "rename it to transcript.srt"),
        ("chapters.psc", "rename it to chapters.xml"), ("chapter.txt", "rename it to chapters.txt"), ("Transcription.TXT", "rename it to transcript.txt"),
        ("transcript.en_us.vtt", "transcript.en-us.vtt"), ("subtitles.ttml", "rename it to transcript.ttml"), ("cover.heic", "cover.jpg"),
        ("episode.ass", "rename it to transcript.ass"),
        ("transcript-final.vtt", "rename it to transcript.vtt"), ("audio.cue", "rename it to chapters.cue"), ("chapters.pbf", "chapters.txt"),
    ],
)  # fmt: skip
def test_a_nearly_right_name_is_told_once(show, name, hint):
    show.write(f"episodes/{NAME}/{name}", VTT)
    found = show.publish("--json").findings("file-not-read")
    assert [(row["file"], row["severity"], row["episode"]) for row in found] == [(f"episodes/{NAME}/{name}", "warning", "first")]
    assert hint in found[0]["hint"]


@pytest.mark.parametrize("head", ["draft = true", "date = 2031-01-01T06:00:00Z", ""])
@pytest.mark.parametrize("command", ["publish", "check"])
def test_a_nearly_right_name_is_told_before_an_episode_is_due(show, head, command):
    show.write("episodes/2031-01-01-later/episode.md", f'+++\ntitle = "Later"\n{head}\n+++\n\nNotes.\n')
    for name in ("captions.vtt", "logo.psd"):
        show.write(f"episodes/2031-01-01-later/{name}", VTT)
    outcome = show.publish("--json") if command == "publish" else show.run("check", "--json")
    told = [(row["code"], row["file"]) for row in outcome.findings("file-not-read", "left-out")]
    assert told == [("file-not-read", "episodes/2031-01-01-later/captions.vtt")]


def test_other_files_are_named_in_one_line(show):
    for name in ("logo.psd", "unused.jpg"):
        show.write(f"episodes/{NAME}/{name}", b"x")
    [found] = show.publish("--json").findings("left-out")
    assert found["message"] == "not read: logo.psd, unused.jpg"


def test_what_is_the_persons_own_is_not_named(show):
    names = (
        "audio.wav",
        "raw.flac",
        "script.md",
        "ideas.txt",
        "Contract.pdf",
        "take.aup3",
        ".DS_Store",
        "Thumbs.db",
        "episode.md~",
        "notes.docx",
        "README",
    )
    for name in names:
        show.write(f"episodes/{NAME}/{name}", b"x")
    show.write(f"episodes/{NAME}/pic.jpg", picture(200, 200))
    show.edit(NAME, "Some notes.", "Some notes. ![A pic](pic.jpg)")
    outcome = show.publish("--json")
    assert outcome.status == 0
    assert outcome.findings("left-out", "file-not-read") == []


def test_capitals_in_a_name_do_not_matter(show):
    folder = show.episode("2026-05-03-third", date="2026-05-03T06:00:00+02:00", audio=None)
    for name, content in {
        "Audio.MP3": recording(voice=5), "take two.mp3": recording(voice=6), "Transcript.VTT": VTT.encode(),
        "Chapters.TXT": b"0:00 a\n0:05 b\n0:09 c\n", "Cover.JPG": picture(),
    }.items():  # fmt: skip
        (folder / name).write_bytes(content)
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stdout
    keys = {change["key"] for change in outcome.document["changes"]}
    assert any(key.startswith("episodes/third/") and key.endswith(".vtt") for key in keys)
    assert any(key.startswith("episodes/third/chapters") for key in keys)
    assert any(key.startswith("art/third") for key in keys)
    assert outcome.findings("file-not-read") == []


def test_an_episode_md_in_capitals_is_told(show):
    show.write("episodes/2026-05-04-fourth/Episode.md", "+++\n+++\n")
    [found] = show.publish("--json").findings("episode-missing")
    assert found["hint"] == "rename Episode.md to episode.md"


def test_a_transcript_and_chapters_of_another_form_are_read_under_its_name(show):
    folder = show.episode("2026-05-03-third", date="2026-05-03T06:00:00+02:00", audio=recording(voice=5))
    (folder / "transcript.de.tsv").write_text("start\tend\ttext\n0\t5000\tEin Wort.\n")
    (folder / "transcript.ttml").write_text(
        '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="0s" end="5s">One word.</p></div></body></tt>'
    )
    (folder / "chapters.cue").write_text(
        'FILE "audio.mp3" MP3\n' + "".join(f'TRACK 0{at} AUDIO\nTITLE "part {at}"\nINDEX 01 00:0{at - 1}:00\n' for at in (1, 2, 3))
    )
    outcome = show.publish("--json")
    assert outcome.status == 0, outcome.stdout
    keys = {change["key"] for change in outcome.document["changes"]}
    assert sum(key.startswith("episodes/third/") and key.endswith(".vtt") for key in keys) == 2
    assert any(key.startswith("episodes/third/chapters") for key in keys)
    assert outcome.findings("file-not-read", "transcript-unreadable", "chapters-unreadable", "transcript-twice") == []
