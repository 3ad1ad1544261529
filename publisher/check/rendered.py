"""The rules on what was rendered: the feed, and what lies beside it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from feed.findings import Finding, Severity
from publisher.check.places import places_of
from publisher.core import layout
from publisher.recipes.artifacts import FOREVER
from publisher.recipes.recipe_names import recipe_name
from publisher.render_show import feed_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from feed.model import ImageFacts
    from feed.reader import FeedDocument
    from feed.rules import Places
    from publisher.core.options import Options
    from publisher.load.config import Config
    from publisher.load.source import ShowSource
    from publisher.render.episode_content import EpisodeContent
    from publisher.render_show import Rendering
    from publisher.state.state import State
    from publisher.workspace import Workspace


TRIPWIRED = frozenset(("F017", "I004"))
"""Rules that a publish holds by its tripwires `show` and `guid`, where `--force` can answer."""
LISTENED = 20
"""Recordings of which `publish check` measures the loudness: the newest that can still be changed."""
FEED = "feed"


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
    changed = tuple(content for content in rendering.contents if rendering.build.changed(recipe_name("page", content.slug)))
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


def _feed_findings(
    source: ShowSource, state: State, rendering: Rendering, document: FeedDocument, options: Options, places: Places, *, everything: bool
) -> list[Finding]:
    """The rules about the feed, and about the feed beside what is published."""
    from feed.rules import StateContext, check_against_state, check_feed, to_finding

    composition = rendering.composition
    broken = check_feed(document, feed_url=composition.feed_url, **beside(source, rendering, options))
    if source.config.feed.moved_to:
        broken = [item for item in broken if item.code != "F022"]
    case = StateContext(
        document=document,
        guid=state.show_guid,
        episodes=_published(state, rendering),
        published_files={
            composition.links.absolute(key): stored.sha256 for key, stored in state.objects.items() if stored.cache_control == FOREVER
        },
        files={
            composition.links.absolute(item.key): item.sha256 for recipe in rendering.build.site.values() for item in recipe.artifacts or ()
        },
    )
    broken += [item for item in check_against_state(case) if everything or item.code not in TRIPWIRED]
    return [to_finding(item, places) for item in broken]


def beside(source: ShowSource, rendering: Rendering, options: Options) -> dict[str, Any]:
    """What is known of a feed that does not stand in it."""
    return {
        "now": options.now,
        "hidden": source.config.show.block,
        "recordings": {item.source.guid: item.audio.facts for item in rendering.contents},
        "pictures": _pictures(rendering),
        "integrities": _integrities(rendering),
    }


def episode_findings(content: EpisodeContent, rendering: Rendering, places: Places, item: Any, *, everything: bool) -> Iterator[Finding]:
    """The rules about one episode's cover, transcripts and chapters; on a publish only one form of each transcript is read."""
    from feed.rules import to_finding
    from publisher.check import episodes as episode_checks

    for broken in episode_checks.cover_faults(content, rendering):
        yield to_finding(broken, places)
    for file, broken in episode_checks.transcript_faults(content, rendering, forms=() if everything else ("text/vtt",)):
        yield dataclasses.replace(to_finding(broken, places), file=file)
    for broken in episode_checks.chapter_faults(content, rendering, item, tags=rendering.composition.config.audio.tags):
        yield to_finding(broken, places)
    yield from episode_checks.changed_tags(content)


def _show_pictures(rendering: Rendering, places: Places) -> list[Finding]:
    """The rules about the show's artwork, as it is published."""
    from feed.rules import to_finding
    from publisher.check.episodes import picture_faults
    from publisher.render_show import artifacts

    return [to_finding(broken, places) for broken in picture_faults(artifacts(rendering, "artwork")[:1], None)]


def recordings(
    rendering: Rendering, places: Places, workspace: Workspace | None, published: Sequence[EpisodeContent] = ()
) -> list[Finding]:
    """The rules about every recording; their loudness only in a check (with `workspace`), where ffmpeg is at hand.

    `published` are further episodes whose recordings must not be the same.
    """
    from feed.rules import to_finding
    from publisher.check.episodes import is_frozen, recording_faults

    contents = rendering.contents
    firsts = {item.audio.recording_sha256: item for item in (*contents, *published)}
    heard: dict[str, Any] = {}
    if workspace is not None:
        from publisher.media.loudness import LoudnessCache

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
        broken = recording_faults(content, rendering.composition.config.show.title, others, heard.get(content.slug))
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
    if feed.limit is not None and len(rendering.listed) > feed.limit:
        findings.append(
            Finding(
                code="feed-limit",
                severity=Severity.WARNING,
                message=f"the feed holds the newest {feed.limit} of {len(rendering.listed)} episodes, the rest lies further on",
                file=file,
                line=source.file.line("feed", "limit"),
                hint="AntennaPod follows them; Apple and Spotify show no sign of it: they may drop the older episodes. "
                "If it is meant, say so in [[check.exceptions]]",
            )
        )
    return findings


def _comments(source: ShowSource) -> list[Finding]:
    """Files of comments that hold none: no recipe is made of them, so they are looked at each time."""
    from publisher.site.parts.comments import Comments

    return Comments(source.comments).findings()


def _pictures(rendering: Rendering) -> dict[str, ImageFacts]:
    """Further pictures by address, as far as their names tell."""
    from feed.model import ImageFacts
    from publisher.render.pictures import picture_image

    composition = rendering.composition
    found = {}
    for made in (*composition.images.values(), *(made for content in rendering.contents for made in content.images.values())):
        picture = picture_image(made, composition.links)
        found[picture.url] = ImageFacts(size=made.size, sha256=made.sha256, type=picture.type, width=picture.width, height=picture.height)
    return found


def _integrities(rendering: Rendering) -> dict[str, str]:
    """The checksums of other encodings by address, made with the algorithm that the feed names."""
    import base64

    found = {}
    for content in rendering.contents:
        addresses = {rendering.composition.links.absolute(item.key): item for item in content.recordings.alternates_published}
        for enclosure in content.recordings.alternates:
            made = addresses.get(enclosure.url)
            if made is not None and enclosure.integrity.startswith("sha384-"):
                found[enclosure.url] = made.integrity
            elif made is not None and enclosure.integrity.startswith("sha256-"):
                found[enclosure.url] = "sha256-" + base64.b64encode(bytes.fromhex(made.sha256)).decode("ascii")
    return found


def _published(state: State, rendering: Rendering) -> list[Any]:
    import datetime as dt

    from feed.rules import PublishedFacts

    links = rendering.composition.links
    return [
        PublishedFacts(
            guid=item.guid,
            url=links.absolute(item.audio.key) if item.audio else "",
            link=links.absolute(layout.episode_page(item.slug)),
            date=dt.datetime.fromisoformat(item.date),
        )
        for item in state.episodes.values()
        if not item.removed
    ]
