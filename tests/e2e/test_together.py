"""Several publishers at once: nobody's episode is lost; who lacks an episode of the others is refused and told which."""

from __future__ import annotations

import pytest

from tests.support.e2e_show import Listener, bucket_show
from tests.support.machine_storm import Storm


@pytest.fixture
def desk(place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    outcome = warm.run(show, "--yes", endpoint=place.server.endpoint)
    assert outcome.status == 0, outcome.stderr
    return show


def add(show, number: int) -> None:
    show.episode(f"2026-05-{10 + number:02}-part-{number}", date=f"2026-05-{10 + number:02}T06:00:00+02:00")


@pytest.mark.parametrize("count", [2, 4, 8])
def test_publishers_with_different_episodes_lose_none_and_a_merged_clone_has_them_all(count, place, warm, desk, tmp_path):
    clones = [desk.copy(tmp_path / f"clone-{number}") for number in range(count)]
    for number, clone in enumerate(clones):
        add(clone, number)
    with Listener(place) as listener:
        running = [warm.start(clone, "--yes", endpoint=place.server.endpoint, machine=clone.folder.name) for clone in clones]
        outcomes = [process.wait() for process in running]
        assert {outcome.status for outcome in outcomes} <= {0, 5}, [outcome.stderr for outcome in outcomes]
        won = [number for number, outcome in enumerate(outcomes) if outcome.status == 0]
        assert len(won) == 1
        for number, outcome in enumerate(outcomes):
            if number not in won:
                assert f"--force remove=part-{won[0]}" in outcome.stderr
        assert f"part-{won[0]}-guid".encode() in place.get("feed.xml")
        for number in range(count):
            add(desk, number)
        merged = warm.run(desk, "--yes", endpoint=place.server.endpoint)
        assert merged.status == 0, merged.stderr
    listener.assert_content()
    feed = place.get("feed.xml")
    assert all(f"part-{number}-guid".encode() in feed for number in range(count))


@pytest.mark.parametrize("count", [2, 4, 8])
def test_the_same_publish_from_several_machines_at_once_is_made_once(count, place, warm, desk, tmp_path):
    add(desk, 0)
    clones = [desk.copy(tmp_path / f"clone-{number}") for number in range(count)]
    with Listener(place) as listener:
        running = [warm.start(clone, "--yes", endpoint=place.server.endpoint, machine=clone.folder.name) for clone in clones]
        outcomes = [process.wait() for process in running]
    assert [outcome.status for outcome in outcomes] == [0] * count, [outcome.stderr for outcome in outcomes]
    assert place.state()["generation"] == 2
    listener.assert_content()
    assert len(listener.feeds) <= 2


@pytest.mark.parametrize("count", [2, 4, 8])
def test_machines_that_follow_each_other_while_all_work_end_with_every_change(count, place, warm, desk, tmp_path):
    """Each changes an episode of its own that all clones have: the last writer of each text wins, and it has only one."""
    for number in range(count):
        add(desk, number)
    assert warm.run(desk, "--yes", endpoint=place.server.endpoint).status == 0
    clones = [desk.copy(tmp_path / f"clone-{number}") for number in range(count)]
    for number, clone in enumerate(clones):
        clone.edit(f"2026-05-{10 + number:02}-part-{number}", "Some notes.", f"Changed by {number}.")
    running = [warm.start(clone, "--yes", endpoint=place.server.endpoint, machine=clone.folder.name) for clone in clones]
    outcomes = [process.wait() for process in running]
    assert {outcome.status for outcome in outcomes} <= {0, 5}, [outcome.stderr for outcome in outcomes]
    feed = place.get("feed.xml").decode()
    for number, outcome in enumerate(outcomes):
        if outcome.status == 0:
            assert f"Changed by {number}." in feed
        else:
            assert "--force older=" in outcome.stderr


def test_three_machines_that_do_whatever_comes_to_their_minds_lose_nothing(either_place, warm, tmp_path):
    """`tests/soak` has eight, and many seeds."""
    Storm(either_place, warm, tmp_path, seed=3, cuts=0.2).run(machines=3, rounds=2)
