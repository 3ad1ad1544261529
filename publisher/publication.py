"""What listeners may see now: the folder and what the storage remembers, brought together."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding, Severity
from publisher.state import PublishedAudio, PublishedEpisode, State, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from feed.model import AudioFacts
    from publisher.load import EpisodeSource, ShowSource


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

    @property
    def facts(self) -> AudioFacts:
        """Of the published copy, or of the recording it will be made of."""
        facts = self.audio.facts if self.audio else self.recording_facts
        if facts is None:
            raise ValueError(f"nothing is known of the recording of {self.slug}")
        return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The episodes that are published by this run (newest first), those that are taken away, and what is wrong."""

    episodes: tuple[Recorded, ...]
    removed: tuple[PublishedEpisode, ...]
    held_back: tuple[EpisodeSource, ...]
    findings: tuple[Finding, ...]


def publication(
    source: ShowSource,
    state: State,
    now: dt.datetime,
    measure: Callable[[Path], AudioFacts],
    choose: Callable[[EpisodeSource], Path | None],
    *,
    with_drafts: bool = False,
) -> Publication:
    """Who is due at `now`, each with its recording. `choose` finds the recording of an episode, `measure` its facts;
    both may raise ContentFault."""
    findings: list[Finding] = []
    known = state.by_guid()
    episodes = []
    held_back = []
    for episode in source.episodes:
        if not episode.due(now) and not with_drafts:
            held_back.append(episode)
            continue
        published = known.get(episode.guid)
        if published is not None and published.withdrawn:
            held_back.append(episode)
            continue
        slug = published.slug if published is not None else episode.slug
        recorded = _recorded(episode, slug, published, now, measure, choose, findings)
        if recorded is not None:
            episodes.append(recorded)
    episodes.sort(key=lambda item: (item.date.astimezone(dt.UTC), item.slug), reverse=True)
    here = {item.source.guid for item in episodes} | {item.guid for item in source.episodes if item.due(now)}
    removed = tuple(item for _, item in sorted(state.episodes.items()) if item.guid not in here)
    return Publication(episodes=tuple(episodes), removed=removed, held_back=tuple(held_back), findings=tuple(findings))


def _recorded(
    episode: EpisodeSource,
    slug: str,
    published: PublishedEpisode | None,
    now: dt.datetime,
    measure: Callable[[Path], AudioFacts],
    choose: Callable[[EpisodeSource], Path | None],
    findings: list[Finding],
) -> Recorded | None:
    frozen = published.audio if published is not None else None
    shown = Severity.ERROR if episode.due(now) else Severity.WARNING
    path: Path | None = None
    facts: AudioFacts | None = None
    try:
        path = choose(episode)
        facts = measure(path) if path is not None else None
    except ContentFault as fault:
        severity = Severity.WARNING if frozen is not None else shown
        if frozen is None or fault.code != "audio-missing":
            findings.append(_at_audio(episode, fault.code, fault.message, fault.hint, severity, path))
        if frozen is None:
            return None
        path = None
    if frozen is None and facts is None:
        findings.append(
            _at_audio(episode, "audio-missing", "this episode has no recording", "put audio.mp3 into its folder, or write draft = true", shown, None)
        )
        return None
    before = None
    if frozen is not None and facts is not None and facts.sha256 not in (frozen.recording_sha256, frozen.facts.sha256):
        if episode.written.audio_revision > frozen.revision:
            before, frozen = frozen, None
        else:
            findings.append(
                _at_audio(
                    episode,
                    "audio-frozen",
                    "this recording was published, and the file here is another one",
                    f"apps pinned the old one: write audio_revision = {frozen.revision + 1} to replace it, or `publish pull {slug}` to get it back",
                    Severity.ERROR,
                    path,
                )
            )
    date = episode.date or now
    return Recorded(source=episode, date=date, slug=slug, recording=path, recording_facts=facts, audio=frozen, before=before)


def _at_audio(episode: EpisodeSource, code: str, message: str, hint: str, severity: Severity, path: Path | None) -> Finding:
    file = f"{episode.name}/{path.relative_to(episode.folder).as_posix()}" if path is not None and path.is_relative_to(episode.folder) else episode.file
    line = episode.line("audio") if path is None else 0
    return Finding(code=code, severity=severity, message=message, file=file, line=line, hint=hint, episode=episode.slug)


def ledger(state: State, episodes: Mapping[str, PublishedEpisode], text: Text, digests: Mapping[str, str]) -> dict[str, PublishedEpisode]:
    """The Ledger after `episodes` (by slug) were published: it only grows; what is not there any more is marked removed.

    Each keeps the last digests of its sources (`digests` has the new ones), with the time and machine of `text`.
    """
    after = {slug: replace(item, removed=True) for slug, item in state.episodes.items()}
    for slug, item in episodes.items():
        texts = state.episodes[slug].texts if slug in state.episodes else ()
        if not texts or texts[0].digest != digests[slug]:
            texts = (replace(text, digest=digests[slug]), *(old for old in texts if old.digest != digests[slug]))[:TEXTS]
        after[slug] = replace(item, texts=texts)
    return after


def digest_json(value: object) -> str:
    """A short digest of JSON values."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()[:32]
