"""`publish pull`: published recordings back into the folder, and with `--texts` what others wrote and published."""

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
from publisher.core.local_cache import write_whole
from publisher.core.show_files import folder_to_write
from publisher.core.slugs import meant_instead
from publisher.load.named_files import is_address
from publisher.sync.kept.texts import CONFIG, digest_of_config, read_texts
from publisher.workspace import Workspace, opened

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from publisher.load.show_source import EpisodeSource
    from publisher.state.published_episodes import PublishedEpisode

BESIDE = "theirs"
"""The folder of the show in which texts of others lie beside one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledRow(Result):
    """A recording that was fetched."""

    slug: str
    """The episode."""
    file: str
    """Where it lies now, in the show's folder."""
    bytes: int
    """Its size."""
    sha256: str
    """Its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledText(Result):
    """A text as it was last published, which was not here."""

    slug: str
    """The episode; `config.toml` for the show's own words."""
    file: str
    """Where it lies now, in the show's folder."""
    beside: bool
    """Whether there are other words of this folder's own, which stay: theirs lie beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled(Result):
    """What `publish pull` fetched."""

    pulled: tuple[PulledRow, ...]
    """Recordings that were not here."""
    texts: tuple[PulledText, ...] = ()
    """Texts that were published with other words, with `--texts`."""


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
        named = episode.written.audio
        target = episode.folder / (named if named and not is_address(named) else f"audio.{facts.extension}")
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
        rows.append(
            PulledRow(slug=published.slug, file=str(target.relative_to(workspace.file.folder)), bytes=facts.size, sha256=facts.sha256)
        )
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


def pull_from_host(workspace: Workspace, slug: str | None) -> Pulled:
    """Recordings that stayed at the host that the show came from, into the folder; their episode.md names the file from then on."""
    from publisher.importing.recordings_brought_here import bring_recordings, left_at_old_host

    console = workspace.console
    source = workspace.load(workspace.state_copies.read())
    left = left_at_old_host(source.episodes)
    wanted = [item for item in left if slug in (None, item.slug)]
    if slug is not None and not wanted:
        hint = meant_instead(slug, [item.slug for item in left], "none does: every recording is here")
        raise UsageError(f"no episode “{slug}” has its recording at another host", hint=hint, code="pull-unknown")
    rows, faults = [], list[str]()
    for item in bring_recordings(wanted, console, workspace.measure, faults):
        file = item.path.relative_to(workspace.file.folder).as_posix()
        rows.append(PulledRow(slug=item.episode.slug, file=file, bytes=item.size, sha256=item.sha256))
        if item.told not in (0, item.size):
            console.warn(f"{item.episode.slug}: {item.size:,} bytes are here; the old feed said {item.told:,}")
    workspace.facts.save()
    for fault in faults:
        console.warn(fault)
    left_over = f"; {len(left) - len(rows)} still at the old host" if len(rows) < len(left) else ""
    console.say(f"{count_words(len(rows), 'recording')} brought here{left_over}." if left else "No recording lies at another host.")
    if faults:
        raise StorageError(
            f"{count_words(len(faults), 'recording')} could not be brought here",
            cause=faults[0],
            hint="run the same command again: it goes on where it was",
            code="import-fetch",
        )
    return Pulled(pulled=tuple(rows))


def pull_texts(workspace: Workspace, slug: str | None) -> Pulled:
    """Texts as they were last published, where those here are older; where they are of this folder's own, theirs are laid beside."""
    if not workspace.storage.is_apart:
        raise UsageError(
            "published texts are kept only on a private side of the storage, and this one has none",
            hint="`git pull` brings what others committed; or name a private side, private = … under [storage]: from then on every publish keeps them",
            code="texts-not-kept",
        )
    state = workspace.state_copies.read()
    published = {name: item for name, item in state.episodes.items() if item.texts and not (item.removed or item.withdrawn)}
    if slug is not None and slug not in (*published, CONFIG):
        raise UsageError(
            f"“{slug}” is not published", hint=meant_instead(slug, published, "`publish status` lists what is"), code="pull-unknown"
        )
    here = {episode.guid: episode for episode in workspace.load(state).episodes}
    rows = [row for name, item in published.items() if slug in (None, name) for row in _pulled_text(workspace, item, here.get(item.guid))]
    if slug in (None, CONFIG) and state.config and state.config != digest_of_config(workspace.file):
        rows += _laid(workspace, CONFIG, state.config, workspace.file.folder / BESIDE, beside=True)
    if not rows:
        workspace.console.say("Every text here is as it was last published.")
    return Pulled(pulled=(), texts=tuple(rows))


def _pulled_text(workspace: Workspace, item: PublishedEpisode, here: EpisodeSource | None) -> list[PulledText]:
    """The newest text of an episode, in place of an older published one; beside what was never published."""
    newest, *older = (text.digest for text in item.texts)
    if here is not None and here.text_digest == newest:
        return []
    folder = here.folder if here is not None else workspace.file.folder / "episodes" / f"{item.date[:10]}-{item.slug}"
    beside = here.text_digest not in older if here is not None else folder.exists()
    place = workspace.file.folder / BESIDE / "episodes" / folder.name if beside else folder
    rows = _laid(workspace, item.slug, newest, place, beside=beside)
    if here is not None and rows:
        if beside:
            workspace.last_publish.laid_beside(here.slug, newest, here.text_digest)
        else:
            _take_away(here, {row.file.rpartition("/")[2] for row in rows})
    return rows


def _laid(workspace: Workspace, name: str, digest: str, folder: Path, *, beside: bool) -> list[PulledText]:
    """The files of a kept text, in a folder of the show; said with what to do next."""
    console, show = workspace.console, workspace.file.folder
    files = read_texts(workspace.storage.private, name, digest)
    if files is None:
        console.warn(f"the text of “{name}” as it was published is not kept: it was published before the storage had a private side")
        return []
    folder_to_write(folder, show)
    for file, body in files.items():
        write_whole(folder / file, body)
    rows = [PulledText(slug=name, file=(folder / file).relative_to(show).as_posix(), beside=beside) for file in files]
    for row in rows:
        console.show(f"  {row.file}")
    if beside:
        what = CONFIG if name == CONFIG else f"“{name}”"
        console.say(
            f"    {what} has words of your own, which stay: take over what you want of theirs from {BESIDE}/, delete that folder, then `publish`"
        )
    return rows


def _take_away(episode: EpisodeSource, kept: Collection[str]) -> None:
    """Texts that an older published version of an episode had, and the newest has not."""
    for file in (*episode.transcripts, episode.chapters_file):
        if file is not None and file.path.parent == episode.folder and file.path.name not in kept:
            file.path.unlink()


def _has_recording(workspace: Workspace, episode: EpisodeSource) -> bool:
    try:
        return workspace.choose(episode) is not None
    except ContentFault as fault:
        return fault.code != "audio-missing"


@click.command("pull")
@common
@click.argument("slug", required=False)
@click.option("--texts", is_flag=True, help="What others published: notes, transcripts, chapters, config.toml; needs [storage] private.")
@click.option("--from-host", is_flag=True, help="Recordings that stayed at the host that the show was imported from.")
def command(call: Call, /, slug: str | None, *, texts: bool, from_host: bool) -> None:
    """Fetch published recordings back into the folder, of the episode SLUG or of all."""
    if texts and from_host:
        raise click.UsageError("--texts and --from-host are two pulls: one after the other")
    call.result((pull_texts if texts else pull_from_host if from_host else pull)(opened(call), slug))
