from __future__ import annotations

import pytest

from feed.findings import Severity
from publisher.verify.folder import verify_folder

SITE = "https://show.example.org/radio"
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>
<title>Running Water</title><link>https://show.example.org/radio/index.html</link>
<itunes:image href="https://show.example.org/radio/art/cover.jpg"/>
<item><link>https://show.example.org/radio/episodes/bridge.html</link>
<enclosure url="https://show.example.org/radio/media/bridge.mp3" length="5" type="audio/mpeg"/>
<podcast:transcript url="https://show.example.org/radio/episodes/bridge/transcript.vtt" type="text/vtt"/>
<podcast:chapters url="https://show.example.org/radio/episodes/bridge/chapters-1.json" type="application/json+chapters"/>
</item></channel></rss>"""
NAMES = [
    "index.html",
    "art/cover.jpg",
    "episodes/bridge.html",
    "media/bridge.mp3",
    "episodes/bridge/transcript.vtt",
    "episodes/bridge/chapters-1.json",
]


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        path = tmp_path / "public" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    (tmp_path / "public/feed.xml").write_text(FEED)
    return tmp_path / "public"


def found(folder, old="", new="", site=SITE):
    assert old in FEED
    (folder / "feed.xml").write_text(FEED.replace(old, new) if old else FEED)
    return [(finding.code, finding.severity.value, finding.file, finding.line) for finding in verify_folder(folder, site, "feed.xml")]


def test_a_whole_folder_has_no_findings(folder):
    assert found(folder) == []
    assert found(folder, site=SITE + "/") == []


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_missing_is_found(folder, name):
    (folder / name).unlink()
    (code, severity, file, line), *rest = found(folder)
    assert (code, severity, file, rest) == ("H018", "error", "feed.xml", [])
    assert name in FEED.splitlines()[line - 1]


def test_another_length_is_found(folder):
    (folder / "media/bridge.mp3").write_bytes(b"1234")
    assert found(folder) == [("H004", "error", "feed.xml", 6)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('type="audio/mpeg"', 'type="audio/mp4"', ["H004"]),
        ('type="text/vtt"', 'type="application/json"', ["H010"]),
        ('type="application/json+chapters"', 'type="application/json"', []),
        ("https://show.example.org/radio/media", "https://op3.dev/e/show.example.org/radio/media", []),
        ("https://show.example.org/radio/media", "https://op3.dev/e/https://show.example.org/radio/gone", ["H018"]),
        ("https://show.example.org/radio/media/bridge.mp3", "https://elsewhere.example/bridge.mp3", []),
        ("https://show.example.org/radio/index.html", "https://show.example.org/radio/", []),
        ("https://show.example.org/radio/index.html", "https://show.example.org/radio", []),
        ("https://show.example.org/radio/episodes/bridge.html", "https://show.example.org/radio/episodes/bridge", []),
        ("radio/media/bridge.mp3", "radio/../../secret.mp3", ["H018"]),
        ("radio/media/bridge.mp3", "radio/%2e%2e/secret.mp3", ["H018"]),
        ("radio/media/bridge.mp3", "radio/%00.mp3", ["H018"]),
        ("<channel>", "<channel", ["F001"]),
    ],
)
def test_addresses_are_followed_into_the_folder_and_never_out_of_it(folder, old, new, expected):
    (folder.parent / "secret.mp3").write_bytes(b"12345")
    assert [code for code, *_ in found(folder, old, new)] == expected


def test_links_are_followed_within_the_folder_and_never_out_of_it(folder):
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "bridge.mp3").write_bytes(b"12345")
    (folder / "kept").mkdir()
    (folder / "media/bridge.mp3").rename(folder / "kept/bridge.mp3")
    (folder / "media/bridge.mp3").symlink_to("../kept/bridge.mp3")
    assert found(folder) == []
    (folder / "media/bridge.mp3").unlink()
    (folder / "media/bridge.mp3").symlink_to(outside / "bridge.mp3")
    assert [code for code, *_ in found(folder)] == ["H018"]
    (folder / "media/bridge.mp3").unlink()
    (folder / "media").rmdir()
    (folder / "media").symlink_to(outside)
    assert [code for code, *_ in found(folder)] == ["H018"]
    (folder / "media").unlink()
    (folder / "media").symlink_to("kept")
    assert found(folder) == []


def test_a_folder_without_a_feed_is_one_finding(tmp_path):
    (finding,) = verify_folder(tmp_path, SITE, "feed.xml")
    assert (finding.code, finding.severity) == ("H001", Severity.ERROR)
