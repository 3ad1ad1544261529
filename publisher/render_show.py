"""The whole site, rendered: composition, pages, feed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault, Finding, Severity
from feed.model import Image, LiveItem, Show
from publisher.core import layout
from publisher.core.addresses import Links
from publisher.core.digests import digest_json
from publisher.load.dates import resolve_date
from publisher.media.recordings import measure_alternate
from publisher.recipes.artifacts import CopyOf, Made, Phase, artifact, file_artifact, hashed
from publisher.recipes.incremental import Build
from publisher.recipes.recipe_names import recipe_name
from publisher.render.alternates import publish_alternates
from publisher.render.composition import COVER_SIZES
from publisher.render.episode_content import EpisodeContent, person_of
from publisher.render.pictures import picture_of, with_addresses
from publisher.site.parts.page_values import SiteParts, SiteSettings, SubscribeLinks
from publisher.state.ledger import PublishedAudio, PublishedEpisode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from feed.model import AudioFacts, Person
    from publisher.core.layout import Key
    from publisher.core.show_files import SourceFile
    from publisher.load.schedule import Publication, Recorded
    from publisher.load.source import ShowSource
    from publisher.recipes.artifacts import Artifact, Recipe
    from publisher.render.notes_cache import NotesCache
    from publisher.site.parts.theme import Theme
    from publisher.state.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What `render` gives: the Site, the Ledger entries of its episodes, what was found wrong on the way, and the values behind it."""

    build: Build
    episodes: Mapping[str, PublishedEpisode]
    findings: tuple[Finding, ...]
    contents: tuple[EpisodeContent, ...]
    renderer: Renderer


class Renderer:
    """Turns a publication into recipes. `make_copy` writes the published copy of a recording and measures it, `measure_other`
    gives the facts of other encodings; `notes` remembers those rendered before, `accent` the colour of a picture; `marked` are
    the slugs of drafts, which pages mark (preview only); `made_before` is what documents were made already, where that is not
    what the storage holds; `earlier` recipes of the rendering before are taken over.
    """

    def __init__(
        self,
        source: ShowSource,
        state: State,
        publication: Publication,
        make_copy: Callable[[EpisodeContent, Path], tuple[Path, Any]],
        *,
        everything: bool = False,
        earlier: Mapping[str, Recipe] | None = None,
        marked: frozenset[str] = frozenset(),
        measure_other: Callable[[Path], AudioFacts] = measure_alternate,
        made_before: State | None = None,
        notes: NotesCache | None = None,
        accent: Callable[[SourceFile], str] | None = None,
    ) -> None:
        self.source = source
        self.config = source.config
        self.build = Build(state if made_before is None else made_before, everything=everything, earlier=earlier)
        self.findings: list[Finding] = []
        self.links = Links(self.config.site.url, layout.HOME, self.config.site.pretty_urls)
        self.contents = [
            EpisodeContent(item, self.config, self.links, self.findings, self._artwork_of(item)) for item in publication.episodes
        ]
        self._state = state
        self._publication = publication
        self._make_copy = make_copy
        self._marked = marked
        self._measure_other = measure_other
        self._notes = notes
        self._accent = accent
        self.artwork: tuple[Made, ...] = ()
        self.portraits: dict[str, Made] = {}
        self.parts = SiteParts()
        self.images: dict[str, Made] = {}

    @property
    def listed(self) -> list[EpisodeContent]:
        """The episodes that feed, lists and search show: all but the unlisted ones, newest first."""
        return [content for content in self.contents if not content.source.written.unlisted]

    @cached_property
    def settings_digest(self) -> str:
        """Everything in config.toml that can show in feed or pages, and the pictures it names."""
        pictures = [file.digest for file in (*self.source.images.values(), *self.source.season_artwork.values())]
        return digest_json([self.config.model_dump(mode="json", exclude={"storage", "cdn", "announce", "check"}), pictures])

    @property
    def feed_url(self) -> str:
        """The address listeners subscribe to."""
        return self.config.feed_url

    def render(self, *, pages: bool = True) -> Rendering:
        """Every recipe, in the order in which one needs the other's names. A check can do without the `pages`."""
        self._pictures()
        for content in self.contents:
            self._recording(content)
            self._alternates(content)
        self._pages(whole=pages)
        self._feed()
        self._keep_notes()
        episodes = {
            content.slug: PublishedEpisode(
                slug=content.slug,
                guid=content.source.guid,
                date=content.recorded.date.isoformat(),
                title="" if content.source.written.unlisted else content.source.written.title,
                audio=content.audio,
                alternates=content.alternates_published,
                texts=self._state.episodes[content.slug].texts if content.slug in self._state.episodes else (),
            )
            for content in self.contents
        }
        return Rendering(
            build=self.build, episodes=episodes, findings=tuple(dict.fromkeys(self.findings)), contents=tuple(self.contents), renderer=self
        )

    # pictures

    def _pictures(self) -> None:
        if self.source.artwork is not None:
            self.artwork = self._picture("artwork", layout.ARTWORK, self.source.artwork, show=True)
        for person_id, file in sorted(self.source.people_images.items()):
            made = self._picture(recipe_name("art", "person", person_id), layout.of_person(person_id), file, sizes=(320,), whole=False)
            if made:
                self.portraits[person_id] = made[0]
        for name, file in sorted(self.source.images.items()):
            for picture in self._picture(recipe_name("art", "image", name), layout.OF_SHOW, file, sizes=(), raw=True):
                self.images[name] = picture
        used = {content.source.written.season for content in self.contents}
        seasons = {
            number: self._picture(recipe_name("art", "season", number), layout.of_season(number), file)
            for number, file in sorted(self.source.season_artwork.items())
            if number in used
        }
        for content in self.contents:
            content.portraits = self.portraits
            if content.source.cover is not None:
                content.covers = self._picture(recipe_name("art", content.slug), content.slug, content.source.cover, episode=content.slug)
            else:
                content.covers = seasons.get(content.source.written.season or 0, ())
            content.images = {
                file.name: made
                for file in content.source.images
                for made in self._picture(
                    recipe_name("image", content.slug, file.name), content.slug, file, sizes=(), episode=content.slug, raw=True
                )
            }

    def _picture(
        self,
        recipe: str,
        subject: str,
        file: SourceFile,
        *,
        show: bool = False,
        sizes: Sequence[int] = COVER_SIZES,
        whole: bool = True,
        raw: bool = False,
        episode: str = "",
    ) -> tuple[Made, ...]:
        """A picture as apps want it, and smaller copies for pages; () when it cannot be used."""

        def render() -> Iterable[Artifact]:
            from publisher.media.artwork import compliant, probe_image, resized, shareable

            read = file.read()
            facts = probe_image(read)
            if raw:
                body = shareable(read)
                facts = probe_image(body)
                extension = facts.type.rpartition("/")[2].replace("jpeg", "jpg")
                yield artifact(layout.sized_picture(subject, facts.width, facts.height, hashed(body), extension), body, Phase.MEDIA)
                return
            if whole:
                body, _, remarks = compliant(read, facts)
                for remark in remarks:
                    self.findings.append(
                        Finding(code="artwork-converted", severity=Severity.HINT, message=remark, file=file.name, episode=episode)
                    )
                extension = "png" if body.startswith(b"\x89PNG") else "jpg"
                yield artifact(layout.picture(subject, hashed(body), extension), body, Phase.MEDIA)
            for size in sizes:
                small = resized(read, size, 60_000 * size // 320)
                yield artifact(layout.small_picture(subject, size, hashed(small)), small, Phase.MEDIA)

        try:
            return self.build.make(recipe, [file.digest, list(sizes), whole, raw, subject], render)
        except ContentFault as fault:
            severity = Severity.ERROR if show or whole else Severity.WARNING
            self.findings.append(fault.finding(file.name, episode=episode, severity=severity))
            return ()

    def _artwork_of(self, item: Recorded) -> SourceFile | None:
        """The picture in an episode's file that has no cover of its own: the season's, else the show's."""
        return self.source.season_artwork.get(item.source.written.season or 0, self.source.artwork)

    # recordings, transcripts, chapters

    def _alternates(self, content: EpisodeContent) -> None:
        """The other encodings of an episode; those that are published already are known without their files."""
        if not content.source.written.alternates:
            return
        before = self._state.episodes.get(content.slug)
        known = {item.name: item for item in before.alternates} if before is not None and before.guid == content.source.guid else {}
        content.alternates, content.alternates_published = publish_alternates(
            content,
            self.build,
            known,
            measure=self._measure_other,
            absolute=self.links.absolute,
            findings=self.findings,
            libraries=self.source.file.libraries,
        )

    def _recording(self, content: EpisodeContent) -> None:
        """A published recording stays as it is; a new one is copied, tagged and named by its bytes."""
        recorded = content.recorded
        name = recipe_name("media", content.slug)
        frozen = recorded.audio
        path, before = recorded.recording, recorded.before
        if frozen is not None:
            self.build.keep(name, f"frozen:{frozen.key}", (frozen.key, *frozen.replaced))
            return
        facts, staged = recorded.recording_facts, recorded.staged
        copy: Path | CopyOf
        if staged is not None:
            copy, copied = CopyOf(staged.key), staged.facts
            recording = staged.recording_sha256, staged.recording_size
        elif path is not None and facts is not None:
            copy, copied = self._make_copy(content, path)
            recording = facts.sha256, facts.size
        else:
            raise ValueError(f"no recording for {content.slug}")
        key = layout.recording(content.slug, copied.sha256, copied.extension)
        content.audio = PublishedAudio(
            key=key,
            revision=content.source.written.audio_revision,
            recording_sha256=recording[0],
            recording_size=recording[1],
            facts=copied,
            chapters=recorded.own_chapters,
            replaced=tuple(old for old in (*before.replaced, before.key) if old != key) if before is not None else (),
            cover=content.source.cover.digest[:16] if content.source.cover and self.config.audio.tags and staged is None else "",
        )
        made = file_artifact(key, copy, size=copied.size, sha256=copied.sha256, content_type=copied.type)
        echoes = [replace(made, key=old, body=CopyOf(key), phase=Phase.ECHO) for old in content.audio.replaced]
        self.build.keep(name, f"frozen:{key}", (key, *content.audio.replaced), (made, *echoes))

    def documents(self, content: EpisodeContent) -> None:
        """The recipes of an episode's transcripts and chapters; after them its digest is known."""
        source = content.source
        inputs = [
            [[file.digest, file.language] for file in source.transcripts],
            content.duration,
            content.replacements,
            content.voices,
            content.language,
        ]

        def transcripts() -> Iterable[Artifact]:
            from feed.transcript import write_json, write_srt, write_text, write_vtt

            for language, reading in content.readings.items():
                written = (
                    ("vtt", write_vtt(reading.cues)),
                    ("json", write_json(reading.cues)),
                    ("srt", write_srt(reading.cues)),
                    ("txt", write_text(reading.cues)),
                )
                for form, text in written:
                    yield artifact(layout.transcript(content.slug, language, hashed(text), form), text, Phase.DOCUMENT)

        if source.transcripts:
            content.transcripts = self.build.make(recipe_name("transcript", content.slug), inputs, transcripts)

        def chapters() -> Iterable[Artifact]:
            from feed.chapters import write_json

            if content.chapters:
                text = write_json(content.chapters, title=source.written.title, show=self.config.show.title)
                yield artifact(layout.chapters(content.slug, hashed(text)), text, Phase.DOCUMENT)

        inputs = self._content_inputs(content)
        found = self.build.make(recipe_name("chapters", content.slug), inputs, chapters)
        content.chapters_made = found[0] if found else None
        if self._notes is not None and not self.build.changed(recipe_name("chapters", content.slug)):
            content.recall = partial(self._notes.get, content.slug, self.build.site[recipe_name("chapters", content.slug)].fingerprint)
        names = (*content.transcripts, *content.covers, *content.images.values(), *self.portraits.values(), *found)
        content.digest = digest_json([inputs, [item.key for item in names]])

    def _content_inputs(self, content: EpisodeContent) -> list[Any]:
        """Everything that text, chapters and people of an episode come from."""
        source = content.source
        audio = content.audio
        facts: list[Any] = [audio.key, audio.facts.size, audio.facts.duration, audio.facts.type] if audio else []
        facts += [[item.key, item.bitrate, item.integrity] for item in content.alternates_published]
        facts += [made.key for made in content.images.values()]
        in_audio = [[chapter.start, chapter.title] for chapter in content.recorded.own_chapters]
        return [
            source.digest,
            source.chapters_file.digest if source.chapters_file else "",
            facts,
            in_audio,
            content.recorded.date.isoformat(),
            source.guid,
            content.slug,
            self.settings_digest,
        ]

    def _keep_notes(self) -> None:
        """What was rendered without a fault is remembered for the next run."""
        if self._notes is None:
            return
        faulty = {finding.episode for finding in self.findings}
        made = {content.slug: content.fresh for content in self.contents if content.slug not in faulty}
        fresh = {
            slug: (self.build.site[recipe_name("chapters", slug)].fingerprint, *both) for slug, both in made.items() if both is not None
        }
        self._notes.keep(fresh, made)

    # pages

    @cached_property
    def theme(self) -> Theme:
        """Templates, styles and scripts, those in the show's `theme/` before ours."""
        from publisher.site.parts.theme import Theme

        return Theme(self.site_settings, self.source.theme)

    @property
    def site_settings(self) -> SiteSettings:
        """`[site]` as pages need it."""
        site = self.config.site
        small = [
            Image(url=self.links.absolute(made.key), width=size, height=size)
            for made, size in zip(self.artwork[1:], COVER_SIZES, strict=False)
        ]
        settings = SiteSettings(
            url=site.url,
            home=site.home or "",
            pretty_urls=site.pretty_urls,
            footer=site.footer,
            subscribe=SubscribeLinks(**{name: value or "" for name, value in site.subscribe.model_dump().items()}),
            search=self.parts.search,
            artwork=tuple(small),
            pages=self.parts.pages,
            seasons=self.parts.seasons,
            icons=tuple(
                Image(url=self.links.absolute(made.key), width=size, height=size, type=made.content_type) for made, size in self._icons()
            ),
            social=Image(url=self.links.absolute(self.parts.social.key), width=1200, height=630) if self.parts.social else None,
            report=site.report or "",
            waiting=self._marked,
            comments=site.comments.url if site.comments else "",
            comments_least=site.comments.least if site.comments else 0,
        )
        return replace(settings, accent=self.accent)

    def _icons(self) -> Iterable[tuple[Made, int]]:
        from publisher.site.recipes.icons import SIZES

        return zip(self.parts.icons, SIZES, strict=False)

    @cached_property
    def accent(self) -> str:
        """The one colour: as written, else from the artwork, else ours."""
        from publisher.media.artwork import accent_of

        if self.config.site.accent:
            return self.config.site.accent
        artwork = self.source.artwork if self.artwork else None
        return self._accent(artwork) if artwork is not None and self._accent is not None else accent_of(artwork)

    @property
    def show(self) -> Show:
        """The channel without its episodes."""
        show = self.config.show
        return Show(
            written=show.model_copy(update={"images": with_addresses(show.images, self.images, self.links)}),
            guid=self.source.guid,
            link=show.link or self.config.site.home or self.links.absolute(layout.HOME),
            feed_url=self.feed_url,
            image=picture_of(self.artwork[0], self.links) if self.artwork else Image(url=""),
            people=self.hosts,
            directory=self.config.people,
            live=self.live,
            seasons={int(number): season for number, season in self.config.seasons.items()},
        )

    @cached_property
    def live(self) -> tuple[LiveItem, ...]:
        """Live streams; times without an offset are in the show's time zone, and the show's hosts are there where none are named."""
        found = []
        for index, table in enumerate(self.config.live):
            times = {}
            for key in ("start", "end"):
                written = getattr(table, key)
                try:
                    times[key] = written and resolve_date(written, self.config.show.timezone, None)
                except ContentFault as fault:
                    line = self.source.file.line("live", index, key)
                    name = self.source.file.path.name
                    self.findings.append(
                        Finding(code=fault.code, severity=Severity.ERROR, message=fault.message, file=name, line=line, hint=fault.hint)
                    )
            names = (*(self.config.show.hosts if table.hosts is None else table.hosts), *table.guests)
            people = tuple(person_of(name, self.config, self.portraits, self.links) for name in names)
            found.append(LiveItem(written=table.model_copy(update=times), people=people))
        return tuple(found)

    @property
    def hosts(self) -> tuple[Person, ...]:
        """The show's own people."""
        return tuple(person_of(name, self.config, self.portraits, self.links) for name in self.config.show.hosts)

    def _pages(self, *, whole: bool) -> None:
        from publisher.site import page_recipes as assembly

        if whole:
            assembly.pages(self)
        else:
            assembly.only_documents(self)

    # the feed

    def _feed(self) -> None:
        """The feed listeners subscribe to, and each full archive page before it: a new episode renders none of those."""
        from feed.paging import page_windows

        settings, listed = self.config.feed, self.listed
        windows = page_windows(settings, len(listed))
        shared = [self.settings_digest, self.source.guid, [made.key for made in self.artwork]]

        def show(contents: Iterable[EpisodeContent]) -> Show:
            return replace(self.show, episodes=tuple(content.episode for content in contents))

        def address(page: int) -> str:
            return f"{self.config.site.url.rstrip('/')}/{layout.feed_page(settings.file, page)}"

        def made(key: Key, body: bytes) -> Iterable[Artifact]:
            yield artifact(key, body, Phase.FEED, content_type="application/rss+xml; charset=utf-8")

        for page, window in enumerate(windows, 1):

            def archive(page: int = page, window: slice = window) -> Iterable[Artifact]:
                from feed.rss import render_page

                return made(layout.feed_page(settings.file, page), render_page(show(listed[window]), settings, address, page))

            self.build.make(recipe_name("feed", page), [*shared, [content.digest for content in listed[window]]], archive)

        def newest() -> Iterable[Artifact]:
            from feed.rss import render_feed, render_newest

            if not windows:
                return made(layout.feed(settings.file), render_feed(show(listed), settings))
            return made(layout.feed(settings.file), render_newest(show(shown), settings, address, len(windows)))

        limit = settings.limit if windows else None
        shown = [
            content
            for place, content in enumerate(listed, 1)
            if limit is None or place <= limit or place == len(listed) or content.source.written.type == "trailer"
        ]
        self.build.make("feed", [*shared, [content.digest for content in shown], len(windows)], newest)

    def removed(self) -> list[tuple[str, str]]:
        """Slug and title of what was published once and is not now: their pages say so."""
        here = {content.slug for content in self.contents}
        return [(item.slug, item.title) for item in self._publication.removed if item.slug not in here]

    @property
    def cover_sizes(self) -> tuple[int, ...]:
        """Pixels of the smaller copies of a cover, in the order in which they are made."""
        return COVER_SIZES

    def is_marked(self, content: EpisodeContent) -> bool:
        """Whether a page must say that this is a draft."""
        return content.slug in self._marked


def artifacts(rendering: Rendering, recipe: str) -> Sequence[Artifact]:
    """What a recipe made now; nothing when it did not change."""
    found = rendering.build.site.get(recipe)
    return found.artifacts or () if found is not None else ()


def feed_in(rendering: Rendering) -> bytes | None:
    """The bytes of the feed that was made now; None when it did not change."""
    bodies = [item.body for item in artifacts(rendering, "feed") if item.key == rendering.renderer.config.feed.file]
    return bodies[0] if bodies and isinstance(bodies[0], bytes) else None
