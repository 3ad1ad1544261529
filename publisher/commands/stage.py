"""`publish stage`: recordings put onto the storage ahead of time.

A staged recording lies under a name made of the episode's guid, which nobody outside the show's folder knows before it is
published. Beside it stands what was measured, so that a machine without the recording can release the episode.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feed.findings import Finding, Severity
from publisher.core import layout
from publisher.core.command_call import Call, Options, common
from publisher.core.console import count_words, size_words
from publisher.core.errors import ContentError, PlanRefused, UsageError
from publisher.core.json_results import Result
from publisher.core.slugs import meant_instead
from publisher.folder_to_plan import Scope, select
from publisher.incremental_build.artifacts import PRIVATE
from publisher.incremental_build.build import Build, Known
from publisher.incremental_build.recipe_names import recipe_name
from publisher.render.media_and_documents import Composition, compose
from publisher.state.published_episodes import AudioElsewhere
from publisher.state.staged import NOTE_HEADERS, Staged, read_staged, secret_of
from publisher.stores.protocol import ConditionFailed, Headers
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from publisher.load.schedule import Recorded
    from publisher.state.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedRow(Result):
    """A recording that lies on the storage ahead of time."""

    slug: str
    """The episode."""
    bytes: int
    """What was sent; 0 when it was staged already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedRecordings(Result):
    """What `publish stage` did."""

    staged: tuple[StagedRow, ...]
    """Recordings that are staged now."""


def stage(workspace: Workspace, slug: str | None, now: dt.datetime) -> StagedRecordings:
    """Measure, tag and upload the recordings of episodes that are not published yet (of one, or of all that have one here)."""
    state = workspace.state_copies.read()
    selection = select(workspace, state, Options(now=now), scope=Scope(drafts=True, offline=True))
    published = selection.publication
    waiting = [item for item in published.episodes if item.audio is None and item.recording is not None]
    wanted = [item for item in waiting if slug in (None, item.slug)]
    faults = [item for item in published.findings if slug is not None and item.episode == slug]
    if slug is not None and not wanted:
        if faults:
            raise ContentError(f"not staged: {slug}", faults, code="content-invalid")
        _refuse_unknown(slug, [item.slug for item in published.episodes], state)
    for item in wanted:
        if item.source.written.guid is None:
            finding = Finding(
                code="stage-guid",
                severity=Severity.ERROR,
                message="an episode needs a guid of its own before its recording can be staged",
                file=item.source.file,
                line=1,
                hint="`publish new` writes one; the address of the staged file is made of it",
                episode=item.slug,
            )
            raise ContentError(f"not staged: {item.slug}", [finding], code="content-invalid")
    if wanted:
        _refuse_listable(workspace)
    rows = []
    to_copy = []
    for item in wanted:
        if _is_staged(workspace, item):
            workspace.console.show(f"  {item.slug} is staged already")
            rows.append(StagedRow(slug=item.slug, bytes=0))
        else:
            to_copy.append(item)
    if to_copy:
        known = Known(recipes=state.recipes, objects=state.objects)
        composition = compose(selection.source, state, replace(published, episodes=tuple(to_copy)), selection.tools, Build(known))
        rows += [_put(workspace, item, composition) for item in to_copy]
    workspace.storage.flush()
    workspace.facts.save()
    workspace.forget_copies()
    workspace.console.say(
        f"{count_words(len(rows), 'recording')} staged." if rows else "Nothing to stage: no unpublished episode has a recording here."
    )
    return StagedRecordings(staged=tuple(rows))


def _is_staged(workspace: Workspace, item: Recorded) -> bool:
    """Whether this very recording lies on the storage already."""
    before, recording = read_staged(workspace.storage.private, item.source.guid), item.recording_facts
    return (
        before is not None
        and recording is not None
        and before.recording_sha256 == recording.sha256
        and before.revision == item.source.written.audio_revision
    )


def _put(workspace: Workspace, item: Recorded, composition: Composition) -> StagedRow:
    """Upload the published copy of a recording, and beside it what was measured."""
    audio = composition.recordings[item.slug].audio
    if isinstance(audio, AudioElsewhere):
        raise TypeError(f"{item.slug} lies at another host")
    (copy, *_) = composition.build.site[recipe_name("media", item.slug)].artifacts or ()
    secret = secret_of(item.source.guid)
    key = layout.staged_recording(secret, audio.facts.sha256, audio.facts.extension)
    if not isinstance(copy.body, Path):
        raise TypeError(f"{item.slug} is on the storage already")
    with suppress(ConditionFailed):  # another machine has sent these very bytes
        workspace.storage.private.put(key, copy.body, Headers(content_type=audio.facts.type, cache_control=PRIVATE), if_absent=True)
    note = Staged(
        key=key,
        recording_sha256=audio.recording_sha256,
        recording_size=audio.recording_size,
        revision=audio.revision,
        facts=audio.facts,
        chapters=audio.chapters,
    )
    body = json.dumps(asdict(note), sort_keys=True, ensure_ascii=False).encode()
    workspace.storage.private.put(layout.staged_note(secret), body, NOTE_HEADERS)
    workspace.console.show(f"  {item.slug} is staged ({size_words(audio.facts.size)})")
    return StagedRow(slug=item.slug, bytes=audio.facts.size)


def _refuse_unknown(slug: str, known: Sequence[str], state: State) -> None:
    if slug in state.episodes and not state.episodes[slug].removed:
        before = state.episodes[slug].audio
        hint = f"for another recording of it, write audio_revision = {before.revision + 1 if before else 1} into its episode.md, then `publish`"
        raise UsageError(f"“{slug}” is published already", hint=hint, code="stage-unknown")
    hint = meant_instead(slug, known, "the slug is the folder's name without its date")
    raise UsageError(f"there is no unpublished episode `{slug}` with a recording here", hint=hint, code="stage-unknown")


def _refuse_listable(workspace: Workspace) -> None:
    """Staged files must not be found by a listing that anybody can ask for."""
    listable = getattr(workspace.storage.private, "listable_by_anyone", None)
    if listable is not None and listable():
        raise PlanRefused(
            "anybody can list this storage, so staged recordings would be found",
            hint="take s3:ListBucket away from everybody (`publish bucket` shows how), or name another bucket: private under [storage]",
            code="refused-listable",
        )


@click.command("stage")
@common
@click.argument("slug", required=False)
def command(call: Call, /, slug: str | None) -> None:
    """Upload recordings ahead of time, of the episode SLUG or of all; any machine can release them then."""
    call.result(stage(opened(call), slug, call.now))
