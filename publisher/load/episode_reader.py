"""One episode's folder, read: front matter, notes, and which file is what. Every fault is collected, none is guessed away."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from feed.findings import ContentFault, Finding, Severity
from feed.guids import episode_guid
from feed.schema.episode import FrontMatter
from publisher.core import show_files
from publisher.core.show_files import SourceFile
from publisher.core.slugs import slug_of
from publisher.load.config_cross_checks import is_person_id
from publisher.load.dates import resolve_date
from publisher.load.episode_text import glimpse, read_episode_text
from publisher.load.named_files import ShowFiles, chapter_pictures, cover_of, documents, images_in, named_pictures
from publisher.load.show_source import EpisodeSource, why_waiting
from publisher.load.toml_and_yaml import error_at, line_of
from publisher.load.validation_messages import faults

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from publisher.load.config_tables import Config
    from publisher.load.episode_cache import Signature


def load_episode(
    path: Path,
    name: str,
    root: Path,
    config: Config,
    show_guid: str,
    now: dt.datetime | None,
    findings: list[Finding],
    names: tuple[str, ...],
) -> EpisodeSource | None:
    """The episode in the folder `path`, called `name` and holding files of these `names`; None where it cannot be understood."""
    file = f"{name}/episode.md"
    try:
        raw = show_files.read(path / "episode.md", root)
    except show_files.Refused as fault:
        findings.append(fault.finding(file))
        return None
    try:
        front, lines, notes, notes_offset = read_episode_text(raw)
    except ContentFault as fault:
        severity = Severity.WARNING if _waits(glimpse(raw), now, config) else Severity.ERROR
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
        findings.append(
            place("slug-invalid", f"a slug is made of a-z, 0-9 and -, not `{written.slug}`", line_of(lines, ("slug",)), f'slug = "{slug}"')
        )
    date = None
    if written.date is not None:
        try:
            date = resolve_date(written.date, config.show.timezone, config.show.release_time)
        except ContentFault as fault:
            findings.append(place(fault.code, fault.message, line_of(lines, ("date",)), fault.hint))
    for key in ("hosts", "guests"):
        for index, person in enumerate(getattr(written, key) or ()):
            if person not in config.people and (key == "hosts" or is_person_id(person)):
                findings.append(
                    place(
                        "person-unknown",
                        f"`{person}` is not in [people]",
                        line_of(lines, (key, index)),
                        f"add [people.{person}] to config.toml",
                    )
                )
    files = ShowFiles(root=root, findings=findings, place=place)
    transcripts, chapters_file = documents(path, name, files)
    cover = cover_of(path, name, written, line_of(lines, ("cover",)), files)
    images = tuple(images_in(path, notes, notes_offset, files))
    images += named_pictures(path, written, {file.name for file in images}, lines, files)
    images += chapter_pictures(path, chapters_file, {file.name for file in images}, files)
    if date is None and written.date is not None:
        return None
    return EpisodeSource(
        folder=path,
        root=root,
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


def recalled(path: Path, root: Path, name: str, known: dict[str, Any], signature: Signature) -> EpisodeSource:
    """An episode as the cache remembers it."""

    def file(row: list[str]) -> SourceFile:
        return SourceFile(path=path / row[0], name=row[1], digest=row[2], root=root, language=row[3] if len(row) > 3 else "")

    return EpisodeSource(
        folder=path,
        root=root,
        name=name,
        slug=known["slug"],
        guid=known["guid"],
        written=FrontMatter.model_validate(known["front"]),
        date=dt.datetime.fromisoformat(known["date"]) if known["date"] else None,
        digest=known["digest"],
        names=tuple(row[0] for row in signature),
        transcripts=tuple(map(file, known["transcripts"])),
        chapters_file=file(known["chapters"]) if "chapters" in known else None,
        cover=file(known["cover"]) if "cover" in known else None,
        images=tuple(map(file, known["images"])),
    )


def _waits(front: Mapping[str, Any], now: dt.datetime | None, config: Config) -> str:
    """Why an episode waits whose front matter was not validated yet; what is no date waits for nothing."""
    draft = str(front.get("draft")).lower() in ("true", "yes", "on")
    date = front.get("date")
    try:
        date = dt.datetime.fromisoformat(date.strip()) if isinstance(date, str) else date
    except ValueError:
        date = ""
    if date is not None and not isinstance(date, dt.date):
        return "draft" if draft else ""
    if isinstance(date, dt.date) and not isinstance(date, dt.datetime):  # a day begins somewhere on earth before it begins here
        now = now + dt.timedelta(days=1) if now is not None else None
        date = dt.datetime.combine(date, dt.time(), tzinfo=now.tzinfo if now is not None else dt.UTC)
    zone = config.show.timezone
    if date is not None and date.tzinfo is None:
        date = date.replace(tzinfo=ZoneInfo(zone) if zone else dt.UTC)
    return why_waiting(date, now, draft=draft)
