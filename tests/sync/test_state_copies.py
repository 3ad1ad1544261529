"""Copies of State on this machine: what is read when nothing changed, when something did, and when the storage is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from publisher.core.errors import StorageError
from publisher.core.layout import STATE_KEY
from publisher.state.published_episodes import PublishedEpisode
from publisher.state.state import State
from publisher.stores.directory import DirectoryStore
from publisher.sync.apply import commit
from publisher.sync.state_copies import StateCopies
from publisher.sync.storage import Storage


class Counting(DirectoryStore):
    """A folder that notes what is read in it, and may be out of reach."""

    def __init__(self, root):
        super().__init__(root)
        self.reads, self.reachable = [], True

    def read(self, key, *, known=""):
        if not self.reachable:
            raise StorageError("no connection")
        self.reads.append(str(key))
        return super().read(key, known=known)


@pytest.fixture
def store(tmp_path):
    return Counting(tmp_path / "public")


@pytest.fixture
def storage(store):
    return Storage(public=store, private=store)


def a_state(storage, before=None, title="First"):
    before = before or State()
    episode = PublishedEpisode(slug="first", guid="g", date="2026-05-01T06:00:00+00:00", title=title)
    return commit(storage, replace(before, generation=before.generation + 1, episodes={"first": episode}), before)


def test_while_nothing_changed_one_request_tells_so(tmp_path, store, storage):
    state = a_state(storage)
    copies = StateCopies(tmp_path / "copies", storage)
    assert copies.read() == state
    store.reads.clear()
    assert StateCopies(tmp_path / "copies", storage).read() == state
    assert len(store.reads) == 1


def test_what_was_written_needs_not_be_read(tmp_path, store, storage):
    state = a_state(storage)
    StateCopies(tmp_path / "copies", storage).write(state)
    store.reads.clear()
    assert StateCopies(tmp_path / "copies", storage).read() == state
    assert len(store.reads) == 1


def test_what_another_machine_wrote_is_read_and_older_copies_go(tmp_path, storage):
    first = a_state(storage)
    copies = StateCopies(tmp_path / "copies", storage)
    copies.read()
    before = {path.name for path in (tmp_path / "copies").iterdir()}
    second = a_state(storage, first, title="Second")
    assert copies.read() == second
    after = {path.name for path in (tmp_path / "copies").iterdir()}
    assert len(after) == len(before)
    assert after != before


def test_where_the_storage_is_out_of_reach_the_copy_is_taken_and_named(tmp_path, store, storage):
    state = a_state(storage)
    copies = StateCopies(tmp_path / "copies", storage)
    copies.read()
    store.reachable = False
    last, remark = copies.read_or_last()
    assert last.episodes == state.episodes
    assert "the copy last seen" in remark
    assert StateCopies(tmp_path / "none", storage).read_or_last()[1].endswith("nothing is known of what is published")


def test_a_lost_copy_of_a_shard_is_read_from_the_storage(tmp_path, storage):
    state = a_state(storage)
    copies = StateCopies(tmp_path / "copies", storage)
    copies.read()
    for path in (tmp_path / "copies").iterdir():
        if path.name != "index":
            path.unlink()
    assert copies.read() == state


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path, storage):
    state = a_state(storage)
    (tmp_path / "file").touch()
    copies = StateCopies(tmp_path / "file" / "copies", storage)
    copies.write(state)
    assert copies.read() == state


def test_an_index_whose_parts_prune_has_just_deleted_is_read_again(tmp_path, store, storage):
    first = a_state(storage)

    def read(key, *, known=""):
        stored = DirectoryStore.read(store, key, known=known)
        if key == STATE_KEY and not store.reads:  # between this answer and the next question
            newer = a_state(storage, first, title="Second")
            store.delete(set(first.shards.values()) - set(newer.shards.values()))
        store.reads.append(str(key))
        return stored

    store.reads.clear()
    store.read = read
    state = StateCopies(tmp_path / "copies", storage).read()
    assert state.episodes["first"].title == "Second"


def test_a_part_that_is_lost_is_told_as_damage_and_not_asked_for_ever(tmp_path, store, storage):
    store.delete(a_state(storage).shards.values())
    store.reads.clear()
    with pytest.raises(StorageError, match="cannot be read") as told:
        StateCopies(tmp_path / "copies", storage).read()
    assert told.value.code == "state-unreadable"
    assert len(store.reads) == 4
