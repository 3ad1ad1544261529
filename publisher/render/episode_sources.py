"""One episode as it can be read: its recording, pictures, transcripts, chapters and notes. What is costly is read when first asked for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from feed.findings import LEFT_OUT, ContentFault, Finding, Severity
from feed.model import Chapter, Cue, Notes, Person
from feed.schema.value_types import whole_number
from publisher.core import layout
from publisher.core.placeholders import NOTES
from publisher.load.named_files import is_address
from publisher.media.chapter_pictures import is_recorded, recorded_picture, with_pictures_of
from publisher.render.picture_recipes import picture_image
from publisher.render.transcripts import Transcripts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from publisher.core.addresses import Links
    from publisher.core.layout import Key
    from publisher.core.show_files import SourceFile
    from publisher.incremental_build.artifacts import Made
    from publisher.load.config_tables import Config
    from publisher.load.schedule import Recorded
    from publisher.load.show_source import EpisodeSource
    from publisher.media.chapter_pictures import RecordedPicture
    from publisher.media.tag_values import AudioTags
    from publisher.state.published_episodes import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeText:
    """Notes and chapters, rendered, and what is wrong with them."""

    notes: Notes
    chapters: tuple[Chapter, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EpisodeSources:
    """What can be read of one episode. `duration` is in seconds, `artwork` the picture of an episode without a cover of its own,
    `cues_cache` the folder for cues that were read.
    """

    recorded: Recorded
    config: Config
    links: Links
    duration: float
    artwork: SourceFile | None
    covers: tuple[Made, ...]
    images: Mapping[str, Made]
    portraits: Mapping[str, Made]
    cues_cache: Path | None = None
    posts: tuple[Post, ...] = ()
    """Where people answer: what was posted about it, and can be read."""

    @property
    def source(self) -> EpisodeSource:
        """The episode as it lies in the folder."""
        return self.recorded.source

    @property
    def slug(self) -> str:
        """Of its addresses."""
        return self.recorded.slug

    @property
    def key(self) -> Key:
        """The key of the episode's page."""
        return layout.episode_page(self.slug)

    @property
    def link(self) -> str:
        """The address of the episode's page."""
        return self.links.absolute(self.key)

    @property
    def language(self) -> str:
        """Of the spoken word: the episode's, else the show's."""
        return self.source.written.language or self.config.show.language

    # transcripts

    @cached_property
    def transcripts(self) -> Transcripts:
        """Its transcripts."""
        return Transcripts(
            slug=self.slug,
            files=self.source.transcripts,
            language=self.language,
            duration=self.duration,
            replacements=self.replacements,
            voices=self.voices,
            cache=self.cues_cache,
        )

    @property
    def replacements(self) -> Mapping[str, str]:
        """`[transcript.replace]` of the show, then of the episode."""
        own = self.source.written.transcript
        return {**self.config.transcript.replace, **(own.replace if own else {})}

    @property
    def voices(self) -> Mapping[str, str]:
        """What transcripts call people -> their names."""
        people = self.config.people
        own = self.source.written.transcript
        named = {voice: person.name for person in people.values() for voice in person.voices}
        named |= {**self.config.transcript.speakers, **(own.speakers if own else {})}
        return {voice: people[name].name if name in people else name for voice, name in named.items()}

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The transcript in the episode's own language."""
        return self.transcripts.cues

    # chapters and notes

    @cached_property
    def text(self) -> EpisodeText:
        """Notes and chapters."""
        findings: list[Finding] = []
        chapters = self._chapters(findings)
        return EpisodeText(notes=self._notes(chapters, findings), chapters=chapters, findings=tuple(findings))

    def _chapters(self, findings: list[Finding]) -> tuple[Chapter, ...]:
        """The one list of chapters that everything an app shows comes from."""
        from feed.chapters.choosing import choose_chapters, clean_chapters, link_sources, written_chapters
        from feed.chapters.in_notes import chapters_from_notes, list_not_taken
        from feed.chapters.reading import read_chapters

        sources: dict[str, tuple[Chapter, ...]] = {}
        try:
            sources["front matter"] = written_chapters(self.source.written.chapters)
        except ContentFault as fault:
            number = fault.line
            line = self.source.line("chapters", number - 1) if number else self.source.line("chapters")
            findings.append(self._finding(Severity.ERROR, fault.message, code=fault.code, line=line, hint=fault.hint))
        file = self.source.chapters_file
        if file is not None:
            try:
                data, language = file.read(), self.transcripts.language
                sources["chapters file"], remarks = read_chapters(data, language)
                findings += [self._finding(Severity.HINT, remark.message, code=remark.code, file=file.name) for remark in remarks]
            except ContentFault as fault:
                findings.append(fault.finding(file.name, episode=self.slug))
        sources["audio"] = self.recorded.own_chapters
        sources["notes"] = chapters_from_notes(self.source.notes)
        hours = "" if any(sources.values()) else list_not_taken(self.source.notes)
        if hours:
            message = f"the list of times that begins at {hours} is not taken for chapters: it could be hours of the day"
            hint = "a list of chapters begins at 0:00, or has hours, minutes and seconds: 00:09:00"
            findings.append(self._finding(Severity.HINT, message, code=LEFT_OUT, line=self.source.notes_offset + 1, hint=hint))
        _, chapters, disagreements = choose_chapters({name: found for name, found in sources.items() if found})
        findings += [self._finding(Severity.WARNING, words, code="chapters-disagree", line=1) for words in disagreements]
        chapters = with_pictures_of(chapters, self.recorded.own_chapters)
        linked = link_sources(clean_chapters(chapters, self.duration), self.source.written.sources)
        return tuple(self._with_picture(chapter, findings) for chapter in linked)

    def _with_picture(self, chapter: Chapter, findings: list[Finding]) -> Chapter:
        """A chapter whose picture has an address: a file of the folder the one it is published at; anything else has none."""
        if not chapter.image or is_address(chapter.image):
            return chapter
        made = self.images.get(chapter.image)
        if made is None and is_recorded(chapter.image):
            findings.append(
                self._finding(
                    Severity.WARNING,
                    f"the chapter “{chapter.title[:80]}” is shown without its picture: that is inside the recording, which is not here",
                    code="chapter-picture",
                    hint="publish it on the machine that has the recording, or name a file of the folder: image under [[chapters]]",
                )
            )
        elif made is None and not any(table.image == chapter.image for table in self.source.written.chapters):
            file = self.source.chapters_file
            findings.append(
                self._finding(
                    Severity.WARNING,
                    f"a chapter's picture is neither an address nor a file of the episode's folder: {chapter.image[:120]}",
                    code="chapter-picture",
                    file=file.name if file is not None else self.source.file,
                    hint="copy the picture into the folder, or mend its name; pictures elsewhere are named by their https address",
                )
            )
        return dataclasses.replace(chapter, image=self.links.absolute(made.key) if made is not None else "")

    def _notes(self, chapters: tuple[Chapter, ...], findings: list[Finding]) -> Notes:
        """The notes, rendered for page and apps."""
        from feed.notes import embedded_code, missing_alts

        for line, name in self._seen_in_notes(missing_alts, "!["):
            findings.append(
                self._finding(
                    Severity.WARNING,
                    f"a picture does not say what it shows: {name}",
                    code="image-alt",
                    line=line + self.source.notes_offset,
                    hint=f"for those who cannot see it: ![what it shows]({name})",
                )
            )
        for line, name in self._seen_in_notes(embedded_code, "<"):
            findings.append(
                self._finding(
                    Severity.WARNING,
                    f"the notes hold <{name}> code, and listeners see it as text: apps run none",
                    code="notes-code",
                    line=line + self.source.notes_offset,
                    hint="write a link to what it shows, or put it in `backticks` where the code itself is meant",
                )
            )
        if NOTES in self.source.notes:
            line = next((number for number, text in enumerate(self.source.notes.splitlines(), 1) if text.strip() == NOTES), 0)
            if line:
                hint = "say what it is about: apps show this text beside the episode"
                message = f"the notes are still the words that `publish new` wrote: {NOTES}"
                findings.append(
                    self._finding(Severity.WARNING, message, code="placeholder", line=line + self.source.notes_offset, hint=hint)
                )
        ai = self.config.show.ai
        try:
            return self._render(self.source.notes, chapters, (ai.disclosure or "") if ai and ai.content else "")
        except ContentFault as fault:
            findings.append(fault.finding(self.source.file, line_offset=self.source.notes_offset, episode=self.slug))
            return self._render("", chapters, "")

    def _seen_in_notes(self, look: Callable[[str], list[tuple[int, str]]], mark: str) -> list[tuple[int, str]]:
        """What `look` sees in notes that hold `mark`; nothing in those that cannot be rendered, which is told by itself."""
        try:
            return look(self.source.notes) if mark in self.source.notes else []
        except ContentFault:
            return []

    def _render(self, text: str, chapters: tuple[Chapter, ...], disclosure: str) -> Notes:
        from feed.notes import Appendix, render_notes

        return render_notes(
            text,
            summary=self.source.written.summary,
            base_url=self.links.absolute(layout.EPISODES),
            appendix=Appendix(
                chapters=chapters if self.config.chapters.in_notes else (),
                sources=self.source.written.sources,
                disclosure=disclosure,
            ),
            link=self.link,
            images={name: picture_image(made, self.links) for name, made in self.images.items()},
            duration=self.duration,
        )

    def _finding(self, severity: Severity, message: str, *, code: str, file: str = "", line: int = 0, hint: str = "") -> Finding:
        return Finding(
            code=code, severity=severity, message=message, file=file or self.source.file, line=line, hint=hint, episode=self.slug
        )

    # people, and the tags of the recording

    @property
    def tagged(self) -> bool:
        """Whether the recording is published as a copy with tags of ours, or as it is."""
        own = self.source.written.audio_tags
        return self.config.audio.tags if own is None else own

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Hosts, then guests. An item's people replace the show's in apps, so the hosts are always among them."""
        written = self.source.written
        hosts = written.hosts if written.hosts is not None else self.config.show.hosts
        return people_of(hosts, written.guests, self.config, self.portraits, self.links)

    def audio_tags(self) -> AudioTags:
        """What the published copy of the recording says of itself."""
        from publisher.media.tag_values import AudioTags

        written = self.source.written
        cover = self.source.cover if self.source.cover is not None else self.artwork
        return AudioTags(
            title=written.title,
            show=self.config.show.title,
            artist=", ".join(person.name for person in self.people) or written.author or self.config.show.author,
            number=whole_number(written.episode),
            season=written.season,
            date=self.recorded.date,
            language=self.language,
            link=self.link,
            description=self.text.notes.summary,
            cover=cover.read() if cover is not None else b"",
            chapters=self.text.chapters,
            chapter_images=self._chapter_images(),
        )

    def _chapter_images(self) -> dict[int, bytes]:
        """The chapters' pictures that are files of the folder, by the chapter's position."""
        names = {self.links.absolute(made.key): name for name, made in self.images.items()}
        files = {file.name: file for file in (*self.source.images, *recorded_pictures(self.recorded))}
        return {place: files[names[chapter.image]].read() for place, chapter in enumerate(self.text.chapters) if chapter.image in names}


def recorded_pictures(item: Recorded) -> list[RecordedPicture]:
    """The pictures that the chapters inside an episode's recording show."""
    names = dict.fromkeys(chapter.image for chapter in item.own_chapters if is_recorded(chapter.image))
    return [recorded_picture(name, item.recording or item.source.folder, item.source.root) for name in names]


def people_of(
    hosts: Sequence[str], guests: Sequence[str], config: Config, portraits: Mapping[str, Made], links: Links
) -> tuple[Person, ...]:
    """Hosts, then guests, each by id of `[people]` or by plain name; who has no role written is what they are named as."""
    named = [(name, role) for role, names in (("host", hosts), ("guest", guests)) for name in names]
    return tuple(_person(name, role, config, portraits, links) for name, role in named)


def _person(name: str, named_as: str, config: Config, portraits: Mapping[str, Made], links: Links) -> Person:
    from feed.podcasting20.word_lists import group_of

    table = config.people.get(name)
    if table is None:
        return Person(name=name, role=named_as)
    role = table.role or named_as
    image = links.absolute(portraits[name].key) if name in portraits else table.image or ""
    return Person(
        name=table.name,
        id=name,
        role=role,
        group=table.group or group_of(role),
        image=image if "://" in image else "",
        url=table.url or "",
    )
