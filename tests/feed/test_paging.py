"""A long feed in pages (RFC 5005)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feed.paging import page_name, page_windows
from feed.rss import render_feed, render_newest, render_page
from feed.schema.show import FeedTable
from tests.support.feed_samples import NAMESPACES, make_episode, make_rich_show, make_show, parse

LIMIT = FeedTable(limit=3, hubs=("https://hub.example/",))


def page_url(page: int) -> str:
    return f"https://show.example/feed-{page}.xml"


def render_documents(show, settings, page_url):
    """The archive pages, oldest first, and the feed in front of them, by name."""
    windows = page_windows(settings, len(show.episodes))
    pages = [
        (page_name(settings.file, page), replace(show, episodes=show.episodes[window]), page) for page, window in enumerate(windows, 1)
    ]
    documents = {name: render_page(part, settings, page_url, page) for name, part, page in pages}
    documents[settings.file] = render_newest(show, settings, page_url, len(windows)) if windows else render_feed(show, settings)
    return documents


def show_of(count: int, **changes):
    return make_show(*(make_episode(number) for number in range(count, 0, -1)), **changes)


def pages_of(count: int, settings=LIMIT, **changes):
    return render_documents(show_of(count, **changes), settings, page_url)


def numbers(feed: bytes) -> list[int]:
    return [int(item.findtext("title").rpartition(" ")[2]) for item in parse(feed).findall("item")]


def links(feed: bytes) -> dict[str, str]:
    return {link.get("rel"): link.get("href") for link in parse(feed).findall("atom:link", NAMESPACES)}


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, {"feed.xml": []}),
        (3, {"feed.xml": [3, 2, 1]}),
        (4, {"feed-1.xml": [3, 2, 1], "feed.xml": [4, 3, 2]}),
        (6, {"feed-1.xml": [3, 2, 1], "feed-2.xml": [6, 5, 4], "feed.xml": [6, 5, 4]}),
        (8, {"feed-1.xml": [3, 2, 1], "feed-2.xml": [6, 5, 4], "feed.xml": [8, 7, 6]}),
    ],
)
def test_full_pages_are_numbered_from_the_oldest_and_the_feed_holds_the_newest(count, expected):
    pages = pages_of(count)
    assert {name: numbers(feed) for name, feed in pages.items()} == expected
    assert list(pages)[-1] == "feed.xml"


@pytest.mark.parametrize("count", range(1, 14))
def test_pages_together_hold_every_episode_and_follow_on_one_another(count):
    pages = pages_of(count)
    seen: set[int] = set()
    name = "feed.xml"
    steps = 0
    while name:
        seen.update(numbers(pages[name]))
        older = links(pages[name]).get("next", "")
        assert older == links(pages[name]).get("prev-archive", "")
        name = older.rpartition("/")[2]
        steps += 1
    assert seen == set(range(1, count + 1))
    assert steps == len(pages)


@pytest.mark.parametrize("full_notes", [None, 2])
def test_new_episode_changes_no_page_that_is_there(full_notes):
    settings = FeedTable(limit=3, full_notes=full_notes)
    rich = make_rich_show()
    before: dict[str, bytes] = {}
    for count in range(4, 14):
        pages = pages_of(count, settings, live=rich.live[: count % 2])
        archive = {name: feed for name, feed in pages.items() if name != "feed.xml"}
        assert {name: archive[name] for name in before} == before
        before = archive


def test_new_trailer_changes_no_page_that_is_there():
    episodes = tuple(make_episode(number) for number in (3, 2, 1))
    full = make_episode(4)
    trailer = make_episode(4, written={"type": "trailer"})
    first = [render_documents(make_show(newest, *episodes), LIMIT, page_url)["feed-1.xml"] for newest in (full, trailer)]
    assert first[0] == first[1]


def test_trailer_on_an_old_page_is_still_in_the_feed_apps_subscribe_to():
    episodes = [make_episode(number, written={"type": "trailer"} if number == 1 else None) for number in (5, 4, 3, 2, 1)]
    pages = render_documents(make_show(*episodes), LIMIT, page_url)
    assert [element.text for element in parse(pages["feed.xml"]).findall("podcast:trailer", NAMESPACES)] == ["Rye, part 1"]


def test_feed_that_apps_subscribe_to_names_its_hubs_and_the_newest_page():
    assert links(pages_of(8)["feed.xml"]) == {
        "self": "https://show.example/feed.xml",
        "hub": "https://hub.example/",
        "prev-archive": page_url(2),
        "next": page_url(2),
    }
    assert parse(pages_of(8)["feed.xml"]).find("fh:archive", NAMESPACES) is None


def test_archive_page_says_what_it_is_and_where_the_feed_is():
    pages = pages_of(8)
    assert links(pages["feed-2.xml"]) == {
        "self": page_url(2),
        "current": "https://show.example/feed.xml",
        "prev-archive": page_url(1),
        "next": page_url(1),
    }
    assert links(pages["feed-1.xml"]) == {"self": page_url(1), "current": "https://show.example/feed.xml"}
    assert parse(pages["feed-1.xml"]).find("fh:archive", NAMESPACES) is not None
    assert parse(pages["feed-1.xml"]).findtext("lastBuildDate") == "Sun, 04 Jan 2026 06:00:00 +0000"


def test_live_stream_is_announced_in_the_feed_alone():
    rich = make_rich_show()
    pages = pages_of(4, live=rich.live)
    assert b"liveItem" in pages["feed.xml"]
    assert b"liveItem" not in pages["feed-1.xml"]


def test_whole_feed_ignores_the_limit():
    assert numbers(render_feed(show_of(8), LIMIT)) == list(range(8, 0, -1))


def test_without_a_limit_there_is_one_document():
    show = show_of(8)
    assert render_documents(show, FeedTable(file="podcast.rss"), page_url) == {"podcast.rss": render_feed(show, FeedTable())}


@pytest.mark.parametrize(
    ("file", "expected"),
    [("feed.xml", "feed-2.xml"), ("feed", "feed-2"), ("my.feed.xml", "my.feed-2.xml"), ("a.b/feed", "a.b/feed-2"), (".xml", ".xml-2")],
)
def test_page_is_named_after_the_feed(file, expected):
    assert page_name(file, 2) == expected
