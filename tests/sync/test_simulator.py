"""The protocol under the simulator: what holds whatever the seed, and that the simulator sees it where it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from publisher.sync import storage
from publisher.sync.lease import Lease
from tests.support.simulator.cloud import Cloud, Line
from tests.support.simulator.storm import run_storm


def test_the_same_seed_is_the_same_run():
    assert run_storm(7, "enforced").story() == run_storm(7, "enforced").story()


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_where_conditions_are_enforced_nothing_that_happens_to_machines_and_lines_does_harm(first):
    for seed in range(first, first + 20):
        outcome = run_storm(seed, "enforced")
        assert not outcome.faults, outcome.story()


@pytest.mark.parametrize("kind", ["dateless", "two-clocks", "folder"])
def test_a_service_that_tells_no_time_or_two_and_a_folder_do_no_harm_either_and_block_nobody(kind):
    for seed in range(25):
        outcome = run_storm(seed, kind)
        assert not outcome.faults, outcome.story()


def test_what_a_publish_sent_that_died_here_does_no_harm_to_a_rollback_right_after_it():
    for seed in range(40):
        outcome = run_storm(seed, "enforced", "cut")
        assert not outcome.faults, outcome.story()


@pytest.mark.parametrize("conditions", ["ignored", "refused"])
def test_where_conditions_are_not_enforced_only_late_requests_and_races_do_harm_and_the_next_publish_heals_it(conditions):
    for seed in range(50):
        outcome = run_storm(seed, conditions)
        assert outcome.excused, outcome.story()


def without_fences_of_deletes(patch: pytest.MonkeyPatch) -> None:
    real = Line.delete
    patch.setattr(Line, "delete", lambda line, keys, **_fence: real(line, keys))


def without_fences_of_writes(patch: pytest.MonkeyPatch) -> None:
    real = Line.put
    patch.setattr(Line, "put", lambda line, *words, fence=None, **rest: real(line, *words, fence=None, **rest))


def without_settling(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Lease, "settle", lambda _lease: None)


def without_waiting_for_what_a_dead_one_sent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Lease, "outwait", lambda _lease, _before, _say: None)


def without_conditions_that_hold(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(storage.Storage, "probe_conditions", lambda _storage: "enforced")
    patch.setattr("tests.support.simulator.storm.Cloud", lambda scheduler, _kind, **rest: Cloud(scheduler, "ignored", **rest))


def without_saying_that_a_claim_is_taken_back(patch: pytest.MonkeyPatch) -> None:
    """Nor fences: pages go first, as long ago."""
    without_fences_of_deletes(patch)

    def withdraw(lease: Lease) -> None:
        pages = lease._pages_of_ours()
        lease.claim = replace(lease.claim, withdrawn=pages)
        lease.clear()

    patch.setattr(Lease, "withdraw", withdraw)


@pytest.mark.parametrize(
    ("take_out", "theme", "kind", "seeds"),
    [
        (without_fences_of_deletes, "prune", "dangling", range(200)),
        (without_saying_that_a_claim_is_taken_back, "ctrl-c", "dangling", range(220, 600)),
        (without_fences_of_writes, "any", "older-page", range(70, 300)),
        (without_settling, "", "dangling", range(170, 600)),
        (without_waiting_for_what_a_dead_one_sent, "cut", "older-page", range(100)),
        (without_conditions_that_hold, "lines", "older-state", range(200)),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_a_mend_is_for_happens_again_where_it_is_taken_out(take_out, theme, kind, seeds, monkeypatch):
    take_out(monkeypatch)
    outcomes = (run_storm(seed, "enforced", theme) for seed in seeds)
    found = next((outcome for outcome in outcomes if any(fault.kind == kind for fault in outcome.faults)), None)
    assert found is not None
    assert f"once more: python -m tests.support.simulator {found.seed} enforced {theme}".rstrip() in found.story()
