"""The rules about one episode: its recording, cover and chapters, each in the form in which apps get them."""

from __future__ import annotations

import dataclasses
import posixpath
from typing import TYPE_CHECKING

from feed.chapters.in_notes import chapters_from_notes, chapters_in
from feed.findings import LEFT_OUT, Finding, Severity
from feed.model import Chapter
from feed.rules.artwork import ARTWORK, ImageContext
from feed.rules.audio import AUDIO, AudioContext
from feed.rules.chapters import CHAPTERS, ChaptersContext
from feed.times import parse_time
from publisher.core.show_files import typed_here
from publisher.incremental_build.recipe_names import recipe_name
from publisher.render_show import artifacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feed.reader import Node
    from feed.rules.rulebook import Violation
    from publisher.incremental_build.artifacts import Artifact
    from publisher.media.loudness import Loudness
    from publisher.render.episode_content import EpisodeContent
from publisher.render_show import Rendering


def recording_faults(content: EpisodeContent, show: str, others: Mapping[str, str], loudness: Loudness | None = None) -> list[Violation]:
    """The rules about the published copy of a recording. `others` are the titles of other episodes by the sha256 of theirs."""
    facts = content.audio.facts
    if content.recorded.recording_facts is not None:
        folder = posixpath.dirname(content.source.told_at(content.recorded.recording))
        doubts = tuple(typed_here(doubt, folder) for doubt in content.recorded.recording_facts.doubts)
        facts = dataclasses.replace(facts, doubts=doubts)
    case = AudioContext(
        facts=facts,
        item=content.source.guid,
        name=content.audio.place,
        type=facts.type,
        show=show,
        title=content.source.written.title,
        others=others,
        loudness=loudness.loudness if loudness else None,
        peak=loudness.peak if loudness else None,
        revision=content.recorded.audio.revision if content.recorded.audio is not None else 0,
    )
    return AUDIO.check(case)


def tags_left_out(content: EpisodeContent) -> list[Finding]:
    """What the copy of a recording that is published now does not carry on from its tags."""
    from publisher.media.id3_writer import not_carried

    if is_frozen(content):
        return []
    path, facts = content.recorded.recording, content.recorded.recording_facts
    purposely = not_carried(path) if path is not None and facts is not None and facts.extension == "mp3" else []
    return [
        Finding(
            code=LEFT_OUT,
            severity=Severity.HINT,
            message=message,
            file=content.source.told_at(path),
            hint="your own file keeps it; [[check.exceptions]] of left-out says that it is meant",
            episode=content.slug,
        )
        for message in (*content.audio.facts.left_out, *purposely)
    ]


def is_frozen(content: EpisodeContent) -> bool:
    """Whether its recording was published before: the file stays as it is."""
    return content.recorded.audio is not None


def cover_faults(content: EpisodeContent, rendering: Rendering) -> list[Violation]:
    """The rules about an episode's own cover, as it is published."""
    return picture_faults(artifacts(rendering, recipe_name("art", content.slug))[:1], content.source.guid)


def picture_faults(made: Sequence[Artifact], item: str | None) -> list[Violation]:
    """The rules about artwork that was made anew."""
    from publisher.media.image_processing import measure_image

    return [
        broken
        for picture in made
        if (body := picture.content) is not None
        for broken in ARTWORK.check(ImageContext(facts=measure_image(body), name=picture.key, item=item))
    ]


def chapter_faults(content: EpisodeContent, rendering: Rendering, item: Node | None) -> list[Violation]:
    """The rules about chapters. `item` is the episode in the feed that was made."""
    written = artifacts(rendering, recipe_name("chapters", content.slug))
    recording = content.recorded.recording
    ids: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    if not content.sources.tagged and not is_frozen(content) and recording is not None and content.recorded.facts.extension == "mp3":
        from publisher.media.tag_reader import chapter_ids

        ids, contents = chapter_ids(recording)
    if not content.chapters and not ids:
        return []
    case = ChaptersContext(
        chapters=content.chapters,
        item=content.source.guid,
        json=body.decode() if written and (body := written[0].content) is not None else None,
        duration=content.duration,
        audio_type=content.audio.facts.type,
        forms={where: chapters for where, chapters in _forms(content, item).items() if chapters},
        ids=ids,
        contents=contents,
    )
    return CHAPTERS.check(case)


def _forms(content: EpisodeContent, item: Node | None) -> dict[str, Sequence[Chapter]]:
    """The same chapters as apps find them elsewhere: only what we wrote ourselves, for what others wrote is judged when it is chosen."""
    forms: dict[str, Sequence[Chapter]] = {}
    if not chapters_from_notes(content.source.notes):
        forms["the notes"] = chapters_in([content.notes.text])
    if content.sources.tagged and not is_frozen(content):
        forms["the file's tags"] = content.audio.facts.chapters
    for group in item.all("psc:chapters") if item is not None else ():
        rows = group.all("psc:chapter")
        forms["the feed"] = [Chapter(start=parse_time(row.get("start")), title=row.get("title")) for row in rows]
    return forms


def changed_tags(content: EpisodeContent) -> list[Finding]:
    """How the chapters and cover of an episode differ from those inside its published file, which stays as it is."""
    audio = content.recorded.audio
    if audio is None or not content.sources.tagged or not audio.facts.sha256:  # a served feed alone tells of: nobody looked into it
        return []
    differences = []
    if [round(chapter.start) for chapter in audio.facts.chapters] != [round(chapter.start) for chapter in content.chapters]:
        differences.append(f"it holds {_count(audio.facts.chapters)}, the feed {_count(content.chapters)}")
        if len(audio.facts.chapters) == len(content.chapters):
            differences[-1] = "its chapters start at other times"
    elif [_plain(chapter.title) for chapter in audio.facts.chapters] != [_plain(chapter.title) for chapter in content.chapters]:
        differences.append("its chapters have other titles")
    cover = content.source.cover.digest if content.source.cover is not None else ""
    if cover and not audio.facts.cover_bytes:
        differences.append("it holds no cover")
    elif audio.cover and not cover.startswith(audio.cover):
        differences.append("its cover is the one of before")
    if not differences:
        return []
    return [
        Finding(
            code="audio-tags-differ",
            severity=Severity.HINT,
            message=f"the published file keeps its old tags: {', and '.join(differences)}",
            file=content.source.file,
            line=content.source.line("chapters"),
            hint=f"some apps read chapters from the file alone; audio_revision = {audio.revision + 1} makes a new file",
            episode=content.slug,
        )
    ]


def _count(chapters: Sequence[Chapter]) -> str:
    return "1 chapter" if len(chapters) == 1 else f"{len(chapters) or 'no'} chapters"


def _plain(title: str) -> str:
    return " ".join(title.split())
