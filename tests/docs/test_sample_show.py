"""The sample show holds together: its recordings, transcripts, chapters and pictures come from the same scripts."""

from __future__ import annotations

import json
import re
import tomllib
import uuid

import pytest
from mutagen import File
from PIL import Image

from feed.times import parse_time
from tools import make_media

ROOT = make_media.ROOT
TAKES = {take.slug: take for take in make_media.TAKES}
PODCAST_NAMESPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")


def script(slug: str) -> list[tuple[str, str, str]]:
    return make_media.read_script((make_media.SCRIPTS / f"{slug}.txt").read_text())


@pytest.mark.parametrize("slug", TAKES)
def test_a_recording_is_tagged_and_as_long_as_its_transcript(slug):
    take = TAKES[slug]
    folder = ROOT / "episodes" / take.folder
    audio = File(folder / take.audio, easy=True)
    times = [parse_time(stamp) for stamp in re.findall(r"\d\d:\d\d:\d\d(?:[.,]\d{3})?", (folder / take.transcript).read_text())]
    if take.transcript.endswith(".json"):
        times = [segment["endTime"] for segment in json.loads((folder / take.transcript).read_text())["segments"]]
    assert times == sorted(times)
    assert 0 < audio.info.length - times[-1] < 2.5
    assert (audio["title"], audio["album"]) == ([take.title], [make_media.SHOW])


@pytest.mark.parametrize("slug", TAKES)
def test_a_transcript_holds_every_word_of_the_script(slug):
    take = TAKES[slug]
    text = (ROOT / "episodes" / take.folder / take.transcript).read_text()
    shown = re.sub(r"<v \w+>|^\d+$|[\d:,.]+ --> .*|^\d\d:\d\d:\d\d: |^(?:Tilda|Oswin): |^WEBVTT", " ", text, flags=re.MULTILINE)
    if take.transcript.endswith(".json"):
        shown = " ".join(segment["body"] for segment in json.loads(text)["segments"])
    spoken = " ".join(words for kind, _, words in script(slug) if kind != "chapter")
    assert shown.split() == spoken.split()


@pytest.mark.parametrize(
    ("slug", "pattern"),
    [
        ("the-zip-that-unbites-itself", r"(?m)^(\d\d:\d\d:\d\d\.\d{3}) (.+)$"),
        ("why-the-kettle-knows", r"(?m)^- (\d\d:\d\d) (.+)$"),
        ("one-millimetre-of-ballpoint", r'(?m)^start = "([\d:]+)"\ntitle = "(.+)"$'),
    ],
)
def test_chapters_have_the_titles_of_the_script_and_start_with_a_line(slug, pattern):
    take = TAKES[slug]
    folder = ROOT / "episodes" / take.folder
    written = re.findall(pattern, (folder / (take.chapters or "episode.md")).read_text())
    assert [title for _, title in written] == [text for kind, _, text in script(slug) if kind == "chapter"]
    stamps = re.findall(r"(?m)^\d\d:\d\d:\d\d(?:[.,]\d{3})?", (folder / take.transcript).read_text())
    starts = {parse_time(stamp) for stamp in stamps}
    assert {parse_time(stamp) for stamp, _ in written} <= starts


@pytest.mark.parametrize("picture", ["artwork.jpg", "episodes/2026-05-17-one-millimetre-of-ballpoint/cover.jpg"])
def test_pictures_are_what_directories_ask_for(picture):
    file = ROOT / picture
    with Image.open(file) as opened:
        assert (opened.size, opened.mode, opened.format) == ((3000, 3000), "RGB", "JPEG")
    assert file.stat().st_size < 500_000


def test_the_shows_guid_follows_from_its_address():
    config = tomllib.loads((ROOT / "config.toml").read_text())
    address = f"{config['site']['url']}/feed.xml".removeprefix("https://")
    assert config["show"]["guid"] == str(uuid.uuid5(PODCAST_NAMESPACE, address))


def test_the_sample_show_stays_small():
    assert sum(file.stat().st_size for file in (ROOT / "episodes").rglob("*") if file.is_file()) < 6_000_000
