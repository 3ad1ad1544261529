"""The long ones: the same storms as in tests/e2e, many more of them."""

from __future__ import annotations

import threading
import time

import pytest

from tests.support.e2e_show import SOAK, Bucket, Listener, bucket_show, killed_at
from tests.support.e2e_storms import (
    FolderScene,
    Scene,
    bad_network,
    cut_at,
    cut_at_random,
    first_publish,
    folder_change,
    folder_cut_at_random,
    great_change,
    repair_cut_at,
    robbed_after_a_cut,
    server_dies,
)
from tests.support.fault_proxy import Fault, FaultProxy, Request

pytestmark = pytest.mark.skipif(not SOAK, reason="long; AIRDATE_SOAK=1 runs it")


@pytest.fixture(scope="module", params=["lean", "boto3"])
def client(request) -> str:
    return request.param


@pytest.fixture(scope="module", params=[first_publish, great_change])
def scene(request, s3_server, tmp_path_factory, warm, client) -> Scene:
    name = s3_server.make_bucket(public=True)
    yield request.param(tmp_path_factory.mktemp("scene"), Bucket(s3_server, name), warm, client)
    s3_server.drop_bucket(name)


@pytest.mark.parametrize("arrived", [False, True])
def test_killed_at_every_request(scene, arrived):
    for number in range(scene.requests + 1):
        cut_at(scene, number, arrived=arrived)


@pytest.mark.parametrize("storm", [robbed_after_a_cut, repair_cut_at])
def test_what_vanishes_beside_a_kill_at_every_request_is_put_back(scene, storm):
    for number in range(scene.requests + 1):
        storm(scene, number)


@pytest.mark.parametrize("seed", range(100))
def test_killed_at_a_random_time(scene, seed):
    cut_at_random(scene, seed)


@pytest.mark.parametrize("seed", range(50))
def test_a_network_that_fails(scene, seed):
    bad_network(scene, seed)


@pytest.mark.parametrize("seed", range(10))
def test_a_server_that_dies_and_comes_back(scene, seed):
    server_dies(scene, seed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, warm) -> FolderScene:
    return folder_change(tmp_path_factory.mktemp("folder"), warm)


@pytest.mark.parametrize("seed", range(100))
def test_killed_at_a_random_time_in_a_folder(folder, seed):
    folder_cut_at_random(folder, seed)


def test_a_dead_publish_of_another_machine_is_waited_for_until_its_lease_is_over_and_then_finished(place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    show.edit("2026-05-01-first", 'title = "First"', 'title = "First Again"')
    assert any(_claimed_at(place, warm, show, number) for number in range(2, 12))
    began = time.monotonic()
    outcome = warm.run(show, "--yes", endpoint=place.server.endpoint, machine="another-machine")
    assert outcome.status == 0, outcome.stderr
    assert "another publish" in outcome.stderr.lower()
    assert time.monotonic() - began > 20
    assert b"First Again" in place.get("feed.xml")


def _claimed_at(place, warm, show, number: int) -> bool:
    """Kill a publish at request `number`; whether it had claimed the show by then."""
    with killed_at(warm, show, place, number, "--yes", arrived=False):
        generation = place.state()["generation"]
    return place.get(f".airdate/claims/{generation + 1:08}") is not None


def test_a_lost_index_of_state_is_taken_from_the_last_record_and_no_listener_sees_an_older_show(place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    for words in ("Some notes.", "Other notes.", "Better notes."):
        show.edit("2026-05-01-first", "otes.", f"otes. {words}")
        assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    before = place.outcome()
    place.delete(".airdate/state.json")
    other = show.copy(tmp_path / "other", audio=False)
    with Listener(place) as listener:
        outcome = warm.run(other, "--yes", "--wait", "90s", endpoint=place.server.endpoint)
    assert outcome.status == 0, outcome.stderr
    assert "from the record of publish 3" in outcome.stderr
    listener.assert_content()
    assert listener.feeds == [before["feed.xml"]]
    assert place.outcome() == before


def test_a_delete_that_stalls_after_ctrl_c_takes_nothing_from_listeners_when_the_line_is_back(place, warm, tmp_path):
    """Real time: another machine takes the claim over after a minute and publishes; then the line of the first one is back."""
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    show.episode("2026-05-20-third", date="2026-05-20T06:00:00+02:00")
    other = show.copy(tmp_path / "other")
    begun, held, back = threading.Event(), threading.Event(), threading.Event()

    def decide(request: Request) -> Fault:
        if request.method == "PUT" and "third.html" in request.path:
            begun.set()
        if begun.is_set() and (request.method == "DELETE" or "delete" in request.path):
            held.set()
        if held.is_set() and not back.is_set():
            return Fault.HANG
        if begun.is_set() and not held.is_set() and request.method == "PUT" and ".airdate" not in request.path:
            return Fault.STALL if "third.html" in request.path else Fault.HANG
        return Fault.NONE

    with FaultProxy(place.server.port, decide) as proxy:
        first = warm.start(show, "--yes", endpoint=proxy.endpoint, machine="desk")
        assert begun.wait(60)
        first.interrupt()
        assert held.wait(60), first.wait().stderr
        outcome = warm.run(other, "--yes", "--wait", "150s", endpoint=place.server.endpoint, machine="another-machine")
        assert outcome.status == 0, outcome.stderr
        back.set()
        first.wait(240)
    assert place.get("episodes/third.html") is not None
    assert place.get(f".airdate/claims/{place.state()['generation']:08}") is not None
    with Listener(place) as listener:
        listener.look()
    listener.assert_content()
