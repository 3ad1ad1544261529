"""State comes back as it was written, in parts that stay while nothing in them changes; what is damaged is told in words."""

from __future__ import annotations

import dataclasses
import gc
import gzip
import json
import weakref

import pytest

from feed.model import AudioFacts, Chapter
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import Phase, Recipe, StoredObject, artifact
from publisher.state import state as state_files
from publisher.state.published_episodes import Post, PublishedAudio, PublishedEpisode, Text
from publisher.state.state import State, generation_of, read_state, write_state
from publisher.sync.plan import make_plan, next_state
from tests.support.show_factory import tree

AT = "2026-05-01T04:00:00+00:00"


def rich_state() -> State:
    chapter = Chapter(start=0.0, title="Ä", url="https://a.example")
    facts = AudioFacts(
        size=1, sha256="s", duration=20.1, type="audio/mpeg", extension="mp3", tags={"title": "x"}, chapters=(chapter,), doubts=("d",)
    )
    audio = PublishedAudio(
        key="media/a-1.mp3", revision=2, recording_sha256="r", recording_size=3, facts=facts, replaced=("media/a-0.mp3",)
    )
    posts = (
        Post(network="mastodon", status="posted", at=AT, host="a.example", address="https://a.example/@show/1", id="1"),
        Post(network="webhook", status="owed", at=AT),
    )
    texts = (Text(digest="t", at="now", machine="m"),)
    one = PublishedEpisode(slug="a", guid="g", date="2026-05-01T06:00:00+02:00", title="Ä", audio=audio, texts=texts, posts=posts)
    two = PublishedEpisode(slug="b", guid="h", date="2025-05-01T06:00:00+02:00", removed=True)
    three = PublishedEpisode(slug="c", guid="i", date="2024-05-01T06:00:00+02:00", withdrawn=True)
    made = {key: Recipe(fingerprint=f"f-{key}", keys=(key,), artifacts=(artifact(key, key, Phase.PAGE),)) for key in ("a.html", "b.html")}
    state = next_state(State(), make_plan(State(), made))
    return dataclasses.replace(
        state,
        show_guid="s",
        show_title="T",
        published={"1": "2026-06-01T12:00:00+00:00"},
        episodes={"a": one, "b": two, "c": three},
        token_hosts={"mastodon": "a.example"},
    )


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


@pytest.mark.parametrize(
    ("key", "makers", "part"),
    [
        ("media/b-89abcdef.mp3", (), "2025"),  # by its name, where nothing says whose it was
        ("media/b-89abcdef.mp3", ("media/a",), "2026"),
        ("art/picture-89abcdef.jpg", ("page/c",), "2024"),
        ("art/picture-89abcdef.jpg", ("art/person/ada",), "site"),
        ("media/unheard-of-89abcdef.mp3", (), "site"),
    ],
)
def test_what_nothing_names_any_more_is_remembered_with_the_year_of_its_episode(key, makers, part):
    stored = StoredObject(1, "s", "e", "audio/mpeg", "", since=1, gone=2, makers=makers)
    index, shards = write_state(dataclasses.replace(rich_state(), objects={key: stored}))
    parts = {"site": json.loads(index)["site"]}
    parts |= {name: json.loads(gzip.decompress(shards[at])) for name, at in json.loads(index)["shards"].items()}
    assert [name for name, content in parts.items() if key in content["objects"]] == [part]


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


@pytest.mark.parametrize("ahead", [1, 99])
def test_a_state_of_a_newer_version_asks_for_an_update(ahead):
    index, shards = write_state(rich_state())
    newer = json.dumps({**json.loads(index), "format": state_files.FORMAT + ahead}).encode()
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


def test_a_part_of_state_is_packed_once_and_read_back(monkeypatch):
    before = State(generation=1, episodes={"a": PublishedEpisode(slug="a", guid="g", date="2026-01-01T00:00:00+00:00")})
    index, shards = write_state(before)
    monkeypatch.setattr(state_files.gzip, "compress", lambda *_given, **_named: pytest.fail("packed again"))
    assert write_state(dataclasses.replace(before, generation=2))[1] == shards
    assert read_state(index, "e", shards.get).episodes == before.episodes


def test_states_that_were_dropped_are_not_kept_by_those_that_are_written_next():
    first = State(generation=1, episodes={"a": PublishedEpisode(slug="a", guid="g", date="2026-01-01T00:00:00+00:00")})
    write_state(first)
    gone = weakref.ref(first.packed)
    index, shards = write_state(State(generation=2))
    read_state(index, "e", shards.get)
    del first
    gc.collect()
    assert gone() is None


ODD_POSTS = {
    "no time": {"at": "soon"},
    "no offset": {"at": "2026-05-01T04:00:00"},
    "no network": {"network": "elsewhere"},
    "no status": {"status": "perhaps"},
    "a script for an address": {"address": "javascript:alert(1)"},
    "an address in two lines": {"address": "https://a.example/\nx"},
    "a host in two lines": {"host": "a\nb"},
    "a number": {"id": 5},
    "something else": {"extra": "x"},
}


@pytest.mark.parametrize("odd", ODD_POSTS.values(), ids=ODD_POSTS.keys())
def test_a_post_that_nobody_of_ours_wrote_is_damage(odd):
    post = {"network": "mastodon", "status": "posted", "at": AT, "host": "a.example", "address": "https://a.example/1", "id": "1"} | odd
    state = rich_state()
    index, shards = write_state(state)
    names = json.loads(index)["shards"]
    shard = json.loads(gzip.decompress(shards[names["2026"]]))
    shard["episodes"]["a"]["posts"] = [post]
    document = json.loads(index)
    document["site"]["episodes"]["a"] = shard["episodes"]["a"]
    with pytest.raises(StorageError, match="cannot be read"):
        read_state(json.dumps(document).encode(), "etag", shards.get)


def test_two_posts_at_one_network_and_a_strange_host_are_damage():
    index, shards = write_state(rich_state())
    document = json.loads(index)
    with pytest.raises(StorageError, match="cannot be read"):
        read_state(json.dumps(document | {"token_hosts": {"mastodon": "a\nb"}}).encode(), "etag", shards.get)
    one = {"network": "mastodon", "status": "owed", "at": AT}
    document["site"]["episodes"]["z"] = {"slug": "z", "guid": "z", "date": AT, "posts": [one, one]}
    with pytest.raises(StorageError, match="cannot be read"):
        read_state(json.dumps(document).encode(), "etag", shards.get)
