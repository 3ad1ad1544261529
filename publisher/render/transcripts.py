"""An episode's transcripts: read and mended, written in every form that apps read, and judged as they read them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from feed.findings import ContentFault, Finding, Severity
from feed.model import Cue
from publisher.core import layout
from publisher.core.local_cache import CacheFile
from publisher.core.media_types import content_type, mime_type
from publisher.incremental_build.artifacts import FOREVER, Artifact, Made, Phase, artifact, hashed
from publisher.incremental_build.build import Build, fingerprint_of
from publisher.incremental_build.findings_memory import as_rows, read_rows
from publisher.incremental_build.recipe_names import TRANSCRIPT, recipe_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from feed.transcript.reading import TranscriptReading
    from feed.transcript.replacements import Replacement
    from publisher.core.show_files import SourceFile

MADE_BY = (
    "feed/text_cleaning.py",
    "feed/text_decoding.py",
    "feed/rules/parsing.py",
    "feed/rules/rulebook.py",
    "feed/rules/transcripts.py",
    "feed/times.py",
    "feed/transcript",
    "feed/word_boundaries.py",
    "publisher/render/transcripts.py",
)
"""The code that makes transcripts: when other code changes, none is made anew."""
FORMS = ("vtt", "json", "srt", "txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The cues of every transcript that could be read, by language ("" is the episode's own), and what is wrong with the files."""

    cues: Mapping[str, tuple[Cue, ...]]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Transcripts:
    """The transcripts of one episode, and all that they are made of: their `files`, the seconds of the recording (`duration`),
    what is replaced in them and what they call people (`voices`). Cues that were read are kept in the folder `cache`.
    """

    slug: str
    files: tuple[SourceFile, ...]
    language: str
    duration: float
    replacements: Mapping[str, str]
    voices: Mapping[str, str]
    cache: Path | None = None

    @property
    def cues(self) -> tuple[Cue, ...]:
        """Of the episode's own language (else of the first transcript there is)."""
        cues = self.readings.cues if self.files else {}
        for language in ("", self.language, self.language.split("-")[0]):
            if language in cues:
                return cues[language]
        return next(iter(cues.values()), ())

    @cached_property
    def readings(self) -> Readings:
        """Every transcript, repaired and mended: remembered, else read."""
        if self.cache is None:
            return self._read()
        kept = CacheFile(self.cache / f"{self.slug}.json", fingerprint_of(self._name, self._inputs, MADE_BY))
        readings = _unpacked(kept.read())
        if readings is None:
            readings = self._read()
            self.cache.mkdir(exist_ok=True)
            kept.write(_packed(readings))
        return readings

    def make(self, build: Build) -> tuple[Made, ...]:
        """The recipe of all forms, with what is wrong with the files and with the forms."""
        return build.make(self._name, self._inputs, self._render, MADE_BY) if self.files else ()

    @property
    def _name(self) -> str:
        return recipe_name(TRANSCRIPT, self.slug)

    @property
    def _inputs(self) -> list[object]:
        files = [[file.name, file.digest, file.language] for file in self.files]
        return [files, _forms(), FOREVER, self.duration, self.replacements, self.voices, self.language]

    def _render(self) -> Iterable[Artifact | Finding]:
        from feed.rules.transcripts import TRANSCRIPTS, TranscriptContext
        from feed.transcript import writers

        yield from self.readings.findings
        write: dict[str, Callable[[Sequence[Cue]], str]]
        write = {"vtt": writers.write_vtt, "json": writers.write_json, "srt": writers.write_srt, "txt": writers.write_text}
        names = {file.language: file.name for file in self.files}
        for language, cues in self.readings.cues.items():
            for form in FORMS:
                text = write[form](cues)
                made = artifact(layout.transcript(self.slug, language, hashed(text), form), text, Phase.DOCUMENT)
                yield made
                for broken in TRANSCRIPTS.check(TranscriptContext(text=text, type=mime_type(made.key), duration=self.duration)):
                    severity = broken.severity or Severity.ERROR
                    yield self._finding(names[language], broken.code, severity, broken.message, broken.hint)

    def _read(self) -> Readings:
        from feed.transcript.reading import read_transcript
        from feed.transcript.replacements import apply_replacements

        found = {}
        findings: list[Finding] = []
        for file in self.files:
            try:
                reading = read_transcript(file.read(), duration=self.duration, language=file.language or self.language)
            except ContentFault as fault:
                findings.append(fault.finding(file.name, episode=self.slug))
                continue
            found[file.language], replacements = apply_replacements(reading.cues, self.replacements, self.voices)
            findings += self._remarks(file, reading, replacements)
        return Readings(cues=found, findings=tuple(findings))

    def _remarks(self, file: SourceFile, reading: TranscriptReading, replacements: tuple[Replacement, ...]) -> Iterator[Finding]:
        """A hint for each guess and for what was left out, one for all that was repaired, one for all that was replaced, and a warning
        where the language is another one.
        """
        for code, message in reading.remarks:
            yield self._finding(file.name, code, Severity.HINT, message, "`publish explain " + code + "`")
        if reading.repairs:
            done = "; ".join(f"{item.name} ({item.count})" for item in reading.repairs)
            first = f"the first: {reading.repairs[0].example[:120]}"
            yield self._finding(file.name, "transcript-repaired", Severity.HINT, f"repaired: {done}", first)
        if replacements:
            done = ", ".join(f"{item.wrong} → {item.right} ({item.count})" for item in replacements[:10])
            yield self._finding(file.name, "transcript-replaced", Severity.HINT, f"replaced: {done}", "[transcript.replace] says so")
        inside, named = reading.language.lower(), (file.language or self.language).lower()
        if len(inside.split("-")[0]) == 2 and inside.split("-")[0] != named.split("-")[0]:
            message = f"the file says it is in `{inside}`, its name that it is in `{named}`"
            hint = f"call it transcript.{reading.language}.{file.path.suffix[1:]}"
            yield self._finding(file.name, "transcript-language", Severity.WARNING, message, hint)

    def _finding(self, file: str, code: str, severity: Severity, message: str, hint: str) -> Finding:
        return Finding(code=code, severity=severity, message=message, file=file, hint=hint, episode=self.slug)


@cache
def _forms() -> list[list[str]]:
    """How the forms are named and what type they are of."""
    return [[key, content_type(key)] for form in FORMS if (key := layout.transcript("slug", "", "0" * 8, form))]


def _packed(readings: Readings) -> dict[str, Any]:
    return {"cues": readings.cues, "findings": as_rows(readings.findings)}


def _unpacked(kept: Mapping[str, Any]) -> Readings | None:
    """What was kept; None where that is nothing, or damaged."""
    try:
        cues = {
            language: tuple(Cue(float(start), float(end), str(text), str(speaker)) for start, end, text, speaker in rows)
            for language, rows in kept["cues"].items()
        }
        return Readings(cues=cues, findings=read_rows(kept["findings"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
