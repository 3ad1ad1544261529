"""The helpers that run real clients say what the clients keep, and fail when a client fails."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests.support.needs import needs
from tests.support.podcast_clients import ClientFailed, _run, gpodder, gpodder_download, newsboat, podboat_download

AUDIO = bytes(range(256)) * 200
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>
<title>Two doors</title><link>{base}</link><description>Doors.</description><language>en</language>
<item><title>Second &amp; last</title><link>{base}2.html</link><guid isPermaLink="false">guid-two</guid>
<pubDate>Sun, 10 May 2026 06:00:00 +0100</pubDate><description>The second door.</description>
<enclosure url="{base}two.mp3" length="51200" type="audio/mpeg"/><itunes:duration>81</itunes:duration></item>
<item><title>First</title><link>{base}1.html</link><guid isPermaLink="false">guid-one</guid>
<pubDate>Sun, 03 May 2026 06:00:00 +0100</pubDate><description>The first door.</description>
<enclosure url="{base}one.mp3" length="51200" type="audio/mpeg"/><itunes:duration>73</itunes:duration></item>
</channel></rss>
"""


@pytest.fixture
def feed(served):
    """Address of a small feed with two episodes."""
    folder, base = served
    (folder / "feed.xml").write_text(FEED.format(base=base))
    for name in ("one", "two"):
        (folder / f"{name}.mp3").write_bytes(AUDIO)
    return f"{base}feed.xml"


def change(file, old, new):
    """Edit the feed, and let it look ten seconds younger: the client asks whether it was modified since, in whole seconds."""
    modified = file.stat().st_mtime + 10
    file.write_text(file.read_text().replace(old, new))
    os.utime(file, (modified, modified))


@needs("clients", "gpo")
def test_gpodder_keeps_what_the_feed_says_and_downloads_it(feed, tmp_path):
    home = tmp_path / "home"
    newest, oldest = gpodder(home, feed)
    base = feed.removesuffix("feed.xml")
    assert (newest.title, newest.guid, newest.url) == ("Second & last", "guid-two", f"{base}two.mp3")
    assert (newest.date, newest.type, newest.length, newest.duration) == (1778389200, "audio/mpeg", 51200, 81)
    assert (oldest.title, oldest.guid, oldest.link, oldest.duration) == ("First", "guid-one", f"{base}1.html", 73)
    assert gpodder_download(home, feed, "guid-one").read_bytes() == AUDIO


@needs("clients", "gpo")
def test_a_title_that_changed_is_the_same_episode_for_gpodder_and_a_guid_that_changed_is_another(feed, served, tmp_path):
    home, file = tmp_path / "home", served[0] / "feed.xml"
    gpodder(home, feed)
    change(file, "<title>First<", "<title>Renamed<")
    assert [episode.title for episode in gpodder(home, feed)] == ["Second & last", "Renamed"]
    change(file, "guid-one", "guid-three")
    assert "guid-three" in {episode.guid for episode in gpodder(home, feed)}


@needs("clients", "gpo")
@pytest.mark.parametrize("fault", ["no feed there", "not a feed"])
def test_gpodder_failing_is_a_failure(feed, served, tmp_path, fault):
    (served[0] / "feed.xml").unlink()
    if fault == "not a feed":
        (served[0] / "feed.xml").write_text("this is no feed")
    with pytest.raises(ClientFailed):
        gpodder(tmp_path / "home", feed)


@needs("clients", "newsboat")
def test_newsboat_keeps_what_the_feed_says(feed, tmp_path):
    newest, oldest = newsboat(tmp_path / "home", feed)
    base = feed.removesuffix("feed.xml")
    assert (newest.title, newest.guid, newest.url, newest.type) == ("Second & last", "guid-two", f"{base}two.mp3", "audio/mpeg")
    assert (oldest.title, oldest.link, oldest.date, oldest.description) == ("First", f"{base}1.html", 1777784400, "The first door.")


@needs("clients", "newsboat")
@pytest.mark.parametrize("fault", ["no feed there", "not a feed"])
def test_newsboat_failing_is_a_failure(feed, served, tmp_path, fault):
    (served[0] / "feed.xml").unlink()
    if fault == "not a feed":
        (served[0] / "feed.xml").write_text("this is no feed")
    with pytest.raises(ClientFailed):
        newsboat(tmp_path / "home", feed)


@needs("clients", "podboat")
def test_podboat_downloads_the_recording(feed, tmp_path):
    url = feed.replace("feed.xml", "two.mp3")
    assert podboat_download(tmp_path / "home", url).read_bytes() == AUDIO


@needs("clients", "podboat")
def test_podboat_finding_nothing_is_a_failure_in_bounded_time(feed, tmp_path):
    with pytest.raises(ClientFailed):
        podboat_download(tmp_path / "home", feed.replace("feed.xml", "none.mp3"), timeout=3)


def test_a_client_that_hangs_is_ended_with_its_children(tmp_path):
    program = (
        "import pathlib, subprocess; child = subprocess.Popen(['sleep', '60'])\n"
        "pathlib.Path('child').write_text(str(child.pid)); child.wait()"
    )
    started = time.monotonic()
    with pytest.raises(ClientFailed, match="was not done after 1 s"):
        _run(tmp_path / "home", sys.executable, "-c", program, timeout=1)
    assert time.monotonic() - started < 10
    time.sleep(0.2)
    child = int((tmp_path / "home" / "child").read_text())
    status = Path(f"/proc/{child}/stat")
    assert not status.exists() or status.read_text().split()[2] == "Z"
