"""`publish check`: every rule, on the documents that would be published, with the place in the folder a person can edit."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from feed.findings import Finding, Severity
from publisher.errors import StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feed.model import AudioFacts
    from feed.rules import Broken, Places
    from publisher.build import Artifact
    from publisher.episode import EpisodeContent
    from publisher.load import ShowSource
    from publisher.publish import Options
    from publisher.rendering import Rendering
    from publisher.state import State
    from publisher.workspace import Workspace

MAX_FEED = 50 * 1024 * 1024
TRIPWIRED = frozenset(("F017", "I004"))
"""Rules that a publish holds by its tripwires `show` and `guid`, where `--force` can answer."""


def check_folder(workspace: Workspace, options: Options) -> list[Finding]:
    """Every rule on the folder: episodes that are due, and the faults of all others. Compares with what is published."""
    from publisher.publication import publication
    from publisher.rendering import Renderer

    state, remark = workspace.last_state()
    if remark:
        workspace.console.warn(remark)
    source = workspace.load(state)
    published = publication(source, state, options.now, workspace.measure, workspace.choose, workspace.staged)
    rendering = Renderer(source, state, published, workspace.make_copy, everything=True).render()
    workspace.facts.save()
    findings = [*source.findings, *published.findings, *rendering.findings]
    if rendering.contents:
        findings += check_rendering(source, state, rendering, options, everything=True)
    else:
        findings.append(
            Finding(code="F026", severity=Severity.ERROR, message="no episode is published", file=source.file.path.name, hint="`publish release SLUG`")
        )
    return sifted(findings, workspace, options)


def sifted(findings: Iterable[Finding], workspace: Workspace, options: Options) -> list[Finding]:
    """Without what `--select`, `--ignore` and the show's own exceptions leave out."""
    from feed.rules import Exemption, sift

    exceptions = [Exemption(rule=item.rule, reason=item.reason, episode=item.episode or "") for item in workspace.config.check.exceptions]
    return list(dict.fromkeys(sift(findings, select=options.select, ignore=options.ignore, exceptions=exceptions)))


def check_rendering(source: ShowSource, state: State, rendering: Rendering, options: Options, *, everything: bool = False) -> list[Finding]:
    """The rules on what was rendered anew: nothing when the feed did not change."""
    feed = _artifact(rendering, "feed", source.config.feed.file)
    if feed is None or not isinstance(feed.body, bytes):
        return []
    from feed.reader import read_feed
    from feed.rules import StateCase as Case
    from feed.rules import check_against_state, check_feed, place

    document = read_feed(feed.body)
    contents = rendering.contents
    recordings: dict[str, AudioFacts] = {item.source.guid: item.audio.facts for item in contents if item.audio is not None}
    broken: list[Broken] = list(
        check_feed(
            document,
            feed_url=rendering.renderer.feed_url,
            now=options.now,
            hidden=source.config.show.block,
            recordings=recordings,
        )
    )
    published = check_against_state(Case(document=document, guid=state.show_guid, episodes=_published(state, rendering)))
    broken += [item for item in published if everything or item.code not in TRIPWIRED]
    titles = {item.audio.facts.sha256: (item.source.guid, item.source.written.title) for item in reversed(contents) if item.audio is not None}
    for content in contents:
        if everything or rendering.build.changed(f"page/{content.slug}"):
            broken += _episode(content, rendering, titles, everything=everything)
    places = _places(source, rendering)
    return [place(item, places) for item in broken]


def _episode(
    content: EpisodeContent, rendering: Rendering, titles: dict[str, tuple[str, str]], *, everything: bool
) -> Iterator[Broken]:
    """The rules about one episode's recording, transcripts and chapters; on a publish only one form of each transcript is read."""
    from feed.rules import AudioCase, ChaptersCase, TranscriptCase, check_audio, check_chapters, check_transcript

    guid = content.source.guid
    if content.audio is not None:
        first, title = titles[content.audio.facts.sha256]
        others = {content.audio.facts.sha256: title} if first != guid else {}
        facts = content.audio.facts
        if content.recorded.recording_facts is not None:
            facts = dataclasses.replace(facts, doubts=content.recorded.recording_facts.doubts)
        yield from check_audio(
            AudioCase(
                facts=facts,
                item=guid,
                name=content.audio.key,
                type=facts.type,
                show=rendering.renderer.config.show.title,
                title=content.source.written.title,
                others=others,
            )
        )
    for item in _texts(rendering, f"transcript/{content.slug}"):
        if not everything and item[1] != "text/vtt":
            continue
        yield from check_transcript(TranscriptCase(text=item[0], type=item[1], item=guid, duration=content.duration))
    written = [text for text, _ in _texts(rendering, f"chapters/{content.slug}")]
    if content.chapters:
        kind = content.audio.facts.type if content.audio is not None else ""
        yield from check_chapters(
            ChaptersCase(chapters=content.chapters, item=guid, json=written[0] if written else None, duration=content.duration, audio_type=kind)
        )


def _texts(rendering: Rendering, recipe: str) -> list[tuple[str, str]]:
    found = rendering.build.site.get(recipe)
    items = found.artifacts or () if found is not None else ()
    return [(item.body.decode(), item.content_type.split(";")[0]) for item in items if isinstance(item.body, bytes)]


def _artifact(rendering: Rendering, recipe: str, key: str) -> Artifact | None:
    found = rendering.build.site.get(recipe)
    return next((item for item in (found.artifacts or ()) if item.key == key), None) if found is not None else None


def _published(state: State, rendering: Rendering) -> list[Any]:
    import datetime as dt

    from feed.rules import PublishedEpisode

    links = rendering.renderer.links
    return [
        PublishedEpisode(
            guid=item.guid,
            url=links.absolute(item.audio.key) if item.audio else "",
            link=links.absolute(f"episodes/{item.slug}.html"),
            date=dt.datetime.fromisoformat(item.date),
        )
        for item in state.episodes.values()
        if not item.removed
    ]


def _places(source: ShowSource, rendering: Rendering) -> Places:
    from feed.rules import Source, folder_places

    show = Source(
        file=source.file.path.name,
        lines=_lines(source.file.lines),
        files={"artwork": source.config.show.artwork, "show.artwork": source.config.show.artwork},
    )
    episodes = {}
    for content in rendering.contents:
        written = content.source
        files = {}
        recording = content.recorded.recording
        if recording is not None:
            files["audio"] = f"{written.name}/{recording.name}"
        if written.transcripts:
            files["transcript"] = written.transcripts[0].name
        if written.chapters_file is not None:
            files["chapters"] = written.chapters_file.name
        if written.cover is not None:
            files["artwork"] = written.cover.name
        lines = {**_lines(written.lines), "notes": written.notes_offset + 1}
        episodes[written.guid] = Source(file=written.file, slug=content.slug, lines=lines, files=files)
    return folder_places(show, episodes)


def _lines(lines: Any) -> dict[str, int]:
    """`{("show", "title"): 3}` as `{"show.title": 3, "title": 3}`."""
    found: dict[str, int] = {}
    for path, line in lines.items():
        names = [str(part) for part in path if not isinstance(part, int)]
        found.setdefault(".".join(names), line)
        found.setdefault(names[-1] if names else "", line)
    return found


def check_foreign(feed: str, options: Options) -> list[Finding]:
    """Every rule that any feed in the world can be held against; `feed` is an address or a file."""
    from feed.rules import check_feed_bytes, place, sift

    if feed.startswith(("http://", "https://")):
        data, url = _fetch(feed), feed
    else:
        from pathlib import Path

        path = Path(feed)
        try:
            if path.stat().st_size > MAX_FEED:
                raise UsageError(f"the feed is larger than 50 MB: {feed}", code="feed-too-large")
            data, url = path.read_bytes(), None
        except OSError as error:
            raise UsageError(f"the feed cannot be read: {feed}", cause=error.strerror or str(error), hint="give an address, or a file", code="feed-unreadable") from error
    broken = check_feed_bytes(data, feed_url=url, now=options.now)
    return sift([place(item, file=feed) for item in broken], select=options.select, ignore=options.ignore)


def _fetch(url: str) -> bytes:
    import httpx

    try:
        with httpx.Client(follow_redirects=True, max_redirects=5, timeout=20) as client, client.stream("GET", url) as answer:
            if answer.status_code != 200:
                raise StorageError(f"the feed answers {answer.status_code}: {url}", hint="is the address right?", code="feed-unreachable")
            data = b""
            for block in answer.iter_bytes():
                data += block
                if len(data) > MAX_FEED:
                    raise StorageError(f"the feed is larger than 50 MB: {url}", code="feed-too-large")
            return data
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise StorageError(f"the feed cannot be fetched: {url}", cause=str(error), hint="is the address right, and the network up?", code="feed-unreachable") from error
