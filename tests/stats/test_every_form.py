"""The same week in every form of log: what is counted is what was put in, or what a form that tells less can know of it."""

from __future__ import annotations

import pytest

from tests.support.log_traffic import SERVICES, Blind, Traffic, write_logs


@pytest.mark.parametrize("name", SERVICES)
def test_each_form_of_log_gives_the_downloads_that_were_made(logged, name):
    traffic = Traffic(logged.paths, logged.sizes, seed=len(name))
    strange = write_logs(traffic, SERVICES[name], logged.show.folder / "logs", seed=len(name))
    document = logged.stats()
    assert {(row["date"], row["slug"]): row["downloads"] for row in document["days"]} == traffic.truth(SERVICES[name].blind)
    assert document["unread"] == strange


def test_what_a_form_does_not_tell_makes_a_difference_that_is_known(logged):
    traffic = Traffic(logged.paths, logged.sizes)
    sums = {blind: sum(traffic.truth(blind).values()) for blind in (Blind.NOTHING, *Blind)}
    assert sums[Blind.RANGES] == sums[Blind.BROKEN_OFF] == sums[Blind.NOTHING] + 1
    assert sums[Blind.ADDRESSES] == sums[Blind.NOTHING] - 1
    assert sums[Blind.NOTHING] > 30


@pytest.mark.parametrize("name", ["cloudfront", "r2, a document", "fastly"])
def test_how_the_lines_are_cut_into_files_and_in_which_order_they_come_changes_nothing(logged, name):
    traffic = Traffic(logged.paths, logged.sizes, listeners=3)
    found = []
    for seed, files in ((1, 1), (2, 9)):
        folder = logged.show.folder / "logs"
        for old in folder.glob("*"):
            old.unlink()
        write_logs(traffic, SERVICES[name], folder, files=files, seed=seed)
        found.append(logged.stats()["days"])
    assert found[0] == found[1]
