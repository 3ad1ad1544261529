"""A show's folder and storage, opened for one command."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from feed.guids import show_guid
from publisher.core import layout
from publisher.core.digests import code_digest, digest_json
from publisher.core.errors import ContentError
from publisher.core.local_cache import CacheFile, cache_folder
from publisher.core.placeholders import has_none
from publisher.held_back.as_served import ServedEpisodes
from publisher.held_back.published_copies import PublishedCopies
from publisher.load.config_reader import ConfigFile, read_config
from publisher.load.episode_cache import EpisodeCache
from publisher.load.named_files import is_address
from publisher.load.schedule import RecordingFinder
from publisher.load.show_reader import load_show
from publisher.state.staged import Staged, read_staged
from publisher.sync.kept.texts import read_texts
from publisher.sync.missing_addresses import MissingAddresses
from publisher.sync.other_checkouts import LastPublish
from publisher.sync.state_copies import StateCopies
from publisher.sync.storage import Storage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from feed.model import AudioFacts
    from publisher.core.command_call import Call
    from publisher.core.console import Console
    from publisher.core.layout import Key
    from publisher.core.show_files import SourceFile
    from publisher.load.config_tables import Config
    from publisher.load.show_source import EpisodeSource, ShowSource
    from publisher.media.recordings import FactsCache
    from publisher.render.episode_sources import EpisodeSources
    from publisher.render.media_and_documents import Tools
    from publisher.state.state import State
    from publisher.stores.open_store import Location
    from publisher.stores.protocol import Store


class Workspace:
    """One show's folder and storage, opened for one command; `close` it, or a temporary folder may stay."""

    def __init__(self, file: ConfigFile, console: Console, now: dt.datetime | None = None) -> None:
        self.file = file
        self.console = console
        self.now = now
        self._temporary: TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Take away what was made for this command alone."""
        if self._temporary is not None:
            self._temporary.cleanup()

    @property
    def config(self) -> Config:
        """The config as written."""
        return self.file.config

    @cached_property
    def cache(self) -> Path:
        """The folder for what can be made again; a temporary one where the show's folder is read-only."""
        folder = cache_folder(self.file.folder)
        if folder is None:
            self._temporary = TemporaryDirectory(prefix="airdate-", ignore_cleanup_errors=True)
            folder = Path(self._temporary.name)
        return folder

    def read_again(self, at: dt.datetime | None = None) -> Workspace:
        """The same show with its config as it is written now, as it will be `at` a time."""
        fresh = Workspace(read_config(self.file.path), self.console, at or self.now)
        fresh.cache = self.cache
        return fresh

    def guid(self, state: State) -> str:
        """The show's podcast:guid: the written one, else the one the storage remembers, else made of the feed's address."""
        return self.config.show.guid or state.show_guid or show_guid(self.config.feed_url)

    # the storage

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

        return open_store(self.location(url), self.file.folder)

    def location(self, url: str) -> Location:
        """What the store at `url` is opened with on this machine."""
        return replace(self.config.storage.location(url), profile=self.profile)

    @cached_property
    def profile(self) -> str:
        """The profile that signs, "" for none: keys in the environment win over one that this machine does not have, and it is said."""
        from publisher.stores.aws_profile import usable_profile

        named = self.config.storage.profile or ""
        found = usable_profile(named, os.environ) if self.config.storage.buckets else named
        if found != named:
            self.console.say(f"There is no profile {named} on this machine: the keys in the environment sign.")
        return found

    @cached_property
    def state_copies(self) -> StateCopies:
        """State and its copies, in a folder for each storage, since one show may go to several."""
        return StateCopies(self.cache / "state" / self._storage_name, self.storage)

    def state_or_last(self) -> tuple[State, bool]:
        """What the storage remembers, or the copy last seen when it cannot be reached, which is said; and whether it cannot."""
        state, remark = self.state_copies.read_or_last()
        if remark:
            self.console.warn(remark)
        return state, bool(remark)

    def last_seen(self) -> State | None:
        """What this machine last saw published of this show, on any storage; None where it never did."""
        copies = (StateCopies(folder, self.storage).last_seen() for folder in sorted((self.cache / "state").glob("*")))
        guid = self.config.show.guid or show_guid(self.config.feed_url)
        return max((state for state in copies if state is not None and state.show_guid == guid), key=_moment_of, default=None)

    @property
    def _storage_name(self) -> str:
        storage = self.config.storage
        return digest_json([storage.url, storage.endpoint, storage.private])[:12]

    @property
    def last_publish(self) -> LastPublish:
        """Which publish this folder last made, or found to be its own words."""
        return LastPublish(self.cache / "last-publish.json", self._storage_name)

    @cached_property
    def published_copies(self) -> PublishedCopies:
        """What people wrote for each episode, as this machine last published it."""
        storage = self.storage
        kept = partial(read_texts, storage.private) if storage.is_apart else lambda _slug, _digest: None
        return PublishedCopies(self.cache / "published" / self._storage_name, kept)

    def served_episodes(self, state: State, lost: Collection[Key]) -> ServedEpisodes:
        """The published episodes as listeners have them; `lost` is not on the storage."""
        return ServedEpisodes(self.cache / "served" / self._storage_name, self.storage.public, state, lost)

    def came_by_git(self, episode: EpisodeSource, slug: str, digest: str) -> bool:
        """Whether git's history of an episode's folder holds the text of this digest: what lies there goes on from it."""
        versions = PublishedCopies(self.cache / "pulled" / self._storage_name)
        return versions.find(slug, digest, episode.folder, self.config, self.config.show.guid or "") is not None

    @property
    def missing_addresses(self) -> MissingAddresses:
        """What a look from outside did not find."""
        return MissingAddresses(self.cache)

    def staged(self, guid: str) -> Staged | None:
        """What lies on the storage ahead of time for the episode with this guid."""
        return read_staged(self.storage.private, guid)

    def addressed(self) -> Workspace:
        """The same, for what sends somebody to the show. Raises ContentError where nobody can be sent to it yet."""
        if has_none(self.config.site.url):
            hint = 'write where listeners reach the storage: url = "https://…" under [site], and publish'
            raise ContentError("the show has no address yet", hint=hint, code="no-address")
        return self

    # the folder

    def load(self, state: State) -> ShowSource:
        """The show's folder, read."""
        guid, show = self.guid(state), self.config.show
        settings = digest_json([guid, show.timezone, show.release_time, sorted(self.config.people)])
        source = load_show(self.file, show_guid=guid, now=self.now, cache=EpisodeCache(self.cache / "episodes.json", settings))
        published = {slug for slug, item in state.episodes.items() if not item.removed}
        self._forget_cues(published.union(episode.slug for episode in source.episodes))
        return source

    @property
    def _cues(self) -> Path:
        return self.cache / "transcripts"

    def _forget_cues(self, slugs: set[str]) -> None:
        """Take away the cues of episodes that are gone."""
        with suppress(OSError):
            for path in self._cues.iterdir():
                if path.stem not in slugs:
                    path.unlink()

    @cached_property
    def facts(self) -> FactsCache:
        """What was measured of recordings."""
        from publisher.media.recordings import FactsCache

        return FactsCache(self.cache / "recordings.json")

    def measure(self, path: Path) -> AudioFacts:
        """The facts of a recording; raises ContentFault."""
        return self.facts.facts(path)

    @cached_property
    def _other_facts(self) -> FactsCache:
        from publisher.media.recordings import FactsCache, measure_alternate

        return FactsCache(self.cache / "alternates.json", measure=measure_alternate)

    def measure_other(self, path: Path) -> AudioFacts:
        """The facts of another encoding; raises ContentFault."""
        facts = self._other_facts.facts(path)
        self._other_facts.save()
        return facts

    @property
    def recordings(self) -> RecordingFinder:
        """How recordings are found: in the folder, and staged on the storage."""
        return RecordingFinder(choose=self.choose, measure=self.measure, staged=self.staged)

    @property
    def recordings_here(self) -> RecordingFinder:
        """The same without asking the storage."""
        return RecordingFinder(choose=self.choose, measure=self.measure, staged=lambda _guid: None)

    def choose(self, episode: EpisodeSource) -> Path | None:
        """Which file is the recording; None where there is none. Raises ContentFault."""
        from publisher.media.recordings import choose_recording

        written, names = episode.written.audio, episode.names
        if written is not None and is_address(written):
            return None
        root, libraries = self.file.folder, self.file.libraries
        return choose_recording(episode.folder, written, names=names, root=root, libraries=libraries, measure=self.measure)

    # published copies of recordings

    def make_copy(self, sources: EpisodeSources, recording: Path) -> tuple[Path, AudioFacts]:
        """The file that is published for a recording, and its facts: a tagged copy, or the recording as it is."""
        facts = sources.recorded.facts
        if not sources.tagged:
            return recording, facts
        from publisher.media.tagged_copy import kept_copy

        return kept_copy(self.cache / "media", sources.slug, recording, sources.audio_tags(), facts, measure=self.measure)

    @property
    def tools(self) -> Tools:
        """What the show is composed with."""
        from publisher.render.items_cache import ItemsCache
        from publisher.render.media_and_documents import Tools
        from publisher.render.notes_cache import NotesCache

        notes = NotesCache(self.cache / "notes.sqlite")
        return Tools(
            make_copy=self.make_copy,
            measure_other=self.measure_other,
            accent=self.accent_of,
            notes=notes,
            items=ItemsCache(self.cache / "feed-items.xml"),
            cues=self._cues,
            stored_answers=self._stored_answers,
        )

    @property
    def tools_here(self) -> Tools:
        """The same without asking the storage."""
        return replace(self.tools, stored_answers=lambda _slug: None)

    def _stored_answers(self, slug: str) -> bytes | None:
        """The answers to an episode's posts as they were published, over a connection of its own: pages may be made in another process."""
        stored = self._open(self.config.storage.url).read(layout.answers(slug))
        if stored is None:
            self.console.warn(f"{layout.answers(slug)} is not on the storage any more: what is made anew is without these answers")
        return stored.body if stored is not None else None

    def accent_of(self, picture: SourceFile) -> str:
        """The colour that stands out most in a picture, remembered by its bytes: Pillow is loaded for one that was never looked at."""
        file = CacheFile(self.cache / "accent.json", code_digest("publisher/media", libraries=("Pillow",)))
        color = file.read().get(picture.digest)
        if not isinstance(color, str) or not re.fullmatch("#[0-9a-f]{6}", color):  # it goes into the style sheet
            from publisher.media.image_processing import accent_of

            color = accent_of(picture)
            file.write({picture.digest: color})
        return color

    def forget_copies(self) -> None:
        """Take away the published copies: the storage has them now."""
        shutil.rmtree(self.cache / "media", ignore_errors=True)


def _moment_of(state: State) -> str:
    """When the last publish of a State was made, in a form that sorts."""
    return max(state.published.values(), default="")


def opened(call: Call, path: Path | None = None) -> Workspace:
    """The show whose config is at `path`, else the one that the command line names, until the command ends."""
    workspace = Workspace(read_config(path or call.config_path), call.console, call.now)
    click.get_current_context().call_on_close(workspace.close)
    return workspace
