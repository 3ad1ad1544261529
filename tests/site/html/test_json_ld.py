"""What search engines read (schema.org): each value in the form the vocabulary asks for, and nothing that nobody wrote."""

from __future__ import annotations

import json
import re

import pytest
from lxml import html

from publisher.site.html.json_ld import size_of
from tests.support.show_factory import make_show, tree

VTT = "WEBVTT\n\n00:00.000 --> 00:06.000\nThe water is cold.\n\n00:06.000 --> 00:14.000\nAnd the kettle knows.\n"


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode()
    return made


def told(show, page="episodes/first.html"):
    """The JSON-LD of a page as `publish` writes it, by type."""
    done = show.publish()
    assert done.status == 0, done.stderr
    scripts = html.fromstring(tree(show.public)[page]).xpath("//script[@type='application/ld+json']/text()")
    return {data["@type"]: data for data in map(json.loads, scripts)}


def test_a_transcript_is_words_and_a_link_to_one_is_a_file_with_its_type(show):
    """`transcript` is for the words themselves; the page has them, and a program that looks for a file finds it beside the captions."""
    show.write("episodes/2026-05-01-first/transcript.vtt", VTT)
    audio = told(show)["PodcastEpisode"]["associatedMedia"]
    assert "transcript" not in audio
    assert audio["caption"]["@type"] == "MediaObject"
    assert audio["caption"]["encodingFormat"] == "text/vtt"
    text = audio["encoding"]
    assert text["@type"] == "TextObject"
    assert text["encodingFormat"] == "text/plain"
    body = tree(show.public)[text["contentUrl"].removeprefix("https://small.example/")].decode()
    assert "And the kettle knows." in body


def test_sizes_have_their_unit_and_lengths_are_iso_8601(show):
    audio = told(show)["PodcastEpisode"]["associatedMedia"]
    assert re.fullmatch(r"\d+\.\d [kM]B", audio["contentSize"])
    assert audio["contentSize"] == size_of(len(tree(show.public)[audio["contentUrl"].removeprefix("https://small.example/")]))
    assert audio["duration"] == "PT20S"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (420, "0.4 kB"),
        (160_100, "160.1 kB"),
        (999_940, "999.9 kB"),
        (999_960, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (2_100_000_000, "2100.0 MB"),
    ],
)
def test_a_size_is_in_kilobytes_or_megabytes(size, words):
    assert size_of(size) == words


def test_who_made_it_is_a_person_only_where_the_show_says_so(show):
    """A name alone is nobody's kind: a show called an organisation, and an author called a person, were guesses."""
    show.configure('author = "Ada Field"', 'author = "Small Press"')
    show.edit("2026-05-01-first", "title =", 'author = "The Kettle Choir"\ntitle =')
    assert told(show)["PodcastEpisode"]["author"] == "The Kettle Choir"
    assert told(show, "index.html")["PodcastSeries"]["author"] == "Small Press"


def test_a_maker_who_is_one_of_the_people_is_told_as_one(show):
    show.configure('name = "Ada Field"\n\n[site]', 'name = "Ada Field"\nurl = "https://ada.example"\n\n[site]')
    show.edit("2026-05-01-first", "title =", 'author = "Ada Field"\ntitle =')
    ada = {"@type": "Person", "name": "Ada Field", "url": "https://ada.example"}
    assert told(show)["PodcastEpisode"]["author"] == ada
    assert told(show, "index.html")["PodcastSeries"]["author"] == ada


def test_nothing_is_said_that_nobody_wrote(show):
    """No licence, audience or price; no name of a season that has none; no description of an episode without one."""
    show.edit("2026-05-01-first", "title =", "season = 2\nepisode = 3\ntitle =")
    show.edit("2026-05-01-first", "Some notes.\n", "")
    data = told(show)
    assert data["PodcastEpisode"].keys() == {
        *("@context", "@type", "@id", "url", "name", "datePublished", "duration", "inLanguage", "image"),
        *("associatedMedia", "partOfSeries", "partOfSeason", "episodeNumber", "actor"),
    }
    assert data["PodcastEpisode"]["partOfSeason"] == {"@type": "PodcastSeason", "seasonNumber": 2}
    series = told(show, "index.html")["PodcastSeries"]
    assert series.keys() == {"@context", "@type", "name", "url", "webFeed", "description", "image", "inLanguage", "author"}


def test_a_seasons_name_is_said_where_it_has_one(show):
    show.configure("[storage]", '[seasons.2]\nname = "The Cold Water"\n\n[storage]')
    show.edit("2026-05-01-first", "title =", "season = 2\ntitle =")
    assert told(show)["PodcastEpisode"]["partOfSeason"]["name"] == "The Cold Water"


def test_a_chapter_that_no_list_shows_is_no_clip(show):
    """It has no place on the page that an address could lead to; the one before it lasts through it, as in the list."""
    chapters = [
        {"startTime": 0, "title": "Cold"},
        {"startTime": 5, "title": "A picture alone", "toc": False},
        {"startTime": 9, "title": "Warm"},
    ]
    show.write("episodes/2026-05-01-first/chapters.json", json.dumps({"version": "1.2.0", "chapters": chapters}))
    clips = told(show)["PodcastEpisode"]["hasPart"]
    page = html.fromstring(tree(show.public)["episodes/first.html"])
    assert [(clip["name"], clip["startOffset"], clip["endOffset"]) for clip in clips] == [("Cold", 0, 9), ("Warm", 9, 19.92)]
    assert all(page.xpath("//*[@id=$id]", id=clip["url"].rpartition("#")[2]) for clip in clips)
