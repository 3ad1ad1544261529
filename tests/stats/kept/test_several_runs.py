"""Runs that die at a write, and runs at once: what is counted in the end is what is in the logs, once."""

from __future__ import annotations

import datetime as dt

import pytest

from publisher.core import layout
from publisher.stats.kept.one_run import keep
from publisher.stores.s3.store import S3Settings, S3Store
from tests.stats.kept.test_one_run import LATER, MONDAY, Desk, line, sums
from tests.support.memory_store import MemoryStore

LINES = [line(minutes, who=minutes % 7 + 1, slug=["one", "two"][minutes % 2]) for minutes in range(-1800, 2800, 230)]
"""Of days in May and June."""
SOONER = MONDAY + dt.timedelta(hours=12)


class Died(Exception):  # noqa: N818  as the store's own
    """As if the process had been killed."""


class Interrupted:
    """A store at whose n-th call of some kind something happens, before or after it is carried out."""

    def __init__(self, store, calls, number, happens, *, after=False):
        self._store = store
        self._calls = calls
        self._left = number
        self._happens = happens
        self._after = after
        self.reached = False

    def __getattr__(self, name):
        found = getattr(self._store, name)
        if name not in self._calls:
            return found

        def call(*arguments, **options):
            self._left -= 1
            now = self._left == 0
            if now and not self._after:
                self.reached = True
                self._happens()
            answer = found(*arguments, **options)
            if now and self._after:
                self.reached = True
                self._happens()
            return answer

        return call


def die():
    raise Died


def truth(folder, *lines):
    desk = Desk(folder)
    desk.log("all", *lines)
    return desk.run().sums


@pytest.fixture(params=["memory", pytest.param("seaweed", marks=pytest.mark.s3)])
def desk(request, tmp_path):
    """Logs of which the first half was counted while its days were open."""
    store = MemoryStore()
    if request.param == "seaweed":
        server, bucket = request.getfixturevalue("s3_server"), request.getfixturevalue("bucket")
        store = S3Store(S3Settings(bucket=bucket, prefix="show", endpoint=server.endpoint, provider=server.provider))
    found = Desk(tmp_path / "logs", store=store)
    found.log("first", *LINES[:8])
    found.run(now=SOONER)
    found.log("second", *LINES[8:])
    return found


def again(desk, folder):
    """The same at another place, as it was before."""
    copy = Desk(folder)
    for item in desk.store.list(layout.STATS):
        stored = desk.store.read(item.key)
        copy.store.put(item.key, stored.body, stored.headers)
    copy.folder = desk.folder
    return copy


def test_a_run_that_dies_at_any_write_is_gone_on_with(desk, tmp_path):
    expected = truth(tmp_path / "truth", *LINES)
    if isinstance(desk.store, S3Store):  # one after the other: each goes on where the one before died
        for _ in range(3):
            with pytest.raises(Died):
                keep(desk.keeper(LATER, Interrupted(desk.store, ("put",), 1, die, after=True)))
        assert desk.run().sums == expected
        return
    for number, after in [(1, False), (1, True), (2, True), (3, True), (4, True)]:
        place = again(desk, tmp_path / f"{after}-{number}")
        store = Interrupted(place.store, ("put",), number, die, after=after)
        try:
            keep(place.keeper(LATER, store))
        except Died:
            assert place.run(now=LATER).sums == expected
    assert not store.reached  # the object that decides, May and June: there were three
    kept = place.run()
    assert (kept.sums, kept.read) == (expected, ())


@pytest.mark.parametrize("calls", [("put",), ("fetch", "head", "list")])
def test_another_run_at_any_moment_counts_nothing_twice_and_loses_nothing(desk, tmp_path, calls):
    if isinstance(desk.store, S3Store):
        pytest.skip("the same in memory, for each moment a place of its own")
    late = [line(minutes, who=9) for minutes in (-1700, 200, 2500)]
    before, expected = truth(tmp_path / "before", *LINES), truth(tmp_path / "truth", *LINES, *late)
    for after in (False, True) if calls == ("put",) else (False,):
        for number in range(1, 30, 1 if calls == ("put",) else 3):
            place = again(desk, tmp_path / f"{calls[0]}-{after}-{number}")

            def other(place=place):
                place.log("third", *late)
                assert place.run(now=LATER).sums == expected

            store = Interrupted(place.store, calls, number, other, after=after)
            kept = keep(place.keeper(LATER, store))
            (place.folder / "third").unlink(missing_ok=True)
            if not store.reached:
                break
            assert kept.sums in (expected, before), (after, number)  # what it tells is what was so when it decided
            assert place.run(now=LATER).sums == expected
        assert number > 2


def test_what_is_left_where_a_day_has_no_download_any_more(tmp_path):
    desk = Desk(tmp_path / "logs")
    desk.log("2026-06-01.log", line(0))
    assert sums(desk.run()) == {(1, "one"): 1}
    desk.log("2026-06-01.log", line(0, asked="0-100"), line(5000))
    assert sums(desk.run()) == {(4, "one"): 1}


@pytest.mark.parametrize("behaviour", ["ignored", "refused"])
def test_where_conditions_do_not_hold_the_next_run_mends_what_two_at_once_did(tmp_path, behaviour):
    store = MemoryStore(behaviour=behaviour)
    store.conditions = behaviour
    desk = Desk(tmp_path / "logs", store=store)
    desk.log("first", *LINES[:8])
    desk.run(now=SOONER)
    desk.log("second", *LINES[8:])
    late = [line(minutes, who=9) for minutes in (-1700, 200, 2500)]

    def other():
        desk.log("third", *late)
        desk.run(now=LATER)

    keep(desk.keeper(LATER, Interrupted(store, ("put",), 1, other)))
    assert desk.run(now=LATER).sums == truth(tmp_path / "truth", *LINES, *late)
