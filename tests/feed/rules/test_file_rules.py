from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from feed.model import AudioFacts, Chapter, ImageFacts
from feed.reader import read_feed
from feed.rules.against_state import AGAINST_STATE, PublishedFacts, StateContext
from feed.rules.artwork import ARTWORK, ImageContext
from feed.rules.audio import AUDIO, AudioContext
from feed.rules.chapters import CHAPTERS, ChaptersContext
from feed.rules.transcripts import TRANSCRIPTS, TranscriptContext

G1 = "5f0c6f1e-0000-5000-8000-000000000001"


def found(broken) -> list[str]:
    return [f"{one.code} {one.severity}" for one in broken]


# Recordings

FACTS = {
    "size": 20_000_000,
    "sha256": "aa",
    "duration": 1500.0,
    "type": "audio/mpeg",
    "extension": "mp3",
    "bitrate": 96_000,
    "channels": 1,
    "sample_rate": 44_100,
    "tags": {"title": "The bridge", "album": "running water"},
}
CASE = {
    "item": G1,
    "name": "episode-1-0a1b2c3d.mp3",
    "type": "audio/mpeg",
    "show": "Running Water",
    "title": "The bridge",
    "loudness": -16.4,
    "peak": -1.2,
}

AUDIO_FAULTS = [
    ("U001 error", {"duration": 0.0}, {}),
    ("U001 warning", {"doubts": ("the Xing header says 60 s, the frames 20 s",)}, {}),
    ("U002 error", {"type": "audio/x-m4a", "extension": "m4a"}, {"type": ""}),
    ("U002 error", {}, {"type": "audio/mp3"}),
    ("U002 error", {"type": "audio/ogg", "extension": "opus"}, {"name": "a.opus", "type": "audio/ogg"}),
    ("U003 error", {}, {"name": "fähre.mp3"}),
    ("U003 error", {}, {"name": "episode 1.mp3"}),
    ("U004 warning", {"bitrate": 32_000}, {}),
    ("U004 warning", {"bitrate": 320_000, "channels": 2}, {}),
    ("U005 warning", {"sample_rate": 22_050}, {}),
    ("U006 warning", {"vbr": True, "has_index": False}, {}),
    ("U007 hint", {}, {"loudness": -20.0}),
    ("U007 hint", {}, {"peak": 0.2}),
    ("U008 warning", {"cover_bytes": 600_000, "tag_bytes": 700_000}, {}),
    ("U008 warning", {"tag_bytes": 1_100_000}, {}),
    ("U009 warning", {"tags": {"title": "Another"}}, {}),
    ("U010 error", {"duration": 43_300.0}, {}),
    ("U011 warning", {"faststart": False}, {}),
    ("U012 warning", {}, {"others": {"aa": "The ferry"}}),
]


def test_a_good_recording_breaks_no_rule():
    assert AUDIO.check(AudioContext(facts=AudioFacts(**FACTS), **CASE)) == []
    assert AUDIO.check(AudioContext(facts=AudioFacts(size=1, sha256="", duration=1, type="audio/x-m4a", extension="m4a"))) == []


@pytest.mark.parametrize(("expected", "facts", "case"), AUDIO_FAULTS)
def test_each_fault_of_a_recording_breaks_its_rule(expected, facts, case):
    assert found(AUDIO.check(AudioContext(facts=AudioFacts(**(FACTS | facts)), **(CASE | case)))) == [expected]


# Artwork

PICTURE = {"size": 400_000, "sha256": "bb", "type": "image/jpeg", "width": 3000, "height": 3000}
PICTURE_FAULTS = [
    ("A001 error", {"type": "image/webp"}, "cover.webp"),
    ("A001 error", {"type": "image/png"}, "cover.jpg"),
    ("A002 error", {"height": 2999}, "cover.jpg"),
    ("A003 error", {"width": 1399, "height": 1399}, "cover.jpg"),
    ("A003 error", {"width": 3001, "height": 3001}, "cover.jpg"),
    ("A003 warning", {"width": 1400, "height": 1400}, "cover.jpg"),
    ("A004 error", {"mode": "CMYK"}, "cover.jpg"),
    ("A004 error", {"mode": "RGBA", "type": "image/png"}, "cover.png"),
    ("A005 warning", {"size": 500_001}, "cover.jpg"),
    ("A006 hint", {"dpi": 300}, "cover.jpg"),
    ("A009 warning", {"srgb": False}, "cover.jpg"),
]


def test_good_artwork_breaks_no_rule():
    assert ARTWORK.check(ImageContext(facts=ImageFacts(**PICTURE), name="https://a.example/cover.jpeg?v=1")) == []


@pytest.mark.parametrize(("expected", "facts", "name"), PICTURE_FAULTS)
def test_each_fault_of_artwork_breaks_its_rule(expected, facts, name):
    assert expected in (codes := found(ARTWORK.check(ImageContext(facts=ImageFacts(**(PICTURE | facts)), name=name))))
    assert {code for code in codes if code != expected} <= {"A003 warning"}


# Transcripts

VTT = """WEBVTT

00:00:00.000 --> 00:05:00.000
<v Ada Green>Where the ferry &amp; the bridge meet,

00:05:00.000 --> 00:09:59.000
<v Bo>there is a town.
"""
SRT = """1
00:00:00,000 --> 00:05:00,000
Ada: Where the ferry lands,

2
00:05:00,000 --> 00:09:59,000
there is a town.
"""
JSON = json.dumps({"version": "1.0.0", "segments": [{"startTime": 0, "endTime": 599.5, "body": "There is a town.", "speaker": "Ada"}]})
PAGE = "<cite>Ada:</cite><time>00:00</time><p>There is a town.</p>"
FORMS = {"vtt": (VTT, "text/vtt"), "srt": (SRT, "application/x-subrip"), "json": (JSON, "application/json"), "html": (PAGE, "text/html")}

TRANSCRIPT_FAULTS = [
    ("T001 error", "vtt", "WEBVTT\n", "WEBVT\n"),
    ("T001 error", "vtt", "WEBVTT\n", "\ufeffWEBVTT\n"),
    ("T001 warning", "srt", "town", "t\ufffdwn"),
    ("T001 error", "vtt", "WEBVTT\n\n", "WEBVTT\n"),
    ("T002 error", "vtt", "00:00:00.000 -->", "00:00:00,000 -->"),
    ("T002 error", "vtt", "00:00:00.000 -->", "000:00:00.000 -->"),
    ("T002 error", "vtt", "there is a", "there --> is a"),
    ("T002 error", "srt", "00:00:00,000 -->", "0:00:00,000 -->"),
    ("T003 error", "vtt", "00:05:00.000 --> 00:09:59.000", "00:09:59.000 --> 00:05:00.000"),
    ("T003 error", "vtt", "00:00:00.000 --> 00:05:00.000", "00:05:01.000 --> 00:09:00.000"),
    ("T003 error", "srt", "00:09:59,000", "00:10:59,000"),
    ("T003 error", "json", "599.5", "605"),
    ("T004 warning", "vtt", "there is a town", "there is a town " * 5),
    ("T004 warning", "srt", "there is a town.", "there is a town on the other side"),
    ("T004 warning", "srt", "there is a town.", "there\nis\na town."),
    ("T005 error", "vtt", "&amp;", "&"),
    ("T005 error", "vtt", "there is a town", "there < is a town"),
    ("T005 error", "vtt", "<v Bo>", "<v Bo & Co>"),
    ("T006 warning", "srt", "there is a town.", "Bo: a town: that is"),
    ("T006 warning", "srt", "there is a town.", "I mean, a town: ours"),
    ("T007 error", "json", '"version": "1.0.0", ', ""),
    ("T007 error", "json", '"endTime": 599.5, ', ""),
    ("T007 error", "json", "There is a town.", " "),
    ("T007 error", "json", '"segments"', '"cues"'),
    (
        "T007 error",
        "json",
        "{",
        "[",
    ),
    ("T010 warning", "vtt", "00:05:00.000 --> 00:09:59.000", "00:09:00.000 --> 00:09:59.000"),
    ("T010 warning", "json", "599.5", "200"),
    ("T013 warning", "html", "<p>", "<script></script><p>"),
    ("T013 warning", "html", "<p>", "<div><p>"),
]


@pytest.mark.parametrize("form", FORMS)
def test_good_transcripts_break_no_rule(form):
    text, kind = FORMS[form]
    assert TRANSCRIPTS.check(TranscriptContext(text=text, type=kind, item=G1, duration=600)) == []
    assert TRANSCRIPTS.check(TranscriptContext(text=text, type=kind)) == []


def test_webvtt_may_leave_out_the_hours():
    text = VTT.replace("00:00:00.000 --> 00:05:00.000", "00:00.000 --> 05:00.000").replace("00:05:00.000", "05:00.000")
    assert TRANSCRIPTS.check(TranscriptContext(text=text, type="text/vtt", item=G1, duration=600)) == []


@pytest.mark.parametrize(("expected", "form", "old", "new"), TRANSCRIPT_FAULTS)
def test_each_fault_of_a_transcript_breaks_its_rule(expected, form, old, new):
    text, kind = FORMS[form]
    assert old in text
    codes = set(found(TRANSCRIPTS.check(TranscriptContext(text=text.replace(old, new, 1), type=kind, duration=600))))
    assert expected in codes
    assert codes - {expected} <= {"T010 warning"}


def test_of_several_time_lines_the_unreadable_one_alone_is_named():
    text, kind = FORMS["vtt"]
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "-->" in line)
    broken = text.replace("00:00:00.000 -->", "00:00:00,000 -->", 1)
    assert broken.count("-->") > 1
    faults = [item for item in TRANSCRIPTS.check(TranscriptContext(text=broken, type=kind, duration=600)) if item.code == "T002"]
    assert [item.line for item in faults] == [line]


@pytest.mark.parametrize(("expected", "form", "old", "new"), [row for row in TRANSCRIPT_FAULTS if row[1] != "json"])
def test_whatever_ends_its_lines_a_transcript_breaks_the_same_rules(expected, form, old, new):
    text, kind = FORMS[form]
    broken = text.replace(old, new, 1)
    one, other = (
        TRANSCRIPTS.check(TranscriptContext(text=body, type=kind, duration=600)) for body in (broken, broken.replace("\n", "\r\n"))
    )
    assert other == one


@pytest.mark.parametrize(("head", "line"), [("WEBVTT\n\n", 7), ("WEBVTT\n\nNOTE by hand\n\n", 9), ("WEBVTT\n\n\n", 8)])
def test_a_fault_of_a_transcript_names_its_line(head, line):
    text = VTT.replace("there is", "there & is").replace("WEBVTT\n\n", head)
    (broken,) = TRANSCRIPTS.check(TranscriptContext(text=text, type="text/vtt", duration=600))
    assert (broken.line, broken.field) == (line, "transcript")


# Chapters

LIST = (Chapter(start=0, title="Intro"), Chapter(start=300, title="The ferry"), Chapter(start=900, title="The bridge", end=1400))
FILE = json.dumps({"version": "1.2.0", "chapters": [{"startTime": 0, "title": "Intro"}]})
CHAPTER_FAULTS = [
    ("C001 error", {"json": "[]"}),
    ("C001 error", {"json": "{" * 100_000}),
    ("C001 error", {"json": FILE.replace('"1.2.0"', "1.2")}),
    ("C001 error", {"json": FILE.replace('"chapters"', '"list"')}),
    ("C001 error", {"json": FILE.replace('"startTime": 0', '"startTime": "0"')}),
    ("C001 error", {"json": FILE.replace('"startTime": 0', '"startTime": NaN')}),
    ("C002 error", {"chapters": (*LIST, Chapter(start=900, title="Again"))}),
    ("C002 error", {"chapters": (*LIST, Chapter(start=1500, title="Late"))}),
    ("C002 error", {"chapters": (*LIST, Chapter(start=1420, title="Out", end=1410))}),
    ("C003 warning", {"chapters": (Chapter(start=5, title="Intro"), *LIST[1:])}),
    ("C004 warning", {"chapters": LIST[:2]}),
    ("C005 warning", {"chapters": (*LIST[:2], Chapter(start=900, title=" "))}),
    ("C006 hint", {"chapters": (*LIST[:2], Chapter(start=900, title="x" * 41))}),
    ("C007 hint", {"chapters": tuple(Chapter(start=n * 130, title=f"{n}") for n in range(9))}),
    ("C007 hint", {"chapters": (*LIST, Chapter(start=950, title="Soon after"))}),
    ("C007 hint", {"chapters": (LIST[0], Chapter(start=20, title="B"), Chapter(start=250, title="C")), "duration": 500.0}),
    ("C008 warning", {"chapters": (*LIST[:2], Chapter(start=900.5, title="The bridge"))}),
    ("C009 error", {"forms": {"the notes": LIST[:2]}}),
    ("C009 error", {"forms": {"the file's tags": (LIST[0], LIST[1], Chapter(start=905, title="The bridge"))}}),
    ("C010 error", {"chapters": (*LIST[:2], Chapter(start=900, title="The bridge", url="http://a.example/"))}),
    ("C010 error", {"chapters": (*LIST[:2], Chapter(start=900, title="The bridge", image="bridge.jpg"))}),
    (
        "C010 error",
        {"chapters": (*LIST[:2], Chapter(start=900, title="B", image="https://a.example/b.jpg")), "missing": ("https://a.example/b.jpg",)},
    ),
    ("C012 warning", {"chapters": (*LIST[:2], Chapter(start=900, title="The bridge", toc=False))}),
    ("C014 error", {"ids": ("ch0", "ch0", "ch2")}),
    ("C014 error", {"ids": ("ch0", "ch1"), "contents": ("ch0", "ch1", "ch2")}),
]


def test_good_chapters_break_no_rule():
    good = ChaptersContext(
        chapters=LIST, json=FILE, duration=1500, forms={"the notes": LIST}, ids=("a", "b"), contents=("a", "b"), audio_type="audio/x-m4a"
    )
    assert CHAPTERS.check(good) == []
    assert CHAPTERS.check(ChaptersContext(chapters=())) == []


@pytest.mark.parametrize(("expected", "changes"), CHAPTER_FAULTS)
def test_each_fault_of_chapters_breaks_its_rule(expected, changes):
    assert found(CHAPTERS.check(ChaptersContext(**({"chapters": LIST, "duration": 1500.0} | changes)))) == [expected]


def test_a_short_episode_may_have_short_chapters():
    chapters = (LIST[0], Chapter(start=120, title="B"), Chapter(start=160, title="C"))
    assert [broken.code for broken in CHAPTERS.check(ChaptersContext(chapters=chapters, duration=500.0))] == []
    assert [broken.code for broken in CHAPTERS.check(ChaptersContext(chapters=chapters, duration=700.0))] == ["C007"]


def test_long_titles_matter_only_inside_an_m4a():
    long = (*LIST[:2], Chapter(start=900, title="ü" * 64))
    assert found(CHAPTERS.check(ChaptersContext(chapters=long, duration=1500, audio_type="audio/mpeg"))) == ["C006 hint"]
    assert found(CHAPTERS.check(ChaptersContext(chapters=long, duration=1500, audio_type="audio/x-m4a"))) == ["C006 hint", "C013 warning"]


# Against what is published

COVER = "https://show.example.org/art/cover-0a1b2c3d.jpg"
RECORDING = "https://show.example.org/media/episode-1-0a1b2c3d.mp3"
PUBLISHED = PublishedFacts(
    guid=G1, url=RECORDING, link="https://show.example.org/episodes/episode-1.html", date=datetime(2026, 3, 2, 6, tzinfo=UTC)
)
STATE = {
    "guid": "9b024349-ccf0-5f69-a609-6b82873eab3c",
    "episodes": (PUBLISHED,),
    "published_files": {COVER: "a", RECORDING: "b"},
    "files": {COVER: "a", RECORDING: "b"},
}
STATE_FAULTS = [
    ("F017 error", "9b024349", "9b024340", {}),
    ("F017 error", "<podcast:guid>9b024349-ccf0-5f69-a609-6b82873eab3c</podcast:guid>", "", {}),
    ("I004 error", G1, "another", {}),
    ("I004 error", f'{G1}</guid>\n      <enclosure url="{RECORDING}"', '</guid><enclosure url="https://a.example/new.mp3"', {}),
    ("I013 warning", "Mon, 02 Mar 2026 06:00:00 GMT", "Mon, 02 Mar 2026 07:00:00 GMT", {}),
    ("U013 error", "", "", {"files": {RECORDING: "c"}}),
    ("A007 error", "", "", {"files": {COVER: "c"}}),
]


def test_a_feed_that_keeps_what_is_published_breaks_no_rule(good_feed):
    assert AGAINST_STATE.check(StateContext(document=read_feed(good_feed.encode()), **STATE)) == []
    assert AGAINST_STATE.check(StateContext(document=read_feed(good_feed.encode()))) == []


@pytest.mark.parametrize("date", ["", "<pubDate>yesterday</pubDate>"])
def test_a_date_that_cannot_be_read_is_no_other_date(good_feed, date):
    """Another rule says that it cannot be read."""
    feed = good_feed.replace("<pubDate>Mon, 02 Mar 2026 06:00:00 GMT</pubDate>", date)
    assert feed != good_feed
    assert AGAINST_STATE.check(StateContext(document=read_feed(feed.encode()), **STATE)) == []


@pytest.mark.parametrize(("expected", "old", "new", "changes"), STATE_FAULTS)
def test_each_change_of_what_is_published_breaks_its_rule(good_feed, expected, old, new, changes):
    assert old in good_feed
    document = read_feed((good_feed.replace(old, new) if old else good_feed).encode())
    assert found(AGAINST_STATE.check(StateContext(document=document, **(STATE | changes)))) == [expected]


@pytest.mark.parametrize(("old", "new", "item"), [(G1, "another", "another"), (f'<guid isPermaLink="false">{G1}</guid>', "", None)])
def test_a_changed_guid_is_told_of_the_item_as_it_is_now(good_feed, old, new, item):
    document = read_feed(good_feed.replace(old, new).encode())
    (broken,) = AGAINST_STATE.check(StateContext(document=document, **STATE))
    assert (broken.code, broken.item, broken.hint) == ("I004", item, f"write back {G1}")


def test_a_changed_recording_is_told_of_its_item(good_feed):
    for feed, item in ((good_feed, G1), (good_feed.replace(f'<guid isPermaLink="false">{G1}</guid>', ""), None)):
        context = StateContext(document=read_feed(feed.encode()), **(STATE | {"files": {RECORDING: "c"}}))
        assert ("U013", item) in {(broken.code, broken.item) for broken in AGAINST_STATE.check(context)}


def test_every_rule_about_files_has_a_case():
    tested = {row[0].split()[0] for row in (*AUDIO_FAULTS, *PICTURE_FAULTS, *TRANSCRIPT_FAULTS, *CHAPTER_FAULTS, *STATE_FAULTS)} | {"C013"}
    assert {rule.code for book in (AUDIO, ARTWORK, TRANSCRIPTS, CHAPTERS, AGAINST_STATE) for rule in book.rules} == tested
