"""A recipe is made anew only when its inputs changed."""

from __future__ import annotations

import pytest

from publisher.incremental_build.artifacts import Phase, artifact
from publisher.incremental_build.build import Build
from publisher.state.state import State
from publisher.sync.plan import make_plan, next_state


def test_a_recipe_is_made_anew_only_when_its_inputs_changed():
    made = []

    def render():
        made.append(1)
        return [artifact("a.html", "1", Phase.PAGE)]

    build = Build(State())
    build.make("a", ["x"], render)
    state = next_state(State(), make_plan(State(), build.site))
    again = Build(state)
    assert [item.key for item in again.make("a", ["x"], render)] == ["a.html"]
    assert len(made) == 1
    assert not again.changed("a")
    Build(state).make("a", ["y"], render)
    Build(state, everything=True).make("a", ["x"], render)
    assert len(made) == 3
    with pytest.raises(ValueError, match="twice"):
        again.make("a", ["x"], render)
