"""Ways to subscribe: links apps answer to, and the feed's address as a QR code."""

from __future__ import annotations

import pytest
from lxml import html

from publisher.load.config_tables import SubscribeTable
from publisher.site.html import show_pages as pages
from publisher.site.html import subscribe_links as subscribe
from publisher.site.parts.theme import Theme
from tests.support import sample_pages

FEED = "https://example.org/show/feed.xml?a=1&b"


def links(shops=None):
    return {app.name: app for app in subscribe.apps(FEED, shops or SubscribeTable())}


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("Apple Podcasts", "podcast://example.org/show/feed.xml?a=1&b"),
        ("Overcast", "overcast://x-callback-url/add?url=https%3A%2F%2Fexample.org%2Fshow%2Ffeed.xml%3Fa%3D1%26b"),
        ("Pocket Casts", "pktc://subscribe/example.org/show/feed.xml?a=1&b"),
        ("Castro", "castros://subscribe/example.org/show/feed.xml?a=1&b"),
        ("AntennaPod", "antennapod-subscribe://example.org/show/feed.xml?a=1&b"),
        ("Podcast Addict", "podcastaddict://example.org/show/feed.xml?a=1&b"),
    ],
)
def test_an_app_is_opened_with_the_feed(name, link):
    assert links()[name].link == link


def test_a_listed_show_opens_apples_page_and_a_script_is_no_directory():
    found = links(
        SubscribeTable(apple="https://podcasts.apple.com/id1", spotify="javascript:alert(1)", youtube="https://music.youtube.com/x")
    )
    assert found["Apple Podcasts"].link == "https://podcasts.apple.com/id1"
    assert "Spotify" not in found
    assert found["YouTube"].platforms == ""


def modules(code):
    """The picture as a set of dark (column, row)."""
    import re

    dark = set()
    for column, row, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path):
        dark |= {(int(column) + step, int(row)) for step in range(int(length))}
    return dark


def test_the_qr_code_holds_the_address():
    import segno

    code = subscribe.qr_code(FEED)
    expected = segno.make(FEED, error="m", micro=False, boost_error=False)
    assert modules(code) == {(x + 2, y + 2) for y, row in enumerate(expected.matrix) for x, dark in enumerate(row) if dark}
    assert code.size == len(expected.matrix) + 4
    assert subscribe.qr_code(FEED) == code


def test_an_address_too_long_for_a_code_has_none():
    assert subscribe.qr_code("https://example.org/" + "x" * 5000) is None


def test_the_page_works_without_a_script():
    tree = html.fromstring(pages.subscribe_page(Theme(sample_pages.make_settings()), sample_pages.make_show()))
    assert tree.xpath("//input[@id='feed-address']/@value") == [sample_pages.SITE + "/feed.xml"]
    assert tree.xpath("//*[local-name()='svg'][@role='img']/@aria-label") == ["QR code of the feed’s address"]
    assert "overcast://x-callback-url/add?url=http%3A%2F%2F127.0.0.1%3A8000%2Fshow%2Ffeed.xml" in tree.xpath("//a/@href")


@pytest.mark.parametrize(
    ("agent", "first"),
    [
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8)", ["Pocket Casts", "AntennaPod", "Podcast Addict"]),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", ["Apple Podcasts", "Overcast", "Pocket Casts", "Castro"]),
        ("Mozilla/5.0 (X11; Linux x86_64)", []),
    ],
)
def test_apps_of_this_device_come_first(site, open_page, agent, first):
    page = open_page(f"{site.origin}/subscribe.html", user_agent=agent)
    assert page.locator("[data-apps] .here").all_inner_texts() == first
    names = page.locator("[data-apps] li").all_inner_texts()
    assert names[: len(first)] == first
    assert len(names) == 6
