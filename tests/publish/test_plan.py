"""The plan is a pure difference, each change with its reason; State comes back as it was written."""

from __future__ import annotations

import dataclasses
import json

import pytest
from show_factory import tree

from feed.model import AudioFacts, Chapter
from publisher.core.errors import StorageError
from publisher.recipes.artifacts import CopyOf, Phase, Recipe, artifact
from publisher.recipes.incremental import Build
from publisher.state.ledger import PublishedAudio, PublishedEpisode, Text
from publisher.state.state import State, generation_of, read_state, write_state
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
        state = next_state(state, make_plan(state, made), {})
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
    counted = {reason: number for reason, number in plan.summary().items() if reason != "bytes" and number}
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
    assert next_state(state, make_plan(state, site(a=None, b="1")), {}).objects["b.html"].gone == 0


def test_a_recipe_is_made_anew_only_when_its_inputs_changed():
    made = []

    def render():
        made.append(1)
        return [artifact("a.html", "1", Phase.PAGE)]

    build = Build(State())
    build.make("a", ["x"], render)
    state = next_state(State(), make_plan(State(), build.site), {})
    again = Build(state)
    assert [item.key for item in again.make("a", ["x"], render)] == ["a.html"]
    assert len(made) == 1
    assert not again.changed("a")
    Build(state).make("a", ["y"], render)
    Build(state, everything=True).make("a", ["x"], render)
    assert len(made) == 3
    with pytest.raises(ValueError, match="twice"):
        again.make("a", ["x"], render)


def rich_state() -> State:
    chapter = Chapter(start=0.0, title="Ä", url="https://a.example")
    facts = AudioFacts(
        size=1, sha256="s", duration=20.1, type="audio/mpeg", extension="mp3", tags={"title": "x"}, chapters=(chapter,), doubts=("d",)
    )
    audio = PublishedAudio(
        key="media/a-1.mp3", revision=2, recording_sha256="r", recording_size=3, facts=facts, replaced=("media/a-0.mp3",)
    )
    one = PublishedEpisode(
        slug="a", guid="g", date="2026-05-01T06:00:00+02:00", title="Ä", audio=audio, texts=(Text(digest="t", at="now", machine="m"),)
    )
    two = PublishedEpisode(slug="b", guid="h", date="2025-05-01T06:00:00+02:00", removed=True)
    three = PublishedEpisode(slug="c", guid="i", date="2024-05-01T06:00:00+02:00", withdrawn=True)
    state = published(site(a="1", b="2"))
    return dataclasses.replace(state, show_guid="s", show_title="T", published={"1": "now"}, episodes={"a": one, "b": two, "c": three})


def test_state_comes_back_as_it_was_written():
    state = rich_state()
    index, shards = write_state(state)
    read = read_state(index, "etag", shards.get)
    assert dataclasses.replace(read, shards={}) == dataclasses.replace(state, shards={})
    assert read.etag == "etag"
    assert generation_of(index) == 1
    assert write_state(read) == (index, shards), "same State, same bytes"


def test_a_change_in_one_year_leaves_the_parts_of_others_alone():
    state = rich_state()
    _, before = write_state(state)
    episodes = {**state.episodes, "a": dataclasses.replace(state.episodes["a"], title="Other")}
    _, after = write_state(dataclasses.replace(state, episodes=episodes))
    assert len(before.keys() - after.keys()) == 1
    assert "state-2026-" in next(iter(before.keys() - after.keys()))


@pytest.mark.parametrize("damage", [b"", b"nope", b"[]", b'{"format":1}', b'{"format":"x"}', b"null", b"\xff\xfe"])
def test_a_damaged_state_is_an_error_with_words(damage):
    with pytest.raises(StorageError) as caught:
        read_state(damage, "", lambda _key: None)
    assert caught.value.code == "state-unreadable"
    assert generation_of(damage) == 0


@pytest.mark.parametrize("part", [None, b"", b"nope", b"\x1f\x8b\x08\x00", b"\x1f\x8b" + bytes(30)])
def test_a_missing_or_damaged_part_of_state_is_an_error_with_words(part):
    index, _ = write_state(rich_state())
    with pytest.raises(StorageError) as caught:
        read_state(index, "", lambda _key: part)
    assert caught.value.code == "state-unreadable"


def test_a_state_of_a_newer_version_asks_for_an_update():
    index, shards = write_state(rich_state())
    newer = json.dumps({**json.loads(index), "format": 99}).encode()
    with pytest.raises(StorageError) as caught:
        read_state(newer, "", shards.get)
    assert caught.value.code == "state-newer"


def test_a_publish_over_a_damaged_state_changes_nothing(show):
    show.publish()
    (show.public / "airdate-state/state.json").write_text("nope")
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    before = tree(show.public)
    outcome = show.publish("--json")
    assert outcome.status == 4
    assert outcome.document["error"]["code"] == "state-unreadable"
    assert tree(show.public) == before
