"""Recordings up ahead of time, and back again: `stage` and `pull`.

A staged recording lies under a name made of the episode's guid, which nobody outside the show's folder knows before it is
published. Beside it stands what was measured, so that a machine without the recording can release the episode.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from feed.characters import read_json
from feed.findings import ContentFault, Finding, Severity
from feed.model import Chapter
from publisher.build import PRIVATE
from publisher.console import count_words, size_words
from publisher.errors import ContentError, PlanRefused, StorageError, UsageError
from publisher.state import facts_from
from publisher.stores import Headers

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from feed.model import AudioFacts
    from publisher.load import EpisodeSource
    from publisher.state import State
    from publisher.stores import Store
    from publisher.workspace import Workspace

FOLDER = "staged/"
NOTE_HEADERS = Headers(content_type="application/json", cache_control=PRIVATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A recording that lies on the storage ahead of time: the published copy's `key` and `facts`, and the file it was made of."""

    key: str
    recording_sha256: str
    recording_size: int
    revision: int
    facts: AudioFacts
    chapters: tuple[Chapter, ...] = ()


def secret_name(guid: str) -> str:
    """The name of everything staged for an episode: nobody guesses it who does not know the guid."""
    return FOLDER + hashlib.sha256(f"staged recording of {guid}".encode()).hexdigest()[:40]


def read_staged(store: Store, guid: str) -> Staged | None:
    """What is staged for an episode, None when nothing is. Raises StorageError when the note beside it is damaged."""
    stored = store.read(f"{secret_name(guid)}.json")
    if stored is None:
        return None
    try:
        note = read_json(stored.body)
        chapters = tuple(Chapter(**chapter) for chapter in note["chapters"])
        return Staged(**{**note, "facts": facts_from(note["facts"]), "chapters": chapters})
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(
            "what was staged for an episode cannot be read", cause=str(error), hint="`publish stage` it again", code="staged-unreadable"
        ) from error


def stage(workspace: Workspace, slug: str | None, now: dt.datetime) -> dict[str, Any]:
    """Measure, tag and upload the recordings of episodes that are not published yet (of one, or of all that have one here)."""
    from publisher.publication import publication
    from publisher.rendering import Renderer

    state = workspace.read_state()
    source = workspace.load(state)
    published = publication(source, state, now, workspace.measure, workspace.choose, with_drafts=True)
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
    renderer = Renderer(source, state, published, workspace.make_copy, measure_other=workspace.measure_other)
    rows = []
    for content in renderer.contents:
        if content.recorded not in wanted:
            continue
        path = content.recorded.recording
        recording = content.recorded.recording_facts
        if path is None or recording is None:
            continue
        before = read_staged(workspace.storage.private, content.source.guid)
        if before is not None and before.recording_sha256 == recording.sha256 and before.revision == content.source.written.audio_revision:
            workspace.console.say(f"  {content.slug} is staged already")
            rows.append({"slug": content.slug, "bytes": 0})
            continue
        copy, facts = workspace.make_copy(content, path)
        key = f"{secret_name(content.source.guid)}.{facts.extension}"
        workspace.storage.private.put(key, copy, Headers(content_type=facts.type, cache_control=PRIVATE))
        note = Staged(
            key=key,
            recording_sha256=recording.sha256,
            recording_size=recording.size,
            revision=content.source.written.audio_revision,
            facts=facts,
            chapters=recording.chapters,
        )
        body = json.dumps(asdict(note), sort_keys=True, ensure_ascii=False).encode()
        workspace.storage.private.put(f"{secret_name(content.source.guid)}.json", body, NOTE_HEADERS)
        workspace.console.say(f"  {content.slug} is staged ({size_words(facts.size)})")
        rows.append({"slug": content.slug, "bytes": facts.size})
    workspace.storage.flush()
    workspace.facts.save()
    workspace.forget_copies()
    workspace.console.say(
        f"{count_words(len(rows), 'recording')} staged." if rows else "Nothing to stage: no unpublished episode has a recording here."
    )
    return {"staged": rows}


def _refuse_unknown(slug: str, known: Sequence[str], state: State) -> None:
    import difflib

    if slug in state.episodes and not state.episodes[slug].removed:
        raise UsageError(f"“{slug}” is published already", hint="a corrected recording is an audio_revision", code="stage-unknown")
    close = difflib.get_close_matches(slug, known, n=1)
    raise UsageError(
        f"there is no unpublished episode `{slug}` with a recording here",
        hint=f"did you mean `{close[0]}`?" if close else "the slug is the folder's name without its date",
        code="stage-unknown",
    )


def _refuse_listable(workspace: Workspace) -> None:
    """Staged files must not be found by a listing that anybody can ask for."""
    listable = getattr(workspace.storage.private, "listable_by_anyone", None)
    if listable is not None and listable():
        raise PlanRefused(
            "anybody can list this storage, so staged recordings would be found",
            hint="take s3:ListBucket away from everybody (`publish bucket` shows how), or name another bucket: private under [storage]",
            code="refused-listable",
        )


def pull(workspace: Workspace, slug: str | None, _now: dt.datetime) -> dict[str, Any]:
    """Published recordings back into the folder, where there is none; each is held against its hash."""
    state = workspace.read_state()
    source = workspace.load(state)
    known = state.by_guid()
    rows = []
    for episode in source.episodes:
        published = known.get(episode.guid)
        if published is None or published.audio is None or (slug is not None and slug not in (episode.slug, published.slug)):
            continue
        if _has_recording(workspace, episode):
            if slug is not None:
                workspace.console.say(f"  {published.slug} has its recording here already")
            continue
        facts = published.audio.facts
        target = episode.folder / (episode.written.audio or f"audio.{facts.extension}")
        part = target.with_name(target.name + ".part")
        workspace.console.say(f"  {published.slug} ({size_words(facts.size)})")
        if workspace.store.fetch(published.audio.key, part) is None:
            raise StorageError(
                f"the recording is not on the storage any more: {published.audio.key}",
                hint="is there a copy elsewhere?",
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
        rows.append({"slug": published.slug, "file": str(target.relative_to(workspace.file.folder)), "bytes": facts.size})
    if state.first:
        words = f"the {workspace.store.describe()} is empty: no show was published there"
        if slug is not None:
            raise UsageError(words, hint="is [storage] url the one the show was published to?", code="pull-unknown")
        workspace.console.warn(f"{words}. Is [storage] url the one the show was published to?")
        return {"pulled": []}
    if slug is not None and not any(slug in (item.slug, known[item.guid].slug) for item in source.episodes if item.guid in known):
        raise UsageError(f"“{slug}” is not published", hint="`publish status` lists what is", code="pull-unknown")
    workspace.console.say(f"{count_words(len(rows), 'recording')} pulled." if rows else "Every published recording is here.")
    return {"pulled": rows}


def _has_recording(workspace: Workspace, episode: EpisodeSource) -> bool:
    try:
        return workspace.choose(episode) is not None
    except ContentFault as fault:
        return fault.code != "audio-missing"
