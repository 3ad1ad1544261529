"""Two machine-made episode pages, as their script leaves them, become a show with every word of their transcripts."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys

import pytest

from tests.support.e2e_show import program
from tests.support.needs import needs
from tests.support.seeds import SEEDS, needs_seeds
from tests.support.show_factory import Show

EPISODES = {"ai-avengers-unite": (1152, 274), "metas-ai-purge": (1088, 296)}
VTT_TIMES = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> [\d:.]+\n((?:.+\n?)+)")

pytestmark = [needs_seeds, needs("media", "ffmpeg")]


@pytest.fixture(scope="module", params=["whole page", "stamped lines"])
def published(request, s3_server, tmp_path_factory):
    """(feed, read) of the show on SeaweedFS: the feed's text, and a function from a site address to its bytes."""
    from tests.support.e2e_show import Bucket

    bucket = Bucket(s3_server, s3_server.make_bucket(public=True))
    folder = tmp_path_factory.mktemp("seeds") / "show"
    arguments = ["--site", bucket.url, "--storage", f"s3://{bucket.name}", "--endpoint", s3_server.endpoint]
    whole = ["--whole"] if request.param == "whole page" else []
    subprocess.run([sys.executable, str(SEEDS / "make_show.py"), str(folder), *arguments, *whole], check=True, capture_output=True)
    outcome = program(Show(folder), "--yes", endpoint="")
    assert outcome.status == 0, outcome.stderr
    yield bucket
    s3_server.drop_bucket(bucket.name)


def item(bucket, slug: str) -> str:
    feed = bucket.get("feed.xml").decode()
    return next(text for text in re.findall(r"<item>.*?</item>", feed, re.DOTALL) if f"/{slug}.html" in text)


def document(bucket, slug: str, extension: str) -> str:
    address = re.search(rf'podcast:transcript [^>]*url="([^"]+\.{extension})"', item(bucket, slug))
    return bucket.get(address[1].removeprefix(f"{bucket.url}/")).decode()


def words(text: str) -> list[str]:
    return html.unescape(text).split()


@pytest.mark.parametrize("slug", EPISODES)
def test_the_duration_is_that_of_the_recording(published, slug):
    duration = int(re.search(r"<itunes:duration>(\d+)</itunes:duration>", item(published, slug))[1])
    assert abs(duration - EPISODES[slug][0]) <= 1


@pytest.mark.parametrize("slug", EPISODES)
def test_every_spoken_line_is_in_page_vtt_and_json(published, slug):
    count = EPISODES[slug][1]
    vtt = VTT_TIMES.findall(document(published, slug, "vtt"))
    rows = [row for row in json.loads(document(published, slug, "json"))["segments"] if row["body"].strip()]
    page = published.get(f"episodes/{slug}.html").decode()
    cues = [text for text in re.findall(r'<span class="cue"[^>]*>.*?</a>(.*?)</span>', page, re.DOTALL) if text.strip()]
    assert (len(rows), len(cues), len(vtt)) == (count, count, count)
    starts = {int(hours) * 3600 + int(minutes) * 60 + float(seconds) for hours, minutes, seconds, *_ in vtt}
    assert starts >= {row["startTime"] for row in rows}, "none is joined or lost"
    assert words(" ".join(text for *_, text in vtt)) == words(" ".join(row["body"] for row in rows))
    assert [words(text) for text in cues] == [row["body"].split() for row in rows]


@pytest.mark.parametrize("slug", EPISODES)
def test_a_gap_stretches_no_cue_and_no_cue_ends_after_the_recording(published, slug):
    rows = json.loads(document(published, slug, "json"))["segments"]
    assert all(0 < row["endTime"] - row["startTime"] < 60 for row in rows)
    assert max(row["endTime"] for row in rows) <= EPISODES[slug][0] + 1


def test_what_stands_around_the_transcript_is_not_in_it(published):
    for slug in EPISODES:
        text = document(published, slug, "vtt")
        assert "New comment" not in text and "Show notes" not in text
