"""`publish pull`: published recordings back into the folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from feed.findings import ContentFault
from publisher.core.command_call import Call, common
from publisher.core.console import count_words, size_words
from publisher.core.errors import StorageError, UsageError
from publisher.core.json_results import Result
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from publisher.load.show_source import EpisodeSource


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledRow(Result):
    """A recording that was fetched."""

    slug: str
    """The episode."""
    file: str
    """Where it lies now, in the show's folder."""
    bytes: int
    """Its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled(Result):
    """What `publish pull` fetched."""

    pulled: tuple[PulledRow, ...]
    """Recordings that were not here."""


def pull(workspace: Workspace, slug: str | None) -> Pulled:
    """Published recordings back into the folder, where there is none; each is held against its hash."""
    state = workspace.state_copies.read()
    source = workspace.load(state)
    known = state.by_guid()
    rows = []
    for episode in source.episodes:
        published = known.get(episode.guid)
        if (
            published is None
            or published.withdrawn
            or published.audio is None
            or (slug is not None and slug not in (episode.slug, published.slug))
        ):
            continue
        if _has_recording(workspace, episode):
            if slug is not None:
                workspace.console.say(f"  {published.slug} has its recording here already")
            continue
        facts = published.audio.facts
        target = episode.folder / (episode.written.audio or f"audio.{facts.extension}")
        part = target.with_name(target.name + ".part")
        workspace.console.show(f"  {published.slug} ({size_words(facts.size)})")
        if workspace.store.fetch(published.audio.key, part) is None:
            raise StorageError(
                f"the recording is not on the storage any more: {published.audio.key}",
                hint="where there is a copy, put it into the episode's folder, then `publish --repair`",
                code="recording-gone",
            )
        with part.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != facts.sha256:
            part.unlink()
            raise StorageError(
                f"the recording on the storage is not the one that was published: {published.audio.key}",
                cause="its hash differs from what was remembered",
                hint="nothing was written here; publish the right one as an audio_revision",
                code="recording-differs",
            )
        part.replace(target)
        rows.append(PulledRow(slug=published.slug, file=str(target.relative_to(workspace.file.folder)), bytes=facts.size))
    if state.first:
        words = f"the {workspace.store.describe()} is empty: no show was published there"
        if slug is not None:
            raise UsageError(words, hint="is [storage] url the one the show was published to?", code="pull-unknown")
        workspace.console.warn(f"{words}. Is [storage] url the one the show was published to?")
        return Pulled(pulled=())
    if slug is not None and not any(slug in (item.slug, known[item.guid].slug) for item in source.episodes if item.guid in known):
        raise UsageError(f"“{slug}” is not published", hint="`publish status` lists what is", code="pull-unknown")
    workspace.console.say(f"{count_words(len(rows), 'recording')} pulled." if rows else "Every published recording is here.")
    return Pulled(pulled=tuple(rows))


def _has_recording(workspace: Workspace, episode: EpisodeSource) -> bool:
    try:
        return workspace.choose(episode) is not None
    except ContentFault as fault:
        return fault.code != "audio-missing"


@click.command("pull")
@common
@click.argument("slug", required=False)
def command(call: Call, /, slug: str | None) -> None:
    """Fetch published recordings back into the folder, of the episode SLUG or of all."""
    call.result(pull(opened(call), slug))
