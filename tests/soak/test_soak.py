"""The long ones: the same storms as in tests/e2e, many more of them."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.support.e2e_show import SOAK, Bucket, Listener, SharedFolder, bucket_show, killed_at
from tests.support.e2e_storms import (
    Scene,
    at_every_request,
    bad_network,
    clearing,
    cut_at,
    cut_at_random,
    first_publish,
    great_change,
    one_more,
    repair_cut_at,
    robbed_after_a_cut,
    server_dies,
    way_back,
    withdrawal,
)
from tests.support.fault_proxy import Fault, FaultProxy, Request
from tests.support.machine_storm import Storm

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not SOAK, reason="long; AIRDATE_SOAK=1 runs it")


GREAT = pytest.mark.parametrize("scene", [first_publish, great_change], indirect=True, scope="module")
BUCKETS = pytest.mark.parametrize("client", ["lean", "boto3"], scope="module")


@pytest.fixture(scope="module", params=["lean", "boto3", "folder"])
def client(request) -> str:
    return request.param


@pytest.fixture(scope="module", params=[first_publish, great_change, one_more, withdrawal, way_back, clearing])
def scene(request, tmp_path_factory, warm, client) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    if client == "folder":
        with closing(SharedFolder(folder / "public")) as place:
            yield request.param(folder, place, warm)
        return
    server = request.getfixturevalue("s3_server")
    name = server.make_bucket(public=True)
    yield request.param(folder, Bucket(server, name), warm, client)
    server.drop_bucket(name)


def test_killed_before_every_request(scene):
    at_every_request(scene, cut_at)


@BUCKETS
def test_killed_while_every_request_is_at_work(scene):
    at_every_request(scene, partial(cut_at, arrived=True))


@GREAT
@pytest.mark.parametrize("storm", [robbed_after_a_cut, repair_cut_at])
def test_what_vanishes_beside_a_kill_at_every_request_is_put_back(scene, storm):
    at_every_request(scene, storm)


@GREAT
@pytest.mark.parametrize("seed", range(100))
def test_killed_at_a_random_time(scene, seed):
    cut_at_random(scene, seed)


@BUCKETS
@pytest.mark.parametrize("seed", range(20))
def test_a_network_that_fails(scene, seed):
    bad_network(scene, seed)


@BUCKETS
@pytest.mark.parametrize("seed", range(10))
def test_a_server_that_dies_and_comes_back(scene, seed):
    server_dies(scene, seed)


@pytest.mark.parametrize("seed", range(10))
def test_eight_machines_at_once(either_place, warm, tmp_path, seed):
    Storm(either_place, warm, tmp_path, seed, cuts=0.15).run(machines=8, rounds=5)


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
