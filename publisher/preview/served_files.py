"""What a preview serves beside the files it built: the types the storage will answer with, and the recordings, from where they are.

A recording in the folder is served from there, or as its tagged copy. One that is published or staged and not here is fetched
once, when somebody asks for it: from the storage, else from its published address.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from feed.findings import ContentFault
from publisher.core.errors import StorageError
from publisher.core.media_types import content_type
from publisher.state.published_episodes import PublishedAudio
from publisher.web.bounded_fetch import Fetcher, FetchError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from publisher.core.layout import Key
    from publisher.render.episode_content import EpisodeContent
    from publisher.render_show import Rendering
    from publisher.state.published_episodes import PublishedAlternate
    from publisher.workspace import Workspace


class Sources:
    """What stands behind the keys of the newest rendering; `folder` takes what is fetched. Used by several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._types: Mapping[str, str] = {}
        self._recordings: Mapping[str, Callable[[], Path]] = {}
        self._found: dict[str, Path] = {}
        self._locks: dict[str, threading.Lock] = {}

    def follow(self, rendering: Rendering, workspace: Workspace) -> None:
        """Serve what this rendering names from now on."""
        types: dict[str, str] = {item.key: item.content_type for recipe in rendering.build.site.values() for item in recipe.artifacts or ()}
        recordings: dict[str, Callable[[], Path]] = {}
        for content in rendering.contents:
            audio = content.audio
            if isinstance(audio, PublishedAudio):
                types |= dict.fromkeys(audio.keys, audio.facts.type)
                recordings |= dict.fromkeys(audio.keys, partial(self._once, audio.key, partial(self._recording, workspace, content, audio)))
            for other in content.recordings.alternates_published:
                types[other.key] = other.type
                recordings[other.key] = partial(self._once, other.key, partial(self._alternate, workspace, content, other))
        self._types, self._recordings = types, recordings

    def content_type(self, key: str) -> str:
        """The type the storage answers with under `key`."""
        return self._types.get(key) or content_type(key)

    def recording(self, key: str) -> Path | None:
        """The file of the recording under `key`, None where no episode has one. Raises StorageError when it cannot be had."""
        find = self._recordings.get(key)
        try:
            return find() if find is not None else None
        except (ContentFault, OSError) as error:
            raise StorageError(f"the recording cannot be read: {key}", cause=str(error), code="recording-gone") from error

    def _once(self, key: str, find: Callable[[], Path]) -> Path:
        """What was found before, as long as it is there: a publish beside takes copies away."""
        with self._locks.setdefault(key, threading.Lock()):
            found = self._found.get(key)
            if found is None or not found.is_file():
                found = self._found[key] = find()
            return found

    def _recording(self, workspace: Workspace, content: EpisodeContent, audio: PublishedAudio) -> Path:
        path, staged = content.recorded.recording, content.recorded.staged
        if staged is not None:
            return self._fetch(workspace, staged.key, audio.facts.size, staged=True)
        if path is not None and content.recorded.audio is None:
            return workspace.make_copy(content.sources, path)[0]
        copy, same = self._published_copy(content, audio)
        if copy is not None and same:
            return copy
        try:
            return self._fetch(workspace, audio.key, audio.facts.size)
        except StorageError:
            if copy is None:
                raise
            return copy

    def _published_copy(self, content: EpisodeContent, audio: PublishedAudio) -> tuple[Path | None, bool]:
        """The copy that a published recording gives now, and whether it is the published one, bit for bit (titles change)."""
        from publisher.media.tagged_copy import write_copy

        path, facts = content.recorded.recording, content.recorded.recording_facts
        if path is None or facts is None:
            return None, False
        if facts.sha256 == audio.facts.sha256:
            return path, True
        copy = self._folder / f"again-{audio.key.rpartition('/')[2]}"
        try:
            return copy, write_copy(path, copy, content.sources.audio_tags(), facts=facts).sha256 == audio.facts.sha256
        except (ContentFault, OSError):
            return None, False

    def _alternate(self, workspace: Workspace, content: EpisodeContent, other: PublishedAlternate) -> Path:
        path = content.source.folder / other.name
        if path.is_file() and workspace.measure_other(path).sha256 == other.sha256:
            return path
        return self._fetch(workspace, other.key, other.size)

    def _fetch(self, workspace: Workspace, key: Key, size: int, *, staged: bool = False) -> Path:
        """The object from the storage; a published one from its address where the storage does not give it."""
        target = self._folder / key.rpartition("/")[2]
        try:
            store = workspace.storage.private if staged else workspace.store
            if store.fetch(key, target) is not None:
                return target
            fault = StorageError(
                f"the recording is not on the storage any more: {key}", hint="is there a copy elsewhere?", code="recording-gone"
            )
        except StorageError as error:
            fault = error
        if not staged:
            try:
                with Fetcher(workspace.config.feed_url) as fetcher:
                    fetcher.download(f"{workspace.config.site.url.rstrip('/')}/{key}", target, size)
            except FetchError:
                raise fault from None
            return target
        raise fault
