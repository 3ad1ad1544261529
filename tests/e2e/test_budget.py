"""What a publish costs, counted by the server itself."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.support.e2e_show import bucket_show, program


def cost(place, run) -> int:
    before = Counter(place.server.counted(place.name))
    outcome = run()
    assert outcome.status == 0, outcome.stderr
    return (Counter(place.server.counted(place.name)) - before).total()


@pytest.fixture
def published(place, warm, tmp_path):
    show = bucket_show(tmp_path / "show", place.name)
    for day in range(1, 6):
        show.episode(f"2026-05-0{day}-episode-{day}", date=f"2026-05-0{day}T06:00:00+02:00")
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    return show


def test_a_publish_that_changes_nothing_asks_twice(published, place, warm):
    assert cost(place, lambda: warm.run(published, endpoint=place.server.endpoint)) == 2


def test_the_installed_program_asks_twice_too(published, place):
    assert program(published, "--no-verify", "--yes", endpoint=place.server.endpoint).status == 0
    assert cost(place, lambda: program(published, "--no-verify", endpoint=place.server.endpoint)) == 2


def test_a_fresh_clone_that_changes_nothing_reads_state_once_more(published, place, warm, tmp_path):
    clone = published.copy(tmp_path / "clone")
    assert cost(place, lambda: warm.run(clone, endpoint=place.server.endpoint)) == 3


@pytest.mark.parametrize("search", [True, False], ids=["with search", "without search"])
def test_a_new_episode_costs_its_changed_files_and_at_most_five_more(published, place, warm, search):
    """What apps and readers need of it, wherever they look: six pages and lists beside its own files."""
    if search:
        published.configure("search = false", "search = true")
        assert warm.run(published, "--yes", endpoint=place.server.endpoint).status == 0
    published.episode("2026-05-20-newest", date="2026-05-20T06:00:00+02:00")
    documents = []

    def run():
        outcome = warm.run(published, "--yes", "--json", endpoint=place.server.endpoint)
        documents.append(json.loads(outcome.stdout))
        return outcome

    requests = cost(place, run)
    changed = sum(change["action"] == "put" for change in documents[0]["changes"])
    assert any(change["key"].startswith("search/") for change in documents[0]["changes"]) is search
    assert changed + 3 <= requests <= changed + 5
    assert documents[0]["requests"] == requests
    assert sum(key.startswith("media/") for key in place.listed()) == 6
