"""Each simulated app takes an item for an episode that it has, or does not, as its own code says."""

from __future__ import annotations

import pytest

from feed.reader import read_feed
from publisher.compare.apps import APPS
from publisher.compare.episodes import read_item
from publisher.compare.matches import match
from tests.support.two_hosts import item, rss

BY_GUID = {"Apple Podcasts", "gPodder", "feedparser", "newsboat", "Podcast Index", "Anytime"}
"""Apps that know an episode by nothing else where it has a guid."""
ALL = {app.name for app in APPS}
MOVED = {"enclosure": "https://new.invalid/1.mp3", "link": "https://new.invalid/1"}


def episode(base, **changed):
    channel = read_feed(rss([item(1, **changed)])).channel
    return read_item(channel.all("item")[0], channel, base)


def twice_in(old, new, *, bases=("https://old.invalid/feed.xml", "https://new.invalid/feed.xml")):
    """The apps in which an item comes again, if all that is said of it here changes from `old` to `new`."""
    found = match([episode(bases[0], **old)], [episode(bases[1], **new)])
    return {name for name, places in found.twice.items() if places}


@pytest.mark.parametrize(
    ("old", "new", "apps"),
    [
        ({}, {}, set()),
        ({}, MOVED, set()),
        ({}, {**MOVED, "date": "01 Jan 2021 10:00:00 +0000", "title": "Other"}, set()),
        ({}, {"guid": "x", "link": "https://new.invalid/1"}, BY_GUID),
        ({}, {**MOVED, "guid": "x"}, BY_GUID | {"Audiobookshelf"}),
        ({"guid": None}, {"guid": None}, set()),
        ({"guid": None}, {**MOVED, "guid": None}, {"gPodder", "newsboat", "Podcast Index", "Audiobookshelf", "Anytime"}),
        ({"guid": None, "link": ""}, {**MOVED, "guid": "https://old.invalid/1.mp3"}, {"newsboat", "Audiobookshelf"}),
        ({"guid": None}, {**MOVED, "guid": "https://old.invalid/1.mp3"}, {"gPodder", "newsboat", "Audiobookshelf"}),
        ({"guid": "\n ep-1 \n"}, MOVED, {"newsboat"}),
        ({"permalink": ""}, MOVED, {"gPodder", "feedparser"}),
        ({"permalink": ' isPermaLink="true"', "guid": "https://old.invalid/1"}, {**MOVED, "guid": "https://old.invalid/1"}, set()),
        ({}, {**MOVED, "guid": "EP-1"}, BY_GUID | {"Audiobookshelf"}),
    ],
)
def test_an_item_comes_twice_where_the_code_of_the_app_says_so(old, new, apps):
    assert twice_in(old, new) == apps


@pytest.mark.parametrize(
    ("changed", "known"),
    [
        ({"title": "Episode “1”"}, False),
        ({"date": "01 Jan 2020 23:00:00 +0000"}, True),
        ({"date": "02 Jan 2020 10:00:00 +0000"}, False),
        ({"more": "<itunes:duration>599</itunes:duration>"}, True),
        ({"more": "<itunes:duration>600</itunes:duration>"}, False),
        ({"type": "audio/mp4"}, True),
        ({"type": "video/mp4"}, False),
    ],
)
def test_antennapod_knows_an_episode_by_title_day_length_and_kind(changed, known):
    found = match([episode("")], [episode("", **MOVED, guid="x", **changed)])
    assert (0 in found.pairs) is known
    assert found.lost == ([] if known else [0])


def test_antennapod_does_not_mind_which_quotes_a_title_has():
    old, new = episode("", title='Say "A" - now'), episode("", **MOVED, guid="x", title="Say “A” — now")
    assert match([old], [new]).twice["AntennaPod"] == []


def test_where_no_address_is_known_no_guid_is_completed():
    assert twice_in({"permalink": ""}, MOVED, bases=("", "")) == set()


def test_one_guid_for_two_episodes_loses_one_of_them_in_every_app():
    old = [episode(""), episode("", guid="ep-2", title="Two", date="02 Jan 2020 10:00:00 +0000", enclosure="https://old.invalid/2.mp3")]
    new = [episode(""), episode("", title="Two", date="02 Jan 2020 10:00:00 +0000", enclosure="https://new.invalid/2.mp3")]
    assert match(old, new).lost == [1]


def test_every_app_names_its_source():
    assert all(app.source for app in APPS)
    assert len(ALL) == len(APPS)
