"""A plan held against what was published last: which episodes are new, gone or changed, and what of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.json_results import EpisodeChange
from publisher.sync.written_parts import changed, changed_of_show, parts_of, parts_of_show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.folder_to_plan import Prepared
    from publisher.render.episode_content import EpisodeContent
    from publisher.state.published_episodes import AudioElsewhere, PublishedAudio, PublishedEpisode


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowChanges:
    """What differs: `show` are the words of the show's own parts, `episodes` the newest first."""

    show: tuple[str, ...]
    episodes: tuple[EpisodeChange, ...]


def show_changes(prepared: Prepared) -> ShowChanges:
    """What a plan changes, for people."""
    state = prepared.state
    show = changed_of_show(state.words, parts_of_show(prepared.source)) if state.words else ()
    before, now = (url.rstrip("/") for url in (state.site_url, prepared.source.config.site.url))
    moved = ("address",) if before and before != now else ()
    return ShowChanges(show=(*show, *moved), episodes=tuple(_episodes(prepared)))


def _episodes(prepared: Prepared) -> Iterator[EpisodeChange]:
    links = prepared.rendering.composition.links
    for content in prepared.rendering.contents:
        known = prepared.state.episodes.get(content.slug)
        new = known is None or known.removed
        parts = () if new or known is None else _changed_parts(known, content)
        if not (new or parts):
            continue
        last = known.texts[0] if known is not None and known.texts and not new else None
        yield EpisodeChange(
            slug=content.slug,
            guid=content.source.guid,
            title=content.source.written.title,
            page=content.sources.link,
            enclosure=content.enclosure.url,
            change="new" if new else "changed",
            parts=parts,
            last_by=(last.by or last.machine) if last is not None else None,
            last_at=last.at if last is not None else None,
        )
    for item in prepared.publication.removed:
        if not item.removed:
            yield EpisodeChange(
                slug=item.slug,
                guid=item.guid,
                title=item.title,
                page=links.absolute(layout.episode_page(item.slug)),
                enclosure="",
                change="removed",
                parts=(),
            )


def _changed_parts(known: PublishedEpisode, content: EpisodeContent) -> tuple[str, ...]:
    words = []
    source, written = content.source, content.source.written
    if known.title and known.title != written.title:
        words.append("title")
    if dt.datetime.fromisoformat(known.date) != content.recorded.date:
        words.append("date")
    published = known.audio or known.elsewhere
    if published is not None and not _is_same(published, content.audio):
        words.append("recording")
    if known.texts and {item.sha256 for item in known.alternates} != {item.sha256 for item in content.recordings.alternates_published}:
        words.append("other encodings")
    if known.texts and known.texts[0].digest != source.text_digest:
        before = known.texts[0].parts
        words += changed(before, parts_of(source)) if before else ("text",)
    return tuple(words)


def _is_same(before: PublishedAudio | AudioElsewhere, now: PublishedAudio | AudioElsewhere) -> bool:
    """Whether it is the recording that listeners have; of one that is known by the served feed alone, its address tells."""
    return before.place == now.place or bool(before.recording_sha256 and before.recording_sha256 == now.recording_sha256)
