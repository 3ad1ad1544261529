"""Whatever people write, the feed is well-formed and reads back as it was written."""

from __future__ import annotations

import dataclasses
import itertools
import os
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from feed.model import Chapter, Notes
from feed.rss import render_feed
from feed.schema.show import FeedTable
from feed.text_cleaning import xml_exact
from feed.written_items import items_in
from feed.xml_writing import clean, number
from tests.support.feed_samples import NAMESPACES, make_episode, make_rich_show, make_show, parse

SOAK = "AIRDATE_SOAK" in os.environ
ANY_INPUT = settings(
    max_examples=2_000 if SOAK else 40,
    derandomize=not SOAK,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking a whole show takes minutes and tells little
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

RICH = make_rich_show()
# Without what the feed leaves out: time splits of the channel, some of a stream's tags, and chapters that are hidden from lists.
RICH = dataclasses.replace(
    RICH,
    written=RICH.written.model_copy(
        update={"values": tuple(table.model_copy(update={"time_splits": ()}) for table in RICH.written.values)}
    ),
    live=tuple(
        dataclasses.replace(live, written=live.written.model_copy(update={"funding": (), "transcripts": (), "chapters": None}))
        for live in RICH.live
    ),
    episodes=tuple(
        dataclasses.replace(episode, chapters=tuple(chapter for chapter in episode.chapters if chapter.toc)) for episode in RICH.episodes
    ),
)
TEXT = st.text(st.characters(), max_size=12) | st.text(alphabet="<>&\"'] \t\r\n\x00\x0b\u2028\ufffe\ud800é🎙", max_size=12)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
DATES = st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001  hypothesis adds the zone
COUNTS = st.integers(1, 10**18)
SECONDS = st.floats(0, allow_nan=False, allow_infinity=False) | st.integers(0, 10**9).map(float)
LATEST = 1e7  # the latest start of a chapter that `feed.times.parse_time` reads

KEPT = {"type", "status", "rel", "sha256", "categories", "protocol", "medium", "integrity", "license", "hosts", "season"}
"""Fields whose value decides what is written (or is a fixed list's): they stay as they are."""
NOT_WRITTEN = {"slug", "id", "page", "text", "artwork", "timezone", "description", "disclosure", "fediverse", "comment_form"}
"""Fields the feed does not carry as they are."""


class Rewriter:
    """Puts other texts, dates and numbers into a value; `texts` keeps (field, text) of each."""

    def __init__(self, texts, dates, counts, seconds):
        self.pools = {
            str: itertools.cycle(texts),
            datetime: itertools.cycle(dates),
            int: itertools.cycle(counts),
            float: itertools.cycle(seconds),
        }
        self.texts = []

    def __call__(self, value, name=""):
        if isinstance(value, BaseModel):
            return value.model_copy(update={field: self(getattr(value, field), field) for field in type(value).model_fields})
        if dataclasses.is_dataclass(value):
            return type(value)(**{field.name: self(getattr(value, field.name), field.name) for field in dataclasses.fields(value)})
        if name in KEPT or isinstance(value, bool) or value in (None, "", 0):
            return value
        if isinstance(value, tuple):
            return tuple(self(part, name) for part in value)
        if isinstance(value, dict):
            return {key: self(part, name) for key, part in value.items()}
        if isinstance(value, str):
            # Never blank: an element that is nothing without its text takes its attributes with it.
            text = ("https://" if name in {"href", "image", "url"} else "x") + f"{len(self.texts)}" + next(self.pools[str])
            self.texts.append((name, text))
            return text
        return next(self.pools[type(value)])


def values_of(channel):
    """Every text and attribute an app finds."""
    found = set()
    for element in channel.iter():
        found.add((element.text or "").strip())
        found.update(element.attrib.values())
    return found


@ANY_INPUT
@given(*(st.lists(strategy, min_size=1, max_size=20) for strategy in (TEXT, DATES, COUNTS, SECONDS.filter(lambda value: value < LATEST))))
def test_any_text_reads_back_as_it_was_written(texts, dates, counts, seconds):
    rewrite = Rewriter(texts, dates, counts, seconds)
    show = rewrite(RICH)
    feed = render_feed(show, FeedTable())
    found = values_of(parse(feed))
    assert len(rewrite.texts) > 150
    for name, text in rewrite.texts:
        kept = name == "guid" and xml_exact(text) in found  # an episode's is compared letter by letter
        assert kept or name in NOT_WRITTEN or clean(text) in found, (name, text)
    assert render_feed(show, FeedTable()) == feed


@ANY_INPUT
@given(DATES, COUNTS, COUNTS, SECONDS, SECONDS, st.floats(0, 1e9, allow_nan=False))
def test_any_date_and_number_reads_back_as_it_was_written(date, season, length, start, duration, seconds):
    newest = RICH.episodes[0]
    bite = newest.written.soundbites[0].model_copy(update={"start_time": start, "duration": duration})
    written = newest.written.model_copy(update={"season": season, "soundbites": (bite,)})
    enclosure = dataclasses.replace(newest.enclosure, length=length, duration=seconds)
    episode = dataclasses.replace(newest, date=date, written=written, enclosure=enclosure)
    channel = parse(render_feed(dataclasses.replace(RICH, episodes=(episode,)), FeedTable()))
    item = channel.find("item")
    assert parsedate_to_datetime(item.findtext("pubDate")) == date.replace(microsecond=0)
    assert parsedate_to_datetime(channel.findtext("lastBuildDate")) == date.replace(microsecond=0)
    assert int(item.findtext("podcast:season", namespaces=NAMESPACES)) == season
    assert int(item.find("enclosure").get("length")) == length
    soundbite = item.find("podcast:soundbite", NAMESPACES)
    assert (float(soundbite.get("startTime")), float(soundbite.get("duration"))) == (start, duration)
    assert int(item.findtext("itunes:duration", "0", NAMESPACES)) == (max(1, round(seconds)) if seconds else 0)


@ANY_INPUT
@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_any_date_of_the_calendar_is_written_in_the_form_apps_read(date):
    episode = dataclasses.replace(RICH.episodes[0], date=date)
    written = parse(render_feed(dataclasses.replace(RICH, episodes=(episode,)), FeedTable())).findtext("item/pubDate")
    weekday, day, _, year, clock, zone = written.split()
    assert (len(weekday), len(day), len(year), len(clock), len(zone)) == (4, 2, 4, 8, 5)


@ANY_INPUT
@given(SECONDS)
def test_a_number_is_written_without_exponent_and_reads_back(value):
    assert "e" not in number(value).lower()
    assert float(number(value)) == value


def with_some_written_before(show, table, taken):
    """The feed where the items that are `taken` come from the document written before, and nobody knows their notes."""
    slugs = [episode.slug for episode in show.episodes]
    before = items_in(render_feed(show, table), slugs)
    assert list(before) == slugs
    written = {slug: before[slug] for slug, known in zip(slugs, taken, strict=False) if known}
    bare = [
        dataclasses.replace(episode, notes=Notes(page="", apps="", text="", summary=""), chapters=())
        if episode.slug in written
        else episode
        for episode in show.episodes
    ]
    return render_feed(dataclasses.replace(show, episodes=tuple(bare)), table, written)


@ANY_INPUT
@given(st.lists(TEXT, min_size=1, max_size=20), st.lists(st.booleans(), min_size=3, max_size=3), st.sampled_from([None, 1]))
def test_any_item_that_was_written_before_comes_out_in_the_same_bytes(texts, taken, full_notes):
    show = Rewriter(texts, [datetime(2026, 1, 1, tzinfo=UTC)], [1], [1.0])(RICH)
    show = dataclasses.replace(show, episodes=tuple(dataclasses.replace(item, slug=str(at)) for at, item in enumerate(show.episodes)))
    table = FeedTable(full_notes=full_notes)
    assert with_some_written_before(show, table, taken) == render_feed(show, table)


@pytest.mark.parametrize(
    "words",
    ["a ]]> b", "]]>", "\n\n  </item>\n  <item>\n", " \n ", "<![CDATA[ & ]]>", "tab\tand\rreturn", "&#13; &amp;lt;", "\u2028 \u00a0"],
)
def test_words_that_look_like_a_feed_come_out_in_the_same_bytes(words):
    episodes = [
        make_episode(
            count,
            written={"title": f"x {words} x", "soundbites": [{"start_time": 1, "duration": 20, "title": words or "x"}]},
            notes=Notes(page=words, apps=words, text=words, summary=words),
            chapters=(Chapter(start=0, title=words, url=f"https://a.example/?{words}"),),
        )
        for count in (3, 2, 1)
    ]
    show = make_show(*episodes)
    for taken in itertools.product((False, True), repeat=3):
        assert with_some_written_before(show, FeedTable(), taken) == render_feed(show, FeedTable())


def test_a_document_that_does_not_fit_the_names_gives_no_items():
    feed = render_feed(RICH, FeedTable())
    assert items_in(feed, ["one more"] * (len(RICH.episodes) + 1)) == {}
    assert items_in(feed[:-20], [episode.slug for episode in RICH.episodes]) == {}
    assert items_in(b"", []) == {}
