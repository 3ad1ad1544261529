"""Whatever people type into the folder, they are told what is wrong with it, or the feed reads back as they typed it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from feed.text_cleaning import one_line, without_angles
from tests.support.feed_samples import NAMESPACES, parse
from tests.support.show_factory import make_show, recording

SOAK = "AIRDATE_SOAK" in os.environ
ANY_FOLDER = settings(
    max_examples=2_000 if SOAK else 12,
    derandomize=not SOAK,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
# TOML holds no surrogates, and a text of blanks is no text: both are told elsewhere.
CHARACTERS = st.characters(blacklist_categories=["Cs"])
TEXT = st.text(CHARACTERS, max_size=20) | st.text(alphabet="<>&\"'] \t\r\n\x00\x0b\x7f\u2028\ufffeé🎙#+-=[]{}:|\\", max_size=20)
FIELDS = ("title", "description", "author", "copyright", "name", "episode", "summary", "chapter", "soundbite", "guest", "place")
SHOW = """[show]
title = {title}
description = {description}
author = {author}
copyright = {copyright}
language = "en"
categories = ["Technology"]
artwork = "artwork.jpg"
explicit = false
timezone = "UTC"
guid = "917393e3-1b1e-5cef-ace4-edaa54e1f810"
hosts = ["ada"]
location = [{{name = {place}, rel = "subject"}}]
[people.ada]
name = {name}
[site]
url = "https://small.example"
search = false
social_images = false
[storage]
url = "public"
"""
EPISODE = """+++
title = {episode}
summary = {summary}
date = {date}
season = {season}
guests = [{guest}]
chapters = [{{start = 0, title = {chapter}}}]
soundbites = [{{start_time = 1, duration = 15, title = {soundbite}}}]
+++

Notes.
"""


def bare(text: str) -> str:
    """Without blanks, and without what no feed may hold."""
    return "".join(one_line(text).split())


def toml(text: str) -> str:
    """A basic string of TOML; JSON escapes the same, but for the one control character it leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@pytest.fixture(scope="module")
def show(tmp_path_factory):
    made = make_show(tmp_path_factory.mktemp("any") / "show")
    made.write("episodes/one/audio.mp3", recording(30))
    return made


@ANY_FOLDER
@given(
    st.lists(TEXT, min_size=len(FIELDS), max_size=len(FIELDS)),
    st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001  hypothesis adds the zone
    st.integers(-(2**70), 2**70) | st.integers(1, 99),
    st.booleans(),
)
def test_anything_typed_is_told_off_or_reads_back(show, texts, date, season, fair):
    if fair:  # nothing is blank: most of these are published
        texts = [f"x{number}{text}" for number, text in enumerate(texts)]
        season = abs(season) % 1000 + 1
    values = dict(zip(FIELDS, texts, strict=True))
    written = {name: toml(text) for name, text in values.items()}
    moment = date.replace(microsecond=0)
    show.write("config.toml", SHOW.format(**written))
    show.write("episodes/one/episode.md", EPISODE.format(**written, date=f"{moment.isoformat()}Z", season=season))
    outcome = show.run("build", "--out", str(show.folder / "out"), now="9999-12-31T00:00:00Z")
    assert outcome.status in (0, 3), outcome.stderr
    if outcome.status == 3:
        assert "error" in outcome.stderr
        return
    channel = parse((show.folder / "out" / "feed.xml").read_bytes())
    item = channel.find("item")
    found = {bare(element.text or "") for element in channel.iter()}
    found |= {bare(value) for element in channel.iter() for value in element.attrib.values()}
    for name, text in values.items():
        # The summary is shown as notes are: without angle brackets, which some apps swallow.
        assert bare(without_angles(one_line(text)) if name == "summary" else text) in found, (name, text)
    assert parsedate_to_datetime(item.findtext("pubDate")) == moment.replace(tzinfo=UTC)
    assert int(item.findtext("itunes:season", namespaces=NAMESPACES)) == season


@pytest.mark.parametrize("text", ["A plain title", "<b>&amp; ]]> \"'", "Ünïcödé 🎙", "-1", "[x]\nb"])
def test_what_is_typed_in_good_faith_is_published(show, text):
    written = {name: toml(f"{text} {name}") for name in FIELDS}
    show.write("config.toml", SHOW.format(**written))
    show.write("episodes/one/episode.md", EPISODE.format(**written, date="2026-05-01T06:00:00Z", season=2))
    outcome = show.run("build", "--out", str(show.folder / "out"))
    assert outcome.status == 0, outcome.stderr
    assert " ".join(f"{text} title".split()) in " ".join(parse((show.folder / "out" / "feed.xml").read_bytes()).findtext("title").split())


@pytest.mark.parametrize("year", ["0022", "0999", "1899"])
def test_a_date_that_apps_would_read_as_another_is_refused(show, year):
    written = {name: toml(name) for name in FIELDS}
    show.write("config.toml", SHOW.format(**written))
    show.write("episodes/one/episode.md", EPISODE.format(**written, date=f"{year}-05-01T06:00:00Z", season=2))
    (row,) = [row for row in show.run("check", "--json").findings() if row["code"] == "I011"]
    assert (row["severity"], row["file"], row["line"]) == ("error", "episodes/one/episode.md", 4)
