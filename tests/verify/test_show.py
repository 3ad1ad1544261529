"""`publish verify`: which look is taken, and what the command hands on to it."""

from __future__ import annotations

import pytest

from tests.support.show_factory import make_show


@pytest.fixture
def show(tmp_path, site):
    made = make_show(tmp_path / "show")
    made.configure('url = "https://small.example"', f'url = "{site.url}"')
    return made


def codes(show, *arguments):
    outcome = show.run("verify", "--json", *arguments)
    return outcome.status, [row["code"] for row in outcome.findings()]


def test_a_folder_is_read_and_only_when_wished_for_asked_over_the_network(show, site):
    assert codes(show) == (6, ["H001"])
    assert site.log == []
    assert codes(show, "--online") == (0, [])
    assert ("GET", "/feed.xml") in site.log


def test_former_addresses_are_those_of_the_config(show, site):
    show.write("config.toml", show.config.read_text() + f'\n[feed]\nformer = ["{site.url}/old.xml"]\n')
    assert codes(show, "--online") == (0, ["H016"])


def test_links_of_others_are_asked_for_when_wished_for(show, site):
    assert codes(show, "--online", "--links") == (0, ["H021"])


def test_what_a_folder_keeps_of_its_own_is_looked_for_where_it_lies(show, site):
    site.files["/airdate-state/state.json"] = ("application/json", b"{}", "no-store")
    assert codes(show, "--online") == (0, ["H023"])


def test_warnings_fail_when_they_are_to(show, site):
    assert codes(show, "--online", "--links", "--strict") == (6, ["H021"])
