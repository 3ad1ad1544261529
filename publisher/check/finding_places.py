"""Where a person can edit what a finding is about."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feed.rules import Places
    from publisher.load.show_source import ShowSource
    from publisher.render.episode_content import EpisodeContent
    from publisher.render_show import Rendering


def places_of(source: ShowSource, rendering: Rendering) -> Places:
    """Where each thing is written. An episode's text is read for its lines alone, so only where something in it is wrong."""
    from feed.rules import EditedFile, FileLine

    artwork = source.artwork.name if source.artwork is not None else ""
    files = {"artwork": artwork, "show.artwork": artwork}
    show = EditedFile(file=source.file.path.name, lines=_lines(source.file.lines), files=files)
    contents = {content.source.guid: content for content in rendering.contents}

    @cache
    def episode(guid: str) -> EditedFile:
        content = contents[guid]
        lines = {**_lines(content.source.lines), "notes": content.source.notes_offset + 1}
        return EditedFile(file=content.source.file, slug=content.slug, lines=lines)

    def places(item: str | None, name: str) -> FileLine | None:
        if item is None:
            return show.place(name)
        if item not in contents:
            return None
        file = _file(contents[item], name)
        return FileLine(file, 0, contents[item].slug) if file else episode(item).place(name)

    return places


def _file(content: EpisodeContent, name: str) -> str:
    """The file of its own that something is in; "" for what stands in episode.md."""
    source = content.source
    if name == "audio":
        recording = content.recorded.recording
        inside = recording is not None and recording.is_relative_to(source.folder)
        return f"{source.name}/{recording.relative_to(source.folder).as_posix()}" if recording is not None and inside else ""
    if name == "transcript":
        return source.transcripts[0].name if source.transcripts else ""
    if name == "chapters":
        return source.chapters_file.name if source.chapters_file is not None and not source.written.chapters else ""
    return source.cover.name if name == "artwork" and source.cover is not None else ""


def _lines(lines: Mapping[tuple[str | int, ...], int]) -> dict[str, int]:
    """`{("show", "title"): 3}` as `{"show.title": 3, "title": 3}`."""
    found: dict[str, int] = {}
    for path, line in lines.items():
        names = [str(part) for part in path if not isinstance(part, int)]
        found.setdefault(".".join(names), line)
        found.setdefault(names[-1] if names else "", line)
    return found
