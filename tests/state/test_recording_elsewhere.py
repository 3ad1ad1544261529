"""What is remembered of a recording that lies at another host."""

from __future__ import annotations

import pytest

from feed.schema.episode import FrontMatter
from publisher.state.recording_elsewhere import recording_elsewhere


@pytest.mark.parametrize(
    ("told", "address", "extension"),
    [
        ("audio/x-m4a", "https://x.example/a.mp3", "m4a"),
        ("audio/mpeg", "https://x.example/a", "mp3"),
        ("audio/ogg", "https://x.example/a.ogg?x=1", "ogg"),
        ("audio/ogg", "https://x.example/a", "mp3"),
        ("video/mp4", "https://x.example/a", "mp4"),
    ],
)
def test_a_recording_elsewhere_ends_as_its_type_says_or_else_its_address(told, address, extension):
    written = FrontMatter(title="T", audio=address, audio_unmeasured={"length": 9, "type": told})
    assert recording_elsewhere(written, "t").facts.extension == extension
