"""A storage without State, where something is there already: a feed with subscribers, here or at the show's address; somebody's pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import Finding, Severity
from publisher.adoption.served_feed import LastSeen, LiveFeed, served_feed
from publisher.core import layout
from publisher.core.console import count_words
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import Artifact, Phase, bytes_of
from publisher.state.published_episodes import AudioElsewhere
from publisher.sync.plan_refusals import Tripped
from publisher.sync.uploads import holds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from feed.model import AudioFacts
    from publisher.core.layout import Key
    from publisher.load.schedule import Publication
    from publisher.load.show_source import ShowSource
    from publisher.render.episode_content import EpisodeContent
    from publisher.render.episode_sources import EpisodeSources
    from publisher.render_show import Rendering
    from publisher.state.published_episodes import PublishedAudio
    from publisher.state.state import State
    from publisher.stores.protocol import Store
    from publisher.workspace import Workspace

LARGEST = 4 << 30
"""Bytes of a recording that are fetched."""


def live_feed(workspace: Workspace, forces: Collection[str]) -> LiveFeed | None:
    """The feed that listeners may have already: on the storage, else at its address; None where there is none.

    Raises StorageError when its host does not tell, unless `adopt` is forced.
    """
    stored = workspace.store.read(layout.feed(workspace.config.feed.file))
    if stored is not None:
        return LiveFeed(workspace.config.feed.file, stored.body)
    try:
        return served_or_last_seen(workspace)
    except StorageError:
        if "adopt" not in forces:
            raise
        return None


def served_or_last_seen(workspace: Workspace) -> LiveFeed | None:
    """The feed at the show's address; where there is none, what this machine last saw published. Raises StorageError."""
    served = served_feed(workspace.config.feed_url, workspace.console.say)
    if served is not None:
        return served
    known = workspace.last_seen()
    return LastSeen("what this machine last saw of it", b"", known=known) if known is not None else None


def remembered_or_served(workspace: Workspace, forces: Collection[str] = ()) -> State:
    """What the storage remembers of the show; where that is nothing, what listeners have. Raises StorageError when nobody tells."""
    state = workspace.state_copies.read()
    live = live_feed(workspace, forces) if state.first else None
    return (live.state if live is not None else None) or state


def adopt_tripwire(live: LiveFeed, publication: Publication) -> list[Tripped]:
    """One tripwire when there is a feed where ours would go, and it is no record of ours; its guids are held against ours."""
    if live.state is not None:
        return []
    ours = {item.source.guid for item in publication.episodes}
    lost = sorted(live.guids - ours)
    added = len(ours - live.guids)
    words = [f"there is a feed at {live.address} that we did not publish, with {len(live.guids)} episodes"]
    if lost:
        shown = ", ".join(lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")
        words.append(f"{len(lost)} of them are not in this folder (guids {shown})")
    if added:
        words.append(f"{added} of this folder's would be new to its subscribers")
    return [
        Tripped(name="adopt", message="; ".join(words), hint="write the old guids into the front matter, or apps show every episode again")
    ]


def with_served_addresses(source: ShowSource, publication: Publication, live: LiveFeed) -> Publication:
    """The publication, its missing recordings told with the addresses that serve them."""
    ours = live.state.episodes.values() if live.state is not None else ()
    served = {item.slug: live.recordings[item.guid][1] for item in ours if item.guid in live.recordings}
    theirs = {item.slug: live.address for item in source.episodes if item.guid in live.guids and item.slug not in served}
    had = {slug: f"put {address}" for slug, address in served.items()} | {
        slug: f"put the one of {address}" for slug, address in theirs.items()
    }
    findings = [
        replace(item, hint=f"listeners have it: {had[item.episode]} into its folder, or `publish stage` it on the machine that has it")
        if item.code == "audio-missing" and item.episode in had
        else item
        for item in publication.findings
    ]
    return replace(publication, findings=tuple(findings))


def changed_recordings(live: LiveFeed, rendering: Rendering, forces: Collection[str] = ()) -> list[Finding]:
    """A finding for each recording that is another one than listeners have, unless `adopt` is forced."""
    known = live.state.by_guid() if live.state is not None and "adopt" not in forces else {}
    return [
        Finding(
            code="audio-frozen",
            severity=Severity.ERROR,
            message=f"listeners have another recording of this episode: {live.recordings[content.source.guid][1]}",
            file=content.source.told_at(content.recorded.recording),
            hint="put the old one back; if it is to be replaced, publish --force adopt: its old address then gives the new one",
            episode=content.slug,
        )
        for content in rendering.contents
        if content.source.guid in known and _is_another(content, known[content.source.guid].audio)
    ]


def moved_back(live: LiveFeed, rendering: Rendering) -> list[Finding]:
    """A finding for each recording that listeners have from here already, and this folder names at the host it came from: it moves once."""
    return [
        Finding(
            code="audio-frozen",
            severity=Severity.ERROR,
            message=f"listeners have this recording here: {live.recordings[content.source.guid][1]}, and `audio` names another place",
            file=content.source.file,
            hint="this folder is older than what is published: `git pull`, or take `audio` out and put the recording into the folder",
            episode=content.slug,
        )
        for content in rendering.contents
        if content.source.guid in live.recordings and isinstance(content.audio, AudioElsewhere)
    ]


def _is_another(content: EpisodeContent, before: PublishedAudio | None) -> bool:
    """Whether an episode's recording is another one than listeners have, and nobody said so: tags alone may differ where that is known."""
    if before is None or content.audio.place == before.key:
        return False
    meant = content.source.written.audio_revision > before.revision
    return not before.recording_sha256 or (before.recording_sha256 != content.audio.recording_sha256 and not meant)


def say_taken_over(workspace: Workspace, state: State, live: LiveFeed) -> None:
    """Say that what listeners have stands in for a State that is lost."""
    episodes = count_words(len(state.episodes), "episode")
    workspace.console.say(f"Nothing is remembered on {workspace.store.describe()}: taken over from {live.address}, {episodes}.")


def overwrite_tripwire(store: Store, feed_key: Key, uploads: Sequence[Artifact]) -> list[Tripped]:
    """One tripwire when other files lie where our pages would go; each folder is listed once. Where there is a feed, too,
    `adopt` has asked already whether this place is ours.
    """
    pages = {item.key: item for item in uploads if item.phase is Phase.PAGE}
    there = [item for folder in layout.top_folders(pages) for item in store.list(folder) if item.key in pages]
    there += [item for key in pages if "/" not in key and (item := store.head(key)) is not None]
    strange = sorted(item.key for item in there if not holds(store, item, bytes_of(pages[item.key])))
    if not strange or store.head(feed_key) is not None:
        return []
    shown = ", ".join(strange[:3]) + (f" and {len(strange) - 3} more" if len(strange) > 3 else "")
    return [
        Tripped(
            name="overwrite",
            message=f"files that we did not put there would be overwritten: {shown}",
            hint="is [storage] url the right place?",
        )
    ]


def kept_copies(
    workspace: Workspace, live: LiveFeed, forces: Collection[str] = ()
) -> Callable[[EpisodeSources, Path], tuple[Path, AudioFacts]]:
    """`Workspace.make_copy`, except where the live feed names a copy of the same recording whose tags alone are others than they
    would be now: that one stays, for apps have pinned its address and length.
    """

    def make_copy(sources: EpisodeSources, recording: Path) -> tuple[Path, AudioFacts]:
        from publisher.media.tagged_copy import same_audio

        copy, facts = workspace.make_copy(sources, recording)
        key, url = live.recordings.get(sources.source.guid, (None, ""))
        named = layout.read(layout.Kind.RECORDING, key) if key is not None else None
        if key is None or named is None or (named.owner, named.parts["ending"]) != (sources.slug, facts.extension):
            return copy, facts
        if key == layout.recording(sources.slug, facts.sha256, facts.extension):
            return copy, facts
        there = workspace.cache / "media" / key.rpartition("/")[2]
        there.parent.mkdir(exist_ok=True)
        if not _bring_here(workspace, live, key, url, there, forces) or not same_audio(recording, there):
            return copy, facts
        measured = workspace.measure(there)
        return (there, measured) if layout.recording(sources.slug, measured.sha256, facts.extension) == key else (copy, facts)

    return make_copy


def _bring_here(workspace: Workspace, live: LiveFeed, key: Key, url: str, target: Path, forces: Collection[str]) -> bool:
    """Bring a published recording here, from where the live feed lies; whether that was possible."""
    if not live.online:
        return workspace.store.fetch(key, target) is not None
    from publisher.web.bounded_fetch import Fetcher, FetchError

    if target.exists():
        return True
    workspace.console.say(f"  comparing with {url}")
    try:
        with Fetcher(workspace.config.feed_url) as fetcher:
            fetcher.download(url, target, LARGEST)
    except FetchError as error:
        if "adopt" in forces:
            return False
        raise StorageError(
            f"the recording that listeners have cannot be compared: {url}",
            cause=error.cause,
            hint="nothing was published; run this again when it answers, or replace it with publish --force adopt",
            code="served-unreachable",
        ) from error
    return True
