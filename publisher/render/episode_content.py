"""One episode as feed and pages are written from it: what can be read of it, its published recordings, and the documents beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from feed.model import Chapter, Document, Enclosure, Episode, Notes
from feed.schema.tags import SocialTable
from publisher.core import layout
from publisher.render.episode_sources import EpisodeText
from publisher.render.packed_text import packed, unpacked
from publisher.render.picture_recipes import cover_image, with_addresses
from publisher.state.published_episodes import AudioElsewhere

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feed.schema.episode import FrontMatter
    from publisher.core.layout import Key
    from publisher.incremental_build.artifacts import Made
    from publisher.load.schedule import Recorded
    from publisher.load.show_source import EpisodeSource
    from publisher.render.episode_sources import EpisodeSources
    from publisher.render.notes_cache import NotesCache
    from publisher.state.published_episodes import Post, PublishedAlternate, PublishedAudio

NO_TEXT = packed(EpisodeText(notes=Notes(page="", apps="", text="", summary=""), chapters=()))


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeRecordings:
    """An episode's published recording and its other encodings, as the feed names them and as State remembers them."""

    audio: PublishedAudio | AudioElsewhere
    alternates: tuple[Enclosure, ...] = ()
    alternates_published: tuple[PublishedAlternate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeDocuments:
    """What was made of an episode's texts. `digest` changes with anything feed and lists show of it, `fingerprint` is that of notes
    and chapters, and `text` are these, packed, where they were rendered now. One process sends it to another.
    """

    transcripts: tuple[Made, ...]
    chapters: Made | None
    digest: str
    fingerprint: str
    text: bytes = b""


@dataclass(frozen=True, kw_only=True)
class EpisodeContent:
    """One episode, ready for feed and pages."""

    sources: EpisodeSources
    recordings: EpisodeRecordings
    documents: EpisodeDocuments
    notes_cache: NotesCache | None = None

    @property
    def recorded(self) -> Recorded:
        """The episode with its recording, as the schedule has it."""
        return self.sources.recorded

    @property
    def source(self) -> EpisodeSource:
        """The episode as it lies in the folder."""
        return self.sources.source

    @property
    def slug(self) -> str:
        """Of its addresses."""
        return self.sources.slug

    @property
    def key(self) -> Key:
        """The key of the episode's page."""
        return self.sources.key

    @property
    def audio(self) -> PublishedAudio | AudioElsewhere:
        """The published recording."""
        return self.recordings.audio

    @property
    def duration(self) -> float:
        """Seconds of the published recording."""
        return self.audio.facts.duration

    @property
    def images(self) -> Mapping[str, Made]:
        """Further pictures, by the name of their file."""
        return self.sources.images

    @property
    def digest(self) -> str:
        """Changes with anything that feed and lists show of it."""
        return self.documents.digest

    @cached_property
    def text(self) -> EpisodeText:
        """Notes and chapters: rendered now, else remembered, else rendered after all."""
        documents = self.documents
        known = documents.text
        if not known and self.notes_cache is not None:
            known = self.notes_cache.get(self.slug, documents.fingerprint)
        return unpacked(known) or self.sources.text

    def with_text(self) -> EpisodeDocuments:
        """Its documents, with notes and chapters beside them."""
        return replace(self.documents, text=packed(self.text))

    def without_text(self) -> EpisodeContent:
        """The same without notes and chapters in memory: who asks for them once more waits for them."""
        return replace(self, documents=replace(self.documents, text=b""))

    def for_once(self) -> EpisodeContent:
        """The same, to be let go with all that is read and made of it: one of many."""
        return replace(self, sources=replace(self.sources))

    def wordless(self) -> EpisodeContent:
        """The same with neither notes nor chapters, for whom its names are enough."""
        return replace(self, documents=replace(self.documents, text=NO_TEXT))

    @property
    def notes(self) -> Notes:
        """The notes, rendered for page and apps."""
        return self.text.notes

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The one list of chapters that everything an app shows comes from."""
        return self.text.chapters

    @property
    def enclosure(self) -> Enclosure:
        """The recording as the feed names it."""
        facts, audio = self.audio.facts, self.audio
        return Enclosure(
            url=audio.url if isinstance(audio, AudioElsewhere) else self.sources.links.absolute(audio.key),
            length=facts.size,
            type=facts.type,
            duration=facts.duration,
            sha256=facts.sha256,
            bitrate=facts.bitrate,
            hosts=audio.hosts if isinstance(audio, AudioElsewhere) else (),
        )

    @cached_property
    def episode(self) -> Episode:
        """The value that feed and pages are written from."""
        sources = self.sources
        return Episode(
            written=self._written,
            slug=self.slug,
            guid=self.source.guid,
            date=self.recorded.date,
            link=sources.link,
            enclosure=self.enclosure,
            notes=self.notes,
            image=cover_image(sources.covers[0], sources.links) if sources.covers else None,
            people=sources.people,
            transcripts=tuple(self._document(made) for made in self.documents.transcripts),
            chapters=self.chapters,
            chapters_document=self._document(self.documents.chapters) if self.documents.chapters else None,
            alternates=self.recordings.alternates,
            discussion=self._discussion,
        )

    @property
    def _discussion(self) -> str:
        """Where the page shows comments and takes new ones, or did."""
        written = self.source.written
        talks = self.sources.config.site.comments is not None and written.comments is not False and written.comment_form != "none"
        return f"{self.sources.link}#comments" if talks else ""

    @property
    def _written(self) -> FrontMatter:
        """The front matter as the feed needs it: pictures have addresses, and the season's picture its name."""
        written = self.source.written
        update: dict[str, object] = {}
        if written.images:
            update["images"] = with_addresses(written.images, self.images, self.sources.links)
        season = self.sources.config.seasons.get(str(written.season))
        if self.source.cover is None and written.cover_alt is None and season is not None and season.artwork:
            update["cover_alt"] = season.name
        update |= _places_to_answer(written, self.sources.posts)
        return written.model_copy(update=update) if update else written

    def _document(self, made: Made) -> Document:
        return Document(
            url=self.sources.links.absolute(made.key),
            type=made.content_type.split(";")[0],
            language=layout.language_in(made.key) or self.sources.language,
            timed=not made.key.endswith(".txt"),
        )


def _places_to_answer(written: FrontMatter, posts: Sequence[Post]) -> dict[str, object]:
    """The keys of front matter that say where people answer, from the posts of ours: what is written wins, for each network."""
    protocols = {table.protocol for table in written.social}
    by_network = {post.network: post for post in posts if "disabled" not in protocols}
    found: dict[str, object] = {}
    mastodon, bluesky = by_network.get("mastodon"), by_network.get("bluesky")
    if mastodon is not None and written.fediverse is None and "activitypub" not in protocols:
        found["fediverse"] = mastodon.address
    if bluesky is not None and "atproto" not in protocols:
        found["social"] = (*written.social, SocialTable(protocol="atproto", uri=bluesky.address))
    return found
