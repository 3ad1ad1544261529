"""What stands in a live stream does not become the show's, whatever a reader knows of live streams; and what did before we left it out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from feed.rss import render_feed
from feed.schema.live import LiveItemTable
from feed.schema.show import FeedTable
from tests.support import node_parsers
from tests.support.feed_samples import NAMESPACES, make_rich_show
from tests.support.flat_readers import READERS, DroppedError

ITUNES, PODCAST = (f"{{{NAMESPACES[name]}}}" for name in ("itunes", "podcast"))
SPACES = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in NAMESPACES.items())

WRITTEN = {
    # each child that a live stream is written with, and who takes it for the show's all the same
    "title": {"Podcast Index"},  # appends it, image or not; a stream without a title is none
    "content:encoded": set(),
    "guid": set(),
    "enclosure": set(),
    "podcast:image": set(),
    "podcast:season": set(),
    "podcast:episode": set(),
    "podcast:person": set(),
    "podcast:soundbite": set(),
    "podcast:alternateEnclosure": set(),
    "podcast:contentLink": set(),
    "podcast:chat": set(),
    "podcast:license": set(),
    "podcast:location": set(),
    "podcast:socialInteract": set(),
    "podcast:txt": set(),
    "podcast:value": {"Podcast Index"},  # adds the recipients; written only where they are not the show's
}
LEFT_OUT = {
    # what we wrote before, and who takes it for the show's, wherever the stream stands
    "<link>https://live.example/</link>": {"feedparser"},
    "<description>We bake.</description>": {"last wins"},
    '<itunes:image href="https://live.example/live.png"/>': {"AntennaPod", "Podcast Index", "last wins"},
    "<itunes:explicit>true</itunes:explicit>": {"Podcast Index", "last wins"},
    '<podcast:funding url="https://live.example/fund">A tower</podcast:funding>': {"AntennaPod", "Podcast Index"},
    '<podcast:chapters url="https://live.example/c.json" type="application/json+chapters"/>': {"AntennaPod"},
    '<podcast:transcript url="https://live.example/t.vtt" type="text/vtt"/>': {"AntennaPod"},
}
MORE = {
    "license": {"id": "live-licence", "url": "https://live.example/licence"},
    "location": [{"name": "On the tower", "rel": "creator"}],
    "social": [{"protocol": "activitypub", "uri": "https://social.example/@live/1"}],
    "txt": [{"text": "ring"}],
    "images": [{"href": "https://live.example/wide.png"}],
    "explicit": True,
    "value": {
        "type": "lightning",
        "method": "lnaddress",
        "recipients": [{"type": "lnaddress", "address": "live@show.example", "split": 1}],
    },
}


def facts(read, feed):
    try:
        return read(feed)
    except DroppedError as dropped:
        return {"dropped": str(dropped)}


def harmed(with_it, without):
    return {name for name, read in READERS.items() if facts(read, with_it) != facts(read, without)}


@pytest.fixture(scope="module")
def feeds():
    """(the feed with a stream that says all it can, the feed without any)."""
    show = make_rich_show()
    (live,) = show.live
    table = LiveItemTable.model_validate(live.written.model_dump(exclude_none=True, by_alias=True, exclude_defaults=True) | MORE)
    return render_feed(replace(show, live=(replace(live, written=table),)), FeedTable()), render_feed(replace(show, live=()), FeedTable())


def only(feed, keep):
    """The feed whose stream has these children alone."""
    root = etree.fromstring(feed)
    stream = root[0].find(f"{PODCAST}liveItem")
    for child in list(stream):
        if not keep(child):
            stream.remove(child)
    return root, stream


def named(child):
    local = etree.QName(child)
    prefix = next((prefix for prefix, address in NAMESPACES.items() if address == local.namespace), "")
    return f"{prefix}:{local.localname}" if prefix else local.localname


def test_the_table_names_each_child_that_is_written(feeds):
    _, stream = only(feeds[0], lambda _child: True)
    assert {named(child) for child in stream} == set(WRITTEN)


@pytest.mark.parametrize("tag", WRITTEN)
def test_what_is_written_stays_the_streams(feeds, tag):
    root, stream = only(feeds[0], lambda child: named(child) == tag)
    assert len(stream)
    assert harmed(etree.tostring(root), feeds[1]) == WRITTEN[tag]


@pytest.mark.parametrize("markup", LEFT_OUT)
def test_what_is_left_out_became_the_shows(feeds, markup):
    root, stream = only(feeds[0], lambda _child: False)
    stream.append(etree.fromstring(f"<x {SPACES}>{markup}</x>")[0])
    assert harmed(etree.tostring(root), feeds[1]) == LEFT_OUT[markup]


def test_all_together_stay_the_streams(feeds):
    assert harmed(*feeds) == {"Podcast Index"}
    read = READERS["Podcast Index"]
    assert {key for key, value in read(feeds[0]).items() if value != read(feeds[1]).get(key)} == {"title", "recipients", "value"}


def test_parsers_that_know_live_streams_read_the_show_and_its_episodes_alike(feeds, tmp_path):
    shows = []
    for name, feed in zip(("with.xml", "without.xml"), feeds, strict=True):
        (tmp_path / name).write_bytes(feed)
        shows.append(node_parsers.understood(tmp_path / name))
    streams = {"feedsmith": ("podcast", "liveItems"), "partytime": ("podcastLiveItems",)}
    for parser, path in streams.items():
        with_it, without = (dict(show[parser]) for show in shows)
        if parser == "feedsmith":
            with_it["podcast"] = {key: value for key, value in with_it["podcast"].items() if key != "liveItems"}
            assert shows[0][parser]["podcast"]["liveItems"][0]["contentLinks"][0]["href"] == "https://video.example/live"
        else:
            assert with_it.pop(path[0])[0]["guid"] == "live-1"
            without.pop(path[0], None)
        differing = {key for key in {*with_it, *without} if with_it.get(key) != without.get(key)}
        assert differing <= {"pc20support", "lastUpdate", "itunes", "atom", "summary"}


def test_a_value_that_is_the_shows_is_not_written_again():
    show = make_rich_show()
    (live,) = show.live
    assert live.written.values == show.written.values
    feed = render_feed(show, FeedTable())
    assert etree.fromstring(feed)[0].find(f"{PODCAST}liveItem/{PODCAST}value") is None
