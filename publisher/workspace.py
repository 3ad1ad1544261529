"""What a command works with on this machine: the local cache, the measured recordings, the storage and what it remembers."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from feed.identity import show_guid
from publisher.core import show_files as door
from publisher.core.digests import digest_json
from publisher.core.errors import StorageError
from publisher.core.layout import STATE_KEY
from publisher.core.local_cache import CACHE, CacheFile, write_whole
from publisher.load.episode_cache import EpisodeCache
from publisher.load.folder import load_show
from publisher.state.staged import Staged, read_staged
from publisher.state.state import State, read_state, write_state
from publisher.sync.storage import Storage

if TYPE_CHECKING:
    import datetime as dt

    from feed.model import AudioFacts
    from publisher.core.call import Call
    from publisher.core.console import Console
    from publisher.core.show_files import SourceFile
    from publisher.load.config import Config, ConfigFile
    from publisher.load.source import EpisodeSource, ShowSource
    from publisher.media.recordings import FactsCache
    from publisher.render.episode_content import EpisodeContent
    from publisher.render.notes_cache import NotesCache
    from publisher.stores.protocol import Store


class Workspace:
    """One show's folder and storage, opened for one command."""

    def __init__(self, file: ConfigFile, console: Console, now: dt.datetime | None = None) -> None:
        self.file = file
        self.console = console
        self.now = now

    @property
    def config(self) -> Config:
        """The config as written."""
        return self.file.config

    @cached_property
    def cache(self) -> Path:
        """A folder for what can be made again; a temporary one where the show's folder is read-only."""
        folder = self.file.folder / CACHE
        try:
            folder.mkdir(exist_ok=True)
            door.place_of(folder, self.file.folder)
            if not (folder / ".gitignore").exists():
                (folder / ".gitignore").write_text("*\n")
        except (OSError, door.Refused):
            return Path(tempfile.mkdtemp(prefix="airdate-"))
        return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix="airdate-"))

    # storage

    @cached_property
    def store(self) -> Store:
        """The storage of `[storage]`: what listeners reach."""
        return self._open(self.config.storage.url)

    @cached_property
    def storage(self) -> Storage:
        """Where listeners look, and where State and claims lie (`[storage] private`, else the same)."""
        private = self.config.storage.private
        return Storage(public=self.store, private=self._open(private) if private else self.store)

    def _open(self, url: str) -> Store:
        from publisher.stores.open_store import open_store

        return open_store(self.config.storage.location(url), self.file.folder)

    def read_state(self) -> State:
        """What the storage remembers; keeps a copy, which is all that is read while nothing changed. Raises StorageError."""
        state = self._read_state()
        self.storage.heed(state.conditions)
        return state

    def _read_state(self) -> State:
        known = self._copy_of_index()
        stored = self.storage.private.read(STATE_KEY, known=known[1] if known else "")
        if stored is None:
            return State()
        if stored.unchanged and known:
            return read_state(known[0], known[1], self._shard)
        state = read_state(stored.body, stored.etag, self._shard)
        self._keep(stored.body, stored.etag, state)
        return state

    def last_state(self) -> tuple[State, str]:
        """What the storage remembers, or the copy last seen when it cannot be reached; and which of the two it is, in words."""
        try:
            return self.read_state(), ""
        except StorageError as error:
            known = self._copy_of_index()
            if known:
                return read_state(
                    *known, self._kept_shard
                ), f"the storage cannot be reached ({error.message}); compared with the copy last seen"
            return State(), f"the storage cannot be reached ({error.message}); nothing is known of what is published"

    def remember(self, state: State) -> None:
        """Keep a copy of a State that was just written."""
        index, shards = write_state(state)
        with suppress(OSError):
            folder = self._copies
            for key, body in shards.items():
                if not (folder / Path(key).name).exists():
                    write_whole(folder / Path(key).name, body)
            self._keep(index, state.etag, state)

    @property
    def _copies(self) -> Path:
        """Where copies of State lie: a folder for each storage, since one show may go to several."""
        folder = (
            self.cache / "state" / digest_json([self.config.storage.url, self.config.storage.endpoint, self.config.storage.private])[:12]
        )
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _copy_of_index(self) -> tuple[bytes, str] | None:
        try:
            etag, _, index = (self._copies / "index").read_bytes().partition(b"\n")
        except OSError:
            return None
        return index, etag.decode("ascii", "replace")

    def _shard(self, key: str) -> bytes | None:
        kept = self._kept_shard(key)
        if kept is not None:
            return kept
        stored = self.storage.private.read(key)
        if stored is None:
            return None
        with suppress(OSError):
            write_whole(self._copies / Path(key).name, stored.body)
        return stored.body

    def _kept_shard(self, key: str) -> bytes | None:
        try:
            return (self._copies / Path(key).name).read_bytes()
        except OSError:
            return None

    def _keep(self, index: bytes, etag: str, state: State) -> None:
        with suppress(OSError):
            folder = self._copies
            write_whole(folder / "index", etag.encode() + b"\n" + index)
            kept = {Path(key).name for key in state.shards.values()} | {"index"}
            for path in folder.iterdir():
                if path.name not in kept:
                    path.unlink()

    # the folder

    def load(self, state: State) -> ShowSource:
        """The show's folder, read. The show's guid is the written one, else the one the storage remembers, else made of the feed's address."""
        guid = self.config.show.guid or state.show_guid or show_guid(self.config.feed_url)
        show = self.config.show
        settings = digest_json([guid, show.timezone, show.release_time, sorted(self.config.people)])
        return load_show(self.file, show_guid=guid, now=self.now, cache=EpisodeCache(self.cache / "episodes.json", settings))

    @cached_property
    def facts(self) -> FactsCache:
        """What was measured of recordings, kept by path, size and time."""
        from publisher.media.recordings import FactsCache

        return FactsCache(self.cache / "recordings.json")

    def measure(self, path: Path) -> AudioFacts:
        """The facts of a recording; raises ContentFault."""
        return self.facts.facts(path)

    @cached_property
    def notes(self) -> NotesCache:
        """The notes rendered before."""
        from publisher.render.notes_cache import NotesCache

        return NotesCache(self.cache / "notes.sqlite")

    def accent(self, picture: SourceFile) -> str:
        """The colour that stands out in a picture, remembered by its bytes."""
        from publisher.core.digests import code_digest
        from publisher.media.artwork import accent_of

        file = CacheFile(self.cache / "accent.json", code_digest("publisher/media", libraries=("Pillow",)))
        colour = file.read().get(picture.digest)
        if isinstance(colour, str) and re.fullmatch("#[0-9a-f]{6}", colour):
            return colour
        colour = accent_of(picture)
        file.write({picture.digest: colour})
        return colour

    @cached_property
    def other_facts(self) -> FactsCache:
        """What was measured of other encodings."""
        from publisher.media.recordings import FactsCache, measure_alternate

        return FactsCache(self.cache / "alternates.json", measure=measure_alternate)

    def measure_other(self, path: Path) -> AudioFacts:
        """The facts of another encoding; raises ContentFault."""
        facts = self.other_facts.facts(path)
        self.other_facts.save()
        return facts

    def choose(self, episode: EpisodeSource) -> Path | None:
        """Which file is the recording; None where there is none. Raises ContentFault."""
        from publisher.media.recordings import SUFFIXES, choose

        if episode.written.audio is None:
            candidates = [name for name in episode.names if name.lower().endswith(SUFFIXES)]
            if len(candidates) == 1 and not (episode.folder / candidates[0]).is_symlink():
                return episode.folder / candidates[0]
        return choose(episode.folder, episode.written.audio, root=self.file.folder, libraries=self.file.libraries, measure=self.measure)

    def staged(self, guid: str) -> Staged | None:
        """What lies on the storage ahead of time for the episode with this guid."""
        return read_staged(self.storage.private, guid)

    def make_copy(self, content: EpisodeContent, recording: Path) -> tuple[Path, AudioFacts]:
        """The file that is published for a recording, and its facts: a tagged copy, or the recording as it is."""
        facts = content.recorded.facts
        if not self.config.audio.tags:
            return recording, facts
        from publisher.media.tagged_copy import write_copy

        tags = content.audio_tags()
        folder = self.cache / "media"
        folder.mkdir(exist_ok=True)
        copy = folder / f"{content.slug}-{digest_json([facts.sha256, repr(tags)])[:16]}.{facts.extension}"
        if copy.exists():
            return copy, self.measure(copy)
        copied = write_copy(recording, copy, tags, facts=facts)
        return copy, copied

    def forget_copies(self) -> None:
        """Take away the published copies: the storage has them now."""
        shutil.rmtree(self.cache / "media", ignore_errors=True)


def opened(call: Call) -> Workspace:
    """The show whose config the command line names."""
    from publisher.load.config import read_config

    return Workspace(read_config(call.config_path), call.console, call.now)
