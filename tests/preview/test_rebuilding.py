"""What a preview shows beside what is published, and that a change makes only what it concerns."""

import datetime as dt

import pytest
from lxml import html

from publisher.core.command_call import Options
from publisher.core.console import Console
from publisher.folder_to_plan import Purpose, Scope, prepare
from publisher.load.config_reader import read_config
from publisher.state.state import State
from publisher.workspace import Workspace
from tests.support.show_factory import make_show

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode()
    made.episode("2026-05-08-second", date="2026-05-08T06:00:00Z")
    return made


def rendered(show, earlier=None):
    workspace = Workspace(read_config(show.config), Console(quiet=True), NOW)
    return prepare(workspace, State(), Options(now=NOW), Purpose.BUILD, Scope(drafts=True, earlier=earlier or {})).rendering.build.site


def pages_of(site):
    return {item.key: item.body for recipe in site.values() for item in recipe.artifacts or () if item.key.endswith(".html")}


def test_a_change_makes_only_what_it_concerns_and_the_same_as_from_nothing(show):
    before = rendered(show)
    again = rendered(show, before)
    assert all(again[name].artifacts is before[name].artifacts for name in before if not name.startswith("media/"))
    show.edit("2026-05-08-second", "+++\n\n", "+++\n\nA word more.\n\n")
    after = rendered(show, before)
    changed = {name for name in before if after[name].artifacts is not before[name].artifacts and not name.startswith("media/")}
    assert "page/second" in changed
    assert not {"page/first", "assets", "icons", "artwork"} & changed
    assert pages_of(after) == pages_of(rendered(show))


def test_drafts_and_what_is_not_due_are_there_and_marked_on_every_list(show):
    show.episode("2031-03-02-later", date="2031-03-02T06:00:00Z")
    show.episode("half-written", front="draft = true", date=None)
    files = pages_of(rendered(show))
    lists = {key: html.fromstring(files[key]) for key in ("index.html", "archive/1.html")}
    for key, page in lists.items():
        marks = {
            place.xpath(".//a[contains(@href, 'episodes/')]/@href")[0].rpartition("/")[2]: place.xpath(".//*[@class='badge']/text()")
            for place in page.xpath("//section[@class='latest'] | //ol[@class='episodes']//article")
        }
        assert marks == {"later.html": ["Due on March 2, 2031"], "half-written.html": ["Draft"], "first.html": [], "second.html": []}, key
    assert "Due on March 2, 2031" in html.fromstring(files["episodes/later.html"]).xpath("//p[@class='badge']/text()")
    assert b"half-written" not in pages_of(publish(show))["index.html"]


def publish(show):
    workspace = Workspace(read_config(show.config), Console(quiet=True), NOW)
    return prepare(workspace, State(), Options(now=NOW), Purpose.BUILD).rendering.build.site
