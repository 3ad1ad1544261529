"""The table of hosts: each is known by what its feeds say, and what is said of its redirect has a page that says so."""

from __future__ import annotations

import datetime as dt

import pytest

from publisher.moving.hosts import HOSTS, UNKNOWN, host_of
from publisher.moving.shared_steps import BY_HAND


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
def test_what_is_said_of_a_host_has_its_source_and_the_day_it_was_read(host):
    assert host.name and host.marks
    for said in host.redirects:
        assert said.source.startswith("https://") and " " not in said.source
        assert dt.date.fromisoformat(said.checked) >= dt.date(2026, 11, 1)
        assert said.redirect.endswith((".", "it."))


def test_the_hosts_most_shows_come_from_are_known():
    named = {host.name.partition(" ")[0] for host in HOSTS}
    assert named == {
        *("Podigee", "Libsyn", "Buzzsprout", "Podbean", "Spotify", "Transistor", "Captivate", "Acast", "RSS.com", "WordPress"),
    }


@pytest.mark.parametrize(
    ("generator", "address", "name"),
    [
        ("Podigee (https://podigee.com)", "https://own.example/feed/mp3", "Podigee"),
        ("Anchor Podcasts", "", "Spotify for Creators (Anchor)"),
        ("https://podbean.com/?v=5.5", "", "Podbean"),
        ("Transistor (https://transistor.fm)", "", "Transistor"),
        ("Captivate.fm", "", "Captivate"),
        ("Buzzsprout (https://www.buzzsprout.com)", "", "Buzzsprout"),
        ("Libsyn WebEngine 2.0", "", "Libsyn"),
        ("https://wordpress.org/?v=6.9", "https://own.example/feed/podcast", "WordPress"),
        ("acast.com", "", "Acast"),
        ("", "https://feeds.acast.com/public/shows/1", "Acast"),
        ("", "https://show.podigee.io/feed/mp3", "Podigee"),
        ("", "https://media.rss.com/show/feed.xml", "RSS.com"),
        ("Megacast 3", "https://notlibsyn.com/rss", ""),
        ("", "https://libsyn.com.example/rss", ""),
        ("", "", ""),
    ],
)
def test_a_host_is_known_by_what_its_feed_says_and_else_by_where_it_lies(generator, address, name):
    assert host_of(generator, address).name == name


def test_of_an_unknown_host_nothing_is_said():
    assert UNKNOWN.redirects == () and UNKNOWN.domains == ()


def test_what_has_to_be_done_at_a_directory_names_the_feed_and_a_source_or_that_there_is_none():
    for _, _, how, source in BY_HAND:
        assert "{feed}" in how
        assert source.startswith("https://") or "could be read" in how
