"""Two parsers by other people understand the feed of a show with every tag as its config and front matter say it."""

from __future__ import annotations

import tomllib

import pytest

from tests.support import node_parsers
from tests.support.every_tag_show import BELL, TEXTS, make_every_tag

CONFIG = tomllib.loads((TEXTS / "config.toml").read_text("utf-8"))
SHOW, PEOPLE = CONFIG["show"], CONFIG["people"]
FRONT = tomllib.loads((TEXTS / BELL / "episode.md").read_text("utf-8").split("+++")[1])


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    folder = tmp_path_factory.mktemp("every") / "show"
    built = make_every_tag(folder).run("build", "--standalone", "--out", str(folder / "site"))
    assert built.status == 0, built.stderr
    return node_parsers.understood(folder / "site" / "feed.xml")


def bell(feed):
    return next(
        item for item in feed["items"] if (item["guid"] if isinstance(item["guid"], str) else item["guid"]["value"]) == FRONT["guid"]
    )


def camel(table, label=""):
    """A table with the names feedsmith gives: itemGuid, and `display` for the text of the element."""
    plain = {key: entry for key, entry in table.items() if not isinstance(entry, (list, dict))}
    return {
        "display" if key == label else key.split("_")[0] + "".join(part.title() for part in key.split("_")[1:]): plain[key] for key in plain
    }


def subset(found, wanted):
    """What of `found` is spoken of in `wanted`, row by row."""
    assert len(found) == len(wanted)
    return [{key: entry.get(key) for key in row} for entry, row in zip(found, wanted, strict=True)]


SHOW_TABLES = [
    ("fundings", [camel(table, "label") for table in SHOW["funding"]]),
    ("locations", [camel(table, "name") for table in SHOW["location"]]),
    ("persons", [{"display": PEOPLE[name]["name"], "role": PEOPLE[name]["role"], "group": "cast"} for name in SHOW["hosts"]]),
    ("remoteItems", [camel(table) for table in SHOW["remote_items"]]),
    ("blocks", [{"id": "amazon", "value": True}, {"value": False}]),
    ("images", [{"alt": SHOW["artwork_alt"]}, *({"alt": table["alt"], "purpose": table["purpose"]} for table in SHOW["images"])]),
    ("values", [{"type": SHOW["value"]["type"], "method": SHOW["value"]["method"], "suggested": float(SHOW["value"]["suggested"])}]),
    (
        "txts",
        [
            {"display": SHOW["verify"]["apple"], "purpose": "applepodcastsverify"},
            {"display": SHOW["verify"]["other"][0], "purpose": "verify"},
            {"display": "true", "purpose": "ai-content"},
            *(camel(table, "text") for table in SHOW["txt"]),
        ],
    ),
    ("trailers", [{"display": "What will ring", "season": 1}, {"display": SHOW["title"], "url": SHOW["trailer"]}]),
    ("liveItems", [{"status": "pending", "start": "2026-07-01T19:00:00+02:00", "end": "2026-07-01T20:30:00+02:00"}]),
]
EPISODE_TABLES = [
    ("soundbites", [camel(table, "title") for table in FRONT["soundbites"]]),
    ("locations", [camel(table, "name") for table in FRONT["location"]]),
    ("txts", [camel(table, "text") for table in FRONT["txt"]]),
    ("persons", [{"display": "Ada Field"}, {"display": "Mira & Co", "role": "sound designer"}, {"display": "Otto Klang", "role": "guest"}]),
    ("socialInteracts", [{"uri": FRONT["fediverse"], "protocol": "activitypub"}, camel(FRONT["social"][0])]),
    (
        "alternateEnclosures",
        [{key: table[key] for key in table if key not in {"file", "url", "integrity", "sources"}} for table in FRONT["alternates"]],
    ),
    ("transcripts", [{"type": kind} for kind in 2 * ("text/vtt", "application/json", "application/x-subrip", "text/plain")]),
    ("images", [{"alt": FRONT["cover_alt"]}, {"alt": FRONT["images"][0]["alt"], "width": 1200, "height": 600}]),
]


@pytest.mark.parametrize(("name", "wanted"), SHOW_TABLES, ids=[name for name, _ in SHOW_TABLES])
def test_feedsmith_reads_the_show_s_tables(heard, name, wanted):
    assert subset(heard["feedsmith"]["podcast"][name], wanted) == wanted


@pytest.mark.parametrize(("name", "wanted"), EPISODE_TABLES, ids=[name for name, _ in EPISODE_TABLES])
def test_feedsmith_reads_an_episode_s_tables(heard, name, wanted):
    assert subset(bell(heard["feedsmith"])["podcast"][name], wanted) == wanted


def test_feedsmith_reads_what_stands_once(heard):
    feed = heard["feedsmith"]
    show, item = feed["podcast"], bell(feed)
    assert [feed["title"], feed["link"], feed["language"], feed["itunes"]["author"]] == [
        SHOW[key] for key in ("title", "link", "language", "author")
    ]
    assert show["guid"] == SHOW["guid"]
    assert show["locked"] == {"value": True, "owner": SHOW["owner"]["email"]}
    assert show["medium"] == SHOW["medium"]
    assert show["license"] == {"display": "CC-BY-4.0", "url": SHOW["license"]["url"]}
    assert show["updateFrequency"] == camel(SHOW["update_frequency"], "text")
    assert show["chat"] == camel(SHOW["chat"])
    assert show["publisher"]["remoteItem"] == camel(SHOW["publisher"])
    assert show["podroll"]["remoteItems"] == [camel(table) for table in SHOW["podroll"]]
    assert show["podping"] == {"usesPodping": True}
    assert show["values"][0]["valueRecipients"] == [camel(table) for table in SHOW["value"]["recipients"]]
    page = {"href": CONFIG["live"][0]["link"], "display": CONFIG["live"][0]["title"]}
    assert show["liveItems"][0]["contentLinks"] == [camel(CONFIG["live"][0]["content_links"][0], "label"), page]
    assert item["podcast"]["season"] == {"number": 1, "name": CONFIG["seasons"]["1"]["name"]}
    assert item["podcast"]["episode"] == {"number": 1, "display": FRONT["episode_display"]}
    assert item["podcast"]["license"] == camel(FRONT["license"], "id")
    assert item["podcast"]["chat"] == camel(FRONT["chat"])
    splits = item["podcast"]["values"][0]["valueTimeSplits"]
    assert splits[0]["remoteItem"] == camel(FRONT["value"]["time_splits"][0]["remote_item"])
    assert splits[1]["valueRecipients"] == [camel(table) for table in FRONT["value"]["time_splits"][1]["recipients"]]
    assert [chapter["title"] for chapter in item["psc"]["chapters"]] == [table["title"] for table in FRONT["chapters"]]


def test_feedsmith_reads_the_live_stream(heard):
    (live,) = heard["feedsmith"]["podcast"]["liveItems"]
    table = CONFIG["live"][0]
    assert live["locations"] == [camel(place, "name") for place in table["location"]]
    assert live["license"] == camel(table["license"], "id")
    assert live["images"] == [{"href": table["image"]}, *(camel(image) for image in table["images"])]
    assert live["txts"] == [camel(txt, "text") for txt in table["txt"]]
    assert live["socialInteracts"] == [camel(post) for post in table["social"]]
    assert live["chat"] == camel(table["chat"])
    (value,) = live["values"]
    assert value["valueRecipients"] == [camel(row) for row in table["value"]["recipients"]]
    (split,) = table["value"]["time_splits"]
    assert value["valueTimeSplits"] == [camel(split) | {"valueRecipients": [camel(row) for row in split["recipients"]]}]
    assert [person["display"] for person in live["persons"]] == [PEOPLE["ada"]["name"], PEOPLE["mira"]["name"], "Otto Klang"]
    assert live["season"] == {"number": 2, "name": CONFIG["seasons"]["2"]["name"]}
    assert live["episode"] == {"number": 2.5, "display": table["episode_display"]}
    assert live["soundbites"] == [camel(bite, "title") for bite in table["soundbites"]]
    assert [place["sources"] for place in live["alternateEnclosures"]] == [[{"uri": row["url"]}] for row in (table, *table["alternates"])]


def test_both_read_a_number_between_two_episodes(heard):
    for name, where in (("feedsmith", lambda item: item["podcast"]["episode"]), ("partytime", lambda item: item["podcastEpisode"])):
        (second,) = [item for item in heard[name]["items"] if item["title"] == "The Second Bell"]
        assert where(second) == {"number": 2.5}
        assert "itunesEpisode" not in second and "episode" not in second.get("itunes", {})


def test_both_read_every_place_of_an_alternate(heard):
    table = FRONT["alternates"][2]
    places = [{"uri": table["url"]}, *table["sources"]]
    read = bell(heard["feedsmith"])["podcast"]["alternateEnclosures"][2]["sources"]
    assert read == [camel(place) for place in places]
    assert [place["uri"] for place in bell(heard["partytime"])["alternativeEnclosures"][2]["source"]] == [place["uri"] for place in places]


def test_partytime_reads_the_show(heard):
    feed = heard["partytime"]
    assert [feed[key] for key in ("title", "link", "language", "author", "guid", "medium")] == [
        SHOW[key] for key in ("title", "link", "language", "author", "guid", "medium")
    ]
    assert (feed["locked"], feed["podcastOwner"], feed["itunesComplete"], feed["itunesType"]) == (
        True,
        SHOW["owner"]["email"],
        True,
        "serial",
    )
    assert feed["podcastFunding"] == [{"message": table["label"], "url": table["url"]} for table in SHOW["funding"]]
    assert feed["podcastLocation"] == {key: SHOW["location"][0][key] for key in ("name", "osm", "geo")}
    assert [person["name"] for person in feed["podcastPeople"]] == [PEOPLE[name]["name"] for name in SHOW["hosts"]]
    assert feed["license"] == {"identifier": "CC-BY-4.0", "url": SHOW["license"]["url"]}
    assert [row["address"] for row in feed["value"]["recipients"]] == [table["address"] for table in SHOW["value"]["recipients"]]
    assert feed["podcastBlockedPlatforms"] == {"amazon": True}
    assert feed["podroll"] == [camel(table) for table in SHOW["podroll"]]
    assert feed["podcastPublisher"] == {key: entry for key, entry in camel(SHOW["publisher"]).items() if key != "medium"}
    (live,), table = feed["podcastLiveItems"], CONFIG["live"][0]
    assert [live[key] for key in ("guid", "title", "status")] == [table[key] for key in ("guid", "title", "status")]
    assert [person["name"] for person in live["podcastPeople"]] == [PEOPLE["ada"]["name"], PEOPLE["mira"]["name"], "Otto Klang"]
    (split,) = table["value"]["time_splits"]
    (read,) = live["value"]["valueTimeSplits"]
    assert [read[key] for key in ("startTime", "duration")] == [split["start_time"], split["duration"]]
    assert [row["address"] for row in read["recipients"]] == [row["address"] for row in split["recipients"]]
    links = [{"title": link["label"], "url": link["href"]} for link in table["content_links"]]
    assert live["contentLinks"] == [*links, {"title": table["title"], "url": table["link"]}]
    assert feed["podcastSeasons"]["2"]["name"] == CONFIG["seasons"]["2"]["name"]
    assert feed["pubsub"]["hub"] == CONFIG["feed"]["hubs"][0]


def test_partytime_reads_an_episode(heard):
    item = bell(heard["partytime"])
    assert item["title"] == FRONT["title"]
    assert (item["duration"], item["explicit"], item["itunesEpisode"], item["itunesSeason"]) == (30, True, 1, 1)
    assert [bite["startTime"] for bite in item["podcastSoundbites"]] == [table["start_time"] for table in FRONT["soundbites"]]
    assert [person["name"] for person in item["podcastPeople"]] == ["Ada Field", "Mira & Co", "Otto Klang"]
    assert item["license"] == {"identifier": FRONT["license"]["id"], "url": FRONT["license"]["url"]}
    assert [alternate["title"] for alternate in item["alternativeEnclosures"]] == [table["title"] for table in FRONT["alternates"]]
    assert item["value"]["valueTimeSplits"][0]["remoteItem"]["itemGuid"] == "song-1"
    assert [post["url"] for post in item["podcastSocialInteraction"]] == [FRONT["fediverse"], FRONT["social"][0]["uri"]]
    assert item["podcastChapters"]["type"] == "application/json+chapters"
    assert item["podcastEpisode"] == {"number": 1, "display": FRONT["episode_display"]}
