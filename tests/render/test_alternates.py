"""Other encodings of an episode in the feed."""

from __future__ import annotations

import re

import pytest

from tests.support.show_factory import make_show, recording

WRITTEN = {
    "type": "audio/x-other",
    "bitrate": "1000",
    "height": "720",
    "lang": "de",
    "title": "Small",
    "rel": "same",
    "codecs": "mp4a.40.2",
    "default": "true",
}


@pytest.fixture
def attributes(tmp_path):
    def published(front):
        show = make_show(tmp_path / "show")
        show.episode(front=f'[[alternates]]\nfile = "small.mp3"\n{front}')
        show.write("episodes/2026-05-01-first/small.mp3", recording(12))
        assert show.publish().status == 0
        (tag,) = re.findall(r"<podcast:alternateEnclosure ([^>]*)>", (show.public / "feed.xml").read_text())
        return dict(re.findall(r'(\w+)="([^"]*)"', tag))

    return published


def test_what_is_written_of_an_encoding_goes_before_what_was_measured(attributes):
    found = attributes(
        "".join(f"{name} = {value if value.isdigit() or value == 'true' else repr(value)}\n" for name, value in WRITTEN.items())
    )
    assert {name: value for name, value in found.items() if name != "length"} == WRITTEN


def test_of_an_encoding_of_which_nothing_is_written_the_feed_says_what_was_measured(attributes):
    found = attributes("")
    assert found.keys() == {"type", "length", "bitrate"}
    assert (found["type"], int(found["bitrate"])) == ("audio/mpeg", pytest.approx(64_000, rel=0.02))
