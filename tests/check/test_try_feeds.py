"""tools/try_feeds.py: a folder of feeds, and which rules find errors in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.clean_feed import feed
from tests.support.two_hosts import item, rss

TOOL = Path(__file__).parents[2] / "tools" / "try_feeds.py"


def tried(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TOOL), *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_errors_are_counted_by_rule_and_warnings_are_not(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "good.xml").write_text(feed(), "utf-8")
    (tmp_path / "deep" / "bad.rss").write_text(feed().replace('length="1', 'length="x'), "utf-8")
    (tmp_path / "deep" / "page.xml").write_text("<html/>", "utf-8")
    outcome = tried(str(tmp_path))
    assert outcome.returncode == 0
    first, *_, row = outcome.stdout.splitlines()
    assert first == "2 feeds with an enclosure"
    assert row.split()[:2] == ["I009", "1"]
    assert "deep/bad.rss:" in row


def test_without_a_folder_it_says_how_it_is_used(tmp_path):
    outcome = tried(str(tmp_path / "none"))
    assert (outcome.returncode, outcome.stderr) == (2, "usage: python tools/try_feeds.py [--move] FOLDER\n")


def test_a_show_is_moved_and_compared(tmp_path):
    (tmp_path / "good.xml").write_bytes(rss([item(2), item(1)]))
    (tmp_path / "without.xml").write_bytes(rss([item(2), item(1, guid=None)]))
    (tmp_path / "broken.xml").write_text('<rss version="2.0"><channel><item><enclosure url="a"/></channel></rss>', "utf-8")
    (tmp_path / "undated.xml").write_bytes(rss([item(2), item(1)]).replace(b"<pubDate>01 Jan 2020 10:00:00 +0000</pubDate>", b""))
    outcome = tried("--move", str(tmp_path))
    assert outcome.returncode == 0, outcome.stderr
    broken, good, undated, without, _, last = outcome.stdout.splitlines()
    assert undated.endswith(": 1 lost: the feed gives them no date, so they are drafts")
    assert "stopped: the feed cannot be read" in broken
    assert good.endswith(": identical")
    assert without.endswith(": kept, but comes twice in gPodder, newsboat, Audiobookshelf: 1 without a guid")
    assert last == "1 of 4 keep guid, date and order of every episode in every app; 1 more in most apps"
