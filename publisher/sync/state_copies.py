"""Copies of State on this machine: while nothing changed on the storage, a single request tells so, and the rest is read here."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.core.errors import StorageError
from publisher.core.layout import STATE_KEY, Key
from publisher.core.local_cache import write_whole
from publisher.state.state import State, generation_of, read_state, write_state
from publisher.sync.claims import shard_in_records

if TYPE_CHECKING:
    from publisher.stores.protocol import Stored
    from publisher.sync.storage import Storage


class StateCopies:
    """What the storage remembers, with copies in `folder`: the index with its ETag, and the shards, which are believed by their names."""

    def __init__(self, folder: Path, storage: Storage) -> None:
        self._folder = folder
        self._storage = storage

    def read(self) -> State:
        """What the storage remembers; keeps a copy, which is all that is read while nothing changed. Raises StorageError."""
        failed = ""
        while True:
            known = self._index()
            stored = self._storage.private.read(STATE_KEY, known=known[1] if known else "")
            try:
                state = self._state_of(stored, known)
            except StorageError as error:
                if stored is None or stored.etag == failed:
                    raise
                failed = stored.etag  # a prune may just have deleted what this index named, and written another one
                if error.code == "state-unreadable":
                    self._forget()  # or it is a copy that is damaged
            else:
                self._storage.use_remembered(state.conditions)
                return state

    def _state_of(self, stored: Stored | None, known: tuple[bytes, str] | None) -> State:
        if stored is None:
            return State()
        if stored.unchanged and known:
            return self._whole(*known)
        state = self._whole(stored.body, stored.etag)
        self._write_index(stored.body, stored.etag, state)
        return state

    def _whole(self, index: bytes, etag: str) -> State:
        """State from its index. A part that is lost is taken from the records of publishes; it is no longer named, so that it is
        written again with the next State.
        """
        lost: set[Key] = set()

        def recorded(key: Key) -> bytes | None:
            lost.add(key)
            return shard_in_records(self._storage.private, key, generation_of(index))

        state = read_state(index, etag, self._shard, recorded)
        return replace(state, shards={name: key for name, key in state.shards.items() if key not in lost}) if lost else state

    def _forget(self) -> None:
        """Take the copies away."""
        with suppress(OSError):
            for path in list(self._folder.iterdir()):
                path.unlink()

    def read_or_last(self) -> tuple[State, str]:
        """What the storage remembers, or the copy last seen when it cannot be reached; and which of the two it is, in words."""
        try:
            return self.read(), ""
        except StorageError as error:
            remark = f"the storage cannot be reached ({error.message})"
            known = self._index()
            with suppress(StorageError):
                if known is not None:
                    return read_state(*known, self._shard_here), f"{remark}; compared with the copy last seen"
            return State(), f"{remark}; from there nothing is known of what is published"

    def last_seen(self) -> State | None:
        """The copy that lies here, whatever the storage holds now; None where there is none, or it is damaged."""
        known = self._index()
        try:
            return read_state(*known, self._shard_here) if known is not None else None
        except StorageError:
            return None

    def write(self, state: State) -> None:
        """Keep a copy of a State that was just written to the storage."""
        index, shards = write_state(state)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for key, body in shards.items():
                if not self._place(key).exists():
                    write_whole(self._place(key), body)
            self._write_index(index, state.etag, state)

    def _place(self, key: Key) -> Path:
        return self._folder / Path(key).name

    def _index(self) -> tuple[bytes, str] | None:
        try:
            etag, _, index = (self._folder / "index").read_bytes().partition(b"\n")
        except OSError:
            return None
        return (index, etag.decode()) if etag.isascii() and etag.decode().isprintable() else None

    def _shard(self, key: Key) -> bytes | None:
        here = self._shard_here(key)
        if here is not None:
            return here
        stored = self._storage.private.read(key)
        if stored is None:
            return None
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._place(key), stored.body)
        return stored.body

    def _shard_here(self, key: Key) -> bytes | None:
        try:
            return self._place(key).read_bytes()
        except OSError:
            return None

    def _write_index(self, index: bytes, etag: str, state: State) -> None:
        """Write the index last: what it names lies there already. Shards of earlier ones go."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._folder / "index", etag.encode() + b"\n" + index)
            kept = {Path(key).name for key in state.shards.values()} | {"index"}
            for path in self._folder.iterdir():
                if path.name not in kept:
                    path.unlink()
