"""Processes that render many episodes."""

from __future__ import annotations

import gc
import sys
from weakref import WeakSet

import pytest

from publisher.incremental_build.artifacts import Phase, artifact
from publisher.incremental_build.build import Build, Known
from publisher.render.worker_processes import ALONE, FEWEST, YOUNG, render_each


class Ring:
    """A value that holds itself."""

    def __init__(self):
        self.itself = self


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
def test_a_rendering_process_lets_go_of_an_episode_before_the_next(monkeypatch):
    monkeypatch.setattr("publisher.render.worker_processes._workers", lambda: 2)
    build, alive = Build(Known()), WeakSet()

    def one(index):
        before = len(alive)
        alive.add(Ring())
        build.make(f"page/{index}", index, lambda: [artifact(f"{index}.html", str(index), Phase.PAGE)])
        return before

    gc.disable()  # as good as the threshold of a process that is soon over
    try:
        left = render_each(build, ALONE + FEWEST, one)
    finally:
        gc.enable()
    assert left[:ALONE] == list(range(ALONE))  # in the process that goes on, whose threshold is its own
    assert set(left[ALONE:]) == {0}


@pytest.mark.parametrize(("count", "threshold"), [(FEWEST, 300_000), (ALONE + FEWEST, YOUNG)])
def test_rings_are_looked_for_more_often_once_very_many_are_rendered(monkeypatch, count, threshold):
    monkeypatch.setattr("publisher.render.worker_processes._workers", lambda: 1)
    build, before = Build(Known()), gc.get_threshold()
    gc.set_threshold(300_000, 50, 50)
    try:
        render_each(build, count, lambda index: build.make(f"page/{index}", index, lambda: [artifact(f"{index}.html", "", Phase.PAGE)]))
        assert gc.get_threshold() == (threshold, 50, 50)
    finally:
        gc.set_threshold(*before)
