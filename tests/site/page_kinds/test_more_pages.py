"""Plain pages, seasons, serial shows and the map of it all, as a publish makes them."""

from __future__ import annotations

import pytest
from lxml import html

from tests.support.show_factory import make_show, picture, tree


@pytest.fixture
def show(tmp_path):
    return make_show(tmp_path / "show")


def dated(show, name, **values):
    """An episode that came out on the day its folder names."""
    show.episode(name, date=f"{name[:10]}T06:00:00Z", **values)


def published(show, *arguments):
    outcome = show.publish("--yes", *arguments)
    assert outcome.status == 0, outcome.stderr
    return tree(show.public)


def test_a_page_of_ones_own_is_in_footer_and_map(show):
    show.episode()
    show.write("pages/imprint.md", '+++\ntitle = "Imprint & contact"\n+++\n\nWrite *soon*. <script>alert(1)</script>\n')
    show.write("pages/about-us.md", "# About **us**\n\nWe.\n")
    files = published(show)
    body = html.fromstring(files["imprint.html"])
    assert body.xpath("//h1/text()") == ["Imprint & contact"]
    assert body.xpath("//article//em/text()") == ["soon"]
    assert b"<script>alert" not in files["imprint.html"]
    home = html.fromstring(files["index.html"])
    assert home.xpath("//footer//a[@href='imprint.html']/text()") == ["Imprint & contact"]
    assert html.fromstring(files["episodes/first.html"]).xpath("//footer//a[@href='../about-us.html']")
    assert b"https://small.example/imprint.html" in files["sitemap.xml"]


@pytest.mark.parametrize("name", ["index.md", "search.md", "404.md", "season-1.md"])
def test_a_page_that_would_hide_one_of_ours_is_left_out_and_named(show, name):
    show.episode()
    show.write(f"pages/{name}", "# Mine\n")
    outcome = show.publish("--yes")
    assert outcome.status == 0
    assert f"pages/{name}" in outcome.stderr
    assert not any(b">Mine<" in body for body in tree(show.public).values())


@pytest.mark.parametrize("text", ["+++\ntitle = \n+++\n", "+++\nnever closed", "\xff", "", "#\n"])
def test_a_page_that_cannot_be_read_stops_nothing(show, text):
    show.episode()
    show.write("pages/odd.md", text.encode("latin-1"))
    assert show.publish("--yes").status == 0


def test_a_page_of_ones_own_changes_alone(show):
    show.episode()
    show.write("pages/about.md", "# About\n\nOne.\n")
    before = published(show)
    show.write("pages/about.md", "# About\n\nTwo.\n")
    after = published(show)
    changed = {key for key in after if after[key] != before.get(key) and not key.startswith(("airdate-state", "search/"))}
    assert changed == {"about.html"}


def test_seasons_have_pages_with_name_and_artwork(show):
    show.configure("[site]", '[seasons.2]\nname = "Things that wait"\nartwork = "two.png"\n\n[site]')
    show.write("two.png", picture(1500, 1500, "PNG"))
    dated(show, "2026-04-01-one", front="season = 1")
    dated(show, "2026-05-01-two", front="season = 2")
    dated(show, "2026-05-08-three", front="season = 2")
    files = published(show)
    second = html.fromstring(files["season-2.html"])
    assert second.xpath("//h1/text()") == ["Things that wait"]
    assert second.xpath("//ol[@class='episodes']//a/text()") == ["Three", "Two"]
    assert "season-2" in second.xpath("//div[@class='season']/img/@src")[0]
    assert html.fromstring(files["season-1.html"]).xpath("//h1/text()") == ["Season 1"]
    assert html.fromstring(files["archive/1.html"]).xpath("//nav[@class='seasons']//a/@href") == ["../season-1.html", "../season-2.html"]
    assert b"/season-2.html" in files["sitemap.xml"]


def test_one_season_is_no_choice(show):
    show.configure("[site]", '[seasons.1]\nname = "Things that wait"\n\n[site]')
    dated(show, "2026-04-01-one", front="season = 1")
    dated(show, "2026-04-02-two", front="season = 1")
    files = published(show)
    for key in ("index.html", "archive/1.html", "season-1.html"):
        assert not html.fromstring(files[key]).xpath("//nav[@class='seasons']"), key
    assert html.fromstring(files["episodes/two.html"]).xpath("//nav[@class='trail']//a/@href") == ["../season-1.html"]


def test_one_season_without_a_name_needs_no_page(show):
    show.episode(front="season = 1")
    assert "season-1.html" not in published(show)


def test_a_season_that_is_over_keeps_its_page(show):
    dated(show, "2026-04-01-one", front="season = 1")
    dated(show, "2026-05-01-two", front="season = 2")
    before = published(show)
    dated(show, "2026-05-08-three", front="season = 2")
    after = published(show)
    assert after["season-1.html"] == before["season-1.html"]
    assert after["season-2.html"] != before["season-2.html"]


def test_a_serial_show_begins_with_its_trailer_and_first_episode(show):
    show.configure("explicit = false", 'explicit = false\ntype = "serial"')
    dated(show, "2026-04-01-trailer", front='type = "trailer"\nseason = 1')
    dated(show, "2026-04-08-one", front="season = 1\nepisode = 1")
    dated(show, "2026-04-15-two", front="season = 1\nepisode = 2")
    dated(show, "2026-05-01-next", front="season = 2\nepisode = 1")
    show.remove("2026-05-01-next")
    files = published(show)
    home = html.fromstring(files["index.html"])
    assert home.xpath("//section[@class='opening']//h3/a/@href") == ["episodes/trailer.html#player", "episodes/one.html#player"]
    dated(show, "2026-05-01-next", front="season = 2\nepisode = 1")
    files = published(show)
    home = html.fromstring(files["index.html"])
    assert home.xpath("//section[@class='opening']//h3/a/@href") == ["episodes/next.html#player"]
    assert html.fromstring(files["season-1.html"]).xpath("//ol[@class='episodes']//a/text()") == ["Trailer", "One", "Two"]


def test_an_episodic_show_begins_with_the_newest(show):
    show.episode()
    assert b'class="opening"' not in published(show)["index.html"]


def test_what_was_removed_keeps_its_title(show):
    dated(show, "2026-05-01-first", title="A tale of “two” <b>locks</b>")
    dated(show, "2026-05-08-second")
    published(show)
    show.remove("2026-05-01-first")
    files = published(show, "--force", "remove=first")
    assert "A tale of “two” <b>locks</b>" in html.fromstring(files["episodes/first.html"]).text_content()
    assert b"first.html" not in files["sitemap.xml"]
