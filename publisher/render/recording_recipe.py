"""The recipe of an episode's recording: published once, then frozen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.incremental_build.artifacts import CopyOf, Phase, file_artifact
from publisher.incremental_build.recipe_names import recipe_name
from publisher.state.published_episodes import PublishedAudio

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from feed.model import AudioFacts
    from publisher.incremental_build.build import Build
    from publisher.render.episode_sources import EpisodeSources
    from publisher.state.published_episodes import AudioElsewhere


def publish_recording(
    sources: EpisodeSources, build: Build, make_copy: Callable[[EpisodeSources, Path], tuple[Path, AudioFacts]]
) -> PublishedAudio | AudioElsewhere:
    """The recording as it is published. A published one stays as it is; a new one is copied, tagged and named by its bytes; one that lies
    at another host is only named.
    """
    recorded, source = sources.recorded, sources.source
    if recorded.elsewhere is not None:
        return recorded.elsewhere
    name = recipe_name("media", sources.slug)
    if recorded.audio is not None:
        frozen = recorded.audio
        build.keep(name, f"frozen:{frozen.key}", (frozen.key, *frozen.replaced))
        return frozen
    facts, staged, before = recorded.recording_facts, recorded.staged, recorded.before
    copy: Path | CopyOf
    if staged is not None:
        copy, copied = CopyOf(staged.key), staged.facts
        recording = staged.recording_sha256, staged.recording_size
    elif recorded.recording is not None and facts is not None:
        copy, copied = make_copy(sources, recorded.recording)
        recording = facts.sha256, facts.size
    else:
        raise ValueError(f"no recording for {sources.slug}")
    key = layout.recording(sources.slug, copied.sha256, copied.extension)
    audio = PublishedAudio(
        key=key,
        revision=source.written.audio_revision,
        recording_sha256=recording[0],
        recording_size=recording[1],
        facts=copied,
        chapters=recorded.own_chapters,
        replaced=tuple(old for old in (*before.replaced, before.key) if old != key) if before is not None else (),
        cover=source.cover.digest[:16] if source.cover and sources.tagged and staged is None else "",
    )
    made = file_artifact(key, copy, size=copied.size, sha256=copied.sha256, content_type=copied.type)
    echoes = [replace(made, key=old, body=CopyOf(key), phase=Phase.ECHO) for old in audio.replaced]
    build.keep(name, f"frozen:{key}", (key, *audio.replaced), (made, *echoes))
    return audio
