"""A show's pictures, recordings, transcripts and chapters, made in the order in which one needs the other's names; feed and pages come after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding
from feed.model import AudioFacts, Image, LiveItem, Show
from publisher.core import layout
from publisher.core.addresses import Links
from publisher.core.digests import digest_json
from publisher.incremental_build.artifacts import Artifact, Made, Phase, artifact, hashed
from publisher.incremental_build.recipe_names import TRANSCRIPT, recipe_name
from publisher.load.dates import resolve_date
from publisher.load.toml_and_yaml import error_at
from publisher.media.colors import ACCENT
from publisher.render.alternates import publish_alternates
from publisher.render.episode_content import EpisodeContent, EpisodeDocuments, EpisodeRecordings
from publisher.render.episode_sources import EpisodeSources, people_of, recorded_pictures
from publisher.render.picture_recipes import PictureRecipes, cover_image, with_addresses
from publisher.render.recording_recipe import publish_recording
from publisher.state.posts import readable_posts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from publisher.core.layout import Key
    from publisher.core.show_files import SourceFile
    from publisher.incremental_build.build import Build
    from publisher.load.config_tables import Config
    from publisher.load.schedule import Publication, Recorded
    from publisher.load.show_source import ShowSource
    from publisher.render.items_cache import ItemsCache
    from publisher.render.notes_cache import NotesCache
    from publisher.state.published_episodes import PublishedAlternate
    from publisher.state.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a composition is made with: `make_copy` writes the published copy of a recording and measures it, `measure_other` gives
    the facts of other encodings, `accent` the colour of a picture; `notes` remembers those rendered before, `items` those of the feed, the folder `cues` those read;
    `stored_answers` reads what the storage has of the answers to an episode's posts.
    """

    make_copy: Callable[[EpisodeSources, Path], tuple[Path, AudioFacts]]
    measure_other: Callable[[Path], AudioFacts]
    accent: Callable[[SourceFile], str]
    notes: NotesCache | None = None
    items: ItemsCache | None = None
    cues: Path | None = None
    stored_answers: Callable[[str], bytes | None] = lambda _slug: None


@dataclass(frozen=True, kw_only=True)
class Composition:
    """A show with its pictures and recordings. `episodes` are newest first, `findings` what is wrong and belongs to no recipe,
    `thumbs` the smallest copies of pictures by the key of the picture.
    """

    source: ShowSource
    build: Build
    tools: Tools
    links: Links
    artwork: tuple[Made, ...]
    portraits: Mapping[str, Made]
    images: Mapping[str, Made]
    thumbs: Mapping[Key, Made]
    episodes: tuple[EpisodeSources, ...]
    recordings: Mapping[str, EpisodeRecordings]
    live: tuple[LiveItem, ...]
    findings: tuple[Finding, ...]

    @property
    def config(self) -> Config:
        """The config as written."""
        return self.source.config

    @property
    def listed(self) -> list[EpisodeSources]:
        """The episodes that feed, lists and search show: all but the unlisted ones, newest first."""
        return [episode for episode in self.episodes if not episode.source.written.unlisted]

    @cached_property
    def settings_digest(self) -> str:
        """Everything in config.toml that can show in feed or pages, and the pictures it names."""
        return settings_digest(self.source)

    @cached_property
    def accent(self) -> str:
        """The one colour: as written, else from the artwork, else ours."""
        if self.config.site.accent:
            return self.config.site.accent
        artwork = self.source.artwork if self.artwork else None
        return self.tools.accent(artwork) if artwork is not None else ACCENT

    @property
    def feed_url(self) -> str:
        """The address listeners subscribe to."""
        return self.config.feed_url

    @cached_property
    def show(self) -> Show:
        """The channel without its episodes."""
        show = self.config.show
        return Show(
            written=show.model_copy(update={"images": with_addresses(show.images, self.images, self.links)}),
            guid=self.source.guid,
            link=show.link or self.config.site.home or self.links.absolute(layout.HOME),
            feed_url=self.feed_url,
            image=cover_image(self.artwork[0], self.links) if self.artwork else Image(url=""),
            people=people_of(show.hosts, (), self.config, self.portraits, self.links),
            directory=self.config.people,
            live=self.live,
            seasons={int(number): season for number, season in self.config.seasons.items()},
        )

    def show_of(self, contents: Iterable[EpisodeContent]) -> Show:
        """The channel with these episodes."""
        return replace(self.show, episodes=tuple(content.for_once().episode for content in contents))

    def content(self, sources: EpisodeSources, documents: EpisodeDocuments) -> EpisodeContent:
        """An episode with the documents made of it."""
        return EpisodeContent(sources=sources, recordings=self.recordings[sources.slug], documents=documents, notes_cache=self.tools.notes)

    def documents(self, sources: EpisodeSources) -> EpisodeDocuments:
        """The recipes of an episode's transcripts and chapters."""
        if sources.source.served is not None:
            return self._served(sources)
        transcripts = sources.transcripts.make(self.build)
        inputs = self._text_inputs(sources)
        name = recipe_name("chapters", sources.slug)

        def chapters() -> Iterable[Artifact | Finding]:
            from feed.chapters.reading import chapters_author
            from feed.chapters.writing import write_json

            text = sources.text
            yield from text.findings
            if text.chapters:
                file = sources.source.chapters_file
                author = chapters_author(file.read()) if file is not None else ""
                body = write_json(text.chapters, title=sources.source.written.title, show=self.config.show.title, author=author)
                yield artifact(layout.chapters(sources.slug, hashed(body)), body, Phase.DOCUMENT)

        found = self.build.make(name, inputs, chapters)
        names = (*transcripts, *sources.covers, *sources.images.values(), *self.portraits.values(), *found)
        return EpisodeDocuments(
            transcripts=transcripts,
            chapters=found[0] if found else None,
            digest=digest_json([inputs, [item.key for item in names]]),
            fingerprint=self.build.site[name].fingerprint,
        )

    def _served(self, sources: EpisodeSources) -> EpisodeDocuments:
        """The documents of an episode that stays as listeners have it."""
        made = self.build.remembered_of(sources.slug)
        transcripts, chapters = (made.get(recipe_name(kind, sources.slug), ()) for kind in (TRANSCRIPT, "chapters"))
        digest = digest_json(["served", self._text_inputs(sources), [item.key for found in made.values() for item in found]])
        return EpisodeDocuments(transcripts=transcripts, chapters=chapters[0] if chapters else None, digest=digest, fingerprint="")

    def _text_inputs(self, sources: EpisodeSources) -> list[object]:
        """Everything that text, chapters and people of an episode come from."""
        source = sources.source
        recordings = self.recordings[sources.slug]
        audio = recordings.audio
        facts: list[object] = [audio.place, audio.facts.size, audio.facts.duration, audio.facts.type]
        facts += [[item.key, item.bitrate, item.integrity] for item in recordings.alternates_published]
        facts += [made.key for made in sources.images.values()]
        in_audio = [[item.start, item.title, item.end, item.url, item.image, item.toc] for item in sources.recorded.own_chapters]
        return [
            source.digest,
            source.chapters_file.digest if source.chapters_file else "",
            facts,
            in_audio,
            sources.recorded.date.isoformat(),
            source.guid,
            sources.slug,
            self.settings_digest,
            *([post.address] for post in sources.posts),
        ]


def settings_digest(source: ShowSource) -> str:
    """Of everything in config.toml that can show in feed or pages, and the pictures it names."""
    pictures = [file.digest for file in (*source.images.values(), *source.season_artwork.values())]
    config = source.config.model_dump(mode="json", exclude={"storage", "publish", "cdn", "announce", "check", "comments"})
    config["comments"] = source.config.comments.close_after
    config["live"] = [config["live"][item.index] for item in source.streams]
    return digest_json([config, pictures])


def compose(source: ShowSource, state: State, publication: Publication, tools: Tools, build: Build) -> Composition:
    """Make pictures, then recordings and other encodings."""
    config = source.config
    links = Links(config.site.url, layout.HOME, config.site.pretty_urls)
    pictures = PictureRecipes(build)
    artwork = pictures.cover("artwork", layout.ARTWORK, source.artwork) if source.artwork is not None else ()
    portraits = {
        person: made[0]
        for person, file in sorted(source.people_images.items())
        if (made := pictures.portrait(recipe_name("art", "person", person), layout.of_person(person), file))
    }
    images = {
        name: made
        for name, file in sorted(source.images.items())
        for made in pictures.image(recipe_name("art", "image", name), layout.OF_SHOW, file)
    }
    used = {item.source.written.season for item in publication.episodes}
    seasons = {
        number: pictures.cover(recipe_name("art", "season", number), layout.of_season(number), file)
        for number, file in sorted(source.season_artwork.items())
        if number in used
    }
    episodes = [
        EpisodeSources(
            recorded=item,
            config=config,
            links=links,
            duration=item.facts.duration,
            artwork=source.season_artwork.get(item.source.written.season or 0, source.artwork),
            covers=_covers(item, pictures, seasons),
            images=_images(item, pictures),
            portraits=portraits,
            cues_cache=tools.cues,
            posts=readable_posts(state, item.slug, item.source.guid),
        )
        for item in publication.episodes
    ]
    thumbs = _thumbs_of_show(source, artwork, portraits, pictures)
    for episode in episodes:
        thumbs |= _thumbs(episode, pictures)
    findings = pictures.findings
    recordings = {}
    for place, episode in enumerate(episodes):
        audio = publish_recording(replace(episode), build, tools.make_copy)  # what its tags were read from is let go with it
        enclosures, others = publish_alternates(
            episode,
            build,
            _alternates_before(episode, state),
            libraries=source.file.libraries,
            measure=tools.measure_other,
            findings=findings,
        )
        if episode.source.served is not None:
            others = tuple(_alternates_before(episode, state).values())
        recordings[episode.slug] = EpisodeRecordings(audio=audio, alternates=enclosures, alternates_published=others)
        if audio.facts.duration != episode.duration:
            episodes[place] = replace(episode, duration=audio.facts.duration)
    live = live_items(source, portraits, links, findings)
    return Composition(
        source=source,
        build=build,
        tools=tools,
        links=links,
        artwork=artwork,
        portraits=portraits,
        images=images,
        thumbs=thumbs,
        episodes=tuple(episodes),
        recordings=recordings,
        live=live,
        findings=tuple(findings),
    )


def _images(item: Recorded, pictures: PictureRecipes) -> dict[str, Made]:
    """The pictures of an episode's folder, and those that the chapters inside its recording show, by name."""
    made = {
        file.name: pictures.image(recipe_name("image", item.slug, file.name), item.slug, file, episode=item.slug)
        for file in item.source.images
    }
    for picture in recorded_pictures(item):
        told_at = item.source.told_at(item.recording)
        recipe = recipe_name("image", item.slug, picture.name)
        made[picture.name] = pictures.recorded(recipe, item.slug, picture, file=told_at, episode=item.slug)
    return {name: found[0] for name, found in made.items() if found}


def _thumbs_of_show(
    source: ShowSource, artwork: tuple[Made, ...], portraits: Mapping[str, Made], pictures: PictureRecipes
) -> dict[Key, Made]:
    """The smallest copies of the artwork and of portraits."""
    made = {portrait.key: _thumb_of_person(source, person, pictures) for person, portrait in portraits.items()}
    if source.artwork is not None and artwork:
        made[artwork[0].key] = pictures.thumb(recipe_name("art", "thumb", layout.ARTWORK), layout.ARTWORK, source.artwork)
    return {key: thumb for key, thumb in made.items() if thumb is not None}


def _thumb_of_person(source: ShowSource, person: str, pictures: PictureRecipes) -> Made | None:
    return pictures.thumb(recipe_name("art", "person", person, "thumb"), layout.of_person(person), source.people_images[person])


def _thumbs(episode: EpisodeSources, pictures: PictureRecipes) -> dict[Key, Made]:
    """The smallest copies of the pictures of an episode's chapters; where chapters come from a file, of all pictures in its folder."""
    item = episode.recorded
    shown = {chapter.image for chapter in item.source.written.chapters}
    files = [file for file in item.source.images if file.name in shown or item.source.chapters_file is not None]
    made = {
        whole.key: pictures.thumb(recipe_name("thumb", item.slug, file.name), item.slug, file)
        for file in (*files, *recorded_pictures(item))
        if (whole := episode.images.get(file.name)) is not None
    }
    return {key: thumb for key, thumb in made.items() if thumb is not None}


def _covers(item: Recorded, pictures: PictureRecipes, seasons: Mapping[int, tuple[Made, ...]]) -> tuple[Made, ...]:
    """An episode's own cover, else its season's."""
    cover = item.source.cover
    if item.source.served is not None and (own := pictures.remembered(recipe_name("art", item.slug))):
        return own
    if cover is None:
        return seasons.get(item.source.written.season or 0, ())
    return pictures.cover(recipe_name("art", item.slug), item.slug, cover, episode=item.slug)


def _alternates_before(episode: EpisodeSources, state: State) -> Mapping[str, PublishedAlternate]:
    """The other encodings that were published, by the name of their file: they are known without their files."""
    before = state.episodes.get(episode.slug)
    return {item.name: item for item in before.alternates} if before is not None and before.guid == episode.source.guid else {}


def live_items(source: ShowSource, portraits: Mapping[str, Made], links: Links, findings: list[Finding]) -> tuple[LiveItem, ...]:
    """Live streams; times without an offset are in the show's time zone, and the show's hosts are there where none are named."""
    config = source.config
    found = []
    for stream in source.streams:
        table, times = stream.written, {}
        for key in ("start", "end"):
            written = getattr(table, key)
            try:
                times[key] = written and resolve_date(written, config.show.timezone, None)
            except ContentFault as fault:
                place = error_at(source.file.path.name)
                findings.append(place(fault.code, fault.message, source.file.line("live", stream.index, key), fault.hint))
        hosts = config.show.hosts if table.hosts is None else table.hosts
        people = people_of(hosts, table.guests, config, portraits, links)
        found.append(LiveItem(written=table.model_copy(update=times), people=people))
    return tuple(found)
