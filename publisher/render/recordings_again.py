"""Published recordings made again: only where they come out as the very bytes that were published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import ContentFault
from publisher.core.show_files import place_of
from publisher.incremental_build.artifacts import Artifact, CopyOf, Phase, file_artifact
from publisher.incremental_build.recipe_names import recipe_name
from publisher.state.published_episodes import PublishedAudio

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from publisher.core.layout import Key
    from publisher.load.schedule import Publication
    from publisher.render.episode_sources import EpisodeSources
    from publisher.render.media_and_documents import Composition, Tools
    from publisher.state.published_episodes import PublishedAlternate

_OTHER = "the recording in the folder is another one than was published"
_TAGGED = "its copy comes out with other bytes now: its title, cover or chapters have changed since"


def recordings_again(composition: Composition, lost: Collection[Key]) -> dict[Key, str]:
    """Give the frozen recipes of lost recordings and other encodings their artifacts; why those cannot be made that stay lost."""
    reasons: dict[Key, str] = {}
    lost_ones = frozenset(lost)
    for sources in composition.episodes if lost else ():
        recordings, build = composition.recordings[sources.slug], composition.build
        audio, name = recordings.audio, recipe_name("media", sources.slug)
        if isinstance(audio, PublishedAudio) and not build.changed(name) and not lost_ones.isdisjoint(audio.keys):
            made = list(_recording(sources, audio, composition.tools, lost, reasons))
            build.keep(name, build.site[name].fingerprint, build.site[name].keys, tuple(made) or None)
        numbers = [number for number, table in enumerate(sources.source.written.alternates) if table.file is not None]
        for number, other in zip(numbers, recordings.alternates_published, strict=False):
            name = recipe_name("alternate", sources.slug, number)
            if other.key in lost and name in build.site and not build.changed(name):
                path = _alternate(sources, other, composition)
                if path is None:
                    reasons[other.key] = f"{other.name}, which it was made of, is not in the episode's folder as it was"
                    continue
                again = file_artifact(other.key, path, size=other.size, sha256=other.sha256, content_type=other.type)
                build.keep(name, build.site[name].fingerprint, build.site[name].keys, (again,))
    return reasons


def without_lost_ones(publication: Publication, lost: Collection[Key]) -> Publication:
    """A publication that does not stop for another recording in the folder where the published one is lost: that is told as such."""
    slugs = {item.source.slug for item in publication.episodes if item.audio is not None and item.audio.key in lost}
    findings = tuple(item for item in publication.findings if not (item.code == "audio-frozen" and item.episode in slugs))
    return replace(publication, findings=findings)


def _recording(
    sources: EpisodeSources, audio: PublishedAudio, tools: Tools, lost: Collection[Key], reasons: dict[Key, str]
) -> Iterator[Artifact]:
    """The recording, and the copies of it under the addresses of those it replaced."""
    facts = audio.facts
    there = audio.key not in lost
    if not there:
        path, reason = _made(sources, audio, tools)
        if path is not None:
            there = True
            yield file_artifact(audio.key, path, size=facts.size, sha256=facts.sha256, content_type=facts.type)
        remedy = f"`audio_revision = {audio.revision + 1}` in {sources.source.file} publishes another one in its place"
        reasons |= {key: f"{reason}; {remedy}" for key in (audio.key, *audio.replaced) if key in lost and reason}
    for old in audio.replaced:
        if there and old in lost:
            made = file_artifact(old, CopyOf(audio.key), size=facts.size, sha256=facts.sha256, content_type=facts.type)
            yield replace(made, phase=Phase.ECHO)


def _made(sources: EpisodeSources, audio: PublishedAudio, tools: Tools) -> tuple[Path | None, str]:
    """The file with the published bytes, or None and why there is none."""
    recorded = sources.recorded
    recording, facts = recorded.recording, recorded.recording_facts
    if recording is None or facts is None:
        return None, "its recording is not in the folder"
    if facts.sha256 == audio.facts.sha256:
        return recording, ""
    if facts.sha256 != audio.recording_sha256:
        return None, _OTHER
    as_new = replace(sources, recorded=replace(recorded, audio=None), duration=facts.duration)
    copy, copied = tools.make_copy(as_new, recording)
    return (copy, "") if copied.sha256 == audio.facts.sha256 else (None, _TAGGED)


def _alternate(sources: EpisodeSources, other: PublishedAlternate, composition: Composition) -> Path | None:
    path = sources.source.folder / other.name
    try:
        place_of(path, sources.source.folder, composition.source.file.libraries)
        return path if composition.tools.measure_other(path).sha256 == other.sha256 else None
    except (OSError, ContentFault):
        return None
