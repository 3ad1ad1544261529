"""What is on the pages, read as HTML: the part that works without any script."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from posixpath import join, normpath
from urllib.parse import urlsplit

import pytest
from lxml import html

from feed.model import Enclosure, Image, Notes
from publisher.site.html import episode_pages
from publisher.site.html import show_pages as pages
from publisher.site.parts.page_values import Neighbour
from publisher.site.parts.theme import Theme
from publisher.site.parts.words import LANGUAGES, words_for
from tests.support import sample_pages

SITE = sample_pages.SITE


@pytest.fixture(scope="module")
def site():
    return sample_pages.sample_site()


@pytest.fixture(scope="module")
def episode(site):
    return html.fromstring(site["episodes/episode-3.html"])


def render(episode=None, *, show=None, settings=None, **view):
    show = show or sample_pages.make_show()
    made = sample_pages.make_view(episode or sample_pages.make_episode(), **view)
    return episode_pages.episode_page(Theme(settings or sample_pages.make_settings()), show, made).decode()


def test_an_episode_shows_title_date_length_people_notes_chapters_and_transcript(episode):
    assert episode.findtext(".//h1") == "The clock that is late on purpose"
    facts = [" ".join(item.text_content().split()) for item in episode.xpath("//ul[@class='facts']/li")]
    assert facts == ["Things that wait", "Episode 3", "May 13, 2026", "1 min", "Made with AI"]
    assert episode.xpath("//time/@datetime") == ["2026-05-13T06:00:00+00:00", "PT1M"]
    assert [" ".join(item.text_content().split()) for item in episode.xpath("//ul[@class='people']/li")] == [
        "EEmma Okafor Host",
        "JJonas Weiß Guest",
    ]
    assert [head.text_content().strip() for head in episode.xpath("//main//h2")][:3] == ["Show notes", "Chapters", "Transcript"]
    assert episode.xpath("//nav[@id='chapters']//a[@class='chapter']/@href") == ["#t=0", "#t=20", "#t=41"]
    assert len(episode.xpath("//span[@class='cue']")) == 12


def test_headings_go_down_one_step_at_a_time(site):
    for key, body in site.items():
        if key.endswith(".html"):
            levels = [int(tag.tag[1]) for tag in html.fromstring(body).xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")]
            levels = [level for level in levels if level]
            assert levels[0] == 1, key
            assert levels.count(1) == 1, key
            assert all(after - before <= 1 for before, after in pairwise(levels)), key


def test_every_link_and_file_of_every_page_is_there(site):
    held = {*site, "media/minute.mp3", "art/show.jpg"}
    for key, body in site.items():
        if not key.endswith(".html"):
            continue
        tree = html.fromstring(body)
        for link in tree.xpath("//@href | //@src"):
            if link.startswith(SITE):
                target = link.removeprefix(SITE + "/")
            elif urlsplit(link).scheme:
                continue
            elif link.startswith("/"):
                target = link.removeprefix("/show/")
            else:
                target = normpath(join(key.rpartition("/")[0], link.partition("#")[0])) if link.partition("#")[0] else key
            fragment = link.partition("#")[2]
            assert target.partition("#")[0] in held, (key, link)
            if fragment and target == key:
                assert tree.xpath("//*[@id=$id]", id=fragment), (key, link)


def test_ids_are_unique(site):
    for key, body in site.items():
        if key.endswith(".html"):
            ids = html.fromstring(body).xpath("//@id")
            assert len(ids) == len(set(ids)), key


def test_nothing_in_a_page_needs_an_unsafe_policy(site):
    for key, body in site.items():
        if key.endswith(".html"):
            tree = html.fromstring(body)
            loading, leaving = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
            assert "unsafe" not in loading
            assert "default-src 'none'" in loading
            assert leaving == "base-uri 'none'; form-action 'self'"
            assert not tree.xpath("//@style | //style | //*[@*[starts-with(name(), 'on')]]"), key
            for script in tree.xpath("//script[not(@src)]"):
                assert script.get("type") in {"application/ld+json", "application/json"}, key


def test_everything_a_page_loads_is_permitted_by_its_policy(site):
    loads = {
        "script-src": "//script/@src",
        "style-src": "//link[@rel='stylesheet']/@href",
        "img-src": "//img/@src | //link[@rel='icon']/@href",
    }
    loads |= {"media-src": "//audio/@src | //audio/source/@src", "manifest-src": "//link[@rel='manifest']/@href"}
    for key, body in site.items():
        if key.endswith(".html"):
            tree = html.fromstring(body)
            policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
            permitted = {name: sources for name, *sources in (directive.split() for directive in policy.split(";"))}
            for name, path in loads.items():
                for link in tree.xpath(path):
                    parts = urlsplit(link)
                    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "'self'"
                    assert origin in permitted[name], (key, link)


def test_readers_and_crawlers_find_feed_canonical_transcripts_and_chapters(episode):
    alternate = {link.get("type"): link.get("href") for link in episode.xpath("//link[@rel='alternate']")}
    assert alternate["application/rss+xml"] == f"{SITE}/feed.xml"
    assert alternate["text/vtt"] == "episode-3/transcript-1a2b3c4d.vtt"
    assert alternate["application/json+chapters"] == "episode-3/chapters-1a2b3c4d.json"
    assert alternate["application/json+oembed"] == f"{SITE}/oembed/episode-3.json"
    assert episode.xpath("//link[@rel='canonical']/@href") == [f"{SITE}/episodes/episode-3.html"]
    assert episode.xpath("//meta[@property='og:audio']/@content") == [f"{SITE}/media/minute.mp3"]


def test_search_engines_read_the_episode_its_recording_and_its_chapters(episode):
    data = json.loads(episode.xpath("//script[@type='application/ld+json']")[0].text)
    assert data["@type"] == "PodcastEpisode"
    assert data["partOfSeries"]["webFeed"] == f"{SITE}/feed.xml"
    assert data["associatedMedia"]["duration"] == "PT1M"
    assert data["associatedMedia"]["caption"]["encodingFormat"] == "text/vtt"
    assert [(clip["startOffset"], clip["endOffset"], clip["url"].rpartition("#")[2]) for clip in data["hasPart"]] == [
        (0, 20, "t=0"),
        (20, 41, "t=20"),
        (41, 60.0, "t=41"),
    ]
    assert [person["name"] for person in data["actor"]] == ["Emma Okafor", "Jonas Weiß"]


def test_an_episode_without_transcript_and_chapters_says_so_and_stands(site):
    tree = html.fromstring(site["episodes/episode-1.html"])
    assert "There is no transcript of this episode." in tree.text_content()
    assert not tree.xpath("//nav[@id='chapters']")
    assert not tree.xpath("//form")
    assert tree.xpath("//audio/@src") == ["../media/minute.mp3"]


def test_chapters_without_a_transcript_are_targets_themselves():
    tree = html.fromstring(render(cues=()))
    assert tree.xpath("//nav[@id='chapters']//li/@id") == ["t=0", "t=20", "t=41"]


def test_a_hidden_chapter_is_in_no_list():
    whole = sample_pages.make_episode()
    hidden = replace(
        whole, chapters=(whole.chapters[0], replace(whole.chapters[1], toc=False, title="An advertisement"), whole.chapters[2])
    )
    assert "An advertisement" not in html.fromstring(render(hidden)).xpath("string(//main)")


def test_an_unlisted_episode_is_kept_from_search_engines_and_a_draft_is_marked():
    listed, unlisted, draft = html.fromstring(render()), html.fromstring(render(unlisted=True)), html.fromstring(render(draft=True))
    robots = [tree.xpath("//meta[@name='robots']/@content") for tree in (listed, unlisted, draft)]
    assert robots == [[], ["noindex"], ["noindex"]]
    assert not unlisted.xpath("//link[@rel='canonical']")
    assert "Draft" in draft.text_content()


def test_an_episode_page_reads_nothing_of_the_other_episodes():
    few = sample_pages.make_show()
    many = replace(few, episodes=tuple(sample_pages.make_episode(number) for number in range(1, 9)))
    assert render(show=few) == render(show=many)


def test_the_same_input_gives_the_same_bytes(site):
    assert sample_pages.sample_site() == site


def test_a_recording_elsewhere_is_allowed_by_name_and_a_picture_elsewhere_is_not_asked_for():
    away = replace(
        sample_pages.make_episode(),
        enclosure=Enclosure(url="https://cdn.example/a.mp3", length=1, type="audio/mpeg", duration=60),
        image=Image(url="https://cdn.example/a.jpg", width=1400, height=1400),
    )
    body = render(away)
    tree = html.fromstring(body)
    assert "media-src 'self' https://cdn.example;" in tree.xpath("//meta[@http-equiv]/@content")[0]
    assert tree.xpath("//audio/@src") == ["https://cdn.example/a.mp3"]
    assert not tree.xpath("//img[starts-with(@src, 'http')]")


def test_covers_come_in_the_sizes_there_are():
    covers = tuple(Image(url=f"{SITE}/art/e-{size}.jpg", width=size, height=size) for size in (320, 640))
    image = html.fromstring(render(covers=covers)).xpath("//img[@class='cover']")[0]
    assert image.get("src") == "../art/e-640.jpg"
    assert image.get("srcset") == "../art/e-320.jpg 320w, ../art/e-640.jpg 640w, ../art/show.jpg 1400w"


def test_sources_are_listed_with_their_times():
    sources = (
        {"title": "The log", "url": "https://example.org/log", "at": "0:33"},
        {"title": "Hearsay", "url": "javascript:x", "at": "soon"},
    )
    tree = html.fromstring(render(sample_pages.make_episode(written={"sources": sources})))
    items = tree.xpath("//ul[@class='sources']/li")
    assert [item.xpath(".//a/@href") for item in items] == [["https://example.org/log", "#t=33"], []]
    assert tree.xpath("//*[@id='t=33']")


def test_home_shows_the_newest_first_and_goes_on_where_it_ends(site):
    tree = html.fromstring(site["index.html"])
    assert tree.findtext(".//h1") == "Slow Light"
    assert [link.text for link in tree.xpath("//h3/a")] == [
        "The clock that is late on purpose",
        "Bees do not keep minutes",
        "A footpath is a habit",
    ]
    assert json.loads(tree.xpath("//script[@type='application/ld+json']")[0].text)["@type"] == "PodcastSeries"


@pytest.mark.parametrize(
    ("count", "shown", "older"),
    [
        (0, 0, ""),
        (9, 9, ""),
        (25, 25, ""),
        (26, 26, ""),
        (35, 10, "archive/1.html"),
        (59, 34, "archive/1.html"),
        (60, 10, "archive/2.html"),
    ],
)
def test_home_ends_where_an_archive_page_does(count, shown, older):
    episodes = tuple(sample_pages.make_episode(number) for number in range(count, 0, -1))
    got, key = pages.newest(episodes)
    assert (len(got), key) == (shown, older)
    older_pages = sample_pages.paginate(episodes)[: int(re.search(r"\d+", key)[0])] if key else []
    rest = [episode for page in reversed(older_pages) for episode in page]
    assert [*got, *rest] == list(episodes)


def test_a_full_archive_page_keeps_its_bytes_when_episodes_come():
    theme = Theme(sample_pages.make_settings())
    show = sample_pages.make_show()
    episodes = [sample_pages.make_episode(number) for number in range(80, 0, -1)]
    before, after = sample_pages.paginate(episodes[20:]), sample_pages.paginate(episodes)
    assert (len(before), len(after)) == (3, 4)
    first = [pages.archive_page(theme, replace(show, episodes=archive[0]), 1, len(archive)) for archive in (before, after)]
    assert first[0] == first[1]


def test_an_empty_show_has_a_home_page():
    body = pages.home_page(Theme(sample_pages.make_settings()), sample_pages.make_show()).decode()
    assert "There are no episodes yet." in body


def test_what_is_gone_says_so_and_404_answers_at_any_depth(site):
    assert "“An episode that is gone” is no longer available." in html.fromstring(site["episodes/gone.html"]).text_content()
    assert html.fromstring(site["404.html"]).xpath("//link[@rel='stylesheet']/@href")[0].startswith("/show/assets/site-")


def test_neighbours_are_linked_both_ways_and_named(site):
    tree = html.fromstring(site["episodes/episode-2.html"])
    assert tree.xpath("//nav//a[@rel='prev']/@href") == ["episode-1.html"]
    assert tree.xpath("//nav//a[@rel='next']/@href") == ["episode-3.html"]


def test_pretty_addresses_reach_every_link():
    settings = sample_pages.make_settings(pretty_urls=True)
    body = render(settings=settings, previous=Neighbour(title="Before", key="episodes/before.html"))
    assert not re.search(r'href="[^"]*\.html', body)
    assert f'href="{SITE}/episodes/episode-3"' in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_english_is_left_on_a_page_in_another_language(language):
    show = sample_pages.make_show(language=language, ai={"content": True, "voices": True})
    view = sample_pages.make_view(sample_pages.make_episode(written={"type": "bonus", "explicit": True}))
    site = sample_pages.make_site(sample_pages.make_settings(), show, [view])
    words, english = words_for(language), words_for("en")
    for key in ("episodes/episode-3.html", "index.html", "subscribe.html", "people.html", "404.html"):
        tree = html.fromstring(site[key])
        assert tree.get("lang") == language
        assert tree.get("dir") == words.direction
        said = {text.strip() for text in tree.xpath("//text()[not(parent::script)] | //@aria-label | //@title | //@placeholder")}
        for name, text in english.table.items():
            if language != "en" and isinstance(text, str) and "{" not in text and words.table[name] != text:
                assert text not in said, f"{key}: {name} is English"
    data = json.loads(html.fromstring(site["episodes/episode-3.html"]).xpath("//script[@id='airdate']")[0].text)
    assert data["words"]["pause"] == words("pause")


def test_the_transcripts_own_language_is_marked():
    tree = html.fromstring(render(sample_pages.make_episode(written={"language": "de"})))
    assert tree.xpath("//section[@id='transcript']/@lang") == []  # its heading and tools are in the page's language
    assert tree.xpath("//section[@id='transcript']/div[@class='timeline']/@lang") == ["de"]


def test_a_person_without_a_picture_of_ours_gets_an_initial():
    person = replace(sample_pages.PEOPLE[0], image="https://elsewhere.example/emma.jpg")
    tree = html.fromstring(render(replace(sample_pages.make_episode(), people=(person,))))
    assert tree.xpath("//span[@class='initial']/text()") == ["E"]


def test_an_episode_without_notes_has_no_empty_section():
    empty = replace(sample_pages.make_episode(), notes=Notes(page="", apps="", text="", summary=""))
    assert "Show notes" not in render(empty)


def test_machine_made_shows_say_so(episode):
    assert "Written by people, spoken by machines. The voices are synthetic." in episode.xpath("string(//footer)")
    assert "Made with AI" not in render()


def test_a_chapter_shows_its_picture_when_it_is_ours():
    from dataclasses import replace

    chapters = tuple(
        replace(chapter, image=image)
        for chapter, image in zip(
            sample_pages.CHAPTERS, (f"{SITE}/art/lamp-1a2b3c4d.jpg", "https://elsewhere.example/x.jpg", ""), strict=True
        )
    )
    view = sample_pages.make_view(replace(sample_pages.make_episode(), chapters=chapters))
    body = episode_pages.episode_page(Theme(sample_pages.make_settings()), sample_pages.make_show(), view).decode()
    assert html.fromstring(body).xpath("//img[@class='thumb']/@src") == ["../art/lamp-1a2b3c4d.jpg"]
    assert "elsewhere.example" not in body


def test_a_person_without_a_page_of_their_own_is_linked_to_the_people():
    body = html.fromstring(render())
    assert body.xpath("//ul[@class='people']//a/@href") == ["https://emma.example", "../people.html#jonas"]
    crowd = html.fromstring(sample_pages.sample_site(SITE)["people.html"])
    assert {"emma", "jonas"} <= set(crowd.xpath("//ul[@class='crowd']/li/@id"))
