"""A show that uses every key there is: what stands in its config and front matter is what stands in its feed, value by value."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from email.utils import parsedate_to_datetime

import pytest
from lxml import etree
from mutagen.id3 import ID3

from feed.namespaces import NAMESPACES
from feed.schema.episode import FrontMatter
from feed.schema.live import LiveItemTable
from feed.schema.show import ShowTable
from feed.schema.tags import AlternateTable
from tests.support.every_tag_show import BELL, TEXTS, make_every_tag

SITE = "https://every.example"
XPATH = dict(NAMESPACES)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """(folder of the show, folder of its site, the feed's channel)."""
    folder = tmp_path_factory.mktemp("every") / "show"
    show = make_every_tag(folder)
    built = show.run("build", "--standalone", "--out", str(folder / "site"))
    assert built.status == 0, built.stderr
    return folder, folder / "site", etree.parse(folder / "site" / "feed.xml").getroot()[0]


CONFIG = tomllib.loads((TEXTS / "config.toml").read_text("utf-8"))
SHOW = CONFIG["show"]
FRONT = tomllib.loads((TEXTS.parent / "every_tag" / BELL / "episode.md").read_text("utf-8").split("+++")[1])
TRAILER = tomllib.loads((TEXTS / "episodes/2026-03-01-trailer/episode.md").read_text("utf-8").split("+++")[1])
RENAMED = {"feed_guid": "feedGuid", "feed_url": "feedUrl", "item_guid": "itemGuid", "account_id": "accountId", "account_url": "accountUrl"}
RENAMED |= {
    "content_type": "contentType",
    "custom_key": "customKey",
    "custom_value": "customValue",
    "start_time": "startTime",
    "remote_start_time": "remoteStartTime",
}
RENAMED |= {"remote_percentage": "remotePercentage", "aspect_ratio": "aspect-ratio"}


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def row(table, label="", **more):
    """A table as the element it becomes: (text, attributes)."""
    attributes = {
        RENAMED.get(key, key): text(value) for key, value in table.items() if key != label and not isinstance(value, (list, dict))
    }
    return table.get(label, ""), attributes | more


def found(parent, name):
    """The elements `name` of a parent as (text, attributes), in order."""
    return [((node.text or "").strip(), dict(node.attrib)) for node in parent.findall(name, XPATH)]


def address(site, pattern):
    """The one published file of this name, as its address."""
    (path,) = site.glob(pattern)
    return f"{SITE}/{path.relative_to(site).as_posix()}"


def bell(channel):
    (item,) = [item for item in channel.findall("item") if item.findtext("guid") == FRONT["guid"]]
    return item


def person(site, name):
    """`[people.<name>]` as its element."""
    table = CONFIG["people"][name]
    picture = address(site, f"art/person-{name}-320-*.jpg") if table.get("image", "").endswith(".png") else table.get("image")
    attributes = {"role": table["role"], "group": table.get("group", "cast"), "img": picture, "href": table.get("url")}
    return table["name"], {key: value for key, value in attributes.items() if value}


def remote(table):
    return row(table)


def value(table):
    """`[value]` as nested rows."""
    splits = []
    for split in table.get("time_splits", ()):
        inner = [row(split["remote_item"])] if "remote_item" in split else [row(item) for item in split["recipients"]]
        splits.append((row(split)[1], inner))
    return row(table)[1], [row(item) for item in table["recipients"]], splits


def found_value(parent):
    (node,) = parent.findall("podcast:value", XPATH)
    splits = [
        (dict(split.attrib), [("", dict(child.attrib)) for child in split]) for split in node.findall("podcast:valueTimeSplit", XPATH)
    ]
    return dict(node.attrib), found(node, "podcast:valueRecipient"), splits


def test_the_channel_says_what_the_config_says_in_the_tags_of_rss_and_apple(site):
    _, folder, channel = site
    assert channel.findtext("title") == SHOW["title"]
    assert channel.findtext("link") == SHOW["link"]
    assert channel.findtext("description") == f"{SHOW['description']}\n\n{SHOW['ai']['disclosure']}"
    assert channel.findtext("language") == SHOW["language"]
    assert channel.findtext("copyright") == SHOW["copyright"]
    plain = {"author": SHOW["author"], "type": SHOW["type"], "title": SHOW["apple_title"], "explicit": "false", "complete": "Yes"}
    plain["new-feed-url"] = CONFIG["feed"]["new_feed_url"]
    assert {name: channel.findtext(f"itunes:{name}", namespaces=XPATH) for name in plain} == plain
    owner = channel.find("itunes:owner", XPATH)
    assert [owner[0].text, owner[1].text] == [SHOW["owner"]["name"], SHOW["owner"]["email"]]
    categories = [
        " > ".join([node.get("text"), *(child.get("text") for child in node)]) for node in channel.findall("itunes:category", XPATH)
    ]
    assert categories == SHOW["categories"]
    artwork = address(folder, "art/artwork-????????.png")
    assert found(channel, "itunes:image") == [("", {"href": artwork})]
    assert channel.findtext("image/url") == artwork
    links = {node.get("rel"): node.get("href") for node in channel.findall("atom:link", XPATH)}
    assert links == {"self": f"{SITE}/feed.xml", "hub": CONFIG["feed"]["hubs"][0], "payment": SHOW["funding"][0]["url"]}


def test_the_channel_says_what_the_config_says_in_the_tags_of_podcasting_2(site):
    _, folder, channel = site
    update = dict(SHOW["update_frequency"])
    trailer_file = next(folder.glob("media/trailer-*.mp3"))
    first = "Sun, 01 Mar 2026 06:00:00 +0100"
    expected = {
        "guid": [(SHOW["guid"], {})],
        "medium": [(SHOW["medium"], {})],
        "locked": [("yes", {"owner": SHOW["owner"]["email"]})],
        "funding": [row(table, "label") for table in SHOW["funding"]],
        "txt": [
            (SHOW["verify"]["apple"], {"purpose": "applepodcastsverify"}),
            (SHOW["verify"]["other"][0], {"purpose": "verify"}),
            ("true", {"purpose": "ai-content"}),
            *(row(table, "text") for table in SHOW["txt"]),
        ],
        "person": [person(folder, name) for name in SHOW["hosts"]],
        "location": [row(SHOW["location"][0], "name"), row(SHOW["location"][1], "name", rel="subject")],
        "license": [("CC-BY-4.0", {"url": SHOW["license"]["url"]})],
        "trailer": [
            (
                TRAILER["title"],
                {
                    "pubdate": first,
                    "url": f"{SITE}/media/{trailer_file.name}",
                    "length": str(trailer_file.stat().st_size),
                    "type": "audio/mpeg",
                    "season": "1",
                },
            ),
            (SHOW["title"], {"pubdate": first, "url": SHOW["trailer"]}),
        ],
        "image": [
            (
                "",
                {
                    "href": address(folder, "art/artwork-????????.png"),
                    "alt": SHOW["artwork_alt"],
                    "aspect-ratio": "1/1",
                    "type": "image/png",
                    "purpose": "artwork",
                },
            ),
            row(
                SHOW["images"][0],
                href=address(folder, "art/show-*.png"),
                **{"aspect-ratio": "3/1", "width": "1500", "height": "500", "type": "image/png"},
            ),
            row(SHOW["images"][1]),
        ],
        "updateFrequency": [row(update, "text")],
        "remoteItem": [remote(table) for table in SHOW["remote_items"]],
        "socialInteract": [row(table) for table in SHOW["social"]],
        "chat": [row(SHOW["chat"])],
        "podping": [("", {"usesPodping": "true"})],
        "block": [("yes", {"id": "amazon"}), ("no", {})],
    }
    assert {name: found(channel, f"podcast:{name}") for name in expected} == expected
    assert found(channel.find("podcast:podroll", XPATH), "podcast:remoteItem") == [remote(table) for table in SHOW["podroll"]]
    assert found(channel.find("podcast:publisher", XPATH), "podcast:remoteItem") == [remote(SHOW["publisher"])]
    assert found_value(channel) == value(SHOW["value"])
    tags = {etree.QName(node).localname for node in channel if etree.QName(node).namespace == NAMESPACES["podcast"]}
    assert tags == {*expected, "podroll", "publisher", "value", "liveItem"}


def test_the_live_stream_says_what_the_config_says(site):
    _, folder, channel = site
    table = CONFIG["live"][0]
    (item,) = channel.findall("podcast:liveItem", XPATH)
    # A time without an offset is in the show's time zone.
    assert dict(item.attrib) == {"status": table["status"], "start": "2026-07-01T19:00:00+02:00", "end": "2026-07-01T20:30:00+02:00"}
    assert [item.findtext(name) for name in ("title", "guid", "description", "link")] == [table["title"], table["guid"], None, None]
    assert item.findtext("content:encoded", namespaces=XPATH) == f"<p>{table['description']}</p>"
    assert found(item, "enclosure") == [("", {"url": table["url"], "length": "0", "type": "audio/mpeg"})]
    assert found(item, "itunes:image") == []
    page = (table["title"], {"href": table["link"]})
    assert found(item, "podcast:contentLink") == [row(table["content_links"][0], "label"), page]
    assert found(item, "podcast:chat") == [row(table["chat"])]
    guest = (table["guests"][1], {"role": "guest", "group": "cast"})
    assert found(item, "podcast:person") == [person(folder, "ada"), person(folder, "mira"), guest]
    assert found(item, "podcast:season") == [("2", {"name": CONFIG["seasons"]["2"]["name"]})]
    assert found(item, "podcast:episode") == [("2.5", {"display": table["episode_display"]})]
    assert [child.tag for child in item if child.tag.startswith(f"{{{NAMESPACES['itunes']}}}")] == []
    assert [found(item, f"podcast:{name}") for name in ("chapters", "transcript", "funding")] == [[], [], []]
    stream = ("", {"type": "audio/mpeg", "length": "0", "default": "true"})
    others = [row({key: entry for key, entry in other.items() if key != "url"}) for other in table["alternates"]]
    assert found(item, "podcast:alternateEnclosure") == [stream, *others]
    sources = [{"uri": table["url"]}, *({"uri": other["url"]} for other in table["alternates"])]
    assert [attributes for _, attributes in found(item, "podcast:alternateEnclosure/podcast:source")] == sources
    rows = {"location": "name", "images": "", "txt": "text", "social": "", "soundbites": "title"}
    tags = {"images": "image", "social": "socialInteract", "soundbites": "soundbite"}
    for key, label in rows.items():
        picture = [("", {"href": table["image"]})] if key == "images" else []
        assert found(item, f"podcast:{tags.get(key, key)}") == [*picture, *(row(entry, label) for entry in table[key])], key
    assert found(item, "podcast:license") == [row(table["license"], "id")]
    assert found_value(item) == value(table["value"])


def test_an_episode_says_what_its_front_matter_says_in_the_tags_of_rss_and_apple(site):
    _, folder, channel = site
    item = bell(channel)
    recording = next(path for path in folder.glob("media/bell-*.mp3") if "-alt-" not in path.name)
    assert item.findtext("title") == FRONT["title"]
    assert item.findtext("link") == f"{SITE}/episodes/bell.html"
    assert item.findtext("description").startswith(FRONT["summary"])
    assert item.findtext("comments") == FRONT["comments"]
    assert found(item, "guid") == [(FRONT["guid"], {"isPermaLink": "false"})]
    assert parsedate_to_datetime(item.findtext("pubDate")).isoformat() == f"{FRONT['date'].isoformat()}+01:00"
    prefix = CONFIG["feed"]["enclosure_prefix"]
    size = str(recording.stat().st_size)
    enclosure = {"url": f"{prefix}every.example/media/{recording.name}", "length": size, "type": "audio/mpeg"}
    assert found(item, "enclosure") == [("", enclosure)]
    plain = {"title": FRONT["apple_title"], "duration": "30", "episode": "1", "season": "1", "episodeType": "full", "explicit": "true"}
    plain |= {"block": "Yes", "author": FRONT["author"]}
    assert item.findtext("dc:creator", namespaces=XPATH) == FRONT["author"]
    assert {name: item.findtext(f"itunes:{name}", namespaces=XPATH) for name in plain} == plain
    assert found(item, "itunes:image") == [("", {"href": address(folder, "art/bell-????????.png")})]


def test_an_episode_says_what_its_front_matter_says_in_the_tags_of_podcasting_2(site):
    _, folder, channel = site
    item = bell(channel)
    shown = {"language": "en", "rel": "captions"}
    stem = "episodes/bell/transcript"
    forms = {"vtt": "text/vtt", "json": "application/json", "srt": "application/x-subrip"}

    def transcripts(name, language):
        timed = [
            ("", {**shown, "language": language, "type": kind, "url": address(folder, f"{name}.{form}")}) for form, kind in forms.items()
        ]
        return [*timed, ("", {"language": language, "type": "text/plain", "url": address(folder, f"{name}.txt")})]

    expected = {
        "season": [("1", {"name": CONFIG["seasons"]["1"]["name"]})],
        "episode": [("1", {"display": FRONT["episode_display"]})],
        "transcript": [*transcripts(f"{stem}-????????", "en"), *transcripts(f"{stem}-de-*", "de")],
        "chapters": [("", {"url": address(folder, "episodes/bell/chapters-*.json"), "type": "application/json+chapters"})],
        "person": [person(folder, "ada"), person(folder, "mira"), ("Otto Klang", {"role": "guest", "group": "cast"})],
        "soundbite": [row(table, "title", duration=text(table["duration"])) for table in FRONT["soundbites"]],
        "location": [row(FRONT["location"][0], "name")],
        "license": [row(FRONT["license"], "id")],
        "funding": [row(table, "label") for table in FRONT["funding"]],
        "socialInteract": [
            (
                "",
                {
                    "protocol": "activitypub",
                    "uri": FRONT["fediverse"],
                    "accountId": "@every@social.example",
                    "accountUrl": "https://social.example/@every",
                },
            ),
            row(FRONT["social"][0]),
        ],
        "chat": [row(FRONT["chat"])],
        "image": [
            (
                "",
                {
                    "href": address(folder, "art/bell-????????.png"),
                    "alt": FRONT["cover_alt"],
                    "aspect-ratio": "1/1",
                    "type": "image/png",
                    "purpose": "artwork",
                },
            ),
            row(FRONT["images"][0], href=address(folder, "art/bell-1200x600-*.png"), width="1200", height="600", type="image/png"),
        ],
        "txt": [row(FRONT["txt"][0], "text")],
        "contentLink": [row(FRONT["content_links"][0], "label")],
    }
    assert {name: found(item, f"podcast:{name}") for name in expected} == expected
    assert found_value(item) == value(FRONT["value"])
    tags = {etree.QName(node).localname for node in item if etree.QName(node).namespace == NAMESPACES["podcast"]}
    assert tags == {*expected, "value", "alternateEnclosure"}


def test_other_encodings_are_published_beside_the_recording_with_what_was_measured(site):
    source, folder, channel = site
    nodes = bell(channel).findall("podcast:alternateEnclosure", XPATH)
    seen = []
    for node, table in zip(nodes, FRONT["alternates"], strict=True):
        (_, own), *more = found(node, "podcast:source")
        uri = own["uri"]
        assert list(own) == ["uri"]
        assert more == [("", {RENAMED.get(key, key): entry for key, entry in source.items()}) for source in table.get("sources", ())]
        ((_, integrity),) = found(node, "podcast:integrity")
        assert integrity["type"] == "sri"
        if "file" in table:
            body = (folder / uri.removeprefix(f"{SITE}/")).read_bytes()
            assert body == (source / BELL / table["file"]).read_bytes()
            assert integrity["value"] == "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode()
            assert uri.startswith(f"{SITE}/media/bell-alt-") and hashlib.sha256(body).hexdigest()[:8] in uri
            written = row({key: entry for key, entry in table.items() if key != "file"})[1]
            seen.append({key: entry for key, entry in node.attrib.items() if key not in written})
            assert dict(node.attrib) == written | seen[-1]
        else:
            assert uri == table["url"]
            assert integrity["value"] == table["integrity"]
            assert dict(node.attrib) == {key: entry for key, entry in row(table)[1].items() if key not in {"url", "integrity"}}
    mp3, opus = ((source / BELL / name).stat().st_size for name in ("small.mp3", "talk.opus"))
    assert seen == [{"type": "audio/mpeg", "length": str(mp3), "bitrate": seen[0]["bitrate"]}, {"type": "audio/ogg", "length": str(opus)}]
    assert 60_000 < int(seen[0]["bitrate"]) < 70_000


def test_pictures_of_chapters_have_addresses_in_every_form_and_bytes_in_the_file(site):
    import json

    _, folder, channel = site
    item = bell(channel)
    rope = address(folder, "art/bell-300x200-*.png")
    clapper = FRONT["chapters"][1]["image"]
    (path,) = folder.glob("episodes/bell/chapters-*.json")
    assert [chapter.get("img") for chapter in json.loads(path.read_text())["chapters"]] == [rope, clapper, None]
    rows = item.findall("psc:chapters/psc:chapter", XPATH)
    assert [node.get("image") for node in rows] == [rope, clapper, None]
    assert [(node.get("start"), node.get("title"), node.get("href")) for node in rows] == [
        ("00:00:00.000", "Rope", FRONT["chapters"][0]["url"]),
        ("00:00:10.000", "Bell & clapper", FRONT["sources"][0]["url"]),
        ("00:00:20.000", "Echo", None),
    ]
    tag = ID3(next(path for path in folder.glob("media/bell-*.mp3") if "-alt-" not in path.name))
    inside = [frame.sub_frames.getall("APIC") for frame in sorted(tag.getall("CHAP"), key=lambda frame: frame.start_time)]
    assert [len(pictures) for pictures in inside] == [1, 0, 0]
    assert clapper not in (folder / "episodes/bell.html").read_text(), "a page asks nobody else"


def test_an_extra_between_two_episodes_has_a_decimal_number_and_the_cover_of_its_season(site):
    _, folder, channel = site
    (second,) = [item for item in channel.findall("item") if item.findtext("guid") == "every-tag-second"]
    assert found(second, "podcast:episode") == [("2.5", {})]
    assert second.find("itunes:episode", XPATH) is None, "whole numbers alone"
    tag = ID3(next(folder.glob("media/*second-bell-*.mp3")))
    assert ([*tag.get("TPOS", ())], "TRCK" in tag) == (["2"], False), "so have recordings"
    season = address(folder, "art/season-2-????????.png")
    assert found(second, "itunes:image") == [("", {"href": season})]
    (picture,) = found(second, "podcast:image")
    assert (picture[1]["href"], picture[1]["alt"]) == (season, CONFIG["seasons"]["2"]["name"])


UNUSED = {
    ShowTable: {"block"},  # would hide the whole show from Apple
    # ways of life, no tags
    FrontMatter: {"draft", "unlisted", "audio_revision", "audio_tags", "audio_unmeasured", "comment_form", "former", "guid_base", "order"},
    LiveItemTable: {"type"},
    AlternateTable: set(),
}


@pytest.mark.parametrize(
    ("model", "tables"),
    [(ShowTable, [SHOW]), (FrontMatter, [FRONT]), (LiveItemTable, CONFIG["live"]), (AlternateTable, FRONT["alternates"])],
)
def test_the_show_uses_every_key(model, tables):
    keys = {field.alias or name for name, field in model.model_fields.items()}
    assert keys - {key for table in tables for key in table} == UNUSED[model]
