"""`publish check`: every rule, on the documents that would be published, with the place in the folder a person can edit."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any

from feed.findings import Finding, Severity
from publisher import door
from publisher.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from feed.model import ImageFacts
    from feed.reader import FeedDocument
    from feed.rules import Places
    from publisher.config import Config
    from publisher.episode import EpisodeContent
    from publisher.known_findings import KnownFindings
    from publisher.load import ShowSource
    from publisher.publish import Options
    from publisher.rendering import Renderer, Rendering
    from publisher.served import LiveFeed
    from publisher.state import State
    from publisher.workspace import Workspace

TRIPWIRED = frozenset(("F017", "I004"))
"""Rules that a publish holds by its tripwires `show` and `guid`, where `--force` can answer."""
LISTENED = 20
"""Recordings of which `publish check` measures the loudness: the newest that can still be changed."""
FEED = "feed"
SHOW = ""


def check_folder(workspace: Workspace, options: Options) -> list[Finding]:
    """Every rule on the folder: drafts and episodes that are not due get warnings at most. Compares with what is published.

    What did not change since the last check is neither rendered nor judged again.
    """
    from publisher import adopting
    from publisher.known_findings import KnownFindings
    from publisher.publication import publication
    from publisher.rendering import Renderer
    from publisher.waiting import waiting_findings

    state, remark = workspace.last_state()
    if remark:
        workspace.console.warn(remark)
    live = _served(workspace) if state.first else None
    state = (live.state if live is not None else None) or state
    source = workspace.load(state)
    published = publication(source, state, options.now, workspace.measure, workspace.choose, workspace.staged)
    make_copy: Callable[..., Any] = workspace.make_copy
    if live is not None:
        published = adopting.with_addresses(published, live)
        make_copy = adopting.kept_copies(workspace, live)
        for tripped in adopting.adopt_tripwire(live, published):
            workspace.console.warn(tripped.message)
    draft = Renderer(source, state, published, make_copy, measure_other=workspace.measure_other)
    known = KnownFindings(workspace.cache / "findings.json", _show_digest(draft))
    keys = {content.slug: _key(content) for content in draft.contents}
    before = {slug: known.get(slug, key) for slug, key in keys.items()}
    shown = known.get(SHOW, "")
    fed = known.get(FEED, _feed_key(state))
    changed = [slug for slug, found in before.items() if found is None]
    changed += [FEED] if fed is None or shown is None else []
    made = known.state(changed)
    renderer = Renderer(
        source,
        state,
        published,
        make_copy,
        measure_other=workspace.measure_other,
        made_before=made,
    )
    # A page can only be at fault where the show brings templates of its own.
    rendering = renderer.render(pages=bool(source.theme))
    _ = renderer.live  # its times are judged whether a page was made or not
    workspace.facts.save()
    findings = [
        *source.findings,
        *published.findings,
        *renderer.findings,
        *waiting_findings(workspace, source, state, options, rendering, made),
    ]
    if rendering.contents:
        places = places_of(source, rendering)
        document = document_of(rendering)
        if document is not None:
            fed = _feed_findings(source, state, rendering, document, options, places, everything=True)
        known.put(FEED, _feed_key(state), fed or ())
        findings += [*(fed or ()), *_older_findings(source, rendering, places, options, known)]
        items = {node.value("guid"): node for node in document.items} if document is not None else {}
        for content in rendering.contents:
            found = before[content.slug]
            if found is None:
                found = [item for item in renderer.findings if item.episode == content.slug]
                found += episode_findings(content, rendering, places, items.get(content.source.guid), everything=True)
            known.put(content.slug, keys[content.slug], found)
            findings += found
        if shown is None:
            shown = [item for item in renderer.findings if not item.episode] + _show_pictures(rendering, places)
        known.put(SHOW, "", shown)
        findings += [*shown, *recordings(rendering, places, workspace)]
        known.save(rendering.build.site)
    else:
        config = source.file.path.name
        findings.append(
            Finding(code="F026", severity=Severity.ERROR, message="no episode is published", file=config, hint="`publish release SLUG`")
        )
    if live is not None:
        findings += adopting.changed_recordings(live, rendering)
    findings += [*_settings(source, state, rendering), *_comments(source)]
    findings += _unused_exceptions(source, findings)
    return sifted(findings, workspace, options)


def _served(workspace: Workspace) -> LiveFeed | None:
    """What listeners have already, where nothing is remembered; a check goes on without."""
    from publisher.served import served_feed

    try:
        return served_feed(workspace.feed_url, workspace.console.say)
    except StorageError as error:
        workspace.console.warn(f"{error.message} ({error.cause}); nothing was compared with it")
        return None


def _show_digest(renderer: Renderer) -> str:
    """Of all that concerns every episode: our code, the config with its lines, and the pictures it names."""
    from publisher.build import code_digest
    from publisher.publication import digest_json

    source = renderer.source
    pictures = [file.digest for file in (source.artwork, *source.people_images.values()) if file is not None]
    config = door.digest(source.file.path, source.folder)
    return digest_json([code_digest(), config, renderer.settings_digest, pictures, source.guid])


def _feed_key(state: State) -> str:
    """What the rules compare a feed with; whether the feed itself changed, its recipe knows."""
    from publisher.publication import digest_json

    served = digest_json([[item.slug, item.guid, item.date] for item in state.episodes.values()]) if state.first else ""
    return f"{state.generation}-{state.show_guid}-{state.etag}{served}"


def _key(content: EpisodeContent) -> str:
    """All that an episode's findings come from, the show's settings apart."""
    from publisher.publication import digest_json

    recorded = content.recorded
    names = [file.name for file in content.source.transcripts]
    return digest_json(
        [
            content.source.text_digest,
            content.source.file,
            names,
            content.slug,
            content.source.guid,
            recorded.date.isoformat(),
            recorded.audio.key if recorded.audio else "",
            recorded.facts.sha256,
            recorded.recording_facts.sha256 if recorded.recording_facts else "",
        ]
    )


def sifted(findings: Iterable[Finding], workspace: Workspace, options: Options) -> list[Finding]:
    """Each once, without what `--select` and `--ignore` leave out."""
    from feed.rules import filter_findings

    return list(
        dict.fromkeys(filter_findings(apply_show_exceptions(findings, workspace.config), select=options.select, ignore=options.ignore))
    )


def apply_show_exceptions(findings: Iterable[Finding], config: Config) -> Iterator[Finding]:
    """Findings, with the show's own reason in place of what it breaks on purpose (`[[check.exceptions]]`)."""
    from feed.rules import Exemption, apply_exceptions

    return apply_exceptions(
        findings, [Exemption(rule=item.rule, reason=item.reason, episode=item.episode or "") for item in config.check.exceptions]
    )


def check_rendering(source: ShowSource, state: State, rendering: Rendering, options: Options) -> list[Finding]:
    """The rules on what was rendered anew, for a publish: nothing when the feed did not change."""
    findings = [*_settings(source, state, rendering), *_comments(source)]
    document = document_of(rendering)
    if document is None:
        return findings
    places = places_of(source, rendering)
    findings += _feed_findings(source, state, rendering, document, options, places, everything=False)
    items = {node.value("guid"): node for node in document.items}
    changed = tuple(content for content in rendering.contents if rendering.build.changed(f"page/{content.slug}"))
    for content in changed:
        findings += episode_findings(content, rendering, places, items.get(content.source.guid), everything=False)
    if rendering.build.changed("artwork"):
        findings += _show_pictures(rendering, places)
    findings += recordings(dataclasses.replace(rendering, contents=changed), places, None, rendering.contents)
    return findings


def document_of(rendering: Rendering) -> FeedDocument | None:
    """The feed that was made now, the part listeners subscribe to; None when it did not change."""
    from feed.reader import read_feed

    body = feed_in(rendering)
    return read_feed(body) if body is not None else None


def feed_in(rendering: Rendering) -> bytes | None:
    """The bytes of the feed that was made now; None when it did not change."""
    from publisher.episode_checks import artifacts

    bodies = [item.body for item in artifacts(rendering, "feed") if item.key == rendering.renderer.config.feed.file]
    return bodies[0] if bodies and isinstance(bodies[0], bytes) else None


def _feed_findings(
    source: ShowSource, state: State, rendering: Rendering, document: FeedDocument, options: Options, places: Places, *, everything: bool
) -> list[Finding]:
    """The rules about the feed, and about the feed beside what is published."""
    from feed.rules import StateContext, check_against_state, check_feed, to_finding

    renderer = rendering.renderer
    broken = check_feed(document, feed_url=renderer.feed_url, **beside(source, rendering, options))
    if source.config.feed.moved_to:
        broken = [item for item in broken if item.code != "F022"]
    case = StateContext(
        document=document,
        guid=state.show_guid,
        episodes=_published(state, rendering),
        published_files={
            renderer.links.absolute(key): stored.sha256 for key, stored in state.objects.items() if key.startswith(("media/", "art/"))
        },
        files={
            renderer.links.absolute(item.key): item.sha256 for recipe in rendering.build.site.values() for item in recipe.artifacts or ()
        },
    )
    broken += [item for item in check_against_state(case) if everything or item.code not in TRIPWIRED]
    return [to_finding(item, places) for item in broken]


def beside(source: ShowSource, rendering: Rendering, options: Options) -> dict[str, Any]:
    """What is known of a feed that does not stand in it."""
    return {
        "now": options.now,
        "hidden": source.config.show.block,
        "recordings": {item.source.guid: item.audio.facts for item in rendering.contents if item.audio is not None},
        "pictures": _pictures(rendering),
        "integrities": _integrities(rendering),
    }


def _older_findings(source: ShowSource, rendering: Rendering, places: Places, options: Options, known: KnownFindings) -> list[Finding]:
    """The rules about the items of the feed's older pages; of a page that did not change, what was found last time."""
    from feed.reader import read_feed
    from feed.rules import check_feed, to_finding
    from publisher.episode_checks import artifacts

    findings: list[Finding] = []
    for name in [name for name in rendering.build.site if name.startswith(f"{FEED}/")]:
        found = known.get(name, "") or []
        for page in artifacts(rendering, name):
            if isinstance(page.body, bytes):
                broken = check_feed(read_feed(page.body), **beside(source, rendering, options))
                found = [to_finding(item, places) for item in broken if item.item is not None]
        known.put(name, "", found)
        findings += found
    return findings


def episode_findings(content: EpisodeContent, rendering: Rendering, places: Places, item: Any, *, everything: bool) -> Iterator[Finding]:
    """The rules about one episode's cover, transcripts and chapters; on a publish only one form of each transcript is read."""
    from feed.rules import to_finding
    from publisher import episode_checks

    for broken in episode_checks.cover_faults(content, rendering):
        yield to_finding(broken, places)
    for file, broken in episode_checks.transcript_faults(content, rendering, forms=() if everything else ("text/vtt",)):
        yield dataclasses.replace(to_finding(broken, places), file=file)
    for broken in episode_checks.chapter_faults(content, rendering, item, tags=rendering.renderer.config.audio.tags):
        yield to_finding(broken, places)
    yield from episode_checks.changed_tags(content)


def _show_pictures(rendering: Rendering, places: Places) -> list[Finding]:
    """The rules about the show's artwork, as it is published."""
    from feed.rules import to_finding
    from publisher.episode_checks import artifacts, picture_faults

    return [to_finding(broken, places) for broken in picture_faults(artifacts(rendering, "artwork")[:1], None)]


def recordings(
    rendering: Rendering, places: Places, workspace: Workspace | None, published: Sequence[EpisodeContent] = ()
) -> list[Finding]:
    """The rules about every recording; their loudness only in a check (with `workspace`), where ffmpeg is at hand.

    `published` are further episodes whose recordings must not be the same.
    """
    from feed.rules import to_finding
    from publisher.episode_checks import is_frozen, recording_faults

    contents = rendering.contents
    firsts = {item.audio.recording_sha256: item for item in (*contents, *published) if item.audio is not None}
    heard: dict[str, Any] = {}
    if workspace is not None:
        from publisher.loudness import LoudnessCache

        meter = LoudnessCache(workspace.cache / "loudness.json")
        fresh = [item for item in contents if not is_frozen(item) and item.recorded.recording is not None]
        for content in fresh[:LISTENED]:
            facts = content.recorded.recording_facts
            if facts is not None and content.recorded.recording is not None:
                heard[content.slug] = meter.get(content.recorded.recording, facts.sha256)
        meter.save()
    findings: list[Finding] = []
    for content in contents:
        # The published copies differ by their tags; it is the recordings that must not be the same.
        first = firsts.get(content.audio.recording_sha256, content) if content.audio is not None else content
        others = {content.audio.facts.sha256: first.source.written.title} if content.audio is not None and first is not content else {}
        broken = recording_faults(content, rendering.renderer.config.show.title, others, heard.get(content.slug))
        findings += [to_finding(item, places) for item in broken]
    return findings


def _settings(source: ShowSource, state: State, rendering: Rendering) -> list[Finding]:
    """What settings of the feed mean for this publish."""
    feed = source.config.feed
    file = source.file.path.name
    findings = []
    if feed.moved_to:
        findings += [
            Finding(
                code="moved",
                severity=Severity.ERROR,
                message=f"the show has moved to {feed.moved_to}: new episodes appear there, not here",
                file=content.source.file,
                line=1,
                hint="publish it at the new host, or take moved_to out of [feed]",
                episode=content.slug,
            )
            for content in rendering.contents
            if content.slug not in state.episodes
        ]
    if feed.limit is not None and len(rendering.renderer.listed) > feed.limit:
        findings.append(
            Finding(
                code="feed-limit",
                severity=Severity.WARNING,
                message=f"the feed holds the newest {feed.limit} of {len(rendering.renderer.listed)} episodes, the rest lies further on",
                file=file,
                line=source.file.line("feed", "limit"),
                hint="AntennaPod follows them; Apple and Spotify show no sign of it: they may drop the older episodes. "
                "If it is meant, say so in [[check.exceptions]]",
            )
        )
    return findings


def _comments(source: ShowSource) -> list[Finding]:
    """Files of comments that hold none: no recipe is made of them, so they are looked at each time."""
    from publisher.site.comments import Comments

    return Comments(source.comments).findings()


def _unused_exceptions(source: ShowSource, findings: Sequence[Finding]) -> list[Finding]:
    """Exceptions that nothing needs any more."""
    found = {(item.code, episode) for item in findings for episode in (item.episode, "")}
    return [
        Finding(
            code="exception-unused",
            severity=Severity.HINT,
            message=f"nothing breaks {exception.rule} any more" + (f" in {exception.episode}" if exception.episode else ""),
            file=source.file.path.name,
            line=source.file.line("check", "exceptions", index),
            hint="take the exception out",
        )
        for index, exception in enumerate(source.config.check.exceptions)
        if (exception.rule, exception.episode or "") not in found
    ]


def _pictures(rendering: Rendering) -> dict[str, ImageFacts]:
    """Further pictures by address, as far as their names tell."""
    from feed.model import ImageFacts
    from publisher.pictures import picture_of

    renderer = rendering.renderer
    found = {}
    for made in (*renderer.images.values(), *(made for content in rendering.contents for made in content.images.values())):
        picture = picture_of(made, renderer.links)
        found[picture.url] = ImageFacts(size=made.size, sha256=made.sha256, type=picture.type, width=picture.width, height=picture.height)
    return found


def _integrities(rendering: Rendering) -> dict[str, str]:
    """The checksums of other encodings by address, made with the algorithm that the feed names."""
    import base64

    found = {}
    for content in rendering.contents:
        addresses = {rendering.renderer.links.absolute(item.key): item for item in content.alternates_published}
        for enclosure in content.alternates:
            made = addresses.get(enclosure.url)
            if made is not None and enclosure.integrity.startswith("sha384-"):
                found[enclosure.url] = made.integrity
            elif made is not None and enclosure.integrity.startswith("sha256-"):
                found[enclosure.url] = "sha256-" + base64.b64encode(bytes.fromhex(made.sha256)).decode("ascii")
    return found


def _published(state: State, rendering: Rendering) -> list[Any]:
    import datetime as dt

    from feed.rules import PublishedFacts

    links = rendering.renderer.links
    return [
        PublishedFacts(
            guid=item.guid,
            url=links.absolute(item.audio.key) if item.audio else "",
            link=links.absolute(f"episodes/{item.slug}.html"),
            date=dt.datetime.fromisoformat(item.date),
        )
        for item in state.episodes.values()
        if not item.removed
    ]


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


def _lines(lines: Any) -> dict[str, int]:
    """`{("show", "title"): 3}` as `{"show.title": 3, "title": 3}`."""
    found: dict[str, int] = {}
    for path, line in lines.items():
        names = [str(part) for part in path if not isinstance(part, int)]
        found.setdefault(".".join(names), line)
        found.setdefault(names[-1] if names else "", line)
    return found
