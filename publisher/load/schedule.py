"""What listeners may see now: the folder and what the storage remembers, brought together."""

from __future__ import annotations

import datetime as dt
import hashlib
import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feed.findings import ContentFault, Finding, Severity
from publisher.core.console import count_words
from publisher.core.show_files import typed_here
from publisher.load.named_files import is_address
from publisher.load.toml_and_yaml import error_at
from publisher.state.recording_elsewhere import BRING, recording_elsewhere, refuse_another_move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from feed.model import AudioFacts, Chapter
    from publisher.load.show_source import EpisodeSource, ShowSource
    from publisher.state.published_episodes import AudioElsewhere, PublishedAudio, PublishedEpisode, Text
    from publisher.state.staged import Staged
    from publisher.state.state import State

TEXTS = 8
"""Digests of its sources that State keeps of an episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An episode with its recording: `audio` is the frozen published one, or None while `recording` is yet to be put."""

    source: EpisodeSource
    date: dt.datetime
    slug: str
    recording: Path | None
    recording_facts: AudioFacts | None
    audio: PublishedAudio | None
    before: PublishedAudio | None = None
    """The recording that this one replaces: its addresses go on working, with the new bytes."""
    staged: Staged | None = None
    """The recording lies on the storage already, under a name nobody knows."""
    elsewhere: AudioElsewhere | None = None
    """The recording lies at the host that the show came from."""

    @property
    def facts(self) -> AudioFacts:
        """Of the published copy, or of the recording it will be made of."""
        known = self.audio or self.staged or self.elsewhere
        facts = known.facts if known is not None else self.recording_facts
        if facts is None:
            raise ValueError(f"nothing is known of the recording of {self.slug}")
        return facts

    @property
    def own_chapters(self) -> tuple[Chapter, ...]:
        """The chapters inside the recording itself; the same on every machine, whether the recording is there or not."""
        if self.audio is not None:
            return self.audio.chapters
        if self.staged is not None:
            return self.staged.chapters
        return self.recording_facts.chapters if self.recording_facts is not None else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEpisode:
    """An episode of the folder that listeners may not see, and why: "withdrawn", "draft" (also without a date), or "scheduled"."""

    source: EpisodeSource
    why: str

    @property
    def due(self) -> dt.datetime | None:
        """When it will be published; None for what waits for somebody, not for a time."""
        return self.source.date if self.why == "scheduled" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The episodes that are published by this run (newest first), those that are taken away, who waits, and what is wrong."""

    episodes: tuple[Recorded, ...]
    removed: tuple[PublishedEpisode, ...]
    waiting: tuple[WaitingEpisode, ...]
    findings: tuple[Finding, ...]

    @property
    def due(self) -> list[dt.datetime]:
        """When the next episodes are due, soonest first."""
        return sorted(item.due for item in self.waiting if item.due is not None)

    @property
    def marked(self) -> dict[str, str]:
        """Why those of its episodes wait that listeners may not see yet, by slug: in a preview."""
        why = {item.source.guid: item.why for item in self.waiting}
        return {item.slug: why[item.source.guid] for item in self.episodes if item.source.guid in why}


def who_waits(source: ShowSource, state: State, now: dt.datetime) -> tuple[WaitingEpisode, ...]:
    """The episodes that listeners may not see at `now`."""
    withdrawn = {item.guid for item in state.episodes.values() if item.withdrawn}
    found = []
    for episode in source.episodes:
        why = "withdrawn" if episode.guid in withdrawn else episode.waits(now)
        if why:
            found.append(WaitingEpisode(source=episode, why=why))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFinder:
    """How recordings are found: `choose` gives the file of an episode, `measure` its facts (both may raise ContentFault), and
    `staged`, by guid, what lies on the storage ahead of time.
    """

    choose: Callable[[EpisodeSource], Path | None]
    measure: Callable[[Path], AudioFacts]
    staged: Callable[[str], Staged | None]


def publication(
    source: ShowSource, state: State, now: dt.datetime, recordings: RecordingFinder, *, with_drafts: bool = False, as_served: bool = False
) -> Publication:
    """Who is due at `now`, each with its recording. `as_served`: a published one that is not here is taken for what `state` says of it,
    whether the storage has it or not.
    """
    findings: list[Finding] = []
    known = state.by_guid()
    episodes = []
    waiting = who_waits(source, state, now)
    left_out = {item.source.guid for item in waiting if item.why == "withdrawn" or not with_drafts}
    findings += _told_of_elsewhere(source)
    findings += [_withdrawn_and_due(item.source) for item in waiting if item.why == "withdrawn" and not item.source.waits(now)]
    for episode in source.episodes:
        if episode.guid in left_out:
            continue
        published = known.get(episode.guid)
        slug = published.slug if published is not None else address_of(episode)
        taken = None if published is not None else _taken(slug, state, source)
        if taken is not None:
            findings.append(_slug_taken(episode, taken))
            continue
        like = published or state.episodes.get(slug)
        served = like.audio if as_served and like is not None else None
        lost = published is not None and published.audio is not None and published.audio.key not in state.objects
        if is_address(episode.written.audio or ""):
            recorded = _left_elsewhere(episode, slug, published, now, findings)
        else:
            recorded = _recorded(episode, slug, published, now, recordings, findings, pruned=lost, served=served)
        if recorded is not None:
            episodes.append(recorded)
    episodes.sort(key=lambda item: (item.date.astimezone(dt.UTC), item.source.written.order or 0, item.slug), reverse=True)
    waits = {item.source.guid for item in waiting}
    here = {item.source.guid for item in episodes} | {item.guid for item in source.episodes if item.guid not in waits}
    removed = tuple(item for _, item in sorted(state.episodes.items()) if item.guid not in here)
    return Publication(episodes=tuple(episodes), removed=removed, waiting=waiting, findings=tuple(findings))


def _withdrawn_and_due(episode: EpisodeSource) -> Finding:
    place = error_at(episode.file, episode=episode.slug, severity=Severity.WARNING)
    message = f"“{episode.slug}” is withdrawn for good, and its folder is due: it stays off the air"
    hint = f'write draft = true, or take the folder away; to bring it back as a new episode: slug = "{episode.slug}-2" and another guid'
    return place("withdrawn-due", message, episode.line("date"), hint)


def address_of(episode: EpisodeSource) -> str:
    """The slug in addresses; an unlisted episode gets one nobody guesses, made of its guid."""
    if not episode.written.unlisted:
        return episode.slug
    return f"{episode.slug}-{hashlib.sha256(episode.guid.encode()).hexdigest()[:16]}"


def _taken(slug: str, state: State, source: ShowSource) -> PublishedEpisode | None:
    """Another episode whose address this is for ever: one that was taken down, or one whose folder has another name now.

    A published one that is not in the folder at all is a matter for the tripwires.
    """
    holder = state.episodes.get(slug)
    if holder is None or not (holder.removed or holder.guid in {item.guid for item in source.episodes}):
        return None
    return holder


def _slug_taken(episode: EpisodeSource, holder: PublishedEpisode) -> Finding:
    place = error_at(episode.file, episode=episode.slug)
    message = f"the address `{holder.slug}` was published before, for an episode with the guid {holder.guid}"
    hint = f'write another one: slug = "{holder.slug}-2"; if it is the same episode, write its guid back: guid = "{holder.guid}"'
    return place("slug-taken", message, episode.line("slug"), hint)


def _recorded(
    episode: EpisodeSource,
    slug: str,
    published: PublishedEpisode | None,
    now: dt.datetime,
    recordings: RecordingFinder,
    findings: list[Finding],
    *,
    pruned: bool,
    served: PublishedAudio | None,
) -> Recorded | None:
    """An episode with its recording, None where that cannot be had. `pruned`: the published one was deleted from the storage, so
    it is put anew, and its old address gets the new bytes. `served` stands in for one that is not here.
    """
    shown = Severity.WARNING if episode.waits(now) else Severity.ERROR
    frozen = published.audio if published is not None and not pruned else None
    path: Path | None = None
    facts: AudioFacts | None = None
    ahead: Staged | None = None
    fault: ContentFault | None = None
    try:
        path = recordings.choose(episode)
        facts = recordings.measure(path) if path is not None else None
    except ContentFault as raised:
        fault = raised
    if facts is None and fault is None:
        hint = "put audio.mp3 into its folder"
        if published is not None:
            hint = "it is published: put its recording back into its folder, or `publish stage` it on the machine that has it"
        fault = ContentFault("this episode has no recording", code="audio-missing", hint=hint)
    if fault is not None and fault.code == "audio-missing" and served is not None:
        frozen, pruned = served, False
    if fault is not None and frozen is None and fault.code == "audio-missing" and episode.written.guid:
        ahead = recordings.staged(episode.guid)
    if fault is not None and ahead is None and published is None and fault.code == "audio-missing":
        elsewhere = f"or `publish stage {slug}` on the machine that has it"
        later = "" if episode.waits(now) else "; draft = true if it is not to be published yet"
        fault = ContentFault(fault.message, code=fault.code, hint=f"{fault.hint}, {elsewhere}{later}")
    if fault is not None and ahead is None and (frozen is None or fault.code != "audio-missing"):
        severity = Severity.WARNING if frozen is not None and fault.code != "path-outside" else shown
        findings.append(_at_audio(episode, fault, severity, path))
        if frozen is None:
            return None
    if fault is not None:
        path = None
    before = published.audio if published is not None and pruned else None
    if frozen is not None and facts is not None and facts.sha256 not in (frozen.recording_sha256, frozen.facts.sha256):
        if episode.written.audio_revision > frozen.revision:
            before, frozen = frozen, None
        else:
            words = "this recording was published, and the file here is another one"
            hint = f"apps pinned the old one: write audio_revision = {frozen.revision + 1} to replace it, or `publish pull {slug}` to get it back"
            findings.append(_at_audio(episode, ContentFault(words, code="audio-frozen", hint=hint), Severity.ERROR, path))
    date = episode.date or now
    return Recorded(source=episode, date=date, slug=slug, recording=path, recording_facts=facts, audio=frozen, before=before, staged=ahead)


def _left_elsewhere(
    episode: EpisodeSource, slug: str, published: PublishedEpisode | None, now: dt.datetime, findings: list[Finding]
) -> Recorded | None:
    """An episode whose recording lies at another host, None where that cannot be; nothing is fetched or measured."""
    try:
        elsewhere = recording_elsewhere(episode.written, slug)
        refuse_another_move(elsewhere, published, slug)
    except ContentFault as fault:
        findings.append(_at_audio(episode, fault, Severity.WARNING if episode.waits(now) else Severity.ERROR, None))
        return None
    date = episode.date or now
    return Recorded(source=episode, date=date, slug=slug, recording=None, recording_facts=None, audio=None, elsewhere=elsewhere)


def _told_of_elsewhere(source: ShowSource) -> Iterator[Finding]:
    """One line for the recordings that still lie at another host, which nobody has measured."""
    addresses = [item.written.audio or "" for item in source.episodes if is_address(item.written.audio or "")]
    if addresses:
        hosts = ", ".join(dict.fromkeys(urlsplit(address).netloc for address in addresses))[:200]
        lie = "lies" if len(addresses) == 1 else "lie"
        message = f"{count_words(len(addresses), 'recording')} {lie} at {hosts}, not measured: length, type and duration are what the feed there tells"
        hint = f"while the account there lives, `{BRING}` brings them here, one by one"
        yield error_at(source.file.path.name, severity=Severity.WARNING)("audio-elsewhere", message, 0, hint)


def _at_audio(episode: EpisodeSource, fault: ContentFault, severity: Severity, path: Path | None) -> Finding:
    file = episode.told_at(path)
    line = episode.line("audio") if file == episode.file else 0
    hint = typed_here(fault.hint, posixpath.dirname(file))
    return error_at(file, episode=episode.slug, severity=severity)(fault.code, fault.message, line, hint)


def ledger(
    state: State,
    episodes: Mapping[str, PublishedEpisode],
    text: Text,
    sources: Mapping[str, EpisodeSource],
    parts: Callable[[EpisodeSource], dict[str, str]],
) -> dict[str, PublishedEpisode]:
    """The Ledger after `episodes` (by slug) were published: it only grows; what is not there any more is marked removed.

    Each keeps the last digests of its sources, with the time, machine and person of `text`; `parts` gives those of a changed one.
    """
    after = {slug: item if item.removed else replace(item, removed=True) for slug, item in state.episodes.items() if slug not in episodes}
    for slug, item in episodes.items():
        known, now = state.episodes.get(slug), item
        digest = sources[slug].text_digest
        if not item.texts or item.texts[0].digest != digest:
            older = (replace(old, parts={}) for old in item.texts if old.digest != digest)
            now = replace(item, texts=(replace(text, digest=digest, parts=parts(sources[slug])), *older)[:TEXTS])
        after[slug] = known if known is not None and known == now else now
    return after
