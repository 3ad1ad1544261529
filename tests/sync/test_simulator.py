"""The protocol under the simulator: what holds whatever the seed, and that the simulator would see it if it did not."""

from __future__ import annotations

import pytest

from publisher.sync import storage
from tests.support.simulator.storm import run_storm


def test_the_same_seed_is_the_same_run():
    assert run_storm(7, "enforced").story() == run_storm(7, "enforced").story()


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_bad_lines_alone_harm_nothing_where_conditions_are_enforced(first):
    for seed in range(first, first + 20):
        outcome = run_storm(seed, "enforced", "lines")
        assert outcome.harmless, outcome.story()


def test_a_service_that_only_says_that_it_enforces_conditions_is_seen_to_do_harm(monkeypatch):
    monkeypatch.setattr(storage.Storage, "probe_conditions", lambda _storage: "enforced")
    outcomes = (run_storm(seed, "ignored", "lines") for seed in range(50))
    found = next(outcome for outcome in outcomes if not outcome.harmless)
    assert f"python -m tests.support.simulator {found.seed} ignored lines" in found.story()
