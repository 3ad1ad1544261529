"""What the feed says, the page shows: live streams, soundbites, other encodings, places, licence, chat, recommended shows."""

import datetime as dt
from dataclasses import replace

import pytest
from lxml import html

from publisher.site.html import feed_tags
from publisher.site.parts.words import LANGUAGES, words_for
from tests.support import sample_pages
from tests.support.tagged_pages import ALTERNATES, EPISODE, EVENING, SHOW, live


def made(language="en", streams=(), **episode):
    show = replace(sample_pages.make_show(language=language, **SHOW), live=streams)
    item = sample_pages.make_episode(written=EPISODE | episode, alternates=ALTERNATES)
    site = sample_pages.make_site(sample_pages.make_settings(), show, [sample_pages.make_view(item)])
    return html.fromstring(site["episodes/episode-3.html"]), html.fromstring(site["index.html"])


def lines(tree):
    found = tree.xpath("//dl[@class='particulars']/div")
    return {(line.findtext("dt"), line.find("dd").text_content(), line.find("dd").xpath("string(a/@href)")) for line in found}


def test_an_episode_says_its_places_its_licence_and_where_one_talks():
    episode, _ = made()
    assert lines(episode) == {
        ("About this place", "Heligoland", "https://www.openstreetmap.org/relation/3787052"),
        ("Made in", "Hamburg", "https://www.openstreetmap.org/?mlat=53.55&mlon=9.99"),
        ("About this place", "Nowhere", ""),
        ("Licence", "CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("Chat", "#slow light, irc.example.org (irc)", "ircs://irc.example.org/slow%20light"),
    }


def test_soundbites_stand_in_their_order_and_lead_to_their_stretch():
    episode, _ = made()
    bites = episode.xpath("//section[@id='soundbites']//a")
    assert [bite.get("href") for bite in bites] == ["#t=20,35", "#t=41,56.5"]
    assert [bite.findtext("span[@class='name']") for bite in bites] == ["A <b>lamp</b>", "The clock that is late on purpose"]
    assert [bite.findtext("span[@class='at']") for bite in bites] == ["0:20–0:35", "0:41–0:56"]
    assert {bite.get("href")[1:] for bite in bites} <= set(episode.xpath("//@id"))


def test_two_soundbites_of_one_stretch_share_a_target():
    episode, _ = made(soundbites=[{"start_time": 20, "duration": 15, "title": name} for name in ("One", "Two")])
    assert len(episode.xpath("//section[@id='soundbites']//a[@href='#t=20,35']")) == 2
    assert episode.xpath("//@id").count("t=20,35") == 1


def test_other_encodings_are_offered_beside_the_recording():
    episode, _ = made()
    found = {
        (" ".join(link.text_content().split()), link.get("href"))
        for link in episode.xpath("//aside//ul[@class='files']//a[starts-with(@type, 'video') or contains(@type, 'opus')]")
    }
    assert found == {("Video, 720p, German MP4, 25.0 MB", "https://video.example/a.mp4"), ("Opus, small OPUS", "../media/a.opus")}


@pytest.mark.parametrize("status", ["pending", "live", "ended"])
def test_a_live_stream_stands_first_with_its_status_and_its_ways(status):
    _, home = made(streams=(live(status),))
    section = home.xpath("//section[contains(@class, 'live')]")[0]
    said = {"pending": "Announced", "live": "Live now", "ended": "Over"}[status]
    assert section.xpath("string(.//*[contains(@class, 'badge')])") == said
    assert section.xpath("string(.//time/@datetime)") == "2026-05-01T20:00:00+02:00"
    times = " ".join(section.xpath("string(.//p[@class='kicker'])").split())
    assert times == f"{said} May 1, 2026, 8:00 PM – 10:00 PM UTC+02:00"
    assert "We sit <below> the lamp." in section.text_content()
    links = section.xpath(".//a/@href")
    assert ("https://stream.example/live.mp3" in links) == (status != "ended")
    assert "https://video.example/live" in links
    assert not any("javascript" in link for link in links)
    assert ("Chat", "#slow light, irc.example.org (irc)", "ircs://irc.example.org/slow%20light") in lines(section)
    assert home.xpath("//main//section")[0] is section


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (None, "May 1, 2026, 8:00 PM UTC+02:00"),
        (EVENING + dt.timedelta(hours=5), "May 1, 2026, 8:00 PM UTC+02:00 – May 2, 2026, 1:00 AM UTC+02:00"),
        ((EVENING + dt.timedelta(hours=1)).astimezone(dt.UTC), "May 1, 2026, 8:00 PM UTC+02:00 – May 1, 2026, 7:00 PM UTC"),
    ],
)
def test_a_stream_that_ends_on_another_day_or_in_another_zone_says_both_whole(end, said):
    _, home = made(streams=(live(end=end),))
    assert " ".join(home.xpath("string(//p[@class='kicker'][time])").split()) == f"Live now {said}"


def test_the_home_page_says_how_often_and_where_and_which_shows_are_recommended():
    _, home = made()
    assert "every other Thursday" in home.xpath("string(//div[@class='headline'])")
    assert lines(home) == {
        ("About this place", "Lower Saxony", ""),
        ("Chat", "#slow:matrix.example, matrix.example (matrix)", "https://matrix.to/#/%23slow:matrix.example"),
    }
    found = [(item.text_content(), item.xpath("string(.//a/@href)")) for item in home.xpath("//section[contains(@class, 'podroll')]//li")]
    assert found == [
        ("Another show", "https://other.example/feed.xml"),
        ("A show without a way", ""),
        ("https://third.example/rss", "https://third.example/rss"),
    ]


def test_what_the_feed_does_not_say_stands_nowhere():
    site = sample_pages.sample_site()
    for key in ("index.html", "episodes/episode-3.html"):
        tree = html.fromstring(site[key])
        assert not tree.xpath("//dl | //section[@id='soundbites' or contains(@class, 'live') or contains(@class, 'podroll')]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_in_the_pages_language(language):
    episode, home = made(language, streams=(live("live"), live("pending", guid="2"), live("ended", guid="3")))
    words = words_for(language)
    headings = {text.strip() for tree in (episode, home) for text in tree.xpath("//h2/text()")}
    assert {words("soundbites"), words("live_title"), words("podroll"), words("about")} <= headings
    said = home.text_content()
    assert all(words(f"live_{status}") in said for status in ("live", "pending", "ended"))
    named = {name for name, _, _ in lines(episode)}
    assert named == {words("place_subject"), words("place_creator"), words("license"), words("chat")}


def test_a_chat_of_a_protocol_without_a_link_is_text():
    table = sample_pages.make_show(chat={"server": "wss://relay.example", "protocol": "nostr"}).written
    assert feed_tags.particulars(table, words_for("en"), licence=False) == (feed_tags.TagLine("Chat", "wss://relay.example (nostr)", ""),)
