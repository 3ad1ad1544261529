"""Every tag of the feed, as an app reads it back."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from feed.model import Chapter, Enclosure, LiveItem, Person
from feed.podcasting20.word_lists import SERVICES
from feed.rss import EXTENSIONS, render_feed
from feed.schema.live import LiveItemTable
from feed.schema.show import FeedTable
from tests.support.feed_samples import NAMESPACES, make_episode, make_rich_show, make_show, parse

SETTINGS = FeedTable(hubs=("https://hub.example/", "https://hub2.example/"), new_feed_url="https://show.example/feed.xml")


@pytest.fixture(scope="module")
def channel():
    return parse(render_feed(make_rich_show(), SETTINGS))


def shape(element):
    """An element as (text, attributes, children), order of attributes aside."""
    return ((element.text or "").strip(), dict(element.attrib), [(child.tag.rpartition("}")[2], *shape(child)[:2]) for child in element])


def found(parent, path):
    return [shape(element) for element in parent.findall(path, NAMESPACES)]


def leaf(text="", **attributes):
    return (text, {name.replace("__", "-"): value for name, value in attributes.items()}, [])


REMOTE = {"feedGuid": "917393e3-1b1e-5cef-ace4-edaa54e1f810", "feedUrl": "https://other.example/feed.xml", "title": "Other"}
ANNA = leaf("Anna Lind", role="host", group="cast", img="https://show.example/art/anna.jpg", href="https://anna.example/")
RECIPIENTS = [
    (
        "valueRecipient",
        "",
        {"name": "Anna", "type": "node", "address": "02d5", "customKey": "696969", "customValue": "abc", "split": "99"},
    ),
    ("valueRecipient", "", {"type": "lnaddress", "address": "fee@show.example", "split": "1", "fee": "true"}),
]
VALUE = {"type": "lightning", "method": "keysend", "suggested": "0.00000005"}

CHANNEL_TAGS = {
    "title": [leaf("Bread & Butter")],
    "link": [leaf("https://show.example/index.html")],
    "description": [leaf("A show about bread.\n\nThe voices of this show are synthetic.")],
    "itunes:summary": [leaf("A show about bread.\n\nThe voices of this show are synthetic.")],
    "atom:id": [leaf("urn:uuid:9b024349-ccf0-5f69-a609-6b82873eab3c")],
    "language": [leaf("en")],
    "copyright": [leaf("Anna Lind")],
    "generator": [leaf("Airdate")],
    "lastBuildDate": [leaf("Sun, 04 Jan 2026 06:00:00 +0000")],
    "image/url": [leaf("https://show.example/art/artwork-00c0ffee.jpg")],
    "image/title": [leaf("Bread & Butter")],
    "image/link": [leaf("https://show.example/index.html")],
    "atom:link": [
        leaf(rel="self", href="https://show.example/feed.xml", type="application/rss+xml"),
        leaf(rel="hub", href="https://hub.example/"),
        leaf(rel="hub", href="https://hub2.example/"),
        leaf(rel="payment", href="https://pay.example/"),
    ],
    "itunes:author": [leaf("Anna Lind")],
    "itunes:image": [leaf(href="https://show.example/art/artwork-00c0ffee.jpg")],
    "itunes:category": [("", {"text": "Arts"}, [("category", "", {"text": "Food"})]), ("", {"text": "Technology"}, [])],
    "itunes:explicit": [leaf("false")],
    "itunes:type": [leaf("serial")],
    "itunes:owner/itunes:name": [leaf("Anna Lind")],
    "itunes:owner/itunes:email": [leaf("anna@show.example")],
    "itunes:title": [leaf("Bread")],
    "itunes:new-feed-url": [leaf("https://show.example/feed.xml")],
    "podcast:guid": [leaf("9b024349-ccf0-5f69-a609-6b82873eab3c")],
    "podcast:medium": [leaf("podcast")],
    "podcast:locked": [leaf("yes", owner="anna@show.example")],
    "podcast:funding": [leaf("Buy us flour", url="https://pay.example/"), leaf("Support the show", url="https://pay.example/more")],
    "podcast:txt": [
        leaf("05124", purpose="applepodcastsverify"),
        leaf("S6lpp-7ZCn8-dZfGc-OoyaG", purpose="verify"),
        leaf("true", purpose="ai-content"),
        leaf("naj3eEZaWVVY9a38uhX8FekACyhtqP4JN"),
        leaf("a release note", purpose="release"),
    ],
    "podcast:person": [ANNA],
    "podcast:location": [leaf("Gdańsk", rel="creator", geo="geo:54.35,18.65", osm="R1569251", country="PL")],
    "podcast:license": [leaf("CC-BY-4.0")],
    "podcast:trailer": [
        leaf(
            "Rye, part 2",
            pubdate="Sat, 03 Jan 2026 06:00:00 +0000",
            url="https://show.example/media/episode-2-00c0ffee.mp3",
            length="1234567",
            type="audio/mpeg",
            season="2",
        ),
        leaf("Bread & Butter", pubdate="Tue, 01 Jul 2025 00:00:00 +0200", url="https://show.example/media/hello.mp3"),
    ],
    "podcast:image": [
        leaf(
            href="https://show.example/art/artwork-00c0ffee.jpg",
            alt="A loaf",
            aspect__ratio="1/1",
            width="3000",
            height="3000",
            type="image/jpeg",
            purpose="artwork",
        ),
        leaf(
            href="https://show.example/art/wide.webp", aspect__ratio="16/9", width="1600", height="900", type="image/webp", purpose="banner"
        ),
    ],
    "podcast:updateFrequency": [leaf("weekly, ten times", rrule="FREQ=WEEKLY;COUNT=10", dtstart="2026-01-01", complete="false")],
    "podcast:podroll": [("", {}, [("remoteItem", "", REMOTE)])],
    "podcast:remoteItem": [leaf(**REMOTE, medium="music")],
    "podcast:publisher": [
        (
            "",
            {},
            [
                (
                    "remoteItem",
                    "",
                    {
                        "feedGuid": "003af0a0-6a45-55cf-b765-68e3d349551a",
                        "feedUrl": "https://publisher.example/feed.xml",
                        "medium": "publisher",
                    },
                )
            ],
        )
    ],
    "podcast:socialInteract": [leaf(protocol="activitypub", uri="https://social.example/@bread/1", priority="1")],
    "podcast:chat": [leaf(server="jabber.example", protocol="xmpp", accountId="anna@jabber.example", space="bread@muc.example")],
    "podcast:podping": [leaf(usesPodping="true")],
    "podcast:block": [leaf("yes"), leaf("no", id="google")],
    "podcast:value": [("", VALUE, RECIPIENTS)],
    "podcast:liveItem/title": [leaf("Baking live")],
    "podcast:liveItem/content:encoded": [leaf("<p>We bake.</p>")],
    "podcast:liveItem/description": [],
    "podcast:liveItem/link": [],
    "podcast:liveItem/guid": [leaf("live-1", isPermaLink="false")],
    "podcast:liveItem/enclosure": [leaf(url="https://stream.example/live.mp3", length="0", type="audio/mpeg")],
    "podcast:liveItem/itunes:explicit": [],
    "podcast:liveItem/itunes:season": [],
    "podcast:liveItem/itunes:episode": [],
    "podcast:liveItem/podcast:season": [leaf("2", name="Of Rye")],
    "podcast:liveItem/podcast:episode": [leaf("4.5", display="Ch. 4½")],
    "podcast:liveItem/podcast:transcript": [],
    "podcast:liveItem/podcast:chapters": [],
    "podcast:liveItem/podcast:soundbite": [leaf("Kneading", startTime="73.5", duration="60")],
    "podcast:liveItem/podcast:value": [],
    "podcast:liveItem/itunes:image": [],
    "podcast:liveItem/podcast:image": [leaf(href="https://show.example/art/live.jpg")],
    "podcast:liveItem/podcast:person": [ANNA, leaf("Ben Ort", role="guest", group="cast")],
    "podcast:liveItem/podcast:alternateEnclosure": [
        ("", {"type": "audio/mpeg", "length": "0", "default": "true"}, [("source", "", {"uri": "https://stream.example/live.mp3"})])
    ],
    "podcast:liveItem/podcast:contentLink": [
        leaf("Watch live", href="https://video.example/live"),
        leaf("Baking live", href="https://show.example/live.html"),
    ],
    "podcast:liveItem/podcast:chat": [leaf(server="irc.example", protocol="irc", space="#bread")],
}

ITEM_TAGS = {
    "title": [leaf("Rye, part 3")],
    "link": [leaf("https://show.example/episodes/episode-3.html")],
    "description": [leaf("Summary")],
    "content:encoded": [leaf("<p>Notes &amp; <a href='https://a.example/'>links</a></p>")],
    "dc:creator": [leaf("Ewa Mąka")],
    "itunes:author": [leaf("Ewa Mąka")],
    "guid": [leaf("7c9e6679-7425-40de-944b-000000000003", isPermaLink="false")],
    "comments": [leaf("https://social.example/@bread/110")],
    "enclosure": [leaf(url="https://show.example/media/episode-3-00c0ffee.mp3", length="1234567", type="audio/mpeg")],
    "pubDate": [leaf("Sun, 04 Jan 2026 06:00:00 +0000")],
    "itunes:title": [leaf("Rye for Apple")],
    "itunes:duration": [leaf("1152")],
    "itunes:episode": [leaf("4")],
    "itunes:season": [leaf("2")],
    "itunes:episodeType": [leaf("bonus")],
    "itunes:explicit": [leaf("true")],
    "itunes:image": [leaf(href="https://show.example/art/rye-11223344.jpg")],
    "itunes:block": [leaf("Yes")],
    "podcast:season": [leaf("2", name="Of Rye")],
    "podcast:episode": [leaf("4", display="Ch. 4")],
    "podcast:transcript": [
        leaf(url="https://show.example/e/transcript-1.vtt", type="text/vtt", language="en", rel="captions"),
        leaf(url="https://show.example/e/transcript-1.html", type="text/html"),
    ],
    "podcast:chapters": [leaf(url="https://show.example/e/chapters-1.json", type="application/json+chapters")],
    "podcast:person": [ANNA, leaf("Ben Ort", role="guest", group="cast")],
    "podcast:soundbite": [leaf("Why rye", startTime="73.5", duration="60"), leaf(startTime="200", duration="15.25")],
    "podcast:location": [leaf("Kraków", rel="subject", country="PL")],
    "podcast:license": [leaf("my-own", url="https://show.example/licence")],
    "podcast:funding": [leaf("Rye", url="https://pay.example/rye")],
    "podcast:alternateEnclosure": [
        (
            "",
            {
                "type": "video/mp4",
                "length": "7924786",
                "bitrate": "511276",
                "height": "720",
                "lang": "en",
                "title": "Video",
                "rel": "video",
                "codecs": "avc1.4d401f",
            },
            [
                ("source", "", {"uri": "https://show.example/media/rye.mp4"}),
                ("integrity", "", {"type": "sri", "value": "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}),
            ],
        ),
        (
            "",
            {"type": "audio/ogg", "default": "true"},
            [
                ("source", "", {"uri": "https://show.example/media/rye.opus"}),
                ("integrity", "", {"type": "sri", "value": "sha384-AAAA"}),
            ],
        ),
    ],
    "podcast:socialInteract": [
        leaf(
            protocol="activitypub",
            uri="https://social.example/@bread/110",
            accountId="@bread@social.example",
            accountUrl="https://social.example/@bread",
        ),
        leaf(protocol="matrix", uri="matrix:r/bread:example", accountId="@bread:example", priority="2"),
    ],
    "podcast:chat": [leaf(server="irc.example", protocol="irc")],
    "podcast:image": [
        leaf(
            href="https://show.example/art/rye-11223344.jpg",
            alt="Rye in a field",
            aspect__ratio="1/1",
            width="1400",
            height="1400",
            type="image/jpeg",
            purpose="artwork",
        ),
        leaf(href="https://show.example/art/rye.jpg", alt="Rye", aspect__ratio="16/9"),
    ],
    "podcast:txt": [leaf("hello", purpose="release")],
    "podcast:contentLink": [leaf("Watch", href="https://video.example/1")],
    "podcast:value": [
        (
            "",
            VALUE,
            [
                *RECIPIENTS,
                ("valueTimeSplit", "", {"startTime": "60", "duration": "237.5", "remoteStartTime": "0", "remotePercentage": "95"}),
                ("valueTimeSplit", "", {"startTime": "330", "duration": "53"}),
            ],
        )
    ],
    "podcast:value/podcast:valueTimeSplit/podcast:remoteItem": [leaf(**REMOTE, itemGuid="x")],
    "podcast:value/podcast:valueTimeSplit/podcast:valueRecipient": [leaf(type="node", address="03ae", split="5")],
    "psc:chapters": [
        (
            "",
            {"version": "1.2"},
            [
                ("chapter", "", {"start": "00:00:00.000", "title": "Start"}),
                (
                    "chapter",
                    "",
                    {
                        "start": "00:01:01.500",
                        "title": "Flour & water",
                        "href": "https://flour.example/?a=1&b=2",
                        "image": "https://show.example/art/flour.jpg",
                    },
                ),
                ("chapter", "", {"start": "01:01:01.250", "title": "End"}),
            ],
        )
    ],
}


@pytest.mark.parametrize("path", CHANNEL_TAGS)
def test_channel_tag_reads_back_as_it_was_written(channel, path):
    assert found(channel, path) == CHANNEL_TAGS[path]


@pytest.mark.parametrize("path", ITEM_TAGS)
def test_item_tag_reads_back_as_it_was_written(channel, path):
    assert found(channel.find("item"), path) == ITEM_TAGS[path]


def test_live_item_says_when_and_where_it_stands(channel):
    assert dict(channel.find("podcast:liveItem", NAMESPACES).attrib) == {
        "status": "live",
        "start": "2026-02-01T20:00:00+02:00",
        "end": "2026-02-01T21:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("key", "value", "good"),
    [
        ("image", "live.png", "https://show.example/live.png"),
        ("transcripts", [{"url": "live.vtt", "type": "text/vtt"}], [{"url": "https://show.example/live.vtt", "type": "text/vtt"}]),
        ("chapters", "live.json", "https://show.example/live.json"),
        ("images", [{"href": "wide.png"}], [{"href": "https://show.example/wide.png"}]),
        ("alternates", [{"file": "live.mp4"}], [{"url": "https://show.example/live.m3u8", "type": "application/x-mpegURL"}]),
    ],
)
def test_a_live_stream_takes_addresses_and_no_files(key, value, good):
    table = make_rich_show().live[0].written.model_dump(exclude_none=True, by_alias=True)
    assert LiveItemTable.model_validate(table | {key: good})
    with pytest.raises(ValidationError):
        LiveItemTable.model_validate(table | {key: value})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("link", "live.html"),
        ("season", 1.5),
        ("episode", 0),
        ("explicit", "clean"),
        ("hosts", "anna"),
        ("guests", [""]),
        ("transcripts", [{"url": "https://stream.example/live.vtt"}]),
        ("transcripts", [{"url": "https://stream.example/live.vtt", "type": "text/vtt", "rel": "subtitles"}]),
        ("soundbites", [{"start_time": 5, "duration": 0}]),
    ],
)
def test_what_a_live_stream_cannot_say(key, value):
    table = make_rich_show().live[0].written.model_dump(exclude_none=True, by_alias=True)
    with pytest.raises(ValidationError, match=key):
        LiveItemTable.model_validate(table | {key: value})


def test_a_live_stream_that_says_nothing_states_nothing():
    keys = ("title", "status", "start", "guid", "url", "content_links")
    rich = make_rich_show().live[0].written.model_dump(by_alias=True)
    live = LiveItem(written=LiveItemTable.model_validate({key: rich[key] for key in keys}))
    (item,) = parse(render_feed(make_show(live=(live,)), FeedTable())).findall("podcast:liveItem", NAMESPACES)
    assert [child.tag.rpartition("}")[2] for child in item] == ["title", "guid", "enclosure", "alternateEnclosure", "contentLink"]


@pytest.mark.parametrize(
    ("written", "text", "whole"),
    [
        (3, "3", "3"),
        (3.0, "3", "3"),
        (3.5, "3.5", None),
        (0.25, "0.25", None),
        (1e3, "1000", "1000"),
        (2**53 - 1, str(2**53 - 1), str(2**53 - 1)),
    ],
)
def test_an_episode_s_number_may_lie_between_two_whole_ones(written, text, whole):
    episode = make_episode(written={"episode": written, "episode_display": "Ch. X"})
    item = parse(render_feed(make_show(episode), FeedTable())).find("item")
    assert found(item, "podcast:episode") == [leaf(text, display="Ch. X")]
    assert item.findtext("itunes:episode", namespaces=NAMESPACES) == whole


@pytest.mark.parametrize("written", [0, -1, -0.5, 3.125, 1e-9, 1e300, float("nan"), float("inf"), "three", "3,5"])
def test_an_episode_s_number_is_positive_and_has_two_decimals_at_most(written):
    with pytest.raises(ValidationError):
        make_episode(written={"episode": written})


@pytest.mark.parametrize(
    ("integrity", "kind"), [("sha384-AAAA", "sri"), ("-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----", "pgp-signature")]
)
def test_an_alternate_may_be_signed_instead_of_hashed(integrity, kind):
    video = Enclosure(url="https://show.example/a.mp4", length=9, type="video/mp4", duration=0, integrity=integrity)
    item = parse(render_feed(make_show(make_episode(alternates=(video,))), FeedTable())).find("item")
    assert item.find("podcast:alternateEnclosure/podcast:integrity", NAMESPACES).attrib == {"type": kind, "value": integrity}


def test_a_show_may_be_paid_in_several_ways():
    ways = [
        {"type": kind, "method": method, "recipients": [{"type": "node", "address": "02d5", "split": 1}]}
        for kind, method in (("lightning", "keysend"), ("bitcoin", "amp"))
    ]
    channel = parse(render_feed(make_show(make_episode(written={"value": ways[0]}), written={"value": ways}), FeedTable()))
    assert [(node.get("type"), node.get("method")) for node in channel.findall("podcast:value", NAMESPACES)] == [
        ("lightning", "keysend"),
        ("bitcoin", "amp"),
    ]
    assert len(channel.findall("item/podcast:value", NAMESPACES)) == 1


def test_every_element_written_is_in_the_tables_above(channel):
    """A new tag gets a line there."""
    known = {path.rpartition("/")[2] for path in (*CHANNEL_TAGS, *ITEM_TAGS)}
    known |= {path.partition("/")[0] for path in (*CHANNEL_TAGS, *ITEM_TAGS)} | {"item", "docs", "psc:chapter"}
    known |= {"podcast:source", "podcast:integrity", "podcast:valueRecipient", "podcast:valueTimeSplit"}
    written = set()
    for element in channel.iterdescendants():
        uri, _, name = element.tag.rpartition("}")
        prefix = next((prefix for prefix, address in NAMESPACES.items() if address == uri[1:]), "")
        written.add(f"{prefix}:{name}" if prefix else name)
    assert written <= known


def test_plain_show_writes_nothing_it_was_not_told():
    channel = parse(render_feed(make_show(make_episode()), FeedTable()))
    names = {element.tag.rpartition("}")[2] for element in channel}
    assert names == {
        *("title", "link", "description", "docs", "generator", "image", "language", "lastBuildDate"),
        *("author", "category", "explicit", "type", "guid", "medium", "locked", "person", "item"),
    }
    item_names = {element.tag.rpartition("}")[2] for element in channel.find("item")}
    assert item_names == {
        *("title", "link", "description", "encoded", "guid", "enclosure", "pubDate", "creator"),
        *("duration", "episodeType", "explicit", "person"),
    }


def test_psp1_required_and_recommended_tags_are_all_there():
    """Podcast Standards Project, PSP-1."""
    channel = parse(render_feed(make_rich_show(), FeedTable()))
    for path in ("atom:link[@rel='self']", "title", "description", "link", "language", "itunes:category", "itunes:explicit"):
        assert channel.find(path, NAMESPACES) is not None, path
    for path in ("itunes:image[@href]", "podcast:locked", "podcast:guid", "itunes:author"):
        assert channel.find(path, NAMESPACES) is not None, path
    item = channel.find("item")
    for path in ("title", "enclosure[@url][@length][@type]", "guid", "link", "pubDate", "description", "itunes:duration"):
        assert item.find(path, NAMESPACES) is not None, path
    for path in ("itunes:image[@href]", "itunes:explicit", "podcast:transcript[@url][@type]"):
        assert item.find(path, NAMESPACES) is not None, path


def test_namespaces_are_declared_once_at_the_root_with_their_usual_prefixes():
    feed = render_feed(make_rich_show(), FeedTable())
    root = parse(feed).getparent()
    assert root.tag == "rss"
    assert root.get("version") == "2.0"
    assert root.nsmap == NAMESPACES
    assert feed.count(b"xmlns") == len(NAMESPACES)


def test_feed_declares_utf_8_and_is_written_in_it():
    feed = render_feed(make_show(written={"title": "Grüße"}), FeedTable())
    assert feed.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<rss ")
    assert "Grüße".encode() in feed


def test_notes_come_after_the_description():
    names = [element.tag.rpartition("}")[2] for element in parse(render_feed(make_rich_show(), FeedTable())).find("item")]
    assert names.index("description") < names.index("encoded")


def test_owner_who_did_not_agree_is_nowhere_in_the_feed():
    written = {"owner": {"name": "Secret Anna", "email": "anna@private.example"}}
    assert b"private.example" not in render_feed(make_show(written=written), FeedTable())
    assert b"Secret" not in render_feed(make_show(written=written), FeedTable())


@pytest.mark.parametrize("written", [{"block": False, "complete": False}, {}])
def test_block_and_complete_are_only_written_when_true(written):
    assert b"itunes:block" not in render_feed(make_show(make_episode(), written=written), FeedTable())
    assert b"itunes:complete" not in render_feed(make_show(make_episode(), written=written), FeedTable())


def test_blocked_and_completed_show_says_yes():
    channel = parse(render_feed(make_show(written={"block": True, "complete": True}), FeedTable()))
    assert found(channel, "itunes:block") == [leaf("Yes")]
    assert found(channel, "itunes:complete") == [leaf("Yes")]


def test_show_that_moved_points_to_its_new_host():
    channel = parse(render_feed(make_show(), FeedTable(moved_to="https://new.example/rss", new_feed_url="https://show.example/feed.xml")))
    assert found(channel, "itunes:new-feed-url") == [leaf("https://new.example/rss")]


@pytest.mark.parametrize(
    ("comments", "fediverse", "expected", "protocols"),
    [
        (None, None, [], []),
        (True, None, [leaf("https://show.example/episodes/episode-1.html")], []),
        ("https://talk.example/", None, [leaf("https://talk.example/")], []),
        (None, "https://social.example/@a/1", [leaf("https://social.example/@a/1")], ["activitypub", "nostr"]),
        (False, "https://social.example/@a/1", [], ["disabled"]),
    ],
)
def test_comments_lead_where_people_are_asked_to_comment(comments, fediverse, expected, protocols):
    social = [{"protocol": "nostr", "uri": "nostr:1"}] if fediverse else []
    episode = make_episode(written={"comments": comments, "fediverse": fediverse, "social": social})
    item = parse(render_feed(make_show(episode), FeedTable())).find("item")
    assert found(item, "comments") == expected
    assert [element.get("protocol") for element in item.findall("podcast:socialInteract", NAMESPACES)] == protocols


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        (None, "https://show.example/episodes/episode-1.html#comments"),
        (True, "https://show.example/episodes/episode-1.html#comments"),
        ("https://talk.example/", "https://talk.example/"),
        (False, None),
    ],
)
def test_comments_lead_to_those_on_the_page_where_it_takes_them(comments, expected):
    written = {"comments": comments, "fediverse": "https://social.example/@a/1"}
    episode = make_episode(written=written, discussion="https://show.example/episodes/episode-1.html#comments")
    item = parse(render_feed(make_show(episode), FeedTable())).find("item")
    assert found(item, "comments") == ([leaf(expected)] if expected else [])


def test_disabled_comments_carry_no_other_attribute():
    episode = make_episode(written={"social": [{"protocol": "disabled", "uri": "https://x.example/", "account_id": "@a", "priority": 1}]})
    item = parse(render_feed(make_show(episode), FeedTable())).find("item")
    assert found(item, "podcast:socialInteract") == [leaf(protocol="disabled")]


@pytest.mark.parametrize("address", ["https://social.example/p/1", "https://[/@/", "https://social.example/@anna"])
def test_fediverse_post_whose_author_cannot_be_told_is_written_without(address):
    item = parse(render_feed(make_show(make_episode(written={"fediverse": address})), FeedTable())).find("item")
    assert found(item, "podcast:socialInteract") == [leaf(protocol="activitypub", uri=address)]


GUEST = Person(name="Cleo", role="guest")
OTHER_HOST = Person(name="Dora")


@pytest.mark.parametrize(
    ("written", "people", "names", "creator"),
    [
        ({}, (), ["Anna Lind"], "Anna Lind"),
        ({}, (GUEST,), ["Anna Lind", "Cleo"], "Anna Lind"),
        ({"hosts": ["dora"]}, (OTHER_HOST, GUEST), ["Dora", "Cleo"], "Dora"),
        ({"hosts": []}, (GUEST,), ["Cleo"], "Anna Lind"),
        ({}, (OTHER_HOST, GUEST), ["Anna Lind", "Dora", "Cleo"], "Anna Lind, Dora"),
    ],
)
def test_hosts_are_written_beside_an_episodes_own_people(written, people, names, creator):
    item = parse(render_feed(make_show(make_episode(written=written, people=people)), FeedTable())).find("item")
    assert [element.text for element in item.findall("podcast:person", NAMESPACES)] == names
    assert item.findtext("dc:creator", namespaces=NAMESPACES) == creator


@pytest.mark.parametrize(
    ("own", "expected"),
    [(None, "false"), (True, "true"), (False, "false")],
)
def test_episodes_own_word_on_explicit_wins_over_the_shows(own, expected):
    item = parse(render_feed(make_show(make_episode(written={"explicit": own})), FeedTable())).find("item")
    assert item.findtext("itunes:explicit", namespaces=NAMESPACES) == expected


@pytest.mark.parametrize(
    ("prefix", "url", "expected"),
    [
        (None, "https://show.example/a.mp3", "https://show.example/a.mp3"),
        ("https://op3.dev/e/", "https://show.example/a.mp3", "https://op3.dev/e/show.example/a.mp3"),
        ("https://op3.dev/e", "https://show.example/a.mp3", "https://op3.dev/e/show.example/a.mp3"),
        ("https://op3.dev/e/", "http://show.example/a.mp3", "https://op3.dev/e/http://show.example/a.mp3"),
        ("https://op3.dev/e/", "https://op3.dev/e/show.example/a.mp3", "https://op3.dev/e/show.example/a.mp3"),
    ],
)
def test_measurement_prefix_goes_before_the_enclosure_and_touches_no_identity(prefix, url, expected):
    episode = make_episode(enclosure=Enclosure(url=url, length=1, type="audio/mpeg", duration=1))
    item = parse(render_feed(make_show(episode), FeedTable(enclosure_prefix=prefix))).find("item")
    assert item.find("enclosure").get("url") == expected
    assert item.findtext("guid") == episode.guid


def test_only_the_newest_items_keep_their_notes_when_told_so():
    chapters = (Chapter(start=0, title="One"),)
    show = make_show(*(make_episode(count, chapters=chapters) for count in (3, 2, 1)))
    items = parse(render_feed(show, FeedTable(full_notes=2))).findall("item")
    assert [item.find("content:encoded", NAMESPACES) is not None for item in items] == [True, True, False]
    assert [item.find("psc:chapters", NAMESPACES) is not None for item in items] == [True, True, False]
    assert [item.findtext("description") for item in items] == ["Summary"] * 3


@pytest.mark.parametrize(
    ("ai", "description", "expected"),
    [
        ({"content": True, "disclosure": "Made by machines."}, "About.", "About.\n\nMade by machines."),
        ({"content": True, "disclosure": "Made by machines."}, "About. Made by machines.", "About. Made by machines."),
        ({"content": False, "disclosure": "Made by machines."}, "About.", "About."),
        ({"content": True}, "About.", "About."),
        (None, "About.", "About."),
    ],
)
def test_disclosure_is_the_last_line_of_the_shows_description(ai, description, expected):
    channel = parse(render_feed(make_show(written={"ai": ai, "description": description}), FeedTable()))
    assert channel.findtext("description") == expected


def test_picture_that_is_still_a_file_has_no_address_to_write():
    show = make_show(make_episode(written={"images": [{"href": "wide.jpg"}]}), written={"images": [{"href": "wide.jpg"}]})
    assert b"wide.jpg" not in render_feed(show, FeedTable())


def test_show_without_episodes_and_with_a_trailer_elsewhere_is_a_feed():
    channel = parse(render_feed(make_show(written={"trailer": "https://show.example/t.mp3"}), FeedTable()))
    assert channel.find("item") is None
    assert channel.find("lastBuildDate") is None
    assert channel.find("podcast:trailer", NAMESPACES) is None


def test_extensions_have_names_that_feedgen_does_not_use_itself():
    assert list(EXTENSIONS) == ["airdate", "airdate_itunes", "podcast20", "psc"]


def test_service_slugs_are_words():
    assert len(SERVICES) == len(set(SERVICES)) == 58
