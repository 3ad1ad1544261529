"""Habits of feedgen that would reach listeners if nothing stood in their way."""

from __future__ import annotations

import locale
import os
import random
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import feedgen.entry
import feedgen.feed
import feedgen.util
import pytest

from feed.model import Enclosure, Image, Notes
from feed.rss import render_feed
from feed.schema.show import FeedTable
from tests.support import ROOT
from tests.support.feed_samples import NAMESPACES, make_episode, make_rich_show, make_show, parse

SETTINGS = FeedTable(hubs=("https://hub.example/",))


def item_of(episode, settings=SETTINGS):
    return parse(render_feed(make_show(episode), settings)).find("item")


@pytest.mark.parametrize("explicit", [True, False])
def test_explicit_is_true_or_false_and_never_yes_or_no(explicit):
    channel = parse(render_feed(make_show(make_episode(), written={"explicit": explicit}), SETTINGS))
    assert channel.findtext("itunes:explicit", namespaces=NAMESPACES) == str(explicit).lower()
    assert channel.findtext("item/itunes:explicit", namespaces=NAMESPACES) == str(explicit).lower()


@pytest.mark.parametrize("name", ["art.jpeg", "art.JPG", "art.jpg?v=1", "art.webp", "art"])
def test_artwork_is_written_whatever_its_address_looks_like(name):
    image = Image(url=f"https://show.example/{name}")
    channel = parse(render_feed(make_show(make_episode(image=image), image=image), SETTINGS))
    assert channel.find("itunes:image", NAMESPACES).get("href") == image.url
    assert channel.find("item/itunes:image", NAMESPACES).get("href") == image.url


def test_show_that_is_not_blocked_has_no_block_at_all():
    assert b"itunes:block" not in render_feed(make_show(make_episode()), SETTINGS)


def test_link_is_the_shows_home_though_the_feed_has_other_links():
    channel = parse(render_feed(make_rich_show(), SETTINGS))
    assert channel.findtext("link") == "https://show.example/index.html"


def test_first_atom_link_is_the_feeds_own_address():
    link = parse(render_feed(make_rich_show(), SETTINGS)).find("atom:link", NAMESPACES)
    assert dict(link.attrib) == {"rel": "self", "href": "https://show.example/feed.xml", "type": "application/rss+xml"}


def test_episodes_keep_their_order():
    show = make_show(*(make_episode(count) for count in (5, 4, 2)))
    titles = [item.findtext("title") for item in parse(render_feed(show, SETTINGS)).findall("item")]
    assert titles == ["Rye, part 5", "Rye, part 4", "Rye, part 2"]


def test_the_first_enclosure_in_the_text_is_the_newest_episodes_even_while_a_stream_is_announced():
    feed = render_feed(make_rich_show(), SETTINGS)
    assert b"podcast:liveItem" in feed
    first = re.search(rb'<enclosure[^>]*url="([^"]*)"', feed)
    assert first[1].decode() == parse(feed).find("item/enclosure").get("url")


def test_a_reader_that_does_not_know_live_streams_has_the_shows_own_description_and_picture_alone():
    channel = parse(render_feed(make_rich_show(), SETTINGS))
    seen = [node for place in channel if place.tag != "item" for node in place.iter()]
    descriptions = [node.text for node in seen if node.tag == "description"]
    apple = f"{{{NAMESPACES['itunes']}}}image"
    pictures = [node.get("href") or node.findtext("url") for node in seen if node.tag in {"image", apple}]
    assert descriptions == [channel.findtext("description")]
    assert set(pictures) == {channel.findtext("image/url")}


def test_last_build_date_is_the_newest_date_in_the_content():
    older_but_first = make_episode(1, date=datetime(2026, 3, 1, 12, tzinfo=UTC))
    newest = make_episode(2, date=datetime(2026, 3, 1, 11, 30, tzinfo=timezone(timedelta(hours=-5))))
    channel = parse(render_feed(make_show(older_but_first, newest), SETTINGS))
    assert channel.findtext("lastBuildDate") == "Sun, 01 Mar 2026 11:30:00 -0500"


@pytest.mark.parametrize("length", [0, 1, 12_345_678_901])
def test_enclosure_always_has_a_number_for_its_length(length):
    enclosure = Enclosure(url="https://show.example/a.mp3", length=length, type="audio/mpeg", duration=1)
    assert item_of(make_episode(enclosure=enclosure)).find("enclosure").get("length") == str(length)


@pytest.mark.parametrize(("seconds", "expected"), [(61.5, "62"), (61.4, "61"), (0.2, "1"), (43_200, "43200"), (0, None)])
def test_duration_is_whole_seconds_and_left_out_when_unknown(seconds, expected):
    enclosure = Enclosure(url="https://show.example/a.mp3", length=1, type="audio/mpeg", duration=seconds)
    assert item_of(make_episode(enclosure=enclosure)).findtext("itunes:duration", namespaces=NAMESPACES) == expected


def test_author_without_a_mail_address_is_not_lost():
    item = item_of(make_episode())
    assert item.find("author") is None
    assert item.findtext("dc:creator", namespaces=NAMESPACES) == "Anna Lind"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x0bb\x00c\ufffed\x1be", "abcde"),
        ("\ud800half", "half"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("  \u00a0blank\u2003 \n", "blank"),
        ("🎙️ Grüße & <b>bold</b> ]]> &amp;", "🎙️ Grüße & <b>bold</b> ]]> &amp;"),
    ],
)
def test_text_reads_back_without_what_xml_cannot_hold(text, expected):
    notes = Notes(page="", apps=text, text="", summary=text)
    item = item_of(make_episode(notes=notes))
    assert item.findtext("description") == expected
    assert item.findtext("content:encoded", namespaces=NAMESPACES) == expected


def test_title_of_nothing_but_control_characters_breaks_no_feed():
    show = make_show(make_episode(written={"title": "\x00"}), written={"title": "\x01", "description": "\x02", "author": "\x03"})
    channel = parse(render_feed(show, SETTINGS))
    assert channel.findtext("title") == channel.findtext("description") == "https://show.example/feed.xml"
    assert channel.findtext("item/title") == "episode-1"
    assert channel.find("itunes:author", NAMESPACES) is None


def test_episode_without_a_summary_keeps_its_notes_out_of_the_description():
    item = item_of(make_episode(notes=Notes(page="", apps="<p>Long</p>", text="", summary="")))
    assert item.findtext("description") == "Rye, part 1"
    assert item.findtext("content:encoded", namespaces=NAMESPACES) == "<p>Long</p>"


def test_episode_without_notes_has_a_description_alone():
    item = item_of(make_episode(notes=Notes(page="", apps=" ", text="", summary="Short")))
    assert item.findtext("description") == "Short"
    assert item.find("content:encoded", NAMESPACES) is None


def test_one_process_writes_many_feeds_that_know_nothing_of_each_other():
    alone = render_feed(make_show(make_episode(1)), SETTINGS)
    render_feed(make_rich_show(), SETTINGS)
    assert render_feed(make_show(make_episode(1)), SETTINGS) == alone


@pytest.mark.parametrize(
    ("guid", "permalink"),
    [("https://old.example/?p=1", "true"), ("http://old.example/1", "true"), ("urn:uuid:1", "false"), ("7c9e6679", "false")],
)
def test_guid_is_a_permalink_only_when_it_is_an_address(guid, permalink):
    element = item_of(make_episode(guid=guid)).find("guid")
    assert (element.text, element.get("isPermaLink")) == (guid, permalink)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (datetime(2026, 5, 21, 4, 30, tzinfo=UTC), "Thu, 21 May 2026 04:30:00 +0000"),
        (datetime(2026, 5, 21, 4, 30, 59, 999999, tzinfo=timezone(timedelta(hours=5, minutes=30))), "Thu, 21 May 2026 04:30:59 +0530"),
        (datetime(2026, 5, 21, 4, 30, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), "Thu, 21 May 2026 04:30:00 -0330"),
        (datetime(2026, 5, 21, 4, 30, tzinfo=timezone(timedelta(minutes=53, seconds=28))), "Thu, 21 May 2026 04:30:00 +0053"),
        (datetime(1, 1, 1, tzinfo=UTC), "Mon, 01 Jan 0001 00:00:00 +0000"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "Fri, 31 Dec 9999 23:59:59 +0000"),
    ],
)
def test_dates_have_the_right_weekday_four_digits_and_a_numeric_zone(date, expected):
    assert item_of(make_episode(date=date)).findtext("pubDate") == expected


def test_two_renders_are_equal():
    assert render_feed(make_rich_show(), SETTINGS) == render_feed(make_rich_show(), SETTINGS)


def test_neither_clock_nor_locale_nor_chance_is_asked(monkeypatch):
    expected = render_feed(make_rich_show(), SETTINGS)

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            raise AssertionError("the clock was read")

        utcnow = today = now

    def forbidden(*args, **kwargs):
        raise AssertionError("not here")

    for module in (feedgen.feed, feedgen.entry):
        monkeypatch.setattr(module, "datetime", Clock)
    monkeypatch.setattr(locale, "setlocale", forbidden)
    monkeypatch.setattr(feedgen.util.locale, "setlocale", forbidden)
    for module, name in ((time, "time"), (time, "time_ns"), (time, "localtime"), (random, "random"), (os, "urandom")):
        monkeypatch.setattr(module, name, forbidden)
    with pytest.raises(AssertionError):
        feedgen.feed.FeedGenerator()  # the guards do guard
    assert render_feed(make_rich_show(), SETTINGS) == expected


def test_ten_processes_write_the_same_bytes():
    program = (
        "import sys\n"
        "from tests.support.feed_samples import make_rich_show\nfrom feed.rss import render_feed\nfrom feed.schema.show import FeedTable\n"
        "sys.stdout.buffer.write(render_feed(make_rich_show(), FeedTable()))"
    )
    zones = ("UTC", "Pacific/Auckland", "America/St_Johns", "Asia/Kathmandu", "Europe/Berlin")
    surroundings = [
        {"PYTHONHASHSEED": str(count * 421), "TZ": zones[count % 5], "LC_ALL": ("C", "C.UTF-8", "de_DE.UTF-8")[count % 3]}
        for count in range(10)
    ]
    command = [sys.executable, "-c", program]
    running = [subprocess.Popen(command, cwd=ROOT, env=os.environ | extra, stdout=subprocess.PIPE) for extra in surroundings]
    feeds = {process.communicate()[0] for process in running}
    assert feeds == {render_feed(make_rich_show(), FeedTable())}


def test_rich_feed_is_the_golden_one():
    """AIRDATE_ACCEPT=1 takes the new feed as golden; read the difference before you commit it."""
    golden = Path(__file__).parent / "golden" / "feed.xml"
    feed = render_feed(make_rich_show(), FeedTable(hubs=("https://hub.example/",), enclosure_prefix="https://op3.dev/e/"))
    if os.environ.get("AIRDATE_ACCEPT"):
        golden.write_bytes(feed)
    assert feed.decode() == golden.read_text(encoding="utf-8")
