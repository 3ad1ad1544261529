"""The plan is a pure difference, each change with its reason."""

from __future__ import annotations

import dataclasses

import pytest

from publisher.incremental_build.artifacts import CopyOf, Phase, Recipe, artifact
from publisher.state.state import State
from publisher.sync.plan import make_plan, next_state


def site(**bodies):
    """A site of one recipe for each page: its body, or None where nothing changed."""
    made = {}
    for name, body in bodies.items():
        key = f"{name}.html"
        artifacts = None if body is None else (artifact(key, body, Phase.PAGE),)
        made[name] = Recipe(fingerprint=f"f-{body}", keys=(key,), artifacts=artifacts)
    return made


def published(*plans):
    state = State()
    for made in plans:
        state = next_state(state, make_plan(state, made))
    return state


CASES = {
    "nothing is there": ((), site(a="1"), [("put", "a.html", "new")]),
    "nothing changed": ((site(a="1"),), site(a=None), []),
    "the same bytes again": ((site(a="1"),), site(a="1"), []),
    "other bytes": ((site(a="1"),), site(a="2"), [("put", "a.html", "content")]),
    "one of two": ((site(a="1", b="1"),), site(a=None, b="2"), [("put", "b.html", "content")]),
    "named no more": ((site(a="1", b="1"),), site(a=None), [("keep", "b.html", "gone")]),
    "gone is told once": ((site(a="1", b="1"), site(a=None)), site(a=None), []),
    "back again, other bytes": ((site(a="1", b="1"), site(a=None)), site(a=None, b="2"), [("put", "b.html", "content")]),
    "back again, same bytes": ((site(a="1", b="1"), site(a=None)), site(a=None, b="1"), []),
}


@pytest.mark.parametrize("name", CASES)
def test_each_change_has_its_reason(name):
    before, after, expected = CASES[name]
    plan = make_plan(published(*before), after)
    assert [(change.action, change.key, str(change.reason)) for change in plan.changes] == expected
    counted = {reason: number for reason, number in plan.counts().items() if number}
    assert counted == {reason: sum(row[2] == reason for row in expected) for _, _, reason in expected}


def test_headers_alone_are_a_reason():
    state = published(site(a="1"))
    other = artifact("a.html", "1", Phase.PAGE, cache="no-store")
    plan = make_plan(state, {"a": Recipe(fingerprint="x", keys=("a.html",), artifacts=(other,))})
    assert [str(change.reason) for change in plan.changes] == ["headers"]


def test_changes_come_in_the_order_of_their_phases_and_the_largest_recording_first():
    keys = [
        ("feed.xml", Phase.FEED, "f"),
        ("a.html", Phase.PAGE, "p"),
        ("media/small", Phase.MEDIA, "s"),
        ("media/large", Phase.MEDIA, "lll"),
    ]
    echo = dataclasses.replace(artifact("media/old", "o", Phase.ECHO), body=CopyOf("media/large"))
    made = (*(artifact(key, body, phase, content_type="x") for key, phase, body in keys), echo)
    plan = make_plan(State(), {"all": Recipe(fingerprint="x", keys=tuple(item.key for item in made), artifacts=made)})
    assert [change.key for change in plan.changes] == ["media/large", "media/small", "a.html", "feed.xml", "media/old"]


def test_what_was_gone_is_in_use_again_when_it_is_named():
    state = published(site(a="1", b="1"), site(a=None))
    assert state.objects["b.html"].gone == 2
    assert next_state(state, make_plan(state, site(a=None, b="1"))).objects["b.html"].gone == 0
