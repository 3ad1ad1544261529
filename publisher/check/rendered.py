"""The rules on what was rendered: each recipe that was made now is judged, and what is wrong is remembered with it."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from feed.findings import Finding, Severity
from publisher.check.finding_places import places_of
from publisher.core import layout, placeholders
from publisher.incremental_build.artifacts import FOREVER
from publisher.incremental_build.recipe_names import kind_of, recipe_name
from publisher.load.toml_and_yaml import error_at
from publisher.render_show import Rendering, artifacts, feed_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from feed.model import ImageFacts
    from feed.reader import FeedDocument, Node
    from feed.rules import Places
    from feed.rules.against_state import PublishedFacts
    from feed.rules.rulebook import Violation
    from publisher.load.config_tables import Config
    from publisher.load.show_source import ShowSource
    from publisher.media.loudness import Loudness, LoudnessCache
    from publisher.render.episode_content import EpisodeContent
    from publisher.state.state import State

TRIPWIRED = frozenset(("F017", "I004"))
"""Rules that a publish holds by its tripwires `show` and `guid`, where `--force` can answer."""
LISTENED = 20
"""Recordings of which `publish check` measures the loudness: the newest that can still be changed."""
FEED, ARTWORK = "feed", "artwork"


def apply_show_exceptions(findings: Iterable[Finding], config: Config) -> Iterator[Finding]:
    """Findings, with the show's own reason in place of what it breaks on purpose (`[[check.exceptions]]`)."""
    from feed.rules import Exemption, apply_exceptions

    return apply_exceptions(
        findings, [Exemption(rule=item.rule, reason=item.reason, episode=item.episode or "") for item in config.check.exceptions]
    )


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The rules, held against a rendering at the time `now`. `meter` measures loudness, where that is asked for; the recordings
    of `others` must be no episode's here.
    """

    rendering: Rendering
    now: dt.datetime
    meter: LoudnessCache | None = None
    others: tuple[EpisodeContent, ...] = ()

    def judge(self) -> None:
        """Add to each recipe that was made now which rules its objects break; what did not change keeps what was found then."""
        build = self.rendering.build
        for name in [name for name in build.site if kind_of(name) == FEED and build.fresh(name)]:
            build.add(name, self._feed() if name == FEED else self._older_page(name))
        if ARTWORK in build.site and build.fresh(ARTWORK):
            from publisher.check.episodes import picture_faults

            build.add(ARTWORK, self._placed(picture_faults(artifacts(self.rendering, ARTWORK)[:1], None)))
        if self.meter is not None:
            self.meter.measure(self._listened)
        for content in self.rendering.contents:
            self._episode(content)

    def compare_with_state(self, state: State) -> list[Finding]:
        """What is wrong with the feed beside what is published; nothing where the feed did not change."""
        from feed.rules.against_state import AGAINST_STATE, StateContext

        rendering, links = self.rendering, self.rendering.composition.links
        if self.document is None or not rendering.build.fresh(FEED):
            return []
        case = StateContext(
            document=self.document,
            guid=state.show_guid,
            episodes=_published(state, rendering),
            published_files={
                links.absolute(key): stored.sha256 for key, stored in state.objects.items() if stored.cache_control == FOREVER
            },
            files={links.absolute(item.key): item.sha256 for recipe in rendering.build.site.values() for item in recipe.artifacts or ()},
        )
        return self._placed(AGAINST_STATE.check(case))

    @cached_property
    def document(self) -> FeedDocument | None:
        """The feed that was made now, the part listeners subscribe to; None when it did not change."""
        from feed.reader import read_feed

        body = feed_in(self.rendering)
        return read_feed(body) if body is not None else None

    @cached_property
    def _items(self) -> dict[str, Node]:
        """The episodes in that feed, by guid."""
        return {node.value("guid"): node for node in self.document.items} if self.document is not None else {}

    @cached_property
    def _places(self) -> Places:
        return places_of(self.rendering.composition.source, self.rendering)

    def _placed(self, broken: Iterable[Violation]) -> list[Finding]:
        """Findings, each where a person can mend it."""
        from feed.rules import to_finding

        return [to_finding(item, self._places) for item in broken]

    def _feed(self) -> list[Finding]:
        from feed.rules import check_feed

        if self.document is None:
            return []
        composition = self.rendering.composition
        broken = check_feed(self.document, feed_url=composition.feed_url, **self._known_of_feed)
        if composition.config.feed.moved_to:
            broken = [item for item in broken if item.code != "F022"]
        if composition.config.show.artwork and not composition.artwork:
            broken = [item for item in broken if item.code != "F013"]  # there is one, and what is wrong with the file is told
        return self._placed(broken)

    def _older_page(self, name: str) -> list[Finding]:
        """The rules about the items of one of the feed's older pages."""
        from feed.reader import read_feed
        from feed.rules import check_feed

        bodies = (page.content for page in artifacts(self.rendering, name))
        return self._placed(
            item
            for body in bodies
            if body is not None
            for item in check_feed(read_feed(body), **self._known_of_feed)
            if item.item is not None
        )

    @cached_property
    def _known_of_feed(self) -> dict[str, Any]:
        """What is known of a feed that does not stand in it."""
        return {
            "now": self.now,
            "hidden": self.rendering.composition.config.show.block,
            "recordings": {item.source.guid: item.audio.facts for item in self.rendering.contents},
            "pictures": _pictures(self.rendering),
            "integrities": _integrities(self.rendering),
        }

    def _episode(self, content: EpisodeContent) -> None:
        """The rules about one episode's recording, cover and chapters; its transcripts are judged where they are made."""
        build = self.rendering.build
        cover, text = (recipe_name(kind, content.slug) for kind in ("art", "chapters"))
        if not (build.fresh(cover) or build.fresh(text)):
            return
        content = content.for_once()
        if build.fresh(cover):
            from publisher.check.episodes import cover_faults

            build.add(cover, self._placed(cover_faults(content, self.rendering)))
        if build.fresh(text):
            from publisher.check import episodes

            build.add(text, self._placed(episodes.chapter_faults(content, self.rendering, self._items.get(content.source.guid))))
            build.add(text, self._recording(content))
        from publisher.check.episodes import changed_tags

        build.add(cover if build.fresh(cover) else text, changed_tags(content))

    def _recording(self, content: EpisodeContent) -> list[Finding]:
        """The rules about a recording. The published copies differ by their tags; it is the recordings that must not be the same."""
        from publisher.check.episodes import recording_faults, tags_left_out

        if content.recorded.elsewhere is not None:  # nobody measured it
            return []
        sha256 = content.audio.recording_sha256  # "" of one that is known by what is served alone
        first = self._firsts.get(sha256, content) if sha256 else content
        others = {content.audio.facts.sha256: first.source.written.title} if first.slug != content.slug else {}
        config = self.rendering.composition.config
        told = tags_left_out(content) if content.sources.tagged else []
        return [*told, *self._placed(recording_faults(content, config.show.title, others, self._loudness(content)))]

    @cached_property
    def _firsts(self) -> dict[str, EpisodeContent]:
        """An episode for each recording."""
        return {item.audio.recording_sha256: item for item in (*self.rendering.contents, *self.others)}

    def _loudness(self, content: EpisodeContent) -> Loudness | None:
        facts = content.recorded.recording_facts
        return self.meter.get(facts.sha256) if self.meter is not None and facts is not None and facts.sha256 in self._listened else None

    @cached_property
    def _listened(self) -> dict[str, Path]:
        """The recordings whose loudness is told, of episodes that are judged now, by sha256."""
        from publisher.check.episodes import is_frozen

        new = [item for item in self.rendering.contents if not is_frozen(item) and item.recorded.recording is not None]
        return {
            facts.sha256: recording
            for item in new[:LISTENED]
            if (recording := item.recorded.recording) is not None and (facts := item.recorded.recording_facts) is not None
            if self.rendering.build.fresh(recipe_name("chapters", item.slug))
        }


def settings_findings(source: ShowSource, state: State, rendering: Rendering) -> list[Finding]:
    """What settings of the feed mean for this publish, files of comments that hold none, and files that nobody reads: looked at each time.

    Of episodes that nobody hears yet only files under nearly the right name are told: their other files are, when they are due.
    """
    from publisher.load.unread_files import unread_files
    from publisher.site.parts.answers import SocialAnswers
    from publisher.site.parts.comments import Comments

    said = [*Comments(source.comments).findings(), *SocialAnswers(source.answers).findings()]
    unread = [found for content in rendering.contents for found in unread_files(content.source)]
    told = {content.source.guid for content in rendering.contents} | {item.guid for item in state.episodes.values() if item.withdrawn}
    waiting = [episode for episode in source.episodes if episode.guid not in told]
    unread += [found for episode in waiting for found in unread_files(episode) if found.severity is Severity.WARNING]
    return [*_placeholders(source), *_settings(source, state, rendering), *said, *unread]


def _placeholders(source: ShowSource) -> Iterator[Finding]:
    """What `init` or `import` wrote into config.toml where nobody had said anything yet: listeners would read it."""
    show, url = source.config.show, source.config.site.url
    place = error_at(source.file.path.name, severity=Severity.WARNING)
    for key, text, words in (
        ("title", show.title, (placeholders.TITLE, placeholders.UNTITLED)),
        ("author", show.author, (placeholders.AUTHOR, placeholders.UNKNOWN)),
        ("description", show.description, (placeholders.DESCRIPTION,)),
    ):
        if text is not None and text.strip() in words:
            message = f"`{key}` under [show] is still the word that was put there for you: {text.strip()}"
            yield place("placeholder", message, source.file.line("show", key), f"write the show's own {key}")
    if placeholders.has_none(url):
        severity = Severity.ERROR if source.config.storage.is_bucket else Severity.WARNING
        place = error_at(source.file.path.name, severity=severity)
        message = "the show has no address yet: nobody can subscribe, and every link in the feed leads nowhere"
        hint = 'write where listeners will reach the storage: url = "https://…" under [site]'
        yield place("no-address", message, source.file.line("site"), hint)
    elif placeholders.is_example(url):
        message = f"nobody can reach the show: {url} is a name kept for examples, and every link in the feed begins with it"
        hint = "write the address where listeners will reach the storage: url under [site]"
        yield place("placeholder", message, source.file.line("site", "url"), hint)


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


def _pictures(rendering: Rendering) -> dict[str, ImageFacts]:
    """Further pictures by address, as far as their names tell."""
    from feed.model import ImageFacts
    from publisher.render.picture_recipes import picture_image

    composition = rendering.composition
    found = {}
    for made in (*composition.images.values(), *(made for content in rendering.contents for made in content.images.values())):
        picture = picture_image(made, composition.links)
        found[picture.url] = ImageFacts(size=made.size, sha256=made.sha256, type=picture.type, width=picture.width, height=picture.height)
    return found


def _integrities(rendering: Rendering) -> dict[str, str]:
    """The checksums of other encodings by address, made with the algorithm that the feed names."""
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


def _published(state: State, rendering: Rendering) -> list[PublishedFacts]:
    from feed.rules.against_state import PublishedFacts

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
