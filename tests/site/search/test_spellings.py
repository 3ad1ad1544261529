"""Search finds a word however it is spelled, and words of a script without spaces in a show of another language."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.support.browsing import Site
from tests.support.listening import found, until
from tests.support.searched_show import searched
from tests.support.show_factory import make_show, recording

if TYPE_CHECKING:
    from collections.abc import Iterator

SAID = {
    "street": "Wir gehen über die Straße und reden von ihrer Größe.",
    "panic": "Please don’t panic, sagte der Reiseführer von Łódź.",
    "machine": "これは機械学習の話です。",
    "name": "José kam mit राम und மீனா.",
}


@pytest.fixture(scope="module")
def german(tmp_path_factory) -> Iterator[Site]:
    """A German show, whose guests speak what they like."""
    made = searched(make_show(tmp_path_factory.mktemp("german")))
    made.configure('language = "en"', 'language = "de"')
    for number, (slug, text) in enumerate(SAID.items(), 1):
        name = f"2026-05-{number:02}-{slug}"
        made.episode(name, date=f"{name[:10]}T06:00:00Z", audio=recording(90.0, voice=number), title=slug)
        made.write(
            f"episodes/{name}/transcript.vtt", f"WEBVTT\n\n00:00.000 --> 00:40.000\nGuten Abend.\n\n00:40.000 --> 01:20.000\n{text}\n"
        )
    outcome = made.publish("--yes")
    assert outcome.status == 0, outcome.stderr
    site = Site(made.public)
    yield site
    site.close()


QUERIES = [
    ("Straße", "street"),
    ("strasse", "street"),
    ("STRASSE", "street"),
    ("Größe", "street"),
    ("groesse", "street"),
    ("grosse", "street"),
    ("ueber", "street"),
    ("don't", "panic"),
    ("don’t", "panic"),
    ("dont", "panic"),
    ("reisefuehrer", "panic"),
    ("lodz", "panic"),
    ("Lodz", "panic"),
    ("Łódź", "panic"),
    ("学習", "machine"),
    ("機械学習", "machine"),
    ("機械", "machine"),
    ("jose", "name"),
    ("Jose\u0301", "name"),
    ("राम", "name"),
]


def test_the_show_is_searched_by_any_spelling(german, open_page):
    page = open_page(f"{german.origin}/search.html")
    waiting = {slug: [query for query, where in QUERIES if where == slug] for slug in SAID}
    turns = itertools.chain.from_iterable(itertools.zip_longest(*([(query, slug) for query in asked] for slug, asked in waiting.items())))
    before = ""
    for query, slug in filter(None, turns):
        if slug == before:  # else what is found says itself that it is of this query
            page.locator("#q").fill("")
            page.locator("#found:empty").wait_for(state="attached")
        before = slug
        page.locator("#q").fill(query)
        page.locator("#results h2", has_text=slug).wait_for(timeout=10_000)
        assert page.locator("#results h2").all_inner_texts() == [slug], query


def test_a_transcript_is_searched_by_any_spelling(german, open_page):
    context = None
    for slug in SAID:
        page = open_page(f"{german.origin}/episodes/{slug}.html", context=context)
        context = page.context
        for query in (query for query, where in QUERIES if where == slug):
            page.locator("#find").fill("")
            until(page, "CSS.highlights.get('here').size === 0")
            page.locator("#find").fill(query)
            until(page, "CSS.highlights.get('here').size === 1")


def test_letters_without_an_accent_of_their_own_are_found_in_a_transcript(german, open_page):
    page = open_page(f"{german.origin}/episodes/panic.html")
    page.locator("#find").fill("lodz")
    until(page, "CSS.highlights.get('here').size === 1")
    assert found(page, "here") == ["Łódź"]


def test_what_is_found_without_spaces_is_shown_without_them(german, open_page):
    page = open_page(f"{german.origin}/search.html?q=学習")
    heard = page.locator(".moment .heard", has_text="機械学習の話").first
    heard.wait_for(timeout=5000)
