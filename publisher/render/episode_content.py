"""One episode on its way from the folder to feed and page. What is costly is made when it is first asked for."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault, Finding, Severity
from feed.model import Document, Enclosure, Episode, Person
from feed.schema.values import whole_number
from publisher.core import layout
from publisher.load.named_files import is_address
from publisher.render.pictures import picture_of, with_addresses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from feed.model import Chapter, Cue, Notes
    from feed.schema.episode import FrontMatter
    from feed.transcript import Reading, Replacement
    from publisher.core.addresses import Links
    from publisher.core.layout import Key
    from publisher.core.show_files import SourceFile
    from publisher.load.config import Config
    from publisher.load.schedule import Recorded
    from publisher.load.source import EpisodeSource
    from publisher.media.tag_values import AudioTags
    from publisher.recipes.artifacts import Made
    from publisher.state.ledger import PublishedAlternate, PublishedAudio


class EpisodeContent:
    """What can be derived of one episode: cues, chapters, notes, and the value that feed and pages are written from.

    `links` makes addresses; `findings` collects what is wrong with transcript, chapters and notes. The `Made` fields are
    filled in by the renderer as the objects get their names.
    """

    def __init__(
        self, recorded: Recorded, config: Config, links: Links, findings: list[Finding], artwork: SourceFile | None = None
    ) -> None:
        self.recorded = recorded
        self.source: EpisodeSource = recorded.source
        self.slug = recorded.slug
        self.audio: PublishedAudio | None = recorded.audio
        self.transcripts: tuple[Made, ...] = ()
        self.chapters_made: Made | None = None
        self.covers: tuple[Made, ...] = ()
        self.images: Mapping[str, Made] = {}
        self.portraits: Mapping[str, Made] = {}
        self.alternates: tuple[Enclosure, ...] = ()
        self.alternates_published: tuple[PublishedAlternate, ...] = ()
        self.digest = ""
        self.recall: Callable[[], Mapping[str, Any]] = dict
        """What an earlier run made of the very same text: `notes` and `chapters`, or nothing."""
        self._config = config
        self._links = links
        self._artwork = artwork
        self._findings = findings

    @property
    def duration(self) -> float:
        """Seconds of the published audio, or of the recording it will be made of."""
        return self.audio.facts.duration if self.audio is not None else self.recorded.facts.duration

    @property
    def key(self) -> Key:
        """The key of the episode's page."""
        return layout.episode_page(self.slug)

    @property
    def link(self) -> str:
        """The address of the episode's page."""
        return self._links.absolute(self.key)

    @property
    def language(self) -> str:
        """Of the spoken word: the episode's, else the show's."""
        return self.source.written.language or self._config.show.language

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """Every transcript that could be read, by language ("" is the episode's own), repaired and mended."""
        from feed.transcript import Reading, apply_replacements, read_transcript

        found = {}
        for file in self.source.transcripts:
            try:
                reading = read_transcript(file.read(), duration=self.duration)
            except ContentFault as fault:
                self._fault(fault, file)
                continue
            cues, replacements = apply_replacements(reading.cues, self.replacements, self.voices)
            self._tell_repairs(file, reading, replacements)
            found[file.language] = Reading(form=reading.form, language=reading.language, cues=cues, repairs=reading.repairs)
        return found

    def _tell_repairs(self, file: SourceFile, reading: Reading, replacements: tuple[Replacement, ...]) -> None:
        """One hint for all that was repaired, one for all that was replaced, and a word on a language that is another one."""

        def place(code: str, severity: Severity, message: str, hint: str) -> None:
            self._findings.append(Finding(code=code, severity=severity, message=message, file=file.name, hint=hint, episode=self.slug))

        if reading.repairs:
            done = "; ".join(f"{item.name} ({item.count})" for item in reading.repairs)
            place("transcript-repaired", Severity.HINT, f"repaired: {done}", f"the first: {reading.repairs[0].example[:120]}")
        if replacements:
            done = ", ".join(f"{item.wrong} → {item.right} ({item.count})" for item in replacements[:10])
            place("transcript-replaced", Severity.HINT, f"replaced: {done}", "[transcript.replace] says so")
        said, meant = reading.language.lower(), (file.language or self.language).lower()
        if len(said.split("-")[0]) == 2 and said.split("-")[0] != meant.split("-")[0]:
            name = f"transcript.{reading.language}.{file.path.suffix[1:]}"
            place(
                "transcript-language",
                Severity.WARNING,
                f"the file says it is in `{said}`, its name that it is in `{meant}`",
                f"call it {name}",
            )

    @property
    def replacements(self) -> Mapping[str, str]:
        """`[transcript.replace]` of the show, then of the episode."""
        own = self.source.written.transcript
        return {**self._config.transcript.replace, **(own.replace if own else {})}

    @property
    def voices(self) -> Mapping[str, str]:
        """What transcripts call people -> their names."""
        people = self._config.people
        own = self.source.written.transcript
        named = {voice: person.name for person in people.values() for voice in person.voices}
        named |= {**self._config.transcript.speakers, **(own.speakers if own else {})}
        return {voice: people[name].name if name in people else name for voice, name in named.items()}

    @property
    def cues(self) -> tuple[Cue, ...]:
        """Of the episode's own language (else of the first transcript there is)."""
        readings = self.readings
        if not readings:
            return ()
        for language in ("", self.language, self.language.split("-")[0]):
            if language in readings:
                return readings[language].cues
        return next(iter(readings.values())).cues

    @cached_property
    def _recalled(self) -> Mapping[str, Any]:
        return self.recall()

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """The one list of chapters that everything an app shows comes from."""
        if "chapters" in self._recalled:
            known: tuple[Chapter, ...] = self._recalled["chapters"]
            return known
        from feed.chapters import chapters_from_notes, choose_chapters, clean_chapters, link_sources, read_chapters, written_chapters

        sources: dict[str, tuple[Chapter, ...]] = {}
        try:
            sources["front matter"] = written_chapters(self.source.written.chapters)
        except ContentFault as fault:
            number = fault.line
            line = self.source.line("chapters", number - 1) if number else self.source.line("chapters")
            self._findings.append(
                Finding(
                    code=fault.code,
                    severity=Severity.ERROR,
                    message=fault.message,
                    file=self.source.file,
                    line=line,
                    hint=fault.hint,
                    episode=self.slug,
                )
            )
        file = self.source.chapters_file
        if file is not None:
            try:
                sources["chapters file"] = read_chapters(file.read())
            except ContentFault as fault:
                self._fault(fault, file)
        sources["audio"] = self.recorded.own_chapters
        sources["notes"] = chapters_from_notes(self.source.notes)
        _, chapters, disagreements = choose_chapters({name: found for name, found in sources.items() if found})
        for words in disagreements:
            self._findings.append(
                Finding(
                    code="chapters-disagree", severity=Severity.WARNING, message=words, file=self.source.file, line=1, episode=self.slug
                )
            )
        linked = link_sources(clean_chapters(chapters, self.duration), self.source.written.sources)
        return tuple(self._with_picture(chapter) for chapter in linked)

    def _with_picture(self, chapter: Chapter) -> Chapter:
        """A chapter whose picture has an address: a file of the folder the one it is published at; anything else has none."""
        if not chapter.image or is_address(chapter.image):
            return chapter
        made = self.images.get(chapter.image)
        if made is None and not any(table.image == chapter.image for table in self.source.written.chapters):
            file = self.source.chapters_file
            self._findings.append(
                Finding(
                    code="chapter-picture",
                    severity=Severity.WARNING,
                    message=f"a chapter's picture is no address: {chapter.image[:120]}",
                    file=file.name if file is not None else self.source.file,
                    hint="name pictures of the folder in [[chapters]] of episode.md, and elsewhere by their https address",
                    episode=self.slug,
                )
            )
        return dataclasses.replace(chapter, image=self._links.absolute(made.key) if made is not None else "")

    @cached_property
    def notes(self) -> Notes:
        """The notes, rendered for page and apps."""
        if "notes" in self._recalled:
            known: Notes = self._recalled["notes"]
            return known
        from feed.notes import missing_alts

        for line, name in missing_alts(self.source.notes) if "![" in self.source.notes else ():
            self._findings.append(
                Finding(
                    code="image-alt",
                    severity=Severity.WARNING,
                    message=f"a picture does not say what it shows: {name}",
                    file=self.source.file,
                    line=line + self.source.notes_offset,
                    hint=f"for those who cannot see it: ![what it shows]({name})",
                    episode=self.slug,
                )
            )
        ai = self._config.show.ai
        written = self.source.written
        try:
            return self._render(self.source.notes, written.summary, (ai.disclosure or "") if ai and ai.content else "")
        except ContentFault as fault:
            self._findings.append(fault.finding(self.source.file, line_offset=self.source.notes_offset, episode=self.slug))
            return self._render("", written.summary, "")

    def _render(self, text: str, summary: str | None, disclosure: str) -> Notes:
        from feed.notes import Appendix, render_notes

        return render_notes(
            text,
            summary=summary,
            base_url=self._links.absolute(layout.EPISODES),
            appendix=Appendix(
                chapters=self.chapters if self._config.chapters.in_notes else (),
                sources=self.source.written.sources,
                disclosure=disclosure,
            ),
            link=self.link,
            images={name: picture_of(made, self._links) for name, made in self.images.items()},
            duration=self.duration,
        )

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Hosts, then guests. An item's people replace the show's in apps, so the hosts are always among them."""
        written = self.source.written
        hosts = written.hosts if written.hosts is not None else self._config.show.hosts
        return tuple(person_of(name, self._config, self.portraits, self._links) for name in (*hosts, *written.guests))

    @cached_property
    def episode(self) -> Episode:
        """The value that feed and pages are written from."""
        if self.audio is None:
            raise ValueError(f"the recording of {self.slug} has no address yet")
        facts = self.audio.facts
        return Episode(
            written=self._written,
            slug=self.slug,
            guid=self.source.guid,
            date=self.recorded.date,
            link=self.link,
            enclosure=Enclosure(
                url=self._links.absolute(self.audio.key),
                length=facts.size,
                type=facts.type,
                duration=facts.duration,
                sha256=facts.sha256,
                bitrate=facts.bitrate,
            ),
            notes=self.notes,
            image=picture_of(self.covers[0], self._links) if self.covers else None,
            people=self.people,
            transcripts=tuple(self._document(made) for made in self.transcripts),
            chapters=self.chapters,
            chapters_document=self._document(self.chapters_made) if self.chapters_made else None,
            alternates=self.alternates,
        )

    @property
    def _written(self) -> FrontMatter:
        """The front matter as the feed needs it: pictures have addresses, and the season's picture its name."""
        written = self.source.written
        update: dict[str, Any] = {}
        if written.images:
            update["images"] = with_addresses(written.images, self.images, self._links)
        season = self._config.seasons.get(str(written.season))
        if self.source.cover is None and written.cover_alt is None and season is not None and season.artwork:
            update["cover_alt"] = season.name
        return written.model_copy(update=update) if update else written

    def audio_tags(self) -> AudioTags:
        """What the published copy of the recording says of itself."""
        from publisher.media.tag_values import AudioTags

        written = self.source.written
        cover = self.source.cover if self.source.cover is not None else self._artwork
        return AudioTags(
            title=written.title,
            show=self._config.show.title,
            artist=", ".join(person.name for person in self.people) or self._config.show.author,
            number=whole_number(written.episode),
            season=written.season,
            date=self.recorded.date,
            language=self.language,
            link=self.link,
            description=self.notes.summary,
            cover=cover.read() if cover is not None else b"",
            chapters=self.chapters,
            chapter_images=self._chapter_images(),
        )

    def _chapter_images(self) -> dict[int, bytes]:
        """The chapters' pictures that are files of the folder, by the chapter's position."""
        names = {self._links.absolute(made.key): name for name, made in self.images.items()}
        files = {file.name: file for file in self.source.images}
        return {place: files[names[chapter.image]].read() for place, chapter in enumerate(self.chapters) if chapter.image in names}

    def give(self) -> dict[str, Any]:
        """What was derived of this episode, to be sent from one process to another (cues apart: they are many)."""
        kept = ("transcripts", "chapters_made", "digest", "chapters", "notes")
        return {name: self.__dict__[name] for name in kept if name in self.__dict__}

    @property
    def fresh(self) -> tuple[Notes, tuple[Chapter, ...]] | None:
        """Notes and chapters that were rendered now, not recalled."""
        if "notes" not in self.__dict__ or "chapters" not in self.__dict__ or self._recalled:
            return None
        return self.notes, self.chapters

    def forget(self) -> None:
        """Let go of the cues: hundreds of values that are needed no more, or read again."""
        self.__dict__.pop("readings", None)

    def take(self, derived: dict[str, Any]) -> None:
        """What another process derived."""
        self.__dict__.update(derived)

    def _document(self, made: Made) -> Document:
        return Document(
            url=self._links.absolute(made.key),
            type=made.content_type.split(";")[0],
            language=layout.language_in(made.key) or self.language,
            timed=not made.key.endswith(".txt"),
        )

    def _fault(self, fault: ContentFault, file: SourceFile) -> None:
        self._findings.append(fault.finding(file.name, episode=self.slug))


def person_of(name: str, config: Config, portraits: Mapping[str, Made], links: Links) -> Person:
    """Someone by id of `[people]`, or by plain name (then a guest)."""
    from feed.taxonomy import group_of

    table = config.people.get(name)
    if table is None:
        return Person(name=name, role="guest")
    image = links.absolute(portraits[name].key) if name in portraits else table.image or ""
    return Person(
        name=table.name,
        id=name,
        role=table.role,
        group=table.group or group_of(table.role),
        image=image if "://" in image else "",
        url=table.url or "",
    )
