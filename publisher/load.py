"""The show's folder, read: config, front matter, notes, and which file is what. Every fault is collected, none is guessed away."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from feed.findings import ContentFault, Finding, Severity
from feed.identity import episode_guid
from feed.written import FrontMatter
from publisher.episode_cache import EpisodeCache, Signature, signature_of
from publisher.errors import ContentError
from publisher.reading import decoded, error_at, faults, line_of, read_toml, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.config import Config, ConfigFile

TRANSCRIPT_FORMS = ("vtt", "json", "srt", "html", "txt")
CHAPTER_FORMS = ("txt", "json", "xml", "ffmeta")
MAX_EPISODE = 1024 * 1024
"""Bytes of an episode.md that are read: far more than notes may hold."""
IMAGE_FORMS = ("jpg", "jpeg", "png", "webp")
_LEADING_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}[-_ ]*")
_TRANSCRIPT = re.compile(r"transcript(?:\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*))?\.(vtt|json|srt|html|txt)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file in the show's folder: `name` relative to it with forward slashes, `digest` the sha256 of its bytes (hex)."""

    path: Path
    name: str
    digest: str
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class EpisodeSource:
    """An episode as it lies in the folder, before anything is measured or rendered. Its text is read when it is first asked for."""

    folder: Path
    name: str
    slug: str
    guid: str
    written: FrontMatter
    date: dt.datetime | None
    digest: str
    names: tuple[str, ...] = ()
    transcripts: tuple[SourceFile, ...] = ()
    chapters_file: SourceFile | None = None
    cover: SourceFile | None = None
    images: tuple[SourceFile, ...] = ()

    @property
    def file(self) -> str:
        """`episodes/…/episode.md`, relative to the show's folder."""
        return f"{self.name}/episode.md"

    @cached_property
    def _text(self) -> tuple[Mapping[tuple[str | int, ...], int], str, int]:
        raw = (self.folder / "episode.md").read_bytes()
        if hashlib.sha256(raw).hexdigest() != self.digest:
            raise ContentError(f"the file changed while it was being read: {self.file}", hint="run the command again", code="file-changed")
        _, lines, notes, offset = read_episode_text(raw)
        return lines, notes, offset

    @property
    def lines(self) -> Mapping[tuple[str | int, ...], int]:
        """The line of each front matter key in episode.md."""
        return self._text[0]

    @property
    def notes(self) -> str:
        """The notes, in Markdown."""
        return self._text[1]

    @property
    def notes_offset(self) -> int:
        """How many lines of episode.md come before the notes."""
        return self._text[2]

    def remembered(self) -> dict[str, Any]:
        """What the cache keeps of it, as JSON values."""
        rows = {name: [file.path.name, file.name, file.digest] for name, file in (("chapters", self.chapters_file), ("cover", self.cover)) if file}
        return {
            "slug": self.slug,
            "guid": self.guid,
            "front": self.written.model_dump(mode="json", by_alias=True, exclude_unset=True),
            "date": self.date.isoformat() if self.date is not None else None,
            "digest": self.digest,
            "transcripts": [[file.path.name, file.name, file.digest, file.language] for file in self.transcripts],
            "images": [[file.path.name, file.name, file.digest] for file in self.images],
            **rows,
        }

    def line(self, *path: str | int) -> int:
        """The line of a front matter key in episode.md (1 when it is not written)."""
        return line_of(self.lines, path) or 1

    @property
    def text_digest(self) -> str:
        """Of everything a person wrote for it, recordings apart."""
        files = (*self.transcripts, *filter(None, (self.chapters_file, self.cover)), *self.images)
        return hashlib.sha256("\n".join([self.digest, *(file.digest for file in files)]).encode()).hexdigest()[:16]

    def due(self, now: dt.datetime) -> bool:
        """Whether listeners may see it at `now`."""
        return not self.written.draft and self.date is not None and self.date <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSource:
    """The whole folder."""

    file: ConfigFile
    guid: str
    artwork: SourceFile | None
    episodes: tuple[EpisodeSource, ...]
    people_images: Mapping[str, SourceFile] = field(default_factory=dict)
    season_artwork: Mapping[int, SourceFile] = field(default_factory=dict)
    images: Mapping[str, SourceFile] = field(default_factory=dict)
    """`[show] images` that are files, by the name written."""
    pages: tuple[SourceFile, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def config(self) -> Config:
        """The config as written."""
        return self.file.config

    @property
    def folder(self) -> Path:
        """The show's folder."""
        return self.file.folder


def digest_of(path: Path) -> str:
    """sha256 (hex) of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load_show(file: ConfigFile, *, show_guid: str, now: dt.datetime | None = None, cache: EpisodeCache | None = None) -> ShowSource:
    """Read the folder around a config that was read. Faults are in `findings`; an episode that cannot be understood is left out.

    Faults of drafts, and of episodes that are not due at `now`, are warnings. `cache` spares reading what did not change.
    """
    findings: list[Finding] = []
    root = file.folder.resolve()
    episodes: list[EpisodeSource] = []
    folder = file.folder / "episodes"
    for path in _entries(folder, "episodes", findings):
        name = f"episodes/{path.name}"
        if path.name.startswith("."):
            continue
        try:
            signature = signature_of(path)
        except NotADirectoryError:
            continue
        except OSError as error:
            findings.append(_unreadable(name, error, slug_of(path.name)))
            continue
        known = cache.get(path.name, signature) if cache is not None else None
        if known is not None:
            episodes.append(_recalled(path, name, known, signature))
            continue
        if not any(row[0] == "episode.md" for row in signature):
            findings.append(
                Finding(
                    code="episode-missing",
                    severity=Severity.WARNING,
                    message="there is no episode.md in this folder; it is left out",
                    file=name,
                    hint="`publish new TITLE` makes one",
                )
            )
            continue
        before = len(findings)
        try:
            episode = _load_episode(path, name, root, file.config, show_guid, now, findings, tuple(row[0] for row in signature))
        except OSError as error:
            findings.append(_unreadable(f"{name}/{Path(error.filename or '').name}", error, slug_of(path.name)))
            continue
        if episode is not None:
            episodes.append(episode)
            if cache is not None and len(findings) == before:
                cache.put(path.name, signature, episode)
    if cache is not None:
        cache.save()
    findings += _twins(episodes, now)
    show = file.config.show
    artwork = _named_file(root, root, show.artwork, "show.artwork", file.path.name, file.line("show", "artwork") or file.line("show"), findings)
    people = {}
    for person_id, person in file.config.people.items():
        if person.image and not person.image.startswith(("https://", "http://")):
            image = _named_file(root, root, person.image, f"people.{person_id}.image", file.path.name, file.line("people", person_id, "image"), findings)
            if image:
                people[person_id] = image
    seasons = {}
    for number, season in file.config.seasons.items():
        if season.artwork and number.isdecimal():
            image = _named_file(root, root, season.artwork, f"seasons.{number}.artwork", file.path.name, file.line("seasons", number, "artwork"), findings)
            if image:
                seasons[int(number)] = image
    images = {}
    for index, table in enumerate(show.images):
        if not is_address(table.href):
            picture = _named_file(root, root, table.href, "show.images", file.path.name, file.line("show", "images", index, "href"), findings)
            if picture:
                images[table.href] = picture
    pages = tuple(
        _source(path, f"pages/{path.name}", "", findings, error_at(f"pages/{path.name}"))
        for path in sorted((file.folder / "pages").glob("*.md"))
        if path.is_file()
    )
    return ShowSource(
        file=file,
        guid=show_guid,
        artwork=artwork,
        episodes=tuple(episodes),
        people_images=people,
        season_artwork=seasons,
        images=images,
        pages=pages,
        findings=tuple(findings),
    )


def _entries(folder: Path, name: str, findings: list[Finding]) -> list[Path]:
    """What lies in a folder, by name; nothing where there is none."""
    try:
        return sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        findings.append(_unreadable(name, error))
        return []


def _unreadable(file: str, error: OSError, episode: str = "") -> Finding:
    return Finding(
        code="file-unreadable",
        severity=Severity.ERROR,
        message=f"this cannot be read: {error.strerror or error}",
        file=file,
        hint="may your user read it? ls -l shows it",
        episode=episode,
    )


def _load_episode(
    path: Path,
    name: str,
    root: Path,
    config: Config,
    show_guid: str,
    now: dt.datetime | None,
    findings: list[Finding],
    names: tuple[str, ...],
) -> EpisodeSource | None:
    file = f"{name}/episode.md"
    with (path / "episode.md").open("rb") as stream:
        raw = stream.read(MAX_EPISODE + 1)
    try:
        if len(raw) > MAX_EPISODE:
            raise ContentFault(f"the file is larger than {MAX_EPISODE:,} bytes", code="notes-too-large", hint="an episode.md holds text alone")  # noqa: TRY301
        front, lines, notes, notes_offset = read_episode_text(raw)
    except ContentFault as fault:
        severity = Severity.WARNING if _waits(_glimpse(raw), now, config) else Severity.ERROR
        findings.append(fault.finding(file, episode=slug_of(path.name), severity=severity))
        return None
    severity = Severity.WARNING if _waits(front, now, config) else Severity.ERROR
    try:
        written = FrontMatter.model_validate(front)
    except ValidationError as error:
        place = error_at(file, episode=slug_of(path.name), severity=severity)
        findings += faults(error, FrontMatter, lines, place)
        return None
    slug = slug_of(written.slug if written.slug is not None else path.name)
    place = error_at(file, episode=slug, severity=severity)
    if not slug:
        findings.append(place("slug-empty", "no address can be made of this folder's name", 1, 'write one: slug = "a-short-name"'))
        return None
    if written.slug is not None and written.slug != slug:
        findings.append(place("slug-invalid", f"a slug is made of a-z, 0-9 and -, not `{written.slug}`", line_of(lines, ("slug",)), f'slug = "{slug}"'))
    date = None
    if written.date is not None:
        try:
            date = resolve_date(written.date, config.show.timezone, config.show.release_time)
        except ContentFault as fault:
            findings.append(place(fault.code, fault.message, line_of(lines, ("date",)), fault.hint))
    for key in ("hosts", "guests"):
        for index, person in enumerate(getattr(written, key) or ()):
            if person not in config.people and (key == "hosts" or re.fullmatch(r"[a-z0-9_-]+", person)):
                findings.append(place("person-unknown", f"`{person}` is not in [people]", line_of(lines, (key, index)), f"add [people.{person}] to config.toml"))
    transcripts, chapters_file = _documents(path, name, findings, place)
    cover = _cover(path, name, root, written, line_of(lines, ("cover",)), findings, slug, severity)
    images = tuple(_images(path, name, root, notes, notes_offset, place, findings))
    images += _named_pictures(path, root, written, {file.name for file in images}, lines, place, findings)
    if date is None and written.date is not None:
        return None
    source = EpisodeSource(
        folder=path,
        name=name,
        slug=slug,
        guid=written.guid or episode_guid(show_guid, slug),
        written=written,
        date=date,
        digest=hashlib.sha256(raw).hexdigest(),
        names=names,
        transcripts=transcripts,
        chapters_file=chapters_file,
        cover=cover,
        images=images,
    )
    source.__dict__["_text"] = lines, notes, notes_offset
    return source


def _recalled(path: Path, name: str, known: dict[str, Any], signature: Signature) -> EpisodeSource:
    """An episode as the cache remembers it."""

    def file(row: list[str] | None) -> SourceFile | None:
        return SourceFile(path=path / row[0], name=row[1], digest=row[2]) if row else None

    return EpisodeSource(
        folder=path,
        name=name,
        slug=known["slug"],
        guid=known["guid"],
        written=FrontMatter.model_validate(known["front"]),
        date=dt.datetime.fromisoformat(known["date"]) if known["date"] else None,
        digest=known["digest"],
        names=tuple(row[0] for row in signature),
        transcripts=tuple(SourceFile(path=path / row[0], name=row[1], digest=row[2], language=row[3]) for row in known["transcripts"]),
        chapters_file=file(known.get("chapters")),
        cover=file(known.get("cover")),
        images=tuple(SourceFile(path=path / row[0], name=row[1], digest=row[2]) for row in known["images"]),
    )


def _waits(front: Mapping[str, Any], now: dt.datetime | None, config: Config) -> bool:
    """Whether listeners cannot see the episode yet anyway: a draft, without date, or not due at `now`."""
    if str(front.get("draft")).lower() in ("true", "yes", "on"):
        return True
    date = front.get("date")
    try:
        date = dt.datetime.fromisoformat(date.strip()) if isinstance(date, str) else date
    except ValueError:
        return False
    if not isinstance(date, dt.date):
        return date is None
    if now is None:
        return False
    if not isinstance(date, dt.datetime):
        return date > now.date() + dt.timedelta(days=1)
    zone = config.show.timezone
    return (date if date.tzinfo else date.replace(tzinfo=ZoneInfo(zone) if zone else dt.UTC)) > now


def _glimpse(raw: bytes) -> dict[str, Any]:
    """What the first lines of an episode.md that cannot be read seem to say about when it is due."""
    seen: dict[str, Any] = {}
    for line in raw[:65536].decode("utf-8", "replace").splitlines()[:100]:
        if match := re.match(r"\s*(draft|date)\s*[=:]\s*\"?([^\s\"#]+(?: \d\d:[^\s\"#]+)?)", line):
            seen.setdefault(match[1], match[2])
    return seen


def read_episode_text(raw: bytes) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int], str, int]:
    """An episode.md: front matter, the line of each key in the file, the notes, and the lines before them. Raises ContentFault."""
    from feed.notes import split_front_matter

    text = decoded(raw)
    kind, front_text, front_offset, notes, notes_offset = split_front_matter(text)
    if not kind:
        raise ContentFault(
            "the file does not start with front matter", code="front-matter-missing", line=1, hint='start with +++, a line title = "…", and +++ again'
        )
    try:
        front, lines = (read_toml if kind == "toml" else read_yaml)(front_text)
    except ContentFault as fault:
        raise ContentFault(fault.message, code=fault.code, line=fault.line + front_offset, hint=fault.hint) from fault
    return front, {path: line + front_offset for path, line in lines.items()}, notes, notes_offset


def resolve_date(value: dt.datetime | dt.date, zone: str | None, release_time: dt.time | None) -> dt.datetime:
    """A written date as an aware one. A time zone is never guessed; an hour that a clock change skips or repeats is a ContentFault."""
    if not isinstance(value, dt.datetime):
        if release_time is None:
            raise ContentFault(
                f"the date {value.isoformat()} has no time",
                code="date-without-time",
                hint=f"write date = {value.isoformat()}T06:00:00, or set release_time under [show]",
            )
        value = dt.datetime.combine(value, release_time)
    if value.tzinfo is not None:
        return value
    if zone is None:
        raise ContentFault(
            f"the date {value.isoformat()} has no offset and the show no time zone",
            code="date-without-zone",
            hint=f'write {value.isoformat()}+02:00, or timezone = "Europe/Berlin" under [show]',
        )
    first = value.replace(tzinfo=ZoneInfo(zone), fold=0)
    second = value.replace(tzinfo=ZoneInfo(zone), fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    if first.astimezone(dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != value:
        raise ContentFault(
            f"{value.isoformat()} does not exist in {zone}: the clock is put forward over it",
            code="date-in-gap",
            hint=f"write an hour later, or an offset: {first.isoformat()}",
        )
    raise ContentFault(
        f"{value.isoformat()} happens twice in {zone}: the clock is put back over it",
        code="date-in-fold",
        hint=f"write the offset: {first.isoformat()} or {second.isoformat()}",
    )


def slug_of(name: str) -> str:
    """A folder's or episode's name as it stands in addresses: no leading date, only a-z, 0-9 and hyphens."""
    name = unicodedata.normalize("NFC", _LEADING_DATE.sub("", name) or name).lower()
    name = name.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    if not name.isascii():
        from anyascii import anyascii

        name = anyascii(name).lower()
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’`]", "", name)).strip("-")[:100].strip("-")


def _twins(episodes: list[EpisodeSource], now: dt.datetime | None) -> list[Finding]:
    """Two episodes with one slug, or one guid. The one that listeners have had longer is the original."""
    found = []
    slugs: dict[str, EpisodeSource] = {}
    guids: dict[str, EpisodeSource] = {}
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    for episode in sorted(episodes, key=lambda item: (item.written.draft, item.date or latest, item.name)):
        waits = episode.written.draft or episode.date is None or (now is not None and not episode.due(now))
        place = error_at(episode.file, episode=episode.slug, severity=Severity.WARNING if waits else Severity.ERROR)
        if episode.slug in slugs:
            other = slugs[episode.slug].name
            found.append(place("slug-twice", f"this address is taken: {other} is also `{episode.slug}`", episode.line("slug"), "rename the folder, or write another slug"))
        elif episode.guid in guids:
            other = guids[episode.guid].name
            found.append(
                place("guid-twice", f"this looks like a copy of {other}: both have the guid {episode.guid}", episode.line("guid"), "delete the `guid` line here")
            )
        slugs.setdefault(episode.slug, episode)
        guids.setdefault(episode.guid, episode)
    return found


def _documents(path: Path, name: str, findings: list[Finding], place: Any) -> tuple[tuple[SourceFile, ...], SourceFile | None]:
    transcripts: dict[str, tuple[int, SourceFile]] = {}
    chapters: list[SourceFile] = []
    for entry in sorted(path.iterdir()):
        match = _TRANSCRIPT.fullmatch(entry.name)
        if match and entry.is_file():
            rank = TRANSCRIPT_FORMS.index(match[2])
            language = match[1] or ""
            if language in transcripts:
                findings.append(
                    Finding(
                        code="transcript-twice",
                        severity=Severity.HINT,
                        message=f"two transcripts in one language: {transcripts[language][1].path.name} and {entry.name}",
                        file=f"{name}/{entry.name}",
                        hint=f"{'.'.join(TRANSCRIPT_FORMS)} is the order in which one is taken",
                    )
                )
                if transcripts[language][0] < rank:
                    continue
            transcripts[language] = (rank, _source(entry, f"{name}/{entry.name}", language, findings, place))
        elif entry.name in {f"chapters.{form}" for form in CHAPTER_FORMS} and entry.is_file():
            chapters.append(_source(entry, f"{name}/{entry.name}", "", findings, place))
    if len(chapters) > 1:
        findings.append(place("chapters-twice", f"several chapter files: {', '.join(item.path.name for item in chapters)}", 1, "keep one of them"))
    return tuple(item for _, (_, item) in sorted(transcripts.items())), chapters[0] if chapters else None


def _source(path: Path, name: str, language: str, findings: list[Finding], place: Any) -> SourceFile:
    try:
        digest = digest_of(path)
    except OSError as error:
        findings.append(place("file-unreadable", f"the file cannot be read: {name}: {error.strerror}", 1))
        digest = ""
    return SourceFile(path=path, name=name, digest=digest, language=language)


def _cover(
    path: Path, name: str, root: Path, written: FrontMatter, line: int, findings: list[Finding], slug: str, severity: Severity
) -> SourceFile | None:
    if written.cover is not None:
        return _named_file(path, root, written.cover, "cover", f"{name}/episode.md", line, findings, slug, severity)
    for form in IMAGE_FORMS:
        if (path / f"cover.{form}").is_file():
            return SourceFile(path=path / f"cover.{form}", name=f"{name}/cover.{form}", digest=digest_of(path / f"cover.{form}"))
    return None


def _named_file(
    base: Path,
    root: Path,
    written: str,
    key: str,
    file: str,
    line: int,
    findings: list[Finding],
    episode: str = "",
    severity: Severity = Severity.ERROR,
) -> SourceFile | None:
    place = error_at(file, episode=episode, severity=severity)
    path = base / written
    if not _inside(path, root, place, key, line, findings):
        return None
    if not _is_file(path):
        findings.append(place("file-missing", f"`{key}` names a file that is not here: {written}", line, f"looked in {base.name or '.'}/"))
        return None
    try:
        return SourceFile(path=path, name=path.resolve().relative_to(root).as_posix(), digest=digest_of(path))
    except OSError as error:
        findings.append(place("file-unreadable", f"the file cannot be read: {written}: {error.strerror}", line))
        return None


def _is_file(path: Path) -> bool:
    """Whether a file is there; a name that no file system takes names none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _inside(path: Path, root: Path, place: Any, key: str, line: int, findings: list[Finding]) -> bool:
    """Whether a path stays in the show's folder, symlinks resolved."""
    try:
        inside = path.resolve().is_relative_to(root)
    except (OSError, ValueError):
        inside = False
    if not inside:
        findings.append(place("path-outside", f"`{key}` leads out of the show's folder", line, "copy the file into the folder"))
    return inside


def _images(path: Path, name: str, root: Path, notes: str, offset: int, place: Any, findings: list[Finding]) -> list[SourceFile]:
    """The pictures of this folder that the notes show."""
    if "![" not in notes:
        return []
    from feed.notes import image_names

    found: dict[str, SourceFile] = {}
    for line, written in image_names(notes):
        if "://" in written or written in found:
            continue
        target = path / written
        if not _inside(target, root, place, "image", line + offset, findings):
            continue
        if not _is_file(target):
            message = f"the notes show a picture that is not here: {written}"
            findings.append(place("file-missing", message, line + offset, "copy it into the episode's folder, or mend its name"))
        else:
            found[written] = SourceFile(path=target, name=written, digest=digest_of(target))
    return list(found.values())


def _named_pictures(
    path: Path, root: Path, written: FrontMatter, known: set[str], lines: Mapping[tuple[str | int, ...], int], place: Any, findings: list[Finding]
) -> tuple[SourceFile, ...]:
    """The pictures of this folder that front matter names: `images` and those of chapters."""
    named = [(image.href, ("images", index, "href")) for index, image in enumerate(written.images)]
    named += [(chapter.image or "", ("chapters", index, "image")) for index, chapter in enumerate(written.chapters)]
    found: dict[str, SourceFile] = {}
    for name, key in named:
        if not name or is_address(name) or name in known or name in found:
            continue
        line = line_of(lines, key)
        if not _inside(path / name, root, place, key[0], line, findings):
            continue
        if _is_file(path / name):
            found[name] = SourceFile(path=path / name, name=name, digest=digest_of(path / name))
        else:
            findings.append(place("file-missing", f"`{key[0]}` names a picture that is not here: {name}", line, "copy it into the episode's folder, or mend its name"))
    return tuple(found.values())


def is_address(written: str) -> bool:
    """Whether what is written is an address, not the name of a file here."""
    return "://" in written
