"""Each limit of the rules: what stands right at it is good, and one step beyond it is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feed.model import AudioFacts, Chapter, ImageFacts
from feed.rules import check_feed_bytes
from feed.rules.artwork import ARTWORK, ImageContext
from feed.rules.audio import AUDIO, AudioContext
from feed.rules.chapters import CHAPTERS, ChaptersContext
from feed.rules.transcripts import TRANSCRIPTS, TranscriptContext

NOW = datetime(2026, 3, 4, tzinfo=UTC)
URL = "https://show.example.org/feed.xml"
SUMMARY = "We walk along the river and ask the people who live there what they hear in it at night."
SHOW = "People, rivers and the towns between them."
IN_FEED = [  # rule, what stands in the feed, what is good, what is not
    ("F004", "<title>Running Water</title>", "<title>" + "x" * 255 + "</title>", "<title>" + "x" * 256 + "</title>"),
    ("F007", SHOW, "x" * 4000, "x" * 4001),
    ("F007", SHOW, "ü" * 2000, "ü" * 2000 + "x"),
    ("I014", SUMMARY, SUMMARY + "x" * (4000 - len(SUMMARY)), SUMMARY + "x" * (4001 - len(SUMMARY))),
    ("I014", SUMMARY, SUMMARY + "😀" * 978, SUMMARY + "😀" * 979),
    ("F030", "</url><title>Running Water", "</url><width>144</width><title>Running Water", "</url><width>145</width><title>Running Water"),
    ("F030", "</url><title>Running Water", "</url><width>1</width><title>Running Water", "</url><width>0</width><title>Running Water"),
    ("F030", "</url><title>Running Water", "</url><height>400</height><title>Running Water", "</url><height>401</height><title>Running Water"),
    ("F031", "every Monday", "x" * 128, "x" * 129),
    ("F033", ">Ada Green</podcast:person>", ">" + "x" * 128 + "</podcast:person>", ">" + "x" * 129 + "</podcast:person>"),
    ("F035", ">Bremen<", ">" + "x" * 128 + "<", ">" + "x" * 129 + "<"),
    ("F035", "geo:52.5,13.4", "geo:-90,180", "geo:-91,180"),
    ("F035", "geo:52.5,13.4", "geo:90,-180", "geo:90,-181"),
    ("F038", 'purpose="release">first', f'purpose="release">{"x" * 4000}', f'purpose="release">{"x" * 4001}'),
    ("F038", 'purpose="release">', f'purpose="{"x" * 128}">', f'purpose="{"x" * 129}">'),
    ("F043", ">Support us<", ">" + "x" * 128 + "<", ">" + "x" * 129 + "<"),
    ("F043", 'display="Part 1"', f'display="{"x" * 32}"', f'display="{"x" * 33}"'),
    ("F040", 'protocol="activitypub" uri="https://social.example.org/@show/1"', 'protocol="disabled"', 'protocol="disabled" uri="https://a.example"'),
    ("I006", ">5f0c6f1e-0000-5000-8000-000000000001<", ">12345-ab<", ">12345-a<"),
    ("I009", 'length="12000001"', 'length="16384"', 'length="16383"'),
    ("I026", 'startTime="60.5" duration="30"', 'startTime="60.5" duration="15"', 'startTime="60.5" duration="14.9"'),
    ("I026", 'startTime="60.5" duration="30"', 'startTime="60.5" duration="120"', 'startTime="60.5" duration="120.1"'),
    ("I026", 'startTime="60.5"', 'startTime="1471"', 'startTime="1471.5"'),
    ("I030", SUMMARY, "We walk along all of the rivers today", "We walk along all of the rivers then"),
]  # fmt: skip


def codes_of_feed(text: str) -> set[str]:
    return {broken.code for broken in check_feed_bytes(text.encode(), feed_url=URL, now=NOW)}


@pytest.mark.parametrize(("code", "old", "good", "bad"), IN_FEED, ids=[f"{row[0]}-{number}" for number, row in enumerate(IN_FEED)])
def test_a_limit_of_the_feed_is_that_very_number(good_feed, code, old, good, bad):
    assert old in good_feed
    assert code not in codes_of_feed(good_feed.replace(old, good))
    assert code in codes_of_feed(good_feed.replace(old, bad))


def audio(case=None, **facts):
    made = {"size": 1000, "sha256": "a", "duration": 100.0, "type": "audio/mpeg", "extension": "mp3"} | facts
    return AUDIO.check(AudioContext(facts=AudioFacts(**made), **(case or {})))


def picture(**facts):
    made = {"size": 1, "sha256": "b", "type": "image/jpeg", "width": 3000, "height": 3000} | facts
    return ARTWORK.check(ImageContext(facts=ImageFacts(**made), name="cover.jpg"))


def chapters(*starts, duration=7200.0, title="T", end=None):
    made = tuple(Chapter(start=start, title=title, end=end) for start in starts)
    return CHAPTERS.check(ChaptersContext(chapters=made, duration=duration, audio_type="audio/x-m4a"))


def forms(start):
    made = tuple(Chapter(start=at, title="T") for at in (0, 300, 900))
    other = (*made[:2], Chapter(start=start, title="T"))
    return CHAPTERS.check(ChaptersContext(chapters=made, duration=7200.0, forms={"the notes": other}))


def cues(*cues, duration=600.0):
    """WebVTT of cues: seconds and text."""

    def clock(seconds):
        return f"00:{int(seconds) // 60:02}:{int(seconds) % 60:02}.{round(seconds * 1000) % 1000:03}"

    text = "WEBVTT\n" + "".join(f"\n{clock(start)} --> {clock(end)}\n{words}\n" for start, end, words in cues)
    return TRANSCRIPTS.check(TranscriptContext(text=text, type="text/vtt", duration=duration))


def srt(words):
    return TRANSCRIPTS.check(TranscriptContext(text=f"1\n00:00:00,000 --> 00:10:00,000\n{words}\n", type="application/x-subrip"))


OF_FILES = [  # rule, what is good, what is not
    ("U001", lambda: audio(duration=0.1), lambda: audio(duration=0.0)),
    ("U001", lambda: audio(size=1), lambda: audio(size=0)),
    ("U004", lambda: audio(bitrate=63_000, channels=1), lambda: audio(bitrate=62_000, channels=1)),
    ("U004", lambda: audio(bitrate=131_000, channels=1), lambda: audio(bitrate=132_000, channels=1)),
    ("U004", lambda: audio(bitrate=125_000, channels=2), lambda: audio(bitrate=124_000, channels=2)),
    ("U004", lambda: audio(bitrate=263_000, channels=2), lambda: audio(bitrate=264_000, channels=2)),
    ("U007", lambda: audio({"loudness": -17.0}), lambda: audio({"loudness": -17.1})),
    ("U007", lambda: audio({"loudness": -15.0}), lambda: audio({"loudness": -14.9})),
    ("U007", lambda: audio({"peak": -1.0}), lambda: audio({"peak": -0.9})),
    ("U008", lambda: audio(cover_bytes=500_000), lambda: audio(cover_bytes=500_001)),
    ("U008", lambda: audio(tag_bytes=1_000_000), lambda: audio(tag_bytes=1_000_001)),
    ("U010", lambda: audio(duration=43_200.0), lambda: audio(duration=43_200.1)),
    ("A003", picture, lambda: picture(width=3001)),
    ("A005", lambda: picture(size=500_000), lambda: picture(size=500_001)),
    ("C002", lambda: chapters(0, 1, 7199), lambda: chapters(0, 1, 7200)),
    ("C002", lambda: chapters(0, 1, 2), lambda: chapters(0, 1, 1)),
    ("C002", lambda: chapters(0, end=0.5), lambda: chapters(0, end=0)),
    ("C003", lambda: chapters(0, 300, 600), lambda: chapters(0.5, 300, 600)),
    ("C004", lambda: chapters(0, 300, 600), lambda: chapters(0, 300)),
    ("C004", chapters, lambda: chapters(0)),
    ("C006", lambda: chapters(0, 300, 600, title="x" * 40), lambda: chapters(0, 300, 600, title="x" * 41)),
    ("C007", lambda: chapters(*range(0, 1440, 120)), lambda: chapters(*range(0, 1560, 120))),
    ("C007", lambda: chapters(*range(0, 720, 120), duration=1000), lambda: chapters(*range(0, 840, 120), duration=1000)),
    ("C007", lambda: chapters(0, 300, 420), lambda: chapters(0, 300, 419)),
    ("C007", lambda: chapters(0, 30, 60, duration=599), lambda: chapters(0, 30, 60, duration=600)),
    ("C007", lambda: chapters(0, 30, 60, duration=599), lambda: chapters(0, 29, 60, duration=599)),
    ("C009", lambda: forms(901), lambda: forms(902)),
    ("C013", lambda: chapters(0, title="x" * 127), lambda: chapters(0, title="ü" * 64)),
    ("T003", lambda: cues((0, 300, "a"), (300, 602, "b")), lambda: cues((0, 300, "a"), (300, 602.5, "b"))),
    ("T003", lambda: cues((0, 300, "a"), (0, 600, "b")), lambda: cues((1, 300, "a"), (0, 600, "b"))),
    ("T003", lambda: cues((0, 300, "a"), (300, 300.5, "b")), lambda: cues((0, 300, "a"), (300, 300, "b"))),
    ("T004", lambda: cues((0, 600, "x" * 65)), lambda: cues((0, 600, "x" * 66))),
    ("T004", lambda: srt("x" * 32), lambda: srt("x" * 33)),
    ("T004", lambda: srt("a\nb"), lambda: srt("a\nb\nc")),
    ("T006", lambda: srt("x" * 40 + ": yes"), lambda: srt("x" * 41 + ": yes")),
    ("T006", lambda: srt("Ada: yes"), lambda: srt("Ada, you: yes")),
    ("T006", lambda: srt("Ada: half past 12:30"), lambda: srt("Ada: two: yes")),
    ("T010", lambda: cues((0, 480, "a")), lambda: cues((0, 479, "a"))),
    ("T010", lambda: cues((0, 1700, "a"), duration=2000), lambda: cues((0, 1699, "a"), duration=2000.0)),
    ("T010", lambda: cues((0, 10, "a"), (10, 1700, "b"), duration=2000), lambda: cues((0, 10, "a"), (200, 1700, "b"), duration=2000)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "good", "bad"), OF_FILES, ids=[f"{row[0]}-{number}" for number, row in enumerate(OF_FILES)])
def test_a_limit_of_a_file_is_that_very_number(code, good, bad):
    assert code not in {broken.code for broken in good()}
    assert code in {broken.code for broken in bad()}


@pytest.mark.parametrize(
    ("pixels", "severities"), [(1399, ["error"]), (1400, ["warning"]), (2999, ["warning"]), (3000, []), (3001, ["error"])]
)
def test_small_artwork_is_refused_and_middling_artwork_advised_against(pixels, severities):
    assert [str(broken.severity) for broken in picture(width=pixels, height=pixels) if broken.code == "A003"] == severities


@pytest.mark.parametrize(("letters", "app"), [(41, "Spotify 40"), (45, "Spotify 40"), (46, "Apple 45")])
def test_the_app_that_cuts_a_chapters_title_is_named(letters, app):
    assert app in next(broken.message for broken in chapters(0, 300, 600, title="x" * letters) if broken.code == "C006")


@pytest.mark.parametrize(("item", "field"), [(None, "show.artwork"), ("guid", "artwork")])
def test_a_fault_of_artwork_names_whose_it_is(item, field):
    image = ImageFacts(size=1, sha256="b", type="image/jpeg", width=1, height=1)
    assert {(broken.field, broken.item) for broken in ARTWORK.check(ImageContext(facts=image, name="cover.jpg", item=item))} == {
        (field, item)
    }


def test_of_several_tags_in_the_notes_the_dangerous_ones_are_named(good_feed):
    def told(notes):
        (broken,) = check_feed_bytes(good_feed.replace("<p>We walk", notes, 1).encode(), feed_url=URL, now=NOW)
        return broken.message

    assert "<table>, <div> from" in told("<p><table></table><div></div>We walk").replace("<div>, <table>", "<table>, <div>")
    assert "drop <script> from" in told("<p><table></table><script></script>We walk")
