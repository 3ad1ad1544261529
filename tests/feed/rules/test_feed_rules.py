from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest

from feed.findings import ContentFault, Severity
from feed.model import AudioFacts, ImageFacts
from feed.namespaces import OLD_PODCAST_NAMESPACE
from feed.reader import read_feed
from feed.rules import BOOKS, FEED_BOOKS, check_feed, check_feed_bytes
from feed.rules.parsing import read_date

NOW = datetime(2026, 3, 4, tzinfo=UTC)
URL = "https://show.example.org/feed.xml"
G1 = "5f0c6f1e-0000-5000-8000-000000000001"


def codes(text: str | bytes, **options) -> set[str]:
    data = text.encode() if isinstance(text, str) else text
    return {broken.code for broken in check_feed_bytes(data, **({"feed_url": URL, "now": NOW} | options))}


def test_a_complete_feed_breaks_no_rule(good_feed):
    assert check_feed_bytes(good_feed.encode(), feed_url=URL, now=NOW) == []


def test_a_feed_served_on_this_machine_over_http_breaks_no_rule(make_feed):
    site = "http://127.0.0.1:8765"
    assert check_feed_bytes(make_feed(site).encode(), feed_url=f"{site}/feed.xml", now=NOW) == []


def test_http_elsewhere_is_not_good_enough(make_feed):
    assert {"F032", "I016", "I024"} <= codes(make_feed("http://show.example.org"), feed_url=None)


SELF = '<atom:link rel="self" href="https://show.example.org/feed.xml" type="application/rss+xml"/>'
ENCLOSURE = '<enclosure url="https://show.example.org/media/episode-1-0a1b2c3d.mp3" length="12000001" type="audio/mpeg"/>'
SUMMARY = "We walk along the river and ask the people who live there what they hear in it at night."
RECIPIENT = 'type="lnaddress" address="bo@example.org" split="10"'
DATE1 = "<pubDate>Mon, 02 Mar 2026 06:00:00 GMT</pubDate>"
GUID1 = f'<guid isPermaLink="false">{G1}</guid>'
TITLE1 = "What the river says in part A"

OLD_DATES = ("2026 06:00:00 EST", "2026 06:00:00 PDT", "26 06:00:00 +0000", "2026 06:00:00", "2026 06:00 edt", "2026 06:00:00 Z")

# rule, what is found, what is put there, rules that break along with it
BREAKS = [
    ("F001", 'encoding="UTF-8"', 'encoding="ISO-8859-1"', ""),
    ("F001", ' encoding="UTF-8"', "", ""),
    ("F001", "Running Water", "Running & Water", "F030"),
    ("F001", "Running Water", "Running &nbsp;", "F004 F030"),
    ("F001", "Running Water", "Running \x0b", "F004 F030"),
    ("F002", 'version="2.0"', 'version="0.91"', ""),
    ("F002", "dtds/podcast-1.0.dtd", "DTDs/Podcast-1.0.dtd", ""),
    ("F002", "https://podcastindex.org/namespace/1.0", "https://podcastindex.org/namespace/1.0/", ""),
    ("F002", "<channel>", "<channel></channel><channel>", "F003 F005 F006 F009 F010 F011 F013 F014 F015 F016 F018 F023 F026"),
    ("F044", "<language>en-gb", "<language>de</language><language>en-gb", ""),
    ("F044", GUID1, GUID1 + GUID1, ""),
    ("F044", DATE1, DATE1 + DATE1, ""),
    ("F044", f"<title>{TITLE1}</title>", f"<title>{TITLE1}</title><title>Another</title>", ""),
    ("F044", f"<description>{SUMMARY}</description>", f"<description>{SUMMARY}</description><description>Another</description>", ""),
    ("F045", "media/episode-1-0a1b2c3d.mp3", "media/episode 1.mp3", ""),
    ("F045", 'url="https://show.example.org/media/episode-1', 'url="  https://show.example.org/media/episode-1', ""),
    ("F045", "episodes/episode-1.html</link>", "episodes/episode 1.html</link>", ""),
    ("F046", 'url="https://show.example.org/media/episode-1', 'url="https://ada:secret@show.example.org/media/episode-1', ""),
    ("F046", "<link>https://show.example.org", "<link>https://token@show.example.org", ""),
    ("F045", "media/episode-1-0a1b2c3d.opus", "media/episode\u00a01.opus", ""),
    ("F003", "    <title>Running Water</title>", "    <title> </title>", "F030"),
    ("F004", "<title>Running Water</title>", "<title>&lt;b&gt;Running&lt;/b&gt; Water</title>", "F030"),
    ("F004", "<title>Running Water</title>", "<title> Running Water</title>", ""),
    ("F004", "<title>Running Water</title>", f"<title>{'Running ' * 40}</title>", "F030"),
    ("F005", "<link>https://show.example.org/index.html</link>", "<link>/index.html</link>", "F030"),
    ("F006", "<description>People, rivers and the towns between them.</description>", "", ""),
    ("F007", "the towns between", "the towns between " + "ä" * 2000, ""),
    ("F008", "the towns between", "the &lt;b&gt;towns&lt;/b&gt; between", ""),
    ("F009", "<language>en-gb</language>", "<language>english</language>", ""),
    ("F009", "<language>en-gb</language>", "<language>qq</language>", ""),
    ("F009", "<language>en-gb</language>", "", ""),
    ("F009", "<language>en-gb</language>", "<language>fil</language>", ""),
    ("F009", "<language>en-gb</language>", "<language>ger</language>", ""),
    ("F010", "<itunes:explicit>false</itunes:explicit>\n    <itunes:image", "<itunes:explicit>no</itunes:explicit>\n    <itunes:image", ""),
    ("F011", 'text="Technology"', 'text="technology"', ""),
    ("F011", 'text="Documentary"', 'text="Books"', ""),
    ("F012", 'text="Technology"', 'text="Gadgets"', ""),
    ("F012", '<itunes:category text="Technology"/>', '<itunes:category text="Technology"/><itunes:category text="Arts"/>', ""),
    ("F013", '<itunes:image href="https://show.example.org/art/cover-0a1b2c3d.jpg"/>', "", ""),
    ("F013", 'href="https://show.example.org/art/cover-0a1b2c3d.jpg"', 'href="cover.jpg"', ""),
    ("F014", SELF, "", ""),
    ("F014", SELF, SELF.replace("/feed.xml", "/other.xml"), ""),
    ("F014", SELF, SELF.replace("https://show.example.org", ""), ""),
    ("F015", "<itunes:author>Ada Green</itunes:author>", "<itunes:author/>", ""),
    ("F016", "<podcast:guid>9b024349-ccf0-5f69-a609-6b82873eab3c</podcast:guid>", "", ""),
    ("F016", "9b024349-ccf0-5f69-a609-6b82873eab3c", "n4a6f5ec-dead-beef", ""),
    ("F016", "9b024349-ccf0-5f69", "9b024349-ccf0-4f69", ""),
    ("F018", '<podcast:locked owner="ada@example.org">yes</podcast:locked>', "", ""),
    ("F018", '<podcast:locked owner="ada@example.org">yes', "<podcast:locked>true", ""),
    ("F019", "<itunes:type>serial", "<itunes:type>Serial", ""),
    ("F020", r"(?s)<itunes:episode>1</itunes:episode>(.*)<podcast:episode[^\n]*", r"\1", ""),
    ("F020", "<itunes:episode>1</itunes:episode>", "", ""),
    ("F021", "<itunes:type>", "<itunes:block>Yes</itunes:block><itunes:type>", ""),
    ("F021", "<itunes:type>", "<itunes:complete>no</itunes:complete><itunes:type>", ""),
    ("F021", "<itunes:episodeType>", "<itunes:block>no</itunes:block><itunes:episodeType>", ""),
    ("F022", "<itunes:new-feed-url>https://show.example.org", "<itunes:new-feed-url>https://elsewhere.example", ""),
    ("F023", "<itunes:email>ada@example.org</itunes:email>", "", ""),
    ("F024", "<itunes:type>", "<itunes:keywords>a, b</itunes:keywords><itunes:type>", ""),
    ("F024", "<itunes:episodeType>", "<itunes:order>1</itunes:order><itunes:episodeType>", ""),
    ("F025", "<copyright>Ada", "<copyright>© 2026 Ada", ""),
    ("F025", "<copyright>Ada", "<copyright>Copyright Ada", ""),
    ("F025", "<copyright>Ada", "<copyright>(c) Ada", ""),
    ("F025", "<copyright>Ada", "<copyright>2019-2026 Ada", ""),
    ("F026", r"(?s)<item>.*</item>", "", ""),
    ("F027", "part A</title>", f"part A</title><!-- {'x' * 1_000_000} -->", ""),
    ("F028", "<lastBuildDate>Tue, 03", "<lastBuildDate>Mon, 02", ""),
    ("F028", "<lastBuildDate>Tue, 03 Mar", "<lastBuildDate>Fri, 03 Apr", ""),
    ("F028", "<lastBuildDate>Tue, 03 Mar", "<lastBuildDate>Mon, 03 Mar", ""),
    ("F030", "</url><title>Running Water", "</url><title>Another", ""),
    ("F030", "</url><title>Running Water", "</url><width>145</width><title>Running Water", ""),
    ("F030", "</url><title>Running Water", "</url><height>tall</height><title>Running Water", ""),
    ("F031", "FREQ=WEEKLY;", "FREQ=SOMETIMES;", ""),
    ("F031", "FREQ=WEEKLY;BYDAY=MO;COUNT=9", "every week", ""),
    ("F031", ' dtstart="2026-03-02"', "", ""),
    ("F031", "every Monday", "every Monday " * 20, ""),
    ("F032", 'url="https://example.org/give"', 'url="http://example.org/give"', ""),
    ("F032", 'href="https://show.example.org/ada.html"', 'href="/ada.html"', ""),
    ("F032", 'url="https://example.org/give"', "", ""),
    ("F033", 'role="Host"', 'role="Boss"', ""),
    ("F033", 'group="Cast"', 'group="Crowd"', ""),
    ("F033", ">Ada Green</podcast:person>", "> </podcast:person>", ""),
    ("F034", ' url="https://example.org/licence"', "", ""),
    ("F035", ">Bremen<", "><", ""),
    ("F035", "geo:52.5,13.4", "geo:152.5,13.4", ""),
    ("F035", "R62422#1", "X62422", ""),
    ("F035", 'country="DE"', 'country="ZZ"', ""),
    ("F035", 'rel="creator"', "", ""),
    ("F036", "<podcast:medium>podcast", "<podcast:medium>radio", ""),
    ("F036", "<podcast:medium>podcast", "<podcast:medium>musicL", ""),
    ("F037", '<podcast:block id="google">yes', '<podcast:block id="gogle">yes', ""),
    ("F037", '<podcast:block id="google">yes', '<podcast:block id="google">true', ""),
    ("F038", 'purpose="ai-content">false', 'purpose="ai-content">no', ""),
    ("F038", 'purpose="release">first', f'purpose="release">{"x" * 4001}', ""),
    ("F039", ">Hear this<", "><", ""),
    ("F039", 'pubdate="Sun, 01 Mar 2026 06:00:00 +0000"', 'pubdate="Sun, 01 Mar 2026 06:00:00 EST"', ""),
    ("F039", 'season="1">Hear', 'season="one">Hear', ""),
    ("F040", 'protocol="activitypub"', 'protocol="myspace"', ""),
    ("F040", 'protocol="activitypub" uri="https://social.example.org/@show/1"', 'protocol="activitypub"', ""),
    ("F040", '<podcast:txt purpose="release">', '<podcast:socialInteract protocol="disabled"/><podcast:txt purpose="release">', ""),
    ("F041", RECIPIENT, RECIPIENT.replace('split="10"', 'split="0"'), ""),
    ("F041", RECIPIENT, RECIPIENT.replace("bo@", "bo"), ""),
    ("F041", '<podcast:value type="lightning" method="keysend"', '<podcast:value type="lightning"', ""),
    ("F042", '<podcast:remoteItem medium="publisher" feedGuid', "<podcast:remoteItem feedGuid", ""),
    ("F042", '<podcast:podroll><podcast:remoteItem feedGuid="9', '<podcast:podroll><podcast:remoteItem feedGuid="x', ""),
    ("F043", "Support us", "Support us, please " * 8, ""),
    ("F043", 'display="Part 1"', f'display="{"Part 1 " * 6}"', ""),
    ("I001", f"<title>{TITLE1}</title>", "", ""),
    ("I002", TITLE1, "#12 The bridge", ""),
    ("I002", TITLE1, "S2E3 The bridge", ""),
    ("I002", TITLE1, "Ep. 4: The bridge", ""),
    ("I002", TITLE1, "Running Water: The bridge", ""),
    ("I003", GUID1, "", ""),
    ("I003", G1, G1.replace("000001", "000002"), ""),
    ("I005", GUID1, f"<guid>{G1}</guid>", ""),
    ("I006", G1, "17", ""),
    ("I006", G1, "201703041122", ""),
    ("I007", ENCLOSURE, "", ""),
    ("I007", ENCLOSURE, ENCLOSURE + ENCLOSURE, ""),
    ("I007", ' length="12000001"', "", ""),
    ("I007", "https://show.example.org/media/episode-1-0a1b2c3d.mp3", "media/one.mp3", ""),
    ("I008", "media/episode-1-0a1b2c3d.mp3", "media/episode-2-0a1b2c3d.mp3", ""),
    ("I009", 'length="12000001"', 'length="None"', ""),
    ("I009", 'length="12000001"', 'length="0"', ""),
    ("I010", "media/episode-1-0a1b2c3d.mp3", "media/one.ogg", ""),
    ("I010", 'length="12000001" type="audio/mpeg"', 'length="12000001" type="audio/mp3"', ""),
    ("I011", DATE1, "", ""),
    ("I011", "Mon, 02 Mar 2026 06:00:00 GMT", "Fri, 02 Mar 2026 06:00:00 GMT", ""),
    ("I011", "Mon, 02 Mar 2026 06:00:00 GMT", "Mon, 02 Mar 2026 06:00:00 EST", ""),
    ("I011", "Mon, 02 Mar 2026 06:00:00 GMT", "2026-03-02T06:00:00Z", ""),
    ("I011", "Mon, 02 Mar 2026 06:00:00 GMT", "30 Feb 2026 06:00:00 +0000", ""),
    ("I012", "<pubDate>Tue, 03 Mar", "<pubDate>Fri, 03 Apr", "F028"),
    ("I014", f"<description>{SUMMARY}</description>", "", ""),
    ("I014", SUMMARY, SUMMARY + " ü" * 1400, ""),
    ("I015", "<p>We walk along", "<p><table></table>We walk along", ""),
    ("I015", SUMMARY, SUMMARY + "&lt;script&gt;x&lt;/script&gt;", ""),
    ("I016", '<a href="https://show', '<a href="http://show', ""),
    ("I016", '<a href="https://show.example.org/sources.html">', '<a href="sources.html">', ""),
    ("I017", r"(?s)(<description>We[^\n]*)\n(\s*<content:encoded>[^\n]*)", r"\2\n\1", ""),
    ("I018", "<itunes:duration>1500</itunes:duration>", "", ""),
    ("I018", "<itunes:duration>1500", "<itunes:duration>1500.5", ""),
    ("I018", "<itunes:duration>1500", "<itunes:duration>0", ""),
    ("I019", "<itunes:season>1", "<itunes:season>0", ""),
    ("I019", "<itunes:episode>1</itunes:episode>", "<itunes:episode>2</itunes:episode>", "I025"),
    ("I020", "<itunes:episodeType>full", "<itunes:episodeType>Full", ""),
    ("I021", "<itunes:season>1</itunes:season>", "", ""),
    ("I022", "full</itunes:episodeType>\n      <itunes:explicit>false", "full</itunes:episodeType>\n      <itunes:explicit>clean", ""),
    ("I023", "full</itunes:episodeType>\n      <itunes:explicit>false", "full</itunes:episodeType>\n      <itunes:explicit>true", ""),
    ("I024", "<link>https://show.example.org/episodes/episode-1.html</link>", "", ""),
    ("I024", "<link>https://show.example.org/episodes", "<link>http://show.example.org/episodes", ""),
    ("I025", '<podcast:season name="Waters">1', '<podcast:season name="Waters">3', ""),
    ("I025", '<podcast:episode display="Part 1">1', '<podcast:episode display="Part 1">one', ""),
    ("I025", '<podcast:episode display="Part 1">1', '<podcast:episode display="Part 1">1.5', ""),
    ("I026", 'startTime="60.5" duration="30"', 'startTime="60.5" duration="5"', ""),
    ("I026", 'startTime="60.5"', 'startTime="1490"', ""),
    ("I027", '<podcast:alternateEnclosure type="audio/ogg"', "<podcast:alternateEnclosure", ""),
    ("I027", '<podcast:source uri="https://show.example.org/media/episode-1-0a1b2c3d.opus"/>', "", ""),
    ("I027", '<podcast:source uri="https://show.example.org/media/episode-1-0a1b2c3d.opus"/>', "<podcast:source/>", ""),
    ("I027", "sha384-AAAA", "md5-AAAA", ""),
    ("I027", f'type="sri" value="sha384-{"A" * 64}"', 'type="pgp-signature"', ""),
    ("I028", "<pubDate>Mon, 02 Mar 2026 06:00:00 GMT", "<pubDate>Tue, 03 Mar 2026 06:30:00 GMT", "F028"),
    ("I029", SUMMARY, SUMMARY + " 1 &lt; 2", ""),
    ("I029", SUMMARY, SUMMARY + " 1 &amp;lt; 2", ""),
    ("I030", SUMMARY, "00:00 Intro 12:30 Talk https://example.org/a/very/long/address", ""),
    ("I031", TITLE1, "River " * 45 + "end", ""),
    ("I032", "<itunes:episodeType>", '<itunes:image href=""/><itunes:episodeType>', ""),
    ("I032", "<itunes:episodeType>", '<itunes:image href="cover.jpg"/><itunes:episodeType>', ""),
    ("A008", ' alt="A river" aspect-ratio="1/1"', ' aspect-ratio="1/1"', ""),
    ("A008", 'aspect-ratio="16/9"', 'aspect-ratio="4/3"', ""),
    ("T008", 'type="text/vtt"', 'type="text/vtt; charset=utf-8"', "T009"),
    ("T009", r'<podcast:transcript url="[^"]*" type="text/vtt" rel="captions"/>', "", ""),
    (
        "T011",
        'type="application/json"/>',
        'type="application/json"/><podcast:transcript url="https://a.example/b.vtt" type="text/vtt"/>',
        "",
    ),
    ("T012", r"(?s)<podcast:transcript .*<podcast:chapters", "<podcast:chapters", ""),
    ("C011", 'start="00:00:00.000"', 'start="75"', ""),
]


def broken_feed(good: str, old: str, new: str) -> str:
    """Replaces once: from the last item where it stands there, else in the channel."""
    if old not in good:
        mended, count = re.subn(old, new, good, count=1)
        assert count == 1, old
        return mended
    head, _, tail = good.rpartition("<item>")
    if old in tail:
        return head + "<item>" + tail.replace(old, new, 1)
    return good.replace(old, new, 1)


@pytest.mark.parametrize(("code", "old", "new", "along"), BREAKS, ids=[f"{row[0]}-{number}" for number, row in enumerate(BREAKS)])
def test_each_fault_breaks_its_rule_and_no_other(good_feed, code, old, new, along):
    assert codes(broken_feed(good_feed, old, new)) == {code, *along.split()}


SAID = [
    ("F009", "<language>en-gb</language>", "", "the show has no language", "en, de, pt-br"),
    ("F009", "<language>en-gb</language>", "<language>qq</language>", "the language 'qq' is not a code", "en, de, pt-br"),
    ("F009", "<language>en-gb</language>", "<language>ger</language>", "'ger'", ": de"),
    ("F024", "<itunes:type>", "<itunes:keywords>a</itunes:keywords><itunes:type>", "itunes:keywords is obsolete$", ""),
    ("F024", "<itunes:type>", "<itunes:order>1</itunes:order>" * 2 + "<itunes:type>", r"itunes:order is obsolete \(2 times\)$", ""),
    ("I010", "media/episode-1-0a1b2c3d.mp3", "media/one.ogg", "Apple does not take .ogg files", "MP3 or M4A"),
    ("I010", "media/episode-1-0a1b2c3d.mp3", "media/one", "the enclosure's address has no extension", "MP3 or M4A"),
    ("I010", "media/episode-1-0a1b2c3d.mp3", "media/one.m4a", "the type audio/mpeg does not fit .m4a", "write audio/x-m4a"),
    ("I010", 'length="12000001" type="audio/mpeg"', 'length="12000001" type="audio/mp3"', "does not fit .mp3", "write audio/mpeg"),
]


@pytest.mark.parametrize(("code", "old", "new", "words", "remedy"), SAID)
def test_what_is_said_names_the_fault_and_what_to_write(good_feed, code, old, new, words, remedy):
    document = read_feed(broken_feed(good_feed, old, new).encode())
    (found,) = [broken for broken in check_feed(document, feed_url=URL, now=NOW) if broken.code == code]
    assert re.search(words, found.message)
    assert remedy in found.hint


def test_a_guid_that_is_an_address_or_a_part_of_one_with_a_base_is_a_permalink(good_feed):
    for guid in ("<guid>https://show.example.org/?p=12345</guid>", '<guid isPermaLink="true">https://show.example.org/12345</guid>'):
        assert codes(broken_feed(good_feed, GUID1, guid)) == set()
    part = broken_feed(good_feed, GUID1, "<guid>episode-12345</guid>")
    assert codes(part) == {"I005"}
    assert codes(part.replace("<rss ", '<rss xml:base="https://show.example.org/" ')) == set()


@pytest.mark.parametrize("title", ["1984 - a book", "Rerunning water", "Epic rivers", "2026: a year of rain", "Series and episodes"])
def test_titles_that_only_look_numbered_are_left_alone(good_feed, title):
    assert codes(good_feed.replace(TITLE1, title)) == set()


@pytest.mark.parametrize(("show", "expected"), [("Sea", set()), ("Seas", {"I002"})])
def test_a_show_named_with_a_common_word_may_use_it_in_its_titles(good_feed, show, expected):
    renamed = good_feed.replace("<title>Running Water</title>", f"<title>{show}</title>")
    assert codes(renamed.replace(TITLE1, f"The {show} of Hamburg")) == expected


@pytest.mark.parametrize(
    "shape",
    [
        "",
        'width="1600"',
        'height="900"',
        'width="1600" height="0"',
        'width="1600" height="9px"',
        'width="1600" height="9000000"',
        'width="²" height="9"',
    ],
)
@pytest.mark.parametrize("ratio", ["4/3", "16", "16/", "/9", "16/0", "0/9", "a/b", "²/9", ""])
def test_a_picture_of_unknown_pixels_or_no_real_ratio_is_not_measured(good_feed, shape, ratio):
    old = 'aspect-ratio="16/9" width="1600" height="900"'
    assert codes(broken_feed(good_feed, old, f'aspect-ratio="{ratio}" {shape}')) == set()
    if ratio != "4/3":
        assert codes(broken_feed(good_feed, old, f'aspect-ratio="{ratio}" width="1600" height="900"')) == set()


LINK = "<link>https://show.example.org/index.html</link>"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (LINK, "", "the show has no link"),
        (LINK, "<link>/index.html</link>", "the show's link is not an absolute address: /index.html"),
    ],
)
def test_what_is_missing_is_told_from_what_is_wrong(good_feed, old, new, message):
    found = check_feed_bytes(good_feed.replace(old, new).encode(), feed_url=URL, now=NOW)
    assert message in [broken.message for broken in found]


def test_every_rule_about_a_feed_has_a_case():
    tested = {row[0] for row in BREAKS}
    rules = {rule.code for book in FEED_BOOKS for rule in book.rules}
    assert rules <= tested


def test_rules_have_ids_of_their_own_and_say_what_they_are():
    rules = [rule for book in BOOKS for rule in book.rules]
    assert len({rule.code for rule in rules}) == len(rules) == 126
    assert all(rule.title and rule.source and rule.explanation for rule in rules)


def test_each_fault_names_the_line_and_the_episode_it_stands_in(good_feed):
    text = good_feed.replace("<itunes:duration>1500", "<itunes:duration>soon")
    found = check_feed_bytes(text.encode(), feed_url=URL, now=NOW)
    lines = text.splitlines()
    assert [lines[broken.line - 1].strip() for broken in found] == ["<itunes:duration>soon</itunes:duration>"] * 2
    assert [broken.item for broken in found] == [G1.replace("000001", "000002"), G1]


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [
        ('length="12000001"', 'length="900"', Severity.WARNING),
        (GUID1, "<guid>abc-123-456</guid>", Severity.WARNING),
        (GUID1, "<guid>two words</guid>", Severity.ERROR),
        (GUID1, "<guid>tag:show,2026:1</guid>", Severity.ERROR),
        ('length="12000001" type="audio/mpeg"', 'length="12000001" type="x-audio/mp3"', Severity.WARNING),
        ('length="12000001"', 'length="many"', Severity.ERROR),
        (SUMMARY, SUMMARY + " ü" * 1400, Severity.ERROR),
        ("<itunes:episode>1</itunes:episode>", "", Severity.WARNING),
        (r"(?s)<itunes:episode>1</itunes:episode>(.*)<podcast:episode[^\n]*", r"\1", Severity.ERROR),
        (f"<description>{SUMMARY}</description>", "", Severity.WARNING),
        ("<p>We walk", "<p><iframe></iframe>We walk", Severity.WARNING),
        ("<p>We walk", "<p><img/>We walk", Severity.WARNING),
        (' encoding="UTF-8"', "", Severity.HINT),
        ('encoding="UTF-8"', 'encoding="ISO-8859-1"', Severity.WARNING),
        *(
            (">en-gb</language>", f">{code}</language>", Severity.WARNING)
            for code in ("zh-Hant", "sr-Latn", "zh-hant-HK", "fil", "gsw", "yue", "haw")
        ),
        *((">en-gb</language>", f">{code}</language>", Severity.ERROR) for code in ("english", "eng", "ger", "en_US", "qq", "Deutsch")),
        ("<itunes:episodeType>", "<itunes:block>no</itunes:block><itunes:episodeType>", Severity.HINT),
        ("<itunes:type>", "<itunes:block>No</itunes:block><itunes:type>", Severity.HINT),
        ("<itunes:type>", "<itunes:complete>clean</itunes:complete><itunes:type>", Severity.HINT),
        ("<itunes:type>", "<itunes:block>true</itunes:block><itunes:type>", Severity.WARNING),
        ("<itunes:type>", "<itunes:block>Yes</itunes:block><itunes:type>", Severity.WARNING),
        *(("Mon, 02 Mar 2026 06:00:00 GMT", f"Mon, 02 Mar {rest}", Severity.WARNING) for rest in OLD_DATES),
        *(("Mon, 02 Mar 2026 06:00:00 GMT", f"Mon, 02 Mar {rest}", Severity.ERROR) for rest in ("2026 6am GMT", "2026 06:00:00 CET")),
        ("Mon, 02 Mar 2026 06:00:00 GMT", "Fri, 02 Mar 2026 06:00:00 EST", Severity.ERROR),
        ('pubdate="Sun, 01 Mar 2026 06:00:00 +0000"', 'pubdate="Sun, 01 Mar 2026 06:00:00 EST"', Severity.WARNING),
        ('type="text/vtt"', 'type="text/vtt"/><podcast:transcript url="https://a.example/a" type="application/srt"', Severity.WARNING),
        ('type="text/vtt"', 'type="text/vtt"/><podcast:transcript url="https://a.example/a"', Severity.ERROR),
        (
            "full</itunes:episodeType>\n      <itunes:explicit>false",
            "full</itunes:episodeType>\n      <itunes:explicit>False",
            Severity.WARNING,
        ),
        ("full</itunes:episodeType>\n      <itunes:explicit>false", "full</itunes:episodeType>\n      <itunes:explicit>no", Severity.ERROR),
        (SELF, SELF.replace("/feed.xml", "/other.xml"), Severity.WARNING),
        (SELF, "", Severity.ERROR),
        ('url="https://example.org/give"', 'url="http://example.org/give"', Severity.WARNING),
        ('url="https://example.org/give"', 'url="/give"', Severity.ERROR),
        (ENCLOSURE, ENCLOSURE + ENCLOSURE, Severity.WARNING),
        *(
            ('12000001" type="audio/mpeg"', f'12000001" type="{kind}"', Severity.WARNING)
            for kind in ("audio/mp3", "audio/x-mp3", "AUDIO/MPEG")
        ),
        *(('12000001" type="audio/mpeg"', f'12000001" type="{kind}"', Severity.ERROR) for kind in ("text/html", "image/jpeg")),
        *(("<itunes:duration>1500", f"<itunes:duration>{zero}", Severity.WARNING) for zero in ("0", "0:00", "00:00:00")),
        *(("<itunes:duration>1500", f"<itunes:duration>{wrong}", Severity.ERROR) for wrong in ("00:60:05", "04:49.0", "https://a")),
        (SUMMARY, SUMMARY + "&lt;script&gt;x&lt;/script&gt;", Severity.WARNING),
        ("<rss ", '<rss xmlns:googleplay="http://www.google.com/schemas/play-podcasts/1.0/" ', Severity.WARNING),
        ("<rss ", '<rss xmlns:dc="http://purl.org/dc/elements/1.1" ', Severity.WARNING),
        ("<rss ", '<rss xmlns:media="http://search.yahoo.com/mrss" ', Severity.ERROR),
        ("dtds/podcast-1.0.dtd", "DTDs/Podcast-1.0.dtd", Severity.ERROR),
        (ENCLOSURE, "", Severity.ERROR),
    ],
)
def test_rules_with_two_severities_use_the_right_one(good_feed, old, new, severity):
    (broken,) = check_feed_bytes(broken_feed(good_feed, old, new).encode(), feed_url=URL, now=NOW)
    assert broken.severity is severity


@pytest.mark.parametrize("size", ["999999999", "1000000000", "1187235816", "34359738368", "1099511627776"])
def test_a_recording_may_be_of_any_size(good_feed, size):
    assert codes(good_feed.replace('length="12000001"', f'length="{size}"')) == set()


@pytest.mark.parametrize(
    ("written", "offset"),
    [("26 06:00 EST", "-0500"), ("2026 06:00:00 PDT", "-0700"), ("2026 06:00:00 Z", "+0000"), ("2026 06:00:00", "+0000")],
)
def test_a_date_in_an_old_form_is_read_with_its_zone(written, offset):
    assert read_date(f"Mon, 02 Mar {written}").date == read_date(f"Mon, 02 Mar 2026 06:00:00 {offset}").date


def test_an_extra_has_a_number_between_two_others_and_only_one_of_that_number(good_feed):
    extra = good_feed.replace('<podcast:episode display="Part 1">1', "<podcast:episode>1.5")
    extra = broken_feed(extra, "<itunes:episodeType>full", "<itunes:episodeType>bonus").replace("<itunes:episode>1</itunes:episode>", "")
    assert codes(extra) == set()
    both = re.sub(
        r"<itunes:episode>2</itunes:episode>|<itunes:episodeType>full",
        lambda found: "" if "2" in found[0] else found[0][:-4] + "bonus",
        extra,
    )
    assert codes(re.sub(r"<podcast:episode[^>]*>2<", "<podcast:episode>1.5<", both)) == {"I019"}


def test_a_feed_of_five_million_bytes_is_an_error(good_feed):
    text = good_feed.replace("</channel>", f"<!-- {'x' * 5_000_000} --></channel>")
    (broken,) = check_feed_bytes(text.encode(), feed_url=URL, now=NOW)
    assert (broken.code, broken.severity) == ("F027", Severity.ERROR)


def test_the_recording_beside_the_feed_is_held_against_it(good_feed):
    facts = {"size": 12_000_001, "sha256": "a", "duration": 1500.4, "type": "audio/mpeg", "extension": "mp3"}
    document = read_feed(good_feed.encode())

    def found(**changes):
        return {broken.code for broken in check_feed(document, feed_url=URL, now=NOW, recordings={G1: AudioFacts(**(facts | changes))})}

    assert found() == set()
    assert found(size=12_000_000) == {"I009"}
    assert found(duration=1480.0) == {"I018"}
    assert found(type="audio/x-m4a", extension="m4a") == {"I010"}


def test_pictures_and_integrities_beside_the_feed_are_held_against_it(good_feed):
    document = read_feed(good_feed.encode())
    address = "https://show.example.org/art/wide.jpg"
    flat = ImageFacts(size=1, sha256="a", type="image/jpeg", width=1600, height=900)
    assert {broken.code for broken in check_feed(document, feed_url=URL, now=NOW, pictures={address: flat})} == {"A008"}
    other = {"https://show.example.org/media/episode-1-0a1b2c3d.opus": "sha384-" + "B" * 64}
    assert {broken.code for broken in check_feed(document, feed_url=URL, now=NOW, integrities=other)} == {"I027"}


def test_a_hidden_show_is_no_fault_when_it_is_meant(good_feed):
    document = read_feed(good_feed.replace("<itunes:type>", "<itunes:block>Yes</itunes:block><itunes:type>").encode())
    assert [broken.code for broken in check_feed(document, feed_url=URL, now=NOW)] == ["F021"]
    assert check_feed(document, feed_url=URL, now=NOW, hidden=True) == []


def test_without_a_clock_nothing_is_in_the_future(good_feed):
    assert codes(good_feed, now=None) == set()


def test_the_old_address_of_the_podcast_namespace_is_read_alike(good_feed):
    assert codes(good_feed.replace("https://podcastindex.org/namespace/1.0", OLD_PODCAST_NAMESPACE)) == set()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"\x00\x01\x02",
        b"<html><body>no feed",
        b"<rss>" * 400,
        b"\xff\xfe<\x00",
        b'<!DOCTYPE a [<!ENTITY x "'
        + b"x" * 900
        + b'">'
        + b"".join(b'<!ENTITY x%d "%s">' % (n, b"&x%s;" % (b"" if n == 0 else b"%d" % (n - 1)) * 20) for n in range(8))
        + b']><a t="&x7;"/>',
    ],
)
def test_hostile_bytes_are_one_finding(data):
    with pytest.raises(ContentFault):
        read_feed(data)
    assert [broken.code for broken in check_feed_bytes(data)] == ["F001"]


def test_other_documents_are_told_apart_from_feeds():
    found = check_feed_bytes(b'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"/>')
    assert [(broken.code, broken.hint) for broken in found] == [("F002", "Apple no longer takes Atom feeds")]


def test_entities_are_not_expanded_and_nothing_is_fetched(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    text = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]><rss version="2.0"><channel><title>a&x;b</title></channel></rss>'
    assert read_feed(text.encode()).channel.value("title") == "ab"


def test_unwrapped_markup_in_a_description_is_read_as_its_text():
    document = read_feed(b"<rss><channel><description>a <b>b</b> <!-- x -->c</description></channel></rss>")
    assert document.channel.value("description") == "a b c"


@pytest.mark.parametrize(
    "text", ["<" * 50_000, "<a " * 20_000, "<!--" * 20_000, "<a href='" * 15_000, "&" * 50_000, "<a href=" + " " * 50_000]
)
def test_hostile_notes_cost_no_more_than_their_length(good_feed, text):
    started = time.process_time()
    codes(good_feed.replace("<p>We walk", f"<p>{text}").replace(SUMMARY, text.replace("&", "&amp;").replace("<", "&lt;")))
    assert time.process_time() - started < 5
